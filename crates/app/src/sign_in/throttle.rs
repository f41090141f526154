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
use clearpicture_store::{Scratch, Store, StoreFault};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{self, Expr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::device::{Approach, Device};
use super::rules::wait_after;
use crate::shell::Failure;

const SECOND: i64 = 1_000_000;
/// Failures are forgotten this long after the last.
pub(super) const FORGOTTEN_AFTER: i64 = 3_600 * SECOND;

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
        (Device::Known, _) => vec![count(
            3,
            15,
            &[account, "device", &approach.device_digest()],
        )],
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
    let scratch = store.scratch::<row::Entity>()?;
    for count in &counts {
        standing(&scratch, count, now).await?;
    }
    for count in &counts {
        add_one(&scratch, count, now).await?;
    }
    Ok(Counted(counts))
}

/// The count as it stands and the failures that still weigh, or how long to wait.
async fn standing(
    scratch: &Scratch<'_, row::Entity>,
    count: &Count,
    now: i64,
) -> Result<Option<(row::Model, i64)>, Failure> {
    let found = scratch.one(row::Entity::find_by_id(&count.id)).await?;
    let Some(found) = found else { return Ok(None) };
    // A clock set back makes nobody wait longer than the longest wait.
    let since = (now - found.tried_at).max(0);
    if since > FORGOTTEN_AFTER {
        return Ok(Some((found, 0)));
    }
    let wait = wait_after(found.failures, count.free, count.longest) * SECOND - since;
    match u64::try_from(wait) {
        Ok(wait) if wait > 0 => Err(Failure::Slower(wait.div_ceil(SECOND.unsigned_abs()))),
        _ => {
            let failures = found.failures;
            Ok(Some((found, failures)))
        }
    }
}

/// Adds a failure, unless others were quicker so often that this one has to wait too.
async fn add_one(
    scratch: &Scratch<'_, row::Entity>,
    count: &Count,
    now: i64,
) -> Result<(), Failure> {
    for _ in 0..8 {
        let added = match standing(scratch, count, now).await? {
            None => {
                let first = row::ActiveModel {
                    id: Set(count.id.clone()),
                    failures: Set(1),
                    tried_at: Set(now),
                };
                scratch.add(first).await?
            }
            Some((seen, failures)) => {
                let changed = scratch.change(|rows| {
                    rows.col_expr(row::Column::Failures, (failures + 1).into())
                        .col_expr(row::Column::TriedAt, now.into())
                        .filter(row::Column::Id.eq(&count.id))
                        .filter(row::Column::Failures.eq(seen.failures))
                        .filter(row::Column::TriedAt.eq(seen.tried_at))
                });
                changed.await? == 1
            }
        };
        if added {
            return Ok(());
        }
    }
    Err(Failure::Slower(1))
}

impl Counted {
    /// The try was right: what was counted for it, and the account's failures from here, are taken back.
    pub(super) async fn forgive(self, store: &Store) -> Result<(), StoreFault> {
        let scratch = store.scratch::<row::Entity>()?;
        let mut counts = self.0.into_iter();
        if let Some(own) = counts.next() {
            scratch
                .remove(|rows| rows.filter(row::Column::Id.eq(own.id)))
                .await?;
        }
        for shared in counts {
            scratch
                .change(|rows| {
                    let one_less = sea_query::ExprTrait::sub(Expr::col(row::Column::Failures), 1);
                    rows.col_expr(row::Column::Failures, one_less)
                        .filter(row::Column::Id.eq(shared.id))
                        .filter(row::Column::Failures.gt(0))
                })
                .await?;
        }
        Ok(())
    }
}

/// Takes away what is forgotten.
pub(super) async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    let before = store.ambient().now().as_microsecond() - FORGOTTEN_AFTER;
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::TriedAt.lt(before)))
        .await
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_try")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub failures: i64,
        pub tried_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
