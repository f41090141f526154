//! What measures may know of the files that were taken in: how far each source speaks.

use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Holds};
use clearpicture_store::{Onward, Recorded, StoreFault};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::types::{Counts, Load, LoadState, SeeLoad};
use crate::analysis::{Analysed, Source, Stretch};

const LOAD: AnalysisTable = AnalysisTable {
    name: "load",
    about: "A file that was taken in: one row for each.",
    columns: &[
        AnalysisColumn::new("load", Holds::Surrogate, "the file"),
        AnalysisColumn::new(
            "source",
            Holds::Code,
            "the source, by the name of its profile",
        ),
        AnalysisColumn::new(
            "service",
            Holds::Code,
            "the service of whose work the source tells",
        ),
        AnalysisColumn::new("as_of", Holds::Day, "the day of which it tells"),
        AnalysisColumn::new(
            "received",
            Holds::Day,
            "the day on which it was taken in; none once it was taken back",
        ),
        AnalysisColumn::new(
            "covers_from",
            Holds::Day,
            "the first day it covers, where it says so",
        ),
        AnalysisColumn::new(
            "covers_to",
            Holds::Day,
            "the last day it covers, where it says so",
        ),
        AnalysisColumn::new("row_count", Holds::Number, "the rows that were read"),
        AnalysisColumn::new("set_aside", Holds::Number, "those that could not be taken"),
    ],
};

/// The table.
pub(super) fn analysis() -> Vec<Analysed> {
    vec![Analysed {
        table: LOAD,
        read: loads,
    }]
}

fn loads<'a>(source: &'a Source<'a>, onward: Onward) -> BoxFuture<'a, Result<Stretch, StoreFault>> {
    async move {
        let scope = source.scope::<SeeLoad>().await?;
        let recorded = source.store.recorded_since(&scope, &onward).await?;
        let last = recorded.last().map(|one| (one.seq, None));
        let rows = recorded.iter().filter_map(|one| row(source, one));
        Ok(Stretch::of(rows.collect(), &onward, recorded.len(), last))
    }
    .boxed()
}

/// A file that was taken in, and after it was taken back one that covers nothing; nothing of any other is counted.
fn row(of: &Source<'_>, one: &Recorded<Load>) -> Option<AnalysisRow> {
    let load = &one.record;
    let source = load.source.as_ref()?;
    let (taken, counts) = match &load.state {
        LoadState::Taken(taken) => (Some(taken), load.counts.clone().unwrap_or_default()),
        LoadState::TakenBack(_) => (None, Counts::default()),
        _ => return None,
    };
    let number = |count: u64| AnalysisValue::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let period = counts.coverage.map(|coverage| coverage.period);
    let last = period.and_then(|period| period.until?.yesterday().ok());
    Some(AnalysisRow {
        seq: one.seq,
        place: 0,
        recorded_at: one.at,
        values: vec![
            Some(AnalysisValue::Surrogate(
                of.store.surrogate(&one.id.to_string()),
            )),
            Some(AnalysisValue::Code(source.clone())),
            of.service(source),
            taken.and(load.as_of).map(AnalysisValue::Day),
            taken.map(|taken| AnalysisValue::Day(day_of(taken.at))),
            period.map(|period| AnalysisValue::Day(period.from)),
            last.map(AnalysisValue::Day),
            Some(number(counts.rows)),
            Some(number(counts.quarantined)),
        ],
    })
}
