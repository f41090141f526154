//! Bytes as text: the digest taken, and no record beyond a bound.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::CoderResult;
use sha2::{Digest as _, Sha256};

use super::delimited::Marks;
use super::encoding::{Decoding, Told};

/// The most bytes of text that one record may have.
pub(crate) const MOST_OF_RECORD: usize = 1 << 20;
/// How much of the beginning of a file its encoding is told from.
pub(crate) const SAMPLE: u64 = 1 << 20;
/// How much of the beginning tells which marks part values.
const BEGINNING: usize = 64 << 10;
const CHUNK: usize = 16 << 10;

/// What the reader of records is told of the text that went by.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Bytes since the record began.
    pub(crate) since_record: Cell<usize>,
    /// Whether another bound counts: that of elements.
    pub(crate) unbounded: Cell<bool>,
    /// Whether the bound was passed.
    pub(crate) too_long: Cell<bool>,
    /// Whether there is no more of it.
    pub(crate) ended: Cell<bool>,
    /// Whether the text so far ends within quotation marks.
    pub(crate) quoted: Cell<bool>,
    /// Whether it had quotation marks, so that line ends may stand within values.
    pub(crate) has_quotes: Cell<bool>,
    /// The last byte of text.
    pub(crate) last: Cell<Option<u8>>,
    /// Lines that end `\n` alone, and those that end `\r\n`, outside quotation marks.
    pub(crate) bare_ends: Cell<u64>,
    pub(crate) full_ends: Cell<u64>,
}

impl Seen {
    /// Whether the last line has no end.
    pub(crate) fn is_cut(&self) -> bool {
        !matches!(self.last.get(), Some(b'\n' | b'\r'))
    }

    pub(crate) fn line_ends_differ(&self) -> bool {
        self.bare_ends.get() > 0 && self.full_ends.get() > 0
    }
}

/// Takes the digest of what is read through it.
pub(crate) struct Digesting<R> {
    from: R,
    hasher: Sha256,
}

impl<R: Read> Digesting<R> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            hasher: Sha256::new(),
        }
    }

    /// What it reads from.
    pub(crate) fn into_inner(self) -> R {
        self.from
    }

    /// Reads what is left, and gives the digest of the whole.
    pub(crate) fn finish(&mut self) -> io::Result<clearpicture_kernel::Digest> {
        io::copy(self, &mut io::sink())?;
        let digest = self.hasher.clone().finalize();
        clearpicture_kernel::Digest::from_slice(&digest)
            .ok_or_else(|| io::Error::other("no digest"))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        if let Some(bytes) = into.get(..count) {
            self.hasher.update(bytes);
        }
        Ok(count)
    }
}

/// The beginning of a text, for telling its marks.
pub(crate) fn beginning(sample: &[u8], encoding: Told) -> String {
    let start = sample.get(..BEGINNING).unwrap_or(sample);
    let (text, _) = encoding.encoding.decode_with_bom_removal(start);
    text.into_owned()
}

/// The beginning of a file, from which its encoding is told.
pub(crate) fn sample(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    from.take(SAMPLE).read_to_end(&mut sample)?;
    Ok(sample)
}

/// Text as UTF-8, with a bound on how much of it one record may take.
pub(crate) struct Text<R> {
    from: R,
    decoding: Decoding,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    ended: bool,
    finished: bool,
    place: Place,
    marks: Marks,
    seen: Rc<Seen>,
}

/// Where in a record the text stands: as the reader of records counts quotation marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

impl Place {
    const fn after(self, byte: u8, marks: Marks) -> Self {
        let quote = byte == marks.quote;
        match self {
            Self::Quoted if quote => Self::QuoteInQuoted,
            Self::Quoted => Self::Quoted,
            Self::FieldStart | Self::QuoteInQuoted if quote => Self::Quoted,
            _ if byte == marks.delimiter || byte == b'\n' || byte == b'\r' => Self::FieldStart,
            _ => Self::Plain,
        }
    }
}

impl<R: Read> Text<R> {
    pub(crate) fn new(from: R, encoding: Told, marks: Marks, seen: Rc<Seen>) -> Self {
        Self {
            from,
            decoding: Decoding::from_start(encoding),
            raw: vec![0; CHUNK],
            raw_from: 0,
            raw_to: 0,
            ended: false,
            finished: false,
            place: Place::FieldStart,
            marks,
            seen,
        }
    }

    /// Goes through a text byte by byte; how many lines end `\n` alone, and how many `\r\n`.
    fn look_at_each(&mut self, text: &[u8], mut before: u8) -> (u64, u64) {
        let (mut bare, mut full) = (0, 0);
        for byte in text {
            if *byte == b'\n' && self.place != Place::Quoted {
                if before == b'\r' {
                    full += 1;
                } else {
                    bare += 1;
                }
            }
            self.place = self.place.after(*byte, self.marks);
            before = *byte;
        }
        (bare, full)
    }

