//! A run of linkage: around what is new, in one change, or over everything that is held, share by share. A change of each
//! share is complete in itself, so whoever is interrupted goes on where nothing stands half.

use std::collections::BTreeSet;

use clearpicture_access::{
    Access, Action, Adds, Caller, Changes, Permit, Purpose, Refused, Resource, Scope,
};
use clearpicture_kernel::{Code, SubjectId};
use clearpicture_linkage::children::{self, Linked, Model};
use clearpicture_linkage::columns::{Frequencies, TableError, TooManyPairs};
use clearpicture_store::{Batch, Prepared, Record, Store, StoreFault, WriteError};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, TryStreamExt as _};

use super::bars::follow;
use super::breach::Parted;
use super::follow::Decided;
use super::held::Held;
use super::rules::{Cluster, Persons, moved};
use super::store::{self, Evidence};
use super::types::{AddLinkRun, LinkRun, LinkRunId};
use crate::persons::{self, Known, LinkPerson, SeePerson};

/// The name under which the product links.
const CALLER: &str = "linkage";
/// The code of the purpose for which it does.
const PURPOSE: &str = "data-exchange";
/// How often a run is begun again when somebody changed a person meanwhile.
pub(super) const TRIES: usize = 3;

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
    /// The breach assessments that were opened, since somebody had seen as one child whom it parted.
    pub breaches: u64,
}

impl Outcome {
    /// Counts what another share came to.
    const fn add(&mut self, other: Self) {
        self.subjects += other.subjects;
        self.persons += other.persons;
        self.joined += other.joined;
        self.parted += other.parted;
        self.attention += other.attention;
        self.held_apart += other.held_apart;
        self.breaches += other.breaches;
    }
}

