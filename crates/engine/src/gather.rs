//! Taking rows in: a segment for each table, and then a manifest that names them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clearpicture_kernel::analysis::{Gathering, KeepFault, Keeper, Later};
use clearpicture_kernel::{AnalysisRow, AnalysisTable, Reach};
use datafusion::parquet::arrow::AsyncArrowWriter;

use crate::Engine;
use crate::columns::{batch, schema};
use crate::manifest::Manifest;

/// Beyond so many segments of one table, all are written anew as one.
const MOST_SEGMENTS: usize = 64;
/// How long a segment that no longer counts stays for those who are reading it.
const LINGERS: Duration = Duration::from_secs(15 * 60);

impl Keeper for Engine {
    fn reach(&self) -> Result<Option<Reach>, KeepFault> {
        let kept = Manifest::read(&self.folder, &self.tables);
        let kept = kept.map_err(|error| folder_fault(&self.folder, &error))?;
        Ok(kept.as_ref().map(Manifest::reach))
    }

    fn gather<'a>(&'a self, tables: &'a [AnalysisTable]) -> Later<'a, Box<dyn Gathering>> {
        let fault = |error: std::io::Error| folder_fault(&self.folder, &error);
        Box::pin(async move {
            let lock = lock(&self.folder).map_err(fault)?.ok_or(KeepFault::Busy)?;
            let kept = Manifest::read(&self.folder, tables).map_err(fault)?;
            let kept = kept.filter(|manifest| !manifest.is_scattered(MOST_SEGMENTS));
            let gathering: Box<dyn Gathering> = Box::new(Gathered {
                folder: Arc::clone(&self.folder),
                tables: tables.to_vec(),
                kept,
                writers: BTreeMap::new(),
                lock,
            });
            Ok(gathering)
        })
    }
}

/// A refresh under way.
struct Gathered {
    folder: Arc<PathBuf>,
    tables: Vec<AnalysisTable>,
    kept: Option<Manifest>,
    writers: BTreeMap<&'static str, Segment>,
    lock: File,
}

/// A segment being written, under a name that no manifest has.
struct Segment {
    part: PathBuf,
    writer: AsyncArrowWriter<tokio::fs::File>,
}

impl Gathering for Gathered {
    fn kept(&self) -> Option<Reach> {
        self.kept.as_ref().map(Manifest::reach)
    }

    fn anew(&mut self) {
        self.kept = None;
    }

    fn add<'a>(&'a mut self, table: &'a AnalysisTable, rows: Vec<AnalysisRow>) -> Later<'a, ()> {
        Box::pin(async move {
            if let Some(misfit) = rows.iter().find(|row| !row.fits(table)) {
                return Err(KeepFault::Misfit {
                    table: table.name,
                    seq: misfit.seq,
                });
            }
            if rows.is_empty() {
                return Ok(());
            }
            let folder = Arc::clone(&self.folder);
            let fault = |error: &dyn std::fmt::Display| folder_fault(&folder, error);
            let batch = batch(table, &rows).map_err(|error| fault(&error))?;
            let segment = self.segment(table).await?;
            segment
                .writer
                .write(&batch)
                .await
                .map_err(|error| fault(&error))
        })
    }

    fn finish(self: Box<Self>, reach: Reach) -> Later<'static, ()> {
        Box::pin(async move {
            let folder = Arc::clone(&self.folder);
            let fault = |error: &dyn std::fmt::Display| folder_fault(&folder, error);
            let kept = self.kept.unwrap_or_else(|| Manifest::empty(&self.tables));
            let began = kept.reach().seq;
            let mut manifest = kept.reaching(reach);
            for (table, segment) in self.writers {
                let part = segment.part;
                segment
                    .writer
                    .close()
                    .await
                    .map_err(|error| fault(&error))?;
                let written = tokio::fs::File::open(&part).await;
                let written = written.map_err(|error| fault(&error))?;
                written.sync_all().await.map_err(|error| fault(&error))?;
                let name = segment_name(table, began, reach.seq);
                let renamed = tokio::fs::rename(&part, folder.join(&name)).await;
                renamed.map_err(|error| fault(&error))?;
                if let Some(kept) = manifest.tables.get_mut(table) {
                    kept.segments.retain(|segment| *segment != name);
                    kept.segments.push(name);
                }
            }
            manifest.write(&folder).map_err(|error| fault(&error))?;
            manifest
                .sweep(&folder, LINGERS)
                .map_err(|error| fault(&error))?;
            drop(self.lock);
            Ok(())
        })
    }
}

impl Gathered {
    /// The segment of `table` that is being written, begun when there is none.
    async fn segment(&mut self, table: &AnalysisTable) -> Result<&mut Segment, KeepFault> {
        use std::collections::btree_map::Entry;
        match self.writers.entry(table.name) {
            Entry::Occupied(there) => Ok(there.into_mut()),
            Entry::Vacant(place) => {
                let part = self.folder.join(format!("{}.part", table.name));
                let file = tokio::fs::File::create(&part).await;
                let file = file.map_err(|error| folder_fault(&self.folder, &error))?;
                let writer = AsyncArrowWriter::try_new(file, schema(table), None);
                let writer = writer.map_err(|error| folder_fault(&self.folder, &error))?;
                Ok(place.insert(Segment { part, writer }))
            }
        }
    }
}

/// From the entry after `began` up to `to`: one that is written again for the same entries takes its own place.
fn segment_name(table: &str, began: i64, to: i64) -> String {
    format!("{table}.{began}-{to}.parquet")
}

/// Makes the folder and takes its lock; `None` when somebody else has it. It is given back when the file is closed,
/// however that comes.
#[expect(
    clippy::disallowed_methods,
    reason = "opening an empty file takes no time, and the lock is not waited for"
)]
fn lock(folder: &Path) -> std::io::Result<Option<File>> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

fn folder_fault(folder: &Path, problem: &dyn std::fmt::Display) -> KeepFault {
    KeepFault::Folder {
        place: folder.display().to_string(),
        problem: problem.to_string(),
    }
}
