//! What is held and is linked: all of it, or as much as new and changed subjects can change.
//!
//! The spans are for measuring how long each step around a new subject takes. They name nobody.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Resource, Scope};
use clearpicture_kernel::{PersonId, SubjectId, TypedId as _};
use clearpicture_linkage::children::{
    self, Before, Evidence, Linked, Model, RecordIndex, Records, Shared, Shield, SourceIndex,
};
use clearpicture_linkage::columns::{Common, Frequencies};
use tracing::{Instrument as _, trace_span};

use super::rules::Persons;
use super::run::{LinkFault, Linking};
use super::store;
use super::types::SeeLinkDecision;
use crate::persons::{self, Described, Known, Person, SeePerson, Subject};

/// How many threads compare: a run shares the server with those who work.
pub(super) const THREADS: usize = 2;

/// What is linked.
pub(super) struct Held {
    pub(super) subjects: BTreeMap<SubjectId, Subject>,
    pub(super) known: Vec<Known>,
    pub(super) persons: Persons,
    pub(super) resources: BTreeMap<PersonId, Resource>,
    pub(super) frequencies: Frequencies,
    /// Whether it is all that is held.
    pub(super) is_all: bool,
    decided: store::Decided,
}

impl Linking<'_> {
    /// All that is held.
    pub(super) async fn held(&self, model: &Model) -> Result<Held, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let (resources, persons) = persons_of(self.store.all_within(&scope).await?)?;
        let subjects = persons::all_subjects(self.store, &scope).await?;
        let known = persons::all_known(self.store, &scope).await?;
        let frequencies = {
            let (records, _) = records(&known.iter().collect::<Vec<_>>(), model);
            let digest = |column: &str, value: &str| self.digest(column, value);
            Frequencies::of(&records.table(THREADS)?, &model.plan, &digest)
        };
        Ok(Held {
            subjects: subjects
                .into_iter()
                .map(|subject| (subject.id, subject))
                .collect(),
            known,
            persons,
            resources,
            frequencies,
            is_all: true,
            decided: self.decided().await?,
        })
    }

    /// What `changed` and whoever depends on it can change: whoever is bound to them, however far, weighed beside all whom
    /// those are compared with.
    pub(super) async fn held_around(
        &self,
        model: &Model,
        changed: &BTreeSet<SubjectId>,
        frequencies: Frequencies,
    ) -> Result<Held, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let decided = self.decided().await?;
        let mut around = Around::default();
        let read = self.read(&scope, &mut around, changed);
        read.instrument(trace_span!("read")).await?;
        // Whomever a correction takes from them may be waiting for that.
        let formerly = self.formerly_near(&scope, model, &around, changed);
        let mut next = formerly.instrument(trace_span!("find")).await?;
        next.extend(changed);
        while !next.is_empty() {
            // Whoever is joined with one of them, or was decided about with one, is asked about too.
            next.extend(decided.with(&next));
            let join = self.join(&scope, &mut around, &mut next);
            join.instrument(trace_span!("read")).await?;
            let near = self.near(&scope, model, &mut around, &next);
            let near = near.instrument(trace_span!("find")).await?;
            let describe = self.describe(&scope, &mut around, &near);
            describe.instrument(trace_span!("read")).await?;
            around.asked.extend(next);
            let bound = self.bound(model, &frequencies, &around)?;
            let bound = &(&bound | &decided.with(&around.asked)) | &around.joined();
            next = &bound - &around.asked;
        }
        // Those near are left out: whoever is not bound to one asked about changes nothing for them.
        let Around { known, persons, .. } = around;
        let known: Vec<Known> = known.into_values().collect();
        let (resources, persons) = persons_of(persons.into_values())?;
        let subjects = known.iter().map(|known| known.subject.clone());
        Ok(Held {
            subjects: subjects.map(|subject| (subject.id, subject)).collect(),
            known,
            persons,
            resources,
            frequencies,
            is_all: false,
            decided,
        })
    }

    /// Whoever shares a block with what was told of these subjects before, and not with what is told now.
    async fn formerly_near(
        &self,
        scope: &Scope<SeePerson>,
        model: &Model,
        around: &Around,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let ever = persons::corrected(self.store, scope, subjects).await?;
        let ever = blocks(model, &ever);
        let lost = &ever - &blocks(model, around.known_of(subjects));
        Ok(persons::sharing(self.store, scope, &lost).await?)
    }

    /// Adds whoever is joined with one of these subjects, and reads what they are known by, their persons and the own
    /// person of each.
    async fn join(
        &self,
        scope: &Scope<SeePerson>,
        around: &mut Around,
        subjects: &mut BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let of = persons::persons_of(self.store, scope, subjects).await?;
        let of: BTreeSet<PersonId> = of.into_values().collect();
        self.read_persons(scope, around, of.iter().copied()).await?;
        for id in &of {
            if let Some((_, person)) = around.persons.get(id) {
                subjects.extend(&person.members);
            }
        }
        self.read(scope, around, subjects).await?;
        let own = around.known_of(subjects);
        let own: Vec<PersonId> = own.map(|known| known.subject.own_person).collect();
        self.read_persons(scope, around, own).await
    }

    /// Whoever shares a block with one of these subjects, of whom it was read what is told.
    async fn near(
        &self,
        scope: &Scope<SeePerson>,
        model: &Model,
        around: &mut Around,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let known = around.known_of(subjects);
        let open = known.filter(|known| !known.is_protected());
        // Whoever was found by a block before was read then.
        let blocks = &blocks(model, open) - &around.blocks;
        let near = persons::sharing(self.store, scope, &blocks).await?;
        around.blocks.extend(blocks);
        Ok(near)
    }

    /// What these subjects are known by.
    async fn read(
        &self,
        scope: &Scope<SeePerson>,
        around: &mut Around,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let new = subjects
            .iter()
            .filter(|subject| !around.known.contains_key(subject));
        let new = new.copied().collect();
        let known = persons::known_subjects(self.store, scope, &new).await?;
        for known in known {
            around.near.remove(&known.subject.id);
            around.known.insert(known.subject.id, known);
        }
        Ok(())
    }

    /// What those found are known by who are not asked about: as much as it takes to compare them with those who are.
    async fn describe(
        &self,
        scope: &Scope<SeePerson>,
        around: &mut Around,
        near: &BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let new = near.iter().filter(|subject| {
            !around.known.contains_key(subject) && !around.near.contains_key(subject)
        });
        let new = new.copied().collect();
        let described = persons::described(self.store, scope, &new).await?;
        let described = described.into_iter().map(|one| (one.subject, one));
        around.near.extend(described);
        Ok(())
    }

    async fn read_persons(
        &self,
        scope: &Scope<SeePerson>,
        around: &mut Around,
        ids: impl IntoIterator<Item = PersonId>,
    ) -> Result<(), LinkFault> {
        let new = ids.into_iter();
        let new: BTreeSet<PersonId> = new.filter(|id| !around.persons.contains_key(id)).collect();
        let new: Vec<PersonId> = new.into_iter().collect();
        for some in new.chunks(500) {
            for (resource, person) in self.store.some_within(scope, some).await? {
                around.persons.insert(id_of(&resource)?, (resource, person));
            }
        }
        Ok(())
    }

    /// Whoever is bound by a weight or a household to those asked about.
    fn bound(
        &self,
        model: &Model,
        frequencies: &Frequencies,
        around: &Around,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let _span = trace_span!("compare").entered();
        // Who says so plays no part in what binds two subjects.
        let (mut records, mut subjects) = (Records::new(model), Vec::new());
        for known in around.known.values() {
            records.add(SourceIndex(0), shield(known.is_protected()), known.facts());
            subjects.push(known.subject.id);
        }
        for near in around.near.values() {
            records.add(SourceIndex(0), shield(near.protected), &near.facts);
            subjects.push(near.subject);
        }
        let table = records.table(1)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let common = Common::As(frequencies, &digest);
        let subject = |index: RecordIndex| subjects.get(index.0 as usize).copied();
        let bonds = children::bonds(&records, &table, common, around.known.len())?;
        let bound = bonds
            .into_iter()
            .flat_map(|(a, b)| [subject(a), subject(b)]);
        Ok(bound.flatten().collect())
    }

    /// What speaks for and against two subjects being one child.
    pub(super) async fn evidence(
        &self,
        model: &Model,
        (one, other): (&Known, &Known),
    ) -> Result<Evidence, LinkFault> {
        let frequencies = self.frequencies().await?;
        let (records, _) = records(&[one, other], model);
        let digest = |column: &str, value: &str| self.digest(column, value);
        let common = Common::As(&frequencies, &digest);
        let table = records.table(1)?;
        Ok(children::compare(
            &records,
            &table,
            common,
            RecordIndex(0),
            RecordIndex(1),
        ))
    }

    /// How common values were when that was counted last.
    pub(super) async fn frequencies(&self) -> Result<Frequencies, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let frequencies = store::frequencies(self.store, &scope);
        Ok(frequencies.instrument(trace_span!("common")).await?)
    }

    /// Whose records these two are: of two persons, or of one and the same.
    pub(super) async fn stand(
        &self,
        (a, b): (SubjectId, SubjectId),
    ) -> Result<Vec<(Resource, Person)>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let both = BTreeSet::from([a, b]);
        let of = persons::persons_of(self.store, &scope, &both).await?;
        let ids: BTreeSet<PersonId> = of.into_values().collect();
        let ids: Vec<PersonId> = ids.into_iter().collect();
        Ok(self.store.some_within(&scope, &ids).await?)
    }

    async fn decided(&self) -> Result<store::Decided, LinkFault> {
        let scope = self.scope::<SeeLinkDecision>().await?;
        Ok(store::decided(self.store, &scope).await?)
    }

    /// A value in the form in which frequencies keep it: only this deployment can make it.
    pub(super) fn digest(&self, column: &str, value: &str) -> String {
        let mut digest = self.store.keyed_digest("frequency", &[column, value]);
        digest.truncate(32);
        digest
    }
}

