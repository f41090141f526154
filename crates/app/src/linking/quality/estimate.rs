//! What a sample tells of all links, as far as it was read.
//!
//! Of each stratum (a place where pairs stand, and an ethnic group) some pairs were read at random. Each stands for as many
//! as there are of its stratum for each that was read. Pairs of which the records do not tell whether they are one child
//! count as not read: how many they are is said beside.

use std::collections::BTreeMap;

use clearpicture_linkage::children::Band;
use clearpicture_measures::sampled::{Estimate, Part, Term, share_of_all};

use super::groups::{By, Groups};
use super::types::{Cell, LinkSample, Read};

/// One pair of a sample, as the tables have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) band: Band,
    pub(super) groups: Groups,
    pub(super) answer: Read,
}

/// How good links are. What was not read enough is not told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Of the pairs that are joined, those that are one child.
    pub precision: Option<Estimate>,
    /// Of the pairs that are one child, those that are joined.
    pub recall: Option<Estimate>,
    /// The harmonic mean of both.
    pub f1: Option<Estimate>,
    /// Of the pairs that are one child, those that a run compares at all.
    pub compared: Option<Estimate>,
}

/// How good the links of one group are.
#[derive(Debug, Clone, PartialEq)]
pub struct OfGroup {
    /// The group.
    pub group: String,
    /// How many pairs of it were read.
    pub read: u64,
    /// How many records it has.
    pub records: u64,
    /// How many of them tell too little to be joined with anybody.
    pub poor: u64,
    /// Its figures.
    pub figures: Figures,
}

/// What a sample tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// How many pairs it has.
    pub pairs: u64,
    /// How many of them were read.
    pub read: u64,
    /// Of how many of those the records do not tell.
    pub unclear: u64,
    /// Of all pairs.
    pub all: Figures,
    /// What it would be at other thresholds, in thousandths of a bit from the model's.
    pub thresholds: Vec<(i32, Figures)>,
    /// By each heading the groups, those with most records first, ages as they follow one another.
    pub by: Vec<(&'static str, Vec<OfGroup>)>,
    /// For each place how many pairs there were, were drawn, and were read, and how many of those are one child.
    pub places: Vec<Place>,
}

/// One place where pairs stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The place.
    pub band: Band,
    /// How many pairs stood there.
    pub pairs: u64,
    /// How many of them are in the sample.
    pub drawn: u64,
    /// How many of those were read, and told.
    pub read: u64,
    /// How many of those are one child.
    pub one: u64,
}

/// What is told of a sample of which this was said.
pub(super) fn told(sample: &LinkSample, answered: &[Answered]) -> Told {
    let reading = Reading::new(sample, answered);
    let count =
        |some: fn(&Answered) -> bool| answered.iter().filter(|one| some(one)).count() as u64;
    let by = By::ALL.map(|by| (by.heading(), reading.groups(sample, by)));
    Told {
        pairs: answered.len() as u64,
        read: count(|one| one.answer != Read::Not),
        unclear: count(|one| one.answer == Read::Unclear),
        all: reading.figures(|_| true, Band::is_joined),
        thresholds: Band::THRESHOLDS
            .map(|at| (at, reading.figures(|_| true, |band| band.is_joined_at(at))))
            .to_vec(),
        by: by.to_vec(),
        places: Band::ALL.map(|band| reading.place(answered, band)).to_vec(),
    }
}

/// The pairs of a sample that were read, each with how many it stands for.
struct Reading<'s> {
    cells: &'s [Cell],
    told: Vec<(&'s Answered, f64)>,
}

/// A pair's stratum.
fn stratum(band: Band, groups: &Groups) -> (Band, &str) {
    (band, groups.by(By::Ethnic))
}

const fn is_told(answer: Read) -> bool {
    matches!(answer, Read::One | Read::Two)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no count of pairs comes near 2^53"
)]
const fn whole(count: u64) -> f64 {
    count as f64
}

