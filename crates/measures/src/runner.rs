//! Who runs a measure's `SELECT`.

use std::pin::Pin;

use clearpicture_kernel::{AnalysisRow, AnalysisTable, AnalysisValue, Month, Timestamp};

/// Runs one `SELECT` over analysis tables.
pub trait Runner: Send + Sync {
    /// The rows of `sql`, columns in its order. Anything but a `SELECT`, and a function whose answer depends on more
    /// than the rows (the clock, chance), is refused.
    fn select<'a>(
        &'a self,
        sql: &'a str,
        over: Over<'a>,
        known: Known,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Row>, RunFault>> + Send + 'a>>;
}

/// What stands in the columns of one row of an answer.
pub type Row = Vec<Option<AnalysisValue>>;

/// The rows over which a `SELECT` runs.
#[derive(Debug, Clone, Copy)]
pub enum Over<'a> {
    /// Those that are kept, whoever asks: a figure is nobody's.
    Kept,
    /// These alone.
    Given(&'a [Given]),
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The table.
    pub table: AnalysisTable,
    /// Its rows.
    pub rows: Vec<AnalysisRow>,
}

/// The month that is asked for, and how much of history counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The month.
    pub month: Month,
    /// What was recorded from this moment on is left out.
    pub before: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunFault {
    /// The SQL cannot be run.
    #[error("its SQL cannot be run: {0}")]
    Sql(String),
    /// The SQL asks for more than the rows hold.
    #[error("its SQL is refused: {0}")]
    Refused(String),
    /// The answer is not what a measure gives.
    #[error("its SQL answers what no measure gives: {0}")]
    Answer(String),
    /// Nothing was ever kept.
    #[error("there are no analysis tables yet: make them with `clearpicture analysis refresh`")]
    NoTables,
    /// The tables cannot be read.
    #[error("the analysis tables cannot be read: {0}")]
    Tables(String),
}
