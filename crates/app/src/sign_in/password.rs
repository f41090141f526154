//! Passwords: argon2id with the parameters that OWASP names (19 MiB, two passes, one lane).
//!
//! Each check takes tens of milliseconds and 19 MiB on purpose, so at most two run
//! at once, on threads of their own. Devices never seen before share one of the two
//! places: however many strangers try, a known device waits for one check at most.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use clearpicture_kernel::Ambient;
use tokio::sync::Semaphore;

use super::device::Device;
use crate::shell::Failure;

static PLACES: Semaphore = Semaphore::const_new(2);
static STRANGERS: Semaphore = Semaphore::const_new(1);
/// The memory of the places, kept for the next check: if it were given back, the allocator would hold on to it once
/// for every thread that ever checked a password, and the server would grow by hundreds of megabytes.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
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
        Some(phc) => matches(&password, &phc),
        None => hashed(&password, &[0; 16]).map(|_| false),
    });
    Ok(checked.await??)
}

fn hashed(password: &str, salt: &[u8]) -> Result<String, HashFault> {
    let argon = Argon2::default();
    let salt = Salt::new(salt).map_err(fault)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon.params()).map_err(fault)?,
        salt: Some(salt),
        hash: Some(output(&argon, password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
    };
    Ok(hash.to_string())
}

/// Compares in constant time, by the parameters that `phc` was made with.
fn matches(password: &str, phc: &str) -> Result<bool, HashFault> {
    let known = PasswordHash::new(phc).map_err(fault)?;
    let (Some(salt), Some(hash)) = (&known.salt, &known.hash) else {
        return Ok(false);
    };
    let version = known.version.map(Version::try_from).transpose();
    let argon = Argon2::new(
        Algorithm::try_from(known.algorithm.as_str()).map_err(fault)?,
        version.map_err(fault)?.unwrap_or_default(),
        Params::try_from(&known).map_err(fault)?,
    );
    Ok(output(&argon, password, salt, hash.len())? == *hash)
}

fn output(
    argon: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    len: usize,
) -> Result<Output, HashFault> {
    let kept = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut blocks = kept().pop().unwrap_or_default();
    blocks.resize(argon.params().block_count(), Block::new());
    let mut out = vec![0; len];
    let done =
        argon.hash_password_into_with_memory(password.as_bytes(), salt, &mut out, &mut blocks);
    kept().push(blocks);
    done.map_err(fault)?;
    Output::new(&out).map_err(fault)
}

fn fault(problem: impl Display) -> HashFault {
    HashFault(problem.to_string())
}

async fn place() -> Result<tokio::sync::SemaphorePermit<'static>, HashFault> {
    let place = PLACES.acquire().await;
    place.map_err(fault)
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HashFault> {
    // What a panic says goes nowhere.
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| fault("the work on a password stopped half way"))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher as _;

    use super::*;

    #[test]
    fn hashes_are_those_of_the_library_whatever_the_memory_held_before() {
        for (password, salt) in [("first words", [1; 16]), ("other words", [2; 16])] {
            let theirs: PasswordHash = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .expect("hashed");
            let ours = hashed(password, &salt).expect("hashed");
            assert_eq!(ours, theirs.to_string());
            assert_eq!(matches(password, &ours), Ok(true));
            assert_eq!(matches("wrong words", &ours), Ok(false));
        }
        assert!(matches("any", "not a hash").is_err());
    }

    #[test]
    fn a_hash_is_checked_by_the_parameters_it_was_made_with() {
        let lighter = Params::new(64, 1, 1, Some(24)).expect("parameters");
        let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, lighter)
            .hash_password_with_salt(b"older words", &[3; 16])
            .expect("hashed");
        assert_eq!(matches("older words", &hash.to_string()), Ok(true));
        assert_eq!(matches("newer words", &hash.to_string()), Ok(false));
    }
}
