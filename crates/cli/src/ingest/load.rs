//! `ingest load`: files taken in, each wholly or not at all.

use std::path::{Path, PathBuf};

use clearpicture_access::Access;
use clearpicture_app::loads::{LoadFault, Reading, take_in};
use clearpicture_app::{agencies, state};
use clearpicture_ingest::Asked;
use clearpicture_kernel::{AgencyId, Code, Line};

use super::answer::Answer;
use super::{Layout, examine, open, unreadable};
use crate::arguments::IngestFiles;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::settings::Settings;

/// How files are to be taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// By what they are read.
    pub(crate) layout: Layout<'a>,
    /// The code of the agency that sent them; `None` goes by the practice.
    pub(crate) agency: Option<&'a str>,
}

/// Takes each file in and prints what came of it.
pub(super) async fn load(
    settings: &Settings,
    files: &IngestFiles,
    agency: Option<&str>,
) -> Result<(), Stop> {
    let wanted = Wanted {
        layout: Layout::of(files),
        agency,
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
    let asked = Asked {
        facts: true,
        ..wanted.layout.asked(profiles)?
    };
    let mut answer = Answer::default();
    for file in files {
        let (reading, mut one) = examine(file, profiles, &asked)?;
        if !reading.summary.refused {
            let brought = take(opened, &access, wanted.agency, file, &reading).await?;
            one.totals.accepted = brought.accepted;
            one.totals.unchanged = brought.unchanged;
        }
        answer.add(one, reading.summary.refused);
    }
    Ok(answer)
}

async fn take(
    opened: &Opened,
    access: &Access,
    agency: Option<&str>,
    file: &Path,
    reading: &Reading,
) -> Result<clearpicture_app::loads::Brought, Stop> {
    let agency = sender(opened, agency, reading.summary.profile.as_ref()).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = Line::parse(&name).map_err(|error| {
        Stop::misuse(format!(
            "the name of `{}` cannot be kept ({error}): give the file another",
            file.display()
        ))
    })?;
    let original = open(file)?;
    take_in(&opened.store, access, agency, &name, reading, original)
        .await
        .map_err(|fault| match fault {
            LoadFault::Write(error) => error.into(),
            LoadFault::Read(error) => unreadable(file, &error),
            fault => Stop::fault(format!("`{}`: {fault}", file.display())),
        })
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
