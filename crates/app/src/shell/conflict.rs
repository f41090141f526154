//! Two people saved the same version: both texts are shown, and nothing is lost.

use clearpicture_store::Record;
use serde::Serialize;

/// What differs between the text just sent and the one someone else saved first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// What differs, in the order of the record's page.
    pub lines: Vec<ConflictLine>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConflictLine {
    /// What it is about.
    pub label: String,
    /// What was just sent.
    pub yours: String,
    /// What the record says now.
    pub now: String,
}

/// Compares `yours`, just sent, with what the record says `now`.
pub fn conflict<R: Record>(yours: &R, now: &R) -> Conflict {
    let lines = yours
        .say()
        .into_iter()
        .zip(now.say())
        .filter(|(yours, now)| yours != now)
        .map(|(yours, now)| ConflictLine {
            label: yours.label.to_owned(),
            yours: yours.words,
            now: now.words,
        })
        .collect();
    Conflict { lines }
}

impl Conflict {
    /// An invented conflict, for the samples of pages.
    pub fn sample() -> Self {
        Self {
            lines: vec![ConflictLine {
                label: "Name".to_owned(),
                yours: "Missing episodes".to_owned(),
                now: "Missing and absent".to_owned(),
            }],
        }
    }
}
