//! From scored pairs to persons: as many connected parts of records at a time as there is room for, each
//! [settled](super::settle) by itself.

use std::io;
use std::ops::Range;

use super::groups::Groups;
use super::kept::Kept;
use super::pairs::between;
use super::plan::Plan;
use super::run::Scoring;
use super::settle::Settling;
use super::spread::spread;
use super::statements::{Statements, pairs_of};
use super::table::Table;
use super::weigh::Memo;

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

    /// How many persons have more records than this.
    pub fn larger_than(&self, records: usize) -> usize {
        let mut counts = vec![0_usize; self.of.len()];
        for person in &self.of {
            if let Some(count) = counts.get_mut(*person as usize) {
                *count += 1;
            }
        }
        counts.into_iter().filter(|count| *count > records).count()
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
            let is_whole = || is_whole(part, statements, members.len() as u64);
            if !scoring.rules().know_sources() && is_whole() {
                let first = members.first().copied().unwrap_or_default();
                let all = members.into_iter().map(|member| (member, first));
                settled.persons.extend(all);
                return;
            }
            let edges = in_order(part, &content);
            settled.settle(plan.bridge, scoring, &members, &edges);
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

impl Settled {
    /// Makes persons of the records of one connected part, whose pairs come from the best down.
    fn settle(&mut self, bridge: i32, scoring: &Scoring<'_>, members: &[u32], edges: &[Edge]) {
        let statements = &scoring.table.statements;
        let pairs = |edge: &Edge| between(statements, edge.x, edge.y);
        let mut own = Vec::new();
        let mut settling = Settling::new(scoring, &mut self.memo, bridge, members);
        if scoring.rules().know_sources() {
            for edge in edges {
                pairs(edge).for_each(|(a, b)| settling.look_around(a, b, edge.weight));
            }
        }
        for edge in edges {
            own.clear();
            own.extend(pairs(edge));
            own.sort_unstable();
            for (a, b) in &own {
                settling.meet(*a, *b, edge.weight);
            }
        }
        let refused = edges.iter().flat_map(pairs);
        self.bridges += refused.filter(|(a, b)| !settling.are_one(*a, *b)).count() as u64;
        self.persons.extend(settling.persons());
    }
}
