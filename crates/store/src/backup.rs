//! Backups: one sealed file made while people work, and the way back from it
//! into an empty database of either kind.
//!
//! It holds the tables of the classes Record, Version and Log as one view of
//! the database shows them, and the steps that made them. Ephemeral tables are
//! left out: people sign in again. Restoring is all or nothing, and ends with
//! the proof that history is whole. It is also how a partnership moves from
//! SQLite to PostgreSQL.
//!
//! The sealed bytes are frames: a letter, a length of eight bytes, and
//!
//! ```text
//! H  JSON: the schema's steps, when the backup was made, the last entry's number
//! T  the name of a table whose rows follow
//! R  one row
//! E  JSON: how many rows there were
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use clearpicture_kernel::{Ambient, Timestamp};
use sea_orm::DatabaseTransaction;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::commit::chain_end;
use crate::connect::DatabaseAddress;
use crate::fault::StoreFault;
use crate::keys::{MasterKey, Vault};
use crate::migrate::{applied, apply, check};
use crate::open::{Holdings, Store};
use crate::rebuild::{Target, kept};
use crate::schema::{Migration, Table, tables};
use crate::sealed::{SealedReader, SealedWriter};
use crate::transfer::{Batch, Row, Rows, snapshot};
use crate::verify::{Broken, Verified, verify};

/// The longest frame that is read: far more than any row that can be written.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Tables.
    pub tables: u64,
    /// Rows.
    pub rows: u64,
    /// The last entry of history.
    pub sequence: i64,
}

impl fmt::Display for BackedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "backed up: {} tables, {} rows at sequence {}",
            self.tables, self.rows, self.sequence
        )
    }
}

/// What was restored and proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Rows.
    pub rows: u64,
    /// The proof of its history.
    pub verified: Verified,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "restored: {} rows as at {}; {}",
            self.rows, self.made_at, self.verified
        )
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    made_at: Timestamp,
    sequence: i64,
    /// Names of the steps that made the tables, with their checksums.
    steps: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct End {
    rows: u64,
}

/// What stands at the front of a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Header,
    Table,
    Row,
    End,
}

impl Frame {
    const fn letter(self) -> u8 {
        match self {
            Self::Header => b'H',
            Self::Table => b'T',
            Self::Row => b'R',
            Self::End => b'E',
        }
    }

    fn of(letter: u8) -> Option<Self> {
        [Self::Header, Self::Table, Self::Row, Self::End]
            .into_iter()
            .find(|frame| frame.letter() == letter)
    }
}

impl Store {
    /// Writes all that must outlive this machine to a new sealed file at `path`, while people work.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or the file cannot be written; then there is no file.
    pub async fn backup(&self, path: &Path) -> Result<BackedUp, StoreFault> {
        let view = snapshot(&self.inner.connections).await?;
        let backed_up = self.backup_view(&view, path).await;
        // Nothing was written, so nothing is lost when the view cannot be ended.
        drop(view.rollback().await);
        backed_up
    }

    async fn backup_view(
        &self,
        view: &DatabaseTransaction,
        path: &Path,
    ) -> Result<BackedUp, StoreFault> {
        let header = Header {
            made_at: self.inner.ambient.now(),
            sequence: chain_end(view, Chain::Entry).await?.seq,
            steps: applied(view).await?,
        };
        let mut file = SealedWriter::create(path, &self.inner.vault, &self.inner.ambient).await?;
        write(&mut file, Frame::Header, &json(&header)?).await?;
        let mut done = BackedUp {
            tables: 0,
            rows: 0,
            sequence: header.sequence,
        };
        for table in kept(&self.inner.tables) {
            write(&mut file, Frame::Table, table.name.as_bytes()).await?;
            let mut rows = Rows::of(view, table);
            while let Some(row) = rows.next().await? {
                write(&mut file, Frame::Row, &row.to_bytes()).await?;
                done.rows += 1;
            }
            done.tables += 1;
        }
        write(&mut file, Frame::End, &json(&End { rows: done.rows })?).await?;
        file.finish().await?;
        Ok(done)
    }
}

