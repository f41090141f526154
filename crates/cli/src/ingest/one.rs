//! One file on its way in: looked at, and then taken in wholly or not at all. The commands that load files, and the
//! demonstration, go this one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearpicture_access::Access;
use clearpicture_app::loads::{Agreed, Effect, Examined, Intake, Known, LoadFault};
use clearpicture_app::{agencies, state};
use clearpicture_ingest::{Asked, Last};
use clearpicture_kernel::{AgencyId, Code, Date, Line};
use futures_util::{Stream, stream};

use super::{Layout, Looked, belonging, examine, examine_one, far, keys_of, open, unreadable};
use crate::installation::{self, Opened};
use crate::outcome::Stop;

/// Bytes that are handed on at once.
const AT_ONCE: usize = 256 * 1024;

/// How files are to be taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// By what they are read.
    pub(crate) layout: Layout<'a>,
    /// The code of the agency that sent them; `None` goes by the practice.
    pub(crate) agency: Option<&'a str>,
    /// The day of which they tell; `None` goes by what they say themselves, or by today.
    pub(crate) as_of: Option<Date>,
    /// How many held rows each may end, where those are many.
    pub(crate) agreed: Agreed,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// It was taken in.
    Taken(Effect),
    /// It was kept and read, and waits until somebody decides: taking it in would do this.
    Waits(Effect),
}

/// A file that went the whole way.
#[derive(Debug)]
pub(crate) struct Taking {
    /// The code of the agency that sent it.
    pub(crate) agency: String,
    /// What became of it.
    pub(crate) became: Became,
}

/// Why one file was not taken in.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// It cannot be read.
    Unreadable(io::Error),
    /// Its name cannot be kept.
    Name(String),
    /// Nobody says which agency sent it.
    NoSender,
    /// No agency has this code.
    NoAgency(String),
    /// It was looked at, and something about it does not fit.
    Unfit(LoadFault),
    /// The fault is none of the file's: another would fare no better.
    Stopped(Stop),
}

impl NotTaken {
    /// The same, for a command that stops at it.
    pub(crate) fn of(self, file: &Path) -> Stop {
        let shown = file.display();
        match self {
            Self::Unreadable(error) => unreadable(file, &error),
            Self::Name(error) => Stop::misuse(format!(
                "the name of `{shown}` cannot be kept ({error}): give the file another"
            )),
            Self::NoSender => Stop::misuse(
                "which agency sent the file is not said: name it with --agency CODE, or for every file of the source under [senders] in partnership.toml",
            ),
            Self::NoAgency(code) => Stop::misuse(format!(
                "no agency has the code `{code}`: the page Agencies shows each agency's code"
            )),
            Self::Unfit(fault) => Stop::fault(format!("`{shown}`: {fault}")),
            Self::Stopped(stop) => stop,
        }
    }
}

impl From<LoadFault> for NotTaken {
    fn from(fault: LoadFault) -> Self {
        match fault {
            LoadFault::Write(error) => Self::Stopped(error.into()),
            LoadFault::Read(error) => Self::Unreadable(error),
            LoadFault::Refused
            | LoadFault::NoPlace(_)
            | LoadFault::OtherSender { .. }
            | LoadFault::Changed => Self::Unfit(fault),
            fault => Self::Stopped(Stop::fault(fault.to_string())),
        }
    }
}

/// Takes files in, one after the other.
pub(crate) struct Loader<'a> {
    opened: &'a Opened,
    access: Access,
    wanted: Wanted<'a>,
    asked: Asked<'a>,
    /// The keys of the files that come together.
    together: Known,
}

impl<'a> Loader<'a> {
    /// Takes files in as wanted.
    pub(crate) fn new(opened: &'a Opened, wanted: Wanted<'a>) -> Result<Self, Stop> {
        let access = state::policies(&installation::capabilities(), &opened.practice)
            .map_err(state::StartFault::from)?;
        let asked = wanted.layout.asked(&opened.practice.profiles)?;
        Ok(Self {
            opened,
            access,
            wanted,
            asked,
            together: Known::new(),
        })
    }

