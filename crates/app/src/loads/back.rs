//! Taking a load back whole: what it told stands no more, and what stood before it stands again, all in one moment.
//!
//! The files that were laid beside it are laid again without it. Until all of that is ready nothing changes for any reader,
//! and whatever stops the server in between leaves everything as it was. It never lifts anybody's protection.

use std::collections::BTreeSet;

use clearpicture_access::Scope;
use clearpicture_kernel::{Date, RecordId, SubjectId, TypedId};
use clearpicture_store::{Batch, Brought, Prepared, WriteError};

use super::intake::{Intake, LoadFault, own};
use super::lay::Told;
use super::types::{Load, LoadId, LoadState, Taken, TakenBack};
use crate::grants::{self, SeeGrant};
use crate::persons::{self, Laying, LayingOf, Undoing};

/// How often it is begun anew when another file of the source was laid meanwhile.
const TRIES: usize = 3;

impl Intake<'_> {
    /// Takes back a load of which somebody said so.
    ///
    /// # Errors
    /// [`LoadFault`]; then all stands as it was, and it can be begun anew.
    pub async fn take_back(&self, id: LoadId) -> Result<(), LoadFault> {
        let mut tries = 1;
        loop {
            match self.take_back_once(id).await {
                Err(LoadFault::Write(WriteError::Taken | WriteError::Conflict { .. }))
                    if tries < TRIES =>
                {
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn take_back_once(&self, id: LoadId) -> Result<(), LoadFault> {
        let at = self.at(id, "taking-back").await?;
        let LoadState::TakingBack(taken) = at.load.state else {
            return Err(LoadFault::Elsewhere);
        };
        let scope = self.see_persons().await?;
        let undoing = self.undoing(id, &at.load).await?;
        if undoing.layings.is_empty() {
            // It was undone, and the server was stopped before all that follows was done.
            self.lay_others_again(&at.load).await?;
            return self.taken_back(id, taken).await;
        }
        let mut again: Vec<Told> = Vec::new();
        let mut others: Vec<(i64, Date)> = Vec::new();
        for other in &undoing.again {
            let other = own(LoadId::parse(other))?;
            let at = match self.at(other, "taken").await {
                // It is being taken back as well.
                Err(LoadFault::Elsewhere) => continue,
                at => at?,
            };
            let Some(of) = self.laying_of(other, &at.load)? else {
                continue;
            };
            let number = self.store.entry_of(&at.permit).await?;
            let day = of.as_of;
            let (store, before) = (self.store, &others);
            let laying = Laying::begin_without(store, &scope, of, number, &undoing, before).await?;
            let mut told = self.tell(&at, laying, &scope).await?;
            // Its rows are kept now, and that they were laid is said with all the rest.
            let last = self.store.lay_out(std::mem::take(&mut told.last))?;
            told.at = self.commit_if_any(&told.at, last).await?;
            again.push(told);
            others.push((number, day));
        }
        let mut undone = Batch::default();
        persons::undo(&mut undone, &undoing.layings, &id.to_string());
        let undone = self.store.lay_out(undone)?;
        // First what is undone, and then what is laid again: so the later word is the one that stands.
        let mut all = vec![self.prepare_change(&at.permit, &at.load, undone).await?];
        for told in &mut again {
            all.push(self.laid(told).await?);
        }
        self.store.commit(all).await?;
        for told in &again {
            let at = self.at(told.at.id, "taken").await?;
            self.finish(&at, &told.laying, &scope, told.effect).await?;
        }
        // Last: as long as that is not said, it is begun anew.
        self.taken_back(id, taken).await
    }

    /// Says that a load is taken back, and has the register say what is left of its source.
    async fn taken_back(&self, id: LoadId, taken: Taken) -> Result<(), LoadFault> {
        let at = self.at(id, "taking-back").await?;
        let load = Load {
            state: LoadState::TakenBack(TakenBack {
                taken,
                at: self.store.ambient().now(),
            }),
            ..at.load.clone()
        };
        self.change(&at, &load, Brought::default()).await?;
        if let Some(source) = &load.source {
            self.register_less(load.agency, source, taken.at).await;
        }
        Ok(())
    }

    /// Lays every other file of the source again: where nothing is new, what follows from it is made sure of.
    async fn lay_others_again(&self, load: &Load) -> Result<(), LoadFault> {
        let Some(source) = &load.source else {
            return Ok(());
        };
        let mut others = self.earlier(load.agency, source).await?;
        others.sort_by_key(|other| other.as_of);
        for other in others {
            match self.lay_again(other.id).await {
                // It is being taken back as well.
                Err(LoadFault::Elsewhere) => {}
                done => {
                    done?;
                }
            }
        }
        Ok(())
    }

    /// The change that says that a file was laid again.
    async fn laid(&self, told: &mut Told) -> Result<Prepared, LoadFault> {
        told.laying.laid(self.store, &mut told.last);
        let last = self.store.lay_out(std::mem::take(&mut told.last))?;
        self.prepare_change(&told.at.permit, &told.at.load, last)
            .await
    }

    /// What has to be undone and done again for a load to be as if it had never been laid.
    pub(super) async fn undoing(&self, id: LoadId, load: &Load) -> Result<Undoing, LoadFault> {
        let Some(LayingOf { agency, source, .. }) = self.laying_of(id, load)? else {
            return Ok(Undoing::default());
        };
        let scope = self.see_persons().await?;
        let standing = persons::laid_of(self.store, &scope, agency, &source).await?;
        Ok(Undoing::of(&standing, &id.to_string()))
    }

    /// The subjects of whom a load told who they are.
    pub(super) async fn told_of(&self, id: LoadId) -> Result<BTreeSet<SubjectId>, LoadFault> {
        let scope = self.see_persons().await?;
        Ok(persons::told_by(self.store, &scope, &id.to_string()).await?)
    }

    /// How many involvements with the persons to whom these subjects belong are in force.
    pub(super) async fn involved_with(
        &self,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<u64, LoadFault> {
        let scope = self.see_persons().await?;
        let persons = persons::persons_of(self.store, &scope, subjects).await?;
        let persons: BTreeSet<RecordId> = persons.values().map(TypedId::record_id).collect();
        let scope: Scope<SeeGrant> = self
            .store
            .scope(self.access, &self.caller, &self.purpose)
            .await?;
        let grants = grants::in_force_on(self.store, &scope, &persons).await?;
        Ok(grants.len() as u64)
    }
}
