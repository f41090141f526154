//! A run of linkage over everything that is held, in one change.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{
    Access, Action, Adds, Caller, Changes, Permit, Purpose, Refused, Resource, Scope,
};
use clearpicture_kernel::{Code, PersonId, SubjectId, TypedId as _};
use clearpicture_linkage::children::{
    self, Before, Linked, Model, RecordIndex, Records, Shield, SourceIndex,
};
use clearpicture_linkage::columns::{Common, Frequencies, TableError, TooManyPairs};
use clearpicture_store::{Batch, Prepared, Record, Store, StoreFault, WriteError};

use super::bars::follow;
use super::rules::{Cluster, Persons, moved};
use super::store::{self, Evidence};
use super::types::{AddLinkRun, LinkRun, LinkRunId, SeeLinkDecision};
use crate::persons::{self, Known, LinkPerson, Person, SeePerson, Subject};

/// The name under which the product links.
const CALLER: &str = "linkage";
/// The code of the purpose for which it does.
const PURPOSE: &str = "data-exchange";
/// How many threads compare: a run shares the server with those who work.
const THREADS: usize = 2;
/// How often a run is begun again when somebody changed a person meanwhile.
const TRIES: usize = 3;

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The subjects that were compared.
    pub subjects: u64,
    /// The persons that they make.
    pub persons: u64,
    /// The pairs of subjects that came together.
    pub joined: u64,
    /// The pairs of subjects that were parted.
    pub parted: u64,
    /// The persons whom somebody must look at.
    pub attention: u64,
    /// The pairs that look alike and were held apart.
    pub held_apart: u64,
}

/// Why nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    /// Too many records share a value.
    #[error(transparent)]
    Pairs(#[from] TooManyPairs),
    /// There are more records than can be compared.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The policies do not allow it.
    #[error(transparent)]
    Policy(#[from] Refused),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Something of our own does not fit.
    #[error("what is to be linked holds a mistake: {0}")]
    Own(String),
}

impl From<StoreFault> for LinkFault {
    fn from(fault: StoreFault) -> Self {
        Self::Write(fault.into())
    }
}

/// Links everything that is held, by `model`. A run that changes nothing writes nothing.
///
/// # Errors
/// [`LinkFault`]; then nothing was changed.
pub async fn run(store: &Store, access: &Access, model: &Model) -> Result<Outcome, LinkFault> {
    let linking = Linking {
        store,
        access,
        caller: Caller::system(CALLER),
        purpose: Purpose {
            code: Code::parse(PURPOSE).map_err(|error| LinkFault::Own(error.to_string()))?,
            marked: false,
        },
    };
    let mut tries = 1;
    loop {
        match linking.run(model).await {
            Err(LinkFault::Write(WriteError::Conflict { .. } | WriteError::Stale { .. }))
                if tries < TRIES =>
            {
                tries += 1;
            }
            done => return done,
        }
    }
}

/// What every step of a run needs.
pub(super) struct Linking<'a> {
    pub(super) store: &'a Store,
    pub(super) access: &'a Access,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
}

/// Everything that is held.
struct Held {
    subjects: BTreeMap<SubjectId, Subject>,
    known: Vec<Known>,
    persons: Persons,
    resources: BTreeMap<PersonId, Resource>,
    apart: BTreeSet<(SubjectId, SubjectId)>,
}

