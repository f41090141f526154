//! The children of a demonstration: invented, or those of a folder of files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clearpicture_access::Access;
use clearpicture_app::agencies;
use clearpicture_app::analysis::From;
use clearpicture_app::loads::Examined;
use clearpicture_ingest::Asked;
use clearpicture_kernel::Line;
use clearpicture_synth::{Out, Service};
use futures_util::stream;

use crate::analysis;
use crate::arguments::Size;
use crate::ingest::{self, Came, Wanted};
use crate::installation::Opened;
use crate::link;
use crate::making::{unknown, word};
use crate::outcome::Stop;

/// The seed of every demonstration: two people who look at one see the same children.
const SEED: u64 = 1;

impl Size {
    /// How many children are invented.
    const fn children(self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Small => 500,
            Self::Full => 20_000,
        }
    }
}

/// Invents children, takes them in as their agencies' files, and links them.
pub(super) async fn invent(opened: &Opened, access: &Access, size: Size) -> Result<(), Stop> {
    if size.children() == 0 {
        return Ok(());
    }
    for (name, bytes) in made(size.children())? {
        let examined = Examined::of(
            Cursor::new(&bytes),
            &opened.practice.profiles,
            &Asked::default(),
            |_| {},
        )?;
        let source = examined.summary.profile.as_ref();
        let sender = source.and_then(|source| opened.practice.senders.get(source));
        let sender = sender.ok_or_else(|| unknown(&name))?;
        let id = agencies::by_code(&opened.store, sender.as_str()).await?;
        let id = id.ok_or_else(|| unknown(sender.as_str()))?;
        let name = word(Line::parse(&name))?;
        let came = Came {
            agency: id,
            name: &name,
            as_of: None,
        };
        ingest::take_in(opened, access, came, &examined, stream::iter([Ok(bytes)]))
            .await
            .map_err(|fault| Stop::fault(fault.to_string()))?;
    }
    linked(opened).await
}

/// The files of involvements of so many invented children, by name.
fn made(children: u64) -> Result<BTreeMap<String, Vec<u8>>, Stop> {
    let wanted = Service::ALL.map(Service::file);
    let kept: Rc<RefCell<BTreeMap<String, Vec<u8>>>> = Rc::default();
    let open = &mut |name: &str| -> io::Result<Out> {
        if !wanted.contains(&name) {
            return Ok(Box::new(io::sink()));
        }
        Ok(Box::new(Kept {
            name: name.to_owned(),
            files: Rc::clone(&kept),
        }))
    };
    clearpicture_synth::write(children, SEED, open)
        .map_err(|error| Stop::fault(error.to_string()))?;
    Ok(kept.take())
}

/// A file that is kept in memory.
struct Kept {
    name: String,
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.files.borrow_mut();
        files.entry(self.name.clone()).or_default().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes in what can be read of the files in `folder`, says what cannot, and links the children.
pub(super) async fn take_in(opened: &Opened, folder: &Path) -> Result<(), Stop> {
    let files = files(folder)?;
    if files.is_empty() {
        return Err(Stop::misuse(format!(
            "the folder `{}` holds no file ending in .csv: name another with --with",
            folder.display()
        )));
    }
    let wanted = Wanted {
        layout: ingest::Layout {
            profile: "auto",
            year: None,
        },
        agency: None,
        as_of: None,
    };
    ingest::load_into(opened, wanted, &files).await?.tell();
    linked(opened).await
}

async fn linked(opened: &Opened) -> Result<(), Stop> {
    let outcome = link::run_in(opened).await?;
    analysis::refresh(opened, From::WhereTheyEnd).await?;
    tracing::info!(
        records = outcome.subjects,
        children = outcome.persons,
        "linked: sign in as a practitioner and open Children"
    );
    Ok(())
}

/// The files that could be an agency's, by name.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
fn files(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let entries = std::fs::read_dir(folder).map_err(|error| {
        Stop::misuse(format!(
            "the folder `{}` cannot be read ({error}): name one that this user may open with --with",
            folder.display()
        ))
    })?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "csv"))
        .collect();
    files.sort();
    Ok(files)
}
