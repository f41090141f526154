//! A figure as it stands on a page, and how it is made for a reader.

use clearpicture_measures::{Figure, Measure, RunFault};
use clearpicture_reports::{Chart, Width, svg};
use serde::Serialize;

use super::ask::{Ask, figures};
use super::fonts::fonts;
use super::shown;
use crate::persons;
use crate::shell::{Ctx, Failure};
use crate::words;

/// A figure, or why there is none.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FigureShown {
    number: String,
    whole: String,
    interval: String,
    complete: Option<u32>,
    #[serde(flatten)]
    chart: ChartShown,
}

/// A chart for a desk and for a phone, and what can be seen in it; empty when there is nothing to draw.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChartShown {
    wide: String,
    narrow: String,
    finding: String,
}

impl ChartShown {
    /// The chart, drawn.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the files that this release was built with are no fonts.
    pub fn of(chart: Chart) -> Result<Self, Failure> {
        let fonts = fonts().map_err(|fault| Failure::fault(&fault))?;
        let drawn = |width| svg(&chart, width, fonts).map_err(|fault| Failure::fault(&fault));
        Ok(Self {
            wide: drawn(Width::Wide)?,
            narrow: drawn(Width::Narrow)?,
            finding: chart.finding,
        })
    }

    /// An invented one.
    pub fn sample() -> Self {
        Self {
            wide: "<svg viewBox=\"0 0 2 1\" role=\"img\" aria-label=\"A chart\"></svg>".to_owned(),
            narrow: "<svg viewBox=\"0 0 1 2\" role=\"img\" aria-label=\"A chart\"></svg>"
                .to_owned(),
            finding: "Known to both: 320 of 500 children, the largest part.".to_owned(),
        }
    }
}

impl FigureShown {
    pub(super) fn of(measure: &Measure, figures: &[Figure]) -> Result<Option<Self>, Failure> {
        let Some(own) = figures.first() else {
            return Ok(None);
        };
        let chart = shown::chart(measure, figures).map(ChartShown::of);
        Ok(Some(Self {
            number: shown::number(own),
            whole: shown::whole(measure, own),
            interval: shown::interval(own),
            complete: shown::complete(own),
            chart: chart.transpose()?.unwrap_or_default(),
        }))
    }

    pub(super) fn sample() -> Self {
        Self {
            number: "64.0%".to_owned(),
            whole: "320 of 500 children".to_owned(),
            interval: "95% interval 59.7% to 68.1%".to_owned(),
            complete: Some(98),
            chart: ChartShown::sample(),
        }
    }

    pub(super) fn sample_without() -> Self {
        Self {
            number: ":".to_owned(),
            whole: "Not available: a source has sent nothing yet".to_owned(),
            interval: String::new(),
            complete: None,
            chart: ChartShown::default(),
        }
    }
}

/// The figures of a measure; none while there are no analysis tables.
pub(super) async fn made(ctx: &Ctx, measure: &Measure, ask: &Ask) -> Result<Vec<Figure>, Failure> {
    let Some(analyst) = ctx.app.analyst() else {
        return Ok(Vec::new());
    };
    let barred = barred(ctx).await?;
    match figures(analyst, measure, ask, &barred).await {
        Err(RunFault::NoTables) => Ok(Vec::new()),
        made => made.map_err(|fault| Failure::fault(&format!("{}: {fault}", measure.code))),
    }
}

/// The surrogates of whom the reader is barred from.
pub(super) async fn barred(ctx: &Ctx) -> Result<Vec<i64>, Failure> {
    let from = ctx.store().barred_from(ctx.caller()).await?;
    if from.is_empty() {
        return Ok(Vec::new());
    }
    Ok(persons::surrogates_of(ctx.store(), &from).await?)
}

/// Up to when what was recorded is counted; `None` while there are no analysis tables.
pub(super) async fn counted_to(ctx: &Ctx) -> Result<Option<String>, Failure> {
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
