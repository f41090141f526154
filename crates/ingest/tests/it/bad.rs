//! What an office's files look like on a bad day.

use std::io::{self, Read};

use clearpicture_ingest::Problem;
use clearpicture_kernel::Digest;
use proptest::prelude::*;

use crate::support::{HEADINGS, ROW, bring};

fn file(rows: &[&str]) -> String {
    format!("{HEADINGS}{}", rows.concat())
}

/// The one problem that reading `text` finds, with the numbers accepted and quarantined.
fn only(text: &[u8]) -> (Problem, u64, u64) {
    let brought = bring(text);
    let [finding] = brought.findings.as_slice() else {
        panic!("one finding: {:?}", brought.findings);
    };
    (
        finding.problem,
        brought.summary.accepted,
        brought.summary.quarantined,
    )
}

#[test]
fn a_whole_row_brings_its_facts_and_no_finding() {
    let brought = bring(file(&[ROW]).as_bytes());
    assert_eq!(brought.counts(), [].into());
    let kinds: Vec<&str> = brought.told[0]
        .facts
        .iter()
        .map(|fact| fact.says.kind())
        .collect();
    assert_eq!(
        kinds,
        [
            "name",
            "born",
            "sex",
            "identifier",
            "address",
            "involvement"
        ]
    );
    let coverage = brought.summary.coverage.expect("coverage");
    assert_eq!(
        coverage.period.until.map(|day| day.to_string()).as_deref(),
        Some("2022-10-01")
    );
    assert_eq!(brought.summary.digest, Digest::of(file(&[ROW]).as_bytes()));
}

#[test]
fn one_fault_is_one_finding_and_a_warning_drops_no_row() {
    let changed = |from: &str, to: &str| {
        let row = ROW.replacen(from, to, 1);
        assert_ne!(row, ROW, "{from}");
        only(file(&[&row]).as_bytes())
    };
    let other = ROW.replacen("Marsh", "Reed", 1);
    let cases = [
        (changed("17,", ","), (Problem::MissingKey, 0, 1)),
        (changed("Marsh", ""), (Problem::MissingValue, 1, 0)),
        (
            changed("2011-12-13", "2011-13-12"),
            (Problem::ImpossibleDate, 1, 0),
        ),
        (
            changed("2011-12-13", "2022-10-16"),
            (Problem::BornAfterFile, 1, 0),
        ),
        (
            changed("2019-12-09", "2021-01-05"),
            (Problem::BeginsAfterEnd, 1, 0),
        ),
        (changed("Female", "F"), (Problem::UnknownCode, 1, 0)),
        (
            changed("7946 0804", "794"),
            (Problem::PhoneNotDialable, 1, 0),
        ),
        (
            changed("Fen Lane", "Fen\u{a0}Lane"),
            (Problem::NoBreakSpace, 1, 0),
        ),
        (
            changed("Zoë", "Zo\u{fffd}"),
            (Problem::DamagedCharacters, 1, 0),
        ),
        (changed("Marsh", "Marsh,Reed"), (Problem::Shape, 0, 1)),
        (
            changed(",2021-01-04,2019-12-09\n", ",2021"),
            (Problem::Truncated, 0, 1),
        ),
        (
            changed("2019-12-09\n", "2019-12-09"),
            (Problem::NoLineEnd, 1, 0),
        ),
        (
            changed("Fenby\"", "Fenby"),
            (Problem::UnbalancedQuote, 0, 1),
        ),
        (
            only(file(&[ROW, ROW]).as_bytes()),
            (Problem::DuplicateRow, 2, 0),
        ),
        (
            only(file(&[ROW, &other]).as_bytes()),
            (Problem::DuplicateKey, 2, 0),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn headings_are_renamed_missing_doubled_or_unknown() {
    let headings = |from: &str, to: &str| {
        let headings = HEADINGS.replacen(from, to, 1);
        assert_ne!(headings, HEADINGS, "{from}");
        only(format!("{headings}{ROW}").as_bytes())
    };
    assert_eq!(
        headings("Last Name", "Surname"),
        (Problem::RenamedColumn, 1, 0)
    );
    assert_eq!(headings("Last Name", "Clan"), (Problem::Unrecognised, 0, 0));
    assert_eq!(
        headings("First Name", "Surname"),
        (Problem::Unrecognised, 0, 0)
    );
    assert_eq!(
        headings("Admission Type", "school name"),
        (Problem::DuplicateColumn, 0, 0)
    );
    let brought =
        bring(format!("{}{ROW}", HEADINGS.replace("Admission Type", "Colour")).as_bytes());
    assert_eq!(
        brought.counts(),
        [("absent-column", 1), ("unknown-column", 1)].into()
    );
}

#[test]
fn every_encoding_tells_the_same() {
    let text = file(&[ROW, &ROW.replace("17,", "18,")]);
    let plain = bring(text.as_bytes());
    let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let windows: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(c).expect("within Latin-1"))
        .collect();
    for bytes in [
        marked,
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        windows,
    ] {
        let brought = bring(bytes.as_slice());
        assert_eq!(
            (&brought.told, &brought.findings),
            (&plain.told, &plain.findings)
        );
    }
}

#[test]
fn nothing_and_a_line_of_a_hundred_megabytes_are_refused() {
    assert_eq!(only(b"").0, Problem::EmptyFile);
    assert_eq!(only(b"\n\n").0, Problem::EmptyFile);
    let line = io::repeat(b'x').take(100 << 20);
    let brought = bring(line);
    assert_eq!(brought.counts(), [("record-too-long", 1)].into());
    let open = file(&[ROW, "18,\""]);
    let brought = bring(open.as_bytes().chain(io::repeat(b'x').take(100 << 20)));
    assert_eq!(brought.counts(), [("record-too-long", 1)].into());
    assert!(brought.summary.refused);
}

#[test]
fn no_finding_repeats_a_value() {
    let row = ROW
        .replace("2011-12-13", "Marsh")
        .replace("Female", "Marsh");
    for finding in bring(file(&[&row]).as_bytes()).findings {
        assert!(!format!("{finding:?}{}", finding.problem.message()).contains("Marsh"));
    }
}

/// Gives a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(into.len());
        self.0.read(&mut into[..count])
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_chunks_do_not_matter(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        cut in 0_usize..600,
        drop in 1_usize..9,
    ) {
        let whole = file(&[ROW, ROW]);
        let kept = &whole.as_bytes()[..whole.len().min(cut)];
        for bytes in [bytes.clone(), [kept, &bytes].concat(), [whole.as_bytes(), &bytes].concat()] {
            prop_assert_eq!(bring(bytes.as_slice()), bring(Drops(&bytes, drop)));
        }
    }
}
