//! Every body that a release ever wrote can still be read.

use std::path::Path;

use clearpicture_store::corpus::{CorpusFault, check};

use crate::support::TestApp;

/// Bodies are kept under `history-corpus/<kind>/<version>.json`, and the folder only grows.
/// Run with `CLEARPICTURE_APPROVE=1` to write the file of a new kind or version.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "reads, or on request writes, the corpus"
)]
async fn every_body_ever_written_is_still_read() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/history-corpus"));
    let app = TestApp::start().await.app;
    let records: Vec<_> = app.kept().map(|kept| kept.record).collect();
    let read = loop {
        match check(folder, &records) {
            Ok(read) => break read,
            Err(CorpusFault::Missing { file, example })
                if std::env::var_os("CLEARPICTURE_APPROVE").is_some() =>
            {
                let file = Path::new(&file);
                std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
                std::fs::write(file, example).expect("written");
            }
            Err(fault) => panic!("{fault}"),
        }
    };
    assert!(
        read >= records.len(),
        "{read} bodies of {} kinds",
        records.len()
    );
}
