//! From rows to counts.

use std::collections::BTreeMap;

use clearpicture_kernel::{AnalysisValue, Code, Date};
use serde::Serialize;

use crate::measure::Measure;
use crate::runner::{Known, Over, Row, RunFault, Runner};

/// What a measure counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How many are in each part, in the measure's order.
    pub parts: Vec<u64>,
    /// Of how many of all what is known is whole.
    pub complete: u64,
}

impl Counted {
    /// How many there are in all.
    pub fn whole(&self) -> u64 {
        self.parts.iter().sum()
    }
}

/// How far one source has been heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// The source, by the name of its profile.
    pub source: Code,
    /// The day on which its newest file was taken in; `None` when none was.
    pub received: Option<Date>,
    /// The last day that any of its files covers, where they say so.
    pub covers_to: Option<Date>,
}

/// Counts what `measure` counts.
///
/// # Errors
/// [`RunFault`]; also when a unit is counted twice or stands in no part.
pub async fn count(
    runner: &dyn Runner,
    measure: &Measure,
    over: Over<'_>,
    known: Known,
) -> Result<Counted, RunFault> {
    let sql = format!(
        "SELECT part, complete, count(*) AS units, count(DISTINCT unit) AS different FROM ({}) \
         GROUP BY part, complete",
        measure.sql
    );
    let mut counted = Counted {
        parts: vec![0; measure.parts.len()],
        complete: 0,
    };
    for row in runner.select(&sql, over, known).await? {
        let (part, complete, units) = counts(measure, &row)?;
        if let Some(count) = counted.parts.get_mut(part) {
            *count += units;
        }
        if complete {
            counted.complete += units;
        }
    }
    // A unit in two parts is in two groups: only the whole shows it.
    let sql = format!(
        "SELECT count(DISTINCT unit) AS different FROM ({})",
        measure.sql
    );
    let different = runner.select(&sql, over, known).await?;
    let whole = Some(AnalysisValue::Number(
        i64::try_from(counted.whole()).unwrap_or(i64::MAX),
    ));
    if different.first().and_then(|row| row.first()) != Some(&whole) {
        return Err(RunFault::Answer("a unit is there twice".to_owned()));
    }
    Ok(counted)
}

fn counts(measure: &Measure, row: &Row) -> Result<(usize, bool, u64), RunFault> {
    match row.as_slice() {
        [
            Some(AnalysisValue::Code(part)),
            Some(AnalysisValue::Flag(complete)),
            Some(AnalysisValue::Number(units)),
            Some(AnalysisValue::Number(different)),
        ] => {
            let place = measure
                .part(part)
                .ok_or_else(|| RunFault::Answer(format!("`{part}` is no part of it")))?;
            if units != different {
                return Err(RunFault::Answer("a unit is there twice or not told".to_owned()));
            }
            Ok((place, *complete, units.cast_unsigned()))
        }
        _ => Err(RunFault::Answer(
            "each row must have a `unit` that is a whole number, a `part` that is a code and a `complete` that is true or false"
                .to_owned(),
        )),
    }
}

/// The surrogates of what `measure` counts in `part`, in order: who the figure is made of.
///
/// # Errors
/// [`RunFault`].
pub async fn units(
    runner: &dyn Runner,
    measure: &Measure,
    part: &Code,
    known: Known,
) -> Result<Vec<i64>, RunFault> {
    let sql = format!("SELECT unit, part FROM ({}) ORDER BY unit", measure.sql);
    let rows = runner.select(&sql, Over::Kept, known).await?;
    let of_part = rows.iter().filter_map(|row| match row.as_slice() {
        [
            Some(AnalysisValue::Number(unit) | AnalysisValue::Surrogate(unit)),
            Some(AnalysisValue::Code(of)),
        ] if of == part => Some(*unit),
        _ => None,
    });
    Ok(of_part.collect())
}

/// How far each of the sources of `measure` had been heard.
///
/// # Errors
/// [`RunFault`].
pub async fn heard(
    runner: &dyn Runner,
    measure: &Measure,
    known: Known,
) -> Result<Vec<Heard>, RunFault> {
    const SQL: &str = "SELECT source, max(received) AS received, max(covers_to) AS covers_to FROM load GROUP BY source";
    let mut heard = BTreeMap::new();
    for row in runner.select(SQL, Over::Kept, known).await? {
        if let [Some(AnalysisValue::Code(source)), received, covers_to] = row.as_slice() {
            heard.insert(
                source.clone(),
                (day(received.as_ref()), day(covers_to.as_ref())),
            );
        }
    }
    let of_source = |source: &Code| {
        let (received, covers_to) = heard.get(source).copied().unwrap_or_default();
        Heard {
            source: source.clone(),
            received,
            covers_to,
        }
    };
    Ok(measure.sources.iter().map(of_source).collect())
}

const fn day(cell: Option<&AnalysisValue>) -> Option<Date> {
    match cell {
        Some(AnalysisValue::Day(day)) => Some(*day),
        _ => None,
    }
}
