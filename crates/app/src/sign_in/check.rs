//! Checking a password and a code, slowly enough for strangers.

use clearpicture_kernel::WorkerId;

use super::device::{Approach, Device};
use super::store::use_up;
use super::system::System;
use super::throttle::{self, Try};
use super::{code, password};
use crate::shell::Failure;
use crate::state::App;

/// Who has this address and this password; `None` whichever of the two is wrong, or the account closed.
pub(super) async fn password(
    app: &App,
    approach: &Approach,
    email: &str,
    typed: &str,
) -> Result<Option<WorkerId>, Failure> {
    let email = email.trim().to_lowercase();
    let door = System::at_the_door(app)?;
    let account = door.account_by_email(&email).await?;
    let device = match &account {
        Some(account) => approach.device(app.store(), account.worker).await?,
        None => Device::Strange,
    };
    let counted = throttle::count(app.store(), Try::Password, &email, approach, device).await?;
    let credential = match &account {
        Some(account) => door.credential(account.worker).await?,
        None => None,
    };
    let phc = credential.and_then(|(_, credential)| {
        let proofs = credential.proofs()?;
        Some(proofs.password_phc.clone())
    });
    if !password::is_right(typed, phc, device).await? {
        return Ok(None);
    }
    counted.forgive(app.store()).await?;
    Ok(account.map(|account| account.worker))
}

/// What came of a typed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeAnswer {
    /// It is right, and used up now.
    Right,
    /// It is not.
    Wrong,
    /// It was right once.
    Used,
}

/// Whether `typed` is a code of this worker's device, never used before.
pub(super) async fn code(
    app: &App,
    approach: &Approach,
    worker: WorkerId,
    typed: &str,
) -> Result<CodeAnswer, Failure> {
    let device = approach.device(app.store(), worker).await?;
    let account = worker.to_string();
    let counted = throttle::count(app.store(), Try::Code, &account, approach, device).await?;
    let credential = System::at_the_door(app)?.credential(worker).await?;
    let step = credential.as_ref().and_then(|(_, credential)| {
        let proofs = credential.proofs()?;
        code::step_of(&proofs.code_secret, typed, app.ambient().now())
    });
    let Some(step) = step else {
        return Ok(CodeAnswer::Wrong);
    };
    if !use_up(app.store(), worker, step).await? {
        return Ok(CodeAnswer::Used);
    }
    counted.forgive(app.store()).await?;
    Ok(CodeAnswer::Right)
}
