//! Agencies writing: each has files of its own, and writes down a child as it comes.

use std::io::Write;

use crate::SynthError;
use crate::child::Child;
use crate::life::Life;

/// One agency, or one system of it, that writes.
pub(crate) trait Scribe {
    /// Writes down what it knows of a child.
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError>;

    /// Writes what stands at the end, and sees that all of it is written.
    fn end(&mut self) -> Result<(), SynthError>;
}

/// Where files are written to.
pub type Out = Box<dyn Write>;

/// One file of rows.
pub(crate) struct Book {
    name: String,
    rows: csv::Writer<Out>,
}

impl Book {
    /// A file with these headings.
    pub(crate) fn new(name: &str, out: Out, headings: &[&str]) -> Result<Self, SynthError> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(headings)?;
        Ok(Self {
            name: name.to_owned(),
            rows,
        })
    }

    /// Adds a row that is of no child.
    pub(crate) fn row(&mut self, cells: &[&str]) -> Result<(), SynthError> {
        Ok(self.rows.write_record(cells)?)
    }

    /// Adds a row about a child, told by the key that its file has for them.
    pub(crate) fn of(
        &mut self,
        child: &Child,
        key: &str,
        cells: &[&str],
        truth: &mut Truth,
    ) -> Result<(), SynthError> {
        self.row(cells)?;
        truth.note(&self.name, key, child)
    }

    pub(crate) fn end(&mut self) -> Result<(), SynthError> {
        Ok(self.rows.flush().map_err(csv::Error::from)?)
    }
}

/// Which keys are of which child: each once for each file.
pub(crate) struct Truth {
    rows: csv::Writer<Out>,
    /// The last that was noted: rows of one child come one after another.
    last: (String, String),
}

impl Truth {
    pub(crate) fn new(out: Out) -> Result<Self, SynthError> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(["file", "key", "child", "household", "born_with"])?;
        Ok(Self {
            rows,
            last: (String::new(), String::new()),
        })
    }

    pub(crate) fn note(&mut self, file: &str, key: &str, child: &Child) -> Result<(), SynthError> {
        if self.last.0 == file && self.last.1 == key {
            return Ok(());
        }
        self.last = (file.to_owned(), key.to_owned());
        let twin = child.twin.map_or(String::new(), |twin| twin.to_string());
        Ok(self.rows.write_record([
            file,
            key,
            &child.number.to_string(),
            &child.household.to_string(),
            &twin,
        ])?)
    }

    pub(crate) fn end(&mut self) -> Result<(), SynthError> {
        Ok(self.rows.flush().map_err(csv::Error::from)?)
    }
}
