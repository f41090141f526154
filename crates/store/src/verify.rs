//! Proving that history is what it was: every hash computed again, every link
//! and every seal compared, and the first thing that is wrong named.
//!
//! What is found: any byte altered in any entry, seal or row of the read log;
//! any of them missing or added; records ahead of their history, which is what
//! taking away the last entries leaves behind. Whoever writes a whole chain
//! anew, seals and all, is found by [`Store::verify_against`] only.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::vec::IntoIter;

use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::look::LookRow;
use crate::merkle::Tree;
use crate::open::Store;
use crate::schema::{Table, TableClass};
use crate::seal::{Seal, seals_after};
use crate::tables::{ENTRY, SEAL};
use crate::transfer::snapshot;

/// Links of a chain read at once.
const PAGE: u64 = 500;

/// What was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries of history.
    pub entries: u64,
    /// Seals.
    pub seals: u64,
    /// Rows of the read log.
    pub looks: u64,
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
    #[error("seal {0} is missing")]
    SealMissing(i64),
    /// A seal is not what was written.
    #[error("seal {0} was altered")]
    SealAltered(i64),
    /// The entries under a seal hang together, but are not those that were sealed.
    #[error(
        "entries {first} to {last} are not those that seal {seal} was set on: some were rewritten"
    )]
    Rewritten {
        /// The seal.
        seal: i64,
        /// The first entry under it.
        first: i64,
        /// The last entry under it.
        last: i64,
    },
    /// A second holder has another seal of this number.
    #[error("seal {0} differs from the one that was handed over: history was rewritten")]
    SealDiffers(i64),
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

/// A chain, by the word for one of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// History.
    Entry,
    /// The read log.
    Look,
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "entry",
            Self::Look => "read log row",
        })
    }
}

/// One link of a chain of hashes.
trait Link: Sized {
    const CHAIN: Chain;
    fn select() -> SelectStatement;
    fn read(row: &QueryResult) -> Result<Self, DbErr>;
    fn seq(&self) -> i64;
    fn previous_hash(&self) -> &[u8];
    fn hash(&self) -> &[u8];
    fn computed_hash(&self) -> Digest;
}

macro_rules! link {
    ($link:ty, $chain:expr) => {
        impl Link for $link {
            const CHAIN: Chain = $chain;

            fn select() -> SelectStatement {
                Self::select()
            }

            fn read(row: &QueryResult) -> Result<Self, DbErr> {
                Self::read(row)
            }

            fn seq(&self) -> i64 {
                self.seq
            }

            fn previous_hash(&self) -> &[u8] {
                &self.previous_hash
            }

            fn hash(&self) -> &[u8] {
                &self.hash
            }

            fn computed_hash(&self) -> Digest {
                self.computed_hash()
            }
        }
    };
}

link!(Entry, Chain::Entry);
link!(LookRow, Chain::Look);

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
    let mut entries = Walk::<_, Entry>::along(connection);
    let mut seals = Seals::over(connection);
    loop {
        match entries.next().await {
            Ok(Some(entry)) => seals.pass(&entry).await?,
            Ok(None) => break,
            Err(broken) => return Err(by_seal(connection, broken).await?),
        }
    }
    let sealed = seals.finish(entries.walked).await?;
    let mut looks = Walk::<_, LookRow>::along(connection);
    while looks.next().await?.is_some() {}
    let records = tables
        .iter()
        .filter(|table| table.class == TableClass::Record);
    for table in records {
        not_ahead(connection, table).await?;
    }
    Ok(Verified {
        entries: entries.walked.unsigned_abs(),
        seals: sealed.unsigned_abs(),
        looks: looks.walked.unsigned_abs(),
    })
}

/// A walk along a chain, which checks each link by itself and against the one before.
struct Walk<'a, C, L> {
    connection: &'a C,
    page: IntoIter<QueryResult>,
    /// The number of the last link given out, which is also how many were.
    walked: i64,
    hash: Vec<u8>,
    link: PhantomData<L>,
}