/// What was found so far around changed subjects.
#[derive(Default)]
struct Around {
    /// Those asked about.
    known: BTreeMap<SubjectId, Known>,
    /// The others, to be compared with those.
    near: BTreeMap<SubjectId, Described>,
    persons: BTreeMap<PersonId, (Resource, Person)>,
    asked: BTreeSet<SubjectId>,
    /// The blocks by which it was looked for others.
    blocks: BTreeSet<Vec<Shared>>,
}

impl Around {
    fn known_of<'a>(
        &'a self,
        subjects: &'a BTreeSet<SubjectId>,
    ) -> impl Iterator<Item = &'a Known> {
        let known = subjects.iter().map(|subject| self.known.get(subject));
        known.flatten()
    }

    /// Whoever is joined with one of those asked about.
    fn joined(&self) -> BTreeSet<SubjectId> {
        let persons = self.persons.values().map(|(_, person)| &person.members);
        let joined = persons.filter(|members| !members.is_disjoint(&self.asked));
        joined.flatten().copied().collect()
    }
}

impl Held {
    /// The subject behind a record's place.
    pub(super) fn subject_at(&self, index: RecordIndex) -> Option<SubjectId> {
        let known = self.known.get(index.0 as usize)?;
        Some(known.subject.id)
    }

    /// Whether decisions of people join all of these.
    pub(super) fn is_checked(&self, members: &BTreeSet<SubjectId>) -> bool {
        let mut reached: BTreeSet<SubjectId> = members.first().copied().into_iter().collect();
        loop {
            let more = self.decided.same.iter().flat_map(|(a, b)| {
                let is_on = reached.contains(a) || reached.contains(b);
                [*a, *b].into_iter().filter(move |_| is_on)
            });
            let more: BTreeSet<SubjectId> = more.filter(|one| members.contains(one)).collect();
            if more.is_subset(&reached) {
                return reached.len() == members.len();
            }
            reached.extend(more);
        }
    }

