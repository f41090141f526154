//! Making a credential, and with it the note of whose it is, in one change.

use clearpicture_access::{Access, Adds, Permit};
use clearpicture_kernel::{Ambient, Passage, TypedId as _, WorkerId};
use clearpicture_store::{Grant, GrantId, Prepared, Relation, Store};

use super::system::System;
use super::types::{Credential, CredentialId, CredentialState, MakeSignIn, OwnSignIn, Proofs};
use super::{code, password};
use crate::shell::Failure;

/// Why an account could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum AccountFault {
    /// There is nobody to make it for.
    #[error("there is no worker `{0}` who may sign in")]
    NoWorker(WorkerId),
    /// No codes can be made from it.
    #[error("the secret for codes is not base 32 of 16 bytes or more")]
    Secret,
    /// It was not allowed, or the database failed.
    #[error("the account could not be made ready: {0}")]
    Failed(#[from] Failure),
}

/// Makes the account of `worker` ready at once, for an example partnership.
///
/// # Errors
/// [`AccountFault`] when there is no such worker, the secret is none, or it has an account already.
pub async fn set_up_account(
    store: &Store,
    access: &Access,
    worker: WorkerId,
    password: &str,
    code_secret: &str,
) -> Result<(), AccountFault> {
    if !code::is_secret(code_secret) {
        return Err(AccountFault::Secret);
    }
    let system = System::named(store, access, "set-up")?;
    let account = system.account(worker).await?;
    let account = account.ok_or(AccountFault::NoWorker(worker))?;
    let now = store.ambient().now();
    let hash = password::hash(store.ambient(), password).await;
    let credential = Credential {
        worker,
        agency: account.agency,
        state: CredentialState::Ready(Proofs {
            password_phc: hash.map_err(Failure::from)?,
            password_set_at: now,
            code_secret: code_secret.to_owned(),
            code_set_at: now,
        }),
        recovery: None,
    };
    let id = CredentialId::fresh(store.ambient());
    let permit = system.permit_add::<MakeSignIn>(&id, &credential)?;
    add(store, &system, &permit, &id, &credential).await?;
    Ok(())
}

/// A fresh set-up code: 80 bits in four groups, without letters that are easily misread.
pub(super) fn fresh_code(ambient: &Ambient) -> String {
    let [a, b, c, d, e, f, g, h, i, j] = ambient.bytes::<10>();
    let bits = u128::from_be_bytes([0, 0, 0, 0, 0, 0, a, b, c, d, e, f, g, h, i, j]);
    let letters: Vec<char> = clearpicture_kernel::id::encode(bits)
        .chars()
        .skip(10)
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
    groups.join("-")
}

/// Makes a credential, and notes in the same change that its worker is involved with it:
/// so policy can tell one's own from another's.
pub(super) async fn add<A: Adds<On = Credential>>(
    store: &Store,
    system: &System<'_>,
    permit: &Permit<A>,
    id: &CredentialId,
    credential: &Credential,
) -> Result<(), Failure> {
    let made = store.prepare_add(permit, credential, None).await?;
    let owned = own(store, system, id, credential).await?;
    store.commit(vec![made, owned]).await?;
    Ok(())
}

async fn own(
    store: &Store,
    system: &System<'_>,
    id: &CredentialId,
    credential: &Credential,
) -> Result<Prepared, Failure> {
    let reason = Passage::parse("One's own sign-in.").map_err(|fault| Failure::fault(&fault))?;
    let grant = Grant {
        holder: credential.worker.record_id(),
        on_record: id.record_id(),
        owner: Some(credential.agency),
        relation: Relation::Involved,
        reason,
        starts_at: store.ambient().now(),
        ends_at: None,
        reached: clearpicture_store::Reached::default(),
    };
    let grant_id = GrantId::fresh(store.ambient());
    let permit = system.permit_add::<OwnSignIn>(&grant_id, &grant)?;
    Ok(store.prepare_add(&permit, &grant, None).await?)
}
