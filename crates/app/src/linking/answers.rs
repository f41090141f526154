//! What a form lets somebody answer about a pair.

use super::types::Sureness;
use crate::shell::form::Choice;

/// The answers, each with what follows.
pub(super) fn choices(joined: bool, decided: bool, chosen: &str) -> Vec<Choice> {
    let (same, apart) = if joined {
        (
            "The joined picture stays, and counts as checked.",
            "The picture is parted at once. You will see who opened it.",
        )
    } else {
        (
            "Both records become one picture at once, seen by whoever may see either.",
            "They stay two pictures, and no run asks again.",
        )
    };
    let answers = [
        Choice::new("same", "They are one child", chosen).hinted(same),
        Choice::new("not-same", "They are two children", chosen).hinted(apart),
    ];
    // What is decided is taken back before somebody asks about it.
    let asks = (!decided).then(|| {
        Choice::new("asked", "I am not sure, and ask", chosen)
            .hinted("Nothing changes. Your question stands with the pair for whoever knows more.")
    });
    answers.into_iter().chain(asks).collect()
}

/// How far a decision goes, as a form tells it.
pub(super) const RECORDS: &str = "records";
pub(super) const CHILDREN: &str = "children-";

/// How far it may go; nothing to choose where the two have no other records. `every` stands for all of them, as they are
/// shown: see [`CHILDREN`].
pub(super) fn scopes(joined: bool, records: usize, every: &str, chosen: &str) -> Vec<Choice> {
    if records <= 2 {
        return Vec::new();
    }
    let chosen = if chosen.is_empty() { RECORDS } else { chosen };
    let hint = match joined {
        true => format!("If they are one child: all {records} records of this picture are."),
        false => format!("All {records} records of the two pictures, as they stand now."),
    };
    vec![
        Choice::new(RECORDS, "These two records", chosen),
        Choice::new(every, "Every record of both", chosen).hinted(hint),
    ]
}

/// Whom somebody may ask who is not sure.
pub(super) fn asks(agencies: &[(String, String)], chosen: &str) -> Vec<Choice> {
    let agencies = agencies
        .iter()
        .map(|(id, name)| Choice::new(id.as_str(), name.as_str(), chosen));
    std::iter::once(Choice::new("", "Whoever knows more", chosen))
        .chain(agencies)
        .collect()
}

/// How sure somebody may be.
pub(super) fn sureness(chosen: &str) -> Vec<Choice> {
    vec![
        Choice::new("certain", Sureness::Certain.words(), chosen),
        Choice::new("likely", Sureness::Likely.words(), chosen),
    ]
}
