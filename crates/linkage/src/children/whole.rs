//! All records, part by part: whatever may change what becomes of a record hangs together with it, so that each part can be
//! linked by itself, and no more than one need be looked at.

use super::cluster::{Before, Two, link_part};
use super::comparing::{Comparing, Home};
use super::linked::Linked;
use super::model::Model;
use super::records::{RecordIndex, Records};
use crate::columns::{Common, Groups, TooManyPairs};

/// Records that hang together, and the pairs of them that are worth enough to stay together: both in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'w> {
    pub(super) members: &'w [RecordIndex],
    pub(super) pairs: &'w [Two],
}

/// All parts, in the order of their first records.
struct Whole {
    members: Vec<RecordIndex>,
    pairs: Vec<Two>,
    /// Where the members of each part end, and its pairs.
    ends: Vec<(usize, usize)>,
}

impl Whole {
    /// What hangs together by weight, by home, or by `also`.
    fn of(
        comparing: &Comparing<'_>,
        also: impl IntoIterator<Item = Two>,
        threads: usize,
    ) -> Result<Self, TooManyPairs> {
        let records = comparing.records;
        let mut pairs = comparing.pairs(threads)?;
        let mut groups = Groups::new(records.table.len());
        let at_home = at_home(comparing);
        let neighbours = at_home.windows(2).filter_map(|two| match two {
            [(home, one), (other_home, other)] if home == other_home => Some((*one, *other)),
            _ => None,
        });
        for (a, b) in pairs.iter().copied().chain(neighbours).chain(also) {
            groups.unite(a.0, b.0);
        }
        let roots: Vec<u32> = records
            .indices()
            .map(|index| groups.root(index.0))
            .collect();
        let root = |index: RecordIndex| roots.get(index.0 as usize).copied();
        let mut members: Vec<RecordIndex> = records.indices().collect();
        members.sort_unstable_by_key(|index| (root(*index), *index));
        pairs.sort_unstable_by_key(|(a, b)| (root(*a), *a, *b));
        let mut ends = Vec::new();
        let (mut end, mut pairs_end) = (0, 0);
        for part in members.chunk_by(|one, other| root(*one) == root(*other)) {
            end += part.len();
            let rest = pairs.get(pairs_end..).unwrap_or_default();
            let own = part.first().and_then(|first| root(*first));
            pairs_end += rest.partition_point(|(a, _)| root(*a) == own);
            ends.push((end, pairs_end));
        }
        Ok(Self {
            members,
            pairs,
            ends,
        })
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let starts = std::iter::once((0, 0)).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| Part {
            members: self.members.get(start.0..end.0).unwrap_or_default(),
            pairs: self.pairs.get(start.1..end.1).unwrap_or_default(),
        })
    }
}

/// The records of whom home and date of birth are told: those of one home beside one another.
fn at_home(comparing: &Comparing<'_>) -> Vec<(Home, RecordIndex)> {
    let told = comparing.records.indices();
    let told = told.filter_map(|index| Some((comparing.home(index)?, index)));
    let mut told: Vec<(Home, RecordIndex)> = told.collect();
    told.sort_unstable();
    told
}

/// Makes persons of records. `common` tells how common values are: the same frequencies give a pair the same weight, whoever
/// else is compared.
///
/// # Errors
/// [`TooManyPairs`] when the model's blocks bring too many records together.
pub fn link(
    records: &Records,
    model: &Model,
    before: &Before,
    common: Common<'_>,
    threads: usize,
) -> Result<Linked, TooManyPairs> {
    let mut comparing = Comparing::new(records, model, common);
    let whole = Whole::of(&comparing, before.same.iter().copied(), threads)?;
    let mut linked = Linked::default();
    for part in whole.parts() {
        linked.extend(link_part(&mut comparing, part, before));
    }
    linked.sort();
    Ok(linked)
}

/// For each record the person that [`link`] makes it part of, as the number of that person's first record: without what it
/// found on the way.
///
/// # Errors
/// [`TooManyPairs`] when the model's blocks bring too many records together.
pub fn persons(
    records: &Records,
    model: &Model,
    before: &Before,
    common: Common<'_>,
    threads: usize,
) -> Result<Vec<u32>, TooManyPairs> {
    let mut comparing = Comparing::new(records, model, common);
    let whole = Whole::of(&comparing, before.same.iter().copied(), threads)?;
    let mut persons: Vec<u32> = records.indices().map(|index| index.0).collect();
    for part in whole.parts() {
        let linked = link_part(&mut comparing, part, before);
        for cluster in &linked.clusters {
            let first = cluster.members.iter().min();
            for member in &cluster.members {
                if let (Some(first), Some(person)) = (first, persons.get_mut(member.0 as usize)) {
                    *person = first.0;
                }
            }
        }
    }
    Ok(persons)
}

/// All records in shares of not many more than `about`, each in order, and none hanging together with a record of another:
/// linked by itself, each comes to what [`link`] makes of all. `also` are pairs that hang together by what is not told, such
/// as that they stand joined.
///
/// # Errors
/// [`TooManyPairs`] when the model's blocks bring too many records together.
pub fn shares(
    records: &Records,
    model: &Model,
    also: impl IntoIterator<Item = Two>,
    common: Common<'_>,
    about: usize,
    threads: usize,
) -> Result<Vec<Vec<RecordIndex>>, TooManyPairs> {
    let comparing = Comparing::new(records, model, common);
    let whole = Whole::of(&comparing, also, threads)?;
    let mut shares: Vec<Vec<RecordIndex>> = Vec::new();
    for part in whole.parts() {
        match shares.last_mut() {
            Some(share) if share.len() + part.members.len() <= about => {
                share.extend_from_slice(part.members);
            }
            _ => shares.push(part.members.to_vec()),
        }
    }
    for share in &mut shares {
        share.sort_unstable();
    }
    Ok(shares)
}
