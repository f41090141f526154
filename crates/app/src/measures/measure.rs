//! One measure with all that belongs to it.

use axum::extract::Query;
use clearpicture_measures::{Figure, Level};
use serde::Serialize;

use super::asked::{AskShown, Asked, again};
use super::figure::{FigureShown, counted_to, made};
use super::glance::LIST;
use super::shown;
use super::types::SeeFigures;
use crate::persons::SeePerson;
use crate::shell::{Allowed, Answer, Errors, Page};

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

/// `GET /measures/measure`
pub(super) async fn show(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let measure = asked.measure(ctx)?;
    let (ask, errors) = asked.read(ctx, Level::Internal).await?;
    let made = made(ctx, measure, &ask).await?;
    let may_see_children = ctx.may::<SeePerson>(None);
    let row = |figure: &Figure| Row {
        title: shown::title(measure, figure),
        count: shown::count(figure),
        share: shown::number(figure),
        interval: shown::range(figure),
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
        facts: shown::facts(measure),
        heard: heard
            .iter()
            .map(|heard| shown::heard(ctx.app.practice(), heard))
            .collect(),
    };
    ctx.page_under(&page, &[LIST])
}