    /// Learns what files that come together hold: rows of one may belong to those of another, whichever is taken in first.
    pub(crate) fn meet(&mut self, files: &[PathBuf]) -> Result<(), NotTaken> {
        if files.len() < 2 {
            return Ok(());
        }
        let mut all = Vec::new();
        for file in files {
            let looked = examine(file, &self.opened.practice.profiles, &self.asked);
            all.extend(looked.map_err(NotTaken::Unreadable)?);
        }
        self.together = keys_of(all.iter().map(|(examined, _)| examined));
        Ok(())
    }

    /// Reads a file to its end as each source of which it holds tables, beside what the last of the source was like and what
    /// its rows belong to, and keeps nothing.
    pub(crate) async fn look(&mut self, file: &Path) -> Result<Vec<Looked>, NotTaken> {
        self.asked.last = last(self.opened, &self.access, self.wanted.agency).await?;
        let profiles = &self.opened.practice.profiles;
        let mut all = examine(file, profiles, &self.asked).map_err(NotTaken::Unreadable)?;
        let own = keys_of(all.iter().map(|(examined, _)| examined));
        for looked in &mut all {
            let Some(source) = looked.0.summary.profile.clone() else {
                continue;
            };
            // What comes with it counts before what is held.
            let mut known = self.held(&source).await?;
            known.extend(belonging(profiles, Some(&source), &self.together));
            known.extend(belonging(profiles, Some(&source), &own));
            if known.is_empty() || looked.0.summary.refused {
                continue;
            }
            let asked = Asked {
                profile: Some(&source),
                known,
                ..self.asked.clone()
            };
            *looked = examine_one(file, profiles, &asked).map_err(NotTaken::Unreadable)?;
        }
        Ok(all)
    }

    /// The keys of what is held from the source's sender of the sources that its rows belong to.
    async fn held(&self, source: &Code) -> Result<Known, NotTaken> {
        let usual = self.opened.practice.senders.get(source);
        let Some(code) = self.wanted.agency.or(usual.map(Code::as_str)) else {
            return Ok(Known::new());
        };
        let Some(agency) = by_code(self.opened, code).await? else {
            return Ok(Known::new());
        };
        let intake = Intake::new(
            &self.opened.store,
            &self.access,
            &self.opened.practice,
            Arc::new(|_| {}),
        )?;
        Ok(intake.known(agency, Some(source)).await?)
    }

    /// Takes in a file that was looked at.
    pub(crate) async fn take(&self, file: &Path, examined: &Examined) -> Result<Taking, NotTaken> {
        let source = examined.summary.profile.as_ref();
        if let Some(source) = source {
            telling_of_somebody(self.opened, source)?;
        }
        let (code, agency) = sender(self.opened, self.wanted.agency, source).await?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = Line::parse(&name).map_err(|error| NotTaken::Name(error.to_string()))?;
        let bytes = stream::iter(Pieces::of(file).map_err(NotTaken::Unreadable)?);
        let came = Came {
            agency,
            name: &name,
            as_of: self.wanted.as_of,
            agreed: self.wanted.agreed,
        };
        let became = take_in(self.opened, &self.access, came, examined, bytes).await?;
        Ok(Taking {
            agency: code.to_owned(),
            became,
        })
    }
}

/// What the last file of each source was like, of the agency that is named or that usually sends it.
async fn last(
    opened: &Opened,
    access: &Access,
    agency: Option<&str>,
) -> Result<BTreeMap<Code, Last>, NotTaken> {
    let senders = &opened.practice.senders;
    let codes: BTreeSet<&str> = match agency {
        Some(code) => BTreeSet::from([code]),
        None => senders.values().map(Code::as_str).collect(),
    };
    let intake = Intake::new(&opened.store, access, &opened.practice, Arc::new(|_| {}))?;
    let mut last = BTreeMap::new();
    for code in codes {
        let Some(id) = by_code(opened, code).await? else {
            continue;
        };
        let of_agency = intake.last(id).await?;
        let usual = |source: &Code| {
            senders
                .get(source)
                .is_some_and(|usual| usual.as_str() == code)
        };
        last.extend(
            of_agency
                .into_iter()
                .filter(|(source, _)| agency.is_some() || usual(source)),
        );
    }
    Ok(last)
}

