//! `ingest propose`: a draft of a profile.

use std::path::Path;

use clearpicture_ingest::propose as draft;

use super::{open, unreadable};
use crate::outcome::Stop;
use crate::say;

/// Drafts a profile for a file, called as the file is.
pub(super) fn propose(file: &Path) -> Result<(), Stop> {
    let called = file.file_stem().unwrap_or_default().to_string_lossy();
    let drafted = open(file)
        .and_then(|opened| draft(opened, &called))
        .map_err(|error| unreadable(file, &error))?;
    match drafted {
        Ok(text) => say::answer(text.trim_end()),
        Err(problem) => Err(Stop::misuse(format!(
            "nothing can be drafted from `{}`: {}",
            file.display(),
            problem.message()
        ))),
    }
}
