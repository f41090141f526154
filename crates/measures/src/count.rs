//! From rows to counts.

use clearpicture_kernel::{AnalysisValue, Code, Date};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The source, by the name of its profile; the service where no source of it has sent anything.
    pub source: Code,
    /// The service of whose work it tells.
    pub service: Option<Code>,
    /// The day on which its newest file was taken in; `None` when none was.
    pub received: Option<Date>,
    /// The last day that any of its files covers, where they say so.
    pub covers_to: Option<Date>,
    /// The newest day of which one of its files tells.
    pub as_of: Option<Date>,
}

impl Heard {
    /// Nothing of a source, or of any source of a service.
    const fn nothing(source: Code, service: Option<Code>) -> Self {
        Self {
            source,
            service,
            received: None,
            covers_to: None,
            as_of: None,
        }
    }
}

/// Up to which day everything that `measure` needs was heard; `None` when something was never heard.
///
/// A service is heard by whichever of its sources tells furthest. What its files say that they cover counts; only where
/// none says so does the day of which they tell.
pub fn heard_to(measure: &Measure, heard: &[Heard]) -> Option<Date> {
    let to = |needed: &dyn Fn(&&Heard) -> bool| {
        let all = || {
            heard
                .iter()
                .filter(needed)
                .filter(|one| one.received.is_some())
        };
        let covered = all().filter_map(|one| one.covers_to).max();
        covered.or_else(|| all().filter_map(|one| one.as_of.or(one.received)).max())
    };
    let services = measure
        .services
        .iter()
        .map(|service| to(&|one: &&Heard| one.service.as_ref() == Some(service)));
    let sources = measure
        .sources
        .iter()
        .map(|source| to(&|one: &&Heard| one.source == *source));
    let all: Option<Vec<Date>> = services.chain(sources).collect();
    all?.into_iter().min()
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

/// How far each source had been heard of which `measure` tells, and what it names and nobody has sent.
///
/// # Errors
/// [`RunFault`].
pub async fn heard(
    runner: &dyn Runner,
    measure: &Measure,
    known: Known,
) -> Result<Vec<Heard>, RunFault> {
    const SQL: &str = "SELECT source, service, max(received) AS received, max(covers_to) AS covers_to, max(as_of) AS as_of \
                       FROM load GROUP BY source, service ORDER BY source";
    let mut heard = Vec::new();
    for row in runner.select(SQL, Over::Kept, known).await? {
        if let [
            Some(AnalysisValue::Code(source)),
            service,
            received,
            covers_to,
            as_of,
        ] = row.as_slice()
        {
            heard.push(Heard {
                source: source.clone(),
                service: match service {
                    Some(AnalysisValue::Code(service)) => Some(service.clone()),
                    _ => None,
                },
                received: day(received.as_ref()),
                covers_to: day(covers_to.as_ref()),
                as_of: day(as_of.as_ref()),
            });
        }
    }
    let mut told = Vec::new();
    for service in &measure.services {
        let of_service = heard
            .iter()
            .filter(|one| one.service.as_ref() == Some(service));
        let before = told.len();
        told.extend(of_service.cloned());
        if told.len() == before {
            told.push(Heard::nothing(service.clone(), Some(service.clone())));
        }
    }
    for source in &measure.sources {
        if !told.iter().any(|one| one.source == *source) {
            let found = heard.iter().find(|one| one.source == *source).cloned();
            told.push(found.unwrap_or_else(|| Heard::nothing(source.clone(), None)));
        }
    }
    Ok(told)
}

const fn day(cell: Option<&AnalysisValue>) -> Option<Date> {
    match cell {
        Some(AnalysisValue::Day(day)) => Some(*day),
        _ => None,
    }
}
