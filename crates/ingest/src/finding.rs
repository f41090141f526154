//! One doubt about a file, a row or a value.

use std::sync::Arc;

use crate::problem::Problem;

/// One doubt. It names places, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub problem: Problem,
    /// The table of the profile, where it has several.
    pub table: Option<Arc<str>>,
    /// The data record, from 1, headings not counted; `None` when it is the file's.
    pub row: Option<u64>,
    /// The profile's name of the column, where one is to blame.
    pub column: Option<Arc<str>>,
}

impl Problem {
    /// It, of the whole file.
    pub(crate) fn of_file(self) -> Finding {
        Finding {
            problem: self,
            table: None,
            row: None,
            column: None,
        }
    }

    /// It, of a column.
    pub(crate) fn of_column(self, column: Arc<str>) -> Finding {
        Finding {
            column: Some(column),
            ..self.of_file()
        }
    }

    /// It, of a record.
    pub(crate) fn at(self, row: u64, column: Option<Arc<str>>) -> Finding {
        Finding {
            row: Some(row),
            column,
            ..self.of_file()
        }
    }
}
