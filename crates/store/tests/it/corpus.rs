//! Every body ever written can be read.

use std::path::Path;

use clearpicture_store::corpus::{CorpusFault, check};
use clearpicture_store::{Holdings, RecordSpec};

use crate::note::Note;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/history-corpus"))
}

#[test]
fn every_body_of_the_stores_own_kinds_is_readable() {
    let own = Holdings::with_own([]).records;
    let read = check(folder(), &own).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(read >= own.len());
}

#[test]
fn a_missing_file_says_how_to_write_it() {
    let missing = check(folder(), &[RecordSpec::of::<Note>()]).expect_err("no such kind");
    assert!(matches!(missing, CorpusFault::Missing { .. }), "{missing}");
    let said = missing.to_string();
    assert!(
        said.contains("history-corpus/note/1.json` is missing"),
        "{said}"
    );
    assert!(said.contains("\"title\": \"A sample\""), "{said}");
}

#[test]
fn a_body_that_can_no_longer_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let kind = folder.path().join("note");
    std::fs::create_dir(&kind).expect("made");
    let bodies = serde_json::json!([(RecordSpec::of::<Note>().samples)()[0], { "title": 7 }]);
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing asynchronous is going on"
    )]
    std::fs::write(kind.join("1.json"), bodies.to_string()).expect("written");
    let fault = check(folder.path(), &[RecordSpec::of::<Note>()]).expect_err("unreadable");
    assert!(
        fault.to_string().contains("note/1.json`, body 2: "),
        "{fault}"
    );
}
