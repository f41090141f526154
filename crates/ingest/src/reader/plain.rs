//! Rows of delimited text as they stand, for those who have no profile for it.
//!
//! A file may be read in shares, each by a thread of its own. A share begins behind the end of a line, which may stand
//! within quotation marks; so each tells where its first record began, and where the first record behind it does. They
//! are right when each ends where the next began.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};

use super::delimited::Marks;
use super::encoding::{Decoding, Told, encoding};
use super::text::{MOST_OF_RECORD, beginning, sample};
use crate::problem::Problem;
use crate::shape::{is_around, is_blank, may_be_around};

/// So many bytes are read at once.
const CHUNK: usize = 128 << 10;
/// A share has so many bytes at least.
const LEAST_OF_SHARE: u64 = 4 << 20;

/// With which a text in UTF-8 may begin, and which is not of the text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row of delimited text.
#[derive(Debug, Clone, Copy)]
pub struct TextRow<'r> {
    text: &'r str,
    cells: &'r [Range<usize>],
}

impl TextRow<'_> {
    /// What it has in a place; nothing beyond its end.
    pub fn cell(&self, place: usize) -> &str {
        let found = self
            .cells
            .get(place)
            .and_then(|range| self.text.get(range.clone()));
        found.unwrap_or_default()
    }

    /// How many cells it has.
    pub const fn width(&self) -> usize {
        self.cells.len()
    }

    /// What it is under so many headings.
    pub fn under(&self, headings: usize) -> TextRowIs {
        let cells = || (0..self.width()).map(|place| self.cell(place));
        let first = self.cell(0);
        // Nearly every row is told to be one by its first two cells.
        if self.width() == headings && !may_be_around(first) && !self.cell(1).is_empty() {
            return TextRowIs::Row;
        }
        if is_blank(cells()) || is_around(cells()) {
            return TextRowIs::None;
        }
        match self.width() {
            width if width < headings => {
                // One value alone tells nobody from others.
                let values = cells().filter(|cell| !cell.trim().is_empty()).count();
                if values > 1 || headings < 3 {
                    TextRowIs::EndsEarly
                } else {
                    TextRowIs::Misfit
                }
            }
            _ if is_blank(cells().skip(headings)) => TextRowIs::Row,
            _ => TextRowIs::Misfit,
        }
    }
}

/// What a row is, as the headings above it tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRowIs {
    /// A row, under whose headings all its values are.
    Row,
    /// A row that has no values for the last headings.
    EndsEarly,
    /// None: without a value, or a line that an export writes around its rows.
    None,
    /// One that has more or fewer values than belong under the headings.
    Misfit,
}

/// A share of the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextShare {
    from: u64,
    to: u64,
}

impl TextShare {
    /// All of a file.
    pub const WHOLE: Self = Self {
        from: 0,
        to: u64::MAX,
    };

    /// Whether it begins with the headings.
    pub const fn is_first(self) -> bool {
        self.from == 0
    }

    /// A file in so many shares or fewer: one where it is short, is not in UTF-8, or cannot be read
    /// from the middle. It stands at its beginning afterwards.
    ///
    /// # Errors
    /// Only what the bytes themselves give.
    pub fn of(mut file: impl Read + Seek, most: usize) -> io::Result<Vec<Self>> {
        let Ok(length) = file.seek(SeekFrom::End(0)) else {
            return Ok(vec![Self::WHOLE]);
        };
        let shares = (length / LEAST_OF_SHARE).min(most as u64);
        file.rewind()?;
        if shares < 2 || !encoding(&sample(&mut file)?).is_some_and(Told::is_utf8) {
            file.rewind()?;
            return Ok(vec![Self::WHOLE]);
        }
        let mut starts = vec![0];
        for share in 1..shares {
            let mut start = length / shares * share;
            file.seek(SeekFrom::Start(start))?;
            let mut line = Vec::new();
            file.by_ref()
                .take(MOST_OF_RECORD as u64)
                .read_to_end(&mut line)?;
            let Some(end) = line.iter().position(|byte| *byte == b'\n') else {
                starts.truncate(1);
                break;
            };
            start += end as u64 + 1;
            starts.push(start);
        }
        file.rewind()?;
        let ends = starts.iter().skip(1).copied().chain([u64::MAX]);
        Ok(starts
            .iter()
            .zip(ends)
            .map(|(from, to)| Self { from: *from, to })
            .collect())
    }
}

/// Where the records of a share were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextEdges {
    first: Option<u64>,
    next: Option<u64>,
    is_exact: bool,
    is_damaged: bool,
}

impl TextEdges {
    /// Whether some signs were none in the encoding of the file, and stand as U+FFFD.
    pub const fn is_damaged(self) -> bool {
        self.is_damaged
    }

