//! A new file that is there whole or not at all.

use std::path::{Path, PathBuf};

use clearpicture_kernel::Ambient;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use crate::fault::StoreFault;

/// A file written beside its place, which only its owner may read, and put there once it is whole and on the disk.
/// Dropped before that, it leaves nothing behind.
pub(crate) struct NewFile {
    file: BufWriter<File>,
    place: PathBuf,
    beside: Beside,
}

/// The path of the unfinished file, which is taken away when it is dropped.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // Gone already once it was put in its place.
        drop(std::fs::remove_file(&self.0));
    }
}

impl NewFile {
    /// Begins the file that is to be at `place`, where no file may be: a live database is never overwritten by mistake.
    pub(crate) async fn create(place: &Path, ambient: &Ambient) -> Result<Self, StoreFault> {
        if tokio::fs::try_exists(place).await.unwrap_or(false) {
            return Err(StoreFault::File {
                path: place.display().to_string(),
                problem: "it is there already: name a new file".to_owned(),
            });
        }
        let mut name = place.file_name().unwrap_or_default().to_owned();
        let chance = clearpicture_kernel::id::encode(clearpicture_kernel::id::fresh(ambient));
        name.push(format!(".{chance}.unfinished"));
        let beside = place.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&beside).await;
        let file = file.map_err(|problem| StoreFault::file(place, &problem))?;
        Ok(Self {
            file: BufWriter::new(file),
            place: place.to_owned(),
            beside: Beside(beside),
        })
    }

    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> Result<(), StoreFault> {
        let written = self.file.write_all(bytes).await;
        written.map_err(|problem| StoreFault::file(&self.place, &problem))
    }

    /// Puts the file in its place, where it outlives a loss of power.
    pub(crate) async fn finish(mut self) -> Result<(), StoreFault> {
        let done = async {
            self.file.flush().await?;
            self.file.get_ref().sync_all().await?;
            tokio::fs::rename(&self.beside.0, &self.place).await?;
            let folder = match self.place.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            File::open(folder).await?.sync_all().await
        };
        done.await
            .map_err(|problem: std::io::Error| StoreFault::file(&self.place, &problem))
    }
}
