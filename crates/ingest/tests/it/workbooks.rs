//! Workbooks: values and never formulas, sheets by their names, and files that are no workbooks within.

use std::io::{Cursor, Write as _};

use clearpicture_ingest::{Asked, Heard, read};
use clearpicture_kernel::Says;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use crate::support::shipped;

/// What reading a workbook by the shipped profiles brought: source, rows, finding codes with rows and columns, facts.
fn brought(bytes: Vec<u8>) -> (String, u64, Vec<String>, Vec<Says>) {
    let (mut found, mut says) = (Vec::new(), Vec::new());
    let mut hear = |heard| match heard {
        Heard::Finding(one) => found.push(format!(
            "{} {} {}",
            one.problem.code(),
            one.row.map_or("-".to_owned(), |row| row.to_string()),
            one.column
                .as_deref()
                .or(one.table.as_deref())
                .unwrap_or("-")
        )),
        Heard::Told(told) => says.extend(told.facts.into_iter().map(|fact| fact.says)),
        Heard::Rows(_) => {}
    };
    let summary =
        read(Cursor::new(bytes), &shipped(), &Asked::to_keep(), &mut hear).expect("in memory");
    let source = summary
        .profile
        .map_or("none".to_owned(), |name| name.to_string());
    (source, summary.rows, found, says)
}

const HEADINGS: [&str; 5] = ["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"];

#[test]
fn a_sheet_reads_as_its_text_does() {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let cover = workbook.add_worksheet();
    cover.set_name("Cover").expect("a name");
    cover.write(0, 0, "Sent by the data team").expect("written");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Missing 2026").expect("a name");
    sheet.write(0, 0, "Missing episodes").expect("written");
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(2, column, heading).expect("written");
    }
    let date = |text: &str| ExcelDateTime::parse_from_str(text).expect("a day");
    // A number for a key, real dates, and text that looks like a date.
    sheet.write(3, 0, 510_000).expect("written");
    sheet
        .write_with_format(3, 1, date("2012-03-12"), &day)
        .expect("written");
    sheet.write(3, 2, "A").expect("written");
    sheet
        .write_with_format(3, 3, date("2025-11-13"), &day)
        .expect("written");
    sheet.write(3, 4, "25/11/2025").expect("written");
    // A formula with a value that was worked out, one whose value is an error, and a day as a bare number.
    sheet.write(4, 0, "92296").expect("written");
    sheet
        .write(
            4,
            1,
            Formula::new("=DATE(2012,5,19)").set_result("2012-05-19"),
        )
        .expect("written");
    sheet.write(4, 2, "M").expect("written");
    sheet
        .write(4, 3, Formula::new("=NA()").set_result("#N/A"))
        .expect("written");
    sheet.write(4, 4, 45_986).expect("written");
    // Rows without a value are none.
    sheet.write(6, 0, "92297").expect("written");
    sheet
        .write_with_format(6, 1, date("2013-05-19"), &day)
        .expect("written");
    sheet.write(6, 2, "M").expect("written");
    sheet.write(6, 3, "01/02/2025").expect("written");
    let (source, rows, found, says) = brought(workbook.save_to_buffer().expect("saved"));
    assert_eq!((source.as_str(), rows), ("ssda903-missing", 3));
    assert_eq!(
        found,
        [
            "headings-below - -",
            "date-written-otherwise 2 DOB",
            "spreadsheet-error 2 MIS_START",
            "date-as-number 2 MIS_END",
            "missing-key 2 MIS_START",
            "unknown-sheet - Cover",
        ]
    );
    assert_eq!(
        says.iter()
            .filter(|says| matches!(says, Says::Missing { .. }))
            .count(),
        2
    );
}

#[test]
fn several_sheets_are_the_tables_of_one_profile() {
    let mut workbook = Workbook::new();
    for (name, headings, rows) in [
        (
            "List 1",
            &[
                "Child Unique ID",
                "Gender",
                "Ethnicity",
                "Date of Birth",
                "Age of Child (Years)",
                "Date of Contact",
                "Contact Source",
            ][..],
            &[&[
                "7",
                "Female",
                "WBRI",
                "01/02/2011",
                "15",
                "03/04/2026",
                "Schools",
            ][..]][..],
        ),
        ("Notes", &["anything"], &[]),
    ] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        for (column, heading) in (0..).zip(headings) {
            sheet.write(0, column, *heading).expect("written");
        }
        for (place, row) in (1..).zip(rows) {
            for (column, value) in (0..).zip(*row) {
                sheet.write(place, column, *value).expect("written");
            }
        }
    }
    let (source, rows, found, says) = brought(workbook.save_to_buffer().expect("saved"));
    assert_eq!((source.as_str(), rows), ("annex-a", 1));
    let missing = found
        .iter()
        .filter(|one| one.starts_with("missing-sheet - list-"))
        .count();
    assert_eq!(missing, 10, "{found:?}");
    assert!(
        found.contains(&"unknown-sheet - Notes".to_owned()),
        "{found:?}"
    );
    assert!(
        says.iter().any(|says| matches!(says, Says::Contact { .. })),
        "{says:?}"
    );
}

