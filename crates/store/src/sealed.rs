//! A file sealed in pieces, so that it need never be in memory whole, nor on
//! the disk unsealed.
//!
//! ```text
//! "clearpicture backup 1\n"
//! length, JSON           the file's own key, wrapped under the master key
//! flag, length, piece    as often as needed; the flag of the last is 1
//! ```
//!
//! Lengths are four bytes, most significant first. Each piece is sealed with
//! XChaCha20-Poly1305 under the file's key and a nonce drawn for it, together
//! with its place in the file and whether it is the last. So pieces cannot be
//! altered, moved, repeated, left out or taken from another file, and a file
//! cannot be cut short: the aims of the STREAM construction (Hoang,
//! Reyhanitabar, Rogaway and Vizár, 2015), with the place in the data that is
//! authenticated rather than in the nonce.

use std::path::{Path, PathBuf};

use clearpicture_kernel::Ambient;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, BufReader};

use crate::fault::StoreFault;
use crate::file::NewFile;
use crate::keys::{DataKey, Vault, WrappedKey};

const MAGIC: &[u8] = b"clearpicture backup 1\n";
/// What the file's key is wrapped for.
const SCOPE: &str = "backup";
/// Bytes in a piece before it is sealed.
const PIECE: usize = 256 * 1024;
/// The most bytes that a length may tell: a sealed piece is a little longer than a piece.
const LONGEST: u32 = 512 * 1024;

/// The file's key as its beginning holds it.
#[derive(Serialize, Deserialize)]
struct Beginning {
    id: String,
    wrapped: String,
}

/// What a piece is sealed to.
fn place(number: u64, last: u8) -> Vec<u8> {
    format!("clearpicture.backup.1\n{number}\n{last}").into_bytes()
}

/// A sealed file that is being written.
pub(crate) struct SealedWriter {
    file: NewFile,
    key: DataKey,
    ambient: Ambient,
    piece: Vec<u8>,
    number: u64,
}

impl SealedWriter {
    /// Begins the file that is to be at `path`.
    pub(crate) async fn create(
        path: &Path,
        vault: &Vault,
        ambient: &Ambient,
    ) -> Result<Self, StoreFault> {
        let wrapped = vault.fresh(SCOPE);
        let key = vault.unwrap(&wrapped)?;
        let beginning = serde_json::to_vec(&Beginning {
            id: wrapped.id,
            wrapped: HEXLOWER.encode(&wrapped.wrapped),
        });
        let beginning = beginning.map_err(|error| StoreFault::Backup(error.to_string()))?;
        let mut file = NewFile::create(path, ambient).await?;
        file.write_all(MAGIC).await?;
        file.write_all(&length(&beginning)?).await?;
        file.write_all(&beginning).await?;
        Ok(Self {
            file,
            key,
            ambient: ambient.clone(),
            piece: Vec::with_capacity(PIECE),
            number: 0,
        })
    }

