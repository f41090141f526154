//! Delimited text: which marks part its values, and its records one by one.

use std::io::{self, Read};
use std::rc::Rc;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::text::{MOST_OF_RECORD, Seen, Text};
use crate::problem::Problem;
use crate::profile::Written;

/// Which marks part values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    /// Whether blanks stand between the mark and the quotation mark behind it.
    pub(crate) is_padded: bool,
}

/// How many lines of the beginning tell the marks.
const LINES: usize = 10;

impl Marks {
    /// The marks of a text that begins so.
    pub(crate) fn of(beginning: &str) -> Self {
        let lines: Vec<&str> = beginning.lines().take(LINES).collect();
        // A first line such as `sep=;` is a spreadsheet's own way of saying it.
        let said = lines
            .first()
            .and_then(|line| line.trim().strip_prefix("sep="));
        let said = said.and_then(|said| said.bytes().next());
        let most = |quote: u8| {
            let count = |delimiter: u8| -> usize {
                lines.iter().map(|line| parts(line, delimiter, quote)).sum()
            };
            [b',', b'\t', b';', b'|']
                .into_iter()
                .rev()
                .max_by_key(|delimiter| count(*delimiter))
        };
        let quote = if is_in_single_quotes(&lines) {
            b'\''
        } else {
            b'"'
        };
        let delimiter = said.or_else(|| most(quote)).unwrap_or(b',');
        Self {
            delimiter,
            quote,
            is_padded: is_padded(&lines, delimiter, quote),
        }
    }
}

/// How often the mark stands outside quotation marks.
fn parts(line: &str, delimiter: u8, quote: u8) -> usize {
    let mut within = false;
    let mut count = 0;
    for byte in line.bytes() {
        if byte == quote {
            within = !within;
        } else if byte == delimiter && !within {
            count += 1;
        }
    }
    count
}

/// Whether each value of the first line stands between single quotation marks.
fn is_in_single_quotes(lines: &[&str]) -> bool {
    let Some(line) = lines.first() else {
        return false;
    };
    let line = line.trim();
    let parted = line.contains("','") || line.contains("', '");
    line.len() > 2 && line.starts_with('\'') && line.ends_with('\'') && parted
}

/// Whether quotation marks begin values behind a blank, as in `a, "b"`, and nowhere without one.
fn is_padded(lines: &[&str], delimiter: u8, quote: u8) -> bool {
    let (mut with, mut without) = (false, false);
    for line in lines {
        // Where marks have no partner, a blank does not tell what they are.
        if line.bytes().filter(|byte| *byte == quote).count() % 2 == 1 {
            return false;
        }
        let fields = line
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == delimiter);
        for (place, _) in fields {
            let field = line.get(place + 1..).unwrap_or_default();
            let value = field.trim_start_matches(' ');
            if value.as_bytes().first() == Some(&quote) {
                without |= value.len() == field.len();
                with |= value.len() < field.len();
            }
        }
    }
    with && !without
}

/// What came next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A record.
    Record,
    /// The last record, after which the text breaks off without the end of a line.
    Cut,
    /// A record that is faulty in itself.
    Faulty(Problem),
    /// There is no more.
    End,
    /// The file cannot be read on.
    Refused(Problem),
}

/// Rows, one after the other, headings first.
pub(crate) trait Rows {
    /// The next row.
    ///
    /// # Errors
    /// Only what the file itself gives.
    fn next(&mut self, into: &mut StringRecord) -> io::Result<Next>;

    /// How days are written from now on that the source knows to be days: as their readers expect them.
    fn days_are(&mut self, _: Written) {}

    /// Whether empty values at the end of a row need not be there.
    fn leaves_out(&self) -> bool {
        false
    }

    /// The row of the sheet on which the record stands that came last, from 1, as a spreadsheet that opens the file
    /// numbers it.
    fn sheet_row(&self) -> Option<u64>;

    /// What the text as a whole gave reason to say, once it is at its end.
    fn ending(&self) -> Option<Problem>;
}

