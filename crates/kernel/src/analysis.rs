//! Analysis tables: what measures count, without anything that tells who it is.
//!
//! A capability declares a table here as data, and says how its records and facts become rows. A row is never changed:
//! a later one with the same key takes its place, so the table *as known at* any moment is the newest row of each key
//! recorded before it. Nothing but what [`Holds`] names can stand in a row: no name, address, number of a person,
//! day of birth or free text.

use std::pin::Pin;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::Code;
use crate::digest::Digest;

/// One analysis table. Its key is its first column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnalysisTable {
    /// Its name in the SQL of measures.
    pub name: &'static str,
    /// What one row says, in a sentence.
    pub about: &'static str,
    /// Its columns, the key first.
    pub columns: &'static [AnalysisColumn],
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnalysisColumn {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it says, in a few words.
    pub about: &'static str,
}

impl AnalysisColumn {
    /// A column.
    pub const fn new(name: &'static str, holds: Holds, about: &'static str) -> Self {
        Self { name, holds, about }
    }
}

/// What may stand in an analysis table, and nothing else may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number that stands for one subject, person or record, and tells nothing of it.
    Surrogate,
    /// A code of a list.
    Code,
    /// A day.
    Day,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
}

/// What stands in one column of one row; `None` in its place is "not told".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnalysisValue {
    /// In a column that holds [`Holds::Surrogate`].
    Surrogate(i64),
    /// In a column that holds [`Holds::Code`].
    Code(Code),
    /// In a column that holds [`Holds::Day`].
    Day(Date),
    /// In a column that holds [`Holds::Number`].
    Number(i64),
    /// In a column that holds [`Holds::Flag`].
    Flag(bool),
}

impl AnalysisValue {
    /// The kind of column it belongs in.
    pub const fn holds(&self) -> Holds {
        match self {
            Self::Surrogate(_) => Holds::Surrogate,
            Self::Code(_) => Holds::Code,
            Self::Day(_) => Holds::Day,
            Self::Number(_) => Holds::Number,
            Self::Flag(_) => Holds::Flag,
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalysisRow {
    /// The entry of history that it comes from.
    pub seq: i64,
    /// Its place among the rows of that entry: of two with one key the later counts.
    pub place: i64,
    /// When the entry was recorded.
    pub recorded_at: Timestamp,
    /// What stands in each column, in the table's order.
    pub values: Vec<Option<AnalysisValue>>,
}

impl AnalysisRow {
    /// Whether the row is one of `table`: a value or "not told" for each column, of the kind that it holds, and a key.
    pub fn fits(&self, table: &AnalysisTable) -> bool {
        self.values.len() == table.columns.len()
            && self.values.first().is_some_and(Option::is_some)
            && self
                .values
                .iter()
                .zip(table.columns)
                .all(|(value, column)| {
                    value
                        .as_ref()
                        .is_none_or(|value| value.holds() == column.holds)
                })
    }
}

/// How far history goes, or went: an entry's number and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The number; 0 before the first entry.
    pub seq: i64,
    /// The hash.
    pub hash: Digest,
}

/// What comes of something that takes a while.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeepFault>> + Send + 'a>>;

/// Keeps analysis tables between one reading of history and the next.
pub trait Keeper: Send + Sync {
    /// How far what is kept goes; `None` when nothing is.
    ///
    /// # Errors
    /// [`KeepFault::Folder`] when it cannot be told.
    fn reach(&self) -> Result<Option<Reach>, KeepFault>;

    /// Begins to take rows in; nobody else does until it is finished or let go. What is kept of tables that are
    /// declared otherwise by now is left out.
    fn gather<'a>(&'a self, tables: &'a [AnalysisTable]) -> Later<'a, Box<dyn Gathering>>;
}

/// Rows being taken in. Let go without [`Gathering::finish`], it leaves everything as it was.
pub trait Gathering: Send {
    /// How far what is kept goes; `None` when nothing is.
    fn kept(&self) -> Option<Reach>;

    /// Leaves out what is kept, to begin anew.
    fn anew(&mut self);

    /// Adds rows of the table of this name.
    fn add<'a>(&'a mut self, table: &'a AnalysisTable, rows: Vec<AnalysisRow>) -> Later<'a, ()>;

    /// Keeps what was added, all of it or nothing: the tables go as far as `reach` now.
    fn finish(self: Box<Self>, reach: Reach) -> Later<'static, ()>;
}

/// Why analysis tables cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeepFault {
    /// Someone else is at it.
    #[error("the analysis tables are being refreshed already: wait for that to end")]
    Busy,
    /// A row is not one of its table.
    #[error("a row of the entry {seq} does not fit the analysis table `{table}`")]
    Misfit {
        /// The table.
        table: &'static str,
        /// The entry that the row comes from.
        seq: i64,
    },
    /// The folder fails.
    #[error("the folder of the analysis tables, `{place}`, cannot be used ({problem})")]
    Folder {
        /// The folder.
        place: String,
        /// What went wrong.
        problem: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: AnalysisTable = AnalysisTable {
        name: "visit",
        about: "A visit.",
        columns: &[
            AnalysisColumn::new("visit", Holds::Surrogate, "the visit"),
            AnalysisColumn::new("on", Holds::Day, "when"),
        ],
    };

    #[test]
    fn a_row_fits_its_table_or_does_not() {
        let row = |values| AnalysisRow {
            seq: 1,
            place: 0,
            recorded_at: Timestamp::UNIX_EPOCH,
            values,
        };
        let key = Some(AnalysisValue::Surrogate(7));
        assert!(row(vec![key.clone(), None]).fits(&TABLE));
        assert!(!row(vec![key.clone()]).fits(&TABLE));
        assert!(!row(vec![None, None]).fits(&TABLE));
        assert!(!row(vec![key, Some(AnalysisValue::Number(3))]).fits(&TABLE));
    }
}
