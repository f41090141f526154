//! From rows to counts.

use std::collections::BTreeMap;

use clearpicture_kernel::{AnalysisValue, Code, Date};
use serde::Serialize;

use crate::measure::Measure;
use crate::runner::{Known, Over, Row, RunFault, Runner};

const WANTED: &str = "each row must have a `unit` that is a whole number, a `part` that is a code and a `complete` that is \
                      true or false";

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
    // A unit in two parts is in two groups, and only the whole, which belongs to no group, shows it.
    let sql = format!(
        "SELECT part, complete, CAST(grouping(part) AS BIGINT) AS whole, count(*) AS units, \
         count(DISTINCT unit) AS different FROM ({}) GROUP BY GROUPING SETS ((part, complete), ())",
        measure.sql
    );
    let mut counted = Counted {
        parts: vec![0; measure.parts.len()],
        complete: 0,
    };
    for row in runner.select(&sql, over, known).await? {
        let Some((part, complete, units)) = counts(measure, &row)? else {
            continue;
        };
        if let Some(count) = counted.parts.get_mut(part) {
            *count += units;
        }
        if complete {
            counted.complete += units;
        }
    }
    Ok(counted)
}

/// Which part a row counts, whether what is known is whole, and how many there are; `None` for the row of the whole.
fn counts(measure: &Measure, row: &Row) -> Result<Option<(usize, bool, u64)>, RunFault> {
    let [
        part,
        complete,
        Some(AnalysisValue::Number(whole)),
        Some(AnalysisValue::Number(units)),
        Some(AnalysisValue::Number(different)),
    ] = row.as_slice()
    else {
        return Err(RunFault::Answer(WANTED.to_owned()));
    };
    if units != different {
        return Err(RunFault::Answer(
            "a unit is there twice or not told".to_owned(),
        ));
    }
    match (part, complete) {
        _ if *whole != 0 => Ok(None),
        (Some(AnalysisValue::Code(part)), Some(AnalysisValue::Flag(complete))) => {
            let place = measure
                .part(part)
                .ok_or_else(|| RunFault::Answer(format!("`{part}` is no part of it")))?;
            Ok(Some((place, *complete, units.cast_unsigned())))
        }
        _ => Err(RunFault::Answer(WANTED.to_owned())),
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
    over: Over<'_>,
    known: Known,
) -> Result<Vec<i64>, RunFault> {
    let sql = format!("SELECT unit, part FROM ({}) ORDER BY unit", measure.sql);
    let rows = runner.select(&sql, over, known).await?;
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
    for row in runner.select(SQL, Over::Kept(&[]), known).await? {
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
