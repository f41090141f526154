//! What the partnership counts at a glance, and one measure with all that belongs to it.

use axum::extract::Query;
use clearpicture_kernel::Month;
use clearpicture_kernel::day::day_of;
use clearpicture_measures::{Figure, Level, Measure, RunFault};
use clearpicture_reports::{Width, svg};
use serde::{Deserialize, Serialize};

use super::ask::{Ask, AskFault, figures, in_words};
use super::fonts::fonts;
use super::shown;
use super::types::SeeFigures;
use crate::persons::SeePerson;
use crate::shell::form::Choice;
use crate::shell::{Allowed, Answer, Ctx, DayTyped, Errors, Failure, Page};
use crate::words;

pub(super) const LIST: (&str, &str) = ("Measures", "/measures");
/// The months that can be chosen, back from this one.
const MONTHS: usize = 24;

/// What is asked, as it stands in an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Asked {
    /// The measure, by code.
    pub(super) of: String,
    /// One of its parts, by code.
    pub(super) part: String,
    /// For whom a copy is, by the level's code.
    pub(super) copy: String,
    /// The page of a list.
    pub(super) page: Option<u64>,
    /// The month, `2026-10`.
    month: String,
    /// The day as at whose end things were known, in three boxes; empty for today.
    known_day: String,
    known_month: String,
    known_year: String,
}

impl Asked {
    /// What is asked, with what is wrong with it; where something is, what is usual stands in its place.
    pub(super) fn read(&self, ctx: &Ctx, level: Level) -> Result<(Ask, Errors), Failure> {
        let mut errors = Errors::default();
        let month = match self.month.trim() {
            "" => None,
            text => errors.take("month", "Month", text.parse::<Month>()),
        };
        let known = errors.take("known-date", "As known on", self.known().read());
        match Ask::new(month, known.flatten(), level, ctx.now()) {
            Ok(ask) => Ok((ask, errors)),
            Err(fault) => {
                let field = match fault {
                    AskFault::MonthToCome(_) => "month",
                    AskFault::DayToCome(_) => "known-date",
                };
                errors.add(field, fault.to_string());
                let usual = Ask::new(None, None, level, ctx.now());
                Ok((usual.map_err(|fault| Failure::fault(&fault))?, errors))
            }
        }
    }

    fn known(&self) -> DayTyped {
        DayTyped {
            day: self.known_day.clone(),
            month: self.known_month.clone(),
            year: self.known_year.clone(),
        }
    }

    /// The measure that is asked for, which may be shown.
    pub(super) fn measure<'a>(&self, ctx: &'a Ctx) -> Result<&'a Measure, Failure> {
        ctx.app
            .practice()
            .measure(&self.of)
            .ok_or(Failure::NotFound)
    }
}

/// The end of an address that asks the same of another page.
pub(super) fn again(ask: &Ask) -> String {
    let day = ask.as_at;
    format!(
        "month={}&known-day={}&known-month={}&known-year={}",
        ask.month,
        day.day(),
        day.month(),
        day.year()
    )
}

/// What is asked, and the form in which something else is.
#[derive(Debug, Clone, Serialize)]
struct AskShown {
    about: String,
    known: String,
    months: Vec<Choice>,
    day: DayTyped,
}

impl AskShown {
    fn of(ask: &Ask, asked: &Asked, ctx: &Ctx) -> Self {
        let today = day_of(ctx.now());
        let chosen = ask.month.to_string();
        let mut months = vec![Month::of(today)];
        while let Some(before) = months
            .last()
            .and_then(|month| month.first().yesterday().ok())
        {
            months.push(Month::of(before));
            if months.len() >= MONTHS {
                break;
            }
        }
        if !months.contains(&ask.month) {
            months.push(ask.month);
        }
        let choice = |month: &Month| Choice::new(month.to_string(), in_words(*month), &chosen);
        Self {
            about: ask.month_in_words(),
            known: words::day(ask.as_at, today),
            months: months.iter().map(choice).collect(),
            day: asked.known(),
        }
    }

    fn sample() -> Self {
        Self {
            about: "October 2026".to_owned(),
            known: "25 November".to_owned(),
            months: vec![Choice::new("2026-10", "October 2026", "2026-10")],
            day: DayTyped::default(),
        }
    }
}

/// A figure, or why there is none.
#[derive(Debug, Clone, Serialize)]
struct FigureShown {
    number: String,
    whole: String,
    interval: String,
    complete: Option<u32>,
    /// The chart for a desk and for a phone; empty when there is nothing to draw.
    wide: String,
    narrow: String,
    finding: String,
}

