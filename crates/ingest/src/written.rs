//! Texts as offices and their programs write them: what of a text is its value, and which texts are none.

use std::borrow::Cow;

use crate::problem::Problem;

/// The text without space around it, without characters that nobody sees, and with plain spaces for no-break ones.
pub(crate) fn cleaned<'a>(text: &'a str, find: &mut dyn FnMut(Problem)) -> Cow<'a, str> {
    if let Some(plain) = plain(text, find) {
        return Cow::Borrowed(plain);
    }
    let (plain, odd) = plain_spaces(text);
    if odd {
        find(Problem::NoBreakSpace);
    }
    let unseen = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if plain.contains(unseen) {
        find(Problem::ControlCharacters);
        let seen: String = plain.chars().filter(|c| !unseen(*c)).collect();
        return Cow::Owned(seen.trim().to_owned());
    }
    if is_markup(&plain) {
        find(Problem::Markup);
    }
    plain
}

/// The same of a text that is plain, as nearly every value is: that is told in one pass over its bytes.
pub(crate) fn plain<'a>(text: &'a str, find: &mut dyn FnMut(Problem)) -> Option<&'a str> {
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let text = text.trim_ascii();
    if text.contains('&') && is_markup(text) {
        find(Problem::Markup);
    }
    Some(text)
}

