//! From scored pairs to persons.
//!
//! Pairs are taken from the best down. Two records join at once; two groups of records, or a record and a group, join
//! only when all the pairs between them, compared or not, are worth enough in the mean: so no chain of A like B, B like
//! C makes one person of A and C who are unlike, and a weak bridge between two persons does not hold. Which group is
//! looked at first depends on what records say, never on the order in which they came.

use super::groups::Groups;
use super::pairs::{Alike, Pair};
use super::plan::Plan;
use super::run::Scoring;
use super::spread::spread;
use super::statements::{Statements, pairs_of};
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
    plan: &Plan,
    scoring: &Scoring<'_>,
    alike: &[Alike],
    threads: usize,
) -> Persons {
    let table = scoring.table;
    let statements = &table.statements;
    let content = table.contents();
    let is_edge = |one: &&Alike| one.weight >= plan.join;
    let mut groups = Groups::new(statements.count());
    for edge in alike.iter().filter(is_edge) {
        groups.unite(edge.x, edge.y);
    }
    let parts = parts(&mut groups, alike, is_edge);
    let parts: Vec<&[u32]> = parts.runs().collect();
    let done = spread(&parts, threads, |part, settled: &mut Settled| {
        let edge = |place: &u32| alike.get(*place as usize).copied();
        let part: Vec<Alike> = part.iter().filter_map(edge).collect();
        let members = members(&part, statements);
        if is_whole(&part, statements, members.len() as u64) {
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
        let edges = in_order(part, statements, &content);
        let (persons, refused) = settle(plan.bridge, score, &members, &edges);
        settled.persons.extend(persons);
        settled.refused.extend(refused);
    });
    let mut of: Vec<u32> = (0..table.len()).collect();
    let mut bridges = Vec::new();
    for Settled {
        persons, refused, ..
    } in done
    {
        for (record, person) in persons {
            if let Some(place) = of.get_mut(record as usize) {
                *place = person;
            }
        }
        bridges.extend(refused);
    }
    bridges.sort_unstable_by_key(|pair| (pair.a, pair.b));
    Persons { of, bridges }
}

/// Which statements that agree are of which connected part: their places, part by part.
struct Parts {
    places: Vec<u32>,
    /// Where each part ends.
    ends: Vec<u32>,
}

impl Parts {
    fn runs(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let each = starts
            .zip(&self.ends)
            .map(|(start, end)| start as usize..*end as usize);
        each.filter_map(|range| self.places.get(range))
            .filter(|part| !part.is_empty())
    }
}

fn parts(groups: &mut Groups, alike: &[Alike], is_edge: impl Fn(&&Alike) -> bool) -> Parts {
    let mut ends = vec![0_u32; groups.len()];
    let edges = || (0_u32..).zip(alike).filter(|(_, one)| is_edge(one));
    for (_, edge) in edges() {
        if let Some(count) = ends.get_mut(groups.root(edge.x) as usize) {
            *count += 1;
        }
    }
    let mut total = 0;
    for end in &mut ends {
        // Where each begins, till its places are filled in.
        total += std::mem::replace(end, total);
    }
    let mut places = vec![0_u32; total as usize];
    for (place, edge) in edges() {
        if let Some(next) = ends.get_mut(groups.root(edge.x) as usize)
            && let Some(slot) = places.get_mut(*next as usize)
        {
            *slot = place;
            *next += 1;
        }
    }
    Parts { places, ends }
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
    refused: Vec<Pair>,
    memo: Memo,
}

/// The records of one connected part, in order.
fn members(part: &[Alike], statements: &Statements) -> Vec<u32> {
    let mut said: Vec<u32> = part.iter().flat_map(|edge| [edge.x, edge.y]).collect();
    said.sort_unstable();
    said.dedup();
    let records = said.iter().flat_map(|one| statements.records(*one));
    let mut members: Vec<u32> = records.copied().collect();
    members.sort_unstable();
    members
}

/// Whether in a part of so many records everybody is like everybody: then there is nothing to weigh.
fn is_whole(part: &[Alike], statements: &Statements, records: u64) -> bool {
    let edges = part.iter().map(|edge| statements.pairs(edge.x, edge.y));
    edges.sum::<u64>() == pairs_of(records)
}

/// The pairs of records of a part from the best down. Of two that are worth the same what they say decides, and only of
/// two that say the same when they came.
fn in_order(
    mut part: Vec<Alike>,
    statements: &Statements,
    content: &impl Fn(u32) -> u64,
) -> Vec<Pair> {
    part.sort_by_cached_key(|edge| {
        let (x, y) = (content(edge.x), content(edge.y));
        (std::cmp::Reverse(edge.weight), x.min(y), x.max(y))
    });
    let mut edges = Vec::new();
    for edge in part {
        let start = edges.len();
        edges.extend(edge.pairs(statements));
        if let Some(own) = edges.get_mut(start..) {
            own.sort_unstable_by_key(|pair: &Pair| (pair.a, pair.b));
        }
    }
    edges
}

/// Makes persons of one connected part: records, each with the first of its person; and the pairs that were refused.
fn settle(
    bridge: i32,
    mut score: impl FnMut(u32, u32, &mut Held) -> i32,
    members: &[u32],
    edges: &[Pair],
) -> (Vec<(u32, u32)>, Vec<Pair>) {
    let place = |record: u32| members.binary_search(&record).unwrap_or_default();
    let mut group_of: Vec<usize> = (0..members.len()).collect();
    let mut groups: Vec<Vec<u32>> = members.iter().map(|member| vec![*member]).collect();
    let mut left = Vec::new();
    for edge in edges {
        let group = |record: u32| group_of.get(place(record)).copied().unwrap_or_default();
        let (one, other) = (group(edge.a), group(edge.b));
        if one == other {
            continue;
        }
        let (keep, give) = (one.min(other), one.max(other));
        let (Some(x), Some(y)) = (groups.get(keep), groups.get(give)) else {
            continue;
        };
        if !fits(x, y, bridge, &mut score) {
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
    left.retain(|edge| group(edge.a) != group(edge.b));
    let mut persons = Vec::with_capacity(members.len());
    for group in groups {
        if let Some(first) = group.iter().min().copied() {
            persons.extend(group.into_iter().map(|member| (member, first)));
        }
    }
    (persons, left)
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
