//! What sources tell of subjects, ready to compare.

use std::fmt;

use clearpicture_kernel::Fact;

use super::model::Model;
use crate::columns::{Asides, Builder, Column, Table, TableError};

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

/// All records that are compared with one another: what each tells as numbers of values, and whose it is.
#[derive(Clone)]
pub struct Records {
    pub(super) table: Table,
    origins: Vec<Origin>,
}

/// Where a record comes from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    source: SourceIndex,
    shield: Shield,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Records({}, words withheld)", self.len())
    }
}

/// Takes records one after the other. What one tells is kept once, however many others tell the same.
pub struct RecordsBuilder<'m> {
    model: &'m Model,
    builder: Builder<'m>,
    origins: Vec<Origin>,
}

impl fmt::Debug for RecordsBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordsBuilder({}, words withheld)", self.origins.len())
    }
}

impl<'m> RecordsBuilder<'m> {
    /// None yet, to be compared by a model.
    ///
    /// # Errors
    /// [`TableError`] when the model asks for a column of ids, which records of children do not have.
    pub fn new(model: &'m Model) -> Result<Self, TableError> {
        let mut builder = Builder::new(&model.plan, Asides::default());
        let heading = |one: &Column| one.headings.first().cloned().unwrap_or_default();
        let headings: Vec<String> = model.plan.columns.iter().map(heading).collect();
        builder.source("", &headings)?;
        Ok(Self {
            model,
            builder,
            origins: Vec::new(),
        })
    }

    /// Adds one subject of one source by what the source says of them; see [`Model::cells`]. Of a protected one nothing is
    /// taken, so that nothing is compared.
    ///
    /// # Errors
    /// [`TableError`] when there are more than can be numbered.
    pub fn add<'a>(
        &mut self,
        source: SourceIndex,
        shield: Shield,
        facts: impl IntoIterator<Item = &'a Fact>,
    ) -> Result<RecordIndex, TableError> {
        let index = u32::try_from(self.origins.len()).map_err(|_| TableError::TooMany)?;
        let cells = match shield {
            Shield::Open => self.model.cells(facts),
            Shield::Protected => Vec::new(),
        };
        self.builder.records(&[cells], 1)?;
        self.origins.push(Origin { source, shield });
        Ok(RecordIndex(index))
    }

    /// The records, complete.
    ///
    /// # Errors
    /// [`TableError`] when there are more values than can be numbered.
    pub fn finish(self, threads: usize) -> Result<Records, TableError> {
        Ok(Records {
            table: self.builder.finish(threads)?,
            origins: self.origins,
        })
    }
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// The records as columns, as they are compared.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The place of every record, in order.
    pub(super) fn indices(&self) -> impl Iterator<Item = RecordIndex> + use<> {
        (0..).map(RecordIndex).take(self.origins.len())
    }

    /// Whether a record is not protected.
    pub(super) fn is_open(&self, index: RecordIndex) -> bool {
        let origin = self.origins.get(index.0 as usize);
        origin.is_some_and(|origin| origin.shield == Shield::Open)
    }

    /// Whose a record is.
    pub(super) fn source(&self, index: RecordIndex) -> Option<SourceIndex> {
        Some(self.origins.get(index.0 as usize)?.source)
    }
}