fn is_markup(text: &str) -> bool {
    ["&amp;", "&lt;", "&gt;", "&nbsp;", "&quot;", "&#", "<br"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// The text without space around it, and with plain spaces for no-break ones; whether there were any.
fn plain_spaces(text: &str) -> (Cow<'_, str>, bool) {
    let odd = |c: char| matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}');
    if text.contains(odd) {
        let plain = text.replace(odd, " ");
        (Cow::Owned(plain.trim().to_owned()), true)
    } else {
        (Cow::Borrowed(text.trim()), false)
    }
}

/// A text without the marks by which a spreadsheet is told that it is one: `'0001001`, `="0001001"`. Nothing is worked
/// out: both are constants. `None` where it has none.
pub(crate) fn marked_as_text(text: &str) -> Option<&str> {
    match text.as_bytes() {
        [b'\'', next, ..] => {
            let rest = text.get(1..)?;
            let marks = next.is_ascii_digit() || matches!(next, b'=' | b'+' | b'-' | b'@');
            (marks && !rest.contains('\'')).then(|| rest.trim())
        }
        [b'=', b'"', .., b'"'] => {
            let inner = text.get(2..text.len() - 1)?;
            (!inner.contains('"')).then(|| inner.trim())
        }
        _ => None,
    }
}

/// What a spreadsheet left in the place of a value, if it is that.
pub(crate) fn of_spreadsheet(text: &str) -> Option<Problem> {
    const ERRORS: [&str; 9] = [
        "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    ];
    match text.as_bytes().first() {
        Some(b'=') if text.len() > 1 => Some(Problem::Formula),
        Some(b'#') => {
            let is_error = ERRORS.iter().any(|error| error.eq_ignore_ascii_case(text));
            is_error.then_some(Problem::SpreadsheetError)
        }
        _ => None,
    }
}

/// How a text says that there is no value, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// As a database or a program writes it where nobody typed anything: as good as empty.
    Empty,
    /// In such a word that is somebody's name as well: `Null`.
    Null,
    /// In such a word that may be an answer or a name: `None`, `Nan`.
    Word,
    /// In words that somebody typed.
    Typed,
}

/// Written by programs, and nobody's name.
const OF_PROGRAMS: [&str; 10] = [
    "(null)", "<null>", "[null]", "{null}", "\\N", "<na>", "<nil>", "(none)", "<none>", "#null",
];
/// Written by programs, and answers or names as well.
const WORDS: [&str; 5] = ["none", "nil", "na", "nan", "nat"];
const TYPED: [&str; 9] = [
    "n/a",
    "n/k",
    "tbc",
    "tba",
    "not known",
    "unknown",
    "not recorded",
    "not stated",
    "not applicable",
];

/// Whether a text only says that there is no value.
pub(crate) fn says_nothing(text: &str) -> Option<Nothing> {
    let first = text.bytes().next().unwrap_or_default();
    // Nearly every value is told from all of them by its first sign.
    if first.is_ascii_alphanumeric() && !matches!(first | 0x20, b'n' | b't' | b'u') {
        return None;
    }
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if text.len() <= 14 {
        if is_one_of(&["null", "undefined"]) || matches!(text, "NaN" | "NaT") {
            return Some(Nothing::Null);
        }
        if is_one_of(&WORDS) {
            return Some(Nothing::Word);
        }
        if is_one_of(&OF_PROGRAMS) {
            return Some(Nothing::Empty);
        }
        if is_one_of(&TYPED) {
            return Some(Nothing::Typed);
        }
    }
    let is_rule = |c: char| matches!(c, '-' | '.' | '?' | '_' | '*' | '–' | '—' | '…' | '~');
    text.chars().all(is_rule).then_some(Nothing::Typed)
}

/// Whether all words of a name, two at least, are a program's for nothing: `NULL NULL`.
pub(crate) fn is_nameless(name: &str) -> bool {
    if !name.starts_with(['N', 'n', 'U', 'u']) {
        return false;
    }
    let mut words = 0;
    let nothing = name
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .all(|word| {
            words += 1;
            is_word_for_nothing(word)
        });
    nothing && words > 1
}

/// Whether it is a program's word for nothing that may be a name, as programs spell it: `Nan` and `Nat` are names.
pub(crate) fn is_word_for_nothing(text: &str) -> bool {
    match says_nothing(text) {
        Some(Nothing::Null) => true,
        Some(Nothing::Word) => !matches!(text.as_bytes(), [b'N', b'a', ..]) && text != "nat",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_break_spaces_become_spaces() {
        assert_eq!(plain_spaces("a\u{a0}b "), (Cow::Borrowed("a b"), true));
        assert_eq!(plain_spaces(" a b"), (Cow::Borrowed("a b"), false));
    }

    #[test]
    fn constants_are_told_from_formulas_and_names() {
        for (text, value) in [
            ("'0001001", Some("0001001")),
            ("'+44 1632 960001", Some("+44 1632 960001")),
            ("'=1+1", Some("=1+1")),
            ("=\"0001001\"", Some("0001001")),
            ("=\"\"", Some("")),
            ("=\"a\"&\"b\"", None),
            ("=A1", None),
            ("'t Hoog", None),
            ("'98 to '99", None),
            ("0001001", None),
        ] {
            assert_eq!(marked_as_text(text), value, "{text}");
        }
    }

    #[test]
    fn words_for_nothing_are_told_from_names() {
        for (text, says) in [
            ("NULL", Some(Nothing::Null)),
            ("null", Some(Nothing::Null)),
            ("NaN", Some(Nothing::Null)),
            ("Nan", Some(Nothing::Word)),
            ("None", Some(Nothing::Word)),
            ("(null)", Some(Nothing::Empty)),
            ("<NULL>", Some(Nothing::Empty)),
            ("\\N", Some(Nothing::Empty)),
            ("N/K", Some(Nothing::Typed)),
            ("-", Some(Nothing::Typed)),
            ("-----", Some(Nothing::Typed)),
            ("— —", None),
            ("Nora", None),
            ("Nullmore", None),
            ("0", None),
        ] {
            assert_eq!(says_nothing(text), says, "{text}");
        }
        for (name, nameless) in [
            ("NULL NULL", true),
            ("null, null", true),
            ("Null", false),
            ("Ben Null", false),
            ("Nan Nat", false),
        ] {
            assert_eq!(is_nameless(name), nameless, "{name}");
        }
    }
}
