//! Passwords and codes for everyone of the example.

use clearpicture_access::Access;
use clearpicture_app::shell::Failure;
use clearpicture_app::sign_in::{AccountFault, set_up_account};
use clearpicture_app::workers::{ListWorkers, by_email};
use clearpicture_store::Store;
use futures_util::future::try_join_all;

use super::sign_ins::SignIn;
use crate::making::unknown;
use crate::outcome::Stop;

/// Lets everyone sign in. Hashing a password is slow on purpose, so it is done for all at once.
pub(super) async fn open(store: &Store, access: &Access, sign_ins: &[SignIn]) -> Result<(), Stop> {
    let (caller, purpose) = (super::MAKER.caller(), super::MAKER.purpose()?);
    let scope = store
        .scope::<ListWorkers>(access, &caller, &purpose)
        .await?;
    let accounts = sign_ins.iter().map(|sign_in| async {
        let worker = by_email(store, &scope, &sign_in.email).await?;
        let worker = worker.ok_or_else(|| unknown(&sign_in.email))?;
        match set_up_account(store, access, worker, &sign_in.password, &sign_in.totp).await {
            // An earlier run that was stopped had come as far as this one.
            Ok(()) | Err(AccountFault::Failed(Failure::Rule(_))) => Ok::<(), Stop>(()),
            Err(fault) => Err(Stop::fault(fault.to_string())),
        }
    });
    try_join_all(accounts).await?;
    Ok(())
}
