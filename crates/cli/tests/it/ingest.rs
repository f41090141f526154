//! Files checked before anything is kept.

use crate::support::Data;

const FILE: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,School Name,Contact Number,Admission Type,Date Current As Of,Coverage Start Date,Coverage End Date,Coverage Geographic Area,Date Of Most Recent Interaction,Start Date Of Last Involvement
17,Zoe,Marsh,2011-12-13,F,1 Fen Lane,Current,Fenby School,020 7946 0804,test,2022-10-15,2018-01-01,2022-09-30,test,2021-01-04,2019-12-09
18,Zoe
";

#[test]
fn a_readable_file_is_done_whatever_its_findings() {
    let data = Data::new();
    let file = data.file("school.csv");
    std::fs::write(&file, FILE).expect("written");
    let file = file.to_str().expect("a path");
    let json = data
        .run(&["ingest", "check", "--format", "json", file])
        .done();
    for part in [
        r#""profile":"involvement-education""#,
        r#""rows":2,"accepted":1,"unchanged":0,"quarantined":1,"findings_total":2"#,
        r#"{"code":"unknown-code","severity":"warning","row":1,"column":"Gender","message":"#,
        r#"{"code":"row-shape","severity":"quarantine","row":2,"column":null,"message":"#,
        r#""totals":{"rows":2,"#,
    ] {
        assert!(json.contains(part), "{part}: {json}");
    }
    let words = data.run(&["ingest", "check", file]).done();
    assert!(words.contains("2 rows, 1 accepted, 1 set aside"), "{words}");
    assert!(words.contains("row 1, Gender"), "{words}");
    assert!(!words.contains("Marsh"), "{words}");
}

#[test]
fn what_cannot_be_read_or_recognised_is_wrong_use() {
    let data = Data::new();
    let file = data.file("other.csv");
    std::fs::write(&file, "a,b\n1,2\n").expect("written");
    let file = file.to_str().expect("a path");
    data.run(&["ingest", "check", file])
        .failed(2, "cannot be read as it is");
    let named = ["ingest", "check", "--profile", "involvement-csc", file];
    data.run(&named).failed(2, "cannot be read as it is");
    data.run(&["ingest", "check", "--profile", "dance", file])
        .failed(2, "involvement-csc");
    data.run(&["ingest", "check", "absent.csv"])
        .failed(2, "absent.csv");
}

/// A file of children who are looked after, and one of their missing episodes.
const HEADER: &str =
    "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,M,13/12/2011,WBRI,B801200005001,,\n";
const MISSING: &str = "CHILD,DOB,MISSING,MIS_START,MIS_END\n1,13/12/2011,M,01/02/2025,02/02/2025\n2,14/12/2011,A,03/02/2025,\n";

