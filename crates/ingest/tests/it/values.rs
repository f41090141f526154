//! Rows and values as offices' programs really write them: the files that were made after public reports, each with its
//! right value, and their sisters.

use std::collections::BTreeMap;
use std::io::Cursor;

use clearpicture_ingest::{Asked, Finding, Heard, Summary, read};
use clearpicture_kernel::fact::{Confidence, Told};
use clearpicture_kernel::{Date, Says};

use crate::shared::bytes;
use crate::support::shipped;

/// What reading some bytes by the shipped profiles brought.
struct Brought {
    summary: Summary,
    told: Vec<Told>,
    findings: Vec<Finding>,
}

impl Brought {
    fn of(bytes: &[u8]) -> Self {
        let (mut told, mut findings) = (Vec::new(), Vec::new());
        let asked = Asked {
            today: Some(Date::constant(2026, 11, 30)),
            ..Asked::to_keep()
        };
        let mut hear = |heard| match heard {
            Heard::Told(one) => told.push(one),
            Heard::Finding(one) => findings.push(one),
            Heard::Rows(_) => {}
        };
        let summary = read(Cursor::new(bytes), &shipped(), &asked, &mut hear).expect("in memory");
        assert_eq!(summary.rows, summary.accepted + summary.quarantined);
        Self {
            summary,
            told,
            findings,
        }
    }

    /// A file of `faults`; `None` on a machine without it.
    fn fault(name: &str) -> Option<Self> {
        bytes(&format!("faults/{name}")).map(|bytes| Self::of(&bytes))
    }

    /// `rows, accepted, set aside`.
    fn rows(&self) -> (u64, u64, u64) {
        let Summary {
            rows,
            accepted,
            quarantined,
            ..
        } = self.summary;
        (rows, accepted, quarantined)
    }

    /// Each finding as `code row column`. Of social care's columns two are seldom there, which is another matter.
    fn found(&self) -> Vec<String> {
        let words = self
            .findings
            .iter()
            .filter(|one| one.problem.code() != "absent-column");
        let words = words.map(|one| {
            let row = one.row.map_or(String::new(), |row| format!(" {row}"));
            let column = one
                .column
                .as_deref()
                .map_or(String::new(), |column| format!(" {column}"));
            format!("{}{row}{column}", one.problem.code())
        });
        words.collect()
    }

    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for one in &self.findings {
            *counts.entry(one.problem.code()).or_default() += 1;
        }
        counts
    }

    fn keys(&self) -> Vec<&str> {
        self.told.iter().map(|told| told.key.as_str()).collect()
    }

    /// The names that are told, given and family.
    fn names(&self) -> Vec<String> {
        self.facts(|says| match says {
            Says::Name { given, family } => {
                let parts = [given, family].into_iter().flatten();
                let parts: Vec<&str> = parts.map(|part| part.reveal()).collect();
                Some(parts.join(" "))
            }
            _ => None,
        })
    }

    fn born(&self) -> Vec<String> {
        self.facts(|says| match says {
            Says::Born { on } => Some(on.reveal().to_string()),
            _ => None,
        })
    }

    fn facts(&self, of: impl Fn(&Says) -> Option<String>) -> Vec<String> {
        let all = self.told.iter().flat_map(|told| &told.facts);
        all.filter_map(|fact| of(&fact.says)).collect()
    }

    fn kinds(&self, kind: &str) -> usize {
        let all = self.told.iter().flat_map(|told| &told.facts);
        all.filter(|fact| fact.says.kind() == kind).count()
    }
}

const CSC: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,Local Authority Organisation,Contact Name,Contact Role,Contact Phone,Contact Email,Date Current As Of,Coverage Start Date,Coverage End Date,Coverage Geographic Area\r\n";
const HEADER: &str = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n";

/// A row of social care about a child of this name.
fn csc(id: &str, given: &[u8], family: &[u8]) -> Vec<u8> {
    let mut row = format!("{id},").into_bytes();
    row.extend(given);
    row.push(b',');
    row.extend(family);
    row.extend(b",2012-04-09,Female,1 Lane,Current,Northwater,Ann Other,Social worker,01632 960001,a.other@example.org,2026-09-01,2020-01-01,2026-08-31,Northwater\r\n");
    row
}

