//! Returns as councils send them: which of them ends what is held, several in one file, and rows that belong to others.

use crate::published::shared;
use crate::support::Data;

/// The agencies of the demonstration, and no child.
fn with_nobody() -> Data {
    let data = Data::new();
    let listen = ["--listen", "127.0.0.1:0"];
    let demo = ["demo", "--no-serve", "--size", "empty"];
    data.run(&[demo.as_slice(), &listen].concat()).done();
    data
}

fn load<'a>(files: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "ingest",
        "load",
        "--agency",
        "northwater-council",
        "--format",
        "json",
    ];
    arguments.extend(files);
    arguments
}

fn faults(name: &str) -> Option<String> {
    Some(shared()?.join("faults").join(name).display().to_string())
}

fn written(data: &Data, name: &str, text: &str) -> String {
    let file = data.file(name);
    std::fs::write(&file, text).expect("written");
    file.to_str().expect("a path").to_owned()
}

#[test]
fn a_file_that_is_of_something_else_ends_nothing() {
    let (Some(children), Some(staff)) = (
        faults("01-before-children.xml"),
        faults("01-workforce-census-as-empty-cin.xml"),
    ) else {
        return;
    };
    let data = with_nobody();
    let first = data.run(&load(&[&children])).done();
    assert!(first.contains(r#""rows":4,"accepted":4"#), "{first}");
    data.run(&load(&[&staff]))
        .failed(2, "cannot be read as it is");
    // A census without a child says nothing of those that are held.
    let empty = written(
        &data,
        "empty.xml",
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header><Children/></Message>",
    );
    let nothing = data.run(&load(&[&empty])).done();
    assert!(
        nothing.contains("no-records") && !nothing.contains("\"ended\""),
        "{nothing}"
    );
    let again = data.run(&load(&[&children])).done();
    assert!(again.contains(r#""accepted":0,"unchanged":4"#), "{again}");
    // One list of several says nothing of the others.
    let list = |name: &str, headings: &str, row: &str| {
        written(&data, name, &format!("{headings}\n{row}\n"))
    };
    let contacts = list(
        "list-1.csv",
        "Child Unique ID,Gender,Ethnicity,Date of Birth,Age of Child (Years),Date of Contact,Contact Source",
        "7,Female,WBRI,01/02/2011,15,03/04/2026,Schools",
    );
    let plans = list(
        "list-7.csv",
        "Child Unique ID,Gender,Ethnicity,Date of Birth,Age of Child (Years),Does the Child have a Disability,Child Protection Plan Start Date,Initial Category of Abuse,Latest Category of Abuse",
        "7,Female,WBRI,01/02/2011,15,N,03/04/2026,Neglect,Neglect",
    );
    for file in [&contacts, &plans] {
        let told = data.run(&load(&[file])).done();
        assert!(told.contains(r#""profile":"annex-a""#), "{told}");
        assert!(
            told.contains("missing-sheet") && !told.contains("\"ended\""),
            "{told}"
        );
    }
    data.run(&["history", "verify"]).done();
}

#[test]
fn a_row_that_belongs_to_nobody_is_found_however_the_files_come() {
    let (Some(header), Some(episodes)) = (faults("22-header.csv"), faults("22-orphan-episode.csv"))
    else {
        return;
    };
    let orphan = r#"{"code":"orphan","severity":"warning","row":1,"column":"CHILD""#;
    let check = ["ingest", "check", "--format", "json"];
    let data = with_nobody();
    for files in [[&header, &episodes], [&episodes, &header]] {
        let files = files.map(String::as_str);
        let checked = data.run(&[check.as_slice(), &files].concat()).done();
        assert_eq!(checked.matches(orphan).count(), 1, "{checked}");
        let fresh = with_nobody();
        let loaded = fresh.run(&load(&files)).done();
        assert_eq!(loaded.matches(orphan).count(), 1, "{loaded}");
    }
    // One after the other: what is held is known.
    let alone = data.run(&load(&[&episodes])).done();
    assert!(!alone.contains(orphan), "nobody is known yet: {alone}");
    let data = with_nobody();
    data.run(&load(&[&header])).done();
    let held = data.run(&load(&[&episodes])).done();
    assert_eq!(held.matches(orphan).count(), 1, "{held}");
    data.run(&["history", "verify"]).done();
}

#[test]
fn a_return_in_one_file_is_taken_in_as_each_of_its_tables() {
    let data = with_nobody();
    let episode = |child: &str| {
        format!(
            "<EPISODE><DECOM>11/11/2016</DECOM><RNE>L</RNE><LS>V3</LS><CIN>N1</CIN><PL>A3</PL><PLACE_PROVIDER>PR4</PLACE_PROVIDER></EPISODE><!-- {child} -->"
        )
    };
    let child = |id: &str| {
        format!(
            "<CHILD><HEADER><CHILDID>{id}</CHILDID><UPN>UN1</UPN><SEX>1</SEX><DOB>02/03/2013</DOB><ETHNIC>BOTH</ETHNIC><AREVIEW><REVIEW>28/01/2016</REVIEW><REVIEW_CODE>PN3</REVIEW_CODE></AREVIEW></HEADER>{}</CHILD>",
            episode(id)
        )
    };
    let file = written(
        &data,
        "return.xml",
        &format!("<EXPSSDA903>{}{}</EXPSSDA903>", child("1"), child("2")),
    );
    let told: serde_json::Value =
        serde_json::from_str(&data.run(&load(&[&file])).done()).expect("JSON");
    let mut sources: Vec<(&str, u64)> = told["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|one| {
            (
                one["profile"].as_str().expect("a source"),
                one["accepted"].as_u64().expect("a number"),
            )
        })
        .collect();
    sources.sort_unstable();
    assert_eq!(
        sources,
        [
            ("ssda903-episodes", 2),
            ("ssda903-header", 2),
            ("ssda903-reviews", 2)
        ]
    );
    assert_eq!(told["totals"]["findings_total"], 0, "{told}");
    let again = data.run(&load(&[&file])).done();
    assert!(
        again.contains(r#""totals":{"rows":6,"accepted":0,"unchanged":6"#),
        "{again}"
    );
    data.run(&["history", "verify"]).done();
}
