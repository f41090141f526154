//! One doubt about a file, a row or a value.

use std::sync::Arc;

use crate::problem::Problem;

/// The most characters of a sheet's name.
const LONGEST_NAME: usize = 40;

/// What stands in a place, for those who may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Written(String);

impl Written {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written(withheld)")
    }
}

/// One doubt. It names places; what stands there only where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub problem: Problem,
    /// The table of the profile, where it has several; or the sheet or kind of part that is told of.
    pub table: Option<Arc<str>>,
    /// The data record, from 1, headings not counted; `None` when it is the file's.
    pub row: Option<u64>,
    /// The profile's name of the column, where one is to blame.
    pub column: Option<Arc<str>>,
    /// What stands there, where [`Asked::values`](crate::Asked::values) asks for it.
    pub written: Option<Written>,
}

impl Finding {
    pub(crate) fn with_written(self, text: Option<&str>) -> Self {
        let written = text.filter(|text| !text.is_empty());
        Self {
            written: written.map(|text| Written(text.to_owned())),
            ..self
        }
    }

    /// Whether nothing of the file may be used for it, whatever else is in it.
    pub(crate) fn is_of_all(&self) -> bool {
        matches!(
            self.problem,
            Problem::ClinicData | Problem::DamagedWorkbook | Problem::WorkbookTooLarge
        )
    }
}

impl Problem {
    /// It, of the whole file.
    pub(crate) fn of_file(self) -> Finding {
        Finding {
            problem: self,
            table: None,
            row: None,
            column: None,
            written: None,
        }
    }

    /// It, of a sheet or another part of the file, by its name.
    pub(crate) fn of_sheet(self, name: &str) -> Finding {
        let short: String = name.chars().take(LONGEST_NAME).collect();
        Finding {
            table: Some(short.into()),
            ..self.of_file()
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
