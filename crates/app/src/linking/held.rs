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
use crate::persons::{self, Known, Person, SeePerson, Subject};

/// How many threads compare: a run shares the server with those who work.
const THREADS: usize = 2;

/// What is linked.
pub(super) struct Held {
    pub(super) subjects: BTreeMap<SubjectId, Subject>,
    pub(super) known: Vec<Known>,
    pub(super) persons: Persons,
    pub(super) resources: BTreeMap<PersonId, Resource>,
    pub(super) frequencies: Frequencies,
    decided: store::Decided,
    /// The subjects that are asked about; nothing when all are. The others are there to be compared with.
    asked: Option<BTreeSet<SubjectId>>,
}

impl Linking<'_> {
    /// All that is held.
    pub(super) async fn held(&self, model: &Model) -> Result<Held, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let (resources, persons) = persons_of(self.store.all_within(&scope).await?)?;
        let subjects = persons::all_subjects(self.store, &scope).await?;
        let known = persons::all_known(self.store, &scope).await?;
        let frequencies = {
            let (records, _) = records(&known, model);
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
            decided: self.decided().await?,
            asked: None,
        })
    }

    /// What `changed` and whoever depends on it can change: whoever is bound to them, however far, and all whom those are
    /// compared with.
    pub(super) async fn held_around(
        &self,
        model: &Model,
        changed: &BTreeSet<SubjectId>,
    ) -> Result<Held, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let frequencies = store::frequencies(self.store, &scope);
        let frequencies = frequencies.instrument(trace_span!("common")).await?;
        let decided = self.decided().await?;
        let mut around = Around::default();
        let mut next = changed.clone();
        let read = self.read(&scope, &mut around, changed);
        read.instrument(trace_span!("read")).await?;
        // Whomever a correction takes from them may be waiting for that.
        let formerly = self.formerly_near(&scope, model, &around, changed);
        next.extend(formerly.instrument(trace_span!("find")).await?);
        while !next.is_empty() {
            let read = self.read(&scope, &mut around, &next);
            read.instrument(trace_span!("read")).await?;
            let near = self.near(&scope, model, &decided, &mut around, &next);
            let near = near.instrument(trace_span!("find")).await?;
            let read = self.read(&scope, &mut around, &near);
            read.instrument(trace_span!("read")).await?;
            around.asked.extend(next);
            let bound = self.bound(model, &frequencies, &around)?;
            next = bound.difference(&around.asked).copied().collect();
        }
        let Around {
            known,
            persons,
            asked,
            ..
        } = around;
        let (resources, persons) = persons_of(persons.into_values())?;
        let known: Vec<Known> = known.into_values().collect();
        let subjects = known.iter().map(|known| known.subject.clone());
        Ok(Held {
            subjects: subjects.map(|subject| (subject.id, subject)).collect(),
            known,
            persons,
            resources,
            frequencies,
            decided,
            asked: Some(asked),
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
        let ever = persons::ever_known(self.store, scope, subjects).await?;
        let ever = blocks(model, &ever);
        let lost = &ever - &blocks(model, around.known_of(subjects));
        Ok(persons::sharing(self.store, scope, &lost).await?)
    }

    /// Whoever shares a block with one of these subjects or is joined with one, by the system or by what people decided.
    /// What is told of these subjects was read before.
    async fn near(
        &self,
        scope: &Scope<SeePerson>,
        model: &Model,
        decided: &store::Decided,
        around: &mut Around,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let known = around.known_of(subjects);
        let open = known.filter(|known| !known.is_protected());
        // Whoever was found by a block before was read then.
        let blocks = &blocks(model, open) - &around.blocks;
        let mut near = persons::sharing(self.store, scope, &blocks).await?;
        around.blocks.extend(blocks);
        near.extend(subjects);
        let decisions = decided.same.iter().chain(&decided.apart);
        for (a, b) in decisions {
            if subjects.contains(a) || subjects.contains(b) {
                near.extend([*a, *b]);
            }
        }
        let of = persons::persons_of(self.store, scope, &near).await?;
        let new: BTreeSet<PersonId> = of
            .into_values()
            .filter(|id| !around.persons.contains_key(id))
            .collect();
        let new: Vec<PersonId> = new.into_iter().collect();
        for some in new.chunks(500) {
            for (resource, person) in self.store.some_within(scope, some).await? {
                near.extend(&person.members);
                around.put(resource, person)?;
            }
        }
        Ok(near)
    }

    /// What these subjects are known by, and their own persons.
    async fn read(
        &self,
        scope: &Scope<SeePerson>,
        around: &mut Around,
        near: &BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let new = near
            .iter()
            .filter(|subject| !around.known.contains_key(subject));
        let new = new.copied().collect();
        let known = persons::known_subjects(self.store, scope, &new).await?;
        let own: Vec<PersonId> = known
            .iter()
            .map(|known| known.subject.own_person)
            .filter(|id| !around.persons.contains_key(id))
            .collect();
        for some in own.chunks(500) {
            for (resource, person) in self.store.some_within(scope, some).await? {
                around.put(resource, person)?;
            }
        }
        let known = known.into_iter().map(|known| (known.subject.id, known));
        around.known.extend(known);
        Ok(())
    }

    /// Whoever is bound to those asked about.
    fn bound(
        &self,
        model: &Model,
        frequencies: &Frequencies,
        around: &Around,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let _span = trace_span!("compare").entered();
        let known: Vec<Known> = around.known.values().cloned().collect();
        let (records, _) = records(&known, model);
        let table = records.table(1)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let common = Common::As(frequencies, &digest);
        let subject = |index: RecordIndex| Some(known.get(index.0 as usize)?.subject.id);
        let mut bound = BTreeSet::new();
        let mut bind = |a: SubjectId, b: SubjectId| {
            if around.asked.contains(&a) || around.asked.contains(&b) {
                bound.extend([a, b]);
            }
        };
        for (a, b) in children::bonds(&records, &table, common)? {
            if let (Some(a), Some(b)) = (subject(a), subject(b)) {
                bind(a, b);
            }
        }
        for (_, person) in around.persons.values() {
            for a in &person.members {
                for b in person.members.range(a..).skip(1) {
                    bind(*a, *b);
                }
            }
        }
        bound.retain(|subject| around.known.contains_key(subject));
        Ok(bound)
    }

    /// What speaks for and against two subjects being one child.
    pub(super) async fn evidence(
        &self,
        model: &Model,
        (one, other): (&Known, &Known),
    ) -> Result<Evidence, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let frequencies = store::frequencies(self.store, &scope).await?;
        let (records, _) = records(&[one.clone(), other.clone()], model);
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
    fn digest(&self, column: &str, value: &str) -> String {
        let mut digest = self.store.keyed_digest("frequency", &[column, value]);
        digest.truncate(32);
        digest
    }
}

