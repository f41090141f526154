//! `measure check` and `measure run`: worked cases, and figures.

use clearpicture_app::analysis::{From, tables};
use clearpicture_app::measures::{Ask, issued};
use clearpicture_engine::Engine;
use clearpicture_kernel::{Ambient, Date, Month, Timestamp};
use clearpicture_measures::{Case, Counted, Figure, Known, Level, Measure, Over, count};

use crate::arguments::FiguresFormat;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::settings::Settings;
use crate::{analysis, practice, say};

/// Runs every worked case, and says which measures hold.
pub(crate) async fn check(settings: &Settings) -> Result<(), Stop> {
    let engine = installation::engine(settings);
    let mut failed = 0_u32;
    for measure in practice::measures(settings)? {
        let mut held = 0_u32;
        for case in &measure.cases {
            match holds(&engine, &measure, case).await {
                Ok(()) => held += 1,
                Err(problem) => {
                    failed += 1;
                    say::message(&format!("{}: \"{}\": {problem}", measure.code, case.says));
                }
            }
        }
        say::answer(&format!(
            "{}: {held} of {} worked cases hold",
            measure.code,
            measure.cases.len()
        ))?;
    }
    match failed {
        0 => Ok(()),
        1 => Err(Stop::fault("one worked case does not hold")),
        failed => Err(Stop::fault(format!("{failed} worked cases do not hold"))),
    }
}

/// Whether a case comes to what it says; otherwise what it comes to.
async fn holds(engine: &Engine, measure: &Measure, case: &Case) -> Result<(), String> {
    let given = case.rows(&tables(&installation::capabilities()));
    let given = given.map_err(|fault| fault.to_string())?;
    let known = Known {
        month: case.month,
        before: Timestamp::MAX,
    };
    let found = count(engine, measure, Over::Given(&given), known).await;
    let found = found.map_err(|fault| fault.to_string())?;
    let expected = |part: &clearpicture_measures::Part| case.gives.get(&part.code).copied();
    let parts: Vec<u64> = measure
        .parts
        .iter()
        .map(|part| expected(part).unwrap_or_default())
        .collect();
    let complete = case.complete.unwrap_or_else(|| parts.iter().sum());
    let expected = Counted { parts, complete };
    if found == expected {
        return Ok(());
    }
    let words = |counted: &Counted| {
        let parts = measure.parts.iter().zip(&counted.parts);
        let parts: Vec<String> = parts
            .map(|(part, count)| format!("{} {count}", part.code))
            .collect();
        format!("{}, complete {}", parts.join(", "), counted.complete)
    };
    Err(format!(
        "expected {}, found {}",
        words(&expected),
        words(&found)
    ))
}

/// Which figures are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The measures, by code; all, when none is named.
    pub(crate) names: &'a [String],
    /// The month.
    pub(crate) month: Month,
    /// The day as at whose end things were known; today without one.
    pub(crate) as_at: Option<Date>,
    /// For whom.
    pub(crate) level: Level,
}

/// Prints the figures.
pub(crate) async fn run(
    settings: &Settings,
    wanted: &Wanted<'_>,
    format: FiguresFormat,
) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let made = made(&opened, wanted).await;
    opened.close().await?;
    let figures = flat(made?.all);
    match format {
        FiguresFormat::Csv => say::answer(csv(&figures)?.trim_end()),
        FiguresFormat::Json => {
            let json = serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from);
            say::answer(&json.map_err(Stop::Fault)?)
        }
    }
}

/// Figures one after the other, whichever measure's they are.
pub(crate) fn flat(made: Vec<(Measure, Vec<Figure>)>) -> Vec<Figure> {
    made.into_iter().flat_map(|(_, figures)| figures).collect()
}

impl Wanted<'_> {
    /// What is asked of each measure.
    pub(crate) fn ask(&self) -> Result<Ask, Stop> {
        let now = Ambient::system().now();
        Ask::new(Some(self.month), self.as_at, self.level, now)
            .map_err(|fault| Stop::misuse(fault.to_string()))
    }
}

