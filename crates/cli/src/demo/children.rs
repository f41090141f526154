//! The children of a demonstration: invented, taken in as their agencies' files, and linked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::rc::Rc;

use clearpicture_access::Access;
use clearpicture_app::agencies;
use clearpicture_app::analysis::From;
use clearpicture_app::linking::Outcome;
use clearpicture_app::loads::{Agreed, Examined};
use clearpicture_ingest::Asked;
use clearpicture_kernel::Line;
use clearpicture_synth::{Out, Service};
use futures_util::stream;

use crate::analysis;
use crate::arguments::Size;
use crate::ingest::{self, Became, Came};
use crate::installation::Opened;
use crate::link;
use crate::making::{unknown, word};
use crate::outcome::Stop;

/// The seed of every demonstration: two people who look at one see the same children.
const SEED: u64 = 1;

impl Size {
    /// How many children are invented.
    pub(super) const fn children(self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Small => 500,
            Self::Full => 20_000,
        }
    }
}

/// Invents children and takes them in as their agencies' files.
pub(super) async fn invent(opened: &Opened, access: &Access, size: Size) -> Result<(), Stop> {
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
            agreed: Agreed::default(),
        };
        let took = ingest::take_in(opened, access, came, &examined, stream::iter([Ok(bytes)]));
        if let Became::Waits(_) = took.await.map_err(|fault| Stop::fault(fault.to_string()))? {
            return Err(Stop::fault("an invented file would end what is held"));
        }
    }
    Ok(())
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

/// Links everything that is held, and brings what is counted up to it.
pub(super) async fn link(opened: &Opened) -> Result<Outcome, Stop> {
    let outcome = link::run_in(opened).await?;
    analysis::refresh(opened, From::WhereTheyEnd).await?;
    tracing::info!(
        records = outcome.subjects,
        children = outcome.persons,
        "linked: sign in as a practitioner and open Children"
    );
    Ok(outcome)
}