impl<'s> Reading<'s> {
    fn new(sample: &'s LinkSample, answered: &'s [Answered]) -> Self {
        let mut there: BTreeMap<(Band, &str), u64> = BTreeMap::new();
        for cell in &sample.cells {
            *there.entry(stratum(cell.band.0, &cell.groups)).or_default() += cell.pairs;
        }
        let told = || answered.iter().filter(|one| is_told(one.answer));
        let mut read: BTreeMap<(Band, &str), u64> = BTreeMap::new();
        for one in told() {
            *read.entry(stratum(one.band, &one.groups)).or_default() += 1;
        }
        let stands_for = |one: &Answered| {
            let stratum = stratum(one.band, &one.groups);
            let (there, read) = (there.get(&stratum), read.get(&stratum));
            whole(there.copied().unwrap_or_default()) / whole(read.copied().unwrap_or(1))
        };
        Self {
            cells: &sample.cells,
            told: told().map(|one| (one, stands_for(one))).collect(),
        }
    }

    /// The figures of the pairs of some groups, were those of some places joined.
    fn figures(&self, some: impl Fn(&Groups) -> bool, is_joined: impl Fn(Band) -> bool) -> Figures {
        let mut joined = 0;
        let parts: Vec<(Band, Part)> = Band::ALL
            .into_iter()
            .map(|band| {
                let here = |cell: &&Cell| cell.band.0 == band && some(&cell.groups);
                let all = self.cells.iter().filter(here).map(|cell| cell.pairs).sum();
                joined += if is_joined(band) { all } else { 0 };
                let read = self.told.iter();
                let read = read.filter(|(one, _)| one.band == band && some(&one.groups));
                let read = read.map(|(one, stands_for)| (*stands_for, one.answer == Read::One));
                (band, Part::of(all, read))
            })
            .collect();
        let share = |above: &dyn Fn(Band) -> f64, below: f64, fixed: u64| {
            let term = |(band, part): &(Band, Part)| Term {
                part: *part,
                above: above(*band),
                below,
            };
            let terms: Vec<Term> = parts.iter().map(term).collect();
            share_of_all(&terms, whole(fixed))
        };
        let found = |times: f64| {
            let is_joined = &is_joined;
            move |band| if is_joined(band) { times } else { 0.0 }
        };
        let compared = |band: Band| f64::from(u8::from(band.is_compared()));
        Figures {
            precision: share(&found(1.0), 0.0, joined),
            recall: share(&found(1.0), 1.0, 0),
            f1: share(&found(2.0), 1.0, joined),
            compared: share(&compared, 1.0, 0),
        }
    }

    fn groups(&self, sample: &LinkSample, by: By) -> Vec<OfGroup> {
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for cell in &sample.cells {
            counts.entry(cell.groups.by(by)).or_default();
        }
        for told in &sample.records {
            let entry = counts.entry(told.groups.by(by)).or_default();
            entry.0 += told.records;
            entry.1 += told.poor;
        }
        let mut groups: Vec<OfGroup> = counts
            .into_iter()
            .map(|(group, (records, poor))| OfGroup {
                group: group.to_owned(),
                read: self
                    .told
                    .iter()
                    .filter(|(one, _)| one.groups.by(by) == group)
                    .count() as u64,
                records,
                poor,
                figures: self.figures(|groups| groups.by(by) == group, Band::is_joined),
            })
            .collect();
        groups.sort_by_key(|one| (by.order(&one.group), std::cmp::Reverse(one.records)));
        groups
    }

