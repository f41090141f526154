//! The files of a folder and of the folders in it, in one order on every machine.
//!
//! What is no plain file is passed over and said, never opened: a pipe would never end, a link may lead round in a
//! circle or out of the folder. One folder that cannot be opened keeps nobody from the others.

use std::ffi::OsStr;
use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use clearpicture_app::loads::LARGEST_FILE;

use crate::outcome::Stop;

/// More files than this are not what somebody meant to show.
const MOST: usize = 10_000;

/// One thing of the folder.
#[derive(Debug)]
pub(super) struct Entry {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Where it is in the folder, as it is shown.
    pub(super) shown: String,
    /// Why it is not read; `None` for a file that is.
    pub(super) passed_over: Option<PassedOver>,
}

/// Why something is not read.
#[derive(Debug)]
pub(super) enum PassedOver {
    /// A link.
    Link,
    /// A pipe, a socket or a device.
    NoFile,
    /// Beyond what may be sent in.
    TooLarge,
    /// Its name begins with a dot.
    Hidden,
    /// It is where the demonstration itself is kept.
    Own,
    /// It cannot be opened.
    Unreadable(io::Error),
}

/// Everything in `root`, by its path. `own` is the folder of the demonstration itself, which is never read.
///
/// # Errors
/// [`Stop::Misuse`] when `root` is no folder that can be opened, holds nothing, or holds too much.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
pub(super) fn walk(root: &Path, own: &Path) -> Result<Vec<Entry>, Stop> {
    let own = own.canonicalize().ok();
    let mut all = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == root => {
                return Err(Stop::misuse(format!(
                    "the folder `{}` cannot be read ({error}): name one that this user may open with --with",
                    root.display()
                )));
            }
            Err(error) => {
                all.push(entry(root, folder, Some(PassedOver::Unreadable(error))));
                continue;
            }
        };
        for found in entries {
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    let folder = folder.clone();
                    all.push(entry(root, folder, Some(PassedOver::Unreadable(error))));
                    break;
                }
            };
            match look_at(&found, own.as_deref()) {
                Ok(()) => folders.push(found.path()),
                Err(passed_over) => all.push(entry(root, found.path(), passed_over)),
            }
            if all.len() + folders.len() > MOST {
                return Err(Stop::misuse(format!(
                    "the folder `{}` holds more than {MOST} files: name a smaller one with --with",
                    root.display()
                )));
            }
        }
    }
    if !all.iter().any(|entry| entry.passed_over.is_none()) {
        return Err(Stop::misuse(format!(
            "the folder `{}` holds no file that can be read: name another with --with",
            root.display()
        )));
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// `Ok` for a folder to go into; otherwise why it is not read, or `None` for a file that is.
fn look_at(found: &DirEntry, own: Option<&Path>) -> Result<(), Option<PassedOver>> {
    if is_hidden(&found.file_name()) {
        return Err(Some(PassedOver::Hidden));
    }
    // Of a link this tells of the link itself.
    let about: Metadata = found
        .metadata()
        .map_err(|error| Some(PassedOver::Unreadable(error)))?;
    if about.is_symlink() {
        return Err(Some(PassedOver::Link));
    }
    if about.is_dir() {
        let is_own = own.is_some() && found.path().canonicalize().ok().as_deref() == own;
        return if is_own {
            Err(Some(PassedOver::Own))
        } else {
            Ok(())
        };
    }
    let too_large = usize::try_from(about.len()).is_ok_and(|bytes| bytes > LARGEST_FILE);
    Err(match (about.is_file(), too_large) {
        (true, false) => None,
        (true, true) => Some(PassedOver::TooLarge),
        (false, _) => Some(PassedOver::NoFile),
    })
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn entry(root: &Path, path: PathBuf, passed_over: Option<PassedOver>) -> Entry {
    let within = path.strip_prefix(root).unwrap_or(&path);
    // A name may hold what moves a terminal's cursor.
    let name = within.to_string_lossy();
    let shown = name.chars().map(|c| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    });
    Entry {
        shown: shown.collect(),
        path,
        passed_over,
    }
}
