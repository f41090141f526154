//! Invented children's files: those that are held, and what comes alone.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Of a thousand invented children the three files tell of about so many subjects.
const SUBJECTS_OF_THOUSAND: u64 = 2_757;
const SEED: u64 = 1;
const PATIENTS: &str = "fhir-patient.json";
/// The files of which all rows are held.
const WHOLE: [&str; 2] = ["involvement-csc.csv", "involvement-education.csv"];

/// The files.
pub(super) struct Files {
    /// The names of those that are held, the one of patients last.
    pub(super) held: Vec<&'static str>,
    /// The numbers of the patients that are held, in the order of the file.
    pub(super) patients: Vec<String>,
    /// Each patient who comes alone.
    pub(super) new: Vec<Message>,
}

/// A file that tells of one patient.
pub(super) struct Message {
    pub(super) key: String,
    pub(super) bytes: Vec<u8>,
}

impl Files {
    /// Makes files of about so many subjects, and keeps `new` patients back.
    pub(super) fn make(folder: &Path, records: u64, new: usize) -> anyhow::Result<Self> {
        let count = records * 1_000 / SUBJECTS_OF_THOUSAND;
        clearpicture_synth::write(count, SEED, &mut |name| {
            let is_wanted =
                WHOLE.contains(&name) || [PATIENTS, clearpicture_synth::TRUTH].contains(&name);
            if !is_wanted {
                return Ok(Box::new(io::sink()));
            }
            Ok(Box::new(BufWriter::new(File::create(folder.join(name))?)))
        })?;
        let (patients, new) = keep_back(&folder.join(PATIENTS), new)?;
        Ok(Self {
            held: WHOLE.into_iter().chain([PATIENTS]).collect(),
            patients,
            new,
        })
    }
}

/// Takes some patients, evenly spread, out of a file in which each has a line.
fn keep_back(file: &Path, new: usize) -> anyhow::Result<(Vec<String>, Vec<Message>)> {
    let text = fs::read_to_string(file)?;
    let mut lines = text.lines();
    let begin = lines.next().context("the file of patients is empty")?;
    let mut lines: Vec<&str> = lines.collect();
    let end = lines.pop().context("the file of patients has no end")?;
    let every = lines.len() / new;
    ensure!(every > 1, "{} patients are too few", lines.len());
    let bundle = |patients: &[&str]| format!("{begin}\n{}\n{end}\n", patients.join(",\n"));
    let (mut held, mut keys, mut kept_back) = (Vec::new(), Vec::new(), Vec::new());
    for (number, line) in lines.into_iter().enumerate() {
        let line = line.trim_end_matches(',');
        let patient: Value = serde_json::from_str(line)?;
        let key = patient.pointer("/resource/id").and_then(Value::as_str);
        let key = key.context("a patient has no id")?.to_owned();
        if number % every == every / 2 && kept_back.len() < new {
            let bytes = bundle(&[line]).into_bytes();
            kept_back.push(Message { key, bytes });
        } else {
            held.push(line);
            keys.push(key);
        }
    }
    fs::write(file, bundle(&held))?;
    Ok((keys, kept_back))
}
