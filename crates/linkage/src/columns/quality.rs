//! How well records of a table were linked, where the truth came with them.

use std::io;

use super::gather::Persons;
use super::keys::Keys;
use super::run::Linking;
use super::statements::pairs_of;
use super::table::Table;
use crate::quality::{ByHeading, Grouping, Quality, by_group, of_pairs, of_persons, part};

/// What the truth says of a linking.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Of pairs, at the plan's threshold.
    pub at_threshold: Quality,
    /// Of persons, at the plan's threshold.
    pub persons: Quality,
    /// Of pairs at other thresholds, in thousandths of a bit.
    pub at_others: Vec<(i32, Quality)>,
    /// Which part of the pairs of one person some block brought together; nothing when there are none, or too many to
    /// count.
    pub blocking_recall: Option<f64>,
}

impl Judged {
    /// The best F1 of all thresholds that were tried.
    pub fn best(&self) -> f64 {
        let others = self.at_others.iter().map(|(_, quality)| quality.f1());
        others.fold(self.at_threshold.f1(), f64::max)
    }
}

/// Thresholds that are tried, in thousandths of a bit.
const TRIED: [i32; 13] = [
    -4_000, -3_000, -2_000, -1_000, 0, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 10_000, 12_000,
];
/// Beyond so many pairs of one person those that blocks bring together are not counted one by one.
const MOST_TRUE_PAIRS: u64 = 200_000_000;

/// Judges a linking by the truth that came with its records; nothing where none did.
///
/// # Errors
/// When pairs that went to scratch cannot be read back.
pub fn judge(linking: &Linking<'_>, threads: usize) -> io::Result<Option<Judged>> {
    let Some(truth) = &linking.scoring.table.truth else {
        return Ok(None);
    };
    let truth = truth.codes.as_slice();
    let quality = |persons: &Persons| of_pairs(truth, &persons.of);
    let others = TRIED
        .iter()
        .map(|join| Ok((*join, quality(&linking.at(*join, threads)?))));
    Ok(Some(Judged {
        at_threshold: quality(&linking.persons),
        persons: of_persons(truth, &linking.persons.of),
        at_others: others.collect::<io::Result<_>>()?,
        blocking_recall: blocking_recall(linking.scoring.table, &linking.keys, truth),
    }))
}

/// Judges a linking group by group, for each heading by which records are told apart.
pub fn judge_groups(linking: &Linking<'_>) -> Vec<ByHeading> {
    let Some(truth) = &linking.scoring.table.truth else {
        return Vec::new();
    };
    let poor = linking.poor();
    let each = linking.scoring.table.groups.iter().map(|aside| {
        let grouping = Grouping {
            heading: aside.heading.clone(),
            groups: std::iter::once("")
                .chain(aside.texts.all())
                .map(str::to_owned)
                .collect(),
            of: aside.codes.clone(),
        };
        by_group(&truth.codes, &linking.persons.of, &poor, &grouping)
    });
    each.collect()
}

/// Which part of the pairs of one person some block brings together; nothing when there are none, or too many to count.
pub(crate) fn blocking_recall(table: &Table, keys: &Keys, truth: &[u32]) -> Option<f64> {
    let mut sorted: Vec<(u32, u32)> = truth
        .iter()
        .copied()
        .zip(0..)
        .filter(|one| one.0 != 0)
        .collect();
    sorted.sort_unstable();
    let groups = || sorted.chunk_by(|a, b| a.0 == b.0);
    let there: u64 = groups().map(|group| pairs_of(group.len() as u64)).sum();
    if there == 0 || there > MOST_TRUE_PAIRS {
        return None;
    }
    let mut met = 0_u64;
    for group in groups() {
        for (place, (_, a)) in group.iter().enumerate() {
            let after = group.iter().skip(place + 1);
            met += after.filter(|(_, b)| keys.are_met(table, *a, *b)).count() as u64;
        }
    }
    Some(part(met, there))
}