/// Who is linked in one change.
#[derive(Debug, Clone, Copy)]
enum Whom<'a> {
    /// These, and whoever depends on them.
    Changed(&'a BTreeSet<SubjectId>),
    /// These, on whom nobody else depends.
    Share(&'a BTreeSet<SubjectId>),
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

/// When more than one in so many of all subjects is new or changed, everything is linked, and how common values are is
/// counted anew.
const OF_ALL: usize = 10;
/// Beyond so many new or changed subjects, looking at all that is held costs no more than looking around each.
const MOST_AROUND: usize = 2_000;
/// About so many subjects are linked in one change of a run over everything.
const SHARE: usize = 2_000;
/// So many shares are linked at once: a run shares the server with those who work.
const AT_ONCE: usize = 2;

/// Links everything that is held, by `model`. A run that changes nothing writes nothing.
///
/// # Errors
/// [`LinkFault`]; then what it had linked before stands, and another run goes on with the rest.
pub async fn run(store: &Store, access: &Access, model: &Model) -> Result<Outcome, LinkFault> {
    run_in_shares(store, access, model, SHARE).await
}

/// The same in changes of about so many subjects each, at the least of one with all who depend on one another.
///
/// # Errors
/// As [`run`].
pub async fn run_in_shares(
    store: &Store,
    access: &Access,
    model: &Model,
    about: usize,
) -> Result<Outcome, LinkFault> {
    Linking::new(store, access)?.everything(model, about).await
}

/// Links everything that is held, unless nothing was laid since the last run over it began: then there is nothing to find, since
/// what arrives and what is decided is followed at once.
///
/// # Errors
/// As [`run`].
pub(super) async fn run_if_new(
    store: &Store,
    access: &Access,
    model: &Model,
) -> Result<Option<Outcome>, LinkFault> {
    let scope = Linking::new(store, access)?.scope::<SeePerson>().await?;
    let linked = store::linked_to(store, &scope).await?;
    if persons::laid_last(store, &scope).await? <= linked {
        return Ok(None);
    }
    run(store, access, model).await.map(Some)
}

/// Links these subjects, of whom something new is told, with all that is held: what comes of them and of whoever
/// depends on them is what [`run`] would make of all. So it can be done as they arrive. Where they are many beside those who
/// were counted last, everything is linked.
///
/// # Errors
/// As [`run`].
pub async fn run_around(
    store: &Store,
    access: &Access,
    model: &Model,
    changed: &BTreeSet<SubjectId>,
) -> Result<Outcome, LinkFault> {
    let linking = Linking::new(store, access)?;
    linking.over(model, few(changed)).await
}

/// Links by a decision whom it is about, with all that is held.
///
/// # Errors
/// As [`run`].
pub(super) async fn run_after(
    store: &Store,
    access: &Access,
    model: &Model,
    decided: &Decided,
) -> Result<Outcome, LinkFault> {
    let linking = Linking::after(store, access, decided)?;
    linking.over(model, few(&decided.about)).await
}

/// These, unless they are so many that all that is held is looked at.
fn few(changed: &BTreeSet<SubjectId>) -> Option<&BTreeSet<SubjectId>> {
    (changed.len() <= MOST_AROUND).then_some(changed)
}

/// Links the subjects of whom a load told who they are, and judges anew what is at stake in the pairs that wait of whose
/// pictures it told anything.
///
/// # Errors
/// As [`run`].
pub async fn run_for_load(
    store: &Store,
    access: &Access,
    model: &Model,
    load: &str,
) -> Result<Outcome, LinkFault> {
    let linking = Linking::new(store, access)?;
    let scope = linking.scope::<SeePerson>().await?;
    let mut changed = persons::told_by(store, &scope, load).await?;
    let told = persons::told_of_by(store, &scope, load).await?;
    changed.extend(linking.asked_about_pictures_of(&told).await?);
    run_around(store, access, model, &changed).await
}

/// What speaks for and against two subjects being one child, weighed as a run would.
///
/// # Errors
/// [`LinkFault`] when the database fails.
pub(super) async fn compared(
    store: &Store,
    access: &Access,
    model: &Model,
    pair: (&Known, &Known),
) -> Result<children::Evidence, LinkFault> {
    Linking::new(store, access)?.evidence(model, pair).await
}

/// What every step of a run needs.
pub(super) struct Linking<'a> {
    pub(super) store: &'a Store,
    pub(super) access: &'a Access,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
    /// What somebody decided, when it is that which is followed.
    pub(super) decided: Option<&'a Decided>,
}

impl<'a> Linking<'a> {
    pub(super) fn new(store: &'a Store, access: &'a Access) -> Result<Self, LinkFault> {
        Ok(Self {
            store,
            access,
            caller: Caller::system(CALLER),
            purpose: Purpose {
                code: Code::parse(PURPOSE).map_err(|error| LinkFault::Own(error.to_string()))?,
                marked: false,
            },
            decided: None,
        })
    }

    /// The same, for what follows from a decision.
    pub(super) fn after(
        store: &'a Store,
        access: &'a Access,
        decided: &'a Decided,
    ) -> Result<Self, LinkFault> {
        Ok(Self {
            decided: Some(decided),
            ..Self::new(store, access)?
        })
    }

    /// Links these, or everything where they are many beside what was counted last.
    async fn over(
        &self,
        model: &Model,
        changed: Option<&BTreeSet<SubjectId>>,
    ) -> Result<Outcome, LinkFault> {
        let frequencies = self.frequencies().await?;
        let counted = usize::try_from(frequencies.records()).unwrap_or(usize::MAX);
        match changed.filter(|changed| changed.len() * OF_ALL <= counted) {
            Some(changed) => {
                // First: nobody sees where somebody is who may be protected, whatever is made of them.
                self.hold(model, Some(changed)).await?;
                let whom = Whom::Changed(changed);
                let (outcome, _) = self.link(model, whom, &frequencies, None).await?;
                self.let_go(Some(changed)).await?;
                Ok(outcome)
            }
            None => self.everything(model, SHARE).await,
        }
    }

    /// Links everything, in shares.
    async fn everything(&self, model: &Model, about: usize) -> Result<Outcome, LinkFault> {
        self.make_keys(model).await?;
        self.keep_standing(model, &BTreeSet::new()).await?;
        self.hold(model, None).await?;
        let scope = self.scope::<SeePerson>().await?;
        let begun = persons::laid_last(self.store, &scope).await?;
        let mut say_so = BTreeSet::new();
        let laid = self.lay_out(model, |known| {
            say_so.extend(known.is_protected().then_some(known.subject.id));
        });
        let laid = laid.await?;
        self.keep_standing(model, &say_so).await?;
        let (shares, frequencies) = laid.into_shares(about)?;
        let mut outcome = Outcome::default();
        let mut is_new = frequencies != self.frequencies().await?;
        let id = LinkRunId::fresh(self.store.ambient());
        if is_new {
            // First: whoever arrives meanwhile is weighed as these are.
            let counting = LinkRunId::fresh(self.store.ambient());
            let mut batch = Batch::default();
            store::bring_frequencies(&mut batch, &counting, &frequencies)?;
            let run = self.prepare_run(&counting, model, outcome, Some(id), batch);
            self.store.commit(vec![run.await?]).await?;
        }
        // One is read while another is written.
        let (mut waiting, mut going_on) = (shares.iter(), FuturesUnordered::new());
        loop {
            let free = AT_ONCE.saturating_sub(going_on.len());
            for share in waiting.by_ref().take(free) {
                let whom = Whom::Share(share);
                going_on.push(self.link(model, whom, &frequencies, Some(id)).boxed());
            }
            let Some((of_share, has_changed)) = going_on.try_next().await? else {
                break;
            };
            outcome.add(of_share);
            is_new |= has_changed;
        }
        if is_new {
            // Last: a run that is cut short is not taken for one over everything.
            let mut batch = Batch::default();
            store::bring_end(&mut batch, &id, begun);
            let run = self.prepare_run(&id, model, outcome, None, batch).await?;
            self.store.commit(vec![run]).await?;
            // As common as values were counted to be now.
            self.hold(model, None).await?;
        }
        self.let_go(None).await?;
        Ok(outcome)
    }

    /// Links these, beginning anew when somebody changed a person or a question meanwhile; and whether that changed anything.
    async fn link(
        &self,
        model: &Model,
        whom: Whom<'_>,
        frequencies: &Frequencies,
        part_of: Option<LinkRunId>,
    ) -> Result<(Outcome, bool), LinkFault> {
        let mut tries = 1;
        loop {
            match self.try_link(model, whom, frequencies, part_of).await {
                Err(LinkFault::Write(fault)) if fault.is_overtaken() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_link(
        &self,
        model: &Model,
        whom: Whom<'_>,
        frequencies: &Frequencies,
        part_of: Option<LinkRunId>,
    ) -> Result<(Outcome, bool), LinkFault> {
        let held = match whom {
            Whom::Changed(changed) => self.held_around(model, changed, frequencies).await?,
            Whom::Share(share) => self.held_share(model, share, frequencies).await?,
        };
        let linked = held.link(self, model)?;
        let clusters = clusters(&held, &linked)?;
        let wanted = Persons::made_of(&held.subjects, &clusters);
        let before = held.persons.only_those_of(&wanted);
        let changes = before.changes(&wanted);
        let (joined, parted) = moved(&before, &wanted);
        let parted_whom = Parted::between(&before, &wanted, &held.resources);
        let assessments = self.assess(&parted_whom).await?;
        let outcome = Outcome {
            subjects: clusters.iter().map(|one| one.members.len() as u64).sum(),
            persons: clusters.len() as u64,
            joined,
            parted,
            attention: clusters.iter().filter(|one| !one.doubts.is_empty()).count() as u64,
            held_apart: linked.held_apart.len() as u64,
            breaches: assessments.len() as u64,
        };
        let followed = follow(self, &before, &wanted).await?;
        let asked = self.ask(&held, &linked, model).await?;
        if changes.is_empty() && followed.is_empty() && asked.is_empty() {
            return Ok((outcome, false));
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
        let mut prepared = vec![
            self.prepare_run(&id, model, outcome, part_of, batch)
                .await?,
        ];
        prepared.extend(followed);
        prepared.extend(asked);
        prepared.extend(assessments);
        for (id, person) in &changes {
            let resource = held.resources.get(id).cloned();
            let resource = resource.ok_or_else(|| {
                LinkFault::Own(format!("{id} is the own person of a subject and not there"))
            })?;
            prepared.push(self.prepare_change::<LinkPerson>(resource, person).await?);
        }
        self.store.commit(prepared).await?;
        // A bar that was made meanwhile was made on the persons as they stood until now.
        let meanwhile = follow(self, &before, &wanted).await?;
        if !meanwhile.is_empty() {
            self.store.commit(meanwhile).await?;
        }
        Ok((outcome, true))
    }

    /// The record of a run, with what it brings.
    pub(super) async fn prepare_run(
        &self,
        id: &LinkRunId,
        model: &Model,
        outcome: Outcome,
        part_of: Option<LinkRunId>,
        batch: Batch,
    ) -> Result<Prepared, LinkFault> {
        let record = LinkRun {
            model: model.plan.version.clone(),
            subjects: outcome.subjects,
            persons: outcome.persons,
            joined: outcome.joined,
            parted: outcome.parted,
            attention: outcome.attention,
            run_at: self.store.ambient().now(),
            part_of,
        };
        let run = self.prepare_add::<AddLinkRun>(id, &record).await?;
        Ok(self.store.bringing(run, self.store.lay_out(batch)?))
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

    pub(super) async fn prepare_change<A>(
        &self,
        resource: Resource,
        record: &A::On,
    ) -> Result<Prepared, LinkFault>
    where
        A: Changes,
        A::On: Record,
    {
        let permit: Permit<A> = self.access.permit(&self.caller, resource, &self.purpose)?;
        Ok(self.store.prepare_change(&permit, record, None).await?)
    }
}

fn clusters(held: &Held<'_>, linked: &Linked) -> Result<Vec<Cluster>, LinkFault> {
    let mut clusters = Vec::with_capacity(linked.clusters.len());
    for found in &linked.clusters {
        let members = found.members.iter();
        let members: BTreeSet<SubjectId> = members
            .filter_map(|index| held.subject_at(*index))
            .collect();
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
            checked: held.is_checked(&members),
            members,
            doubts,
            protected: known.any(Known::is_protected),
        });
    }
    Ok(clusters)
}

/// What spoke for each pair that came together.
fn evidence(held: &Held<'_>, linked: &Linked) -> Vec<Evidence> {
    let of = |found: &children::Evidence| {
        let (a, b) = (held.subject_at(found.a)?, held.subject_at(found.b)?);
        Some(Evidence {
            a: a.min(b),
            b: a.max(b),
            weight: found.weight,
            parts: found.parts.clone(),
        })
    };
    linked.joined.iter().filter_map(of).collect()
}
