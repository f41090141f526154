//! Files as people really send them, made after public reports: what kind a file is, of which source, and which of its
//! parts are read. Each comes with its sisters, which are made here.

use std::io::Cursor;

use clearpicture_ingest::{Asked, Heard, Profile, Summary, read};
use clearpicture_kernel::fact::{Confidence, Told};
use clearpicture_kernel::{Code, Date, Says};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::shared::bytes;
use crate::support::shipped;

/// What reading a file brought.
struct Brought {
    summary: Summary,
    /// `code`, or `code place`.
    found: Vec<String>,
    told: Vec<Told>,
}

impl Brought {
    fn source(&self) -> &str {
        let profile = self.summary.profile.as_ref();
        profile.map_or("none", |name| name.as_str())
    }

    fn facts(&self) -> impl Iterator<Item = &Says> {
        let facts = self.told.iter().flat_map(|told| &told.facts);
        facts.map(|fact| &fact.says)
    }

    /// The names that are told, in the file's order.
    fn names(&self) -> Vec<String> {
        let names = self.facts().filter_map(|says| match says {
            Says::Name { given, family } => {
                let part = |one: &Option<clearpicture_kernel::PersonName>| {
                    one.as_ref()
                        .map_or(String::new(), |name| name.reveal().to_owned())
                };
                Some(format!("{} {}", part(given), part(family)))
            }
            _ => None,
        });
        names.collect()
    }

    /// The days of birth that are told, in the file's order.
    fn born(&self) -> Vec<String> {
        let days = self.facts().filter_map(|says| match says {
            Says::Born { on } => serde_json::to_value(on).ok(),
            _ => None,
        });
        days.filter_map(|day| Some(day.as_str()?.to_owned()))
            .collect()
    }
}

fn brought_by(bytes: Vec<u8>, profiles: &[Profile], source: Option<&str>) -> Brought {
    let source = source.map(|name| Code::parse(name).expect("a code"));
    let asked = Asked {
        profile: source.as_ref(),
        today: Some(Date::constant(2026, 11, 30)),
        ..Asked::to_keep()
    };
    let (mut found, mut told) = (Vec::new(), Vec::new());
    let summary = read(
        Cursor::new(bytes),
        profiles,
        &asked,
        &mut |heard| match heard {
            Heard::Finding(one) => {
                let place = match (one.row, &one.column, &one.table) {
                    (Some(row), Some(column), _) => format!(" {row} {column}"),
                    (Some(row), None, _) => format!(" {row}"),
                    (None, Some(column), _) => format!(" {column}"),
                    (None, None, Some(table)) => format!(" {table}"),
                    (None, None, None) => String::new(),
                };
                found.push(format!("{}{place}", one.problem.code()));
            }
            Heard::Told(one) => told.push(one),
            Heard::Rows(_) => {}
        },
    );
    Brought {
        summary: summary.expect("in memory"),
        found,
        told,
    }
}

fn brought(bytes: impl Into<Vec<u8>>) -> Brought {
    brought_by(bytes.into(), &shipped(), None)
}

fn brought_as(source: &str, bytes: impl Into<Vec<u8>>) -> Brought {
    brought_by(bytes.into(), &shipped(), Some(source))
}

/// A file of the folder of faults; `None` on a machine without it.
fn fault(name: &str) -> Option<Vec<u8>> {
    bytes(&format!("faults/{name}"))
}

// Which return a file is.

