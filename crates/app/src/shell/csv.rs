//! Lists as files: one way of writing them, with reader, time and purpose at the foot (safety rule 9).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::ctx::Ctx;
use crate::words;

/// A file being written (RFC 4180).
#[derive(Debug, Clone)]
pub struct Csv(String);

/// Who took a file, when, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// The stamp of the reader at hand.
    pub fn of(ctx: &Ctx) -> Self {
        let who = ctx.who();
        Self(format!(
            "Taken by {}, {}, {}, on {}, for {}",
            who.name.reveal(),
            who.role,
            who.agency,
            words::moment(ctx.now()),
            ctx.purpose_code().title
        ))
    }
}

impl Csv {
    /// A file with this header.
    pub fn new(columns: &[&str]) -> Self {
        let mut csv = Self(String::from("\u{feff}"));
        csv.row(columns);
        csv
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&str]) {
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.0.push_str(&line.join(","));
        self.0.push_str("\r\n");
    }

    /// The file, stamped.
    pub fn finish(mut self, stamp: &Stamp) -> CsvFile {
        self.0.push_str("\r\n");
        self.row(&[&stamp.0]);
        CsvFile(self.0)
    }
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFile(String);

impl IntoResponse for CsvFile {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("text/csv; charset=utf-8");
        ([(header::CONTENT_TYPE, kind)], self.0).into_response()
    }
}

/// A cell in quotes where it needs them, and never a formula: a spreadsheet that
/// opens the file would run one.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let plain = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if plain.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", plain.replace('"', "\"\""))
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula_or_breaks_its_row() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("two\nlines"), "\"two\nlines\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