impl<'a, C: ConnectionTrait, L: Link> Walk<'a, C, L> {
    fn along(connection: &'a C) -> Self {
        Self {
            connection,
            page: Vec::new().into_iter(),
            walked: 0,
            hash: Digest::ZERO.to_vec(),
            link: PhantomData,
        }
    }

    /// The next link; `None` after the last.
    async fn next(&mut self) -> Result<Option<L>, Broken> {
        if self.page.as_slice().is_empty() {
            self.page = self.next_page().await?.into_iter();
        }
        let Some(row) = self.page.next() else {
            return Ok(None);
        };
        let expected = self.walked + 1;
        let altered = |seq| Broken::Altered(L::CHAIN, seq);
        let seq: i64 = row.try_get("", "seq").map_err(|_| altered(expected))?;
        match seq.cmp(&expected) {
            Ordering::Greater => return Err(Broken::Missing(L::CHAIN, expected)),
            Ordering::Less => return Err(Broken::Added(L::CHAIN, seq)),
            Ordering::Equal => {}
        }
        let link = L::read(&row).map_err(|_| altered(seq))?;
        if link.hash() != link.computed_hash().as_bytes() {
            return Err(altered(seq));
        }
        if link.previous_hash() != self.hash {
            return Err(self.blame(&link).await?);
        }
        self.walked = seq;
        self.hash = link.hash().to_vec();
        Ok(Some(link))
    }

    async fn next_page(&self) -> Result<Vec<QueryResult>, DbErr> {
        let mut select = L::select();
        select.order_by(Alias::new("seq"), Order::Asc).limit(PAGE);
        if self.walked > 0 {
            select.and_where(Expr::col(Alias::new("seq")).gt(self.walked));
        }
        self.connection.query_all(&select).await
    }

    /// Which of two neighbours was altered, where each has a hash that fits itself and `link` does not follow.
    ///
    /// One that was altered parts from both its neighbours when what it says of the one before was altered, and
    /// else only from the one after.
    async fn blame(&self, link: &L) -> Result<Broken, DbErr> {
        let seq = link.seq();
        if self.walked == 0 {
            return Ok(Broken::Altered(L::CHAIN, seq));
        }
        let select = L::select()
            .and_where(Expr::col(Alias::new("seq")).eq(seq + 1))
            .to_owned();
        let Some(row) = self.connection.query_one(&select).await? else {
            return Ok(Broken::Parted(L::CHAIN, self.walked, seq));
        };
        let follows = L::read(&row).is_ok_and(|next| next.previous_hash() == link.hash());
        let altered = if follows { self.walked } else { seq };
        Ok(Broken::Altered(L::CHAIN, altered))
    }
}

/// The seals, compared with the entries under them as these pass by.
struct Seals<'a, C> {
    connection: &'a C,
    page: IntoIter<Seal>,
    /// The seal whose entries are passing by, and the tree of those that have.
    current: Option<(Seal, Tree)>,
    number: i64,
    last_seq: i64,
    hash: Digest,
    exhausted: bool,
}

impl<'a, C: ConnectionTrait> Seals<'a, C> {
    fn over(connection: &'a C) -> Self {
        Self {
            connection,
            page: Vec::new().into_iter(),
            current: None,
            number: 0,
            last_seq: 0,
            hash: Digest::ZERO,
            exhausted: false,
        }
    }

    /// Takes note of an entry. A seal is compared only once the entry after its last has been found to follow: an
    /// entry altered alone is named by that, and not by its seal.
    async fn pass(&mut self, entry: &Entry) -> Result<(), Broken> {
        if entry.seq > self.last_seq {
            self.compare()?;
            self.current = self.next().await?.map(|seal| (seal, Tree::default()));
        }
        if let Some((_, tree)) = &mut self.current {
            tree.push(&entry.hash);
        }
        Ok(())
    }

