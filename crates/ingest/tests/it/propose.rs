//! Drafts of profiles: they can be used as they are, and hold nobody's details.

use std::fmt::Write as _;
use std::io::Cursor;

use clearpicture_ingest::{Asked, Heard, Problem, Profile, propose, read};
use clearpicture_kernel::Says;

/// A file of a club that nobody has set up: invented people, one row each.
fn club() -> String {
    let mut text =
        "Member;Forename;Surname;Date of birth;Gender;Postcode;NHS no;Visits;Told parents\n"
            .to_owned();
    for number in 1..=40 {
        let sex = if number % 3 == 0 { "Boy" } else { "Girl" };
        let told = if number % 2 == 0 { "Y" } else { "N" };
        writeln!(
            text,
            "{number};Rowan{};Fen{};{:02}/04/2012;{sex};DN55 1PT;9434765919;{};{told}",
            "a".repeat(number),
            "b".repeat(number),
            number % 28 + 1,
            number % 7,
        )
        .unwrap();
    }
    text
}

#[test]
fn a_draft_can_be_used_as_it_is() {
    let file = club();
    let draft = propose(Cursor::new(&file), "Youth Club 2026")
        .unwrap()
        .unwrap();
    let profile =
        Profile::parse("draft", &draft).unwrap_or_else(|error| panic!("{error}\n{draft}"));
    assert_eq!(profile.name.as_str(), "youth-club-2026");
    assert!(draft.contains("# doubt"), "{draft}");
    for line in [
        "dates = \"day-first\"",
        "type = \"postcode\"",
        "type = \"nhs-number\"",
        "means = \"born\"",
    ] {
        assert!(draft.contains(line), "{line}: {draft}");
    }
    // What is met once or twice may be somebody's.
    assert!(
        !draft.contains("Rowan") && !draft.contains("Fenb"),
        "{draft}"
    );
    let mut told = Vec::new();
    let summary = read(
        Cursor::new(&file),
        &[profile],
        &Asked::to_keep(),
        &mut |heard| {
            if let Heard::Told(row) = heard {
                told.push(row);
            }
        },
    );
    assert_eq!(summary.unwrap().accepted, 40);
    let names = told
        .iter()
        .flat_map(|row| &row.facts)
        .filter(|fact| matches!(fact.says, Says::Name { .. }));
    assert_eq!(names.count(), 40);
}

#[test]
fn nothing_to_draft_from_says_why() {
    for (bytes, problem) in [
        (&b""[..], Problem::EmptyFile),
        (b"%PDF-1.7", Problem::NotData),
        (b"a,b\n", Problem::NoRecords),
        (b"PK\x03\x04", Problem::DamagedWorkbook),
    ] {
        assert_eq!(propose(Cursor::new(bytes), "x").unwrap(), Err(problem));
    }
}
