//! A file for what linking has no room for in memory: numbers and weights, and nothing that a record says.
//!
//! It has no name, so that nothing of it is left when the program ends, however it ends.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use clearpicture_linkage::columns::Scratch;

/// A file without a name in a folder; it is made when the first bytes come.
#[derive(Debug)]
pub struct ScratchFile {
    folder: PathBuf,
    file: Option<File>,
}

impl ScratchFile {
    /// In a folder that may be written to, with as much room on its disk as is needed.
    pub fn within(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: None,
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        file.write_all(bytes)
    }
}

impl Scratch for ScratchFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put(bytes)
            .map_err(|error| told("cannot be put into a file", &error))
    }

    fn read(&self, from: u64, bytes: &mut [u8]) -> io::Result<()> {
        let read = match &self.file {
            Some(file) => file.read_exact_at(bytes, from),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        read.map_err(|error| told("cannot be read back from their file", &error))
    }
}

fn told(what: &str, error: &io::Error) -> io::Error {
    let words = format!("the pairs for which memory has no room {what}: {error}");
    io::Error::new(error.kind(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_there_is_read_back_on_several_threads_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut scratch = ScratchFile::within(folder.path());
        scratch.append(b"0123").expect("put");
        scratch.append(b"456789").expect("put");
        let scratch = &scratch;
        std::thread::scope(|scope| {
            for from in 0..7_u8 {
                scope.spawn(move || {
                    let mut bytes = [0; 3];
                    scratch.read(u64::from(from), &mut bytes).expect("read");
                    assert_eq!(bytes, [b'0' + from, b'1' + from, b'2' + from]);
                });
            }
        });
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
        let error = scratch.read(8, &mut [0; 3]).expect_err("too far");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test has a thread to itself")]
    fn a_full_disk_and_a_folder_that_is_not_there_are_told() {
        let full = File::options()
            .read(true)
            .write(true)
            .open("/dev/full")
            .expect("a device that is always full");
        let mut scratch = ScratchFile {
            folder: PathBuf::new(),
            file: Some(full),
        };
        let error = scratch.append(b"0123").expect_err("full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(
            error
                .to_string()
                .starts_with("the pairs for which memory has no room cannot be put into a file: "),
            "{error}"
        );
        let mut scratch = ScratchFile::within(Path::new("/nowhere/at/all"));
        let error = scratch.append(b"0123").expect_err("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        scratch.append(b"").expect_err("nor later");
        scratch.read(0, &mut [0]).expect_err("nothing there");
    }
}
