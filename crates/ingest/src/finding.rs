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
    /// The row as whoever opens the file in a spreadsheet sees it numbered; `None` where the file is no sheet.
    pub sheet_row: Option<u64>,
    /// The profile's name of the column, where one is to blame.
    pub column: Option<Arc<str>>,
    /// What stands there, where [`Asked::values`](crate::Asked::values) asks for it.
    pub written: Option<Written>,
}

impl Finding {
    /// Where it is, for people: a row as the sheet numbers it, or a record of a file that is no sheet; `None` when it is
    /// of the whole file.
    pub fn place(&self) -> Option<String> {
        match (self.row_in_words(), &self.column) {
            (Some(row), Some(column)) => Some(format!("{row}, {column}")),
            (None, Some(column)) => Some(format!("column {column}")),
            (row, None) => row,
        }
    }

    /// Its row for people; `None` when it is of no row.
    pub fn row_in_words(&self) -> Option<String> {
        match (self.sheet_row, self.row) {
            (Some(row), _) => Some(format!("row {row} of the sheet")),
            (None, record) => record.map(|record| format!("record {record}")),
        }
    }

    /// The number of its row for people, as [`Finding::place`] has it.
    pub fn row_for_people(&self) -> Option<u64> {
        self.sheet_row.or(self.row)
    }

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
            sheet_row: None,
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