fn csc_file(rows: &[Vec<u8>]) -> Brought {
    Brought::of(&[CSC.as_bytes().to_vec(), rows.concat()].concat())
}

fn header_file(rows: &str) -> Brought {
    Brought::of(format!("{HEADER}{rows}").as_bytes())
}

// ── Encodings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn one_line_in_another_encoding_spoils_no_other() {
    let Some(one) = Brought::fault("02-one-line-of-windows-1252.csv") else {
        return;
    };
    assert_eq!(one.rows(), (41, 41, 0));
    assert_eq!(
        one.found(),
        [
            "damaged-characters 41 First Name",
            "damaged-characters 41 Last Name"
        ]
    );
    let names = one.names();
    assert_eq!(
        names[..5],
        [
            "Chloé Fïtzgerald",
            "Renée O’Dwyer",
            "José Fïtzgerald",
            "Siân O’Dwyer",
            "Małgorzata Fïtzgerald"
        ]
    );
    assert_eq!(names[40], "Ana\u{fffd}s Br\u{fffd}nte");
    let doubted = one.told[40]
        .facts
        .iter()
        .filter(|fact| fact.confidence == Confidence::Doubted);
    assert_eq!(doubted.count(), 1, "the name alone");
}

#[test]
fn lines_of_two_encodings_are_told_apart_whichever_are_more() {
    let windows = csc("1", b"Ana\xefs", b"Br\xf6nte");
    let utf8 = csc("2", "Zoë".as_bytes(), "Brontë".as_bytes());
    let more = csc("3", b"Ren\xe9e", b"O\x92Dwyer");
    let one = csc_file(&[windows.clone(), more.clone(), utf8]);
    assert_eq!(
        one.names(),
        ["Anaïs Brönte", "Renée O’Dwyer", "ZoÃ« BrontÃ«"]
    );
    assert_eq!(
        one.found(),
        [
            "damaged-characters 3 First Name",
            "damaged-characters 3 Last Name"
        ]
    );
    // A whole file in Windows-1252 is nobody's mistake.
    let whole = csc_file(&[windows, more]);
    assert_eq!(whole.names(), ["Anaïs Brönte", "Renée O’Dwyer"]);
    assert!(whole.found().is_empty());
}

#[test]
fn a_file_whose_signs_are_in_no_known_encoding_is_refused() {
    for name in ["18-mac-roman.csv", "18-central-european.csv"] {
        let Some(one) = Brought::fault(name) else {
            return;
        };
        assert_eq!(one.found(), ["unknown-encoding"], "{name}");
        assert!(one.summary.refused && one.told.is_empty(), "{name}");
    }
    for (given, family) in [
        // MS-DOS, Macintosh, Windows-1250.
        (b"Jos\x82".as_slice(), b"M\x81ller".as_slice()),
        (b"Zo\x89", b"Bront\x89"),
        (b"Jos\x8e", b"Garc\x92a"),
        (b"Ma\xb3gosia", b"Wi\x9cniewska"),
    ] {
        let one = csc_file(&[csc("1", given, family)]);
        assert_eq!(one.found(), ["unknown-encoding"], "{given:?} {family:?}");
    }
    // Among many whose signs are right, those few are told of by themselves.
    let mut rows: Vec<Vec<u8>> = (1..=12)
        .map(|id| csc(&id.to_string(), b"Zo\xeb", b"Br\xf6nte"))
        .collect();
    rows.push(csc("13", b"Zo\x91", b"Marsh"));
    let one = csc_file(&rows);
    assert_eq!(one.found(), ["damaged-characters 13 First Name"]);
}

#[test]
fn text_that_was_encoded_twice_is_told_of_in_each_value() {
    let Some(one) = Brought::fault("18-mojibake-already.csv") else {
        return;
    };
    assert_eq!(one.rows(), (2, 2, 0));
    assert_eq!(
        one.found(),
        [
            "damaged-characters 1 First Name",
            "damaged-characters 1 Last Name",
            "damaged-characters 2 First Name",
            "damaged-characters 2 Last Name",
        ]
    );
    let stated = one
        .told
        .iter()
        .flat_map(|told| &told.facts)
        .filter(|fact| fact.says.kind() == "name");
    assert!(
        stated
            .into_iter()
            .all(|fact| fact.confidence == Confidence::Doubted)
    );
}