    /// Writes bytes after those already written.
    pub(crate) async fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), StoreFault> {
        while !bytes.is_empty() {
            if self.piece.len() >= PIECE {
                self.put(0).await?;
            }
            let room = PIECE.saturating_sub(self.piece.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.piece.extend(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last piece and puts the file in its place.
    pub(crate) async fn finish(mut self) -> Result<(), StoreFault> {
        self.put(1).await?;
        self.file.finish().await
    }

    async fn put(&mut self, last: u8) -> Result<(), StoreFault> {
        let place = place(self.number, last);
        let sealed = self.key.seal(&self.ambient, &place, &self.piece);
        self.number += 1;
        self.piece.clear();
        self.file.write_all(&[last]).await?;
        self.file.write_all(&length(&sealed)?).await?;
        self.file.write_all(&sealed).await
    }
}

fn length(bytes: &[u8]) -> Result<[u8; 4], StoreFault> {
    let length = u32::try_from(bytes.len()).ok();
    length
        .map(u32::to_be_bytes)
        .ok_or_else(|| StoreFault::Backup("a piece of it is too long".to_owned()))
}

/// A sealed file that is being read.
pub(crate) struct SealedReader {
    path: PathBuf,
    file: BufReader<File>,
    key: DataKey,
    piece: Vec<u8>,
    taken: usize,
    number: u64,
    ended: bool,
}

impl SealedReader {
    /// Opens the file at `path` with the master key in `vault`.
    pub(crate) async fn open(path: &Path, vault: &Vault) -> Result<Self, StoreFault> {
        let file = File::open(path).await;
        let mut file = BufReader::new(file.map_err(|problem| StoreFault::file(path, &problem))?);
        let mut magic = [0; MAGIC.len()];
        let read = file.read_exact(&mut magic).await;
        if read.is_err() || magic != *MAGIC {
            return Err(StoreFault::Backup(format!(
                "`{}` is not one that this program made",
                path.display()
            )));
        }
        let beginning = read_long(&mut file).await.ok_or_else(damaged)?;
        let beginning: Beginning = serde_json::from_slice(&beginning).map_err(|_| damaged())?;
        let wrapped = WrappedKey {
            id: beginning.id,
            scope: SCOPE.to_owned(),
            wrapped: HEXLOWER
                .decode(beginning.wrapped.as_bytes())
                .map_err(|_| damaged())?,
        };
        let key = vault.unwrap(&wrapped).map_err(|_| {
            StoreFault::Backup(
                "it was made under another master key, or its beginning was altered: give the key that was in use when it was made"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            key,
            piece: Vec::new(),
            taken: 0,
            number: 0,
            ended: false,
        })
    }

    /// The next `N` bytes.
    pub(crate) async fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreFault> {
        let bytes = self.take_vec(N).await?;
        bytes.try_into().map_err(|_| damaged())
    }

    /// The next `wanted` bytes.
    pub(crate) async fn take_vec(&mut self, wanted: usize) -> Result<Vec<u8>, StoreFault> {
        // What was sealed is trusted, yet no length it tells is believed before the bytes are there.
        let mut bytes = Vec::with_capacity(wanted.min(PIECE));
        while bytes.len() < wanted {
            let missing = wanted - bytes.len();
            let rest = self.piece.get(self.taken..).unwrap_or_default();
            if rest.is_empty() {
                self.next_piece().await?;
                continue;
            }
            let (now, _) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            bytes.extend(now);
            self.taken += now.len();
        }
        Ok(bytes)
    }

    /// Reads the file to its end, so that all of it was found whole before any of it is used.
    pub(crate) async fn read_through(mut self) -> Result<(), StoreFault> {
        while !self.ended {
            self.next_piece().await?;
        }
        Ok(())
    }

    async fn next_piece(&mut self) -> Result<(), StoreFault> {
        if self.ended {
            return Err(damaged());
        }
        let last = self.file.read_u8().await.map_err(|_| damaged())?;
        let sealed = read_long(&mut self.file).await.ok_or_else(damaged)?;
        self.piece = self
            .key
            .open(&place(self.number, last), &sealed)
            .map_err(|_| damaged())?;
        self.taken = 0;
        self.number += 1;
        if last == 1 {
            self.ended = true;
            let after = self.file.read_u8().await;
            match after {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {}
                Err(problem) => return Err(StoreFault::file(&self.path, &problem)),
                Ok(_) => return Err(damaged()),
            }
        }
        Ok(())
    }
}

fn damaged() -> StoreFault {
    StoreFault::Backup("it was altered or cut short: use another one".to_owned())
}

/// Bytes with their length before them; `None` when they are not all there.
async fn read_long(file: &mut BufReader<File>) -> Option<Vec<u8>> {
    let length = file
        .read_u32()
        .await
        .ok()
        .filter(|length| *length <= LONGEST)?;
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    file.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}
