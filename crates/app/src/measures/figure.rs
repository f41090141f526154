//! A figure as it stands on a page, and how it is made for a reader.

use clearpicture_kernel::day::{as_at_cut_off, day_of};
use clearpicture_kernel::{Date, Month};
use clearpicture_measures::{Figure, Known, Measure, RunFault, heard, heard_to};
use serde::Serialize;

use super::ask::{Ask, figures};
use super::shown;
use super::store::{self, IssueFault, Issued};
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
            whole: "Not available: not every service has been heard to the end of the month"
                .to_owned(),
            interval: String::new(),
            complete: None,
            chart: ChartShown::default(),
        }
    }
}

/// The figures of a measure, the same whoever asks; none while there are no analysis tables.
pub(super) async fn made(ctx: &Ctx, measure: &Measure, ask: &Ask) -> Result<Vec<Figure>, Failure> {
    let Some(analyst) = ctx.app.analyst() else {
        return Ok(Vec::new());
    };
    match figures(analyst, measure, ask).await {
        Err(RunFault::NoTables) => Ok(Vec::new()),
        made => made.map_err(|fault| Failure::fault(&format!("{}: {fault}", measure.code))),
    }
}

/// The figures of a measure for a copy; none while there are no analysis tables.
pub(super) async fn issued(ctx: &Ctx, measure: &Measure, ask: &Ask) -> Result<Issued, Failure> {
    let none = Issued {
        figures: Vec::new(),
        first: None,
    };
    let Some(analyst) = ctx.app.analyst() else {
        return Ok(none);
    };
    match store::issued(ctx.store(), analyst, measure, ask).await {
        Err(IssueFault::Run(RunFault::NoTables)) => Ok(none),
        made => made.map_err(|fault| Failure::fault(&format!("{}: {fault}", measure.code))),
    }
}

/// The last month up to whose end everything was heard that measures need: what is shown unless another is asked for.
/// `None` where none was.
pub(super) async fn heard_month(ctx: &Ctx) -> Result<Option<Month>, Failure> {
    let Some(analyst) = ctx.app.analyst() else {
        return Ok(None);
    };
    let now = ctx.now();
    let known = Known {
        month: Month::of(day_of(now)),
        before: as_at_cut_off(day_of(now)),
    };
    let mut last: Option<Date> = None;
    for measure in &ctx.app.practice().measures {
        let heard = match heard(analyst, measure, known).await {
            Err(RunFault::NoTables) => return Ok(None),
            heard => heard.map_err(|fault| Failure::fault(&fault))?,
        };
        if let Some(to) = heard_to(measure, &heard) {
            last = Some(last.map_or(to, |last| last.min(to)));
        }
    }
    let month = last.map(|day| match Month::of(day) {
        whole if whole.last() == day => whole,
        begun => Month::of(begun.first().yesterday().unwrap_or(day)),
    });
    // None that is not over.
    Ok(month.filter(|month| month.last() < day_of(now)))
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
