//! The seals in the hands of a second holder, who does not answer to whoever
//! administers the database.
//!
//! They go there as lines of JSON, history's and the read log's in files of
//! their own. A chain rewritten later no longer agrees with them, and
//! [`Store::verify_against`] says from which seal on.

use std::fmt;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::chain::Chain;
use crate::fault::StoreFault;
use crate::file::NewFile;
use crate::open::Store;
use crate::seal::{Seal, last_seal};
use crate::verify::Broken;

/// What a second holder's copy was compared with and found the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// Seals of history.
    pub seals: u64,
    /// Seals of the read log.
    pub look_seals: u64,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the second holder's copy agrees: {} seals, {} read log seals",
            self.seals, self.look_seals
        )
    }
}

/// A file of seals, and the numbers of the first and last that its name tells.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HeldFile {
    first: i64,
    last: i64,
    path: PathBuf,
}

impl Store {
    /// Writes the seals that no earlier export in `folder` holds to new files there, one JSON object to a line.
    /// Nothing when there is nothing new.
    ///
    /// The files are for whoever keeps the seals apart from this database.
    ///
    /// # Errors
    /// [`StoreFault`] when the database or the folder fails.
    pub async fn export_seals(&self, folder: &Path) -> Result<Vec<PathBuf>, StoreFault> {
        let mut files = Vec::new();
        for chain in Chain::ALL {
            files.extend(self.export_chain(chain, folder).await?);
        }
        Ok(files)
    }

    async fn export_chain(
        &self,
        chain: Chain,
        folder: &Path,
    ) -> Result<Option<PathBuf>, StoreFault> {
        let held = held_files(chain, folder).await?;
        let mut written = held.iter().map(|file| file.last).max().unwrap_or(0);
        let end = last_seal(self.reader(), chain)
            .await?
            .map_or(0, |seal| seal.number);
        if end <= written {
            return Ok(None);
        }
        let name = format!("{}{:09}-{end:09}.jsonl", chain.file_prefix(), written + 1);
        let path = folder.join(name);
        let mut file = NewFile::create(&path, self.ambient()).await?;
        while written < end {
            let page = self.seals_since(chain, written).await?;
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

    /// Compares the seals here with those in the folder of a second holder, and counts them.
    ///
    /// It says nothing of what lies under the seals: that is [`Store::verify`].
    ///
    /// # Errors
    /// [`Broken`] naming the first seal that differs, is missing here, or is missing in the copy.
    pub async fn verify_against(&self, folder: &Path) -> Result<Compared, Broken> {
        let mut compared = Compared {
            seals: 0,
            look_seals: 0,
        };
        let mut nothing_held = true;
        for chain in Chain::ALL {
            let mut held = held_files(chain, folder).await?;
            held.sort();
            nothing_held &= held.is_empty();
            let mut next = 1;
            for file in held {
                next = self.compare_file(chain, &file.path, next).await?;
            }
            let count = match chain {
                Chain::Entry => &mut compared.seals,
                Chain::Look => &mut compared.look_seals,
            };
            *count = (next - 1).unsigned_abs();
        }
        if nothing_held {
            return Err(Broken::Fault(StoreFault::File {
                path: folder.display().to_string(),
                problem: "no file in it holds seals: name the folder that the second holder keeps"
                    .to_owned(),
            }));
        }
        Ok(compared)
    }

    /// Compares the seals of one file, of which the first may be any up to `next`; the number that should follow.
    async fn compare_file(&self, chain: Chain, path: &Path, mut next: i64) -> Result<i64, Broken> {
        let unusable = |problem: &std::io::Error| StoreFault::file(path, problem);
        let file = tokio::fs::File::open(path).await;
        let mut lines = BufReader::new(file.map_err(|e| unusable(&e))?).lines();
        let mut number = 0;
        let mut ours = Vec::new().into_iter();
        while let Some(line) = lines.next_line().await.map_err(|e| unusable(&e))? {
            number += 1;
            let kept: Seal = serde_json::from_str(&line).map_err(|error| StoreFault::File {
                path: path.display().to_string(),
                problem: format!("line {number} is no seal ({error})"),
            })?;
            if kept.number > next {
                return Err(Broken::SealNotHeld(chain, next));
            }
            if ours.as_slice().is_empty() {
                ours = self.seals_since(chain, kept.number - 1).await?.into_iter();
            }
            match ours.next() {
                Some(seal) if seal == kept => next = Ord::max(next, kept.number + 1),
                Some(seal) if seal.number == kept.number => {
                    return Err(Broken::SealDiffers(chain, kept.number));
                }
                _ => return Err(Broken::SealMissing(chain, kept.number)),
            }
        }
        Ok(next)
    }
}

/// The files in `folder` that hold seals of `chain`, told by their names.
async fn held_files(chain: Chain, folder: &Path) -> Result<Vec<HeldFile>, StoreFault> {
    let unusable = |problem: &std::io::Error| StoreFault::file(folder, problem);
    let mut entries = tokio::fs::read_dir(folder)
        .await
        .map_err(|e| unusable(&e))?;
    let mut held = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(|e| unusable(&e))? {
        let name = entry.file_name();
        let numbers = name
            .to_str()
            .and_then(|name| {
                name.strip_prefix(chain.file_prefix())?
                    .strip_suffix(".jsonl")
            })
            .and_then(|numbers| numbers.split_once('-'));
        let numbers = numbers.and_then(|(first, last)| first.parse().ok().zip(last.parse().ok()));
        if let Some((first, last)) = numbers {
            held.push(HeldFile {
                first,
                last,
                path: entry.path(),
            });
        }
    }
    Ok(held)
}
