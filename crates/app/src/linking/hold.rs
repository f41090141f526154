//! Holding where somebody is: whoever may be a child who is protected is found and weighed as linkage would, and where they
//! are is shown to keepers alone from then on (safety rule 7).
//!
//! The protected child becomes one of no pair by this, and stands in no queue but the keeper's. A hold goes on when a file
//! tells of either, before anybody can look; it ends when a keeper says that they are two, or has let the protected one go.
//! When a keeper says that they are one child, the one person that they become is protected, and the hold has nothing left to
//! hold. No run and no file ends one.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Access, Resource};
use clearpicture_kernel::{PersonId, SubjectId};
use clearpicture_linkage::children::{self, Model, RecordsBuilder, Shared, Shield, SourceIndex};
use clearpicture_linkage::columns::{Common, Frequencies};
use clearpicture_store::{Prepared, Store};

use super::run::{LinkFault, Linking, TRIES};
use super::store::{Decided, Decisions};
use super::types::SeeLinkDecision;
use crate::persons::{
    self, AddProtection, Because, ChangeProtection, Described, Known, Protection, ProtectionId,
    SeePerson, SeeProtection,
};

/// Somebody who may be another, who is protected.
type MayBe = (SubjectId, SubjectId);

/// Holds where those are who may be somebody protected: of these, or beside those of these who are protected themselves.
///
/// # Errors
/// [`LinkFault`]; then whoever is held is held still.
pub async fn hold_around(
    store: &Store,
    access: &Access,
    model: &Model,
    changed: &BTreeSet<SubjectId>,
) -> Result<(), LinkFault> {
    Linking::new(store, access)?
        .hold(model, Some(changed))
        .await
}

/// What stands of protections and decisions.
struct Stands {
    protections: BTreeMap<MayBe, (Resource, Protection)>,
    decided: Decided,
    persons: BTreeMap<SubjectId, PersonId>,
}

impl Stands {
    /// Whether somebody said that the one is not the other: a keeper, or whoever could see both before the one was protected.
    fn are_two(&self, (subject, whom): MayBe) -> bool {
        let two = (subject.min(whom), subject.max(whom));
        self.decided.apart.contains(&two)
    }

    /// Whether they are one person: then that one is protected as a whole.
    fn are_one(&self, (subject, whom): MayBe) -> bool {
        let (one, other) = (self.persons.get(&subject), self.persons.get(&whom));
        one.is_some() && one == other
    }
}