/// Fills the empty database at `address` from the backup at `path`, brings it to this release, and proves its history.
///
/// # Errors
/// [`Broken`] when the backup cannot be read, is of a newer release, or holds a history that is not whole; the
/// database then stays empty.
pub async fn restore(
    path: &Path,
    address: &DatabaseAddress,
    master: MasterKey,
    holdings: &Holdings,
    ambient: &Ambient,
) -> Result<Restored, Broken> {
    let vault = Vault::new(master, ambient.clone());
    // Found whole before the first row of it is used.
    SealedReader::open(path, &vault)
        .await?
        .read_through()
        .await?;
    let mut file = SealedReader::open(path, &vault).await?;
    let header: Header = parse(&expect(&mut file, Frame::Header).await?)?;
    check(&header.steps, &holdings.migrations)?;
    let target = Target::open(address).await?;
    let restored = fill(&target, &mut file, &header, holdings, ambient).await;
    target.close().await;
    restored
}

/// Restores in one transaction, so that a failure leaves the database empty.
async fn fill(
    target: &Target,
    file: &mut SealedReader,
    header: &Header,
    holdings: &Holdings,
    ambient: &Ambient,
) -> Result<Restored, Broken> {
    let now = ambient.now();
    let work = target.begin().await?;
    // The rows fit the tables as they were; later steps then change both, as they would have then.
    let known = holdings.migrations.iter();
    let then: Vec<Migration> = known
        .filter(|step| header.steps.contains_key(&step.name()))
        .cloned()
        .collect();
    apply(&work, &then, now).await?;
    let rows = copy_rows(file, &work, &tables(&then)).await?;
    apply(&work, &holdings.migrations, now).await?;
    let verified = verify(&work, &tables(&holdings.migrations)).await?;
    work.commit().await?;
    Ok(Restored {
        made_at: header.made_at,
        rows,
        verified,
    })
}

/// Copies every row of the file and counts them.
async fn copy_rows(
    file: &mut SealedReader,
    work: &DatabaseTransaction,
    tables: &[Table],
) -> Result<u64, StoreFault> {
    let mut batch: Option<Batch<'_>> = None;
    let mut rows = 0;
    loop {
        let (frame, bytes) = read(file).await?;
        match frame {
            Frame::Row => {
                let batch = batch.as_mut().ok_or_else(unfit)?;
                let row = Row::from_bytes(batch.table, &bytes).ok_or_else(unfit)?;
                batch.add(work, row).await?;
                rows += 1;
                continue;
            }
            Frame::Header => return Err(unfit()),
            Frame::Table | Frame::End => {}
        }
        if let Some(mut full) = batch.take() {
            full.finish(work).await?;
        }
        if frame == Frame::End {
            let end: End = parse(&bytes)?;
            return if end.rows == rows {
                Ok(rows)
            } else {
                Err(unfit())
            };
        }
        let name = String::from_utf8(bytes).map_err(|_| unfit())?;
        let table = kept(tables).find(|table| table.name == name);
        let table = table.ok_or_else(unfit)?;
        batch = Some(Batch::of(table));
    }
}

async fn write(file: &mut SealedWriter, frame: Frame, bytes: &[u8]) -> Result<(), StoreFault> {
    file.write_all(&[frame.letter()]).await?;
    file.write_all(&(bytes.len() as u64).to_be_bytes()).await?;
    file.write_all(bytes).await
}

async fn read(file: &mut SealedReader) -> Result<(Frame, Vec<u8>), StoreFault> {
    let [letter] = file.take().await?;
    let frame = Frame::of(letter).ok_or_else(unfit)?;
    let length = u64::from_be_bytes(file.take().await?);
    let length = Some(length).filter(|length| *length <= LONGEST);
    let length = length.and_then(|length| usize::try_from(length).ok());
    let bytes = file.take_vec(length.ok_or_else(unfit)?).await?;
    Ok((frame, bytes))
}

async fn expect(file: &mut SealedReader, wanted: Frame) -> Result<Vec<u8>, StoreFault> {
    let (frame, bytes) = read(file).await?;
    if frame == wanted {
        Ok(bytes)
    } else {
        Err(unfit())
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreFault> {
    serde_json::to_vec(value).map_err(|error| StoreFault::Backup(error.to_string()))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreFault> {
    serde_json::from_slice(bytes).map_err(|_| unfit())
}

/// The fault of a file that is whole, and yet not what this release reads.
fn unfit() -> StoreFault {
    StoreFault::Backup("its rows do not fit this release's tables".to_owned())
}
