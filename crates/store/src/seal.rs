//! Seals: every thousand entries, or every minute, one hash that stands for
//! them all, and for every seal before. The read log is sealed by the same code.
//!
//! The root is a Merkle tree (RFC 6962) over the hashes of the chain's links. Whoever
//! may write to the database could rewrite a whole chain, seals and all. So the
//! seals go to a second holder as well ([`crate::handover`]).

use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{Digest, Timestamp};
use data_encoding::HEXLOWER;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult};
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::fault::StoreFault;
use crate::merkle::Tree;
use crate::migrate::{begin_write, lock};
use crate::open::Store;

/// PostgreSQL advisory lock under which seals are set.
const SEAL_LOCK: i64 = 0x434c_5052_0003;
/// The most links of a chain under one seal.
const MOST: u64 = 1_000;
/// The age in microseconds at which a link is sealed, however few there are: a minute.
const AGE: i64 = 60_000_000;
/// Seals read at once.
const PAGE: u64 = 500;

const COLUMNS: [&str; 7] = [
    "number",
    "first_seq",
    "last_seq",
    "root",
    "previous_hash",
    "hash",
    "sealed_at",
];

/// One seal, of history or of the read log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Line", into = "Line")]
pub struct Seal {
    /// Its number, from 1.
    pub number: i64,
    /// The first entry, or row of the read log, under it.
    pub first_seq: i64,
    /// The last one under it.
    pub last_seq: i64,
    /// The root of the Merkle tree over their hashes.
    pub root: Digest,
    /// The hash of the seal before.
    pub previous_hash: Digest,
    /// The hash of all the above.
    pub hash: Digest,
    /// When it was set.
    pub sealed_at: Timestamp,
}

/// A seal as a line of JSON holds it.
#[derive(Serialize, Deserialize)]
struct Line {
    number: i64,
    first_seq: i64,
    last_seq: i64,
    root: String,
    previous_hash: String,
    hash: String,
    sealed_at: Timestamp,
}

impl From<Seal> for Line {
    fn from(seal: Seal) -> Self {
        Self {
            number: seal.number,
            first_seq: seal.first_seq,
            last_seq: seal.last_seq,
            root: seal.root.to_string(),
            previous_hash: seal.previous_hash.to_string(),
            hash: seal.hash.to_string(),
            sealed_at: seal.sealed_at,
        }
    }
}

impl TryFrom<Line> for Seal {
    type Error = &'static str;

    fn try_from(line: Line) -> Result<Self, Self::Error> {
        let digest = |hex: &str| {
            let bytes = HEXLOWER.decode(hex.as_bytes()).ok();
            bytes
                .and_then(|bytes| Digest::from_slice(&bytes))
                .ok_or("a hash is 64 hexadecimal digits")
        };
        Ok(Self {
            number: line.number,
            first_seq: line.first_seq,
            last_seq: line.last_seq,
            root: digest(&line.root)?,
            previous_hash: digest(&line.previous_hash)?,
            hash: digest(&line.hash)?,
            sealed_at: line.sealed_at,
        })
    }
}

impl Seal {
    pub(crate) fn computed_hash(&self, chain: Chain) -> Digest {
        Digest::of_parts(&[
            chain.seal_context(),
            &self.number.to_be_bytes(),
            &self.first_seq.to_be_bytes(),
            &self.last_seq.to_be_bytes(),
            &self.sealed_at.as_microsecond().to_be_bytes(),
            self.root.as_bytes(),
            self.previous_hash.as_bytes(),
        ])
    }

    /// Reads a seal; bytes that are no digest are read as one that fits nothing.
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let digest = |column: &str| -> Result<Digest, DbErr> {
            let bytes: Vec<u8> = row.try_get("", column)?;
            Ok(Digest::from_slice(&bytes).unwrap_or(Digest::of(&bytes)))
        };
        Ok(Self {
            number: row.try_get("", "number")?,
            first_seq: row.try_get("", "first_seq")?,
            last_seq: row.try_get("", "last_seq")?,
            root: digest("root")?,
            previous_hash: digest("previous_hash")?,
            hash: digest("hash")?,
            sealed_at: microseconds(row.try_get("", "sealed_at")?),
        })
    }

    async fn insert(&self, chain: Chain, work: &DatabaseTransaction) -> Result<(), DbErr> {
        let insert = Query::insert()
            .into_table(Alias::new(chain.seals()))
            .columns(COLUMNS.map(Alias::new))
            .values_panic([
                self.number.into(),
                self.first_seq.into(),
                self.last_seq.into(),
                self.root.to_vec().into(),
                self.previous_hash.to_vec().into(),
                self.hash.to_vec().into(),
                self.sealed_at.as_microsecond().into(),
            ])
            .to_owned();
        work.execute(&insert).await.map(|_| ())
    }
}