#[test]
fn another_return_of_the_department_is_refused_and_tells_nothing() {
    if let Some(census) = fault("01-workforce-census-as-empty-cin.xml") {
        let one = brought(census);
        assert_eq!(
            (one.source(), one.found.as_slice()),
            ("none", &["other-return".to_owned()][..])
        );
        assert!(one.summary.refused && one.told.is_empty());
    }
    let child = "<Child><ChildIdentifiers><LAchildID>1</LAchildID><GenderCurrent>1</GenderCurrent></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics></Child>";
    let header = |collection: &str| {
        format!(
            "<Header><CollectionDetails><Collection>{collection}</Collection><Year>2024</Year></CollectionDetails></Header>"
        )
    };
    // With records of the very same shape; and saying so only below them.
    for (collection, refused) in [
        ("CSWW", true),
        ("SC", true),
        ("", false),
        ("CIN", false),
        (" cin ", false),
    ] {
        for message in [
            format!(
                "<Message>{}<Children>{child}</Children></Message>",
                header(collection)
            ),
            format!(
                "<Message><Children>{child}</Children>{}</Message>",
                header(collection)
            ),
        ] {
            let one = brought(message.clone());
            assert_eq!(one.summary.refused, refused, "{message}");
            assert_eq!(
                one.found.contains(&"other-return".to_owned()),
                refused,
                "{message}"
            );
            let named = brought_as("cin-census", message.clone());
            assert_eq!(named.summary.refused, refused, "{message}");
        }
    }
    // Nothing is told before it is known what it is.
    let first = brought(format!(
        "<Message>{}<Children>{}</Children></Message>",
        header("CSWW"),
        child.repeat(80)
    ));
    assert_eq!((first.told.len(), first.summary.rows), (0, 0));
    // Without a record it is the census only where its children would stand, or it is another's.
    let none = brought("<Message><Children/></Message>");
    assert_eq!(
        (none.source(), none.found.join(", ").as_str()),
        ("cin-census", "no-records")
    );
    let bare = brought("<Message><Header/></Message>");
    assert_eq!(
        (bare.source(), bare.found.join(", ").as_str()),
        ("none", "unrecognised")
    );
}

#[test]
fn the_census_of_2025_has_sex_in_letters() {
    let Some(census) = fault("17-cin-2025-sex.xml") else {
        return;
    };
    let one = brought(census);
    assert_eq!(
        (one.source(), one.summary.year, one.summary.accepted),
        ("cin-census", Some(2025), 2)
    );
    assert!(one.found.is_empty(), "{:?}", one.found);
}

#[test]
fn days_of_xml_may_have_a_zone_and_a_wrong_one_is_told_once() {
    if let Some(zoned) = fault("06-dates-with-zone.xml") {
        let one = brought(zoned);
        assert_eq!((one.summary.accepted, one.found.as_slice()), (3, &[][..]));
        assert_eq!(one.born(), ["2010-05-01", "2010-01-09", "2010-01-09"]);
        let told = one
            .facts()
            .filter(|says| matches!(says, Says::Referral { .. } | Says::Assessment { .. }));
        assert_eq!(told.count(), 6);
    }
    // A value that several tables of a record read is told of once, by the table to which it belongs.
    let census = |born: &str, referred: &str| {
        format!(
            "<Message><Children><Child><ChildIdentifiers><LAchildID>1</LAchildID><UPNunknown>UN1</UPNunknown><PersonBirthDate>{born}</PersonBirthDate><GenderCurrent>1</GenderCurrent></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics><CINdetails><CINreferralDate>{referred}</CINreferralDate><ReferralSource>1A</ReferralSource><ReferralNFA>false</ReferralNFA><Assessments><AssessmentActualStartDate>2021-06-01</AssessmentActualStartDate><FactorsIdentifiedAtAssessment><AssessmentFactors>2A</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments></CINdetails></Child></Children></Message>"
        )
    };
    let one = brought(census("2010-02-31", "2021-06-01"));
    assert_eq!(one.found, ["impossible-date 1 PersonBirthDate"]);
    let one = brought(census("2010-02-28", "2021-06-31"));
    assert_eq!(
        one.found,
        [
            "impossible-date 1 CINreferralDate",
            "missing-value 1 CINreferralDate"
        ]
    );
}

// What kind of file it is.