/// What was found so far around changed subjects.
#[derive(Default)]
struct Around {
    known: BTreeMap<SubjectId, Known>,
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

    fn put(&mut self, resource: Resource, person: Person) -> Result<(), LinkFault> {
        self.persons.insert(id_of(&resource)?, (resource, person));
        Ok(())
    }
}

impl Held {
    /// Whether it is all that is held.
    pub(super) const fn is_all(&self) -> bool {
        self.asked.is_none()
    }

    /// The subjects that are asked about; nothing when all are.
    pub(super) const fn asked(&self) -> Option<&BTreeSet<SubjectId>> {
        self.asked.as_ref()
    }

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

    /// Whether one of these subjects is asked about.
    pub(super) fn is_asked(&self, subjects: &BTreeSet<SubjectId>) -> bool {
        let asked = self.asked.as_ref();
        asked.is_none_or(|asked| !asked.is_disjoint(subjects))
    }

    /// Compares all, and makes clusters of it.
    pub(super) fn link(&self, linking: &Linking<'_>, model: &Model) -> Result<Linked, LinkFault> {
        let _span = trace_span!("compare").entered();
        let (records, index_of) = records(&self.known, model);
        let pair = |a: &SubjectId, b: &SubjectId| {
            let (a, b) = (*index_of.get(a)?, *index_of.get(b)?);
            Some((a.min(b), a.max(b)))
        };
        let pairs = |decided: &BTreeSet<(SubjectId, SubjectId)>| {
            decided.iter().filter_map(|(a, b)| pair(a, b)).collect()
        };
        let before = Before {
            joined: self
                .stood_together(linking)
                .iter()
                .filter_map(|(a, b)| pair(a, b))
                .collect(),
            same: pairs(&self.decided.same),
            apart: pairs(&self.decided.apart),
        };
        let digest = |column: &str, value: &str| linking.digest(column, value);
        let common = Common::As(&self.frequencies, &digest);
        let table = records.table(THREADS)?;
        Ok(children::link(&records, &table, &before, common, THREADS)?)
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

/// What is known, as it is compared, and where each subject stands in it.
fn records<'m>(
    known: &[Known],
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
        let shield = if known.is_protected() {
            Shield::Protected
        } else {
            Shield::Open
        };
        let index = records.add(SourceIndex(source), shield, known.facts());
        index_of.insert(*id, index);
    }
    (records, index_of)
}