/// A workbook whose only sheet is `sheet`.
fn packed(sheet: &mut dyn FnMut(&mut dyn std::io::Write)) -> Vec<u8> {
    packed_with("", sheet)
}

/// The same with a list of shared texts.
fn packed_with(shared: &str, sheet: &mut dyn FnMut(&mut dyn std::io::Write)) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, text) in [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"b\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"b\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"c\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>",
        ),
    ] {
        archive.start_file(name, options).expect("begun");
        archive.write_all(text.as_bytes()).expect("written");
    }
    if !shared.is_empty() {
        archive
            .start_file("xl/sharedStrings.xml", options)
            .expect("begun");
        archive.write_all(shared.as_bytes()).expect("written");
    }
    archive
        .start_file("xl/worksheets/sheet1.xml", options)
        .expect("begun");
    sheet(&mut archive);
    archive.finish().expect("packed").into_inner()
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes_is_refused() {
    // One text of 300 kB, and a sheet of more than a gigabyte of rows, each packed small.
    let long = packed(&mut |into| into.write_all(&vec![b'x'; 300 << 10]).expect("written"));
    let headings = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN"]
        .map(|heading| format!("<c t=\"inlineStr\"><is><t>{heading}</t></is></c>"));
    let row = format!(
        "<row><c t=\"inlineStr\"><is><t>{}</t></is></c></row>",
        "x".repeat(200 << 10)
    );
    let large = |headings: &str| {
        packed(&mut |into| {
            into.write_all(format!("<worksheet><sheetData>{headings}").as_bytes())
                .expect("written");
            (0..5_400).for_each(|_| into.write_all(row.as_bytes()).expect("written"));
        })
    };
    let known = large(&format!("<row>{}</row>", headings.concat()));
    assert!(
        known.len() < 16 << 20,
        "it is small while packed: {}",
        known.len()
    );
    let (source, rows, found, _) = brought(long);
    assert_eq!((source.as_str(), rows), ("none", 0));
    assert_eq!(found, ["workbook-too-large - -"]);
    let (_, _, found, _) = brought(known);
    let last = found.last().expect("a finding");
    assert!(last.starts_with("workbook-too-large"), "{last}");
    // What is of no source is not unpacked at all.
    let began = std::time::Instant::now();
    let (source, _, found, _) = brought(large(""));
    assert_eq!(
        (source.as_str(), found.as_slice()),
        ("none", &["unrecognised - -".to_owned()][..])
    );
    assert!(began.elapsed().as_secs() < 60);
}

/// What costs time or memory is bounded, whatever it packs to: what it unpacks to beside what it is, and no room is made for
/// texts that it only says that it holds.
#[test]
fn a_workbook_that_would_take_much_time_or_memory_is_refused_at_once() {
    // A little over a hundred times what it packs to, in all, and of no source: nothing beyond its first rows is unpacked.
    let row = "<row><c><v>1</v></c></row>".repeat(4_000);
    let repeated = packed(&mut |into| {
        (0..400).for_each(|_| into.write_all(row.as_bytes()).expect("written"));
    });
    assert!(repeated.len() < 400 << 10, "{}", repeated.len());
    let began = std::time::Instant::now();
    let (source, rows, found, _) = brought(repeated);
    assert_eq!((source.as_str(), rows), ("none", 0));
    assert_eq!(found, ["unrecognised - -"]);
    let announced = "<sst count=\"1\" uniqueCount=\"99999999999\"><si><t>x</t></si></sst>";
    let (_, _, found, _) = brought(packed_with(announced, &mut |into| {
        into.write_all(b"<worksheet><sheetData/></worksheet>")
            .expect("written");
    }));
    assert!(
        !found.contains(&"workbook-too-large - -".to_owned()),
        "{found:?}"
    );
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

/// The beginning of a sheet of a known source: its headings.
fn begins() -> String {
    let headings = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN"]
        .map(|heading| format!("<c t=\"inlineStr\"><is><t>{heading}</t></is></c>"));
    format!("<worksheet><sheetData><row>{}</row>", headings.concat())
}

/// The last finding of a workbook with these shared texts whose sheet goes on with `rows` after its headings.
fn last_found(shared: &str, rows: &str) -> String {
    let began = std::time::Instant::now();
    let workbook = packed_with(shared, &mut |into| {
        let sheet = format!("{}{rows}</sheetData></worksheet>", begins());
        into.write_all(sheet.as_bytes()).expect("written");
    });
    assert!(workbook.len() < 1 << 20, "{}", workbook.len());
    let (_, _, mut found, _) = brought(workbook);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    found.pop().unwrap_or_default()
}

#[test]
fn a_row_that_is_larger_than_a_record_is_refused() {
    let shared = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(250_000));
    let cells = |count| "<c t=\"s\"><v>0</v></c>".repeat(count);
    for count in [5, 16_384] {
        let found = last_found(&shared, &format!("<row>{}</row>", cells(count)));
        assert!(found.starts_with("workbook-too-large"), "{count}: {found}");
    }
    let found = last_found(&shared, &format!("<row>{}</row>", cells(4)));
    assert!(!found.starts_with("workbook-too-large"), "{found}");
}

