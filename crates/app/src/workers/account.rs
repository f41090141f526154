//! Who an account belongs to, for the capabilities that let people in.

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, EmailAddress, PersonName, TypedId as _, WorkerId};
use clearpicture_store::{Store, StoreFault};

use super::store::{by_email, row_of};
use super::types::ListWorkers;
use crate::agencies;

/// The person behind an account that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub worker: WorkerId,
    /// Their agency.
    pub agency: AgencyId,
    /// Their name.
    pub name: PersonName,
    /// The address they sign in with.
    pub email: EmailAddress,
}

/// The account of `worker`; `None` when it is closed, of an agency that no longer takes part, or not there.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn account(
    store: &Store,
    scope: &Scope<ListWorkers>,
    worker: WorkerId,
) -> Result<Option<Account>, StoreFault> {
    let found = row_of(store, scope, worker).await?.and_then(|row| {
        Some(Account {
            worker,
            agency: AgencyId::parse(&row.agency_id).ok()?,
            name: PersonName::parse(&row.name).ok()?,
            email: EmailAddress::parse(&row.email).ok()?,
        })
    });
    match found {
        Some(account) => {
            let agency = agencies::taking_part(store, account.agency).await?;
            Ok(agency.map(|_| account))
        }
        None => Ok(None),
    }
}

/// The account that is used with this address; `None` when it is closed or not there.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn account_by_email(
    store: &Store,
    scope: &Scope<ListWorkers>,
    email: &str,
) -> Result<Option<Account>, StoreFault> {
    match by_email(store, scope, email).await? {
        Some(worker) => account(store, scope, worker).await,
        None => Ok(None),
    }
}
