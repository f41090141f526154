//! `ingest check`: what files tell and what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answer::Answer;
use super::{Layout, examine, sender};
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
        let (examined, one) = examine(file, &profiles, &asked)?;
        all.push((file, examined.summary, one));
    }
    // Rows that belong to those of another file are looked at again once that is known.
    for (_, summary, _) in &all {
        if let Some(profile) = &summary.profile {
            let keys = asked.known.entry(profile.to_string()).or_default();
            Arc::make_mut(keys).add(&summary.keys);
        }
    }
    let mut answer = Answer::default();
    for (file, summary, one) in all {
        let profile = profiles
            .iter()
            .find(|one| Some(&one.name) == summary.profile.as_ref());
        let belongs = profile.is_some_and(|profile| {
            profile
                .belongs_to()
                .any(|other| asked.known.contains_key(other))
        });
        let one = if belongs {
            examine(file, &profiles, &asked)?.1
        } else {
            one
        };
        answer.add(one, summary.refused);
    }
    if let Some(out) = report {
        sender::write(&answer, out)?;
    }
    answer.give(wanted.format)
}