#[test]
fn what_is_behind_a_megabyte_of_ascii_is_read_in_its_encoding() {
    let plain: Vec<u8> = (0..9_000)
        .flat_map(|id| csc(&format!("A{id}"), b"Ada", b"Marsh"))
        .collect();
    assert!(plain.len() > 1 << 20);
    for (given, name) in [
        (b"Ana\xefs".as_slice(), "Anaïs Marsh"),
        ("Łucja".as_bytes(), "Łucja Marsh"),
    ] {
        let one = csc_file(&[plain.clone(), csc("B", given, b"Marsh")]);
        assert_eq!(one.names().last().map(String::as_str), Some(name));
        assert!(one.found().is_empty(), "{:?}", one.counts());
    }
}

// ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_number_that_lost_its_digits_is_nobodys() {
    let Some(one) = Brought::fault("03-scientific-ids.csv") else {
        return;
    };
    assert_eq!(one.rows(), (3, 0, 3));
    assert_eq!(
        one.counts(),
        [("digits-lost", 3), ("missing-key", 3)].into()
    );
    for id in ["2.19E+26", "7E+11", "7.1e+11", "7.1E11", "\"7,1E+11\""] {
        let one = header_file(&format!("{id},M,05/04/2011,WBRI,T801217001001,,\r\n"));
        assert_eq!(
            one.found(),
            ["digits-lost 1 CHILD", "missing-key 1 CHILD"],
            "{id}"
        );
    }
    // Neither of these lost any.
    for id in ["12E4", "E12", "1E5", "710000000000"] {
        let one = header_file(&format!("{id},M,05/04/2011,WBRI,T801217001001,,\r\n"));
        assert_eq!(one.keys(), [id]);
    }
}

#[test]
fn a_number_is_known_however_a_spreadsheet_writes_it() {
    let (Some(header), Some(episodes), Some(codes)) = (
        Brought::fault("04-id-with-point-nought.csv"),
        Brought::fault("04-id-plain-episodes.csv"),
        Brought::fault("04-codes-with-point-nought.csv"),
    ) else {
        return;
    };
    assert_eq!(
        (header.keys(), episodes.keys()),
        (vec!["1001"], vec!["1001"])
    );
    assert_eq!(header.found(), ["number-as-decimal 1 CHILD"]);
    assert_eq!(codes.keys(), ["1001", "1002"]);
    assert_eq!(
        codes.found(),
        [
            "number-as-decimal 1 CHILD",
            "number-as-decimal 2 CHILD",
            "number-as-decimal 2 SEX",
            "number-as-decimal 2 MOTHER",
        ]
    );
    let sexes = codes.facts(|says| match says {
        Says::Sex { code } => Some(code.to_string()),
        _ => None,
    });
    assert_eq!(sexes, ["male", "female"]);
    // As this product writes it, as a system writes it to keep noughts, and in a column of codes alone.
    let one = header_file(
        "'0001001,M,05/04/2011,WBRI,T801217001001,,\r\n=\"0001002\",F,17/09/2013,WBRI,G801217001002,'0,\r\n\"=\"\"0001003\"\"\",F,17/09/2013,WBRI,W801217001003,,\r\n",
    );
    assert_eq!(one.keys(), ["0001001", "0001002", "0001003"]);
    assert!(one.found().is_empty(), "{:?}", one.found());
    let all = header_file(
        "1001,1.0,05/04/2011,WBRI,T801217001001,,\r\n1002,2.0,17/09/2013,WBRI,G801217001002,,\r\n",
    );
    assert_eq!(all.counts(), [("number-as-decimal", 2)].into());
    assert_eq!(all.kinds("sex"), 2);
    // A formula stays one.
    assert_eq!(
        header_file("=A1,M,05/04/2011,WBRI,T801217001001,,\r\n").found(),
        ["formula 1 CHILD", "missing-key 1 CHILD"]
    );
}

