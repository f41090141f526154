//! The pages of bars.

use serde::Serialize;

use super::bars::BarForm;
use super::shown::{GrantShown, RecordShown};
use crate::shell::form::Choice;
use crate::shell::{Errors, Page, Pagination};

/// Every bar.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    pub(super) bars: Vec<GrantShown>,
    pub(super) list: Pagination,
    /// Whether the reader bars people and lifts bars, or only reads of them.
    pub(super) may_change: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/bars.html";

    fn title(&self) -> String {
        "Bars".to_owned()
    }

    fn samples() -> Vec<Self> {
        let page = |bars, may_change| Self {
            bars,
            list: Pagination::of(2, 120),
            may_change,
        };
        vec![
            page(GrantShown::samples(), true),
            page(GrantShown::samples(), false),
            page(Vec::new(), true),
        ]
    }
}

/// Where a bar begins.
#[derive(Debug, Serialize)]
pub(super) struct NewPage;

impl Page for NewPage {
    const TEMPLATE: &'static str = "governance/bar_new.html";

    fn title(&self) -> String {
        "Bar a person from a record".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self]
    }
}

/// The form for a new bar: who is looked for in the directory, and chosen among those who were found.
#[derive(Debug, Serialize)]
pub(super) struct ChoosePage {
    pub(super) record: RecordShown,
    /// Nothing before somebody was looked for.
    pub(super) found: Option<Vec<Choice>>,
    pub(super) form: BarForm,
    pub(super) errors: Errors,
}

impl Page for ChoosePage {
    const TEMPLATE: &'static str = "governance/bar_choose.html";

    fn title(&self) -> String {
        "Bar a person from a record".to_owned()
    }

    fn samples() -> Vec<Self> {
        let page = |who: &str, found, fields: &[&str]| {
            let mut errors = Errors::default();
            for field in fields {
                errors.add(field, "This is <b>missing</b>");
            }
            Self {
                record: RecordShown::sample(),
                found,
                form: BarForm {
                    record: "feed_1".to_owned(),
                    who: who.to_owned(),
                    person: String::new(),
                    reason: "x".to_owned(),
                },
                errors,
            }
        };
        let wren = Choice::new("worker_1", "Wren <i>O'Hara</i>", "");
        let wren = wren.hinted("Practitioner, Lighthouse <b>charity</b>");
        vec![
            page("", None, &[]),
            page("", None, &["who"]),
            page("<i>nobody", Some(Vec::new()), &[]),
            page("wren", Some(vec![wren.clone()]), &[]),
            page("wren", Some(vec![wren]), &["person", "reason"]),
        ]
    }
}

/// The form that lifts a bar.
#[derive(Debug, Serialize)]
pub(super) struct LiftPage {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) who: String,
    pub(super) record: RecordShown,
    pub(super) why: String,
    pub(super) since: String,
    pub(super) reason: String,
    pub(super) errors: Errors,
}

impl Page for LiftPage {
    const TEMPLATE: &'static str = "governance/bar_lift.html";

    fn title(&self) -> String {
        "Lift a bar".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut wrong = Errors::default();
        wrong.add("reason", "Reason: this is empty");
        [Errors::default(), wrong]
            .into_iter()
            .map(|errors| Self {
                id: "grant_00000000000000000000000001".to_owned(),
                version: 1,
                who: "Wren <i>O'Hara</i>".to_owned(),
                record: RecordShown::sample(),
                why: "A relative of the family.".to_owned(),
                since: "18 November, 14:02".to_owned(),
                reason: String::new(),
                errors,
            })
            .collect()
    }
}