    /// The same for a text without a quotation mark, of which only the ends of lines and the last byte tell anything.
    fn look_at_all(&mut self, text: &[u8], before: u8) -> (u64, u64) {
        if self.place == Place::Quoted {
            return (0, 0);
        }
        if let Some(last) = text.last() {
            self.place = self.place.after(*last, self.marks);
        }
        let ends = text.iter().filter(|byte| **byte == b'\n').count() as u64;
        let pairs = text.iter().zip(text.iter().skip(1));
        let mut full = pairs.filter(|pair| *pair == (&b'\r', &b'\n')).count() as u64;
        full += u64::from(before == b'\r' && text.first() == Some(&b'\n'));
        (ends - full, full)
    }

    /// Takes the blanks away with which fields begin, as `a, "b"` has them: a quotation mark begins a field only where it
    /// is the first. How much is left, at the beginning of `text`.
    fn without_padding(&mut self, text: &mut [u8]) -> usize {
        let mut place = self.place;
        let mut left = 0;
        for at in 0..text.len() {
            let Some(byte) = text.get(at).copied() else {
                break;
            };
            if place == Place::FieldStart && byte == b' ' {
                continue;
            }
            place = place.after(byte, self.marks);
            if let Some(kept) = text.get_mut(left) {
                *kept = byte;
            }
            left += 1;
        }
        left
    }

    fn look_at(&mut self, text: &[u8]) {
        let before = self.seen.last.get().unwrap_or_default();
        let (bare, full) = if text.contains(&self.marks.quote) {
            self.seen.has_quotes.set(true);
            self.look_at_each(text, before)
        } else {
            self.look_at_all(text, before)
        };
        self.seen.bare_ends.set(self.seen.bare_ends.get() + bare);
        self.seen.full_ends.set(self.seen.full_ends.get() + full);
        self.seen.quoted.set(self.place == Place::Quoted);
        if let Some(last) = text.last() {
            self.seen.last.set(Some(*last));
        }
        let since = self.seen.since_record.get().saturating_add(text.len());
        self.seen.since_record.set(since);
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.finished {
            self.seen.ended.set(true);
            return Ok(0);
        }
        // What was read ahead for the next record counts here as well: the exact bound is the reader's of records.
        if !self.seen.unbounded.get() && self.seen.since_record.get() > MOST_OF_RECORD + 4 * CHUNK {
            self.seen.too_long.set(true);
            return Err(io::Error::other("a record beyond the bound"));
        }
        loop {
            if self.raw_from == self.raw_to && !self.ended {
                self.raw_from = 0;
                self.raw_to = self.from.read(&mut self.raw)?;
                self.ended = self.raw_to == 0;
                let raw = self.raw.get(..self.raw_to).unwrap_or_default();
                self.decoding.meet(raw);
            }
            let raw = self.raw.get(self.raw_from..self.raw_to).unwrap_or_default();
            let decoder = self.decoding.decoder();
            let (result, read, mut written, _) = decoder.decode_to_utf8(raw, into, self.ended);
            self.raw_from += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if self.marks.is_padded {
                let text = into.get_mut(..written).unwrap_or_default();
                written = self.without_padding(text);
            }
            if written > 0 {
                let text = into.get(..written).unwrap_or_default();
                self.look_at(text);
                return Ok(written);
            }
            if self.finished {
                self.seen.ended.set(true);
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::encoding;
    use super::*;

    const MARKS: Marks = Marks {
        delimiter: b',',
        quote: b'"',
        is_padded: false,
    };

    fn text(seen: &Rc<Seen>) -> Text<io::Empty> {
        let encoding = encoding(b"").expect("ASCII");
        Text::new(io::empty(), encoding, MARKS, Rc::clone(seen))
    }

    proptest! {
        /// What is told of a text does not depend on how it comes, nor on which parts hold a quotation mark.
        #[test]
        fn looking_at_pieces_tells_what_looking_at_each_byte_does(
            pieces in prop::collection::vec("[a,\r\n]{0,6}\"?[a,\"\r\n]{0,4}", 0..8),
        ) {
            let (seen, plain) = (Rc::new(Seen::default()), Rc::new(Seen::default()));
            let mut whole = text(&seen);
            for piece in &pieces {
                whole.look_at(piece.as_bytes());
            }
            let mut each = text(&plain);
            let all = pieces.concat();
            let (bare, full) = each.look_at_each(all.as_bytes(), 0);
            prop_assert!(whole.place == each.place);
            prop_assert_eq!((seen.bare_ends.get(), seen.full_ends.get()), (bare, full));
        }
    }
}