// ── Words for nothing ─────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_databases_word_for_nothing_tells_nothing() {
    let (Some(persons), Some(social), Some(numbers)) = (
        Brought::fault("05-null-words.csv"),
        Brought::fault("05-null-words-csc.csv"),
        Brought::fault("05-null-identifiers.csv"),
    ) else {
        return;
    };
    assert_eq!(persons.rows(), (3, 3, 0));
    assert_eq!(persons.names(), ["Ottoline Brackenreed"]);
    assert_eq!(persons.counts().get("impossible-date"), None);
    assert_eq!(
        persons.counts().get("placeholder"),
        Some(&4),
        "both names of two"
    );
    assert_eq!(social.rows(), (2, 2, 0));
    assert_eq!(social.names(), ["Ottoline Brackenreed"]);
    assert_eq!((social.kinds("address"), social.born().len()), (0, 1));
    assert_eq!(social.counts().get("phone-not-dialable"), None);
    assert_eq!(numbers.rows(), (2, 2, 0));
    assert!(
        !numbers
            .told
            .iter()
            .flat_map(|told| &told.facts)
            .any(|fact| {
                matches!(&fact.says, Says::Identifier { value, .. } if value.as_str() == "NULL")
            })
    );
    for word in [
        "(null)",
        "<NULL>",
        "[NULL]",
        "\\N",
        "null",
        "NaN",
        "<NA>",
        "undefined",
    ] {
        let one = header_file(&format!(
            "1001,M,05/04/2011,WBRI,T801217001001,{word},{word}\r\n{word},M,05/04/2011,WBRI,G801217001002,,\r\n"
        ));
        assert_eq!(one.found(), ["missing-key 2 CHILD"], "{word}");
    }
    for word in ["None", "nan", "NaT", "nil", "NA"] {
        let one = header_file(&format!(
            "1001,M,05/04/2011,WBRI,T801217001001,{word},{word}\r\n"
        ));
        assert!(one.found().is_empty(), "{word}: {:?}", one.found());
    }
}

#[test]
fn a_name_that_is_a_word_for_nothing_is_a_name_where_it_stands_alone() {
    for (given, family, name) in [
        ("Ben", "Null", "Ben Null"),
        ("Ada", "NULL", "Ada NULL"),
        ("None", "Marsh", "None Marsh"),
        ("Nan", "Nat", "Nan Nat"),
        ("Na", "Na", "Na Na"),
    ] {
        let one = csc_file(&[csc("1", given.as_bytes(), family.as_bytes())]);
        assert_eq!(one.names(), [name]);
        assert!(one.found().is_empty(), "{name}");
    }
    for (given, family) in [
        ("NULL", "NULL"),
        ("null", "None"),
        ("(null)", "(null)"),
        ("\\N", "\\N"),
        ("NaN", "NaN"),
    ] {
        let one = csc_file(&[csc("1", given.as_bytes(), family.as_bytes())]);
        assert_eq!(one.kinds("name"), 0, "{given} {family}");
        assert_eq!(one.rows(), (1, 1, 0));
        assert_eq!(one.found().len(), 2, "{given} {family}: {:?}", one.found());
    }
    // Where the same row says so of what is no name, one name alone is none either.
    let row = String::from_utf8(csc("1", b"Ada", b"NULL"))
        .expect("text")
        .replace("1 Lane", "NULL");
    let one = csc_file(&[row.into_bytes()]);
    assert_eq!(
        (one.names(), one.found()),
        (
            vec!["Ada".to_owned()],
            vec!["placeholder 1 Last Name".to_owned()]
        )
    );
}

// ── Days ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_day_is_read_whatever_time_stands_behind_it() {
    let (Some(missing), Some(header)) = (
        Brought::fault("07-one-digit-hour.csv"),
        Brought::fault("07-sqlserver-times.csv"),
    ) else {
        return;
    };
    let others = missing.found();
    assert!(
        others.iter().all(|one| one.starts_with("postcode-pseudo")),
        "{others:?}"
    );
    let facts = missing.told.iter().flat_map(|told| &told.facts);
    let episodes: Vec<String> = facts
        .filter(|fact| fact.says.kind() == "missing")
        .filter_map(|fact| Some(format!("{} {}", fact.valid.from?, fact.valid.to?)))
        .collect();
    assert_eq!(
        episodes,
        [
            "2026-04-05 2026-04-05",
            "2026-04-12 2026-04-13",
            "2026-04-20 2026-04-20"
        ]
    );
    assert_eq!(
        header.born(),
        [
            "2011-04-05",
            "2012-12-25",
            "2011-04-05",
            "2011-04-05",
            "2011-04-05",
            "2011-04-05"
        ]
    );
    assert_eq!(header.counts(), [("date-written-otherwise", 6)].into());
}

