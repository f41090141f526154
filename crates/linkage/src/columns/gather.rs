//! From scored pairs to persons.
//!
//! Pairs are taken from the best down. Two records join at once; two groups of records, or a record and a group, join
//! only when all the pairs between them, compared or not, are worth enough in the mean: so no chain of A like B, B like
//! C makes one person of A and C who are unlike, and a weak bridge between two persons does not hold. Which group is
//! looked at first depends on what records say, never on the order in which they came.

use std::io;
use std::ops::Range;

use super::groups::Groups;
use super::kept::Kept;
use super::pairs::between;
use super::plan::Plan;
use super::run::Scoring;
use super::spread::spread;
use super::statements::{Statements, pairs_of};
use super::table::Table;
use super::weigh::Memo;

/// No single pair speaks louder for or against a group than this, in thousandths of a bit.
const LOUDEST: i32 = 12_000;
/// Between two large groups so many pairs are looked at.
const LOOKED_AT: usize = 400;

/// Which records are one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persons {
    /// For each record its person: the smallest number of a record that is the same person.
    pub of: Vec<u32>,
    /// How many pairs are good enough by themselves and were not joined, since their groups do not fit.
    pub bridges: u64,
}

impl Persons {
    /// How many persons there are.
    pub fn count(&self) -> usize {
        (0..)
            .zip(&self.of)
            .filter(|(record, person)| record == *person)
            .count()
    }
}

/// Two statements worth joining.
#[derive(Debug, Clone, Copy, Default)]
struct Edge {
    x: u32,
    y: u32,
    /// In thousandths of a bit.
    weight: i32,
}

/// So many bytes does one take while those of its part are put in order.
const IN_ORDER: usize = 5 * size_of::<Edge>();

/// How many bytes are taken however few pairs are held: which part each statement is of and how many it joins, and the
/// person of each record, as it is found and as it is told.
pub(super) fn bytes(table: &Table) -> u64 {
    let (statements, records) = (table.statements.count(), table.len());
    u64::from(statements) * 8 + u64::from(records) * 12
}

/// Makes persons of the pairs worth `join` and more: of as many connected parts at a time as there is room for, and of one
/// at least.
pub(super) fn gather(
    plan: &Plan,
    scoring: &Scoring<'_>,
    kept: &Kept,
    threads: usize,
) -> io::Result<Persons> {
    let table = scoring.table;
    let statements = &table.statements;
    let content = table.contents();
    let mut groups = Groups::new(statements.count());
    let mut counts = vec![0_u32; statements.count() as usize];
    kept.each(|one| {
        if one.weight >= plan.join {
            groups.unite(one.x, one.y);
            if let Some(count) = counts.get_mut(one.x as usize) {
                *count += 1;
            }
        }
    })?;
    groups.sum(&mut counts);
    let mut persons = Persons {
        of: (0..table.len()).collect(),
        bridges: 0,
    };
    for range in ranges(&counts, kept.room_for(IN_ORDER)) {
        let ends = counts.get(range.clone()).unwrap_or_default().to_vec();
        let parts = Parts::of(&mut groups, ends, range, kept, plan.join)?;
        let parts: Vec<&[Edge]> = parts.runs().collect();
        let done = spread(&parts, threads, |part, settled: &mut Settled| {
            let members = members(part, statements);
            if is_whole(part, statements, members.len() as u64) {
                let first = members.first().copied().unwrap_or_default();
                let all = members.into_iter().map(|member| (member, first));
                settled.persons.extend(all);
                return;
            }
            let memo = &mut settled.memo;
            let score = |a: u32, b: u32, held: &mut Held| {
                let pattern = scoring.pattern(a, b, memo);
                if held.count(scoring.held(pattern)) {
                    -LOUDEST
                } else {
                    scoring.weight(pattern, a)
                }
            };
            let edges = in_order(part, &content);
            let pairs = |edge: &Edge| between(statements, edge.x, edge.y);
            let (persons, bridges) = settle(plan.bridge, score, &members, &edges, pairs);
            settled.persons.extend(persons);
            settled.bridges += bridges;
        });
        done.into_iter().for_each(|settled| persons.add(settled));
    }
    Ok(persons)
}