#[test]
fn cells_that_stand_nowhere_and_texts_that_are_copied_count_with_what_unpacks() {
    // Each row has one cell in the last column that there is.
    let far = |row: u32| format!("<row r=\"{row}\"><c r=\"XFD{row}\"><v>1</v></c></row>");
    let far: String = (2..4_000).map(far).collect();
    let found = last_found("", &far);
    assert!(found.starts_with("workbook-too-large"), "{found}");
    // Each row copies one long text.
    let shared = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(200_000));
    let copies = "<row><c t=\"s\"><v>0</v></c></row>".repeat(400);
    let found = last_found(&shared, &copies);
    assert!(found.starts_with("workbook-too-large"), "{found}");
}

#[test]
fn rows_beyond_the_last_that_there_can_be_are_refused() {
    for rows in [
        "<row r=\"4294967295\"/><row><c><v>1</v></c></row>",
        "<row r=\"4294967295\"></row><row><c><v>1</v></c></row>",
        "<row r=\"1048577\"><c><v>1</v></c></row>",
        "<row><c r=\"A4294967295\"><v>1</v></c></row>",
    ] {
        let found = last_found("", rows);
        assert!(found.starts_with("damaged-workbook"), "{rows}: {found}");
    }
    let last = "<row r=\"1048576\"><c><v>1</v></c></row>";
    assert!(!last_found("", last).starts_with("damaged-workbook"));
}

#[test]
fn a_workbook_that_declares_a_document_type_is_refused_and_opens_nothing() {
    const OUTSIDE: &str = "[<!ENTITY x SYSTEM \"file:///etc/hostname\">]";
    let headings =
        HEADINGS.map(|heading| format!("<c t=\"inlineStr\"><is><t>{heading}</t></is></c>"));
    let sheet = |doctype: &str, cell: &str| {
        format!(
            "{doctype}<worksheet><sheetData><row>{}</row><row>{cell}</row></sheetData></worksheet>",
            headings.concat()
        )
    };
    let own = "<c t=\"inlineStr\"><is><t>&x;</t></is></c>";
    let in_sheet = sheet(&format!("<!DOCTYPE worksheet {OUTSIDE}>"), own);
    let shared = format!("<!DOCTYPE sst {OUTSIDE}><sst><si><t>&x;</t></si></sst>");
    let by_number = sheet("", "<c t=\"s\"><v>0</v></c>");
    for (shared, sheet) in [
        ("", &in_sheet),
        (shared.as_str(), &by_number),
        // Without an entity of its own as well.
        ("<!DOCTYPE sst><sst><si><t>1</t></si></sst>", &by_number),
    ] {
        let bytes = packed_with(shared, &mut |into| {
            into.write_all(sheet.as_bytes()).expect("written");
        });
        let (source, rows, found, says) = brought(bytes);
        assert_eq!((source.as_str(), rows), ("none", 0));
        assert_eq!(found, ["document-type - -"]);
        assert!(says.is_empty(), "{says:?}");
    }
}

#[test]
fn a_damaged_workbook_is_refused_wherever_it_is_cut() {
    let whole = packed(&mut |into| {
        into.write_all(b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Id</t></is></c></row></sheetData></worksheet>").expect("written");
    });
    for cut in (4..whole.len()).step_by(7) {
        let (_, rows, found, _) = brought(whole[..cut].to_vec());
        assert_eq!(rows, 0);
        assert_eq!(found, ["damaged-workbook - -"], "cut at {cut}");
    }
}
