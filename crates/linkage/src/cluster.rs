//! Clusters: from pairs to persons.
//!
//! Chains make false persons: A is like B, B like C, and C is someone else. So a pair of two sources joins only when
//! each record is the other's one best candidate in that source; nothing is chosen between equals, and a cluster that
//! holds two children of one source, or a pair that the rules hold apart, is taken apart at its weakest joins.
//! No step looks at the order of records, so that the same records always give the same persons.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::ScoredPair;
use crate::linked::{Attention, Cluster, Held, HeldApart, Linked, Standing};
use crate::model::Model;
use crate::record::{RecordIndex, Records};
use crate::siblings::{Households, Ruling, has_other_candidate};

#[derive(Debug, Clone, Copy)]
struct Edge {
    a: RecordIndex,
    b: RecordIndex,
    weight: i64,
    attention: Option<Attention>,
}

/// Makes persons of scored pairs. `before` holds the pairs (earlier record first) that stand joined by an earlier run:
/// they part only below the model's lower threshold. `decided` holds the pairs of which a person said that they are not
/// one child: they never join, whatever speaks for it.
pub fn cluster(
    records: &Records,
    pairs: &[ScoredPair],
    before: &BTreeSet<(RecordIndex, RecordIndex)>,
    decided: &BTreeSet<(RecordIndex, RecordIndex)>,
    model: &Model,
) -> Linked {
    let mut sorted = sort_out(records, pairs, before, decided, model);
    let groups = groups(records, &sorted.within);
    let (joined, passed_over) = mutual_best(records, &groups, &sorted.across);
    let edges: Vec<Edge> = sorted.within.iter().chain(&joined).copied().collect();
    let nodes: BTreeSet<RecordIndex> = records.all().iter().map(|record| record.index).collect();

    let mut clusters = Vec::new();
    let mut waiting: Vec<(BTreeSet<RecordIndex>, Vec<Edge>, bool)> = components(&nodes, &edges)
        .into_iter()
        .map(|(members, edges)| (members, edges, false))
        .collect();
    while let Some((members, edges, undone)) = waiting.pop() {
        if !edges.is_empty() && is_contradictory(records, &groups, &sorted.apart, &members) {
            let weakest = edges.iter().map(|edge| edge.weight).min();
            let (undo, keep): (Vec<Edge>, Vec<Edge>) = edges
                .into_iter()
                .partition(|edge| Some(edge.weight) == weakest);
            sorted
                .held
                .extend(undo.iter().map(|edge| held(edge, Held::Contradiction)));
            let parts = components(&members, &keep);
            waiting.extend(
                parts
                    .into_iter()
                    .map(|(members, edges)| (members, edges, true)),
            );
            continue;
        }
        let mut reasons: BTreeSet<Attention> =
            edges.iter().filter_map(|edge| edge.attention).collect();
        if undone {
            reasons.insert(Attention::Contradiction);
        }
        if any_pair(&members, &sorted.against) {
            reasons.insert(Attention::Strained);
        }
        clusters.push(Cluster {
            members: members.into_iter().collect(),
            standing: if reasons.is_empty() {
                Standing::Settled
            } else {
                Standing::NeedsAttention(reasons)
            },
        });
    }
    sorted.held.extend(passed_over);
    clusters.sort();
    sorted.held.sort();
    sorted.held.dedup();
    Linked {
        clusters,
        held_apart: sorted.held,
    }
}

/// The pairs by what may become of them.
#[derive(Default)]
struct Sorted {
    within: Vec<Edge>,
    across: Vec<Edge>,
    apart: BTreeSet<(RecordIndex, RecordIndex)>,
    against: BTreeSet<(RecordIndex, RecordIndex)>,
    held: Vec<HeldApart>,
}

