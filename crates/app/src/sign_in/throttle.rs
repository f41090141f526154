//! Slows, never locks (safety rule 18).
//!
//! Failures are counted per account *and* the device or place they come from, so
//! that nobody can slow a colleague down by typing wrong passwords for them:
//!
//! | who tries | counted under | free | longest wait |
//! |---|---|---|---|
//! | a device that has signed in to this account before | account and device | 3 | 15 s |
//! | anything else, a password or set-up code | account and address | 3 | 15 s |
//! | | address alone, since an office shares one | 20 | 15 s |
//! | anything else, a one-time code (so the password was right) | account, all strangers together | 3 | 5 min |
//!
//! The wait grows 1, 2, 4, 8 seconds and so on, and is forgotten an hour after the
//! last try. Whoever comes too soon is told how long to wait (status 429 and
//! `retry-after`), and the try does not count. A try is counted before it is
//! checked and taken back when it was right, so that a hundred at once are
//! hardly better than one.

use clearpicture_kernel::Digest;
use clearpicture_store::{Store, StoreFault};

use super::device::{Approach, Device};
use super::rules::wait_after;
use super::store::tries::{self, Tries};
use crate::shell::Failure;

const SECOND: i64 = 1_000_000;
/// Failures are forgotten this long after the last.
const FORGOTTEN_AFTER: i64 = 3_600 * SECOND;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Try {
    /// A password.
    Password,
    /// A one-time code, after the right password.
    Code,
    /// A set-up code.
    SetUp,
}

impl Try {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Password => b"password",
            Self::Code => b"code",
            Self::SetUp => b"set-up",
        }
    }
}

/// One count of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Count {
    id: String,
    free: i64,
    longest: i64,
}

/// One try, counted.
#[derive(Debug)]
pub(super) struct Counted(Vec<Count>);

fn counts(what: Try, account: &str, approach: &Approach, device: Device) -> Vec<Count> {
    let count = |free, longest, parts: &[&str]| {
        let mut all: Vec<&[u8]> = vec![b"clearpicture.try", what.word()];
        all.extend(parts.iter().map(|part| part.as_bytes()));
        Count {
            id: Digest::of_parts(&all).to_string(),
            free,
            longest,
        }
    };
    match (device, what) {
        (Device::Known, _) => vec![count(3, 15, &[account, "device", approach.device_digest()])],
        (Device::Strange, Try::Code) => vec![count(3, 300, &[account, "strangers"])],
        (Device::Strange, _) => vec![
            count(3, 15, &[account, "address", approach.address()]),
            count(20, 15, &["address", approach.address()]),
        ],
    }
}

/// Counts a try, or says how long to wait for it.
///
/// # Errors
/// [`Failure::Slower`] when it comes too soon after failures.
pub(super) async fn count(
    store: &Store,
    what: Try,
    account: &str,
    approach: &Approach,
    device: Device,
) -> Result<Counted, Failure> {
    let counts = counts(what, account, approach, device);
    let now = store.ambient().now().as_microsecond();
    for count in &counts {
        standing(store, count, now).await?;
    }
    for count in &counts {
        add_one(store, count, now).await?;
    }
    Ok(Counted(counts))
}

/// The count as it stands and the failures that still weigh, or how long to wait.
async fn standing(store: &Store, count: &Count, now: i64) -> Result<Option<(Tries, i64)>, Failure> {
    let Some(found) = tries::find(store, &count.id).await? else {
        return Ok(None);
    };
    // A clock set back makes nobody wait longer than the longest wait.
    let since = (now - found.tried_at).max(0);
    if since > FORGOTTEN_AFTER {
        return Ok(Some((found, 0)));
    }
    let wait = wait_after(found.failures, count.free, count.longest) * SECOND - since;
    match u64::try_from(wait) {
        Ok(wait) if wait > 0 => Err(Failure::Slower(wait.div_ceil(SECOND.unsigned_abs()))),
        _ => Ok(Some((found, found.failures))),
    }
}

/// Adds a failure, unless others were quicker so often that this one has to wait too.
async fn add_one(store: &Store, count: &Count, now: i64) -> Result<(), Failure> {
    for _ in 0..8 {
        let added = match standing(store, count, now).await? {
            None => tries::begin(store, &count.id, now).await?,
            Some((seen, failures)) => {
                let next = Tries {
                    failures: failures + 1,
                    tried_at: now,
                };
                tries::replace(store, &count.id, seen, next).await?
            }
        };
        if added {
            return Ok(());
        }
    }
    Err(Failure::Slower(1))
}

impl Counted {
    /// The try was right: the account's failures from here are forgotten, and what it
    /// added to a count shared with others is taken back.
    pub(super) async fn forgive(self, store: &Store) -> Result<(), StoreFault> {
        let mut counts = self.0.into_iter();
        if let Some(own) = counts.next() {
            tries::forget(store, &own.id).await?;
        }
        for shared in counts {
            tries::take_one_back(store, &shared.id).await?;
        }
        Ok(())
    }
}

/// Takes away what is forgotten.
pub(super) async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    let before = store.ambient().now().as_microsecond() - FORGOTTEN_AFTER;
    tries::sweep(store, before).await
}
