//! One connected part of records, made persons.
//!
//! Pairs are taken from the best down. Two records join at once; two groups of records, or a record and a group, join
//! only when all the pairs between them, compared or not, are worth enough in the mean: so no chain of A like B, B like
//! C makes one person of A and C who are unlike, and a weak bridge between two persons does not hold. Which group is
//! looked at first depends on what records say, never on the order in which they came.
//!
//! Where the plan says that a source knows its records apart, no person has two that it does; and a record that may be
//! either of two whom a source knows apart, such as one without a first name of twins, is neither.

use std::collections::BTreeSet;
use std::mem;

use super::plan::MOST_COLUMNS;
use super::run::Scoring;
use super::weigh::{Memo, place_in};

/// No single pair speaks louder for or against a group than this, in thousandths of a bit.
const LOUDEST: i32 = 12_000;
/// Between two large groups so many pairs are looked at, and so many records of one.
const LOOKED_AT: usize = 400;
/// Of two who are two persons a record is the one only when that is worth so much more, in thousandths of a bit.
const CLEARLY: i32 = 1_000;
/// A candidate that agrees better in everything may be worth less by so much: its name is common.
const COMMONER: i32 = 8_000;

/// Makes persons of the records of one connected part.
pub(super) struct Settling<'s, 't> {
    scoring: &'s Scoring<'t>,
    memo: &'s mut Memo,
    /// In thousandths of a bit.
    bridge: i32,
    /// The records, in order.
    members: &'s [u32],
    group_of: Vec<usize>,
    groups: Vec<Vec<u32>>,
    /// Where sources know their records apart: for each record whom it may be, the best first.
    near: Vec<Vec<(u32, i32)>>,
}

/// Of the pairs between two groups, for each rule that holds records apart: how many tell all that it asks for, and how
/// many fit it; and whether a source knows two of them apart.
#[derive(Default)]
struct Held {
    rules: Vec<(u32, u32)>,
    are_two: bool,
}

impl Held {
    /// Counts a pair; whether it fits some rule.
    fn count(&mut self, rules: impl Iterator<Item = (bool, bool)>) -> bool {
        let mut is_apart = false;
        for (place, (is_told, fits)) in rules.enumerate() {
            if place == self.rules.len() {
                self.rules.push((0, 0));
            }
            if let Some((told, fitting)) = self.rules.get_mut(place) {
                *told += u32::from(is_told);
                *fitting += u32::from(fits);
            }
            is_apart |= fits;
        }
        is_apart
    }

    /// Whether a source knows two apart, or most of the pairs that tell enough fit a rule. One slip in a name looks like a
    /// twin's to another; most of them do not.
    fn is_apart(&self) -> bool {
        self.are_two || self.rules.iter().any(|(told, fitting)| 2 * fitting > *told)
    }
}

impl<'s, 't> Settling<'s, 't> {
    /// All records apart.
    pub(super) fn new(
        scoring: &'s Scoring<'t>,
        memo: &'s mut Memo,
        bridge: i32,
        members: &'s [u32],
    ) -> Self {
        Self {
            scoring,
            memo,
            bridge,
            members,
            group_of: (0..members.len()).collect(),
            groups: members.iter().map(|member| vec![*member]).collect(),
            near: Vec::new(),
        }
    }

    /// Notes that two records may be one person, of pairs from the best down: for where a record may be either of two whom a
    /// source knows apart.
    pub(super) fn look_around(&mut self, a: u32, b: u32, weight: i32) {
        self.near.resize(self.members.len(), Vec::new());
        for (one, other) in [(a, b), (b, a)] {
            let place = self.place(one);
            if let Some(near) = self.near.get_mut(place)
                && near.len() < LOOKED_AT
            {
                near.push((other, weight));
            }
        }
    }

    /// Joins two records and all who are one person with either, if they fit.
    pub(super) fn meet(&mut self, a: u32, b: u32, weight: i32) {
        let (one, other) = (self.group(a), self.group(b));
        if one == other || !self.fits(one, other) {
            return;
        }
        if self.could_be_another(a, b, weight) || self.could_be_another(b, a, weight) {
            return;
        }
        let (keep, give) = (one.min(other), one.max(other));
        let moved = self.groups.get_mut(give).map(mem::take).unwrap_or_default();
        for member in &moved {
            let place = self.place(*member);
            if let Some(group) = self.group_of.get_mut(place) {
                *group = keep;
            }
        }
        if let Some(group) = self.groups.get_mut(keep) {
            group.extend(moved);
        }
    }

    /// Whether two records are one person by now.
    pub(super) fn are_one(&self, a: u32, b: u32) -> bool {
        self.group(a) == self.group(b)
    }