/// The figures of each measure, and when they were first given out, where that was before.
pub(crate) struct Made {
    pub(crate) all: Vec<(Measure, Vec<Figure>)>,
    pub(crate) first: Option<Timestamp>,
}

/// The figures of each measure that may be shown, after the analysis tables were brought as far as history goes.
pub(crate) async fn made(opened: &Opened, wanted: &Wanted<'_>) -> Result<Made, Stop> {
    let ask = wanted.ask()?;
    let measures = chosen(&opened.practice.measures, wanted)?;
    analysis::refresh(opened, From::WhereTheyEnd).await?;
    let (mut all, mut first) = (Vec::new(), None);
    for measure in measures {
        let some = issued(&opened.store, &opened.engine, measure, &ask).await;
        let some = some.map_err(|fault| Stop::fault(format!("{}: {fault}", measure.code)))?;
        first = first.max(some.first);
        if !some.figures.is_empty() {
            all.push((measure.clone(), some.figures));
        }
    }
    if first.is_some() {
        say::message(&format!(
            "a copy as known on {} was given out before: these are its figures, and what was recorded since counts in \
             copies as known on a later day",
            ask.as_at
        ));
    }
    Ok(Made { all, first })
}

/// The measures that are wanted, in the practice's order.
fn chosen<'a>(all: &'a [Measure], wanted: &Wanted<'_>) -> Result<Vec<&'a Measure>, Stop> {
    let is = |measure: &&Measure, name: &str| measure.code.as_str() == name;
    for name in wanted.names {
        let Some(measure) = all.iter().find(|measure| is(measure, name)) else {
            let known: Vec<&str> = all.iter().map(|measure| measure.code.as_str()).collect();
            return Err(Stop::misuse(format!(
                "there is no measure `{name}`: name one of {}",
                known.join(", ")
            )));
        };
        if !wanted.level.shows(measure) {
            return Err(Stop::misuse(format!(
                "the measure `{name}` is not for publication: its file says `publish = false`"
            )));
        }
    }
    let named = |measure: &&Measure| {
        wanted.names.is_empty() || wanted.names.iter().any(|name| is(measure, name))
    };
    Ok(all.iter().filter(named).collect())
}

/// One line for each figure, under the names of their parts.
pub(crate) fn csv(figures: &[Figure]) -> Result<String, Stop> {
    const COLUMNS: [&str; 14] = [
        "measure",
        "version",
        "month",
        "as_at",
        "level",
        "breakdown",
        "value",
        "symbol",
        "numerator",
        "denominator",
        "low",
        "high",
        "completeness",
        "sources",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(COLUMNS)
        .map_err(anyhow::Error::from)
        .map_err(Stop::Fault)?;
    for figure in figures {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let whole = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
        let sources: Vec<String> = figure
            .sources
            .iter()
            .map(
                |heard| match (heard.covers_to.or(heard.as_of), heard.received) {
                    (Some(to), _) => format!("{} to {to}", heard.source),
                    (None, Some(received)) => format!("{} received {received}", heard.source),
                    (None, None) => format!("{} not received", heard.source),
                },
            )
            .collect();
        let record = [
            figure.measure.to_string(),
            figure.version.to_string(),
            figure.month.to_string(),
            figure.as_at.to_string(),
            figure.level.code().to_owned(),
            figure.breakdown.clone(),
            number(figure.value),
            figure
                .symbol
                .map_or(String::new(), |symbol| symbol.to_string()),
            whole(figure.numerator),
            whole(figure.denominator),
            number(figure.low),
            number(figure.high),
            number(figure.completeness),
            sources.join("; "),
        ];
        writer
            .write_record(record)
            .map_err(anyhow::Error::from)
            .map_err(Stop::Fault)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Stop::fault(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Stop::fault(error.to_string()))
}
