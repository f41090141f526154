//! Passwords: argon2id with the parameters that OWASP names (19 MiB, two passes, one lane).
//!
//! Each check takes tens of milliseconds and 19 MiB on purpose, so at most two run
//! at once, on threads of their own. Devices never seen before share one of the two
//! places: however many strangers try, a known device waits for one check at most.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use clearpicture_kernel::Ambient;
use tokio::sync::Semaphore;

use super::device::Device;
use crate::shell::Failure;

static PLACES: Semaphore = Semaphore::const_new(2);
static STRANGERS: Semaphore = Semaphore::const_new(1);
/// How long a stranger queues before being asked to come back.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

/// Why a password could not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashFault(String);

impl From<HashFault> for Failure {
    fn from(fault: HashFault) -> Self {
        Self::fault(&fault)
    }
}

/// The hash of a new password, as a PHC string.
///
/// # Errors
/// [`HashFault`] when there is no memory or thread for it.
pub(super) async fn hash(ambient: &Ambient, password: &str) -> Result<String, HashFault> {
    let salt: [u8; 16] = ambient.bytes();
    let password = password.to_owned();
    let _place = place().await?;
    on_a_thread(move || hashed(&password, &salt)).await?
}

/// Whether `password` is the one behind `phc`. Without one the same work is done, for nothing:
/// an answer tells by no delay whether the account is there.
///
/// # Errors
/// [`Failure::Slower`] when too many strangers queue, [`Failure::Fault`] when it cannot be hashed.
pub(super) async fn is_right(
    password: &str,
    phc: Option<String>,
    device: Device,
) -> Result<bool, Failure> {
    let _queue = match device {
        Device::Known => None,
        Device::Strange => Some(
            tokio::time::timeout(LONGEST_QUEUE, STRANGERS.acquire())
                .await
                .map_err(|_| Failure::Slower(LONGEST_QUEUE.as_secs()))?,
        ),
    };
    let _place = place().await?;
    let password = password.to_owned();
    let checked = on_a_thread(move || match phc {
        Some(phc) => PasswordHash::new(&phc)
            .map(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            })
            .map_err(|problem| HashFault(problem.to_string())),
        None => hashed(&password, &[0; 16]).map(|_| false),
    });
    Ok(checked.await??)
}

fn hashed(password: &str, salt: &[u8]) -> Result<String, HashFault> {
    let hash: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string())
        .map_err(|problem| HashFault(problem.to_string()))
}

async fn place() -> Result<tokio::sync::SemaphorePermit<'static>, HashFault> {
    let place = PLACES.acquire().await;
    place.map_err(|problem| HashFault(problem.to_string()))
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HashFault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|problem| HashFault(problem.to_string()))
}
