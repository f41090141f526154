//! Clusters: from pairs to persons.
//!
//! Chains make false persons: A is like B, B like C, and C is someone else. So a pair of two sources joins only when
//! each record is the other's one best candidate in that source; nothing is chosen between equals, and a cluster that
//! holds two children of one source, or a pair that the rules hold apart, is taken apart at its weakest joins.
//! No step looks at the order of records, so that the same records always give the same persons.

use std::collections::{BTreeMap, BTreeSet};

use super::comparing::Comparing;
use super::households::{Households, Ruling, has_other_candidate};
use super::linked::{Attention, Cluster, Evidence, Held, HeldApart, Linked, Standing};
use super::model::Model;
use super::records::{RecordIndex, Records};
use super::whole::Part;
use crate::columns::{Common, TooManyPairs};
use crate::level::Level;

/// Two records, the earlier first.
pub(super) type Two = (RecordIndex, RecordIndex);

/// What stands before records are linked: pairs, the earlier record first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// Joined by an earlier run: they part only below the model's lower threshold.
    pub joined: BTreeSet<Two>,
    /// A person said that they are one child: they join, whatever speaks against it.
    pub same: BTreeSet<Two>,
    /// A person said that they are not: they never do, whatever speaks for it.
    pub apart: BTreeSet<Two>,
}