    /// Whether shares of one file, in order, are all that it holds, and each record was read once.
    pub fn fit(shares: &[Self]) -> bool {
        let meet = |two: &[Self]| match two {
            [one, other] => one.next == other.first,
            _ => true,
        };
        shares.iter().all(|share| share.is_exact) && shares.windows(2).all(meet)
    }
}

/// Goes through the records of a share of delimited text, of the first the headings first, whatever marks part them,
/// until `each` has enough. Empty lines are none.
///
/// # Errors
/// Only what the bytes themselves give. What is wrong with the text is a [`Problem`]: all before it was handed on.
pub fn text_rows(
    mut file: impl Read + Seek,
    share: TextShare,
    mut each: impl FnMut(TextRow<'_>) -> ControlFlow<()>,
) -> io::Result<Result<TextEdges, Problem>> {
    let beginning_of = sample(&mut file)?;
    if beginning_of.is_empty() {
        return Ok(Err(Problem::EmptyFile));
    }
    let Some(encoding) = encoding(&beginning_of) else {
        return Ok(Err(Problem::UnknownEncoding));
    };
    let marks = Marks::of(&beginning(&beginning_of, encoding));
    let read: &mut dyn Read = match share.from {
        0 => &mut beginning_of.as_slice().chain(file),
        from => {
            file.seek(SeekFrom::Start(from))?;
            &mut file
        }
    };
    let mut text = Text::new(read, share, encoding);
    if share.from == 0 && beginning_of.starts_with(BYTE_ORDER_MARK) {
        text.before = BYTE_ORDER_MARK.len() as u64;
    }
    let mut cells = Cells::default();
    let mut edges = TextEdges::default();
    loop {
        text.skip_ends_of_lines()?;
        edges.is_damaged = text.is_mended;
        edges.is_exact = !text.is_mended && !text.decoding.has_changed;
        if text.rest().is_empty() {
            return Ok(Ok(edges));
        }
        edges.first.get_or_insert(text.place());
        if text.place() >= share.to {
            edges.next = Some(text.place());
            return Ok(Ok(edges));
        }
        let length = loop {
            if let Some(length) = cells.find(text.rest(), marks, text.is_ended) {
                break length;
            }
            if text.rest().len() > MOST_OF_RECORD {
                return Ok(Err(Problem::RecordTooLong));
            }
            text.fill()?;
        };
        if length > MOST_OF_RECORD {
            return Ok(Err(Problem::RecordTooLong));
        }
        if cells.is_open {
            return Ok(Err(Problem::UnbalancedQuote));
        }
        if each(cells.row(text.rest())).is_break() {
            return Ok(Ok(edges));
        }
        text.from += length;
    }
}

/// Text as UTF-8, some at a time.
struct Text<R> {
    read: R,
    decoding: Decoding,
    raw: Vec<u8>,
    text: String,
    /// What of the text is done with.
    from: usize,
    /// Where the text began.
    before: u64,
    is_ended: bool,
    /// Whether what is no character was replaced, so that places no longer tell.
    is_mended: bool,
}

impl<R: Read> Text<R> {
    fn new(read: R, share: TextShare, encoding: Told) -> Self {
        Self {
            read,
            decoding: match share.from {
                0 => Decoding::from_start(encoding),
                _ => Decoding::from_within(encoding),
            },
            raw: vec![0; CHUNK],
            text: String::new(),
            from: 0,
            before: share.from,
            is_ended: false,
            is_mended: false,
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.from..).unwrap_or_default()
    }

    fn place(&self) -> u64 {
        self.before + self.from as u64
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.drain(..self.from);
        self.before += std::mem::take(&mut self.from) as u64;
        let count = match self.read.read(&mut self.raw) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            count => count?,
        };
        self.is_ended = count == 0;
        let raw = self.raw.get(..count).unwrap_or_default();
        self.decoding.meet(raw);
        let decoder = self.decoding.decoder();
        let room = decoder.max_utf8_buffer_length(count).unwrap_or(CHUNK * 3);
        self.text.reserve(room);
        let (_, _, mended) = decoder.decode_to_string(raw, &mut self.text, self.is_ended);
        self.is_mended |= mended;
        Ok(())
    }

    /// Goes to where the next record begins.
    fn skip_ends_of_lines(&mut self) -> io::Result<()> {
        loop {
            let ends = self
                .rest()
                .bytes()
                .take_while(|byte| matches!(byte, b'\n' | b'\r'));
            self.from += ends.count();
            if self.from < self.text.len() || self.is_ended {
                return Ok(());
            }
            self.fill()?;
        }
    }
}

/// Where the cells of a record are.
#[derive(Default)]
struct Cells {
    cells: Vec<Range<usize>>,
    /// The cells themselves, where they do not stand in the text as they are to be read.
    mended: String,
    is_mended: bool,
    /// Whether the text ended within quotation marks.
    is_open: bool,
}

