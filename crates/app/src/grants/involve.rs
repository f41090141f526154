//! Noting that someone's work is with a record.

use clearpicture_access::{Caller, Kind as _, Purpose};
use clearpicture_kernel::text::TextError;
use clearpicture_kernel::{AgencyId, Passage, RecordId, Timestamp, TypedId as _, WorkerId};
use clearpicture_store::{Grant, GrantId, Prepared, Receipt, Record as _, Relation};

use super::types::Involve;
use crate::shell::Failure;
use crate::state::App;

/// Who is involved with what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Involvement {
    /// The worker or token.
    pub holder: RecordId,
    /// The record.
    pub on_record: RecordId,
    /// The agency whose record it is.
    pub owner: Option<AgencyId>,
    /// Why, in words.
    pub reason: Passage,
}

impl Involvement {
    /// A worker's with their own record.
    ///
    /// # Errors
    /// [`TextError`] never: the reason is our own.
    pub fn own(worker: WorkerId, agency: AgencyId) -> Result<Self, TextError> {
        Ok(Self {
            holder: worker.record_id(),
            on_record: worker.record_id(),
            owner: Some(agency),
            reason: Passage::parse("It is their own record.")?,
        })
    }

    /// The grant that says so, in force from `now`.
    pub fn grant(self, now: Timestamp) -> Grant {
        Grant {
            holder: self.holder,
            on_record: self.on_record,
            owner: self.owner,
            relation: Relation::Involved,
            reason: self.reason,
            starts_at: now,
            ends_at: None,
            reached: clearpicture_store::Reached::default(),
        }
    }
}

/// Prepares to note an involvement from now on, to be committed with the change that brings it about.
///
/// # Errors
/// [`Failure::Refused`] when `caller` may not note it, [`Failure::Fault`] when the database fails.
pub async fn prepare_involvement(
    app: &App,
    caller: &Caller,
    purpose: &Purpose,
    involvement: Involvement,
) -> Result<Prepared, Failure> {
    let id = GrantId::fresh(app.ambient());
    let grant = involvement.grant(app.ambient().now());
    let resource = grant.to_add(&id);
    let permit = app.access().permit::<Involve>(caller, resource, purpose)?;
    let reason = grant.reason.clone();
    Ok(app
        .store()
        .prepare_add(&permit, &grant, Some(&reason))
        .await?)
}

/// Notes an involvement from now on.
///
/// # Errors
/// As [`prepare_involvement`].
pub async fn note_involvement(
    app: &App,
    caller: &Caller,
    purpose: &Purpose,
    involvement: Involvement,
) -> Result<Receipt, Failure> {
    let prepared = prepare_involvement(app, caller, purpose, involvement).await?;
    let receipts = app.store().commit(vec![prepared]).await?;
    receipts
        .into_iter()
        .next()
        .ok_or_else(|| Failure::fault(&format!("no receipt for a {}", Grant::NAME)))
}
