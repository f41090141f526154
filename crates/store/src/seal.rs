//! Seals: every thousand entries, or every minute, one hash that stands for
//! them all, and for every seal before.
//!
//! The root is a Merkle tree (RFC 6962) over the hashes of the entries. Whoever
//! may write to the database could rewrite a whole chain, seals and all. So the
//! seals go to a second holder as well, as lines of JSON; a history rewritten
//! later no longer agrees with them, and [`Store::verify_against`] says from
//! which seal on.

use std::path::{Path, PathBuf};

use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{Digest, Timestamp};
use data_encoding::HEXLOWER;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::fault::StoreFault;
use crate::file::NewFile;
use crate::merkle::Tree;
use crate::migrate::{begin_write, lock};
use crate::open::Store;
use crate::tables::{ENTRY, SEAL};
use crate::verify::Broken;

/// PostgreSQL advisory lock under which seals are set.
const SEAL_LOCK: i64 = 0x434c_5052_0003;
/// The most entries under one seal.
const MOST: u64 = 1_000;
/// The age in microseconds at which an entry is sealed, however few there are: a minute.
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

/// One seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Line", into = "Line")]
pub struct Seal {
    /// Its number, from 1.
    pub number: i64,
    /// The first entry under it.
    pub first_seq: i64,
    /// The last entry under it.
    pub last_seq: i64,
    /// The root of the Merkle tree over the hashes of its entries.
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
    pub(crate) fn computed_hash(&self) -> Digest {
        Digest::of_parts(&[
            b"clearpicture.seal.1",
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

    async fn insert(&self, work: &DatabaseTransaction) -> Result<(), DbErr> {
        let insert = Query::insert()
            .into_table(Alias::new(SEAL))
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
    /// Sets the seals that are due, and counts them.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn seal_due(&self) -> Result<u64, StoreFault> {
        let mut set = 0;
        // A transaction for each, so that a long backlog never keeps writers waiting for long.
        while self.seal_one().await? {
            set += 1;
        }
        Ok(set)
    }

    async fn seal_one(&self) -> Result<bool, StoreFault> {
        let now = self.inner.ambient.now();
        let work = begin_write(&self.inner.connections.writer).await?;
        if self.backend() == DbBackend::Postgres {
            lock(&work, SEAL_LOCK).await?;
        }
        let last = last_seal(&work).await?;
        let sealed = last.as_ref().map_or(0, |seal| seal.last_seq);
        let select = Query::select()
            .columns(["seq", "recorded_at", "hash"].map(Alias::new))
            .from(Alias::new(ENTRY))
            .and_where(Expr::col(Alias::new("seq")).gt(sealed))
            .order_by(Alias::new("seq"), Order::Asc)
            .limit(MOST)
            .to_owned();
        let entries = work.query_all(&select).await?;
        let (Some(first), Some(end)) = (entries.first(), entries.last()) else {
            work.rollback().await?;
            return Ok(false);
        };
        let oldest: i64 = first.try_get("", "recorded_at")?;
        let young = now.as_microsecond().saturating_sub(oldest) < AGE;
        if young && (entries.len() as u64) < MOST {
            work.rollback().await?;
            return Ok(false);
        }
        let mut tree = Tree::default();
        for entry in &entries {
            tree.push(&entry.try_get::<Vec<u8>>("", "hash")?);
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
        seal.hash = seal.computed_hash();
        seal.insert(&work).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The seals after the one with `number`, in order, at most 500 at a time.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn seals_since(&self, number: i64) -> Result<Vec<Seal>, StoreFault> {
        Ok(seals_after(self.reader(), number).await?)
    }

    /// Writes the seals that no earlier export in `folder` holds to a new file there, one JSON object to a line.
    /// `None` when there is nothing new.
    ///
    /// The file is for whoever keeps the seals apart from this database.
    ///
    /// # Errors
    /// [`StoreFault`] when the database or the folder fails.
    pub async fn export_seals(&self, folder: &Path) -> Result<Option<PathBuf>, StoreFault> {
        let mut written = last_exported(folder).await?;
        let end = last_seal(self.reader())
            .await?
            .map_or(0, |seal| seal.number);
        if end <= written {
            return Ok(None);
        }
        let path = folder.join(format!("seals-{:09}-{end:09}.jsonl", written + 1));
        let mut file = NewFile::create(&path, self.ambient()).await?;
        while written < end {
            let page = self.seals_since(written).await?;
            for seal in page.iter().filter(|seal| seal.number <= end) {
                let mut line = serde_json::to_vec(seal)
                    .map_err(|error| StoreFault::Database(error.to_string()))?;
                line.push(b'\n');
                file.write_all(&line).await?;
            }
            // A page without a seal would be a chain with a hole: `verify` names it.
            written = page.last().map_or(end, |seal| seal.number);
        }
        file.finish().await?;
        Ok(Some(path))
    }

    /// Compares the seals here with those in a file that a second holder kept, and counts them.
    ///
    /// It says nothing of the entries under the seals: that is [`Store::verify`].
    ///
    /// # Errors
    /// [`Broken`] naming the first seal that differs or is missing here.
    pub async fn verify_against(&self, path: &Path) -> Result<u64, Broken> {
        let unusable = |problem: &std::io::Error| StoreFault::file(path, problem);
        let file = tokio::fs::File::open(path).await;
        let mut lines = BufReader::new(file.map_err(|e| unusable(&e))?).lines();
        let mut compared = 0;
        let mut ours = Vec::new().into_iter();
        while let Some(line) = lines.next_line().await.map_err(|e| unusable(&e))? {
            compared += 1;
            let kept: Seal = serde_json::from_str(&line).map_err(|error| StoreFault::File {
                path: path.display().to_string(),
                problem: format!("line {compared} is no seal ({error})"),
            })?;
            if ours.as_slice().is_empty() {
                ours = self.seals_since(kept.number - 1).await?.into_iter();
            }
            match ours.next() {
                Some(seal) if seal == kept => {}
                Some(seal) if seal.number == kept.number => {
                    return Err(Broken::SealDiffers(kept.number));
                }
                _ => return Err(Broken::SealMissing(kept.number)),
            }
        }
        Ok(compared)
    }
}

/// The last seal set.
async fn last_seal(connection: &impl ConnectionTrait) -> Result<Option<Seal>, DbErr> {
    let select = Query::select()
        .columns(COLUMNS.map(Alias::new))
        .from(Alias::new(SEAL))
        .order_by(Alias::new("number"), Order::Desc)
        .limit(1)
        .to_owned();
    let row = connection.query_one(&select).await?;
    row.as_ref().map(Seal::read).transpose()
}

/// The seals after the one with `number`, a page of them.
pub(crate) async fn seals_after(
    connection: &impl ConnectionTrait,
    number: i64,
) -> Result<Vec<Seal>, DbErr> {
    let select = Query::select()
        .columns(COLUMNS.map(Alias::new))
        .from(Alias::new(SEAL))
        .and_where(Expr::col(Alias::new("number")).gt(number))
        .order_by(Alias::new("number"), Order::Asc)
        .limit(PAGE)
        .to_owned();
    let rows = connection.query_all(&select).await?;
    rows.iter().map(Seal::read).collect()
}

/// The number of the last seal that an export in `folder` holds, told by the names of the files.
async fn last_exported(folder: &Path) -> Result<i64, StoreFault> {
    let unusable = |problem: &std::io::Error| StoreFault::file(folder, problem);
    let mut entries = tokio::fs::read_dir(folder)
        .await
        .map_err(|e| unusable(&e))?;
    let mut last = 0;
    while let Some(entry) = entries.next_entry().await.map_err(|e| unusable(&e))? {
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("seals-")?.strip_suffix(".jsonl"))
            .and_then(|numbers| numbers.split_once('-'))
            .and_then(|(_, end)| end.parse().ok());
        last = Ord::max(last, number.unwrap_or(0));
    }
    Ok(last)
}
