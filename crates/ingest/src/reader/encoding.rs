//! In which encoding bytes are text: told line by line and sign by sign, never guessed for a whole file from its mass.
//!
//! Lines that are UTF-8 are UTF-8, whatever else the file holds: where most lines beyond ASCII are, the others are
//! damaged, and each value of theirs says so. Where most are not, the file is Windows-1252 if its signs stand where
//! Windows-1252 has them; otherwise it is in no encoding that is read here.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::text::SAMPLE;
use crate::garbled::Signs;

/// What the beginning of a file tells of its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) encoding: &'static Encoding,
    /// Whether it was ASCII alone, so that the first other sign, further down, decides.
    is_open: bool,
}

impl Told {
    /// Whether places in the text are places in the file.
    pub(crate) fn is_utf8(self) -> bool {
        self.encoding == UTF_8
    }
}

/// The encoding of a file that begins with `sample`; `None` when it is none that is read here.
pub(crate) fn encoding(sample: &[u8]) -> Option<Told> {
    let told = |encoding| Told {
        encoding,
        is_open: false,
    };
    if let Some((marked, _)) = Encoding::for_bom(sample) {
        return Some(told(marked));
    }
    let is_zero = |(one, other): (&u8, &u8)| (*one == 0, *other == 0);
    let pairs = sample
        .iter()
        .step_by(2)
        .zip(sample.iter().skip(1).step_by(2));
    match pairs.take(2).map(is_zero).collect::<Vec<_>>().as_slice() {
        [(false, true), (false, true)] => return Some(told(UTF_16LE)),
        [(true, false), (true, false)] => return Some(told(UTF_16BE)),
        _ => {}
    }
    if sample.is_ascii() {
        return Some(Told {
            encoding: UTF_8,
            is_open: true,
        });
    }
    of_lines(sample, sample.len() as u64 == SAMPLE).map(told)
}

/// The encoding of bytes that are not ASCII alone; they may end within a character where they are `cut`.
fn of_lines(bytes: &[u8], cut: bool) -> Option<&'static Encoding> {
    match std::str::from_utf8(bytes) {
        Ok(_) => return Some(UTF_8),
        Err(error) if error.error_len().is_none() && cut => return Some(UTF_8),
        Err(_) => {}
    }
    let (mut are, mut are_not, mut signs) = (0_usize, 0_usize, Signs::default());
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        match std::str::from_utf8(line) {
            Ok(line) if line.is_ascii() => {}
            Ok(_) => are += 1,
            Err(error) if error.error_len().is_none() && cut && bytes.ends_with(line) => {}
            Err(_) => {
                are_not += 1;
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(line);
                signs.add(Signs::of(&text));
            }
        }
    }
    if are >= are_not {
        return Some(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"uk"), Utf8Detection::Deny);
    (guess == WINDOWS_1252 && signs.are_right()).then_some(WINDOWS_1252)
}

/// Bytes on their way to be text.
pub(crate) struct Decoding {
    decoder: Decoder,
    is_open: bool,
    /// Whether another encoding was chosen on the way.
    pub(crate) has_changed: bool,
}

impl Decoding {
    /// From the first byte of a file on.
    pub(crate) fn from_start(told: Told) -> Self {
        Self {
            decoder: told.encoding.new_decoder_with_bom_removal(),
            is_open: told.is_open,
            has_changed: false,
        }
    }

    /// From within a file on.
    pub(crate) fn from_within(told: Told) -> Self {
        Self {
            decoder: told.encoding.new_decoder_without_bom_handling(),
            ..Self::from_start(told)
        }
    }

    /// Looks at bytes before they are decoded: the first that are not ASCII choose, where nothing did before.
    pub(crate) fn meet(&mut self, bytes: &[u8]) {
        if !self.is_open || bytes.is_ascii() {
            return;
        }
        self.is_open = false;
        // What is in none that is read here stays UTF-8, in which every such sign is told of as damaged.
        let chosen = of_lines(bytes, true).unwrap_or(UTF_8);
        if chosen != UTF_8 {
            self.has_changed = true;
            self.decoder = chosen.new_decoder_without_bom_handling();
        }
    }

    pub(crate) const fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the encoding of some lines.
    fn of(lines: &[&[u8]]) -> &'static str {
        encoding(&lines.join(&b"\n"[..])).map_or("none", |told| told.encoding.name())
    }

    #[test]
    fn lines_and_signs_tell_the_encoding() {
        let utf8 = "Chloé,Fïtzgerald".as_bytes();
        let windows = b"Ana\xefs,Br\xf6nte".as_slice();
        for (lines, name) in [
            (&[utf8, utf8, windows][..], "UTF-8"),
            (&[utf8, windows], "UTF-8"),
            (&[windows, windows, utf8], "windows-1252"),
            (&[windows], "windows-1252"),
            (&[b"O\x92Dwyer,Ren\xe9e"], "windows-1252"),
            (&[b"\x80 5, \x93Ada\x94 \x96 caf\xe9"], "windows-1252"),
            // Macintosh.
            (&[b"Zo\x91,Bront\x91"], "none"),
            (&[b"Jos\x8e,Garc\x92a"], "none"),
            // MS-DOS.
            (&[b"Jos\x82,M\x81ller"], "none"),
            (&[b"Zo\x89,Fran\x87ois"], "none"),
            // Central Europe.
            (
                &[b"\xa3ukasz,W\xf3jcik", b"Ma\xb3gorzata,D\xb9browska"],
                "none",
            ),
            (&[b"Vla\x9fa,Gra\xbfyna"], "none"),
        ] {
            assert_eq!(of(lines), name, "{lines:?}");
        }
        // A slip among many does not make them another encoding's.
        let mut many = vec![windows; 20];
        many.push(b"Zo\x91");
        assert_eq!(of(&many), "windows-1252");
    }

    #[test]
    fn what_begins_in_ascii_is_decided_by_the_first_other_sign() {
        for (later, reads) in [
            (b"Ana\xefs".as_slice(), "Anaïs"),
            ("Anaïs".as_bytes(), "Anaïs"),
            (b"Zo\x91", "Zo\u{fffd}"),
        ] {
            let mut decoding = Decoding::from_start(encoding(b"Ada").expect("ASCII"));
            let mut text = String::with_capacity(64);
            for (bytes, last) in [(b"Ada,".as_slice(), false), (later, true)] {
                decoding.meet(bytes);
                let _ = decoding.decoder().decode_to_string(bytes, &mut text, last);
            }
            assert_eq!(text, format!("Ada,{reads}"));
        }
    }
}