    fn place(&self, answered: &[Answered], band: Band) -> Place {
        let here = self.cells.iter().filter(|cell| cell.band.0 == band);
        let read = || self.told.iter().filter(|(one, _)| one.band == band);
        Place {
            band,
            pairs: here.map(|cell| cell.pairs).sum(),
            drawn: answered.iter().filter(|one| one.band == band).count() as u64,
            read: read().count() as u64,
            one: read().filter(|(one, _)| one.answer == Read::One).count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::Timestamp;
    use clearpicture_store::Record as _;

    use super::*;
    use crate::linking::quality::types::{Drawing, Stood};

    fn groups(ethnic: &str, sex: &str) -> Groups {
        Groups {
            ethnic: ethnic.to_owned(),
            sex: sex.to_owned(),
            ..Groups::not_told()
        }
    }

    /// For each place and group how many pairs there are, and of those read how many are one child and how many two.
    type Case = (Band, &'static str, &'static str, u64, u64, u64);

    fn told_of(cases: &[Case]) -> Told {
        let cell = |(band, ethnic, sex, pairs, _, _): &Case| Cell {
            band: Stood(*band),
            groups: groups(ethnic, sex),
            pairs: *pairs,
        };
        let sample = LinkSample {
            wanted: 100,
            asked_at: Timestamp::UNIX_EPOCH,
            state: Drawing::Drawn,
            model: "1".to_owned(),
            cells: cases.iter().map(cell).collect(),
            records: Vec::new(),
        };
        let answered = cases.iter().flat_map(|(band, ethnic, sex, _, one, two)| {
            let answer = |answer, count: u64| {
                (0..count).map(move |_| Answered {
                    band: *band,
                    groups: groups(ethnic, sex),
                    answer,
                })
            };
            answer(Read::One, *one).chain(answer(Read::Two, *two))
        });
        told(&sample, &answered.collect::<Vec<_>>())
    }

    fn shares(figures: &Figures) -> [Option<f64>; 4] {
        let of = |estimate: Option<Estimate>| {
            estimate.map(|one| (one.share * 10_000.0).round() / 10_000.0)
        };
        [
            of(figures.precision),
            of(figures.recall),
            of(figures.f1),
            of(figures.compared),
        ]
    }

    /// 1,000 joined of which all read are right, 100 of which half are, 100 apart of which 1 in 10 is one child, and 10 never
    /// compared of which half are: 1,050 right of 1,100 joined, and of 1,065 that are one child.
    const CASES: [Case; 4] = [
        (Band::Surely, "Asian", "Female", 1_000, 10, 0),
        (Band::Closely, "Asian", "Male", 100, 5, 5),
        (Band::JustBelow, "Asian", "Female", 100, 1, 9),
        (Band::Missed, "Asian", "Female", 10, 1, 1),
    ];

    #[test]
    fn what_is_read_counts_by_how_many_it_stands_for() {
        let told = told_of(&CASES);
        let precision = 1_050.0 / 1_100.0;
        let recall = 1_050.0 / 1_065.0;
        let expected = [
            precision,
            recall,
            2.0 * 1_050.0 / (1_100.0 + 1_065.0),
            1_060.0 / 1_065.0,
        ];
        let expected = expected.map(|share: f64| Some((share * 10_000.0).round() / 10_000.0));
        assert_eq!(shares(&told.all), expected);
        assert_eq!((told.pairs, told.read, told.unclear), (32, 32, 0));
        // At a threshold 5 bits lower those just below are joined too; 4 bits higher, those closely joined are not.
        let at = |threshold: i32| {
            let found = told.thresholds.iter().find(|(at, _)| *at == threshold);
            shares(&found.expect("tried").1)
        };
        assert_eq!(at(-5_000)[0], Some(0.8833));
        assert_eq!(at(4_000)[0], Some(1.0));
        assert_eq!(at(0), shares(&told.all));
    }

    #[test]
    fn a_group_is_told_by_its_own_pairs_and_not_at_all_where_too_few_were_read() {
        let mut cases = CASES.to_vec();
        cases.extend([
            (Band::Surely, "Black", "Female", 200, 4, 0),
            (Band::JustBelow, "Black", "Female", 30, 0, 0),
        ]);
        let told = told_of(&cases);
        let (heading, groups) = &told.by[0];
        assert_eq!(*heading, "Ethnic group");
        let of = |group: &str| {
            let found = groups.iter().find(|one| one.group == group);
            shares(&found.expect("there").figures)
        };
        assert_eq!(of("Asian"), shares(&told_of(&CASES).all));
        assert_eq!(of("Black"), [Some(1.0), None, None, None]);
        // Of all it is told: until they are read, those thirty are taken to be as the others of their place.
        assert_eq!(shares(&told.all)[1], Some(0.9858));
    }

    #[test]
    fn a_pair_of_which_the_records_do_not_tell_counts_as_not_read() {
        let told = told_of(&CASES);
        let waits = LinkSample::samples().remove(1);
        let unclear = Answered {
            band: Band::Surely,
            groups: groups("Asian", "Female"),
            answer: Read::Unclear,
        };
        let only = super::told(&waits, &[unclear]);
        assert_eq!((only.read, only.unclear), (1, 1));
        assert_eq!(shares(&only.all), [None; 4]);
        assert_ne!(told.all.precision, None);
    }
}