impl Before {
    /// What of it is about two of these.
    fn among(&self, members: &[RecordIndex]) -> Self {
        let of = |all: &BTreeSet<Two>| {
            let from = |a: RecordIndex| all.range((a, a)..=(a, RecordIndex(u32::MAX))).copied();
            let pairs = members.iter().flat_map(|a| from(*a));
            pairs
                .filter(|(_, b)| members.binary_search(b).is_ok())
                .collect()
        };
        Self {
            joined: of(&self.joined),
            same: of(&self.same),
            apart: of(&self.apart),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    a: RecordIndex,
    b: RecordIndex,
    weight: i32,
    attention: Option<Attention>,
}

/// The weight of what a person decided.
const DECIDED: i32 = i32::MAX;

/// Makes persons of records that hang together, by themselves.
pub(super) fn link_part(comparing: &mut Comparing<'_>, part: Part<'_>, before: &Before) -> Linked {
    let before = before.among(part.members);
    let sorted = sort_out(comparing, part, &before);
    gather(comparing, part.members, &before, sorted)
}

/// The pairs of one of the first `asked` records and any other on which what becomes of either may depend: those whose
/// weight is enough to stay together, and those born on one day at one place. Whatever is not bound to a record, however
/// far, does not change what becomes of it.
///
/// # Errors
/// [`TooManyPairs`] when the model's blocks bring too many records together.
pub fn bonds(
    records: &Records,
    model: &Model,
    common: Common<'_>,
    asked: usize,
) -> Result<BTreeSet<Two>, TooManyPairs> {
    let mut comparing = Comparing::new(records, model, common);
    let is_asked = |index: RecordIndex| (index.0 as usize) < asked;
    let mut bonds = comparing.pairs_with(is_asked)?;
    let households = Households::of(records.indices(), &mut comparing);
    let together = households.together();
    bonds.extend(together.filter(|(a, b)| is_asked(*a) || is_asked(*b)));
    Ok(bonds)
}

/// What speaks for and against two records being one child.
pub fn compare(
    records: &Records,
    model: &Model,
    common: Common<'_>,
    a: RecordIndex,
    b: RecordIndex,
) -> Evidence {
    Comparing::new(records, model, common).evidence(a, b)
}

/// Of records beside the first those that are worth enough to be the same child, with what that is worth in thousandths of
/// a bit: whoever stays with somebody once joined, and whoever would join. Nothing holds any of them apart.
pub fn likely(records: &Records, model: &Model, common: Common<'_>) -> Vec<(RecordIndex, i32)> {
    let mut comparing = Comparing::new(records, model, common);
    let mut each = records.indices();
    let Some(first) = each.next() else {
        return Vec::new();
    };
    let weighed = each.map(|other| (other, comparing.seen(first, other).weight));
    weighed
        .filter(|(_, weight)| *weight >= model.part)
        .collect()
}

fn gather(
    comparing: &mut Comparing<'_>,
    members: &[RecordIndex],
    before: &Before,
    mut sorted: Sorted,
) -> Linked {
    let records = comparing.records;
    let all: BTreeSet<RecordIndex> = members.iter().copied().collect();
    let groups = groups(&all, &sorted.within);
    let (joined, passed_over) = mutual_best(records, &groups, &sorted.across);
    let edges: Vec<Edge> = sorted.within.iter().chain(&joined).copied().collect();
    let mut linked = Linked::default();
    let mut waiting: Vec<Piece> = components(&all, &edges)
        .into_iter()
        .map(|(members, edges)| Piece {
            members,
            edges,
            undone: None,
        })
        .collect();
    while let Some(part) = waiting.pop() {
        if !part.edges.is_empty()
            && is_contradictory(comparing, &groups, &sorted.apart, before, &part.members)
        {
            waiting.extend(part.undo_weakest(&mut sorted.held));
            continue;
        }
        let Piece {
            members,
            edges,
            undone,
        } = part;
        let mut reasons: BTreeSet<Attention> =
            edges.iter().filter_map(|edge| edge.attention).collect();
        reasons.extend(undone);
        let doubted = edges.iter();
        linked
            .doubted
            .extend(doubted.filter_map(|edge| Some((edge.a, edge.b, edge.attention?))));
        for (a, b) in pairs_of(&members) {
            let evidence = comparing.evidence(a, b);
            if evidence.weight < comparing.prior() && !before.same.contains(&(a, b)) {
                reasons.insert(Attention::Strained);
                linked.doubted.push((a, b, Attention::Strained));
            }
            linked.joined.push(evidence);
        }
        linked.clusters.push(Cluster {
            members: members.into_iter().collect(),
            standing: if reasons.is_empty() {
                Standing::Settled
            } else {
                Standing::NeedsAttention(reasons)
            },
        });
    }
    sorted.held.extend(passed_over);
    let sources = Sources::of(&linked.clusters);
    let held = sorted.held.into_iter();
    linked.held_apart = held
        .filter(|((a, b), because)| !because.gives_way() || !sources.are_settled(records, *a, *b))
        .map(|((a, b), because)| HeldApart {
            evidence: comparing.evidence(a, b),
            because,
        })
        .collect();
    linked
}

/// The sources that tell of each record's person.
struct Sources<'l>(BTreeMap<RecordIndex, &'l [RecordIndex]>);

impl<'l> Sources<'l> {
    fn of(clusters: &'l [Cluster]) -> Self {
        let each = clusters.iter().flat_map(|cluster| {
            let members = cluster.members.as_slice();
            members.iter().map(move |member| (*member, members))
        });
        Self(each.collect())
    }

