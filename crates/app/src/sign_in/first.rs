//! The first set-up code of all, for whoever begins a partnership on its server: until then nobody
//! could sign in to give one out.

use clearpicture_access::Access;
use clearpicture_kernel::{Timestamp, WorkerId};
use clearpicture_store::{Store, WriteError};

use super::make::{self, AccountFault, fresh_code};
use super::rules::code_digest;
use super::store::any_ready;
use super::system::System;
use super::types::{CheckSignIn, Credential, CredentialId, IssueSetUp, IssueSetUpAgain};
use crate::shell::Failure;

/// The name under which the product itself begins a partnership.
const BEGIN: &str = "begin";

/// A set-up code that was given out, told this once.
pub struct GivenCode {
    /// The code.
    pub code: String,
    /// From when it is worth nothing.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for GivenCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenCode(withheld)")
    }
}

/// Whether anybody has set up their sign-in.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn anyone_set_up(store: &Store, access: &Access) -> Result<bool, Failure> {
    let system = System::named(store, access, BEGIN)?;
    Ok(any_ready(store, &system.scope::<CheckSignIn>().await?).await?)
}

/// Gives `worker` a set-up code: the first, or another when the first was never used.
///
/// # Errors
/// [`AccountFault`] when there is no such worker, or they have set up their sign-in before.
pub async fn give_first_code(
    store: &Store,
    access: &Access,
    worker: WorkerId,
) -> Result<GivenCode, AccountFault> {
    let system = System::named(store, access, BEGIN)?;
    let account = system.account(worker).await?;
    let account = account.ok_or(AccountFault::NoWorker(worker))?;
    let code = fresh_code(store.ambient());
    let (digest, now) = (code_digest(worker, &code), store.ambient().now());
    let credential = match system.credential(worker).await? {
        Some((id, credential)) => {
            let credential = credential
                .invite_again(digest, now)
                .map_err(|refusal| Failure::Rule(refusal.to_string()))?;
            let permit = system.permit::<IssueSetUpAgain>(&id).await?;
            let changed = store.change(&permit, &credential, None).await;
            changed.map_err(|error: WriteError| Failure::from(error))?;
            credential
        }
        None => {
            let credential = Credential::invited(worker, account.agency, digest, now);
            let id = CredentialId::fresh(store.ambient());
            let permit = system.permit_add::<IssueSetUp>(&id, &credential)?;
            make::add(store, &system, &permit, &id, &credential).await?;
            credential
        }
    };
    Ok(GivenCode {
        code,
        expires_at: credential.code_expires_at().unwrap_or(now),
    })
}