    /// Compares the last seal, and counts them all; `end` is the number of the last entry.
    async fn finish(mut self, end: i64) -> Result<i64, Broken> {
        if self.current.is_none() {
            self.current = self.next().await?.map(|seal| (seal, Tree::default()));
        }
        if self.last_seq > end {
            return Err(Broken::Missing(Chain::Entry, end + 1));
        }
        self.compare()?;
        if self.next().await?.is_some() {
            return Err(Broken::Missing(Chain::Entry, end + 1));
        }
        Ok(self.number)
    }

    fn compare(&mut self) -> Result<(), Broken> {
        match self.current.take() {
            Some((seal, tree)) if tree.root() != seal.root => Err(Broken::Rewritten {
                seal: seal.number,
                first: seal.first_seq,
                last: seal.last_seq,
            }),
            _ => Ok(()),
        }
    }

    /// The next seal, found whole by itself and after the one before; `None` after the last.
    async fn next(&mut self) -> Result<Option<Seal>, Broken> {
        if self.page.as_slice().is_empty() && !self.exhausted {
            let after = if self.number == 0 {
                i64::MIN
            } else {
                self.number
            };
            self.page = seals_after(self.connection, after).await?.into_iter();
        }
        let Some(seal) = self.page.next() else {
            self.exhausted = true;
            return Ok(None);
        };
        let expected = self.number + 1;
        if seal.number > expected {
            return Err(Broken::SealMissing(expected));
        }
        let fits = seal.number == expected
            && seal.hash == seal.computed_hash()
            && seal.first_seq == self.last_seq + 1
            && seal.last_seq >= seal.first_seq;
        if !fits {
            return Err(Broken::SealAltered(seal.number));
        }
        if seal.previous_hash != self.hash {
            // Its own hash fits, so it is the one before that is not what it was; the first has none before.
            return Err(Broken::SealAltered(Ord::max(self.number, 1)));
        }
        self.number = seal.number;
        self.last_seq = seal.last_seq;
        self.hash = seal.hash;
        Ok(Some(seal))
    }
}

/// Asks the seal over two parted neighbours which of them was altered.
async fn by_seal(connection: &impl ConnectionTrait, broken: Broken) -> Result<Broken, DbErr> {
    let Broken::Parted(Chain::Entry, before, after) = broken else {
        return Ok(broken);
    };
    let column = |name: &str| Expr::col(Alias::new(name));
    let over = Query::select()
        .columns(["first_seq", "last_seq", "root"].map(Alias::new))
        .from(Alias::new(SEAL))
        .and_where(column("first_seq").lte(before))
        .and_where(column("last_seq").gte(before))
        .to_owned();
    let Some(seal) = connection.query_one(&over).await? else {
        return Ok(broken);
    };
    let (first, last): (i64, i64) = (
        seal.try_get("", "first_seq")?,
        seal.try_get("", "last_seq")?,
    );
    let select = Entry::select()
        .and_where(column("seq").between(first, after))
        .order_by(Alias::new("seq"), Order::Asc)
        .to_owned();
    let rows = connection.query_all(&select).await?;
    let entries: Vec<Entry> = rows.iter().map(Entry::read).collect::<Result<_, _>>()?;
    // What the later of the two says of the earlier stands in for the earlier's own hash.
    let witness = entries.last().map(|entry| entry.previous_hash.as_slice());
    let mut tree = Tree::default();
    for entry in entries.iter().filter(|entry| entry.seq <= last) {
        let own = Some(entry.hash.as_slice()).filter(|_| entry.seq != before);
        tree.push(own.or(witness).unwrap_or_default());
    }
    let sealed: Vec<u8> = seal.try_get("", "root")?;
    let altered = if tree.root().as_bytes() == sealed.as_slice() {
        before
    } else {
        after
    };
    Ok(Broken::Altered(Chain::Entry, altered))
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
