//! Two agencies' real files become children, from the command line.

use std::path::{Path, PathBuf};

use crate::support::Data;

/// The two published files of one cohort; `None`, said aloud, on a machine without them.
fn cohort() -> Option<PathBuf> {
    let folder = std::env::var_os("CLEARPICTURE_FAMILY_CONTEXT").map_or_else(
        || {
            let beside = "../../../shared/data/family_context_multiagency";
            Path::new(env!("CARGO_MANIFEST_DIR")).join(beside)
        },
        PathBuf::from,
    );
    let there = folder.join("csc.csv").exists();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "{} is not there: name the folder with CLEARPICTURE_FAMILY_CONTEXT",
        folder.display()
    );
    if !there {
        eprintln!("skipped: {} is not there", folder.display());
    }
    there.then_some(folder)
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).display().to_string()
}

fn partnership() -> Data {
    let data = Data::new();
    data.run(&["demo", "--no-serve", "--size", "empty"]).done();
    data
}

#[test]
fn the_published_cohort_is_500_children_in_either_order_and_nothing_changes_twice() {
    let Some(folder) = cohort() else { return };
    let (care, schools) = (path(&folder, "csc.csv"), path(&folder, "education.csv"));
    for files in [[&care, &schools], [&schools, &care]] {
        let data = partnership();
        for file in files {
            let words = data.run(&["ingest", "load", file]).done();
            assert!(
                words.contains("500 rows, 500 accepted, 0 set aside"),
                "{words}"
            );
        }
        let linked = data.run(&["link", "run"]).done();
        assert!(
            linked.contains("joined 500, parted 0, needing attention 10")
                && linked.contains("1000 records are 500 persons"),
            "{linked}"
        );
        let verified = data.run(&["history", "verify"]).done();
        for file in files {
            let words = data.run(&["ingest", "load", file]).done();
            assert!(
                words.contains("500 rows, 0 accepted, 500 unchanged, 0 set aside"),
                "{words}"
            );
        }
        let again = data.run(&["link", "run"]).done();
        assert!(again.contains("joined 0, parted 0"), "{again}");
        assert_eq!(data.run(&["history", "verify"]).done(), verified);
    }
}

#[test]
fn a_cut_a_renamed_and_a_misshapen_file_bring_what_can_be_read() {
    let Some(folder) = cohort() else { return };
    let whole = std::fs::read_to_string(folder.join("csc.csv")).expect("read");
    let data = partnership();
    let cut = whole.rsplit_once("Social Worker").expect("a last worker").0;
    let (headings, rows) = whole.split_once('\n').expect("headings");
    let renamed = format!("{}\n{rows}", headings.replace("Date Of Birth", "DOB"));
    let misshapen = format!(
        "{whole}1,Ada,Example,2014-07-28,Female,1 Mill Lane,Current,Northwater Council,too,much,to,be,a,row,of,this,file,at,all,really\n"
    );
    let missing = format!("{}\n{rows}", headings.replace("Date Of Birth", "Shoe Size"));
    for (name, text, says) in [
        ("cut.csv", cut, "500 rows, 499 accepted, 1 set aside"),
        (
            "renamed.csv",
            &renamed,
            "500 rows, 1 accepted, 499 unchanged, 0 set aside",
        ),
        (
            "misshapen.csv",
            &misshapen,
            "501 rows, 0 accepted, 500 unchanged, 1 set aside",
        ),
    ] {
        let file = data.file(name);
        std::fs::write(&file, text).expect("written");
        let words = data
            .run(&["ingest", "load", file.to_str().expect("a path")])
            .done();
        assert!(words.contains(says), "{says}: {words}");
    }
    let file = data.file("missing.csv");
    std::fs::write(&file, &missing).expect("written");
    let before = data.run(&["history", "verify"]).done();
    data.run(&["ingest", "load", file.to_str().expect("a path")])
        .failed(2, "cannot be read as it is");
    assert_eq!(data.run(&["history", "verify"]).done(), before);
}

#[test]
fn the_sender_is_known_or_asked_for() {
    let Some(folder) = cohort() else { return };
    let file = path(&folder, "csc.csv");
    let data = partnership();
    data.run(&["ingest", "load", "--agency", "nobody", &file])
        .failed(2, "no agency has the code `nobody`");
    data.run(&["ingest", "load", "--agency", "northwater-police", &file])
        .failed(1, "came as another agency's: nothing of it is used");
    let words = data.run(&["ingest", "load", &file]).done();
    assert!(words.contains("500 accepted"), "{words}");
}

#[test]
fn a_demonstration_takes_in_the_files_of_a_folder() {
    let Some(folder) = cohort() else { return };
    let data = Data::new();
    let folder = folder.display().to_string();
    let demo = ["demo", "--no-serve", "--with", &folder];
    let ran = data.run(&demo);
    assert!(
        ran.messages.contains("records=1000 children=500"),
        "{}",
        ran.messages
    );
    let empty = Data::new();
    let nothing = empty.file("nothing");
    std::fs::create_dir_all(&nothing).expect("made");
    let nothing = nothing.display().to_string();
    empty
        .run(&["demo", "--no-serve", "--with", &nothing])
        .failed(2, "holds no file that can be read");
}

