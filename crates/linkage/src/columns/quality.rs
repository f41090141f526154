//! How well records were linked, where the truth is known.

use hashbrown::HashTable;

use super::gather::Persons;
use super::run::Linking;
use super::statements::pairs_of;
use super::texts::mix;

/// Pairs counted by what was said of them and what is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// Pairs that were joined and are one person.
    pub right: u64,
    /// Pairs that were joined.
    pub joined: u64,
    /// Pairs that are one person.
    pub true_pairs: u64,
}

impl Quality {
    /// Which part of the joined pairs is right; 1 when nothing was joined.
    pub fn precision(&self) -> f64 {
        part(self.right, self.joined)
    }

    /// Which part of the pairs of one person was joined; 1 when there is none.
    pub fn recall(&self) -> f64 {
        part(self.right, self.true_pairs)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        part(2 * self.right, self.joined + self.true_pairs)
    }
}

fn part(some: u64, all: u64) -> f64 {
    if all == 0 {
        1.0
    } else {
        some as f64 / all as f64
    }
}

/// What the truth says of a linking.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// At the plan's threshold.
    pub at_threshold: Quality,
    /// At other thresholds, in thousandths of a bit.
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
pub fn judge(linking: &Linking<'_>, threads: usize) -> Option<Judged> {
    let truth = linking.scoring.table.truth.as_ref()?.codes.as_slice();
    let at_threshold = quality(truth, &linking.persons, |_| true);
    let others = TRIED
        .iter()
        .map(|join| (*join, quality(truth, &linking.at(*join, threads), |_| true)));
    Some(Judged {
        at_threshold,
        at_others: others.collect(),
        blocking_recall: blocking_recall(linking, truth, at_threshold.true_pairs),
    })
}

/// How many records have each of some numbers, and the pairs they make.
fn pairs_in(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut counts: HashTable<(u64, u64)> = HashTable::new();
    let hash = |number: u64| mix(number, 0x9e37);
    for number in numbers {
        let entry = counts.entry(hash(number), |one| one.0 == number, |one| hash(one.0));
        entry.or_insert((number, 0)).get_mut().1 += 1;
    }
    counts.iter().map(|(_, count)| pairs_of(*count)).sum()
}

/// Counts the pairs of some records; a record of which the truth says nothing is one of a kind.
fn quality(truth: &[u32], persons: &Persons, some: impl Fn(usize) -> bool) -> Quality {
    let each = || {
        truth
            .iter()
            .zip(&persons.of)
            .enumerate()
            .filter(|(record, _)| some(*record))
    };
    let told = || {
        each()
            .map(|(_, both)| both)
            .filter(|(truth, _)| **truth != 0)
    };
    let both = |(truth, person): (&u32, &u32)| u64::from(*truth) << 32 | u64::from(*person);
    Quality {
        right: pairs_in(told().map(both)),
        joined: pairs_in(each().map(|(_, (_, person))| u64::from(*person))),
        true_pairs: pairs_in(told().map(|(truth, _)| u64::from(*truth))),
    }
}

/// What the truth says of the pairs that one group of records is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfGroup {
    /// What the group shares: the value under the heading by which records are told apart.
    pub value: String,
    /// How many records it has.
    pub records: u64,
    /// Of the pairs of which one record or both are of the group.
    pub quality: Quality,
}

/// The groups that one heading tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHeading {
    /// The heading.
    pub heading: String,
    /// The groups, those with most records first.
    pub groups: Vec<OfGroup>,
    /// How many groups are left out: those with few records, and what is beyond the most that are told apart.
    pub left_out: usize,
}

/// No more groups than this are told apart under one heading: those with the most records.
const MOST_GROUPS: usize = 40;
/// A group of fewer records is left out: it would name somebody, and tells little.
const FEWEST_OF_GROUP: u64 = 10;

/// Judges a linking group by group, for each heading by which records are told apart.
pub fn judge_groups(linking: &Linking<'_>) -> Vec<ByHeading> {
    let Some(truth) = &linking.scoring.table.truth else {
        return Vec::new();
    };
    let all = quality(&truth.codes, &linking.persons, |_| true);
    let each = linking.scoring.table.groups.iter().map(|aside| {
        let mut counts: Vec<(u64, u32)> = (0..)
            .take(aside.texts.len() + 1)
            .map(|code| (0, code))
            .collect();
        for code in &aside.codes {
            if let Some((count, _)) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        counts.sort_by_key(|(count, code)| (std::cmp::Reverse(*count), *code));
        counts.retain(|(count, _)| *count > 0);
        let all_groups = counts.len();
        counts.retain(|(count, _)| *count >= FEWEST_OF_GROUP);
        counts.truncate(MOST_GROUPS);
        let left_out = all_groups - counts.len();
        let groups = counts.into_iter().map(|(records, group)| {
            // The pairs that none of the group is in are those of the others.
            let is_other = |record: usize| aside.codes.get(record) != Some(&group);
            let others = quality(&truth.codes, &linking.persons, is_other);
            OfGroup {
                value: aside.texts.get(group).to_owned(),
                records,
                quality: Quality {
                    right: all.right - others.right,
                    joined: all.joined - others.joined,
                    true_pairs: all.true_pairs - others.true_pairs,
                },
            }
        });
        ByHeading {
            heading: aside.heading.clone(),
            groups: groups.collect(),
            left_out,
        }
    });
    each.collect()
}

fn blocking_recall(linking: &Linking<'_>, truth: &[u32], true_pairs: u64) -> Option<f64> {
    if true_pairs == 0 || true_pairs > MOST_TRUE_PAIRS {
        return None;
    }
    let table = linking.scoring.table;
    let mut sorted: Vec<(u32, u32)> = truth
        .iter()
        .copied()
        .zip(0..)
        .filter(|one| one.0 != 0)
        .collect();
    sorted.sort_unstable();
    let mut met = 0_u64;
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        for (place, (_, a)) in group.iter().enumerate() {
            let after = group.iter().skip(place + 1);
            met += after
                .filter(|(_, b)| linking.keys.are_met(table, *a, *b))
                .count() as u64;
        }
    }
    Some(part(met, true_pairs))
}
