//! What kind of file some bytes are.

use crate::problem::Problem;

/// What a file is, as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Delimited,
    Xml,
    Json,
    Workbook,
    /// One that is not read.
    Refused(Problem),
}

/// How many signs of a text tell what it is.
const SIGNS: usize = 2_000;

impl Kind {
    /// The kind of a file that begins with `sample`.
    pub(crate) fn of(sample: &[u8]) -> Self {
        /// A workbook of before 2007, and one behind a password: both are the same kind of container.
        const CONTAINER: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
        const OTHERS: [&[u8]; 13] = [
            b"%PDF",
            b"\x89PNG",
            b"\xff\xd8\xff",
            b"\x1f\x8b",
            b"7z\xbc\xaf",
            b"Rar!",
            b"{\\rtf",
            b"GIF8",
            b"BZh",
            b"\xfd7zXZ",
            b"PAR1",
            b"PGDMP",
            b"SQLite format 3\0",
        ];
        if sample.starts_with(b"PK\x03\x04") {
            return Self::Workbook;
        }
        if sample.starts_with(CONTAINER) {
            let name: Vec<u8> = "EncryptedPackage"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let locked = sample.windows(name.len()).any(|part| part == name);
            return Self::Refused(if locked {
                Problem::LockedWorkbook
            } else {
                Problem::OldWorkbook
            });
        }
        if OTHERS.iter().any(|start| sample.starts_with(start)) {
            return Self::Refused(Problem::NotData);
        }
        Self::of_text(&signs(sample))
    }

    /// The kind of a text. One sign tells nothing: a heading may stand between brackets of any kind.
    fn of_text(signs: &str) -> Self {
        let mut after = signs.chars();
        let first = after.next();
        let second = after.find(|sign| !sign.is_whitespace());
        match (first, second) {
            _ if is_web_page(signs) => Self::Refused(Problem::WebPage),
            (Some('<'), Some('?' | '!' | '_' | 'a'..='z')) => {
                // A spreadsheet of 2003 may be written as XML.
                if signs.contains("urn:schemas-microsoft-com:office:spreadsheet") {
                    Self::Refused(Problem::OldWorkbook)
                } else {
                    Self::Xml
                }
            }
            (Some('{'), Some('"' | '}') | None)
            | (Some('['), Some('{' | '[' | '"' | ']') | None) => Self::Json,
            _ => Self::Delimited,
        }
    }
}

/// The first signs of a text in small letters, whatever its encoding: its marks, the noughts of wide encodings and space
/// before the first mean nothing.
fn signs(sample: &[u8]) -> String {
    let plain = sample
        .iter()
        .filter(|byte| !matches!(**byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff))
        .take(SIGNS);
    let text: String = plain
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    text.trim_start().to_owned()
}

/// Whether a text is a web page, or parts of a web page and what belongs to it in one.
fn is_web_page(signs: &str) -> bool {
    let begins = |start: &&str| signs.starts_with(start);
    let whole = signs.starts_with('<') && signs.contains("<html");
    whole
        || signs.starts_with("mime-version:")
        || [
            "<table",
            "<!doctype html",
            "<body",
            "<head",
            "<div",
            "<style",
            "<meta",
        ]
        .iter()
        .any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_told_from_one_sign() {
        let wide: Vec<u8> = "\u{feff}[{\"a\":1}]"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, kind) in [
            ("[CHILD],[SEX]\n1,2\n".as_bytes(), Kind::Delimited),
            (b"{CHILD},{SEX}\n1,2\n", Kind::Delimited),
            (b"<18,18+\n1,2\n", Kind::Delimited),
            (b"[{\"resourceType\":\"Patient\"}]", Kind::Json),
            (b"\xef\xbb\xbf \n[ {", Kind::Json),
            (b"[]", Kind::Json),
            (b"{ \"resourceType\"", Kind::Json),
            (&wide, Kind::Json),
            (b"<Message><Header/></Message>", Kind::Xml),
            (b"<?xml version=\"1.0\"?><Message/>", Kind::Xml),
            (b"<html><table>", Kind::Refused(Problem::WebPage)),
            (b"<TABLE><tr><td>", Kind::Refused(Problem::WebPage)),
            (
                b"<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html>",
                Kind::Refused(Problem::WebPage),
            ),
            (
                b"MIME-Version: 1.0\nContent-Type: multipart/related",
                Kind::Refused(Problem::WebPage),
            ),
            (
                b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Kind::Refused(Problem::OldWorkbook),
            ),
            (b"PAR1\x15", Kind::Refused(Problem::NotData)),
        ] {
            assert_eq!(Kind::of(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
