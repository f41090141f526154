//! From scored pairs to persons.
//!
//! Pairs are taken from the best down. Two records join at once; two groups of records, or a record and a group, join
//! only when all the pairs between them, compared or not, are worth enough in the mean: so no chain of A like B, B like
//! C makes one person of A and C who are unlike, and a weak bridge between two persons does not hold. Which group is
//! looked at first depends on what records say, never on the order in which they came.

use std::thread;

use super::plan::Plan;
use super::run::Pair;
use super::table::Table;
use super::weigh::{Comparer, Weights};

/// No single pair speaks louder for or against a group than this, in thousandths of a bit.
const LOUDEST: i64 = 12_000;
/// Between two large groups so many pairs are looked at.
const LOOKED_AT: usize = 400;

/// Which records are one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persons {
    /// For each record its person: the smallest number of a record that is the same person.
    pub of: Vec<u32>,
    /// The pairs that are good enough by themselves and were not joined, since their groups do not fit.
    pub bridges: Vec<Pair>,
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

/// Makes persons of the pairs worth `join` and more.
pub(super) fn gather(
    table: &Table,
    plan: &Plan,
    (comparer, weights): (&Comparer<'_>, &Weights),
    pairs: &[Pair],
    threads: usize,
) -> Persons {
    let edges: Vec<Pair> = pairs
        .iter()
        .filter(|pair| pair.weight >= plan.join)
        .copied()
        .collect();
    let mut groups = Groups::new(table.len());
    for edge in &edges {
        groups.unite(edge.a, edge.b);
    }
    let mut edges: Vec<(u32, Pair)> = edges
        .into_iter()
        .map(|edge| (groups.root(edge.a), edge))
        .collect();
    edges.sort_unstable_by_key(|(root, edge)| (*root, edge.a, edge.b));
    let parts: Vec<&[(u32, Pair)]> = edges.chunk_by(|a, b| a.0 == b.0).collect();
    let threads = threads.max(1);
    let share = parts.len().div_ceil(threads).max(1);
    let score = |a: u32, b: u32| {
        weights
            .weight(table, comparer.pattern(a, b), a)
            .clamp(-LOUDEST, LOUDEST)
    };
    let done: Vec<(Vec<(u32, u32)>, Vec<Pair>)> = thread::scope(|scope| {
        let running: Vec<_> = parts
            .chunks(share)
            .map(|some| {
                scope.spawn(move || {
                    let mut found = (Vec::new(), Vec::new());
                    for part in some {
                        let part: Vec<Pair> = part.iter().map(|(_, edge)| *edge).collect();
                        settle(table, plan.bridge, score, part, &mut found);
                    }
                    found
                })
            })
            .collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_default())
            .collect()
    });
    let mut of: Vec<u32> = (0..table.len()).collect();
    let mut bridges = Vec::new();
    for (members, refused) in done {
        for (record, person) in members {
            if let Some(place) = of.get_mut(record as usize) {
                *place = person;
            }
        }
        bridges.extend(refused);
    }
    bridges.sort_unstable_by_key(|pair| (pair.a, pair.b));
    Persons { of, bridges }
}

/// Makes persons of one connected part; adds who is which, and the pairs that were refused.
fn settle(
    table: &Table,
    bridge: i64,
    score: impl Fn(u32, u32) -> i64,
    mut edges: Vec<Pair>,
    (members_of, refused): &mut (Vec<(u32, u32)>, Vec<Pair>),
) {
    let mut members: Vec<u32> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
    members.sort_unstable();
    members.dedup();
    // Everybody is like everybody: nothing to weigh.
    if edges.len() == members.len() * (members.len() - 1) / 2 {
        let first = members.first().copied().unwrap_or_default();
        members_of.extend(members.into_iter().map(|member| (member, first)));
        return;
    }
    let content = |edge: &Pair| {
        let (a, b) = (table.content(edge.a), table.content(edge.b));
        (a.min(b), a.max(b))
    };
    edges.sort_by_cached_key(|edge| {
        (
            std::cmp::Reverse(edge.weight),
            content(edge),
            edge.a,
            edge.b,
        )
    });
    let place = |record: u32| members.binary_search(&record).unwrap_or_default();
    let mut group_of: Vec<usize> = (0..members.len()).collect();
    let mut groups: Vec<Vec<u32>> = members.iter().map(|member| vec![*member]).collect();
    let mut left = Vec::new();
    for edge in &edges {
        let group = |record: u32| group_of.get(place(record)).copied().unwrap_or_default();
        let (one, other) = (group(edge.a), group(edge.b));
        if one == other {
            continue;
        }
        let (keep, give) = (one.min(other), one.max(other));
        let (Some(x), Some(y)) = (groups.get(keep), groups.get(give)) else {
            continue;
        };
        if !fits(x, y, edge, bridge, &score) {
            left.push(*edge);
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
    let group = |record: u32| group_of.get(place(record)).copied().unwrap_or_default();
    refused.extend(left.iter().filter(|edge| group(edge.a) != group(edge.b)));
    for group in groups {
        if let Some(first) = group.iter().min().copied() {
            members_of.extend(group.into_iter().map(|member| (member, first)));
        }
    }
}

/// Whether two groups are one person, as all their pairs together tell.
fn fits(x: &[u32], y: &[u32], edge: &Pair, bridge: i64, score: &impl Fn(u32, u32) -> i64) -> bool {
    if x.len() == 1 && y.len() == 1 {
        return true;
    }
    let step = (x.len() * y.len()).div_ceil(LOOKED_AT);
    let pairs = x.iter().flat_map(|a| y.iter().map(move |b| (*a, *b)));
    let mut total = edge.weight.min(LOUDEST);
    let mut count = 1;
    for (a, b) in pairs.step_by(step.max(1)) {
        if (a, b) != (edge.a, edge.b) && (b, a) != (edge.a, edge.b) {
            total += score(a, b);
            count += 1;
        }
    }
    total >= bridge * count
}

/// Connected parts.
struct Groups(Vec<u32>);

impl Groups {
    fn new(records: u32) -> Self {
        Self((0..records).collect())
    }

    fn root(&mut self, mut record: u32) -> u32 {
        loop {
            let above = self.0.get(record as usize).copied().unwrap_or(record);
            if above == record {
                return record;
            }
            let higher = self.0.get(above as usize).copied().unwrap_or(above);
            if let Some(place) = self.0.get_mut(record as usize) {
                *place = higher;
            }
            record = higher;
        }
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(place) = self.0.get_mut(a.max(b) as usize) {
            *place = a.min(b);
        }
    }
}
