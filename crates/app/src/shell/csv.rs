//! Lists as files: one way out for all of them, with reader, time and purpose at the foot (safety rule 9).
//!
//! [`Csv::give_out`] is the only way to answer with a list as a file.

use clearpicture_access::{Action, Scope};

use super::ctx::{Answer, Ctx};
use super::given_out::{GivenOut, stamp};

/// A file being written (RFC 4180).
#[derive(Debug, Clone)]
pub struct Csv(String);

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

    /// The answer: the file `list`, stamped with who takes it, once the read log tells that they do.
    ///
    /// `scope` is what its rows were selected by.
    ///
    /// # Errors
    /// [`Failure::Fault`](super::failure::Failure::Fault) when the read log cannot be written; nothing is given out then.
    pub async fn give_out<A: Action>(
        mut self,
        ctx: &Ctx,
        scope: &Scope<A>,
        list: &'static str,
    ) -> Answer {
        self.0.push_str("\r\n");
        self.row(&[&stamp(ctx)]);
        let file = GivenOut {
            list,
            name: format!("{list}.csv"),
            kind: "text/csv; charset=utf-8",
            bytes: self.0.into_bytes(),
        };
        file.give_out(ctx, scope).await
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