impl FigureShown {
    fn of(measure: &Measure, figures: &[Figure]) -> Result<Option<Self>, Failure> {
        let Some(own) = figures.first() else {
            return Ok(None);
        };
        let chart = shown::chart(measure, figures);
        let drawn = |width| match &chart {
            Some(chart) => {
                let fonts = fonts().map_err(|fault| Failure::fault(&fault))?;
                svg(chart, width, fonts).map_err(|fault| Failure::fault(&fault))
            }
            None => Ok(String::new()),
        };
        Ok(Some(Self {
            number: shown::number(own),
            whole: shown::whole(measure, own),
            interval: shown::interval(own),
            complete: shown::complete(own),
            wide: drawn(Width::Wide)?,
            narrow: drawn(Width::Narrow)?,
            finding: chart.map_or(String::new(), |chart| chart.finding),
        }))
    }

    fn sample() -> Self {
        Self {
            number: "64.0%".to_owned(),
            whole: "320 of 500 children".to_owned(),
            interval: "95% interval 59.7% to 68.1%".to_owned(),
            complete: Some(98),
            wide: "<svg viewBox=\"0 0 2 1\" role=\"img\" aria-label=\"A chart\"></svg>".to_owned(),
            narrow: "<svg viewBox=\"0 0 1 2\" role=\"img\" aria-label=\"A chart\"></svg>"
                .to_owned(),
            finding: "Known to both: 320 of 500 children, the largest part.".to_owned(),
        }
    }

    fn sample_without() -> Self {
        Self {
            number: ":".to_owned(),
            whole: "Not available: a source has sent nothing yet".to_owned(),
            interval: String::new(),
            complete: None,
            wide: String::new(),
            narrow: String::new(),
            finding: String::new(),
        }
    }
}

/// What the partnership counts, at a glance.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    ask: AskShown,
    errors: Errors,
    counted_to: Option<String>,
    measures: Vec<Card>,
    copies: Vec<Link>,
}

/// One measure at a glance.
#[derive(Debug, Clone, Serialize)]
struct Card {
    title: String,
    href: String,
    so_what: String,
    figure: Option<FigureShown>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "measures/list.html";

    fn title(&self) -> String {
        LIST.0.to_owned()
    }

    fn samples() -> Vec<Self> {
        let card = |figure| Card {
            title: "Known to <both>".to_owned(),
            href: "/measures/measure?of=known-to-both".to_owned(),
            so_what: "Ask first about children known to one alone.".to_owned(),
            figure,
        };
        let full = Self {
            ask: AskShown::sample(),
            errors: Errors::default(),
            counted_to: Some("today, 14:02".to_owned()),
            measures: vec![
                card(Some(FigureShown::sample())),
                card(Some(FigureShown::sample_without())),
                card(None),
            ],
            copies: vec![copy_link(Level::Partnership, "")],
        };
        let mut wrong = Errors::default();
        wrong.add("known-date", "1 December 2026 has not come");
        let empty = Self {
            ask: AskShown::sample(),
            errors: wrong,
            counted_to: None,
            measures: Vec::new(),
            copies: Vec::new(),
        };
        vec![full, empty]
    }
}

/// One measure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MeasurePage {
    measure: String,
    code: String,
    meaning: String,
    ask: AskShown,
    errors: Errors,
    counted_to: Option<String>,
    figure: Option<FigureShown>,
    rows: Vec<Row>,
    facts: Vec<(String, String)>,
    heard: Vec<String>,
}

/// One part of a measure's whole.
#[derive(Debug, Clone, Serialize)]
struct Row {
    title: String,
    count: String,
    share: String,
    interval: String,
    /// Who is counted, for whoever may see children.
    counted_href: Option<String>,
}

impl Page for MeasurePage {
    const TEMPLATE: &'static str = "measures/measure.html";

    fn title(&self) -> String {
        self.measure.clone()
    }

    fn samples() -> Vec<Self> {
        let row = |counted_href: Option<&str>| Row {
            title: "Known to <both>".to_owned(),
            count: "320".to_owned(),
            share: "64.0%".to_owned(),
            interval: "59.7% to 68.1%".to_owned(),
            counted_href: counted_href.map(ToOwned::to_owned),
        };
        let full = Self {
            measure: "Children known to both".to_owned(),
            code: "known-to-both".to_owned(),
            meaning: "Of the children whom either knows, how many both know.".to_owned(),
            ask: AskShown::sample(),
            errors: Errors::default(),
            counted_to: Some("today, 14:02".to_owned()),
            figure: Some(FigureShown::sample()),
            rows: vec![row(Some("/measures/counted?of=a&part=b")), row(None)],
            facts: vec![("So what".to_owned(), "Ask first.".to_owned())],
            heard: vec!["Involvement of schools: to 30 September 2022".to_owned()],
        };
        let mut wrong = Errors::default();
        wrong.add("month", "January 2027 has not begun");
        let without = Self {
            ask: AskShown::sample(),
            errors: wrong,
            figure: Some(FigureShown::sample_without()),
            ..full.clone()
        };
        let never = Self {
            counted_to: None,
            figure: None,
            rows: Vec::new(),
            heard: Vec::new(),
            ..full.clone()
        };
        vec![full, without, never]
    }
}

