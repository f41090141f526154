//! Files checked before anything is kept.

use crate::published::shared;
use crate::support::{Data, program};

const FILE: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,School Name,Contact Number,Admission Type,Date Current As Of,Coverage Start Date,Coverage End Date,Coverage Geographic Area,Date Of Most Recent Interaction,Start Date Of Last Involvement
17,Zoe,Marsh,2011-12-13,F,1 Fen Lane,Current,Fenby School,020 7946 0804,test,2022-10-15,2018-01-01,2022-09-30,test,2021-01-04,2019-12-09
18,Zoe
";

/// The agencies of the demonstration, and no child.
fn demonstrate(data: &Data) {
    let listen = ["--listen", "127.0.0.1:0"];
    let demo = ["demo", "--no-serve", "--size", "empty"];
    data.run(&[demo.as_slice(), &listen].concat()).done();
}

fn with_nobody() -> Data {
    let data = Data::new();
    demonstrate(&data);
    data
}

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
    assert!(words.contains("row 2 of the sheet, Gender"), "{words}");
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
    demonstrate(&data);
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
    assert!(text.contains(",2,Gender,warning,unknown-code\n"), "{text}");
    assert!(text.contains(",3,,quarantine,row-shape\n"), "{text}");
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
fn of_files_with_faults_every_row_is_accounted_for_and_nobody_is_made_up() {
    let Some(shared) = shared() else { return };
    let data = with_nobody();
    for (file, accepted, quarantined) in [
        ("03-scientific-ids.csv", 0, 3),
        ("04-id-plain-episodes.csv", 1, 0),
        ("05-null-identifiers.csv", 2, 0),
        ("05-null-words-csc.csv", 2, 0),
        ("05-null-words.csv", 3, 0),
        ("07-one-digit-hour.csv", 3, 0),
    ] {
        let file = shared.join("faults").join(file).display().to_string();
        let load = ["ingest", "load", "--format", "json", &file];
        let answer = data.run(&load).done();
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let number = |name: &str| answer["totals"][name].as_u64().expect("a number");
        assert_eq!(
            (number("accepted"), number("quarantined")),
            (accepted, quarantined),
            "{file}"
        );
        assert_eq!(
            number("rows"),
            accepted + quarantined + number("unchanged"),
            "{file}"
        );
    }
    // The same child by the same number, however a spreadsheet wrote it: the row says what is held already.
    let plain = data.file("plain.csv");
    std::fs::write(
        &plain,
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1001,1,05/04/2011,WBRI,T801217001001,,\n",
    )
    .expect("written");
    let load = |file: &str| {
        data.run(&["ingest", "load", "--agency", "northwater-council", file])
            .done()
    };
    let nought = shared.join("faults/04-id-with-point-nought.csv");
    assert!(load(plain.to_str().expect("a path")).contains("1 accepted, 0 set aside"));
    assert!(
        load(nought.to_str().expect("a path")).contains("0 accepted, 1 unchanged, 0 set aside")
    );
    data.run(&["history", "verify"]).done();
}

#[test]
fn a_file_that_fits_no_source_says_what_the_command_can_do() {
    let data = Data::new();
    let file = data.file("other.csv");
    std::fs::write(&file, "a,b\n1,2\n").expect("written");
    let ran = data.run(&["ingest", "check", file.to_str().expect("a path")]);
    assert!(ran.answer.contains("`--profile`"), "{}", ran.answer);
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

#[test]
fn a_newer_profile_reads_what_was_taken_in_again_and_makes_new_versions() {
    let data = with_nobody();
    let file = data.file("csc.csv");
    let rows = "1,Ada,Okafor,2014-07-28,Current,Northwater Council,Female,\n2,Ben,Okafor,2015-07-28,Current,Northwater Council,Male,\n";
    std::fs::write(&file, format!("Cms Id,First Name,Last Name,Date Of Birth,Service Involvement,Local Authority Organisation,Gender,Address\n{rows}")).expect("written");
    let file = file.to_str().expect("a path");
    data.run(&["ingest", "load", "--profile", "involvement-csc", file])
        .done();
    let again = || {
        data.run(&["ingest", "reprocess", "--profile", "involvement-csc"])
            .done()
    };
    let nothing = again();
    assert!(
        nothing.contains("0 rows say something new"),
        "the same profile: {nothing}"
    );
    let profile = data.file("practice/sources/involvement-csc.toml");
    let text = std::fs::read_to_string(&profile).expect("a profile");
    let newer = text.replace("\"Female\" = \"female\"", "\"Female\" = \"other\"");
    assert_ne!(text, newer);
    std::fs::write(&profile, newer).expect("written");
    let once = again();
    assert!(once.contains("1 rows say something new"), "{once}");
    assert!(again().contains("0 rows say something new"));
    data.run(&["history", "verify"]).done();
    data.run(&["ingest", "reprocess", "--profile", "nothing-like-it"])
        .failed(2, "there is no profile");
}

/// So many children, each in one row.
const MANY: usize = 12_000;

#[test]
fn a_file_cut_short_by_a_kill_is_taken_in_whole_the_next_time() {
    let data = with_nobody();
    let file = data.file("many.csv");
    let mut text = String::from("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n");
    for child in 0..MANY {
        text.push('C');
        text.push_str(&child.to_string());
        text.push_str(",2,28/07/2014,WBRI,UN1,0,\n");
    }
    std::fs::write(&file, text).expect("written");
    let load = [
        "ingest",
        "load",
        "--agency",
        "northwater-council",
        file.to_str().expect("a path"),
    ];
    let killed = |after: u64| {
        let mut command = program(&["--data", data.path()]);
        let quiet = || std::process::Stdio::null();
        let mut loading = command
            .args(load)
            .stdout(quiet())
            .stderr(quiet())
            .spawn()
            .expect("begun");
        std::thread::sleep(std::time::Duration::from_millis(after));
        let was_running = loading.try_wait().expect("a state").is_none();
        loading.kill().expect("killed");
        loading.wait().expect("ended");
        was_running
    };
    let killed_at_work = [250, 700, 1_200]
        .into_iter()
        .filter(|after| killed(*after))
        .count();
    assert!(killed_at_work > 0, "it was always faster than the kill");
    let done = data.run(&load).done();
    assert!(
        done.contains("12000 accepted, 0 set aside")
            || done.contains("0 accepted, 12000 unchanged"),
        "{done}"
    );
    data.run(&["history", "verify"]).done();
    let again = data.run(&load).done();
    assert!(again.contains("0 accepted, 12000 unchanged"), "{again}");
}