#[test]
fn rows_of_one_file_that_belong_to_another_are_looked_at_together() {
    let data = Data::new();
    let [header, missing] =
        [("header.csv", HEADER), ("missing.csv", MISSING)].map(|(name, text)| {
            let file = data.file(name);
            std::fs::write(&file, text).expect("written");
            file.to_str().expect("a path").to_owned()
        });
    let alone = data
        .run(&["ingest", "check", "--format", "json", &missing])
        .done();
    assert!(alone.contains(r#""findings_total":0"#), "{alone}");
    // In whichever order they are named.
    let both = data
        .run(&["ingest", "check", "--format", "json", &missing, &header])
        .done();
    assert!(
        both.contains(r#"{"code":"orphan","severity":"warning","row":2,"column":"CHILD""#),
        "{both}"
    );
    assert!(
        both.contains(r#""profile":"ssda903-header","year":2025"#),
        "{both}"
    );
    // Several rows of one child have their place, and a file of the same bytes says nothing new.
    data.run(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--no-serve",
        "--size",
        "empty",
    ])
    .done();
    let load = |file: &str| {
        data.run(&["ingest", "load", "--agency", "northwater-council", file])
            .done()
    };
    assert!(load(&missing).contains("2 accepted, 0 set aside"));
    assert!(load(&missing).contains("0 accepted, 2 unchanged, 0 set aside"));
    assert!(load(&header).contains("1 accepted, 0 set aside"));
    data.run(&["history", "verify"]).done();
}

#[test]
fn what_is_wrong_is_written_for_the_sender_without_any_value() {
    let data = Data::new();
    let file = data.file("school.csv");
    std::fs::write(&file, FILE).expect("written");
    let file = file.to_str().expect("a path");
    let [csv, xlsx, other] = ["report.csv", "report.xlsx", "report.doc"]
        .map(|name| data.file(name).to_str().expect("a path").to_owned());
    data.run(&["ingest", "check", "--report", &csv, file])
        .done();
    let text = std::fs::read_to_string(&csv).expect("written");
    assert!(
        text.starts_with("File,What to do,Table,Row,Column,How far,Code\n"),
        "{text}"
    );
    assert!(text.contains(",1,Gender,warning,unknown-code\n"), "{text}");
    assert!(text.contains(",2,,quarantine,row-shape\n"), "{text}");
    assert!(!text.contains("Marsh") && !text.contains("Zoe"), "{text}");
    data.run(&["ingest", "check", "--report", &xlsx, file])
        .done();
    assert!(std::fs::read(&xlsx).expect("written").starts_with(b"PK"));
    data.run(&["ingest", "check", "--report", &xlsx, file])
        .failed(2, "cannot be written");
    data.run(&["ingest", "check", "--report", &other, file])
        .failed(2, ".xlsx or .csv");
}

#[test]
fn a_draft_of_a_profile_is_printed_or_refused_in_words() {
    let data = Data::new();
    let file = data.file("Youth club.csv");
    std::fs::write(&file, "Member,Surname\n1,Marsh\n2,Reed\n").expect("written");
    let draft = data
        .run(&["ingest", "propose", file.to_str().expect("a path")])
        .done();
    assert!(
        draft.contains("name = \"youth-club\"") && draft.contains("# doubt"),
        "{draft}"
    );
    assert!(!draft.contains("Marsh"), "{draft}");
    std::fs::write(&file, "").expect("written");
    data.run(&["ingest", "propose", file.to_str().expect("a path")])
        .failed(2, "nothing can be drafted");
}

#[test]
fn totals_and_the_rows_of_others_say_so() {
    let data = Data::new();
    let totals = data.file("totals.csv");
    std::fs::write(
        &totals,
        "Agency,Measure,Period,Count,Denominator,Definition,Vouched For By\nFen Trust,young people seen,2026-10-01,12,40,seen once or more,the service lead\n",
    )
    .expect("written");
    let words = data
        .run(&["ingest", "check", totals.to_str().expect("a path")])
        .done();
    assert!(
        words.contains("counts-return; 1 rows, 1 accepted"),
        "{words}"
    );
    assert!(
        words.contains("totals, which can be traced to no rows"),
        "{words}"
    );
    let police = data.file("police.csv");
    std::fs::write(
        &police,
        "Report Number,Person Number,Forename,Surname,Date Of Birth,Sex,Home Postcode,Local Authority,Reported Missing,Found,Risk,Prevention Interview\n\
         R1,P1,Ada,Marsh,02/01/2012,Female,DN55 1PT,Northwater,01/10/2026,02/10/2026,High,Y\n\
         R2,P2,Ben,Reed,02/01/2012,Male,DN55 1PT,Elsewhere,01/10/2026,,Low,N\n",
    )
    .expect("written");
    let json = data
        .run(&[
            "ingest",
            "check",
            "--format",
            "json",
            police.to_str().expect("a path"),
        ])
        .done();
    for part in [
        r#""profile":"police-missing""#,
        r#""rows":1,"accepted":1"#,
        r#""others":1"#,
        r#""findings_total":0"#,
    ] {
        assert!(json.contains(part), "{part}: {json}");
    }
}