#[test]
fn a_list_of_fields_is_not_data() {
    if let Some(fields) = fault("08-data-dictionary.csv") {
        for one in [brought(fields.clone()), brought_as("ssd-person", fields)] {
            assert!(
                one.summary.refused && one.told.is_empty(),
                "{:?}",
                one.found
            );
        }
    }
    for fields in [
        "pers_person_id,nvarchar,the key\npers_sex,nvarchar,as recorded\n",
        "field\npers_legacy_id\npers_person_id\npers_sex\n",
        "no,field,type,size,notes\n1,pers_dob,date,,birth\n2,pers_person_id,nvarchar,48,key\n",
    ] {
        let one = brought(fields);
        assert_eq!((one.source(), one.told.len()), ("none", 0), "{fields}");
    }
    // Headings below a title, and headings among many that no profile knows, are headings.
    for file in [
        "Persons\n\npers_person_id,pers_sex,pers_dob\n1,F,2012-01-02\n",
        "pers_person_id,pers_sex,pers_dob,a,b,c,d,e,f\n1,F,2012-01-02,,,,,,\n",
        "pers_person_id\n1\n",
    ] {
        assert_eq!(
            (brought(file).source(), brought(file).told.len()),
            ("ssd-person", 1),
            "{file}"
        );
    }
}

#[test]
fn the_kind_of_a_file_is_not_told_from_one_sign() {
    if let Some(page) = fault("20-html-report.xls") {
        assert_eq!(brought(page).found, ["web-page"]);
    }
    if let Some(bracketed) = fault("20-bracketed-headings.csv") {
        let one = brought(bracketed);
        assert_eq!((one.source(), one.summary.accepted), ("ssda903-header", 1));
        assert!(one.found.is_empty(), "{:?}", one.found);
    }
    let xml = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>";
    assert_eq!(brought(xml).found, ["old-workbook"]);
}

#[test]
fn resources_may_come_one_a_line() {
    if let Some(lines) = fault("16-patients.ndjson") {
        let one = brought(lines);
        assert_eq!(
            (one.source(), one.summary.accepted, one.told.len()),
            ("fhir-patient", 3, 3)
        );
        assert!(one.found.is_empty(), "{:?}", one.found);
    }
    let patient = |id: &str| {
        format!("{{\"resourceType\":\"Patient\",\"id\":\"{id}\",\"birthDate\":\"2012-01-02\"}}")
    };
    let mixed = format!(
        "{}\r\n\r\n{{\"resourceType\":\"Bundle\",\"entry\":[{{\"resource\":{}}}]}}\n{{\"resourceType\":\"Observation\"}}\n{}",
        patient("1"),
        patient("2"),
        patient("3")
    );
    let one = brought(mixed);
    assert_eq!(
        (one.summary.accepted, one.found),
        (3, vec!["unknown-sheet Observation".to_owned()])
    );
    for broken in [
        format!("{}\n{{\"resourceType\"", patient("1")),
        format!("{}\nnonsense", patient("1")),
    ] {
        assert_eq!(brought(broken).found, ["damaged-json 2"]);
    }
}

// Which of several values is the one.

#[test]
#[expect(clippy::too_many_lines, reason = "one patient after the other")]
fn of_several_names_the_current_one_is_read() {
    if let Some(bundle) = fault("15-fhir-name-use.json") {
        let one = brought(bundle);
        assert_eq!(
            one.names(),
            ["Ottoline Brackenreed", "Isolde Fallowmere", "Ada Finch"]
        );
        assert!(one.found.is_empty(), "{:?}", one.found);
    }
    let patient = |parts: &str| {
        brought(format!(
            "{{\"resourceType\":\"Patient\",\"id\":\"1\",\"birthDate\":\"2012-01-02\",{parts}}}"
        ))
    };
    for (names, read, found) in [
        (
            r#"{"use":"official","family":"A"},{"use":"usual","family":"B"}"#,
            " B",
            None,
        ),
        (r#"{"use":"old","family":"A"},{"family":"B"}"#, " B", None),
        (
            r#"{"use":"usual","family":"A"},{"use":"usual","family":"B"}"#,
            " A",
            Some("several-values 1 given"),
        ),
        (
            r#"{"use":"usual","family":"A","period":{"start":"2020"}},{"use":"usual","family":"A"}"#,
            " A",
            None,
        ),
        (
            r#"{"use":"usual","family":"A","period":{"end":"2020"}},{"use":"official","family":"B","period":{"end":"2030-01-01"}}"#,
            " B",
            None,
        ),
        (
            r#"{"use":"usual","family":"A","period":{"start":"2031-01-01"}},{"use":"official","family":"B"}"#,
            " B",
            None,
        ),
        (
            r#"{"use":"old","family":"A"}"#,
            " A",
            Some("ended-value 1 given"),
        ),
        (
            r#"{"use":"usual","family":"A","period":{"end":"2019-01-01"}},{"use":"usual","family":"B","period":{"end":"2021-01-01"}}"#,
            " B",
            Some("ended-value 1 given"),
        ),
        (
            r#"{"use":"anonymous","family":"A"}"#,
            "",
            Some("missing-value 1 given"),
        ),
    ] {
        let one = patient(&format!("\"name\":[{names}]"));
        assert_eq!(one.names().join(""), read, "{names}");
        assert_eq!(one.found, found.into_iter().collect::<Vec<_>>(), "{names}");
    }
    // So with addresses, numbers and telephones.
    let addresses = patient(
        r#""address":[{"use":"home","line":["1 Old Lane"],"period":{"end":"2019-01-01"}},{"line":["2 Fen Lane"],"postalCode":"DN55 1PT"}]"#,
    );
    let lines: Vec<String> = addresses
        .facts()
        .filter_map(|says| match says {
            Says::Address { at, .. } => Some(at.reveal().collect::<Vec<_>>().join(", ")),
            _ => None,
        })
        .collect();
    assert!(
        lines.iter().any(|line| line.contains("2 Fen Lane")),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("Old Lane")),
        "{lines:?}"
    );
    let two = patient(
        r#""identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"4610000113"},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"4610000121"}]"#,
    );
    assert_eq!(two.found, ["several-values 1 nhs-number"]);
}