impl Linking<'_> {
    async fn run(&self, model: &Model) -> Result<Outcome, LinkFault> {
        let held = self.held().await?;
        let linked = self.link(&held, model)?;
        let clusters = clusters(&held, &linked)?;
        let wanted = held.persons.made_of(&held.subjects, &clusters);
        let changes = held.persons.changes(&wanted);
        let (joined, parted) = moved(&held.persons, &wanted);
        let outcome = Outcome {
            subjects: held.known.len() as u64,
            persons: clusters.len() as u64,
            joined,
            parted,
            attention: clusters.iter().filter(|one| !one.doubts.is_empty()).count() as u64,
            held_apart: linked.held_apart.len() as u64,
        };
        let followed = follow(self, &wanted).await?;
        if changes.is_empty() && followed.is_empty() {
            return Ok(outcome);
        }
        let id = LinkRunId::fresh(self.store.ambient());
        let mut batch = Batch::default();
        let changed: BTreeSet<SubjectId> = changes
            .iter()
            .flat_map(|(_, person)| person.members.iter().copied())
            .collect();
        for evidence in evidence(&held, &linked) {
            if changed.contains(&evidence.a) {
                store::bring(&mut batch, &id, &evidence)?;
            }
        }
        let record = LinkRun {
            model: model.plan.version.clone(),
            subjects: outcome.subjects,
            persons: outcome.persons,
            joined,
            parted,
            attention: outcome.attention,
            run_at: self.store.ambient().now(),
        };
        let run = self.prepare_add::<AddLinkRun>(&id, &record).await?;
        let mut prepared = vec![self.store.bringing(run, self.store.lay_out(batch)?)];
        prepared.extend(followed);
        for (id, person) in &changes {
            let resource = held.resources.get(id).cloned();
            let resource = resource.ok_or_else(|| {
                LinkFault::Own(format!("{id} is the own person of a subject and not there"))
            })?;
            prepared.push(self.prepare_change::<LinkPerson>(resource, person).await?);
        }
        self.store.commit(prepared).await?;
        Ok(outcome)
    }

    async fn held(&self) -> Result<Held, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let mut resources = BTreeMap::new();
        let mut standing = Vec::new();
        for (resource, person) in self.store.all_within(&scope).await? {
            let id = PersonId::parse(resource.id.as_str())
                .map_err(|error| LinkFault::Own(error.to_string()))?;
            resources.insert(id, resource);
            standing.push((id, person));
        }
        let subjects = persons::all_subjects(self.store, &scope).await?;
        Ok(Held {
            subjects: subjects
                .into_iter()
                .map(|subject| (subject.id, subject))
                .collect(),
            known: persons::all_known(self.store, &scope).await?,
            persons: Persons::standing(standing),
            resources,
            apart: store::apart(self.store, &self.scope::<SeeLinkDecision>().await?).await?,
        })
    }

    pub(super) async fn scope<A>(&self) -> Result<Scope<A>, LinkFault>
    where
        A: Action,
        A::On: Record,
    {
        Ok(self
            .store
            .scope::<A>(self.access, &self.caller, &self.purpose)
            .await?)
    }

    pub(super) async fn prepare_add<A>(
        &self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<Prepared, LinkFault>
    where
        A: Adds,
        A::On: Record,
    {
        let resource = record.to_add(id);
        let permit: Permit<A> = self.access.permit(&self.caller, resource, &self.purpose)?;
        Ok(self.store.prepare_add(&permit, record, None).await?)
    }

    async fn prepare_change<A>(
        &self,
        resource: Resource,
        record: &A::On,
    ) -> Result<Prepared, LinkFault>
    where
        A: Changes<On = Person>,
    {
        let permit: Permit<A> = self.access.permit(&self.caller, resource, &self.purpose)?;
        Ok(self.store.prepare_change(&permit, record, None).await?)
    }
}

impl Linking<'_> {
    /// Compares everything, and makes clusters of it.
    fn link(&self, held: &Held, model: &Model) -> Result<Linked, LinkFault> {
        let mut records = Records::new(model);
        let mut sources: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut index_of: BTreeMap<SubjectId, RecordIndex> = BTreeMap::new();
        for known in &held.known {
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
        let pair = |a: &SubjectId, b: &SubjectId| {
            let (a, b) = (*index_of.get(a)?, *index_of.get(b)?);
            Some((a.min(b), a.max(b)))
        };
        let mut before = Before {
            apart: held.apart.iter().filter_map(|(a, b)| pair(a, b)).collect(),
            ..Before::default()
        };
        for cluster in held.persons.clusters() {
            for a in &cluster.members {
                for b in cluster.members.range(a..).skip(1) {
                    before.joined.extend(pair(a, b));
                }
            }
        }
        let table = records.table(THREADS)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let frequencies = Frequencies::of(&table, &model.plan, &digest);
        let common = Common::As(&frequencies, &digest);
        Ok(children::link(&records, &table, &before, common, THREADS)?)
    }

    /// A value in the form in which frequencies keep it: only this deployment can make it.
    fn digest(&self, column: &str, value: &str) -> String {
        let mut digest = self.store.keyed_digest("frequency", &[column, value]);
        digest.truncate(32);
        digest
    }
}

/// The subject behind a record's place.
fn subject_at(held: &Held, index: RecordIndex) -> Option<SubjectId> {
    held.known
        .get(index.0 as usize)
        .map(|known| known.subject.id)
}

fn clusters(held: &Held, linked: &Linked) -> Result<Vec<Cluster>, LinkFault> {
    let mut clusters = Vec::with_capacity(linked.clusters.len());
    for found in &linked.clusters {
        let members = found.members.iter();
        let members = members.filter_map(|index| subject_at(held, *index));
        let mut doubts = BTreeSet::new();
        if let children::Standing::NeedsAttention(reasons) = &found.standing {
            for reason in reasons {
                let code = Code::parse(reason.code());
                doubts.insert(code.map_err(|error| LinkFault::Own(error.to_string()))?);
            }
        }
        let known = found.members.iter();
        let mut known = known.filter_map(|index| held.known.get(index.0 as usize));
        clusters.push(Cluster {
            members: members.collect(),
            doubts,
            protected: known.any(Known::is_protected),
        });
    }
    Ok(clusters)
}

/// What spoke for each pair that came together.
fn evidence(held: &Held, linked: &Linked) -> Vec<Evidence> {
    let of = |found: &children::Evidence| {
        let (a, b) = (subject_at(held, found.a)?, subject_at(held, found.b)?);
        Some(Evidence {
            a: a.min(b),
            b: a.max(b),
            weight: found.weight,
            parts: found.parts.clone(),
        })
    };
    linked.joined.iter().filter_map(of).collect()
}