    /// Whether each of the two is joined with a record of the other's source: then they are no question to anybody.
    fn are_settled(&self, records: &Records, a: RecordIndex, b: RecordIndex) -> bool {
        let has = |one: RecordIndex, other: RecordIndex| {
            let members = self.0.get(&one).copied().unwrap_or_default();
            members
                .iter()
                .any(|member| records.source(*member) == records.source(other))
        };
        has(a, b) && has(b, a)
    }
}

/// Records that hang together by edges.
struct Piece {
    members: BTreeSet<RecordIndex>,
    edges: Vec<Edge>,
    /// Why edges were undone.
    undone: Option<Attention>,
}

impl Piece {
    /// What is left without the weakest edges.
    fn undo_weakest(self, held: &mut BTreeMap<Two, Held>) -> impl Iterator<Item = Self> {
        let weakest = self.edges.iter().map(|edge| edge.weight).min();
        let (undo, keep): (Vec<Edge>, Vec<Edge>) = self
            .edges
            .into_iter()
            .partition(|edge| Some(edge.weight) == weakest);
        // Nothing but decisions is left, and they contradict one another: nobody is joined by them.
        let (because, undone) = match weakest {
            Some(DECIDED) => (Held::DecisionsConflict, Attention::DecisionsConflict),
            _ => (Held::Contradiction, Attention::Contradiction),
        };
        for edge in undo {
            held.insert((edge.a, edge.b), because);
        }
        let parts = components(&self.members, &keep);
        parts.into_iter().map(move |(members, edges)| Self {
            members,
            edges,
            undone: Some(undone),
        })
    }
}

/// The pairs by what may become of them.
#[derive(Default)]
struct Sorted {
    within: Vec<Edge>,
    across: Vec<Edge>,
    apart: BTreeSet<Two>,
    held: BTreeMap<Two, Held>,
}

impl Sorted {
    fn put(&mut self, records: &Records, edge: Edge) {
        if records.source(edge.a) == records.source(edge.b) {
            self.within.push(edge);
        } else {
            self.across.push(edge);
        }
    }
}

fn sort_out(comparing: &mut Comparing<'_>, part: Part<'_>, before: &Before) -> Sorted {
    let records = comparing.records;
    let households = Households::of(part.members.iter().copied(), comparing);
    let mut sorted = Sorted {
        // Those that share no block are held apart too, or a third record could bring them together.
        apart: before.apart.clone(),
        ..Sorted::default()
    };
    for (a, b) in &before.same {
        let edge = Edge {
            a: *a,
            b: *b,
            weight: DECIDED,
            attention: None,
        };
        sorted.put(records, edge);
    }
    for (a, b) in part.pairs.iter().copied() {
        if before.same.contains(&(a, b)) {
            continue;
        }
        if before.apart.contains(&(a, b)) {
            sorted.held.insert((a, b), Held::Decided);
            continue;
        }
        let seen = comparing.seen(a, b);
        let enough = match before.joined.contains(&(a, b)) {
            true => comparing.model.part,
            false => comparing.model.plan.join,
        };
        if seen.weight < enough {
            continue;
        }
        let attention = match households.ruling((a, b), &seen, comparing) {
            Ruling::Apart(because) => {
                sorted.apart.insert((a, b));
                sorted.held.insert((a, b), because);
                continue;
            }
            Ruling::Join => None,
            Ruling::Attend(attention) => Some(attention),
        };
        let edge = Edge {
            a,
            b,
            weight: seen.weight,
            attention,
        };
        sorted.put(records, edge);
    }
    let candidates = candidates(&sorted.across);
    let (give_way, across): (Vec<Edge>, Vec<Edge>) = std::mem::take(&mut sorted.across)
        .into_iter()
        .partition(|edge| {
            edge.attention == Some(Attention::OnlyCandidate)
                && (has_other_candidate(&candidates, records, edge.a, edge.b)
                    || has_other_candidate(&candidates, records, edge.b, edge.a))
        });
    sorted.across = across;
    for edge in give_way {
        sorted.apart.insert((edge.a, edge.b));
        sorted.held.insert((edge.a, edge.b), Held::OtherCandidate);
    }
    sorted
}

fn candidates(edges: &[Edge]) -> BTreeMap<RecordIndex, Vec<RecordIndex>> {
    let mut candidates: BTreeMap<RecordIndex, Vec<RecordIndex>> = BTreeMap::new();
    for edge in edges {
        candidates.entry(edge.a).or_default().push(edge.b);
        candidates.entry(edge.b).or_default().push(edge.a);
    }
    candidates
}

/// For each record the first record of its source that is the same child: itself, unless it is there twice.
fn groups(all: &BTreeSet<RecordIndex>, within: &[Edge]) -> BTreeMap<RecordIndex, RecordIndex> {
    let mut groups = BTreeMap::new();
    for (members, _) in components(all, within) {
        if let Some(first) = members.first().copied() {
            groups.extend(members.into_iter().map(|member| (member, first)));
        }
    }
    groups
}

/// The joins in which each side is the other's one best candidate in that source; and the pairs passed over.
fn mutual_best(
    records: &Records,
    groups: &BTreeMap<RecordIndex, RecordIndex>,
    across: &[Edge],
) -> (Vec<Edge>, Vec<(Two, Held)>) {
    let group = |index: RecordIndex| groups.get(&index).copied().unwrap_or(index);
    let source = |index: RecordIndex| records.source(index);
    // For each group and other source: the best weight, and the groups that have it.
    let mut best: BTreeMap<_, (i32, BTreeSet<RecordIndex>)> = BTreeMap::new();
    for edge in across {
        for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
            let entry = best
                .entry((group(from), source(to)))
                .or_insert((edge.weight, BTreeSet::new()));
            if edge.weight > entry.0 {
                *entry = (edge.weight, BTreeSet::new());
            }
            if edge.weight == entry.0 {
                entry.1.insert(group(to));
            }
        }
    }
    let is_best = |from: RecordIndex, to: RecordIndex| {
        best.get(&(group(from), source(to)))
            .is_some_and(|(_, groups)| groups.len() == 1 && groups.contains(&group(to)))
    };
    let (joined, passed): (Vec<Edge>, Vec<Edge>) = across
        .iter()
        .partition(|edge| is_best(edge.a, edge.b) && is_best(edge.b, edge.a));
    let partnered: BTreeSet<_> = joined
        .iter()
        .flat_map(|edge| {
            [
                (group(edge.a), source(edge.b)),
                (group(edge.b), source(edge.a)),
            ]
        })
        .collect();
    // A pair both of whose sides found a better one is no question to anybody.
    let passed_over = passed
        .iter()
        .filter(|edge| {
            !partnered.contains(&(group(edge.a), source(edge.b)))
                || !partnered.contains(&(group(edge.b), source(edge.a)))
        })
        .map(|edge| ((edge.a, edge.b), Held::OtherCandidate))
        .collect();
    (joined, passed_over)
}

