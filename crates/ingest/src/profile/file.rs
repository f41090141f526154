//! What a file or a record says of itself, before any of its values is read.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What a file says of itself, outside its records.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct States {
    /// In XML, where it says so, from the root.
    pub(crate) path: String,
    /// What files of this source say there. One that says anything else is another's.
    is: BTreeSet<String>,
}

impl States {
    /// Whether that is what files of this source say.
    pub(super) fn holds(&self, says: &str) -> bool {
        self.is
            .iter()
            .any(|one| one.eq_ignore_ascii_case(says.trim()))
    }
}

/// Of several elements of a record, the one that is read: of those that have not ended the one whose use comes first.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choose {
    /// Which elements: `name`, `telecom[system=phone]`.
    pub(crate) of: String,
    /// Their uses, the best first and an empty one for none; those of other uses are not read. Without it any is.
    #[serde(default)]
    pub(crate) prefer: Vec<String>,
    /// Whether it is a doubt when several are as good as one another and say different things.
    #[serde(default)]
    pub(crate) one: bool,
}
