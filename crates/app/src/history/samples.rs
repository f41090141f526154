//! Histories that reach every branch of the page.

use super::told::{Choice, Chosen, EntryShown, HistoryPage, Known, Line};
use crate::shell::differences::Difference;
use crate::shell::{Errors, Pagination};

/// A history with everything in it, and one with nothing.
#[expect(
    clippy::too_many_lines,
    reason = "samples that reach every branch of the page, in one list"
)]
pub(super) fn pages() -> Vec<HistoryPage> {
    let line = |label: &str, before: &str, after: &str| Difference {
        label: label.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let entry = |first, reason: Option<&str>, lines| EntryShown {
        title: "Change an agency".to_owned(),
        by: "Wren O'Hara, Northwater Council".to_owned(),
        when: "21 November 2026, 14:02".to_owned(),
        datetime: "2026-11-21T14:02:00Z".to_owned(),
        purpose: "administration of accounts and agencies".to_owned(),
        reason: reason.map(ToOwned::to_owned),
        first,
        lines,
    };
    let empty = HistoryPage::at(
        "Northwater Council".to_owned(),
        "/agencies/1".to_owned(),
        false,
    );
    let known = |recorded, said| {
        Some(Known {
            day: "18 November 2026".to_owned(),
            recorded,
            said,
        })
    };
    let mut wrong = Errors::default();
    wrong.add("day", "As known on: there is no 31 February in 2026");
    vec![
        HistoryPage {
            people: vec![Choice {
                value: "worker_1".to_owned(),
                text: "Wren O'Hara".to_owned(),
                selected: true,
            }],
            fields: vec![Choice {
                value: "Name".to_owned(),
                text: "Name".to_owned(),
                selected: false,
            }],
            chosen: vec![Chosen {
                text: "Wren O'Hara".to_owned(),
                value: "person".to_owned(),
            }],
            entries: vec![
                entry(
                    false,
                    Some("The desk <b>moved</b>."),
                    vec![
                        line("Duty number", "01632 960001", "01632 960002"),
                        line("Kind", "", "Police"),
                        line("Code", "x", ""),
                    ],
                ),
                entry(false, None, Vec::new()),
                entry(true, None, vec![line("Name", "", "Northwater Council")]),
            ],
            list: Pagination::of(1, 120),
            pages_href: "/agencies/agency_1/history?person=person&page=".to_owned(),
            known: known(
                true,
                vec![
                    Line {
                        label: "Name".to_owned(),
                        words: "Northwater".to_owned(),
                    },
                    Line {
                        label: "Duty number".to_owned(),
                        words: String::new(),
                    },
                ],
            ),
            withheld: true,
            searched: Some(500),
            ..empty.clone()
        },
        HistoryPage {
            known: known(false, Vec::new()),
            errors: wrong,
            ..empty
        },
    ]
}