/// The records of a text.
pub(crate) struct Records<R> {
    reader: Reader<Text<R>>,
    seen: Rc<Seen>,
    /// One record ahead: what ends the text is told of its last record.
    ahead: StringRecord,
    state: State,
    /// Line ends within values, up to the record ahead.
    within: u64,
    /// The rows of the sheet of the record that was handed on, and of the one ahead.
    row: u64,
    row_ahead: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    Before,
    /// A record is held ahead.
    Ahead,
    /// The record that was handed on was the last.
    After,
    /// It cannot be read on.
    Refused,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(text: Text<R>, seen: Rc<Seen>, marks: Marks) -> Self {
        let mut builder = ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(marks.delimiter)
            .quote(marks.quote);
        Self {
            reader: builder.from_reader(text),
            seen,
            ahead: StringRecord::new(),
            state: State::Before,
            within: 0,
            row: 0,
            row_ahead: 0,
        }
    }

    /// Reads the record ahead.
    fn fill(&mut self) -> io::Result<State> {
        let start = self.reader.position().byte();
        let read = self.reader.read_record(&mut self.ahead);
        self.seen.since_record.set(0);
        let length = self.reader.position().byte().saturating_sub(start);
        if self.seen.too_long.get() || length > MOST_OF_RECORD as u64 {
            return Ok(State::Refused);
        }
        if !read? {
            return Ok(State::After);
        }
        self.number();
        Ok(State::Ahead)
    }

    /// Numbers the record ahead as a spreadsheet does: an empty line is a row, and a line end within a value is none.
    fn number(&mut self) {
        if self.seen.has_quotes.get() {
            let text = self.ahead.as_byte_record().as_slice();
            self.within += text.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        // Where lines end `\r\n` the `\n` is read with the next record.
        let line = self.reader.position().line();
        let are_bare = self.seen.bare_ends.get() >= self.seen.full_ends.get();
        let ends_before = are_bare && !self.is_at_end();
        let row = line.saturating_sub(self.within + u64::from(ends_before));
        self.row_ahead = row.max(self.row_ahead + 1);
    }

    /// Whether the text ends without the end of a line, and all of it was read.
    fn is_at_end(&self) -> bool {
        self.seen.ended.get() && self.seen.is_cut()
    }
}

impl<R: Read> Rows for Records<R> {
    fn next(&mut self, into: &mut StringRecord) -> io::Result<Next> {
        if self.state == State::Before {
            self.state = self.fill()?;
        }
        match self.state {
            State::Ahead => {}
            State::Before | State::After => return Ok(Next::End),
            State::Refused => return Ok(Next::Refused(Problem::RecordTooLong)),
        }
        std::mem::swap(into, &mut self.ahead);
        self.row = self.row_ahead;
        self.state = self.fill()?;
        let last = self.state == State::After;
        Ok(match last {
            true if self.seen.quoted.get() => Next::Faulty(Problem::UnbalancedQuote),
            true if self.seen.is_cut() => Next::Cut,
            _ => Next::Record,
        })
    }

    fn sheet_row(&self) -> Option<u64> {
        Some(self.row)
    }

    fn ending(&self) -> Option<Problem> {
        let differ = self.seen.line_ends_differ();
        differ.then_some(Problem::MixedLineEnds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_the_first_lines() {
        for (text, delimiter, quote) in [
            ("a,b,c\n1,2,3\n", b',', b'"'),
            ("a;b;c\n1,5;2;3\n", b';', b'"'),
            ("a\tb\n1\t2,3\n", b'\t', b'"'),
            ("a|b|c", b'|', b'"'),
            ("sep=;\na;b", b';', b'"'),
            ("\"a,b,c\";d\n\"1,2,3\";4", b';', b'"'),
            ("'a','b'\n'1','2'\n", b',', b'\''),
            ("a", b',', b'"'),
            ("", b',', b'"'),
        ] {
            let is_padded = false;
            let marks = Marks {
                delimiter,
                quote,
                is_padded,
            };
            assert_eq!(Marks::of(text), marks, "{text}");
        }
    }

    #[test]
    fn blanks_before_quotation_marks_are_told_from_those_of_values() {
        for (text, is_padded) in [
            ("\"a\", \"b\"\n\"1\", \"2, 3\"\n", true),
            ("'a', 'b'\n'1', '2'\n", true),
            ("a, \"b\"\n", true),
            ("\"a\",\"b\"\n\"1\", \"2\"\n", false),
            ("a, b\n1, 2\n", false),
            ("a,b\n1, 5\" nail\n", false),
        ] {
            assert_eq!(Marks::of(text).is_padded, is_padded, "{text}");
        }
    }
}
