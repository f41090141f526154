//! `ingest load`: files taken in, each wholly or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearpicture_access::Access;
use clearpicture_app::loads::{Effect, Examined, Intake, LoadFault};
use clearpicture_app::{agencies, state};
use clearpicture_ingest::{Asked, Last};
use clearpicture_kernel::{AgencyId, Code, Date, Line};
use futures_util::{Stream, stream};

use super::answer::Answer;
use super::{Layout, chosen, examine, far, open, unreadable};
use crate::arguments::IngestFiles;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

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
}

/// Takes each file in and prints what came of it.
pub(super) async fn load(
    settings: &Settings,
    files: &IngestFiles,
    agency: Option<&str>,
    as_of: Option<Date>,
) -> Result<(), Stop> {
    let wanted = Wanted {
        layout: Layout::of(files),
        agency,
        as_of,
    };
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = load_into(&opened, wanted, &files.files).await;
    opened.close().await?;
    done?.give(files.format)
}

/// Takes each file in.
pub(crate) async fn load_into(
    opened: &Opened,
    wanted: Wanted<'_>,
    files: &[PathBuf],
) -> Result<Answer, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let profiles = &opened.practice.profiles;
    let mut asked: Asked<'_> = wanted.layout.asked(profiles)?;
    let mut answer = Answer::default();
    for file in files {
        asked.last = last(opened, &access, wanted.agency).await?;
        let (examined, mut one) = examine(file, profiles, &asked)?;
        let refused = examined.summary.refused;
        if !refused {
            let effect = take(opened, &access, wanted, file, &examined).await?;
            one.totals.accepted = effect.accepted();
            one.totals.unchanged = effect.unchanged;
            one.ended = effect.ended;
        }
        answer.add(one, refused);
    }
    Ok(answer)
}

/// What the last file of each source was like, of the agency that is named or that usually sends it.
async fn last(
    opened: &Opened,
    access: &Access,
    agency: Option<&str>,
) -> Result<BTreeMap<Code, Last>, Stop> {
    let senders = &opened.practice.senders;
    let codes: BTreeSet<&str> = match agency {
        Some(code) => BTreeSet::from([code]),
        None => senders.values().map(Code::as_str).collect(),
    };
    let mut last = BTreeMap::new();
    for code in codes {
        let Some(id) = agencies::by_code(&opened.store, code).await? else {
            continue;
        };
        let profiles = &opened.practice.profiles;
        let of_agency = async {
            let intake = Intake::new(&opened.store, access, profiles, Arc::new(|_| {}))?;
            intake.last(id).await
        };
        let of_agency = of_agency
            .await
            .map_err(|fault| Stop::fault(fault.to_string()))?;
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

/// Takes in a file that was examined.
async fn take(
    opened: &Opened,
    access: &Access,
    wanted: Wanted<'_>,
    file: &Path,
    examined: &Examined,
) -> Result<Effect, Stop> {
    let source = examined.summary.profile.as_ref();
    let agency = sender(opened, wanted.agency, source).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = Line::parse(&name).map_err(|error| {
        Stop::misuse(format!(
            "the name of `{}` cannot be kept ({error}): give the file another",
            file.display()
        ))
    })?;
    let bytes = stream::iter(Pieces::of(file)?);
    let came = Came {
        agency,
        name: &name,
        as_of: wanted.as_of,
    };
    let effect = take_in(opened, access, came, examined, bytes).await;
    effect.map_err(|fault| match fault {
        LoadFault::Write(error) => error.into(),
        LoadFault::Read(error) => unreadable(file, &error),
        fault => Stop::fault(format!("`{}`: {fault}", file.display())),
    })
}

/// Reads what was taken in of a source once more, by its profile as it is now.
pub(super) async fn reprocess(
    settings: &Settings,
    profile: &str,
    agency: Option<&str>,
) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = reprocess_in(&opened, profile, agency).await;
    opened.close().await?;
    say::answer(&done?)
}

async fn reprocess_in(
    opened: &Opened,
    profile: &str,
    agency: Option<&str>,
) -> Result<String, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let profiles = &opened.practice.profiles;
    let source = chosen(profiles, profile)?.ok_or_else(|| {
        Stop::misuse("name the source whose files are to be read again with --profile NAME")
    })?;
    let agency = sender(opened, agency, Some(source)).await?;
    let far = far(&format!("{source}: rows laid:"));
    let done = async {
        let intake = Intake::new(&opened.store, &access, profiles, far)?;
        intake.reprocess(agency, source).await
    };
    let (files, effect) = done.await.map_err(|fault| match fault {
        LoadFault::Write(error) => error.into(),
        fault => Stop::fault(format!("`{source}`: {fault}")),
    })?;
    Ok(format!(
        "{source}: {files} files read again; {} rows say something new, {} are unchanged, {} have ended",
        effect.accepted(),
        effect.unchanged,
        effect.ended
    ))
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
}

/// Takes in a file that was examined, whose bytes come once more.
pub(crate) async fn take_in<B: AsRef<[u8]>>(
    opened: &Opened,
    access: &Access,
    came: Came<'_>,
    examined: &Examined,
    bytes: impl Stream<Item = io::Result<B>>,
) -> Result<Effect, LoadFault> {
    let far = far(&format!("{}: rows laid:", came.name));
    let intake = Intake::new(&opened.store, access, &opened.practice.profiles, far)?;
    let summary = &examined.summary;
    let source = summary.profile.as_ref().ok_or(LoadFault::Refused)?;
    let profiles = &opened.practice.profiles;
    let tells_of_nobody = profiles
        .iter()
        .any(|profile| profile.name == *source && profile.subjects.is_none());
    if tells_of_nobody {
        return Err(LoadFault::NoPlace(source.clone()));
    }
    // The very bytes that were taken in before say nothing new, unless they are said to tell of another day.
    let Came {
        agency,
        name,
        as_of,
    } = came;
    if as_of.is_none() && intake.was_taken(agency, source, summary.digest).await? {
        return Ok(Effect {
            unchanged: summary.accepted,
            ..Effect::default()
        });
    }
    let id = intake.receive(agency, name, bytes).await?;
    intake.accept(id, examined, as_of).await?;
    intake.take_in(id).await
}

/// The bytes of a file, some at a time.
struct Pieces(Option<File>);

impl Pieces {
    fn of(file: &Path) -> Result<Self, Stop> {
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

/// The agency that sent a file of this source.
async fn sender(
    opened: &Opened,
    agency: Option<&str>,
    source: Option<&Code>,
) -> Result<AgencyId, Stop> {
    let of_practice = source.and_then(|source| opened.practice.senders.get(source));
    let Some(code) = agency.or(of_practice.map(Code::as_str)) else {
        return Err(Stop::misuse(
            "which agency sent the file is not said: name it with --agency CODE, or for every file of the source under [senders] in partnership.toml",
        ));
    };
    agencies::by_code(&opened.store, code)
        .await?
        .ok_or_else(|| {
            Stop::misuse(format!(
                "no agency has the code `{code}`: the page Agencies shows each agency's code"
            ))
        })
}