/// Whether a cluster holds two children of one source, two records that the rules hold apart, or two whose shared
/// numbers differ, however they came together.
fn is_contradictory(
    comparing: &mut Comparing<'_>,
    groups: &BTreeMap<RecordIndex, RecordIndex>,
    apart: &BTreeSet<Two>,
    before: &Before,
    members: &BTreeSet<RecordIndex>,
) -> bool {
    let records = comparing.records;
    let mut child_of = BTreeMap::new();
    let two_children = members.iter().any(|member| {
        let child = groups.get(member);
        *child_of.entry(records.source(*member)).or_insert(child) != child
    });
    two_children
        || pairs_of(members).any(|(a, b)| {
            apart.contains(&(a, b))
                || (!before.same.contains(&(a, b))
                    && comparing.seen(a, b).identifier == Level::Different)
        })
}

/// Each two of the members, the earlier first.
fn pairs_of(members: &BTreeSet<RecordIndex>) -> impl Iterator<Item = Two> {
    members
        .iter()
        .flat_map(|a| members.range(a..).skip(1).map(|b| (*a, *b)))
}

/// The connected parts, each with its edges.
fn components(
    nodes: &BTreeSet<RecordIndex>,
    edges: &[Edge],
) -> Vec<(BTreeSet<RecordIndex>, Vec<Edge>)> {
    let mut neighbours: BTreeMap<RecordIndex, Vec<&Edge>> = BTreeMap::new();
    for edge in edges {
        neighbours.entry(edge.a).or_default().push(edge);
        neighbours.entry(edge.b).or_default().push(edge);
    }
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    for start in nodes {
        if !seen.insert(*start) {
            continue;
        }
        let (mut members, mut inside, mut next) = (BTreeSet::new(), Vec::new(), vec![*start]);
        while let Some(node) = next.pop() {
            members.insert(node);
            for edge in neighbours.get(&node).into_iter().flatten() {
                if edge.a == node {
                    inside.push(**edge);
                }
                next.extend([edge.a, edge.b].into_iter().filter(|end| seen.insert(*end)));
            }
        }
        parts.push((members, inside));
    }
    parts
}