#[test]
fn age_is_counted_on_birthdays() {
    let Some(one) = Brought::fault("21-age-25.csv") else {
        return;
    };
    assert!(one.found().is_empty(), "{:?}", one.found());
    assert!(
        one.told
            .iter()
            .flat_map(|told| &told.facts)
            .all(|fact| fact.confidence == Confidence::Stated)
    );
    let missing = |born: &str, day: &str| {
        let text = format!(
            "Report Number,Person Number,Forename,Surname,Date Of Birth,Sex,Home Postcode,Local Authority,Reported Missing,Found,Risk,Prevention Interview\r\nM1,PN1,Ida,Fallowmere,{born},F,,Northwater,{day},,High,Y\r\n"
        );
        Brought::of(text.as_bytes()).found()
    };
    assert!(missing("01/01/2000", "31/12/2025").is_empty());
    assert_eq!(
        missing("01/01/2000", "01/01/2026"),
        ["unlikely-age 1 Date Of Birth"]
    );
}

// ── Rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn lines_that_stand_around_rows_are_nobody() {
    for (name, keys, found) in [
        ("09-dashes-row.csv", &["1001"][..], &["not-a-row 1"][..]),
        ("09-headings-again.csv", &["1001", "1002"], &["not-a-row 2"]),
        (
            "09-sqlcmd.csv",
            &["1001", "1002"],
            &["not-a-row 1", "not-a-row 4"],
        ),
    ] {
        let Some(one) = Brought::fault(name) else {
            return;
        };
        assert_eq!(
            (one.keys().as_slice(), one.found()),
            (keys, found.iter().map(ToString::to_string).collect()),
            "{name}"
        );
    }
    for line in [
        "=====,===,==========,======,====,======,======",
        "___,_,_,_,_,_,_",
        "-----,,,,,,",
        "-----+---+---",
        "child,sex,dob,ethnic,upn,mother,mc dob",
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
        "CHILD,SEX,DOB",
        "(2 rows affected)",
        "(1 row)",
        "\"1,001 rows selected.\",,,,,,",
        "2 records",
    ] {
        let one = header_file(&format!(
            "1001,M,05/04/2011,WBRI,T801217001001,,\r\n{line}\r\n"
        ));
        assert_eq!(
            (one.keys(), one.found()),
            (vec!["1001"], vec!["not-a-row 2".to_owned()]),
            "{line}"
        );
    }
    // Somebody's row all the same.
    for id in ["-1001", "CHILD1", "SEX", "2 rows up"] {
        let one = header_file(&format!("{id},M,05/04/2011,WBRI,T801217001001,,\r\n"));
        assert_eq!((one.keys(), one.found().len()), (vec![id], 0), "{id}");
    }
}

#[test]
fn blanks_at_the_end_of_a_row_need_not_be_there_nor_be_counted() {
    let (Some(dropped), Some(comma), Some(empty)) = (
        Brought::fault("10-trailing-blanks-dropped.csv"),
        Brought::fault("10-trailing-comma.csv"),
        Brought::fault("10-comma-rows.csv"),
    ) else {
        return;
    };
    assert_eq!(
        (dropped.rows(), dropped.counts()),
        ((40, 40, 0), [("row-ends-early", 1)].into())
    );
    assert_eq!(
        (comma.rows(), comma.found().len()),
        ((2, 2, 0), 0),
        "{:?}",
        comma.found()
    );
    assert_eq!(
        (empty.rows(), empty.found().len()),
        ((1, 1, 0), 0),
        "{:?}",
        empty.found()
    );
    for (line, found) in [
        // What must be there may not be left out, nor stand beyond the headings.
        ("1002,M,05/04/2011,WBRI", "row-shape 2"),
        ("1002", "row-shape 2"),
        ("1002,M,05/04/2011,WBRI,T801217001001,,,x", "row-shape 2"),
    ] {
        let one = header_file(&format!(
            "1001,M,05/04/2011,WBRI,G801217001002,,\r\n{line}\r\n"
        ));
        assert_eq!(one.found(), [found], "{line}");
    }
    for line in [" , ,,,,,", ",", ",,,,,,,,,", "\"\",\"\",,,,,", "\t,,,,,,"] {
        let one = header_file(&format!(
            "1001,M,05/04/2011,WBRI,G801217001002,,\r\n{line}\r\n"
        ));
        assert_eq!((one.rows(), one.found().len()), ((1, 1, 0), 0), "{line}");
    }
}

