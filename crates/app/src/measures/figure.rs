//! A figure as it stands on a page, and how it is made for a reader.

use clearpicture_measures::{Figure, Measure, RunFault};
use serde::Serialize;

use super::ask::{Ask, figures};
use super::shown;
use crate::persons;
use crate::shell::{ChartShown, Ctx, Failure};
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
