//! How well records were linked, where it is known which of them are one person.

use hashbrown::HashTable;

use crate::columns::{mix, pairs_of};

/// What was found, beside what is so: of pairs of records, or of persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// Pairs that were joined and are one person; or persons that have all of their records and nobody else's.
    pub right: u64,
    /// Pairs that were joined, or persons that were made.
    pub joined: u64,
    /// Pairs that are one person, or persons that there are.
    pub there: u64,
}

impl Quality {
    /// Which part of what was joined is right; 1 when nothing was.
    pub fn precision(&self) -> f64 {
        part(self.right, self.joined)
    }

    /// Which part of what is there was joined; 1 when nothing is.
    pub fn recall(&self) -> f64 {
        part(self.right, self.there)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        part(2 * self.right, self.joined + self.there)
    }

    /// What is not in `others`, of which all is in this.
    const fn without(self, others: Self) -> Self {
        Self {
            right: self.right - others.right,
            joined: self.joined - others.joined,
            there: self.there - others.there,
        }
    }
}

pub(crate) fn part(some: u64, all: u64) -> f64 {
    if all == 0 {
        1.0
    } else {
        some as f64 / all as f64
    }
}

/// How many records have each of some numbers.
fn counted(numbers: impl Iterator<Item = u64>) -> HashTable<(u64, u64)> {
    let mut counts: HashTable<(u64, u64)> = HashTable::new();
    let hash = |number: u64| mix(number, 0x9e37);
    for number in numbers {
        let entry = counts.entry(hash(number), |one| one.0 == number, |one| hash(one.0));
        entry.or_insert((number, 0)).get_mut().1 += 1;
    }
    counts
}

fn pairs_in(numbers: impl Iterator<Item = u64>) -> u64 {
    let counts = counted(numbers);
    counts.iter().map(|(_, count)| pairs_of(*count)).sum()
}

const fn both(truth: u32, person: u32) -> u64 {
    (truth as u64) << 32 | person as u64
}

/// Judges the pairs of records of both of which the truth is known: nobody can say of another whether it is right. For
/// each record `truth` is the number of the person that it is of, 0 when that is not known; `persons` that of the person
/// that was made of it.
pub fn of_pairs(truth: &[u32], persons: &[u32]) -> Quality {
    of_some(truth, persons, |_| true)
}

pub(crate) fn of_some(truth: &[u32], persons: &[u32], some: impl Fn(usize) -> bool) -> Quality {
    let told = || {
        let records = truth.iter().zip(persons).enumerate();
        let told = records.filter(|(record, (truth, _))| **truth != 0 && some(*record));
        told.map(|(_, both)| both)
    };
    Quality {
        right: pairs_in(told().map(|(truth, person)| both(*truth, *person))),
        joined: pairs_in(told().map(|(_, person)| u64::from(*person))),
        there: pairs_in(told().map(|(truth, _)| u64::from(*truth))),
    }
}

/// Judges persons: each is right when it has all records of one and no other. Records of which the truth is not known
/// count as nobody's, and a person made of those alone does not count.
pub fn of_persons(truth: &[u32], persons: &[u32]) -> Quality {
    let told = || {
        truth
            .iter()
            .zip(persons)
            .filter(|(truth, _)| **truth != 0)
            .map(|(truth, person)| (*truth, *person))
    };
    let there = counted(told().map(|(truth, _)| u64::from(truth)));
    let made = counted(told().map(|(_, person)| u64::from(person)));
    let of = |counts: &HashTable<(u64, u64)>, number: u64| {
        let found = counts.find(mix(number, 0x9e37), |one| one.0 == number);
        found.map_or(0, |(_, count)| *count)
    };
    let together = counted(told().map(|(truth, person)| both(truth, person)));
    let right = together.iter().filter(|(number, count)| {
        *count == of(&there, number >> 32) && *count == of(&made, number & u64::from(u32::MAX))
    });
    Quality {
        right: right.count() as u64,
        joined: made.len() as u64,
        there: there.len() as u64,
    }
}

/// What records are told apart by when a linking is judged, such as sex: for each record the number of its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// What it is.
    pub heading: String,
    /// The groups in words, by their numbers.
    pub groups: Vec<String>,
    /// For each record the number of its group.
    pub of: Vec<u32>,
}

/// What the truth says of the pairs that one group of records is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfGroup {
    /// What the group shares.
    pub value: String,
    /// How many records it has.
    pub records: u64,
    /// How many of them tell too little to be joined with anybody, where that is known.
    pub poor: u64,
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

impl ByHeading {
    /// The groups whose recall is more than `points` hundredths below the best of those that have as many pairs of one
    /// person as tell so much: they are missed more often than others.
    pub fn missed_more(&self, points: f64) -> Vec<&str> {
        let telling = || {
            let groups = self.groups.iter();
            groups.filter(|group| group.quality.there >= TELLING)
        };
        let best = telling().map(|group| group.quality.recall());
        let best = best.fold(0.0, f64::max);
        let behind = telling().filter(|group| (best - group.quality.recall()) * 100.0 > points);
        behind.map(|group| group.value.as_str()).collect()
    }
}