impl Cells {
    fn row<'r>(&'r self, text: &'r str) -> TextRow<'r> {
        TextRow {
            text: if self.is_mended { &self.mended } else { text },
            cells: &self.cells,
        }
    }

    /// Finds the record with which a text begins; how long it is, or nothing when it goes on behind the text.
    fn find(&mut self, text: &str, marks: Marks, is_all: bool) -> Option<usize> {
        self.cells.clear();
        (self.is_mended, self.is_open) = (false, false);
        let bytes = text.as_bytes();
        let is_end = |byte: u8| byte == marks.delimiter || byte == b'\n' || byte == b'\r';
        let mut start = 0;
        loop {
            if marks.is_padded {
                let rest = bytes.get(start..).unwrap_or_default();
                start += rest.iter().take_while(|byte| **byte == b' ').count();
            }
            let (cell, end) = if bytes.get(start) == Some(&marks.quote) {
                let within = start + 1;
                let rest = bytes.get(within..).unwrap_or_default();
                let Some(quote) = rest.iter().position(|byte| *byte == marks.quote) else {
                    return self.mend(text, marks, is_all);
                };
                let end = within + quote;
                if bytes.get(end + 1).is_none_or(|byte| !is_end(*byte)) {
                    return self.mend(text, marks, is_all);
                }
                (within..end, end + 1)
            } else {
                let rest = bytes.get(start..).unwrap_or_default();
                match rest.iter().position(|byte| is_end(*byte)) {
                    Some(length) => (start..start + length, start + length),
                    None if is_all => (start..text.len(), text.len()),
                    None => return None,
                }
            };
            self.cells.push(cell);
            if bytes.get(end) != Some(&marks.delimiter) {
                return Some(text.len().min(end + 1));
            }
            start = end + 1;
        }
    }

