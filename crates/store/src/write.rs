//! The one write path: a permit, a record, and a reason.

use clearpicture_access::{Adds, Changes, Effect, Grounds, Permit};
use clearpicture_kernel::{Passage, TypedId as _};
use tokio::sync::oneshot;

use crate::commit::{Change, Receipt, Request};
use crate::entry::Claim;
use crate::fault::{StoreFault, WriteError};
use crate::jobs::NewJob;
use crate::open::Store;
use crate::record::{Record, body_bytes, projection, table_of};

/// A permitted change that is not made yet.
///
/// Several can be committed together; see [`Store::commit`].
#[derive(Debug)]
pub struct Prepared(pub(crate) Change);

impl Prepared {
    /// The same change, which puts a job in the table as it is made: what must follow a change follows it even when the
    /// server is killed a moment later.
    #[must_use]
    pub fn asking(mut self, job: NewJob) -> Self {
        self.0.asks = Some(job);
        self
    }
}

impl Store {
    /// Makes the record that `permit` allows to be made.
    ///
    /// # Errors
    /// [`WriteError`] when a value that must be unlike every other is taken, or the permit no longer holds.
    pub async fn add<A>(
        &self,
        permit: &Permit<A>,
        record: &A::On,
        reason: Option<&Passage>,
    ) -> Result<Receipt, WriteError>
    where
        A: Adds,
        A::On: Record,
    {
        let change = self.prepare_add(permit, record, reason).await?;
        self.commit_one(change).await
    }

    /// Changes the record to what `record` says, from the version that `permit` was given for.
    ///
    /// # Errors
    /// [`WriteError::Conflict`] when someone else was first: nothing is written, and both texts are at hand.
    pub async fn change<A>(
        &self,
        permit: &Permit<A>,
        record: &A::On,
        reason: Option<&Passage>,
    ) -> Result<Receipt, WriteError>
    where
        A: Changes,
        A::On: Record,
    {
        let change = self.prepare_change(permit, record, reason).await?;
        self.commit_one(change).await
    }

    /// Prepares to make a record, to be committed with others.
    ///
    /// # Errors
    /// [`WriteError`] when its key cannot be had.
    pub async fn prepare_add<A>(
        &self,
        permit: &Permit<A>,
        record: &A::On,
        reason: Option<&Passage>,
    ) -> Result<Prepared, WriteError>
    where
        A: Adds,
        A::On: Record,
    {
        self.prepare(permit.grounds(), record, reason).await
    }

    /// Prepares to change a record, to be committed with others.
    ///
    /// # Errors
    /// [`WriteError`] when its key cannot be had.
    pub async fn prepare_change<A>(
        &self,
        permit: &Permit<A>,
        record: &A::On,
        reason: Option<&Passage>,
    ) -> Result<Prepared, WriteError>
    where
        A: Changes,
        A::On: Record,
    {
        self.prepare(permit.grounds(), record, reason).await
    }

    /// Commits all of `changes` together, or none.
    ///
    /// # Errors
    /// [`WriteError`] of the first that cannot be made.
    pub async fn commit(&self, changes: Vec<Prepared>) -> Result<Vec<Receipt>, WriteError> {
        let changes: Vec<Change> = changes.into_iter().map(|prepared| prepared.0).collect();
        let asks = changes.iter().any(|change| change.asks.is_some());
        let (reply, answer) = oneshot::channel();
        self.send(Request::Change(changes, reply)).await?;
        let made = answer.await.map_err(|_| StoreFault::Stopping)?;
        if asks && made.is_ok() {
            self.inner.job_added.notify_waiters();
        }
        made
    }

    async fn commit_one(&self, change: Prepared) -> Result<Receipt, WriteError> {
        self.commit(vec![change])
            .await?
            .pop()
            .ok_or_else(|| StoreFault::Stopping.into())
    }

    async fn prepare<R: Record>(
        &self,
        grounds: &Grounds,
        record: &R,
        reason: Option<&Passage>,
    ) -> Result<Prepared, WriteError> {
        let resource = grounds.resource();
        let stale = || WriteError::Stale {
            id: resource.id.to_string(),
        };
        // A permit to make a record never changes one that is there, and the other way round.
        if (grounds.action().effect == Effect::Add) != (resource.version == 0) {
            return Err(stale());
        }
        let id = R::Id::parse(resource.id.as_str()).map_err(|_| stale())?;
        let version = resource.version + 1;
        let projection = projection(record, &id, version);
        // A record is made in the class that was decided on.
        if resource.version == 0 && projection.class != resource.class {
            return Err(stale());
        }
        let scope = record.key_scope(&id);
        let key = self.key_of(&scope).await?;
        let record_version = i64::from(version);
        let record_id = resource.id.to_string();
        let context = Claim::context(R::NAME, &record_id, record_version);
        let body = body_bytes(record, reason.map(Passage::as_str))?;
        let caller = grounds.caller();
        let claim = Claim {
            kind: R::NAME.to_owned(),
            record_version,
            actor: caller.identity.to_string(),
            actor_agency: caller.agency.map(|id| id.to_string()).unwrap_or_default(),
            action: grounds.action().name.to_owned(),
            purpose: grounds.purpose().code.to_string(),
            policy_set: grounds.policy_set().to_string(),
            deciding: grounds.deciding().join(" "),
            body_version: i64::from(R::BODY_VERSION),
            key_id: key.id.clone(),
            body: key.seal(&self.inner.ambient, &context, &body),
            record_id,
            batch: None,
        };
        Ok(Prepared(Change {
            table: table_of::<R>(),
            expected_version: i64::from(resource.version),
            expected_class: resource.class.id(),
            holder: caller.identity.holder().map(String::from),
            class: projection.class,
            claim,
            rows: projection.rows,
            brought: None,
            asks: None,
        }))
    }
}