impl Store {
    /// Sets the seals that are due, on history and on the read log, and counts them.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn seal_due(&self) -> Result<u64, StoreFault> {
        let mut set = 0;
        for chain in Chain::ALL {
            // A transaction for each, so that a long backlog never keeps writers waiting for long.
            while self.seal_one(chain).await? {
                set += 1;
            }
        }
        Ok(set)
    }

    async fn seal_one(&self, chain: Chain) -> Result<bool, StoreFault> {
        let now = self.inner.ambient.now();
        let work = begin_write(&self.inner.connections.writer).await?;
        if self.backend() == DbBackend::Postgres {
            lock(&work, SEAL_LOCK).await?;
        }
        let last = last_seal(&work, chain).await?;
        let sealed = last.as_ref().map_or(0, |seal| seal.last_seq);
        let select = Query::select()
            .columns(["seq", chain.moment(), "hash"].map(Alias::new))
            .from(Alias::new(chain.table()))
            .and_where(Expr::col(Alias::new("seq")).gt(sealed))
            .order_by(Alias::new("seq"), Order::Asc)
            .limit(MOST)
            .to_owned();
        let links = work.query_all(&select).await?;
        let (Some(first), Some(end)) = (links.first(), links.last()) else {
            work.rollback().await?;
            return Ok(false);
        };
        let oldest: i64 = first.try_get("", chain.moment())?;
        let young = now.as_microsecond().saturating_sub(oldest) < AGE;
        if young && (links.len() as u64) < MOST {
            work.rollback().await?;
            return Ok(false);
        }
        let mut tree = Tree::default();
        for link in &links {
            tree.push(&link.try_get::<Vec<u8>>("", "hash")?);
        }
        let mut seal = Seal {
            number: last.as_ref().map_or(0, |seal| seal.number) + 1,
            first_seq: first.try_get("", "seq")?,
            last_seq: end.try_get("", "seq")?,
            root: tree.root(),
            previous_hash: last.map_or(Digest::ZERO, |seal| seal.hash),
            hash: Digest::ZERO,
            sealed_at: now,
        };
        seal.hash = seal.computed_hash(chain);
        seal.insert(chain, &work).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The newest seals of a chain, newest first, at most `most`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn newest_seals(&self, chain: Chain, most: u64) -> Result<Vec<Seal>, StoreFault> {
        let select = Query::select()
            .columns(COLUMNS.map(Alias::new))
            .from(Alias::new(chain.seals()))
            .order_by(Alias::new("number"), Order::Desc)
            .limit(most)
            .to_owned();
        let rows = self.reader().query_all(&select).await?;
        Ok(rows.iter().map(Seal::read).collect::<Result<_, _>>()?)
    }

    /// The seals of a chain after the one with `number`, in order, at most 500 at a time.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn seals_since(&self, chain: Chain, number: i64) -> Result<Vec<Seal>, StoreFault> {
        Ok(seals_after(self.reader(), chain, number).await?)
    }
}

/// The last seal set on a chain.
pub(crate) async fn last_seal(
    connection: &impl ConnectionTrait,
    chain: Chain,
) -> Result<Option<Seal>, DbErr> {
    let select = Query::select()
        .columns(COLUMNS.map(Alias::new))
        .from(Alias::new(chain.seals()))
        .order_by(Alias::new("number"), Order::Desc)
        .limit(1)
        .to_owned();
    let row = connection.query_one(&select).await?;
    row.as_ref().map(Seal::read).transpose()
}

/// The seals after the one with `number`, a page of them.
pub(crate) async fn seals_after(
    connection: &impl ConnectionTrait,
    chain: Chain,
    number: i64,
) -> Result<Vec<Seal>, DbErr> {
    let select = Query::select()
        .columns(COLUMNS.map(Alias::new))
        .from(Alias::new(chain.seals()))
        .and_where(Expr::col(Alias::new("number")).gt(number))
        .order_by(Alias::new("number"), Order::Asc)
        .limit(PAGE)
        .to_owned();
    let rows = connection.query_all(&select).await?;
    rows.iter().map(Seal::read).collect()
}