fn sort_out(
    records: &Records,
    pairs: &[ScoredPair],
    before: &BTreeSet<(RecordIndex, RecordIndex)>,
    decided: &BTreeSet<(RecordIndex, RecordIndex)>,
    model: &Model,
) -> Sorted {
    let households = Households::of(records);
    let mut sorted = Sorted {
        // Those that share no block are held apart too, or a third record could bring them together.
        apart: decided.clone(),
        ..Sorted::default()
    };
    for pair in pairs {
        let (a, b, weight) = (pair.a, pair.b, pair.weight);
        if decided.contains(&(a, b)) {
            sorted.held.push(HeldApart {
                a,
                b,
                because: Held::Decided,
            });
            continue;
        }
        let enough = if before.contains(&(a, b)) {
            model.part
        } else {
            model.join
        };
        if weight < enough {
            if weight < model.part {
                sorted.against.insert((a, b));
            }
            continue;
        }
        let attention = match households.ruling(pair, model) {
            Ruling::Apart(because) => {
                sorted.apart.insert((a, b));
                sorted.held.push(HeldApart { a, b, because });
                continue;
            }
            Ruling::Join => None,
            Ruling::Attend(attention) => Some(attention),
        };
        let edge = Edge {
            a,
            b,
            weight,
            attention,
        };
        if is_one_source(records, a, b) {
            sorted.within.push(edge);
        } else {
            sorted.across.push(edge);
        }
    }
    let candidates = candidates(&sorted.across);
    let (give_way, across) = sorted.across.into_iter().partition(|edge| {
        edge.attention == Some(Attention::OnlyCandidate)
            && (has_other_candidate(&candidates, records, edge.a, edge.b)
                || has_other_candidate(&candidates, records, edge.b, edge.a))
    });
    sorted.across = across;
    let give_way: Vec<Edge> = give_way;
    for edge in &give_way {
        sorted.apart.insert((edge.a, edge.b));
        sorted.held.push(held(edge, Held::OtherCandidate));
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

fn held(edge: &Edge, because: Held) -> HeldApart {
    HeldApart {
        a: edge.a,
        b: edge.b,
        because,
    }
}

fn is_one_source(records: &Records, a: RecordIndex, b: RecordIndex) -> bool {
    let source = |index| records.get(index).map(|record| record.source);
    source(a) == source(b)
}

/// For each record the first record of its source that is the same child: itself, unless it is there twice.
fn groups(records: &Records, within: &[Edge]) -> BTreeMap<RecordIndex, RecordIndex> {
    let nodes = records.all().iter().map(|record| record.index).collect();
    let mut groups = BTreeMap::new();
    for (members, _) in components(&nodes, within) {
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
) -> (Vec<Edge>, Vec<HeldApart>) {
    let group = |index: RecordIndex| groups.get(&index).copied().unwrap_or(index);
    let source = |index: RecordIndex| records.get(index).map(|record| record.source);
    // For each group and other source: the best weight, and the groups that have it.
    let mut best: BTreeMap<_, (i64, BTreeSet<RecordIndex>)> = BTreeMap::new();
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
        .map(|edge| held(edge, Held::OtherCandidate))
        .collect();
    (joined, passed_over)
}

/// Whether a cluster holds two children of one source, or two records that the rules hold apart.
fn is_contradictory(
    records: &Records,
    groups: &BTreeMap<RecordIndex, RecordIndex>,
    apart: &BTreeSet<(RecordIndex, RecordIndex)>,
    members: &BTreeSet<RecordIndex>,
) -> bool {
    let mut child_of = BTreeMap::new();
    let two_children = members.iter().any(|member| {
        let source = records.get(*member).map(|record| record.source);
        let child = groups.get(member);
        *child_of.entry(source).or_insert(child) != child
    });
    two_children || any_pair(members, apart)
}

/// Whether two of the members are one of the pairs.
fn any_pair(members: &BTreeSet<RecordIndex>, pairs: &BTreeSet<(RecordIndex, RecordIndex)>) -> bool {
    members
        .iter()
        .any(|a| members.iter().any(|b| a < b && pairs.contains(&(*a, *b))))
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
