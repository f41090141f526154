//! Published files with the truth, each linked by a model that was proposed for it and that nobody touched.

use std::path::{Path, PathBuf};

use super::*;
use crate::columns::{Glance, judge, propose, train, train_by_truth, with_apart, with_blocks};
use crate::quality::Quality;

const FOLDER: &str = "CLEARPICTURE_SHARED_DATA";

/// The folder of example files; `None`, said aloud, where there is none and nobody insists.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may be pointed at its data by the environment"
)]
pub(super) fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os(FOLDER).map_or(beside, PathBuf::from);
    if folder.join("linkage").is_dir() {
        return Some(folder);
    }
    let missing = format!(
        "{} is not there, so linkage was not tried on published files: name their folder in {FOLDER}",
        folder.display()
    );
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    eprintln!("{missing}");
    None
}

/// The headings and rows of a file.
pub(super) type File = (Vec<String>, Vec<Vec<String>>);

/// The headings and rows of a file, with a column `truth` that `true_of` tells from each row.
fn read(file: &Path, true_of: &dyn Fn(usize, &csv::StringRecord) -> String) -> File {
    let mut reader = csv::Reader::from_path(file).expect("opened");
    let headings = reader
        .headers()
        .expect("headings")
        .iter()
        .map(|one| one.trim().to_owned())
        .chain(["truth".to_owned()]);
    let headings: Vec<String> = headings.collect();
    let rows = reader.records().enumerate().map(|(place, row)| {
        let row = row.expect("a row");
        row.iter()
            .map(str::to_owned)
            .chain([true_of(place, &row)])
            .collect()
    });
    (headings, rows.collect())
}

/// A model proposed for files.
pub(super) fn drafted(files: &[File], ignore: &[&str]) -> Plan {
    let mut glance = Glance::default();
    for (headings, rows) in files {
        glance.source(headings);
        for row in rows {
            if !glance.record(row).expect("room") {
                break;
            }
        }
    }
    let ignore = ignore.iter().chain(&["truth"]);
    let ignore: Vec<String> = ignore.map(|one| (*one).to_owned()).collect();
    propose(&glance, &ignore)
        .expect("something to compare")
        .plan
}

/// The records of files, with the truth.
pub(super) fn held(files: &[File], plan: &Plan) -> Table {
    let asides = Asides {
        truth: Some("truth"),
        groups: &[],
    };
    let mut builder = Builder::new(plan, asides);
    for (place, (headings, rows)) in files.iter().enumerate() {
        builder
            .source(&place.to_string(), headings)
            .expect("all columns");
        for row in rows {
            builder
                .records(std::slice::from_ref(row), 1)
                .expect("a record");
        }
    }
    builder.finish(2).expect("a table")
}

/// Links files by a model proposed for them; `ignore` and the truth are not looked at.
pub(super) fn quality(files: &[File], ignore: &[&str]) -> Quality {
    let plan = drafted(files, ignore);
    let table = held(files, &plan);
    let (plan, _) = with_apart(&table, with_blocks(&table, plan.clone(), 2));
    let judged = |plan| {
        let judged = judge(&linked(&table, plan), 2)
            .expect("read back")
            .expect("the truth is known");
        judged.at_threshold
    };
    let trained = train(&table, &plan, 2).expect("few enough pairs").plan;
    let found = judged(&trained);
    // Whoever knows who is who gets no worse a model by saying so.
    let told = train_by_truth(&table, &plan, 2).expect("the truth is known");
    let by_truth = judged(&told.plan);
    assert!(
        (told.expected - found.there as f64).abs() < 0.5,
        "{}",
        told.expected
    );
    assert!(
        by_truth.f1() >= found.f1() - 0.005,
        "{by_truth:?} {found:?}"
    );
    found
}

/// `rec-223-org` and `rec-223-dup-0` are one person.
fn febrl(_: usize, row: &csv::StringRecord) -> String {
    row.get(0)
        .and_then(|id| id.split('-').nth(1))
        .unwrap_or_default()
        .to_owned()
}

fn febrl_files(names: &[&str]) -> Option<Quality> {
    let folder = folder()?.join("linkage/febrl");
    let files: Vec<_> = names
        .iter()
        .map(|name| read(&folder.join(name), &febrl))
        .collect();
    Some(quality(&files, &[]))
}

#[test]
fn febrl_1() {
    let Some(found) = febrl_files(&["dataset1.csv"]) else {
        return;
    };
    assert!(found.f1() >= 0.999, "{found:?}");
}

#[test]
fn febrl_2() {
    let Some(found) = febrl_files(&["dataset2.csv"]) else {
        return;
    };
    assert!(found.f1() >= 0.999, "{found:?}");
}

#[test]
fn febrl_4() {
    let Some(found) = febrl_files(&["dataset4a.csv", "dataset4b.csv"]) else {
        return;
    };
    assert!(found.f1() >= 0.999, "{found:?}");
}

#[test]
fn fake_1000() {
    let Some(folder) = folder() else { return };
    let cluster = |_: usize, row: &csv::StringRecord| row.get(6).unwrap_or_default().to_owned();
    let file = read(&folder.join("linkage/fake_1000/fake_1000.csv"), &cluster);
    let found = quality(&[file], &["cluster"]);
    assert!(found.f1() >= 0.975, "{found:?}");
}

#[test]
fn family_context() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("family_context_multiagency");
    let place = |place: usize, _: &csv::StringRecord| place.to_string();
    let files = ["csc.csv", "education.csv"].map(|name| read(&folder.join(name), &place));
    let found = quality(&files, &[]);
    assert_eq!((found.right, found.joined), (500, 500));
}