#[test]
fn invented_files_are_whole_and_the_same_each_time() {
    let data = Data::new();
    let out = |name: &str| data.file(name).display().to_string();
    for name in ["one", "two"] {
        let out = out(name);
        data.run(&["synth", "--children", "40", "--seed", "7", "--out", &out])
            .done();
    }
    let names = || {
        let files = std::fs::read_dir(data.file("one")).expect("a folder");
        files.map(|file| file.expect("a file").file_name())
    };
    assert_eq!(
        names().count(),
        29,
        "the files of six agencies, of the borough, and the truth"
    );
    for file in names() {
        let read = |name: &str| std::fs::read(data.file(name).join(&file)).expect("read");
        assert_eq!(read("one"), read("two"), "{}", file.display());
    }
    let one = out("one");
    data.run(&["synth", "--children", "1", "--seed", "1", "--out", &one])
        .failed(2, "holds something already");
    let checked = data
        .run(&["ingest", "check", &format!("{one}/involvement-csc.csv")])
        .done();
    assert!(checked.contains("0 set aside"), "{checked}");
}

/// The published cohort, taken in and linked.
fn counted() -> Option<Data> {
    let folder = cohort()?;
    let data = partnership();
    for file in ["csc.csv", "education.csv"] {
        data.run(&["ingest", "load", &path(&folder, file)]).done();
    }
    data.run(&["link", "run"]).done();
    Some(data)
}

#[test]
fn the_published_cohort_is_counted_as_known_on_any_day() {
    let Some(data) = counted() else { return };
    let holds = data.run(&["measure", "check"]).done();
    assert!(
        holds.contains("known-to-both: 5 of 5 worked cases hold"),
        "{holds}"
    );
    let run = |month: &str, level: &str| {
        let asked = ["measure", "run", "known-to-both", "--month", month];
        data.run(&[&asked[..], &["--level", level]].concat()).done()
    };
    let figures = run("2022-09", "partnership");
    assert!(
        figures.contains(",partnership,all,100,,500,500,99.2,100,0.95,"),
        "{figures}"
    );
    // Half of the involvements of the cohort begin later than this.
    let earlier = run("2020-01", "internal");
    assert!(
        earlier.contains(",internal,all,24.9,,84,338,20.5,29.7,0.98,"),
        "{earlier}"
    );
    let before = data
        .run(&[
            "measure",
            "run",
            "--month",
            "2022-09",
            "--as-at",
            "2026-01-01",
        ])
        .done();
    assert!(
        before.contains(",2026-01-01,partnership,all,,:,,,,,,social-care not received"),
        "{before}"
    );
    // The files end with September: what follows was not heard, and the month before is not told again in its place.
    for month in ["2022-10", "2025-12"] {
        let beyond = run(month, "internal");
        assert!(beyond.contains(",internal,all,,:,,,,,,"), "{beyond}");
    }
    let json = data
        .run(&["measure", "run", "--month", "2022-09", "--format", "json"])
        .done();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[0]["numerator"], 500);
    assert_eq!(json[1]["symbol"], serde_json::Value::Null);
    let verified = data.run(&["history", "verify"]).done();
    let anew = data.run(&["analysis", "rebuild"]).done();
    assert!(anew.starts_with("made anew, 3002 rows added"), "{anew}");
    assert_eq!(
        run("2022-09", "partnership"),
        figures,
        "made anew, and the same"
    );
    assert_eq!(data.run(&["history", "verify"]).done(), verified);
}

#[test]
fn the_report_is_written_once_and_what_cannot_be_asked_is_refused() {
    let Some(data) = counted() else { return };
    let out = |name: &str| path(Path::new(data.path()), name);
    let report = |name: &str, level: &str| {
        let asked = ["report", "dataset", "--month", "2022-09", "--level", level];
        data.run(&[&asked[..], &["--out", &out(name)]].concat())
    };
    report("report.pdf", "partnership").done();
    let pdf = std::fs::read(out("report.pdf")).expect("written");
    assert!(pdf.starts_with(b"%PDF-1.7"));
    report("report.html", "public").done();
    let page = std::fs::read_to_string(out("report.html")).expect("written");
    assert!(page.contains("500 of 500 children") && page.contains("is invented"));
    report("report.csv", "internal").done();
    report("report.pdf", "partnership").failed(2, "not there yet");
    report("report.doc", "partnership").failed(2, "end its name in");
    for (asked, says) in [
        (["measure", "run", "--month", "2999-01"], "has not begun"),
        (["measure", "run", "--month", "2025-13"], "is not a month"),
    ] {
        data.run(&asked).failed(2, says);
    }
    data.run(&["measure", "run", "nothing", "--month", "2022-09"])
        .failed(2, "there is no measure `nothing`");
    data.run(&[
        "measure",
        "run",
        "--month",
        "2022-09",
        "--as-at",
        "2999-01-01",
    ])
    .failed(2, "has not come");
}

#[test]
fn what_a_measure_counts_wrongly_is_told_with_its_case() {
    let data = partnership();
    let file = Path::new(data.path()).join("practice/measures/known-to-both.toml");
    let shipped = std::fs::read_to_string(&file).expect("shipped");
    for (from, to, says) in [
        (
            "<= $month_last",
            "< $month_first",
            "expected both 1, social-care-only 1, schools-only 1",
        ),
        (
            "NOT doubtful AS complete",
            "now() > now() AS complete",
            "refused",
        ),
        ("SELECT person AS unit", "SELECT 1 AS unit", "there twice"),
        ("FROM involvement", "FROM visits", "cannot be run"),
    ] {
        if from == "<= $month_last" {
            // Cases whose involvement began before the month still hold: only the boundary fails.
            let wrong = shipped
                .replace("begins = 2026-03-02", "begins = 2026-10-31")
                .replace(from, to);
            std::fs::write(&file, wrong).expect("written");
        } else {
            std::fs::write(&file, shipped.replace(from, to)).expect("written");
        }
        data.run(&["measure", "check"]).failed(1, says);
    }
    std::fs::write(&file, &shipped).expect("written");
    data.run(&["measure", "check"]).done();
}