    /// What stands before records are linked, by their places.
    pub(super) fn before(
        &self,
        linking: &Linking<'_>,
        index_of: &BTreeMap<SubjectId, RecordIndex>,
    ) -> Before {
        let pair = |a: &SubjectId, b: &SubjectId| {
            let (a, b) = (*index_of.get(a)?, *index_of.get(b)?);
            Some((a.min(b), a.max(b)))
        };
        let pairs = |decided: &BTreeSet<(SubjectId, SubjectId)>| {
            decided.iter().filter_map(|(a, b)| pair(a, b)).collect()
        };
        Before {
            joined: self
                .stood_together(linking)
                .iter()
                .filter_map(|(a, b)| pair(a, b))
                .collect(),
            same: pairs(&self.decided.same),
            apart: pairs(&self.decided.apart),
        }
    }

    /// Compares all, and makes clusters of it.
    pub(super) fn link(&self, linking: &Linking<'_>, model: &Model) -> Result<Linked, LinkFault> {
        let _span = trace_span!("compare").entered();
        let (records, index_of) = records(&self.known.iter().collect::<Vec<_>>(), model);
        let before = self.before(linking, &index_of);
        let digest = |column: &str, value: &str| linking.digest(column, value);
        let common = Common::As(&self.frequencies, &digest);
        let threads = if self.is_all { THREADS } else { 1 };
        let table = records.table(threads)?;
        Ok(children::link(&records, &table, &before, common, threads)?)
    }
}