#[test]
fn a_heading_may_be_broken_over_lines() {
    for (name, source) in [
        ("11-wrapped-headings.csv", "police-missing"),
        ("11-wrapped-headings.xlsx", "annex-a"),
        ("11-wrapped-birth-heading-only.xlsx", "annex-a"),
    ] {
        let Some(one) = Brought::fault(name) else {
            return;
        };
        assert_eq!(
            one.born().len() as u64,
            one.summary.rows,
            "{name}: {:?}",
            one.found()
        );
        assert!(
            !one.counts().contains_key("absent-column"),
            "{name}: {:?}",
            one.found()
        );
        assert_eq!(
            one.summary.profile.as_ref().map(|code| code.as_str()),
            Some(source),
            "{name}"
        );
    }
    let one = Brought::of("\"CHILD \",\" SEX\",DOB,ETHNIC,UPN,MOTHER,\"MC\r\nDOB\"\r\n1001,M,05/04/2011,WBRI,T801217001001,,\r\n".as_bytes());
    assert!(one.found().is_empty(), "{:?}", one.found());
}

#[test]
fn blanks_between_commas_and_quotation_marks_are_no_part_of_values() {
    let one = Brought::of(
        "\"CHILD\", \"SEX\", \"DOB\", \"ETHNIC\", \"UPN\", \"MOTHER\", \"MC_DOB\"\r\n\"10,01\", \"M\", \"05/04/2011\", \"WBRI\", \"T801217001001\", \"\", \"\"\r\n".as_bytes(),
    );
    assert_eq!(
        (one.keys(), one.found().len()),
        (vec!["10,01"], 0),
        "{:?}",
        one.found()
    );
}

// ── Where it is ───────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_row_is_numbered_as_the_sheet_numbers_it() {
    let places = |text: &str| -> Vec<String> {
        let one = Brought::of(text.as_bytes());
        let rows = one.findings.iter().filter(|one| one.row.is_some());
        rows.map(|one| {
            format!(
                "{}: {}",
                one.row.unwrap_or_default(),
                one.place().unwrap_or_default()
            )
        })
        .collect()
    };
    let row = |id: &str| {
        format!("{id},M,05/04/2011,XXXX,,,\n").replace(",XXXX,,,", ",XXXX,T801217001001,,")
    };
    for end in ["\n", "\r\n", "\r"] {
        let plain = format!("{HEADER}{}{}", row("1"), row("2")).replace("\r\n", "\n");
        assert_eq!(
            places(&plain.replace('\n', end)),
            [
                "1: row 2 of the sheet, ETHNIC",
                "2: row 3 of the sheet, ETHNIC",
                "2: row 3 of the sheet, UPN"
            ],
            "{end:?}"
        );
        if end == "\r" {
            continue;
        }
        // A title, an empty line, commas alone, and a value of two lines: a spreadsheet counts each once.
        let text = format!(
            "Looked after children\n\n{HEADER}{},,,,,,\n\n{}{}",
            row("1"),
            row("\"2\n2\""),
            row("3")
        )
        .replace("\r\n", "\n");
        let found = places(&text.replace('\n', end));
        assert_eq!(
            found
                .iter()
                .filter(|place| place.ends_with("ETHNIC"))
                .collect::<Vec<_>>(),
            [
                "1: row 4 of the sheet, ETHNIC",
                "2: row 7 of the sheet, ETHNIC",
                "3: row 8 of the sheet, ETHNIC"
            ],
            "{end:?}"
        );
    }
    // The last line may have no end.
    let cut = format!("{HEADER}{}{}", row("1"), row("2").trim_end());
    assert!(places(&cut).contains(&"2: row 3 of the sheet, ETHNIC".to_owned()));
    // A file that is no sheet has records.
    let xml = Brought::of(b"<Message><Header/></Message>");
    assert!(xml.findings.iter().all(|one| one.sheet_row.is_none()));
}