/// A copy to take away.
#[derive(Debug, Clone, Serialize)]
struct Link {
    title: &'static str,
    href: String,
}

fn copy_link(level: Level, again: &str) -> Link {
    Link {
        title: level.words(),
        href: format!("/measures/report.pdf?copy={}&{again}", level.code()),
    }
}

/// `GET /measures`
pub(super) async fn list(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let (ask, errors) = asked.read(ctx, Level::Internal)?;
    let again = again(&ask);
    let mut measures = Vec::new();
    for measure in &ctx.app.practice().measures {
        let made = made(ctx, measure, &ask).await?;
        measures.push(Card {
            title: measure.title.clone(),
            href: format!("/measures/measure?of={}&{again}", measure.code),
            so_what: measure.so_what.clone(),
            figure: FigureShown::of(measure, &made)?,
        });
    }
    ctx.page(&ListPage {
        ask: AskShown::of(&ask, &asked, ctx),
        errors,
        counted_to: counted_to(ctx).await?,
        copies: Level::ALL.map(|level| copy_link(level, &again)).to_vec(),
        measures,
    })
}

/// `GET /measures/measure`
pub(super) async fn show(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let measure = asked.measure(ctx)?;
    let (ask, errors) = asked.read(ctx, Level::Internal)?;
    let made = made(ctx, measure, &ask).await?;
    let may_see_children = ctx.may::<SeePerson>(None);
    let row = |figure: &Figure| Row {
        title: shown::title(measure, figure),
        count: figure
            .numerator
            .map_or_else(|| shown::number(figure), |count| count.to_string()),
        share: shown::number(figure),
        interval: match (figure.low, figure.high) {
            (Some(low), Some(high)) => format!("{low:.1}% to {high:.1}%"),
            _ => String::new(),
        },
        counted_href: figure
            .part(measure)
            .filter(|_| may_see_children && figure.numerator.is_some_and(|count| count > 0))
            .map(|part| {
                format!(
                    "/measures/counted?of={}&part={}&{}",
                    measure.code,
                    part.code,
                    again(&ask)
                )
            }),
    };
    let own = made.first();
    let heard = own.map_or(&[][..], |figure| figure.sources.as_slice());
    let page = MeasurePage {
        measure: measure.title.clone(),
        code: measure.code.to_string(),
        meaning: measure.meaning.clone(),
        ask: AskShown::of(&ask, &asked, ctx),
        errors,
        counted_to: counted_to(ctx).await?,
        figure: FigureShown::of(measure, &made)?,
        rows: made.iter().map(row).collect(),
        facts: vec![
            ("So what".to_owned(), measure.so_what.clone()),
            (
                "What else might move it".to_owned(),
                measure.rival_reading.clone(),
            ),
            (
                "Definition".to_owned(),
                format!("{}, version {}", measure.code, measure.version),
            ),
        ],
        heard: heard
            .iter()
            .map(|heard| shown::heard(ctx.app.practice(), heard))
            .collect(),
    };
    ctx.page_under(&page, &[LIST])
}

/// The figures of a measure; none while there are no analysis tables.
pub(super) async fn made(ctx: &Ctx, measure: &Measure, ask: &Ask) -> Result<Vec<Figure>, Failure> {
    let Some(analyst) = ctx.app.analyst() else {
        return Ok(Vec::new());
    };
    match figures(analyst, measure, ask).await {
        Err(RunFault::NoTables) => Ok(Vec::new()),
        made => made.map_err(|fault| Failure::fault(&format!("{}: {fault}", measure.code))),
    }
}

/// Up to when what was recorded is counted; `None` while there are no analysis tables.
async fn counted_to(ctx: &Ctx) -> Result<Option<String>, Failure> {
    let reach = ctx.app.analyst().map(|analyst| analyst.reach()).transpose();
    let reach = reach.map_err(|fault| Failure::fault(&fault))?.flatten();
    let Some(reach) = reach else {
        return Ok(None);
    };
    let recorded = ctx.store().recorded_at([reach.seq]).await?;
    let at = recorded
        .get(&reach.seq)
        .map(|at| words::recent(*at, ctx.now()));
    Ok(at)
}
