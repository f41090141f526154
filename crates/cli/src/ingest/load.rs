//! `ingest load`: files taken in, each wholly or not at all.

use std::path::{Path, PathBuf};

use clearpicture_app::loads::{Agreed, Intake, LoadFault};
use clearpicture_app::state;
use clearpicture_kernel::Date;

use super::answer::{Answer, many};
use super::one::{Became, Loader, NotTaken, Wanted, sender};
use super::{Layout, chosen, far};
use crate::arguments::IngestFiles;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// Takes each file in and prints what came of it.
pub(super) async fn load(
    settings: &Settings,
    files: &IngestFiles,
    agency: Option<&str>,
    as_of: Option<Date>,
    agreed: Agreed,
) -> Result<(), Stop> {
    let wanted = Wanted {
        layout: Layout::of(files),
        agency,
        as_of,
        agreed,
    };
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = load_into(&opened, wanted, &files.files).await;
    opened.close().await?;
    done?.give(files.format)
}

/// Takes each file in.
async fn load_into(opened: &Opened, wanted: Wanted<'_>, files: &[PathBuf]) -> Result<Answer, Stop> {
    let mut loader = Loader::new(opened, wanted)?;
    let mut answer = Answer::default();
    if let Some(first) = files.first() {
        loader.meet(files).map_err(|fault| fault.of(first))?;
    }
    for file in files {
        let of_file = |fault: NotTaken| fault.of(file);
        for (examined, mut one) in loader.look(file).await.map_err(of_file)? {
            let refused = examined.summary.refused;
            if !refused {
                let taking = loader.take(file, &examined).await.map_err(of_file)?;
                match taking.became {
                    Became::Taken(effect) => {
                        one.totals.accepted = effect.accepted();
                        one.totals.unchanged = effect.unchanged;
                        one.ended = effect.ended;
                    }
                    Became::Waits(effect) => {
                        one.would_end = effect.ended;
                        answer.waits(&one.file, &effect);
                    }
                }
            }
            answer.add(one, refused);
        }
    }
    Ok(answer)
}

/// Reads what was taken in of a source once more, by its profile as it is now.
pub(super) async fn reprocess(
    settings: &Settings,
    profile: &str,
    agency: Option<&str>,
    agreed: Agreed,
) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = reprocess_in(&opened, profile, agency, agreed).await;
    opened.close().await?;
    say::answer(&done?)
}

async fn reprocess_in(
    opened: &Opened,
    profile: &str,
    agency: Option<&str>,
    agreed: Agreed,
) -> Result<String, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let source = chosen(&opened.practice.profiles, profile)?.ok_or_else(|| {
        Stop::misuse("name the source whose files are to be read again with --profile NAME")
    })?;
    let (_, agency) = sender(opened, agency, Some(source))
        .await
        .map_err(|fault| fault.of(Path::new(source.as_str())))?;
    let far = far(&format!("{source}: rows laid:"));
    let done = async {
        let intake = Intake::new(&opened.store, &access, &opened.practice, far)?;
        intake.reprocess(agency, source, agreed).await
    };
    let (files, effect) = done.await.map_err(|fault| match fault {
        LoadFault::Write(error) => error.into(),
        LoadFault::EndsMany(effect) => Stop::fault(format!(
            "`{source}`: as it is read now, a file would end {}: if that is right, give --ends {}",
            many(&effect),
            effect.ended
        )),
        fault => Stop::fault(format!("`{source}`: {fault}")),
    })?;
    Ok(format!(
        "{source}: {files} files read again; {} rows say something new, {} are unchanged, {} have ended",
        effect.accepted(),
        effect.unchanged,
        effect.ended
    ))
}
