//! `ingest check`: what files tell and what is wrong with them.

use std::path::{Path, PathBuf};

use clearpicture_ingest::Asked;

use super::answer::Answer;
use super::{Layout, belonging, examine, examine_one, keys_of, sender, unreadable};
use crate::arguments::IngestFiles;
use crate::outcome::Stop;
use crate::practice;
use crate::settings::Settings;

/// Checks each file and prints what came of it.
pub(crate) fn check(
    settings: &Settings,
    wanted: &IngestFiles,
    report: Option<&Path>,
) -> Result<(), Stop> {
    let files: &[PathBuf] = &wanted.files;
    let profiles = practice::profiles(settings)?;
    let mut asked = Layout::of(wanted).asked(&profiles)?;
    let mut all = Vec::new();
    for file in files {
        let looked = examine(file, &profiles, &asked).map_err(|error| unreadable(file, &error))?;
        all.extend(
            looked
                .into_iter()
                .map(|(examined, one)| (file, examined, one)),
        );
    }
    // Rows that belong to those of another table are looked at again once that is known.
    let known = keys_of(all.iter().map(|(_, examined, _)| examined));
    let mut answer = Answer::default();
    let mut reported = Vec::new();
    for (file, examined, one) in all {
        let source = examined.summary.profile.clone();
        asked.known = belonging(&profiles, source.as_ref(), &known);
        let (examined, one) = if asked.known.is_empty() {
            (examined, one)
        } else {
            let again = Asked {
                profile: source.as_ref(),
                ..asked.clone()
            };
            examine_one(file, &profiles, &again).map_err(|error| unreadable(file, &error))?
        };
        answer.add(one, examined.summary.refused);
        reported.push((file, examined));
    }
    if let Some(out) = report {
        let files: Vec<_> = reported
            .iter()
            .map(|(file, examined)| (file.as_path(), examined))
            .collect();
        sender::write(&files, out)?;
    }
    answer.give(wanted.format)
}
