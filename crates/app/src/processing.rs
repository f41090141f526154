//! The record of processing and its data-protection impact appendix, made from
//! the capability list (safety rule 28), so that neither can fall behind the product.

use std::fmt::Write as _;

use serde::Serialize;

use crate::capability::{Capability, Kept};

/// One kind of record, as the record of processing tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindProcessed {
    /// The capability and the kind: `People who sign in: worker`.
    pub title: String,
    /// What the law asks to be known of it.
    pub lines: Vec<ProcessingLine>,
}

/// One line of the record of processing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessingLine {
    /// What it is about.
    pub label: &'static str,
    /// What is to be known.
    pub words: String,
}

/// One risk of the data-protection impact appendix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// What could go wrong.
    pub risk: &'static str,
    /// What stands against it.
    pub measure: String,
    /// What is left of the risk.
    pub left: &'static str,
}

/// The whole record of processing with its appendix, in Markdown: what `doctor --processing` prints.
pub fn record_of_processing(capabilities: &[Capability]) -> String {
    let mut text = String::from(
        "# Record of processing\n\nUK GDPR article 30; Data Protection Act 2018 section 61.\n",
    );
    for kind in kinds(capabilities) {
        let _ = write!(text, "\n## {}\n\n", kind.title);
        for line in kind.lines {
            let _ = writeln!(text, "- **{}:** {}", line.label, line.words);
        }
    }
    text.push_str("\n# Appendix: data-protection impact\n");
    for impact in impacts(capabilities) {
        let _ = write!(
            text,
            "\n## {}\n\n- **What stands against it:** {}\n- **What is left:** {}\n",
            impact.risk, impact.measure, impact.left
        );
    }
    text
}

/// Every kind of record with its lines, in the order of the capabilities.
pub fn kinds(capabilities: &[Capability]) -> Vec<KindProcessed> {
    let mut kinds = Vec::new();
    for capability in capabilities {
        for kept in &capability.records {
            kinds.push(KindProcessed {
                title: format!(
                    "{}: {}",
                    capability.title,
                    kept.record.kind.replace('-', " ")
                ),
                lines: lines(capability, kept),
            });
        }
    }
    kinds
}

fn lines(capability: &Capability, kept: &Kept) -> Vec<ProcessingLine> {
    let processing = &kept.processing;
    let actions: Vec<&str> = capability
        .actions
        .iter()
        .filter(|action| action.kind.name == kept.record.kind)
        .map(|action| action.about)
        .collect();
    let opened = if kept.record.personal {
        "Each opening is noted, by person, purpose and quarter of an hour."
    } else {
        "Opening leaves no note; each change is kept in its history."
    };
    let line = |label, words: &str| ProcessingLine {
        label,
        words: words.to_owned(),
    };
    vec![
        line("What and about whom", processing.about),
        line("Controllers", processing.controllers),
        line("Lawful basis", processing.lawful_basis),
        line("Regime", processing.regime.words()),
        line("Recipients", processing.recipients),
        line("Kept how long", processing.retention),
        line("Where copies lie", processing.copies),
        line("What policy lets people do", &actions.join("; ")),
        line("Trace", opened),
    ]
}

/// The risks to people, with what stands against each in this installation.
pub fn impacts(capabilities: &[Capability]) -> Vec<Impact> {
    let kept = || {
        capabilities
            .iter()
            .flat_map(|capability| &capability.records)
    };
    let kinds = kept().count();
    let personal: Vec<&str> = kept()
        .filter(|kept| kept.record.personal)
        .map(|kept| kept.record.kind)
        .collect();
    let personal_count = personal.len();
    let personal = personal.join(", ");
    let actions: usize = capabilities
        .iter()
        .map(|capability| capability.actions.len())
        .sum();
    vec![
        Impact {
            risk: "Someone opens a record that is not for them",
            measure: format!(
                "Each of {actions} actions is decided by policy for the caller, the record and the purpose. Opening a record about a person ({personal}) leaves a row in the read log first. The information governance lead decides a sample of each week."
            ),
            left: "Whoever may open a record by role can misuse it until the sample or a question finds it.",
        },
        Impact {
            risk: "A person concerned, or someone close to them, works for an agency",
            measure: "The information governance lead bars them: for them the record is not there in lists, counts, searches or links.".to_owned(),
            left: "A bar has to be asked for by someone who knows.",
        },
        Impact {
            risk: "A record is needed at night and nobody may open it",
            measure: "Breaking the glass, where policy allows it: a reason, three hours, for one person, listed for the information governance lead.".to_owned(),
            left: "Kinds whose policies do not allow it stay closed; the duty number is the way.",
        },
        Impact {
            risk: "A disk, a backup or the database is read by others",
            measure: format!(
                "The bodies of all {kinds} kinds of record are encrypted; the master key lies outside the database and its backups."
            ),
            left: "Columns that lists are made from are readable in the database itself. The threat model says which.",
        },
        Impact {
            risk: "What was recorded is changed or denied later",
            measure: "Every change is an entry in a chained and sealed history that both databases refuse to change, and so is every look-up in the read log; `history verify` proves both.".to_owned(),
            left: "Whoever holds both the database and the published seals could rewrite them together.",
        },
        Impact {
            risk: "Records are kept longer than needed, or destroyed too soon",
            measure: format!(
                "Each of {kinds} kinds, {personal_count} of them about people, names its retention rule above."
            ),
            left: "Nothing is destroyed by this release; it has to be decided and done by people.",
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities;

    #[test]
    fn every_kind_fills_every_line() {
        let kinds = kinds(&capabilities());
        assert!(!kinds.is_empty());
        for kind in kinds {
            for line in kind.lines {
                assert!(
                    line.words.trim().chars().count() > 3,
                    "{} says nothing under `{}`",
                    kind.title,
                    line.label
                );
            }
        }
    }

    #[test]
    fn the_printed_record_names_every_kind_and_every_risk() {
        let capabilities = capabilities();
        let text = record_of_processing(&capabilities);
        for kept in capabilities
            .iter()
            .flat_map(|capability| &capability.records)
        {
            assert!(text.contains(kept.processing.about), "{kept:?}");
        }
        for impact in impacts(&capabilities) {
            assert!(text.contains(impact.risk), "{}", impact.risk);
        }
    }
}