#[test]
fn a_death_without_a_day_is_told_of() {
    let patient = |parts: &str| {
        brought(format!(
            "{{\"resourceType\":\"Patient\",\"id\":\"1\",\"birthDate\":\"2012-01-02\",{parts}}}"
        ))
        .found
    };
    assert_eq!(
        patient(r#""deceasedBoolean":true"#),
        ["death-without-day 1 deceasedBoolean"]
    );
    assert!(patient(r#""deceasedBoolean":false"#).is_empty());
    assert!(patient(r#""deceasedDateTime":"2020-01-01""#).is_empty());
}

#[test]
fn a_moment_by_greenwich_is_the_day_that_it_was_here() {
    for (written, day) in [
        ("2012-06-30T23:00:00Z", "2012-07-01"),
        ("2012-06-30T23:00:00+00:00", "2012-07-01"),
        ("2012-06-30T22:59:59Z", "2012-06-30"),
        ("2012-12-31T23:00:00Z", "2012-12-31"),
        ("2012-07-01T00:00:00+01:00", "2012-07-01"),
        ("2012-07-01T23:30:00", "2012-07-01"),
    ] {
        let one = brought(format!(
            "{{\"resourceType\":\"Patient\",\"id\":\"1\",\"birthDate\":\"{written}\"}}"
        ));
        assert_eq!(one.born(), [day], "{written}");
        assert!(one.found.is_empty(), "{written}: {:?}", one.found);
    }
}

// Workbooks.

const HEADER: [&str; 7] = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"];

fn fill(sheet: &mut Worksheet, name: &str, rows: &[&[&str]]) {
    sheet.set_name(name).expect("a name");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write(row, column, *cell).expect("written");
        }
    }
}

#[test]
fn a_hidden_sheet_is_left_out_and_two_of_one_list_are_told_of() {
    if let Some(workbook) = fault("12-hidden-old-sheet.xlsx") {
        let one = brought(workbook);
        assert!(
            one.found.contains(&"hidden-sheet List 1 (old)".to_owned()),
            "{:?}",
            one.found
        );
        assert_eq!(
            (one.source(), one.summary.rows, one.told.len()),
            ("annex-a", 2, 2)
        );
    }
    let row = ["1", "1", "05/04/2011", "WBRI", "UN1"];
    let make = |second: &dyn Fn(&mut Worksheet)| {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet(), "Header", &[&HEADER, &row]);
        let sheet = workbook.add_worksheet();
        fill(
            sheet,
            "Header 2019",
            &[&HEADER, &["2", "1", "05/04/2001", "WBRI", "UN1"]],
        );
        second(sheet);
        brought(workbook.save_to_buffer().expect("saved"))
    };
    let very = make(&|sheet| {
        sheet.set_very_hidden(true);
    });
    assert_eq!(
        (very.found, very.summary.rows),
        (vec!["hidden-sheet Header 2019".to_owned()], 1)
    );
    let both = make(&|_| {});
    assert_eq!(
        (both.found, both.summary.rows),
        (vec!["list-twice Header 2019".to_owned()], 2)
    );
}

#[test]
fn a_sheet_without_cells_is_passed_over_by_its_name() {
    for (name, source, found) in [
        ("13-chart-sheet.xlsx", "annex-a", "unknown-sheet Chart1"),
        (
            "13-sheet-without-part.xlsx",
            "ssda903-header",
            "unknown-sheet Module1",
        ),
    ] {
        let Some(workbook) = fault(name) else { return };
        let one = brought(workbook);
        assert_eq!(one.source(), source, "{name}");
        assert!(
            !one.summary.refused && one.summary.accepted > 0,
            "{name}: {:?}",
            one.found
        );
        assert!(
            one.found.contains(&found.to_owned()),
            "{name}: {:?}",
            one.found
        );
    }
}

#[test]
fn typed_days_are_written_right_whatever_the_source_writes() {
    if let Some(workbook) = fault("14-typed-dates.xlsx") {
        let one = brought(workbook);
        assert_eq!((one.source(), one.summary.accepted), ("ssda903-header", 30));
        assert!(
            !one.found
                .iter()
                .any(|one| one.starts_with("date-written-otherwise")),
            "{:?}",
            one.found
        );
        assert_eq!(one.born().first().map(String::as_str), Some("2011-01-01"));
    }
    // Sources that write days in each of the ways.
    let day = Format::new().set_num_format("d mmmm yyyy");
    let date = ExcelDateTime::parse_from_str("2012-03-12").expect("a day");
    for (headings, source) in [
        (
            &["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"][..],
            "ssda903-missing",
        ),
        (
            &[
                "pers_person_id",
                "pers_forename",
                "pers_surname",
                "pers_dob",
            ][..],
            "ssd-person",
        ),
        (
            &[
                "pupilonrolltableid",
                "NativeId",
                "dob",
                "surname",
                "forename",
                "upn",
                "sex",
                "entrydate",
            ][..],
            "school-census-pupils",
        ),
    ] {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (column, heading) in (0..).zip(headings) {
            sheet.write(0, column, *heading).expect("written");
            let is_day = ["dob", "start", "end", "date"]
                .iter()
                .any(|word| heading.to_lowercase().contains(word));
            if is_day {
                sheet
                    .write_with_format(1, column, &date, &day)
                    .expect("written");
            } else {
                sheet
                    .write(1, column, if *heading == "MISSING" { "M" } else { "1" })
                    .expect("written");
            }
        }
        let one = brought(workbook.save_to_buffer().expect("saved"));
        assert_eq!(one.source(), source);
        assert!(
            !one.found.iter().any(|one| one.starts_with("date-")),
            "{source}: {:?}",
            one.found
        );
        let confident = one.told.iter().flat_map(|told| &told.facts);
        let mut born = confident.filter(|fact| matches!(fact.says, Says::Born { .. }));
        if source != "ssda903-missing" {
            assert!(
                born.any(|fact| fact.confidence == Confidence::Stated),
                "{source}"
            );
        }
    }
}

#[test]
fn a_text_of_a_cells_own_may_stand_in_its_value() {
    let Some(workbook) = fault("19-inline-string-in-v.xlsx") else {
        return;
    };
    let one = brought(workbook);
    assert_eq!((one.source(), one.summary.accepted), ("ssda903-header", 1));
    assert_eq!(one.born(), ["2011-04-05"]);
}

#[test]
fn a_number_that_a_spreadsheet_cut_short_is_not_taken_for_whole() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    fill(sheet, "Header", &[&HEADER]);
    for (row, child) in [(1, 123_456_789_012_345.0), (2, 1_234_567_890_123_456_789.0)] {
        sheet.write(row, 0, child).expect("written");
        for (column, cell) in (1..).zip(["1", "05/04/2011", "WBRI", "UN1"]) {
            sheet.write(row, column, cell).expect("written");
        }
    }
    let one = brought(workbook.save_to_buffer().expect("saved"));
    let keys: Vec<&str> = one.told.iter().map(|told| told.key.as_str()).collect();
    assert_eq!(keys.first().copied(), Some("123456789012345"));
    assert!(
        !keys.iter().any(|key| key.starts_with("12345678901234567")),
        "{keys:?}"
    );
}

#[test]
fn a_constant_that_keeps_noughts_is_what_it_says() {
    let one = brought(
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n=\"0001001\",1,=\"05/04/2011\",WBRI,UN1,,\n=A1,1,05/04/2011,WBRI,UN1,,\n",
    );
    assert_eq!(one.found, ["formula 2 CHILD", "missing-key 2 CHILD"]);
    assert_eq!(
        one.told.first().map(|told| told.key.as_str()),
        Some("0001001")
    );
    assert_eq!(one.born(), ["2011-04-05"]);
}

// Several sources in one file.

const EPISODES: [&str; 13] = [
    "CHILD",
    "DECOM",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "DEC",
    "REC",
    "REASON_PLACE_CHANGE",
    "HOME_POST",
    "PL_POST",
    "URN",
];

/// Every source of a file, each read by itself.
fn every(bytes: &[u8]) -> Vec<Brought> {
    let first = brought(bytes);
    let also = first.summary.also.clone();
    let mut all = vec![first];
    all.extend(also.iter().map(|source| brought_as(source.as_str(), bytes)));
    all
}

fn read_as(all: &[Brought]) -> Vec<(&str, u64)> {
    all.iter()
        .map(|one| (one.source(), one.summary.rows))
        .collect()
}

#[test]
fn every_sheet_that_is_of_any_source_is_read_and_the_others_are_named() {
    let episode = ["1", "05/04/2020", "S", "C2", "N1", "U1", "PR1"];
    let mut workbook = Workbook::new();
    fill(
        workbook.add_worksheet(),
        "Read me",
        &[&["Sent by the data team"]],
    );
    fill(
        workbook.add_worksheet(),
        "Header",
        &[&HEADER, &["1", "1", "05/04/2011", "WBRI", "UN1"]],
    );
    fill(
        workbook.add_worksheet(),
        "Episodes",
        &[
            &EPISODES,
            &episode,
            &["1", "06/04/2020", "S", "C2", "N1", "U1", "PR1"],
        ],
    );
    fill(
        workbook.add_worksheet(),
        "Colours",
        &[&["Colour", "Shade"], &["red", "dark"]],
    );
    fill(
        workbook.add_worksheet(),
        "Missing",
        &[
            &["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"],
            &["1", "05/04/2011", "M", "01/02/2025"],
        ],
    );
    workbook.add_worksheet();
    let bytes = workbook.save_to_buffer().expect("saved");
    let all = every(&bytes);
    assert_eq!(
        read_as(&all),
        [
            ("ssda903-header", 1),
            ("ssda903-episodes", 2),
            ("ssda903-missing", 1)
        ]
    );
    let unknown: Vec<&str> = all
        .iter()
        .flat_map(|one| &one.found)
        .filter(|one| one.starts_with("unknown-sheet"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        unknown,
        ["unknown-sheet Read me", "unknown-sheet Colours"],
        "each once, and none that is empty"
    );
    // Where one source alone is asked for, the others are told all the same.
    let also: Vec<&str> = all[1].summary.also.iter().map(|one| one.as_str()).collect();
    assert_eq!(also, ["ssda903-header", "ssda903-missing"]);
}

#[test]
fn the_tables_of_the_looked_after_return_are_read_from_one_workbook() {
    let mut workbook = Workbook::new();
    let mut rows = Vec::new();
    for name in [
        "header",
        "episodes",
        "reviews",
        "uasc",
        "oc2",
        "oc3",
        "ad1",
        "placed_for_adoption",
        "previous_permanence",
        "missing",
    ] {
        let Some(csv) = bytes(&format!("ssda903/{name}.csv")) else {
            return;
        };
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        let mut count = 0;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(csv.as_slice());
        for (row, record) in (0..).zip(reader.records()) {
            for (column, cell) in (0..).zip(&record.expect("a record")) {
                sheet.write(row, column, cell).expect("written");
            }
            count = u64::from(row);
        }
        rows.push(count);
    }
    let all = every(&workbook.save_to_buffer().expect("saved"));
    let read: Vec<u64> = all.iter().map(|one| one.summary.accepted).collect();
    assert_eq!(read, rows);
    assert!(rows.iter().sum::<u64>() > 25_000);
    assert!(
        !all.iter()
            .any(|one| one.found.iter().any(|one| one.contains("sheet")))
    );
}

#[test]
fn the_departments_xml_form_of_the_return_is_its_tables() {
    let child = |id: &str, more: &str| {
        format!(
            "<CHILD><HEADER><CHILDID>{id}</CHILDID><UPN>UN1</UPN><SEX>1</SEX><DOB>02/03/2013</DOB><ETHNIC>BOTH</ETHNIC>{more}"
        )
    };
    let xml = format!(
        "<?xml version='1.0' encoding='us-ascii'?>\n<EXPSSDA903>{}<UASC /><AREVIEW><REVIEW>28/01/2016</REVIEW><REVIEW_CODE>PN3</REVIEW_CODE></AREVIEW><AREVIEW><REVIEW>14/04/2016</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW><MOTHER /><MC_DOB /><OC2><SDQ_SCORE>17</SDQ_SCORE><CONVICTED>0</CONVICTED><HEALTH_CHECK>0</HEALTH_CHECK><IMMUNISATIONS>1</IMMUNISATIONS></OC2></HEADER><EPISODE><DECOM>11/11/2016</DECOM><RNE>L</RNE><LS>V3</LS><CIN>N1</CIN><PL>A3</PL><PLACE_PROVIDER>PR4</PLACE_PROVIDER><DEC>26/04/2017</DEC><REC>E7</REC><REASON_PLACE_CHANGE /></EPISODE><EPISODE><DECOM>26/04/2017</DECOM><RNE>L</RNE><LS>V3</LS><CIN>N1</CIN><PL>A3</PL><PLACE_PROVIDER>PR4</PLACE_PROVIDER></EPISODE></CHILD>{}<UASC>1</UASC><DUC>15/12/2029</DUC><AMISSING><MISSING>M</MISSING><MIS_START>01/02/2026</MIS_START></AMISSING></HEADER><OC3><IN_TOUCH>YES</IN_TOUCH><ACTIV>F2</ACTIV><ACCOM>B1</ACCOM></OC3></CHILD></EXPSSDA903>",
        child("947390", ""),
        child("97318", "")
    );
    let mut all = every(xml.as_bytes());
    all.sort_by_key(|one| one.source().to_owned());
    assert_eq!(
        read_as(&all),
        [
            ("ssda903-episodes", 2),
            ("ssda903-header", 2),
            ("ssda903-missing", 1),
            ("ssda903-oc2", 1),
            ("ssda903-oc3", 1),
            ("ssda903-reviews", 2),
            ("ssda903-uasc", 1),
        ]
    );
    let found: Vec<&String> = all.iter().flat_map(|one| &one.found).collect();
    assert!(found.is_empty(), "{found:?}");
    let episodes = all
        .iter()
        .find(|one| one.source() == "ssda903-episodes")
        .expect("read");
    let placed = episodes.facts().filter(|says| {
        matches!(
            says,
            Says::CareEpisode {
                placement: Some(_),
                ..
            }
        )
    });
    assert_eq!(placed.count(), 2);
    // The same rows as delimited text tell the same.
    let text = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n947390,11/11/2016,L,V3,N1,A3,PR4,26/04/2017,E7,,,,\n947390,26/04/2017,L,V3,N1,A3,PR4,,,,,,\n";
    assert_eq!(brought(text).told, episodes.told);
    // What is in no table is told of once.
    let more = xml.replace("<MOTHER />", "<COLOUR>red</COLOUR>");
    let unknown = every(more.as_bytes())
        .into_iter()
        .flat_map(|one| one.found)
        .filter(|one| one == "unknown-column");
    assert_eq!(unknown.count(), 1);
}