impl Linking<'_> {
    /// Holds where those are who may be somebody protected, around these or around all.
    pub(super) async fn hold(
        &self,
        model: &Model,
        changed: Option<&BTreeSet<SubjectId>>,
    ) -> Result<(), LinkFault> {
        let mut tries = 1;
        loop {
            match self.try_hold(model, changed, &BTreeSet::new()).await {
                Err(LinkFault::Write(fault)) if fault.is_overtaken() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    /// Keeps that those are protected of whom that stands and was never kept, as before it was: by what made their persons
    /// protected, and `also` where nothing was ever kept. Whoever may be one of them is held in the same change. Gives how many
    /// they are.
    pub(super) async fn keep_standing(
        &self,
        model: &Model,
        also: &BTreeSet<SubjectId>,
    ) -> Result<usize, LinkFault> {
        let mut tries = 1;
        loop {
            match self.try_keep_standing(model, also).await {
                Err(LinkFault::Write(fault)) if fault.is_overtaken() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_keep_standing(
        &self,
        model: &Model,
        also: &BTreeSet<SubjectId>,
    ) -> Result<usize, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let mut unkept = persons::never_kept(self.store, also).await?;
        let of_persons = persons::protected_and_never_kept(self.store, &scope).await?;
        let all: BTreeSet<SubjectId> = of_persons.iter().flatten().copied().collect();
        let known = persons::known_subjects(self.store, &scope, &all).await?;
        let say_so = known.iter().filter(|known| known.is_protected());
        let say_so: BTreeSet<SubjectId> = say_so.map(|known| known.subject.id).collect();
        for members in &of_persons {
            let told: BTreeSet<SubjectId> = members & &say_so;
            // Where nothing says so any more, nobody knows which of them it was.
            unkept.extend(if told.is_empty() { members } else { &told });
        }
        if !unkept.is_empty() {
            self.try_hold(model, Some(&unkept), &unkept).await?;
        }
        Ok(unkept.len())
    }

    /// Holds around these or around all; `new` are protected from then on.
    async fn try_hold(
        &self,
        model: &Model,
        changed: Option<&BTreeSet<SubjectId>>,
        new: &BTreeSet<SubjectId>,
    ) -> Result<(), LinkFault> {
        let keeper = self.scope::<SeeProtection>().await?;
        let protected = persons::protected_subjects(self.store, &keeper).await?;
        let protected = &protected | new;
        let around = match changed {
            // Of few who are new it is asked whom they may be; of many, who may be one of those protected.
            Some(changed) if changed.len() <= protected.len() => {
                self.protected_near(model, changed, &protected).await?
            }
            _ => protected.clone(),
        };
        if around.is_empty() {
            return Ok(());
        }
        let likely = self.likely(model, &around, &protected).await?;
        let all = likely.keys().flat_map(|(subject, whom)| [*subject, *whom]);
        let stands = self.stands(&all.collect()).await?;
        let mut prepared = Vec::new();
        for subject in new {
            let told = Protection {
                subject: *subject,
                because: Because::Told,
                in_force: true,
            };
            let id = ProtectionId::fresh(self.store.ambient());
            prepared.push(self.prepare_add::<AddProtection>(&id, &told).await?);
        }
        for (may_be, weight) in likely {
            if stands.are_two(may_be) || stands.are_one(may_be) {
                continue;
            }
            prepared.extend(self.held(&stands, may_be, weight).await?);
        }
        if !prepared.is_empty() {
            self.store.commit(prepared).await?;
        }
        Ok(())
    }

    /// The change that holds one; none where that is so already.
    async fn held(
        &self,
        stands: &Stands,
        may_be: MayBe,
        weight: i32,
    ) -> Result<Option<Prepared>, LinkFault> {
        let (subject, whom) = may_be;
        match stands.protections.get(&may_be) {
            Some((_, known)) if known.in_force => Ok(None),
            Some((resource, known)) => {
                let again = Protection {
                    in_force: true,
                    ..known.clone()
                };
                let change = self.prepare_change::<ChangeProtection>(resource.clone(), &again);
                Ok(Some(change.await?))
            }
            None => {
                let held = Protection {
                    subject,
                    because: Because::MayBe { whom, weight },
                    in_force: true,
                };
                let id = ProtectionId::fresh(self.store.ambient());
                Ok(Some(self.prepare_add::<AddProtection>(&id, &held).await?))
            }
        }
    }

    /// Ends the holds of which somebody has decided, on these or on all.
    pub(super) async fn let_go(
        &self,
        changed: Option<&BTreeSet<SubjectId>>,
    ) -> Result<(), LinkFault> {
        let mut tries = 1;
        loop {
            match self.try_let_go(changed).await {
                Err(LinkFault::Write(fault)) if fault.is_overtaken() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_let_go(&self, changed: Option<&BTreeSet<SubjectId>>) -> Result<(), LinkFault> {
        let keeper = self.scope::<SeeProtection>().await?;
        let protected = persons::protected_subjects(self.store, &keeper).await?;
        let all;
        let changed = match changed {
            Some(changed) => changed,
            None => {
                let every = self.store.all_within(&keeper).await?.into_iter();
                all = every.map(|(_, protection)| protection.subject).collect();
                &all
            }
        };
        let stands = self.stands(changed).await?;
        let mut prepared = Vec::new();
        for (may_be, (resource, protection)) in &stands.protections {
            let is_over = !protected.contains(&may_be.1)
                || stands.are_two(*may_be)
                || stands.are_one(*may_be);
            if protection.in_force && is_over {
                let over = Protection {
                    in_force: false,
                    ..protection.clone()
                };
                let change = self.prepare_change::<ChangeProtection>(resource.clone(), &over);
                prepared.push(change.await?);
            }
        }
        if !prepared.is_empty() {
            self.store.commit(prepared).await?;
        }
        Ok(())
    }

    /// The holds about these subjects, and what was decided about whom those name.
    async fn stands(&self, subjects: &BTreeSet<SubjectId>) -> Result<Stands, LinkFault> {
        let keeper = self.scope::<SeeProtection>().await?;
        let ids = persons::protections_about(self.store, &keeper, subjects).await?;
        let mut protections = BTreeMap::new();
        for some in ids.chunks(500) {
            for (resource, protection) in self.store.some_within(&keeper, some).await? {
                if let Some(whom) = protection.because.whom() {
                    protections.insert((protection.subject, whom), (resource, protection));
                }
            }
        }
        let named = protections.keys().flat_map(|(one, other)| [*one, *other]);
        let all: BTreeSet<SubjectId> = named.chain(subjects.iter().copied()).collect();
        let decisions = self.scope::<SeeLinkDecision>().await?;
        let decided = Decisions::about(self.store, &decisions, &all).await?;
        let scope = self.scope::<SeePerson>().await?;
        Ok(Stands {
            protections,
            decided: decided.decided(),
            persons: persons::persons_of(self.store, &scope, &all).await?,
        })
    }

    /// Those of `protected` whom one of these may be by their search keys, and those who are among these.
    async fn protected_near(
        &self,
        model: &Model,
        changed: &BTreeSet<SubjectId>,
        protected: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let known = persons::known_subjects(self.store, &scope, changed).await?;
        let near = persons::sharing(self.store, &scope, &blocks(model, &known)).await?;
        Ok(&(&near | changed) & protected)
    }

    /// Whoever may be one of `around`, with what that is worth; nobody of `protected`, who are held already.
    async fn likely(
        &self,
        model: &Model,
        around: &BTreeSet<SubjectId>,
        protected: &BTreeSet<SubjectId>,
    ) -> Result<BTreeMap<MayBe, i32>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let frequencies = self.frequencies().await?;
        let mut likely = BTreeMap::new();
        for whom in persons::known_subjects(self.store, &scope, around).await? {
            let blocks = blocks(model, [&whom]);
            let near = persons::sharing(self.store, &scope, &blocks).await?;
            let near = persons::described(self.store, &scope, &(&near - protected)).await?;
            for (subject, weight) in self.worth(model, &frequencies, &whom, &near)? {
                likely.insert((subject, whom.subject.id), weight);
            }
        }
        Ok(likely)
    }

    /// Those of `near` who are worth enough to be one child with somebody protected.
    fn worth(
        &self,
        model: &Model,
        frequencies: &Frequencies,
        whom: &Known,
        near: &[Described],
    ) -> Result<Vec<(SubjectId, i32)>, LinkFault> {
        let mut records = RecordsBuilder::new(model)?;
        records.add(SourceIndex(0), Shield::Open, whom.facts())?;
        for one in near {
            records.add(SourceIndex(1), Shield::Open, &one.facts)?;
        }
        let records = records.finish(1)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let likely = children::likely(&records, model, Common::As(frequencies, &digest));
        let subject = |place: u32| near.get((place as usize).checked_sub(1)?);
        let found = likely
            .into_iter()
            .filter_map(|(index, weight)| Some((subject(index.0)?.subject, weight)));
        Ok(found.collect())
    }
}

/// What these must share with others for those to be one of them.
fn blocks<'a>(model: &Model, all: impl IntoIterator<Item = &'a Known>) -> BTreeSet<Vec<Shared>> {
    let all = all.into_iter();
    all.flat_map(|known| model.shared_widely(known.facts()))
        .collect()
}
