//! Which segments count, and how far they go: one small file, put in place whole.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clearpicture_kernel::{AnalysisTable, Digest, Reach};
use serde::{Deserialize, Serialize};

use crate::columns::shape;

/// The form of the manifest and of the segments that this release writes.
const FORMAT: u32 = 1;
const FILE: &str = "manifest.json";

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The number of the last entry of history whose rows are here.
    seq: i64,
    /// That entry's hash.
    hash: Digest,
    /// By table.
    pub(crate) tables: BTreeMap<String, Kept>,
}

/// What is kept of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    shape: String,
    /// The segments' file names, oldest first.
    pub(crate) segments: Vec<String>,
}

impl Manifest {
    /// The manifest of `tables` with nothing in them.
    pub(crate) fn empty(tables: &[AnalysisTable]) -> Self {
        let kept = |table: &AnalysisTable| {
            let kept = Kept {
                shape: shape(table),
                segments: Vec::new(),
            };
            (table.name.to_owned(), kept)
        };
        Self {
            format: FORMAT,
            seq: 0,
            hash: Digest::ZERO,
            tables: tables.iter().map(kept).collect(),
        }
    }

    /// The manifest in `folder`; `None` when there is none, or when it is not of these tables as they are declared now.
    pub(crate) fn read(folder: &Path, tables: &[AnalysisTable]) -> io::Result<Option<Self>> {
        let text = match read(&folder.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let Ok(manifest) = serde_json::from_slice::<Self>(&text) else {
            return Ok(None);
        };
        let empty = Self::empty(tables);
        let same = manifest.format == FORMAT
            && manifest.tables.len() == empty.tables.len()
            && manifest.tables.iter().all(|(name, kept)| {
                empty
                    .tables
                    .get(name)
                    .is_some_and(|declared| declared.shape == kept.shape)
            });
        Ok(same.then_some(manifest))
    }

    /// Puts the manifest in place, durably.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let part = folder.join("manifest.part");
        let mut file = create(&part)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        rename(&part, &folder.join(FILE))
    }

    /// How far the segments go.
    pub(crate) const fn reach(&self) -> Reach {
        Reach {
            seq: self.seq,
            hash: self.hash,
        }
    }

    /// The same segments, which go as far as this.
    #[must_use]
    pub(crate) fn reaching(self, reach: Reach) -> Self {
        Self {
            seq: reach.seq,
            hash: reach.hash,
            ..self
        }
    }

    /// Whether some table has more than `most` segments.
    pub(crate) fn is_scattered(&self, most: usize) -> bool {
        self.tables.values().any(|kept| kept.segments.len() > most)
    }

    /// Whether a segment of this name counts.
    fn counts(&self, name: &str) -> bool {
        self.tables
            .values()
            .any(|kept| kept.segments.iter().any(|segment| segment == name))
    }

    /// Takes away segments that no longer count. One that was written or left out a moment ago may still be being read
    /// by somebody who began before, and stays till the next time.
    pub(crate) fn sweep(&self, folder: &Path, older_than: std::time::Duration) -> io::Result<()> {
        for path in segments(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let age = modified(&path).and_then(|at| at.elapsed().map_err(io::Error::other));
            if !self.counts(&name) && age.is_ok_and(|age| age > older_than) {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

/// The segments in `folder`.
fn segments(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = list(folder)?.into_iter();
    Ok(paths
        .filter(|path| path.extension().is_some_and(|end| end == "parquet"))
        .collect())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file of a few kilobytes, beside which the refresh itself is long"
)]
mod disk {
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};
    use std::time::SystemTime;

    pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    pub(super) fn create(path: &Path) -> io::Result<File> {
        File::create(path)
    }

    pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    pub(super) fn remove(path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    pub(super) fn modified(path: &Path) -> io::Result<SystemTime> {
        fs::metadata(path)?.modified()
    }

    pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    }
}
use disk::{create, list, modified, read, remove, rename};