impl Persons {
    fn add(&mut self, settled: Settled) {
        self.bridges += settled.bridges;
        for (record, person) in settled.persons {
            if let Some(place) = self.of.get_mut(record as usize) {
                *place = person;
            }
        }
    }
}

/// The parts, by the statements that they begin with, in ranges that hold `most` pairs each, or one part that holds more.
/// `counts` tells for each statement how many pairs are of the part that it begins.
fn ranges(counts: &[u32], most: u64) -> Vec<Range<usize>> {
    // They are numbered within a range.
    let most = most.min(u64::from(u32::MAX));
    let (mut ranges, mut from, mut so_far) = (Vec::new(), 0, 0);
    for (statement, count) in counts.iter().enumerate() {
        let own = u64::from(*count);
        if so_far > 0 && so_far + own > most {
            ranges.push(from..statement);
            (from, so_far) = (statement, 0);
        }
        so_far += own;
    }
    if so_far > 0 {
        ranges.push(from..counts.len());
    }
    ranges
}

/// The pairs of some connected parts, part by part.
struct Parts {
    edges: Vec<Edge>,
    /// Where each part ends.
    ends: Vec<u32>,
}

impl Parts {
    /// Those of the parts that begin with a statement of the range. `ends` tells of each how many pairs it has.
    fn of(
        groups: &mut Groups,
        mut ends: Vec<u32>,
        range: Range<usize>,
        kept: &Kept,
        join: i32,
    ) -> io::Result<Self> {
        let mut total = 0;
        for end in &mut ends {
            // Where each begins, till its pairs are filled in.
            total += std::mem::replace(end, total);
        }
        let mut edges = vec![Edge::default(); total as usize];
        kept.each(|one| {
            if one.weight < join {
                return;
            }
            let part = (groups.root(one.x) as usize).checked_sub(range.start);
            if let Some(next) = part.and_then(|part| ends.get_mut(part))
                && let Some(slot) = edges.get_mut(*next as usize)
            {
                *slot = Edge {
                    x: one.x,
                    y: one.y,
                    weight: one.weight,
                };
                *next += 1;
            }
        })?;
        Ok(Self { edges, ends })
    }

    fn runs(&self) -> impl Iterator<Item = &[Edge]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let each = starts
            .zip(&self.ends)
            .map(|(start, end)| start as usize..*end as usize);
        each.filter_map(|range| self.edges.get(range))
            .filter(|part| !part.is_empty())
    }
}

/// Of the pairs between two groups, for each rule that holds records apart: how many tell all that it asks for, and how
/// many fit it.
#[derive(Default)]
struct Held(Vec<(u32, u32)>);

impl Held {
    /// Counts a pair; whether it fits some rule.
    fn count(&mut self, rules: impl Iterator<Item = (bool, bool)>) -> bool {
        let mut is_apart = false;
        for (place, (is_told, fits)) in rules.enumerate() {
            if place == self.0.len() {
                self.0.push((0, 0));
            }
            if let Some((told, fitting)) = self.0.get_mut(place) {
                *told += u32::from(is_told);
                *fitting += u32::from(fits);
            }
            is_apart |= fits;
        }
        is_apart
    }

    /// Whether most of the pairs that tell enough fit a rule. One slip in a name looks like a twin's to another; most of
    /// them do not.
    fn is_apart(&self) -> bool {
        self.0.iter().any(|(told, fitting)| 2 * fitting > *told)
    }
}

/// What a thread has settled.
#[derive(Default)]
struct Settled {
    /// Records, each with the first of its person.
    persons: Vec<(u32, u32)>,
    bridges: u64,
    memo: Memo,
}

