use clearpicture_kernel::{AnalysisColumn, AnalysisTable, AnalysisValue, Holds};

use crate::Measure;

const FILE: &str = r#"
code = "known-to-both"
version = 1
title = "Children known to both"
meaning = "Of the children that either knows, how many both know."
unit = ["child", "children"]
sources = ["involvement-csc", "involvement-education"]
so_what = "Who is known to one alone is nobody's whole picture."
rival_reading = "Better links raise it."
headline = "both"
sql = "SELECT subject AS unit, source AS part, true AS complete FROM involvement"

[[part]]
code = "both"
title = "Known to both"

[[part]]
code = "social-care-only"
title = "Known to social care alone"

[[part]]
code = "education-only"
title = "Known to education alone"

[[case]]
says = "one child of one source"
month = "2026-10"
gives = { both = 1 }
[[case.given.involvement]]
subject = 1
source = "both"
begins = 2026-01-05
"#;

/// A measure like the shipped one.
pub(super) fn measure() -> Measure {
    Measure::parse(FILE).expect("a measure")
}

const INVOLVEMENT: AnalysisTable = AnalysisTable {
    name: "involvement",
    about: "One row for each subject.",
    columns: &[
        AnalysisColumn::new("subject", Holds::Surrogate, ""),
        AnalysisColumn::new("source", Holds::Code, ""),
        AnalysisColumn::new("begins", Holds::Day, ""),
    ],
};

#[test]
fn mistakes_in_a_file_are_told() {
    for (from, to, says) in [
        ("version = 1", "", "missing field `version`"),
        (
            "version = 1",
            "version = 1\nowner = \"x\"",
            "unknown field `owner`",
        ),
        (
            "sources = [\"involvement-csc\", \"involvement-education\"]",
            "",
            "neither `services` nor `sources`",
        ),
        (
            "headline = \"both\"",
            "headline = \"all\"",
            "the headline `all` is no part",
        ),
        (
            "code = \"education-only\"",
            "code = \"both\"",
            "two parts have one code",
        ),
        (
            "gives = { both = 1 }",
            "gives = { all = 1 }",
            "gives `all`, which is no part",
        ),
        (
            "month = \"2026-10\"",
            "month = \"2026-13\"",
            "is not a month",
        ),
        (
            "code = \"known-to-both\"",
            "code = \"Known to both\"",
            "is not a code",
        ),
    ] {
        let text = FILE.replacen(from, to, 1);
        let fault = Measure::parse(&text).expect_err(says).to_string();
        assert!(fault.contains(says), "{fault}");
    }
    let (without, _) = FILE.split_once("[[case]]").expect("a case");
    let fault = Measure::parse(without).expect_err("no case").to_string();
    assert!(fault.contains("no worked case"), "{fault}");
}

#[test]
fn the_rows_of_a_case_fit_their_tables_or_are_refused() {
    let measure = measure();
    let case = measure.cases.first().expect("a case");
    let given = case.rows(&[INVOLVEMENT]).expect("rows");
    let row = given
        .first()
        .and_then(|given| given.rows.first())
        .expect("a row");
    assert_eq!(row.values.first(), Some(&Some(AnalysisValue::Surrogate(1))));
    assert!(
        case.rows(&[])
            .expect_err("no table")
            .to_string()
            .contains("no analysis table `involvement`")
    );
    for (from, to, says) in [
        ("subject = 1", "subject = \"one\"", "is not a whole number"),
        ("subject = 1", "", "lacks its key"),
        (
            "begins = 2026-01-05",
            "begins = 2026-01-05T10:00:00",
            "is not a day",
        ),
        (
            "begins = 2026-01-05",
            "name = \"Rowan\"",
            "has no column `name`",
        ),
        ("source = \"both\"", "source = \"Both\"", "is not a code"),
    ] {
        // The last of them is the case's.
        let (head, tail) = FILE.rsplit_once(from).expect("there");
        let text = format!("{head}{to}{tail}");
        let measure = Measure::parse(&text).expect("a measure");
        let case = measure.cases.first().expect("a case");
        let fault = case.rows(&[INVOLVEMENT]).expect_err(says).to_string();
        assert!(fault.contains(says), "{fault}");
    }
}
