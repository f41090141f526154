//! `ingest check`: what files tell and what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answer::Answer;
use super::{Layout, examine, sender, unreadable};
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
        let (examined, one) =
            examine(file, &profiles, &asked).map_err(|error| unreadable(file, &error))?;
        all.push((file, examined, one));
    }
    // Rows that belong to those of another file are looked at again once that is known.
    for (_, examined, _) in &all {
        if let Some(profile) = &examined.summary.profile {
            let keys = asked.known.entry(profile.to_string()).or_default();
            Arc::make_mut(keys).add(&examined.summary.keys);
        }
    }
    let mut answer = Answer::default();
    let mut reported = Vec::new();
    for (file, examined, one) in all {
        let summary = &examined.summary;
        let profile = profiles
            .iter()
            .find(|one| Some(&one.name) == summary.profile.as_ref());
        let belongs = profile.is_some_and(|profile| {
            profile
                .belongs_to()
                .any(|other| asked.known.contains_key(other))
        });
        let (examined, one) = if belongs {
            examine(file, &profiles, &asked).map_err(|error| unreadable(file, &error))?
        } else {
            (examined, one)
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
