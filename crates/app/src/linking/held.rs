//! What is linked at once: as much as new and changed subjects can change, or one share of all.
//!
//! The spans are for measuring how long each step around a new subject takes. They name nobody.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Resource, Scope};
use clearpicture_kernel::{AgencyId, Code, PersonId, SubjectId, TypedId as _};
use clearpicture_linkage::children::{
    self, Before, Evidence, Linked, Model, RecordIndex, Records, RecordsBuilder, Shared, Shield,
    SourceIndex,
};
use clearpicture_linkage::columns::{Common, Frequencies};
use tracing::{Instrument as _, trace_span};

use super::rules::Persons;
use super::run::{LinkFault, Linking};
use super::store;
use super::types::SeeLinkDecision;
use crate::persons::{self, Described, Known, Person, SeePerson, Subject};

/// What is linked.
pub(super) struct Held<'f> {
    pub(super) subjects: BTreeMap<SubjectId, Subject>,
    pub(super) known: Vec<Known>,
    pub(super) persons: Persons,
    pub(super) resources: BTreeMap<PersonId, Resource>,
    pub(super) frequencies: &'f Frequencies,
    decided: store::Decided,
}

impl Linking<'_> {
    /// These, on whom nobody else depended a moment ago: see [`LaidOut::into_shares`](super::laid::LaidOut::into_shares).
    pub(super) async fn held_share<'f>(
        &self,
        model: &Model,
        share: &BTreeSet<SubjectId>,
        frequencies: &'f Frequencies,
    ) -> Result<Held<'f>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let (mut around, mut found) = (Around::default(), share.clone());
        self.join(&scope, &mut around, &mut found).await?;
        self.decided(&mut around, share).await?;
        found.extend(around.decided.with(share));
        // Somebody who came since, or was decided about, may bring others.
        match found == *share {
            true => around.held(frequencies),
            false => self.held_around(model, share, frequencies).await,
        }
    }

    /// What `changed` and whoever depends on it can change: whoever is bound to them, however far, weighed beside all whom
    /// those are compared with.
    pub(super) async fn held_around<'f>(
        &self,
        model: &Model,
        changed: &BTreeSet<SubjectId>,
        frequencies: &'f Frequencies,
    ) -> Result<Held<'f>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let mut around = Around::default();
        let read = self.read(&scope, &mut around, changed);
        read.instrument(trace_span!("read")).await?;
        // Whomever a correction takes from them may be waiting for that.
        let formerly = self.formerly_near(&scope, model, &around, changed);
        let mut next = formerly.instrument(trace_span!("find")).await?;
        next.extend(changed);
        while !next.is_empty() {
            // Whoever is joined with one of them is asked about too, and whoever was decided about with one.
            let join = self.join(&scope, &mut around, &mut next);
            join.instrument(trace_span!("read")).await?;
            let near = self.near(&scope, model, &mut around, &next);
            let near = near.instrument(trace_span!("find")).await?;
            let describe = self.describe(&scope, &mut around, &near);
            describe.instrument(trace_span!("read")).await?;
            self.decided(&mut around, &next).await?;
            around.asked.extend(next);
            let bound = self.bound(model, frequencies, &around)?;
            let bound = &(&bound | &around.decided.with(&around.asked)) | &around.joined();
            next = &bound - &around.asked;
        }
        // Those near are left out: whoever is not bound to one asked about changes nothing for them.
        around.held(frequencies)
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
        let (mut records, mut subjects) = (RecordsBuilder::new(model)?, Vec::new());
        for known in around.known.values() {
            records.add(SourceIndex(0), shield(known.is_protected()), known.facts())?;
            subjects.push(known.subject.id);
        }
        for near in around.near.values() {
            records.add(SourceIndex(0), shield(near.protected), &near.facts)?;
            subjects.push(near.subject);
        }
        let records = records.finish(1)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let common = Common::As(frequencies, &digest);
        let subject = |index: RecordIndex| subjects.get(index.0 as usize).copied();
        let bonds = children::bonds(&records, model, common, around.known.len())?;
        let bound = bonds
            .into_iter()
            .flat_map(|(a, b)| [subject(a), subject(b)]);
        Ok(bound.flatten().collect())
    }

    /// What speaks for and against two subjects being one child.
    pub(super) async fn evidence(
        &self,
        model: &Model,
        pair: (&Known, &Known),
    ) -> Result<Evidence, LinkFault> {
        let frequencies = self.frequencies().await?;
        self.weighed(model, &frequencies, pair)
    }

    /// The same, as common as values were counted to be.
    pub(super) fn weighed(
        &self,
        model: &Model,
        frequencies: &Frequencies,
        (one, other): (&Known, &Known),
    ) -> Result<Evidence, LinkFault> {
        // Whoever may look at both sees what speaks for them, were one of them protected.
        let mut records = RecordsBuilder::new(model)?;
        for (source, known) in [(SourceIndex(0), one), (SourceIndex(1), other)] {
            records.add(source, Shield::Open, known.facts())?;
        }
        let records = records.finish(1)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let common = Common::As(frequencies, &digest);
        Ok(children::compare(
            &records,
            model,
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

    /// Adds what was decided about these.
    async fn decided(
        &self,
        around: &mut Around,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let scope = self.scope::<SeeLinkDecision>().await?;
        let about = store::Decisions::about(self.store, &scope, subjects).await?;
        around.decided.extend(about);
        Ok(())
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
    decided: store::Decisions,
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

    /// Those asked about, as they are linked.
    fn held(self, frequencies: &Frequencies) -> Result<Held<'_>, LinkFault> {
        let known: Vec<Known> = self.known.into_values().collect();
        let (resources, persons) = persons_of(self.persons.into_values())?;
        let subjects = known.iter().map(|known| known.subject.clone());
        Ok(Held {
            subjects: subjects.map(|subject| (subject.id, subject)).collect(),
            known,
            persons,
            resources,
            frequencies,
            decided: self.decided.decided(),
        })
    }
}

impl Held<'_> {
    /// The subject behind a record's place.
    pub(super) fn subject_at(&self, index: RecordIndex) -> Option<SubjectId> {
        let known = self.known.get(index.0 as usize)?;
        Some(known.subject.id)
    }

    /// The pairs of which somebody is not sure, and asks.
    pub(super) fn asked(&self) -> impl Iterator<Item = (&Known, &Known)> {
        let known = |subject: &SubjectId| {
            let place = self
                .known
                .binary_search_by_key(subject, |known| known.subject.id);
            self.known.get(place.ok()?)
        };
        let pairs = self.decided.asked.iter();
        pairs.filter_map(move |(a, b)| Some((known(a)?, known(b)?)))
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
    fn before(&self, linking: &Linking<'_>, index_of: &BTreeMap<SubjectId, RecordIndex>) -> Before {
        let place = |subject: SubjectId| index_of.get(&subject).copied();
        Before {
            joined: placed(&self.stood_together(linking), place),
            ..self.decided.placed(place)
        }
    }

    /// Compares all, and makes clusters of it.
    pub(super) fn link(&self, linking: &Linking<'_>, model: &Model) -> Result<Linked, LinkFault> {
        let _span = trace_span!("compare").entered();
        let (records, index_of) = records(&self.known, model)?;
        let before = self.before(linking, &index_of);
        let digest = |column: &str, value: &str| linking.digest(column, value);
        let common = Common::As(self.frequencies, &digest);
        Ok(children::link(&records, model, &before, common, 1)?)
    }

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

/// Pairs by the places of their records, the earlier first; those of whom one has no place are left out.
pub(super) fn placed(
    pairs: &BTreeSet<(SubjectId, SubjectId)>,
    place: impl Fn(SubjectId) -> Option<RecordIndex>,
) -> BTreeSet<(RecordIndex, RecordIndex)> {
    let placed = pairs.iter().filter_map(|(a, b)| {
        let (a, b) = (place(*a)?, place(*b)?);
        Some((a.min(b), a.max(b)))
    });
    placed.collect()
}

impl store::Decided {
    /// The same by the places of records.
    pub(super) fn placed(&self, place: impl Fn(SubjectId) -> Option<RecordIndex>) -> Before {
        Before {
            joined: BTreeSet::new(),
            same: placed(&self.same, &place),
            apart: placed(&self.apart, &place),
        }
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

pub(super) const fn shield(protected: bool) -> Shield {
    match protected {
        true => Shield::Protected,
        false => Shield::Open,
    }
}

/// Numbers for sources: an agency's lists that count by the same numbers are one.
#[derive(Default)]
pub(super) struct Sources(BTreeMap<(AgencyId, Code), u32>);

impl Sources {
    pub(super) fn of(&mut self, subject: &Subject) -> SourceIndex {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let source = self.0.entry((subject.agency, subject.scheme.clone()));
        SourceIndex(*source.or_insert(next))
    }
}

/// What is known, as it is compared, and where each subject stands in it.
fn records<'k>(
    all: impl IntoIterator<Item = &'k Known>,
    model: &Model,
) -> Result<(Records, BTreeMap<SubjectId, RecordIndex>), LinkFault> {
    let mut records = RecordsBuilder::new(model)?;
    let mut sources = Sources::default();
    let mut index_of = BTreeMap::new();
    for known in all {
        let source = sources.of(&known.subject);
        let index = records.add(source, shield(known.is_protected()), known.facts())?;
        index_of.insert(known.subject.id, index);
    }
    Ok((records.finish(1)?, index_of))
}
