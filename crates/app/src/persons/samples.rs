//! Invented pictures that reach every branch of the page.

use clearpicture_linkage::children::Attention;

use super::picture::PicturePage;
use super::said::{ClaimRow, ClaimShown, HappeningShown, RingRow, StandingRow, Year};
use crate::shell::Number;
use crate::shell::page::Link;

const ROW: &str =
    "Northwater <Council>, Involvement of children's social care, record 12 of its file";

fn value(line: &str, doubted: bool, note: &str) -> ClaimShown {
    ClaimShown {
        lines: vec![line.to_owned()],
        doubted,
        note: note.to_owned(),
        agencies: "Northwater <Council>".to_owned(),
        by: ROW.to_owned(),
    }
}

fn to_ring(backwards: bool, state: &str, tone: &'static str) -> RingRow {
    RingRow {
        who: "Northwater <Council>".to_owned(),
        state: state.to_owned(),
        tone,
        since: "Since 4 September 2023".to_owned(),
        people: vec!["Robin <Ashdown>, social worker".to_owned()],
        numbers: Number::of_duty_desk("01632 960101")
            .into_iter()
            .chain(Number::of("Robin <Ashdown>", "01632 960555"))
            .collect(),
        backwards,
        by: ROW.to_owned(),
        end_href: backwards.then(|| "/involvements/grant_1/end".to_owned()),
    }
}

/// A picture with everything in it, and one with nothing.
#[expect(
    clippy::too_many_lines,
    reason = "a page with much in it has a sample with much in it"
)]
pub(super) fn pictures() -> Vec<PicturePage> {
    let row = |label, differ, values| ClaimRow {
        label,
        headed: label == "Date of birth",
        differ,
        values,
    };
    let full = PicturePage {
        name: "Ada <Okafor>".to_owned(),
        summary: "12 years, born 28 July 2014".to_owned(),
        agreement: "2 sources, which differ on 1 thing".to_owned(),
        standing: "Joined by the system, and somebody must look".to_owned(),
        doubts: vec![Attention::NamesAlike.words()],
        unchecked: true,
        why_href: Some("/children/person_1/why".to_owned()),
        claims: vec![
            row(
                "Name",
                true,
                vec![
                    value("Ada Okafor", false, ""),
                    value("Aida Okafor", true, ""),
                ],
            ),
            row(
                "Date of birth",
                false,
                vec![value("28 July 2014", false, "")],
            ),
            row(
                "Address",
                false,
                vec![value("1 Mill <Lane>", false, "as told on 3 May")],
            ),
        ],
        numbers: vec![("NHS number".to_owned(), "999 <000> 0000".to_owned())],
        open_now: vec![StandingRow {
            what: "Child protection plan: <neglect>".to_owned(),
            since: "since 4 September".to_owned(),
            agencies: "Northwater <Council>".to_owned(),
            by: ROW.to_owned(),
        }],
        ring: vec![
            to_ring(false, "works with the child now", "done"),
            RingRow {
                numbers: Vec::new(),
                people: Vec::new(),
                ..to_ring(false, "last in touch 4 September 2023", "due")
            },
        ],
        before: vec![to_ring(true, "worked with the child", "neutral")],
        years: vec![Year {
            year: 2023,
            happenings: vec![HappeningShown {
                when: "4 September".to_owned(),
                datetime: "2023-09-04".to_owned(),
                what: "Involvement <began>".to_owned(),
                agencies: "Northwater <Council>".to_owned(),
                by: ROW.to_owned(),
            }],
        }],
        duty: Number::of_duty_desk("01632 960101"),
        work_href: Some("/children/person_1/involved".to_owned()),
        work_since: None,
        for_keepers: true,
        actions: vec![Link {
            title: "History".to_owned(),
            href: "/children/person_1/history".to_owned(),
        }],
    };
    let bare = PicturePage {
        agreement: "one source".to_owned(),
        doubts: Vec::new(),
        unchecked: false,
        why_href: None,
        claims: Vec::new(),
        numbers: Vec::new(),
        open_now: Vec::new(),
        ring: Vec::new(),
        before: Vec::new(),
        years: Vec::new(),
        duty: None,
        for_keepers: false,
        work_href: None,
        ..full.clone()
    };
    let involved = PicturePage {
        work_since: Some("3 May".to_owned()),
        ..full.clone()
    };
    vec![full, bare, involved]
}