/// The records of one connected part, in order.
fn members(part: &[Edge], statements: &Statements) -> Vec<u32> {
    let mut said: Vec<u32> = part.iter().flat_map(|edge| [edge.x, edge.y]).collect();
    said.sort_unstable();
    said.dedup();
    let records = said.iter().flat_map(|one| statements.records(*one));
    let mut members: Vec<u32> = records.copied().collect();
    members.sort_unstable();
    members
}

/// Whether in a part of so many records everybody is like everybody: then there is nothing to weigh.
fn is_whole(part: &[Edge], statements: &Statements, records: u64) -> bool {
    let edges = part.iter().map(|edge| statements.pairs(edge.x, edge.y));
    edges.sum::<u64>() == pairs_of(records)
}

/// The pairs of a part from the best down. Of two that are worth the same what they say decides, and only of two that say
/// the same when they came.
fn in_order(part: &[Edge], content: &impl Fn(u32) -> u64) -> Vec<Edge> {
    let mut part = part.to_vec();
    part.sort_by_cached_key(|edge| {
        let (x, y) = (content(edge.x), content(edge.y));
        (std::cmp::Reverse(edge.weight), x.min(y), x.max(y))
    });
    part
}

/// Makes persons of one connected part: records, each with the first of its person; and how many pairs were refused.
/// `pairs` tells the pairs of records of two statements.
fn settle<P: Iterator<Item = (u32, u32)>>(
    bridge: i32,
    mut score: impl FnMut(u32, u32, &mut Held) -> i32,
    members: &[u32],
    edges: &[Edge],
    pairs: impl Fn(&Edge) -> P,
) -> (Vec<(u32, u32)>, u64) {
    let place = |record: u32| members.binary_search(&record).unwrap_or_default();
    let mut group_of: Vec<usize> = (0..members.len()).collect();
    let mut groups: Vec<Vec<u32>> = members.iter().map(|member| vec![*member]).collect();
    let mut own = Vec::new();
    for edge in edges {
        own.clear();
        own.extend(pairs(edge));
        own.sort_unstable();
        for (a, b) in &own {
            let group = |record: u32| group_of.get(place(record)).copied().unwrap_or_default();
            let (one, other) = (group(*a), group(*b));
            if one == other {
                continue;
            }
            let (keep, give) = (one.min(other), one.max(other));
            let (Some(x), Some(y)) = (groups.get(keep), groups.get(give)) else {
                continue;
            };
            if !fits(x, y, bridge, &mut score) {
                continue;
            }
            let moved = groups.get_mut(give).map(std::mem::take).unwrap_or_default();
            for member in &moved {
                if let Some(group) = group_of.get_mut(place(*member)) {
                    *group = keep;
                }
            }
            if let Some(group) = groups.get_mut(keep) {
                group.extend(moved);
            }
        }
    }
    let group = |record: u32| group_of.get(place(record)).copied().unwrap_or_default();
    let refused = edges.iter().flat_map(pairs);
    let refused = refused.filter(|(a, b)| group(*a) != group(*b)).count();
    let mut persons = Vec::with_capacity(members.len());
    for group in groups {
        if let Some(first) = group.iter().min().copied() {
            persons.extend(group.into_iter().map(|member| (member, first)));
        }
    }
    (persons, refused as u64)
}

/// Whether two groups are one person, as all their pairs together tell.
fn fits(
    x: &[u32],
    y: &[u32],
    bridge: i32,
    score: &mut impl FnMut(u32, u32, &mut Held) -> i32,
) -> bool {
    if x.len() == 1 && y.len() == 1 {
        return true;
    }
    let step = (x.len() * y.len()).div_ceil(LOOKED_AT);
    let pairs = x.iter().flat_map(|a| y.iter().map(move |b| (*a, *b)));
    let (mut total, mut count, mut held) = (0, 0, Held::default());
    for (a, b) in pairs.step_by(step.max(1)) {
        total += i64::from(score(a, b, &mut held).clamp(-LOUDEST, LOUDEST));
        count += 1;
    }
    !held.is_apart() && total >= i64::from(bridge) * count
}
