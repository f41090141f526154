//! The cases of each rule, which are data: what a file holds, and every finding that reading it makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;

use clearpicture_ingest::{Asked, Finding, Heard, Last, Problem, Profile, read};
use clearpicture_kernel::{Code, Date};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A file, how it is read, and what is found in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    file: Option<String>,
    hex: Option<String>,
    /// So many rows without a fault, in place of a file.
    rows: Option<u32>,
    /// A text at the end of the file, so many times.
    then: Option<Then>,
    profile: Option<Code>,
    year: Option<u16>,
    last: Option<LastTime>,
    /// Keys of the file that this one's rows belong to.
    known: Option<Vec<String>>,
    finds: Vec<String>,
    /// Records of others.
    #[serde(default)]
    others: u64,
    /// The year of the layout it is read by.
    edition: Option<u16>,
    #[serde(default)]
    any_order: bool,
}

#[derive(Deserialize)]
struct Then {
    text: String,
    times: usize,
}

#[derive(Deserialize)]
struct LastTime {
    rows: u64,
    covers_to: Option<Date>,
}

fn profiles() -> Vec<Profile> {
    [
        ("people.toml", include_str!("../../cases/rules/people.toml")),
        ("spells.toml", include_str!("../../cases/rules/spells.toml")),
        ("tree.toml", include_str!("../../cases/rules/tree.toml")),
    ]
    .map(|(name, text)| Profile::parse(name, text).unwrap())
    .to_vec()
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../cases/rules/cases.toml");
    toml::from_str::<Cases>(text).unwrap().case
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        if let Some(hex) = &self.hex {
            let pairs = hex.as_bytes().chunks(2);
            return pairs
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect();
        }
        if let Some(rows) = self.rows {
            let mut text = "Id,Family\n".to_owned();
            (1..=rows).for_each(|row| writeln!(text, "{row},Marsh").unwrap());
            return text.into_bytes();
        }
        let file = self.file.as_deref().unwrap_or_default();
        let mut text = file.strip_prefix('\n').unwrap_or(file).to_owned();
        if let Some(then) = &self.then {
            text.push_str(&then.text.repeat(then.times));
        }
        text.into_bytes()
    }

    fn asked(&self) -> Asked<'_> {
        let mut known = BTreeMap::new();
        if let Some(keys) = &self.known {
            let file = format!("Id,Family\n{},Marsh\n", keys.join(",Marsh\n"));
            let all = read(
                Cursor::new(file),
                &profiles(),
                &Asked::default(),
                &mut |_| {},
            )
            .unwrap();
            known.insert("people".to_owned(), Arc::clone(&all.keys));
        }
        Asked {
            profile: self.profile.as_ref(),
            year: self.year,
            today: Some(Date::constant(2026, 11, 25)),
            facts: true,
            values: false,
            put_right: BTreeMap::new(),
            last: self
                .last
                .iter()
                .flat_map(|last| {
                    profiles().into_iter().map(|profile| {
                        let last = Last {
                            rows: last.rows,
                            covers_to: last.covers_to,
                        };
                        (profile.name, last)
                    })
                })
                .collect(),
            known,
        }
    }
}

/// `code`, `code row`, `code - column` or `code row column`.
fn words(finding: &Finding) -> String {
    let code = finding.problem.code();
    match (finding.row, &finding.column) {
        (Some(row), Some(column)) => format!("{code} {row} {column}"),
        (Some(row), None) => format!("{code} {row}"),
        (None, Some(column)) => format!("{code} - {column}"),
        (None, None) => code.to_owned(),
    }
}

#[test]
fn every_case_finds_what_it_says_and_nothing_else() {
    let profiles = profiles();
    let mut failed = Vec::new();
    for case in cases() {
        let (mut found, mut told) = (Vec::new(), 0);
        let mut hear = |heard| match heard {
            Heard::Finding(finding) => found.push(words(&finding)),
            Heard::Told(_) => told += 1,
            Heard::Rows(_) => {}
        };
        let summary = read(
            Cursor::new(case.bytes()),
            &profiles,
            &case.asked(),
            &mut hear,
        )
        .unwrap();
        let mut expected = case.finds.clone();
        if case.any_order {
            found.sort();
            expected.sort();
        }
        if found != expected {
            failed.push(format!(
                "{}\n  expected {expected:?}\n  found    {found:?}",
                case.says
            ));
        }
        assert_eq!(
            summary.rows,
            summary.accepted + summary.quarantined,
            "{}",
            case.says
        );
        assert_eq!(summary.findings, found.len() as u64, "{}", case.says);
        assert_eq!(summary.others, case.others, "{}", case.says);
        if !summary.refused {
            assert_eq!(told, summary.accepted, "{}", case.says);
        }
        if let Some(edition) = case.edition {
            assert_eq!(summary.year, Some(edition), "{}", case.says);
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_rule_has_a_case() {
    /// Those whose files are workbooks, which have tests of their own.
    const WORKBOOKS: [Problem; 5] = [
        Problem::WorkbookTooLarge,
        Problem::UnknownSheet,
        Problem::HiddenSheet,
        Problem::ListTwice,
        Problem::MissingSheet,
    ];
    let cases = cases();
    let found: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| &case.finds)
        .filter_map(|finding| finding.split(' ').next())
        .collect();
    let without: Vec<&str> = Problem::ALL
        .iter()
        .filter(|problem| !WORKBOOKS.contains(problem))
        .map(|problem| problem.code())
        .filter(|code| !found.contains(code))
        .collect();
    assert!(without.is_empty(), "no case for {without:?}");
    assert!(Problem::ALL.len() >= 60);
}