/// With fewer pairs of one person than this, three points of recall are one chance mistake or two.
const TELLING: u64 = 100;
/// No more groups than this are told apart under one heading: those with the most records.
const MOST_GROUPS: usize = 40;
/// A group of fewer records is left out: it would name somebody, and tells little.
const FEWEST_OF_GROUP: u64 = 10;

/// Judges pairs group by group. `poor` tells of each record whether it tells too little to be joined with anybody.
pub fn by_group(truth: &[u32], persons: &[u32], poor: &[bool], grouping: &Grouping) -> ByHeading {
    let all = of_some(truth, persons, |_| true);
    let mut counts: Vec<(u64, u64)> = vec![(0, 0); grouping.groups.len()];
    for (record, group) in grouping.of.iter().enumerate() {
        if let Some((records, few)) = counts.get_mut(*group as usize) {
            *records += 1;
            *few += u64::from(poor.get(record).copied().unwrap_or_default());
        }
    }
    let mut found: Vec<(u32, u64, u64)> = (0..)
        .zip(counts)
        .map(|(group, (records, poor))| (group, records, poor))
        .filter(|(_, records, _)| *records > 0)
        .collect();
    found.sort_by_key(|(group, records, _)| (std::cmp::Reverse(*records), *group));
    let all_groups = found.len();
    found.retain(|(_, records, _)| *records >= FEWEST_OF_GROUP);
    found.truncate(MOST_GROUPS);
    let left_out = all_groups - found.len();
    let groups = found.into_iter().map(|(group, records, poor)| {
        // The pairs that none of the group is in are those of the others.
        let is_other = |record: usize| grouping.of.get(record) != Some(&group);
        OfGroup {
            value: grouping
                .groups
                .get(group as usize)
                .cloned()
                .unwrap_or_default(),
            records,
            poor,
            quality: all.without(of_some(truth, persons, is_other)),
        }
    });
    ByHeading {
        heading: grouping.heading.clone(),
        groups: groups.collect(),
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two of 1 together, the third apart; 2 and a record of which nobody knows together; 3 alone and whole.
    const TRUTH: [u32; 6] = [1, 1, 1, 2, 0, 3];
    const PERSONS: [u32; 6] = [0, 0, 2, 3, 3, 5];

    #[test]
    fn pairs_and_persons_are_counted_by_what_was_found_and_what_is_so() {
        let pairs = of_pairs(&TRUTH, &PERSONS);
        assert_eq!((pairs.right, pairs.joined, pairs.there), (1, 1, 3));
        // 1 is in two pieces; 2 is whole, as far as it is known, and so is 3.
        let persons = of_persons(&TRUTH, &PERSONS);
        assert_eq!((persons.right, persons.joined, persons.there), (2, 4, 3));
        let mixed = of_persons(&[1, 1, 2], &[0, 0, 0]);
        assert_eq!((mixed.right, mixed.joined, mixed.there), (0, 1, 2));
    }

    #[test]
    fn what_nobody_knows_counts_neither_for_nor_against() {
        // Of twenty pairs that are all joined rightly, the truth of every other record is not told.
        let persons: Vec<u32> = (0..40).map(|record| record / 2 * 2).collect();
        let whole: Vec<u32> = (0..40).map(|record| record / 2 + 1).collect();
        for unknown in [4, 3, 2] {
            let of = |record: usize| {
                if record.is_multiple_of(unknown) {
                    0
                } else {
                    whole[record]
                }
            };
            let truth: Vec<u32> = (0..40).map(of).collect();
            assert!((of_pairs(&truth, &persons).precision() - 1.0).abs() < 1e-9);
            let grouping = Grouping {
                heading: "Community".to_owned(),
                groups: vec!["all".to_owned()],
                of: vec![0; 40],
            };
            let by = by_group(&truth, &persons, &[false; 40], &grouping);
            assert!((by.groups[0].quality.precision() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_group_is_judged_by_every_pair_that_one_of_it_is_in() {
        // Twelve pairs of one person: of the first group all are joined, of the second half.
        let truth: Vec<u32> = (0..24).map(|record| record / 2 + 1).collect();
        let persons: Vec<u32> = (0..24)
            .map(|record| match record {
                0..12 => record / 2 * 2,
                _ if record % 4 < 2 => record / 2 * 2,
                _ => record,
            })
            .collect();
        let of: Vec<u32> = (0..24).map(|record| u32::from(record >= 12)).collect();
        let grouping = Grouping {
            heading: "Community".to_owned(),
            groups: vec!["one".to_owned(), "other".to_owned(), "nobody".to_owned()],
            of,
        };
        let poor: Vec<bool> = (0..24).map(|record| record == 13).collect();
        let by = by_group(&truth, &persons, &poor, &grouping);
        let recalls: Vec<(&str, f64, u64)> = by
            .groups
            .iter()
            .map(|one| (one.value.as_str(), one.quality.recall(), one.poor))
            .collect();
        assert_eq!(recalls, [("one", 1.0, 0), ("other", 0.5, 1)]);
        assert!(by.missed_more(3.0).is_empty(), "six pairs tell too little");
        let mut many = by;
        for group in &mut many.groups {
            group.quality.there *= 50;
            group.quality.right *= 50;
        }
        assert_eq!(many.missed_more(3.0), ["other"]);
        assert!(many.missed_more(60.0).is_empty());
    }
}
