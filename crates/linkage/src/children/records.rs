//! What sources tell of subjects, ready to compare.

use std::fmt;

use clearpicture_kernel::Fact;

use super::model::Model;
use crate::columns::{Asides, Builder, Cells, Column, Table, TableError};

/// A record's place among the [`Records`] it was added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIndex(pub u32);

/// A source's number: records with the same one are of the same source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceIndex(pub u32);

/// Whether a record may be compared with others at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shield {
    /// It may.
    Open,
    /// Its identity is protected: it never becomes one of a pair, and stays a person of its own.
    Protected,
}

/// One subject as one source knows them.
#[derive(Clone)]
pub struct Record {
    /// Whose it is.
    pub source: SourceIndex,
    /// What it tells, in the order of the model's columns. Of a protected one nothing, so that nothing is compared.
    pub(super) cells: Vec<String>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record(of {:?}, words withheld)", self.source)
    }
}

impl Cells for Record {
    fn cell(&self, place: usize) -> &str {
        self.cells.cell(place)
    }
}

/// All records that are compared with one another.
#[derive(Debug, Clone)]
pub struct Records<'m> {
    pub(super) model: &'m Model,
    all: Vec<Record>,
}

impl<'m> Records<'m> {
    /// None yet, to be compared by a model.
    pub const fn new(model: &'m Model) -> Self {
        Self {
            model,
            all: Vec::new(),
        }
    }

    /// Adds one subject of one source by what the source says of them; see [`Model::cells`].
    pub fn add<'a>(
        &mut self,
        source: SourceIndex,
        shield: Shield,
        facts: impl IntoIterator<Item = &'a Fact>,
    ) -> RecordIndex {
        let cells = match shield {
            Shield::Open => self.model.cells(facts),
            Shield::Protected => Vec::new(),
        };
        // More records than can be numbered cannot be held either.
        let index = RecordIndex(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(Record { source, cells });
        index
    }

    /// The records, in the order they were added.
    pub fn all(&self) -> &[Record] {
        &self.all
    }

    /// The place of every record, in order.
    pub(super) fn indices(&self) -> impl Iterator<Item = RecordIndex> {
        (0..).map(RecordIndex).take(self.all.len())
    }

    /// The records as columns, as they are compared.
    ///
    /// # Errors
    /// [`TableError`] when there are more than can be numbered.
    pub fn table(&self, threads: usize) -> Result<Table, TableError> {
        let plan = &self.model.plan;
        let mut builder = Builder::new(plan, Asides::default());
        let heading = |one: &Column| one.headings.first().cloned().unwrap_or_default();
        let headings: Vec<String> = plan.columns.iter().map(heading).collect();
        builder.source("", &headings)?;
        builder.records(&self.all, threads)?;
        builder.finish(threads)
    }

    /// Whether a record is not protected.
    pub(super) fn is_open(&self, index: RecordIndex) -> bool {
        let record = self.all.get(index.0 as usize);
        record.is_some_and(|record| !record.cells.is_empty())
    }

    /// Whose a record is.
    pub(super) fn source(&self, index: RecordIndex) -> Option<SourceIndex> {
        Some(self.all.get(index.0 as usize)?.source)
    }
}