impl Held {
    /// The pairs that stood joined, which part only at a lower weight than they join at. Where a decision is taken back,
    /// those of the persons that it made or parted as they stood before it: what a person's word alone held together
    /// does not stay for having been together.
    fn stood_together(&self, linking: &Linking<'_>) -> BTreeSet<(SubjectId, SubjectId)> {
        let before = linking.decided.map_or(&[][..], |decided| &decided.before);
        let taken_back: BTreeSet<SubjectId> = before.iter().flatten().copied().collect();
        let clusters = self.persons.clusters();
        let stand = clusters
            .iter()
            .map(|cluster| &cluster.members)
            .filter(|members| members.is_disjoint(&taken_back));
        let mut pairs = BTreeSet::new();
        for members in stand.chain(before) {
            for a in members {
                pairs.extend(members.range(a..).skip(1).map(|b| (*a, *b)));
            }
        }
        pairs
    }
}

/// What these must share with others to be compared with them.
fn blocks<'a>(model: &Model, all: impl IntoIterator<Item = &'a Known>) -> BTreeSet<Vec<Shared>> {
    let all = all.into_iter();
    all.flat_map(|known| model.shared(known.facts())).collect()
}

fn id_of(resource: &Resource) -> Result<PersonId, LinkFault> {
    PersonId::parse(resource.id.as_str()).map_err(|error| LinkFault::Own(error.to_string()))
}

/// Persons by their ids, with what a decision about each needs.
fn persons_of(
    all: impl IntoIterator<Item = (Resource, Person)>,
) -> Result<(BTreeMap<PersonId, Resource>, Persons), LinkFault> {
    let mut resources = BTreeMap::new();
    let mut standing = Vec::new();
    for (resource, person) in all {
        let id = id_of(&resource)?;
        resources.insert(id, resource);
        standing.push((id, person));
    }
    Ok((resources, Persons::standing(standing)))
}

const fn shield(protected: bool) -> Shield {
    match protected {
        true => Shield::Protected,
        false => Shield::Open,
    }
}

/// What is known, as it is compared, and where each subject stands in it.
pub(super) fn records<'m>(
    known: &[&Known],
    model: &'m Model,
) -> (Records<'m>, BTreeMap<SubjectId, RecordIndex>) {
    let mut records = Records::new(model);
    let mut sources: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut index_of = BTreeMap::new();
    for known in known {
        let next = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let Subject {
            id, agency, scheme, ..
        } = &known.subject;
        let source = *sources
            .entry((agency.to_string(), scheme.to_string()))
            .or_insert(next);
        let shield = shield(known.is_protected());
        let index = records.add(SourceIndex(source), shield, known.facts());
        index_of.insert(*id, index);
    }
    (records, index_of)
}
