//! What a form lets somebody answer about a pair.

use super::types::{DecisionScope, Sureness};
use crate::shell::form::Choice;

/// The answers, each with what follows.
pub(super) fn choices(joined: bool, chosen: &str) -> Vec<Choice> {
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
    vec![
        Choice::new("same", "They are one child", chosen).hinted(same),
        Choice::new("not-same", "They are two children", chosen).hinted(apart),
        Choice::new("asked", "I am not sure, and ask", chosen)
            .hinted("Nothing changes. Your question stands with the pair for whoever knows more."),
    ]
}

/// How far a decision goes, as a form tells it.
pub(super) const RECORDS: &str = "records";
pub(super) const CHILDREN: &str = "children-";

/// Every record of the two, of whom there are so many: whoever decides about more than they were shown is told.
pub(super) fn children(records: usize) -> String {
    format!("{CHILDREN}{records}")
}

/// How far it may go; nothing to choose where the two have no other records.
pub(super) fn scopes(joined: bool, records: usize, chosen: &str) -> Vec<Choice> {
    if records <= 2 {
        return Vec::new();
    }
    let chosen = if chosen.is_empty() { RECORDS } else { chosen };
    let every = match joined {
        true => format!("If they are one child: all {records} records of this picture are."),
        false => format!("All {records} records of the two pictures, as they stand now."),
    };
    vec![
        Choice::new(RECORDS, DecisionScope::Records.words(), chosen),
        Choice::new(children(records), "Every record of both", chosen).hinted(every),
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
