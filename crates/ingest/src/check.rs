//! A file read from its first byte to its last.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

use clearpicture_kernel::fact::{Coverage, Told};
use clearpicture_kernel::{Code, Digest};
use csv::{Reader, ReaderBuilder, StringRecord};

use crate::finding::{Finding, Problem, Severity};
use crate::headings::{Layout, recognise};
use crate::profile::Profile;
use crate::row::Row;
use crate::text::{Digesting, MOST_OF_RECORD, Seen, Text, encoding, sample};

/// What reading a file brings, in the file's order.
#[derive(Debug)]
pub enum Heard {
    /// A row that is accepted.
    Told(Told),
    /// A doubt.
    Finding(Finding),
}

/// A file as a whole. `rows` is the sum of `accepted` and `quarantined`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The profile it was read by; `None` when none fits.
    pub profile: Option<Code>,
    /// The SHA-256 of its bytes as they came.
    pub digest: Digest,
    /// The records that were read.
    pub rows: u64,
    /// Those that were handed on.
    pub accepted: u64,
    /// Those that were set aside.
    pub quarantined: u64,
    /// How many findings there were.
    pub findings: u64,
    /// What the file covers, as its first accepted row states it.
    pub coverage: Option<Coverage>,
    /// Whether the file was refused: then nothing of it should be used.
    pub refused: bool,
}

/// Reads a file by the one of `profiles` that its headings fit, handing on what it tells row by row.
///
/// # Errors
/// Only what `from` itself gives; whatever the bytes are, they are no error.
pub fn read(
    from: impl Read,
    profiles: &[Profile],
    hear: &mut dyn FnMut(Heard),
) -> io::Result<Summary> {
    let mut from = Digesting::new(from);
    let beginning = sample(&mut from)?;
    let mut file = File {
        summary: Summary {
            profile: None,
            digest: Digest::ZERO,
            rows: 0,
            accepted: 0,
            quarantined: 0,
            findings: 0,
            coverage: None,
            refused: false,
        },
        keys: BTreeMap::new(),
        hear,
    };
    if beginning.is_empty() {
        file.find(Problem::EmptyFile.of_file());
    } else if let Some(encoding) = encoding(&beginning) {
        let seen = Rc::new(Seen::default());
        let text = Text::new(beginning.chain(&mut from), encoding, Rc::clone(&seen));
        file.records(text, &seen, profiles)?;
    } else {
        file.find(Problem::UnknownEncoding.of_file());
    }
    let mut summary = file.summary;
    summary.digest = from.finish()?;
    Ok(summary)
}

struct File<'a> {
    summary: Summary,
    /// Of every key: the digest of the row that had it first.
    keys: BTreeMap<Digest, Digest>,
    hear: &'a mut dyn FnMut(Heard),
}

impl File<'_> {
    fn find(&mut self, finding: Finding) {
        self.summary.findings += 1;
        self.summary.refused |= finding.problem.severity() == Severity::Refusal;
        (self.hear)(Heard::Finding(finding));
    }

    fn records(&mut self, text: impl Read, seen: &Seen, profiles: &[Profile]) -> io::Result<()> {
        let mut builder = ReaderBuilder::new();
        let mut reader = builder.has_headers(false).flexible(true).from_reader(text);
        let mut record = StringRecord::new();
        if !self.next(&mut reader, seen, &mut record)? {
            if !self.summary.refused {
                self.find(Problem::EmptyFile.of_file());
            }
            return Ok(());
        }
        let layout = match recognise(&record, profiles) {
            Ok(layout) => layout,
            Err(findings) => {
                for finding in findings {
                    self.find(finding);
                }
                return Ok(());
            }
        };
        self.summary.profile = Some(layout.profile.name.clone());
        for finding in &layout.findings {
            self.find(finding.clone());
        }
        // One record behind: what ends the file is told of its last record.
        let mut next = StringRecord::new();
        let mut more = self.next(&mut reader, seen, &mut record)?;
        while more {
            more = self.next(&mut reader, seen, &mut next)?;
            if self.summary.refused {
                break;
            }
            let last = !more;
            self.row(&layout, &record, last.then_some(seen));
            std::mem::swap(&mut record, &mut next);
        }
        Ok(())
    }

    /// Reads the next record; whether there was one.
    fn next<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        seen: &Seen,
        record: &mut StringRecord,
    ) -> io::Result<bool> {
        let start = reader.position().byte();
        let read = reader.read_record(record);
        seen.since_record.set(0);
        let length = reader.position().byte().saturating_sub(start);
        if seen.too_long.get() || length > MOST_OF_RECORD as u64 {
            self.find(Problem::RecordTooLong.of_file());
            return Ok(false);
        }
        read.map_err(io::Error::from)
    }

    /// Judges one record; `end` is how the text ended when it is the last.
    fn row(&mut self, layout: &Layout<'_>, fields: &StringRecord, end: Option<&Seen>) {
        self.summary.rows += 1;
        let number = self.summary.rows;
        let open = end.is_some_and(|seen| seen.quoted.get());
        let cut = end.is_some_and(|seen| !matches!(seen.last.get(), Some(b'\n' | b'\r')));
        let bad = match fields.len() {
            _ if open => Some(Problem::UnbalancedQuote),
            width if width < layout.width && cut => Some(Problem::Truncated),
            width if width != layout.width => Some(Problem::Shape),
            _ => None,
        };
        if let Some(problem) = bad {
            self.summary.quarantined += 1;
            self.find(problem.at(number, None));
            return;
        }
        if cut {
            self.find(Problem::NoLineEnd.at(number, None));
        }
        let mut row = Row::read(layout, number, fields);
        let told = row.told();
        for finding in std::mem::take(&mut row.findings) {
            self.find(finding);
        }
        let Some(told) = told else {
            self.summary.quarantined += 1;
            return;
        };
        let parts: Vec<&[u8]> = fields.iter().map(str::as_bytes).collect();
        let whole = Digest::of_parts(&parts);
        let key = Digest::of(told.key.as_str().as_bytes());
        match self.keys.get(&key) {
            Some(first) if *first == whole => self.find(Problem::DuplicateRow.at(number, None)),
            Some(_) => {
                let column = layout.profile.key.get_ref();
                self.find(Problem::DuplicateKey.at(number, Some(column)));
            }
            None => {
                self.keys.insert(key, whole);
            }
        }
        if self.summary.coverage.is_none() {
            self.summary.coverage = row.coverage();
        }
        self.summary.accepted += 1;
        (self.hear)(Heard::Told(told));
    }
}
