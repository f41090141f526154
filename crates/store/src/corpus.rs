//! The corpus of bodies: examples of every version of every kind of record
//! that was ever written, which must be readable for ever.
//!
//! A folder `history-corpus` holds `<kind>/<version>.json`, an array of bodies.
//! Files are added when a body's shape gets a new version, and never changed.

use std::path::Path;

use serde_json::Value;

use crate::record::RecordSpec;

/// What is wrong with a corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusFault {
    /// The version that is written today has no examples.
    #[error(
        "`{file}` is missing: bodies of this version are about to be kept for ever, so write examples of them there, for instance:\n{example}"
    )]
    Missing {
        /// The file that should be there.
        file: String,
        /// What it could hold.
        example: String,
    },
    /// A body that was once written can no longer be read.
    #[error(
        "`{file}`, body {number}: {problem}; what was once written must be readable for ever, so `upcast` must learn it"
    )]
    Unreadable {
        /// The file.
        file: String,
        /// Which of its bodies, from 1.
        number: usize,
        /// Why.
        problem: String,
    },
    /// A file that is no part of a corpus, or cannot be read.
    #[error("`{file}`: {problem}")]
    Unusable {
        /// The file.
        file: String,
        /// Why.
        problem: String,
    },
}

/// Reads every body in `folder` and counts them.
///
/// # Errors
/// [`CorpusFault`] naming the first file that is missing or cannot be read.
pub fn check(folder: &Path, records: &[RecordSpec]) -> Result<usize, CorpusFault> {
    let mut read = 0;
    for record in records {
        let latest = folder
            .join(record.kind)
            .join(format!("{}.json", record.body_version));
        if !latest.exists() {
            return Err(CorpusFault::Missing {
                file: latest.display().to_string(),
                example: format!("{:#}", Value::Array((record.samples)())),
            });
        }
        for version in 1..=record.body_version {
            let file = folder.join(record.kind).join(format!("{version}.json"));
            read += check_file(&file, record, version)?;
        }
    }
    Ok(read)
}

fn check_file(file: &Path, record: &RecordSpec, version: u16) -> Result<usize, CorpusFault> {
    let name = || file.display().to_string();
    let unusable = |problem: String| CorpusFault::Unusable {
        file: name(),
        problem,
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "called by tests, before anything asynchronous is begun"
    )]
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    let bodies: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if bodies.is_empty() {
        return Err(unusable("it holds no body".to_owned()));
    }
    for (body, number) in bodies.iter().zip(1..) {
        (record.say)(version, body.clone()).map_err(|problem| CorpusFault::Unreadable {
            file: name(),
            number,
            problem,
        })?;
    }
    Ok(bodies.len())
}
