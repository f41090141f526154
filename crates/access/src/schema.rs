//! The Cedar schema, made from the declared actions.
//!
//! It is what keeps policies to the class, the caller, the purpose and the
//! grants: strict validation refuses a policy that reads anything else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::action::ActionSpec;

/// The schema's text.
pub(crate) fn schema_text(actions: &BTreeSet<ActionSpec>) -> String {
    let mut text = String::from(
        "entity Caller = {\n  agency: String, teams: Set<String>, roles: Set<String>, ready: Bool, system: String\n};\n\
         type Circumstances = {\n  purpose: String, marked: Bool, effect: String, personal: Bool,\n  \
         involved: Bool, break_glass: Bool, barred: Bool\n};\n",
    );
    let kinds: BTreeSet<&str> = actions.iter().map(|action| action.kind.name).collect();
    for kind in kinds {
        let _ = writeln!(
            text,
            "entity {} = {{ owner: String, team: String, sensitivity: Long, protected: Bool }};",
            entity_type(kind)
        );
    }
    for action in actions {
        let _ = writeln!(
            text,
            "action \"{}\" appliesTo {{ principal: [Caller], resource: [{}], context: Circumstances }};",
            action.name,
            entity_type(action.kind.name)
        );
    }
    text
}

/// The entity type of a kind: `break-glass` is `BreakGlass`.
pub(crate) fn entity_type(kind: &str) -> String {
    kind.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}
