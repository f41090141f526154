//! Invented pairs, for the samples of pages.

use clearpicture_linkage::Level;
use clearpicture_linkage::children::Comparison;

use super::{PairPage, RowShown, Step, standing, view};
use crate::linking::answers::{asks, choices, scopes, sureness};
use crate::linking::pages::noun;
use crate::linking::standing::DecidedShown;
use crate::linking::types::{Sides, Sureness, Verdict};
use crate::linking::ways::{NEXT, OPENED, PICTURE, to};
use crate::shell::Errors;

/// The page as it comes, refused, decided, asked, and for whoever may not decide.
pub(super) fn all() -> Vec<PairPage> {
    let (start, rows, so_far) = sample_rows();
    let full = PairPage {
        action: "/links/person_1".to_owned(),
        a: "subject_1".to_owned(),
        b: "subject_2".to_owned(),
        version: 0,
        standing: standing(true, false),
        one: "Involvement of children's social care, Northwater Council, record 12".to_owned(),
        other: "Involvement of schools, Northwater Schools, record 4".to_owned(),
        agreement: "The given names are alike: Ada and Aida.".to_owned(),
        decision: "They were joined, unchecked.",
        would_change: "If either source told of both names, they would not be joined.",
        rows,
        start,
        total: Step::of(0, so_far),
        view: view(&[-14_200, so_far, 6_000]),
        threshold: 60,
        decided: None,
        may_decide: true,
        ways: vec![
            to(PICTURE, "/children/person_1"),
            to(NEXT, "/links/person_3?a=subject_5&b=subject_6"),
        ],
        choices: choices(true, false, ""),
        sureness: sureness(""),
        scopes: scopes(true, 5, "children-5", ""),
        asks: asks(
            &[("agency_1".to_owned(), "Northwater <Schools>".to_owned())],
            "",
        ),
        reason: String::new(),
        errors: Errors::default(),
    };
    let mut refused = full.clone();
    refused.errors.add("verdict", "Choose what you think");
    refused.errors.add("reason", "Say why");
    let decided = PairPage {
        standing: standing(false, true),
        version: 2,
        decided: Some(DecidedShown {
            words: Verdict::NotSame.words(),
            sureness: Sureness::Likely.words(),
            scope: Sides::WORDS,
            asked_of: String::new(),
            main: "/links/person_1?a=subject_1&b=subject_3".to_owned(),
            reason: "The school has <two> cousins of this name.".to_owned(),
            stands: true,
            others: 2,
        }),
        ways: vec![
            to("Picture of the one: Ada Okafor", "/children/person_1"),
            to(
                "Picture of the other: Aida <b> Okafor",
                "/children/person_2",
            ),
            to(OPENED, "/looked/person_1"),
        ],
        choices: choices(false, true, "not-same"),
        scopes: Vec::new(),
        asks: Vec::new(),
        ..full.clone()
    };
    let asked = PairPage {
        decided: Some(DecidedShown {
            words: Verdict::Asked.words(),
            sureness: "",
            scope: "",
            asked_of: "Northwater <Schools>".to_owned(),
            main: String::new(),
            reason: "Which of the two is in year 7?".to_owned(),
            stands: true,
            others: 0,
        }),
        ..full.clone()
    };
    let reader = PairPage {
        may_decide: false,
        ..full.clone()
    };
    vec![full, refused, decided, asked, reader]
}

/// An invented waterfall: where it starts, its steps, and what they come to.
fn sample_rows() -> (Step, Vec<RowShown>, i32) {
    let mut so_far = -14_200;
    let start = Step::of(0, so_far);
    let mut row = |of, one: &str, other: &str, level: Level, worth: i32| {
        let step = Step::of(so_far, worth);
        so_far += worth;
        RowShown {
            of: noun(of),
            one: one.to_owned(),
            other: other.to_owned(),
            level: level.words(),
            differs: level != Level::Same,
            step,
        }
    };
    let rows = vec![
        row(Comparison::Given, "Ada", "Aida <b>", Level::Alike, -600),
        row(Comparison::Family, "Okafor", "Okafor", Level::Same, 9_100),
        row(
            Comparison::Born,
            "3 May 2011",
            "3 May 2011",
            Level::Same,
            12_600,
        ),
        row(Comparison::Address, "", "", Level::NotTold, 0),
    ];
    (start, rows, so_far)
}