    /// The records, each with the first of its person.
    pub(super) fn persons(self) -> impl Iterator<Item = (u32, u32)> {
        let groups = self.groups.into_iter();
        groups.flat_map(|group| {
            let first = group.iter().min().copied().unwrap_or_default();
            group.into_iter().map(move |member| (member, first))
        })
    }

    fn place(&self, record: u32) -> usize {
        self.members.binary_search(&record).unwrap_or_default()
    }

    fn group(&self, record: u32) -> usize {
        let group = self.group_of.get(self.place(record));
        group.copied().unwrap_or_default()
    }

    fn records(&self, group: usize) -> &[u32] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// What two records are worth to their groups; and whether rules hold them apart is noted.
    fn score(&mut self, a: u32, b: u32, held: &mut Held) -> i32 {
        let pattern = self.scoring.pattern(a, b, self.memo);
        held.are_two |= self.scoring.are_two(pattern, a, b);
        match held.count(self.scoring.rules().held(pattern)) {
            true => -LOUDEST,
            false => self.scoring.weight(pattern, a).clamp(-LOUDEST, LOUDEST),
        }
    }

    /// What all pairs of two groups are worth together, how many they are, and what holds them apart.
    fn between(&mut self, one: usize, other: usize) -> (i64, i64, Held) {
        let (x, y) = (self.records(one).to_vec(), self.records(other).to_vec());
        let step = (x.len() * y.len()).div_ceil(LOOKED_AT);
        let pairs = x.iter().flat_map(|a| y.iter().map(move |b| (*a, *b)));
        let (mut total, mut count, mut held) = (0, 0, Held::default());
        for (a, b) in pairs.step_by(step.max(1)) {
            total += i64::from(self.score(a, b, &mut held));
            count += 1;
        }
        (total, count, held)
    }

    /// Whether two groups are one person, as all their pairs together tell.
    fn fits(&mut self, one: usize, other: usize) -> bool {
        let is_of_two = self.records(one).len() == 1 && self.records(other).len() == 1;
        if is_of_two && !self.scoring.rules().know_sources() {
            return true;
        }
        let (total, count, held) = self.between(one, other);
        !held.is_apart() && (is_of_two || total >= i64::from(self.bridge) * count)
    }

    /// Whether a record, or one that is one person with it, could as well be another than `b`, who is not `b`.
    fn could_be_another(&mut self, a: u32, b: u32, weight: i32) -> bool {
        // Nothing below asks who is near whom: they are lent for as long.
        let near = mem::take(&mut self.near);
        let could = self.is_another_near(&near, a, b, weight);
        self.near = near;
        could
    }

    fn is_another_near(&mut self, near: &[Vec<(u32, i32)>], a: u32, b: u32, weight: i32) -> bool {
        if near.is_empty() {
            return false;
        }
        let (own, chosen) = (self.group(a), self.group(b));
        let pattern = self.scoring.pattern(a, b, self.memo);
        let mut seen = BTreeSet::from([own, chosen]);
        let members = self.records(own).len();
        let step = members.div_ceil(LOOKED_AT).max(1);
        for place in (0..members).step_by(step) {
            let Some(member) = self.records(own).get(place).copied() else {
                continue;
            };
            let near = near.get(self.place(member)).into_iter().flatten();
            for (other, worth) in near.take_while(|(_, worth)| *worth >= weight - COMMONER) {
                let rival = self.group(*other);
                if seen.contains(&rival) {
                    continue;
                }
                let rivals = self.scoring.pattern(member, *other, self.memo);
                let is_as_good = match better(pattern, rivals) {
                    Better::One => false,
                    Better::Other => true,
                    Better::Neither => *worth > weight - CLEARLY,
                };
                if !is_as_good {
                    continue;
                }
                seen.insert(rival);
                if self.between(rival, chosen).2.is_apart() && self.fits(own, rival) {
                    return true;
                }
            }
        }
        false
    }
}

/// Which of two pairs agrees better in everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    One,
    Other,
    /// They agree alike, or each better in something.
    Neither,
}

fn better(one: u64, other: u64) -> Better {
    let (mut ones, mut others) = (false, false);
    for column in 0..MOST_COLUMNS {
        match (place_in(one, column), place_in(other, column)) {
            (a, b) if a == b => {}
            // What is not told is neither better nor worse than what differs.
            (0, _) | (_, 0) => (ones, others) = (true, true),
            (a, b) if a < b => ones = true,
            _ => others = true,
        }
    }
    match (ones, others) {
        (true, false) => Better::One,
        (false, true) => Better::Other,
        _ => Better::Neither,
    }
}
