//! Proving that history is what it was: every hash computed again, every link
//! and every seal compared, and the first thing that is wrong named.
//!
//! What is found: any byte altered in any entry, seal or row of the read log;
//! any of them missing or added; records ahead of their history, which is what
//! taking away the last entries leaves behind. Whoever writes a whole chain
//! anew, seals and all, is found by [`Store::verify_against`] only.

use std::fmt;

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait, DbErr};

use crate::batch::verify_batches;
use crate::chain::{Chain, Link, Walk};
use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::look::LookRow;
use crate::open::Store;
use crate::schema::{Table, TableClass};
use crate::seal_check::{Seals, by_seal};
use crate::tables::ENTRY;
use crate::transfer::snapshot;

/// What was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries of history.
    pub entries: u64,
    /// Seals.
    pub seals: u64,
    /// Rows of the read log.
    pub looks: u64,
    /// Seals of the read log.
    pub look_seals: u64,
}

impl Verified {
    /// The same sentence of the read log.
    pub fn of_the_read_log(&self) -> String {
        format!(
            "verified {} read log rows, {} read log seals",
            self.looks, self.look_seals
        )
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "verified {} entries, {} seals", self.entries, self.seals)
    }
}

/// The first thing found wrong, or why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A number of a chain is not there.
    #[error("{0} {1} is missing")]
    Missing(Chain, i64),
    /// What it says is not what was written.
    #[error("{0} {1} was altered")]
    Altered(Chain, i64),
    /// Its number was never given.
    #[error("{0} {1} was added from outside: no such number was given")]
    Added(Chain, i64),
    /// Two neighbours do not fit, and nothing is left that tells which was altered.
    #[error("{0} {1} or {2} was altered: the one does not follow the other")]
    Parted(Chain, i64, i64),
    /// A seal is not there.
    #[error("{seal} {1} is missing", seal = .0.seal())]
    SealMissing(Chain, i64),
    /// A seal is not what was written.
    #[error("{seal} {1} was altered", seal = .0.seal())]
    SealAltered(Chain, i64),
    /// What lies under a seal hangs together, but is not what was sealed.
    #[error(
        "{} {first} to {last} are not those that {} {seal} was set on: some were rewritten",
        chain.plural(),
        chain.seal()
    )]
    Rewritten {
        /// The chain.
        chain: Chain,
        /// The seal.
        seal: i64,
        /// The first link under it.
        first: i64,
        /// The last link under it.
        last: i64,
    },
    /// A second holder has another seal of this number.
    #[error("{seal} {1} differs from the one that was handed over: {whole} was rewritten", seal = .0.seal(), whole = .0.whole())]
    SealDiffers(Chain, i64),
    /// A second holder's copy has a hole.
    #[error(
        "{seal} {1} is not in the second holder's copy, which has later ones: a file was taken away there",
        seal = .0.seal()
    )]
    SealNotHeld(Chain, i64),
    /// Rows that an entry brought are not what it brought.
    #[error("the rows that entry {0} brought were altered: one was changed, added or taken away")]
    BatchAltered(i64),
    /// A row that no entry brought.
    #[error("the table `{0}` holds a row that no entry brought: it was added from outside")]
    Stray(&'static str),
    /// A record is newer than its history.
    #[error(
        "`{id}` is at version {version}, which history does not hold: its last entries were taken away"
    )]
    Ahead {
        /// The record.
        id: String,
        /// Its version.
        version: i64,
    },
    /// Nothing could be found out.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

impl From<DbErr> for Broken {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl Store {
    /// Proves that history, its seals and the read log are what they were, in one view of the database.
    ///
    /// # Errors
    /// [`Broken`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<Verified, Broken> {
        let view = snapshot(&self.inner.connections).await?;
        let verified = verify(&view, &self.inner.tables).await;
        // Nothing was written, so nothing is lost when the view cannot be ended.
        drop(view.rollback().await);
        verified
    }
}

/// What [`Store::verify`] does, over any connection.
pub(crate) async fn verify(
    connection: &impl ConnectionTrait,
    tables: &[Table],
) -> Result<Verified, Broken> {
    let (entries, seals) = walk::<Entry>(connection).await?;
    let (looks, look_seals) = walk::<LookRow>(connection).await?;
    verify_batches(connection, tables).await?;
    let records = tables
        .iter()
        .filter(|table| table.class == TableClass::Record);
    for table in records {
        not_ahead(connection, table).await?;
    }
    Ok(Verified {
        entries,
        seals,
        looks,
        look_seals,
    })
}

/// Walks along one chain and its seals, and counts both.
async fn walk<L: Link>(connection: &impl ConnectionTrait) -> Result<(u64, u64), Broken> {
    let mut links = Walk::<_, L>::along(connection);
    let mut seals = Seals::over(connection, L::CHAIN);
    loop {
        match links.next().await {
            Ok(Some(link)) => seals.pass(&link).await?,
            Ok(None) => break,
            Err(broken) => return Err(by_seal::<L>(connection, broken).await?),
        }
    }
    let sealed = seals.finish(links.walked).await?;
    Ok((links.walked.unsigned_abs(), sealed.unsigned_abs()))
}

/// Refuses a record whose row is of a version that history does not hold.
async fn not_ahead(connection: &impl ConnectionTrait, table: &Table) -> Result<(), Broken> {
    let column = |table: &str, name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    let entry = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new(ENTRY))
        .and_where(column(ENTRY, "record_id").eq(column(table.name, "id")))
        .and_where(column(ENTRY, "record_version").eq(column(table.name, "version")))
        .to_owned();
    let select = Query::select()
        .columns(["id", "version"].map(Alias::new))
        .from(Alias::new(table.name))
        .and_where(Expr::exists(entry).not())
        .order_by(Alias::new("id"), Order::Asc)
        .limit(1)
        .to_owned();
    match connection.query_one(&select).await? {
        Some(row) => Err(Broken::Ahead {
            id: row.try_get("", "id")?,
            version: row.try_get("", "version")?,
        }),
        None => Ok(()),
    }
}