    /// The same letter by letter, for a record in which quotation marks stand otherwise than around a cell.
    fn mend(&mut self, text: &str, marks: Marks, is_all: bool) -> Option<usize> {
        #[derive(PartialEq, Eq)]
        enum At {
            Start,
            Plain,
            Quoted,
            QuoteInQuoted,
        }
        self.cells.clear();
        self.mended.clear();
        self.is_mended = true;
        let (quote, delimiter) = (char::from(marks.quote), char::from(marks.delimiter));
        let (mut at, mut start) = (At::Start, 0);
        for (place, letter) in text.char_indices() {
            let is_quote = letter == quote;
            at = match at {
                At::Start if marks.is_padded && letter == ' ' => At::Start,
                At::Start if is_quote => At::Quoted,
                At::Quoted if is_quote => At::QuoteInQuoted,
                At::QuoteInQuoted if is_quote => {
                    self.mended.push(letter);
                    At::Quoted
                }
                At::Quoted => {
                    self.mended.push(letter);
                    At::Quoted
                }
                _ if letter == delimiter || letter == '\n' || letter == '\r' => {
                    self.cells.push(start..self.mended.len());
                    start = self.mended.len();
                    if letter != delimiter {
                        return Some(place + 1);
                    }
                    At::Start
                }
                _ => {
                    self.mended.push(letter);
                    At::Plain
                }
            };
        }
        self.cells.push(start..self.mended.len());
        self.is_open = at == At::Quoted;
        is_all.then_some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8], share: TextShare) -> (Vec<Vec<String>>, Result<TextEdges, Problem>) {
        let mut rows = Vec::new();
        let found = text_rows(Cursor::new(text), share, |row| {
            rows.push(
                (0..row.width())
                    .map(|place| row.cell(place).to_owned())
                    .collect(),
            );
            ControlFlow::Continue(())
        });
        (rows, found.expect("nothing but memory is read"))
    }

    /// As the reader of files with a profile has it.
    fn records(text: &str) -> Vec<Vec<String>> {
        let marks = Marks::of(text);
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(marks.delimiter)
            .quote(marks.quote);
        // A file whose quotation marks stand behind blanks is another matter: see below.
        let records = builder.from_reader(text.as_bytes()).into_records();
        records
            .map(|record| record.expect("text").iter().map(str::to_owned).collect())
            .collect()
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_reader_of_records(
            pieces in prop::collection::vec("[a,é\r\n]{0,5}\"?[a,;\"\r\n]{0,4}", 0..8),
        ) {
            let text = pieces.concat();
            let (rows, found) = read(text.as_bytes(), TextShare::WHOLE);
            let wanted = records(&text);
            match found {
                Ok(_) => prop_assert_eq!(rows, wanted),
                Err(Problem::EmptyFile) => prop_assert!(text.is_empty()),
                Err(problem) => {
                    prop_assert_eq!(problem, Problem::UnbalancedQuote);
                    prop_assert_eq!(&rows[..], &wanted[..wanted.len() - 1]);
                }
            }
        }

        /// Wherever a file is parted behind the end of a line, either the shares fit and are the whole, or they do not fit.
        #[test]
        fn shares_that_fit_are_the_whole(
            pieces in prop::collection::vec("[ab,\n]{0,6}\"?[a,\"\n]{0,3}", 1..8),
            lines in any::<prop::sample::Index>(),
        ) {
            let text = format!("h,i\n{}", pieces.concat());
            let ends: Vec<u64> = (1..).zip(text.bytes()).filter(|(_, byte)| *byte == b'\n').map(|(end, _)| end).collect();
            let middle = *lines.get(&ends);
            let (whole, all) = read(text.as_bytes(), TextShare::WHOLE);
            let (mut rows, one) = read(text.as_bytes(), TextShare { from: 0, to: middle });
            let (rest, other) = read(text.as_bytes(), TextShare { from: middle, to: u64::MAX });
            if let (Ok(one), Ok(other)) = (one, other) && TextEdges::fit(&[one, other]) {
                rows.extend(rest);
                prop_assert!(all.is_ok());
                prop_assert_eq!(rows, whole);
            }
        }
    }

    #[test]
    fn blanks_before_quotation_marks_are_none_of_the_value() {
        let text = "\"id\", \"name\", \"home\"\n\"1\", \"Marsh, Ada\", \"1 Fen \"\"Lane\"\"\"\n";
        let (rows, found) = read(text.as_bytes(), TextShare::WHOLE);
        assert!(found.is_ok());
        assert_eq!(
            rows,
            [
                ["id", "name", "home"],
                ["1", "Marsh, Ada", "1 Fen \"Lane\""]
            ]
        );
    }

    #[test]
    fn rows_are_told_from_what_stands_around_them() {
        let is = |line: &str| {
            let mut found = None;
            let read = text_rows(Cursor::new(line), TextShare::WHOLE, |row| {
                found = Some(row.under(4));
                ControlFlow::Break(())
            });
            assert!(read.is_ok_and(|read| read.is_ok()), "{line}");
            found.expect("a row")
        };
        for (line, what) in [
            ("1,Marsh,Ada,x", TextRowIs::Row),
            ("1,Marsh,,", TextRowIs::Row),
            (",,,x", TextRowIs::Row),
            ("1,Marsh", TextRowIs::EndsEarly),
            ("1,Marsh,Ada,x,,", TextRowIs::Row),
            ("-1,Marsh,Ada,x", TextRowIs::Row),
            ("1", TextRowIs::Misfit),
            ("1,Marsh,Ada,x,y", TextRowIs::Misfit),
            (",,,", TextRowIs::None),
            (" , ,,", TextRowIs::None),
            (",", TextRowIs::None),
            ("---,-----,---,-", TextRowIs::None),
            ("===;===", TextRowIs::None),
            ("(2 rows affected)", TextRowIs::None),
            ("2 rows selected.,,,", TextRowIs::None),
        ] {
            assert_eq!(is(line), what, "{line}");
        }
    }

    #[test]
    fn long_text_is_read_in_pieces_and_in_shares() {
        let mut text = String::from("\u{feff}id,home\r\n");
        let line = |number| format!("{number},\"{number} Mill Lane, \"\"Öre\"\"\"\r\n");
        text.extend((0..400_000).map(line));
        let (whole, found) = read(text.as_bytes(), TextShare::WHOLE);
        assert!(found.is_ok());
        assert_eq!((whole.len(), whole[0][0].as_str()), (400_001, "id"));
        assert_eq!(whole[400_000], ["399999", "399999 Mill Lane, \"Öre\""]);
        let shares = TextShare::of(Cursor::new(&text), 3).expect("memory");
        assert_eq!(shares.len(), 3);
        let read: Vec<_> = shares
            .iter()
            .map(|share| read(text.as_bytes(), *share))
            .collect();
        let edges: Vec<TextEdges> = read.iter().map(|(_, found)| found.expect("fit")).collect();
        assert!(TextEdges::fit(&edges));
        assert_eq!(
            read.into_iter()
                .flat_map(|(rows, _)| rows)
                .collect::<Vec<_>>(),
            whole
        );
    }

    #[test]
    fn a_line_within_quotation_marks_is_no_share() {
        let text = "a,b\n1,\"x\ny\"\n2,z\n";
        let one = read(text.as_bytes(), TextShare { from: 0, to: 9 })
            .1
            .expect("text");
        let other = read(
            text.as_bytes(),
            TextShare {
                from: 9,
                to: u64::MAX,
            },
        )
        .1
        .expect("text");
        assert!(!TextEdges::fit(&[one, other]));
    }
}