/// What is known of a file beside its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came<'a> {
    /// The agency that sent it.
    pub(crate) agency: AgencyId,
    /// Its name.
    pub(crate) name: &'a Line,
    /// The day of which it tells, where that is said.
    pub(crate) as_of: Option<Date>,
    /// How many held rows it may end, where those are many.
    pub(crate) agreed: Agreed,
}

/// Takes in a file that was examined, whose bytes come once more.
pub(crate) async fn take_in<B: AsRef<[u8]>>(
    opened: &Opened,
    access: &Access,
    came: Came<'_>,
    examined: &Examined,
    bytes: impl Stream<Item = io::Result<B>>,
) -> Result<Became, LoadFault> {
    let far = far(&format!("{}: rows laid:", came.name));
    let intake = Intake::new(&opened.store, access, &opened.practice, far)?;
    let summary = &examined.summary;
    let source = summary.profile.as_ref().ok_or(LoadFault::Refused)?;
    telling_of_somebody(opened, source)?;
    let Came {
        agency,
        name,
        as_of,
        agreed,
    } = came;
    intake.sent_rightly(agency, source).await?;
    // The very bytes that were taken in before say nothing new, unless they are said to tell of another day.
    if as_of.is_none() && intake.was_taken(agency, source, summary.digest).await? {
        return Ok(Became::Taken(Effect {
            unchanged: summary.accepted,
            ..Effect::default()
        }));
    }
    let waiting = intake.waiting(agency, source, summary.digest, as_of);
    let id = match waiting.await? {
        Some(id) => {
            let effect = intake.would_do(id).await?;
            if !agreed.allows(&effect) {
                return Ok(Became::Waits(effect));
            }
            intake.go_ahead(id, agreed).await?;
            id
        }
        None => {
            let id = intake.receive(agency, name, bytes).await?;
            intake.accept(id, examined, as_of, agreed).await?;
            id
        }
    };
    match intake.take_in(id).await {
        Err(LoadFault::EndsMany(effect)) => Ok(Became::Waits(effect)),
        taken => taken.map(Became::Taken),
    }
}

/// Refuses a source that tells of nobody.
fn telling_of_somebody(opened: &Opened, source: &Code) -> Result<(), LoadFault> {
    let mut profiles = opened.practice.profiles.iter();
    let profile = profiles.find(|one| one.name == *source);
    if profile.is_some_and(|profile| profile.subjects.is_none()) {
        return Err(LoadFault::NoPlace(source.clone()));
    }
    Ok(())
}

/// The bytes of a file, some at a time.
struct Pieces(Option<File>);

impl Pieces {
    fn of(file: &Path) -> io::Result<Self> {
        Ok(Self(Some(open(file)?.into_inner())))
    }
}

impl Iterator for Pieces {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Vec::with_capacity(AT_ONCE);
        let mut some = self.0.as_mut()?.take(AT_ONCE as u64);
        match some.read_to_end(&mut piece) {
            Ok(0) => None,
            Ok(_) => Some(Ok(piece)),
            Err(error) => {
                self.0 = None;
                Some(Err(error))
            }
        }
    }
}

/// The agency that sent a file of this source, by its code.
pub(super) async fn sender<'a>(
    opened: &'a Opened,
    agency: Option<&'a str>,
    source: Option<&Code>,
) -> Result<(&'a str, AgencyId), NotTaken> {
    let of_practice = source.and_then(|source| opened.practice.senders.get(source));
    let code = agency.or(of_practice.map(Code::as_str));
    let code = code.ok_or(NotTaken::NoSender)?;
    let id = by_code(opened, code).await?;
    let id = id.ok_or_else(|| NotTaken::NoAgency(code.to_owned()))?;
    Ok((code, id))
}

async fn by_code(opened: &Opened, code: &str) -> Result<Option<AgencyId>, NotTaken> {
    agencies::by_code(&opened.store, code)
        .await
        .map_err(|fault| NotTaken::Stopped(fault.into()))
}
