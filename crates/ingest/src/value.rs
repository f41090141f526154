//! Values read strictly, by the types of their columns.

use std::borrow::Cow;

use clearpicture_kernel::numbers::{
    NhsNumberFault, PostcodeFault, UpnFault, nhs_number, postcode, upn,
};
use clearpicture_kernel::{Address, Code, Date, EmailAddress, Line, PhoneNumber};

use crate::date;
use crate::problem::Problem;
use crate::profile::{Column, Kind, Meaning, Written};

/// The code of whoever's whereabouts must not be told, in a column that says so.
pub(crate) const RESTRICTED: &str = "restricted";
/// The only other one: anything else would fail open.
pub(crate) const UNRESTRICTED: &str = "unrestricted";

/// A value, read by its column's type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Day(Date),
    Code(&'a Code),
    Number(i64),
    Flag(bool),
    Phone(PhoneNumber),
}

impl Value<'_> {
    /// It as text, for keys and comparisons.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Day(day) => Cow::Owned(day.to_string()),
            Value::Code(code) => Cow::Borrowed(code.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Value::Phone(phone) => Cow::Borrowed(phone.reveal()),
        }
    }
}

/// What a column can hold in this file beside what its profile says.
pub(crate) struct Reading<'a> {
    pub(crate) column: &'a Column,
    /// How the source writes days.
    pub(crate) dates: Written,
    /// What is written in the editions of other years.
    pub(crate) other_years: &'a [(String, Code)],
}

impl<'a> Reading<'a> {
    /// The value that `text` stands for; each problem with it is handed on.
    pub(crate) fn read(&self, text: &'a str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let text = constant(cleaned(text, find));
        if text.is_empty() || self.column.blanks.contains(text.as_ref()) {
            return None;
        }
        if self.column.means == Some(Meaning::Confidentiality) {
            return self.confidentiality(&text, find);
        }
        if is_of_spreadsheet(&text) {
            let formula = text.starts_with('=');
            find(if formula {
                Problem::Formula
            } else {
                Problem::SpreadsheetError
            });
            return None;
        }
        if self.column.kind != Kind::Code && stands_for_nothing(&text) {
            find(Problem::Placeholder);
            return None;
        }
        match self.column.kind {
            Kind::Text => line(text, find),
            Kind::Name => name(text, find),
            Kind::Address => address(text, find),
            Kind::Date => day(&text, self.dates, find),
            Kind::Code => self.code(&text, find),
            Kind::Number => self.number(&text, find),
            Kind::Flag => flag(&text, find),
            Kind::Phone => {
                let phone = dialable(&text);
                if phone.is_none() {
                    find(Problem::PhoneNotDialable);
                }
                phone.map(Value::Phone)
            }
            Kind::Email => {
                let email = EmailAddress::parse(&text);
                if email.is_err() {
                    find(Problem::EmailNotUsable);
                }
                email
                    .ok()
                    .map(|email| Value::Text(Cow::Owned(email.reveal().to_owned())))
            }
            Kind::NhsNumber => nhs(text, find),
            Kind::Upn => pupil(text, find),
            Kind::Postcode => place(text, find),
        }
    }

    fn code(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let column = self.column;
        if column.ambiguous.contains(text) {
            find(Problem::AmbiguousCode);
            return None;
        }
        if let Some(code) = column.codes.0.get(text) {
            if column.retired.contains(text) {
                find(Problem::RetiredCode);
            }
            return Some(Value::Code(code));
        }
        let in_other_letters = |written: &str| written.eq_ignore_ascii_case(text);
        let mut all = column.codes.0.iter();
        if let Some((_, code)) = all.find(|(written, _)| in_other_letters(written)) {
            find(Problem::CodeInOtherLetters);
            return Some(Value::Code(code));
        }
        let mut others = self.other_years.iter();
        if let Some((_, code)) = others.find(|(written, _)| written == text) {
            find(Problem::CodeOfAnotherYear);
            return Some(Value::Code(code));
        }
        find(Problem::UnknownCode);
        None
    }

    /// Whether where somebody is must not be told. Of several codes any restriction protects, and so does whatever is
    /// not known to leave it open: a code of another list, a damaged value, a word that nobody foresaw.
    fn confidentiality(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let codes = &self.column.codes.0;
        let means = |written: &str| {
            let mut all = codes.iter();
            let found = codes.get(written).or_else(|| {
                all.find(|(known, _)| known.eq_ignore_ascii_case(written))
                    .map(|(_, code)| code)
            });
            found.filter(|_| !self.column.ambiguous.contains(written))
        };
        let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '/' | '+');
        let each: Vec<Option<&Code>> = match means(text) {
            Some(code) => vec![Some(code)],
            None => text
                .split(is_between)
                .filter(|one| !one.is_empty())
                .map(means)
                .collect(),
        };
        if each.iter().any(Option::is_none) {
            find(Problem::UnknownCode);
        }
        let open = |code: &Option<&Code>| code.is_some_and(|code| code.as_str() == UNRESTRICTED);
        let is_open = !each.is_empty() && each.iter().all(open);
        let code = if is_open { UNRESTRICTED } else { RESTRICTED };
        let mut known = codes.values();
        known.find(|one| one.as_str() == code).map(Value::Code)
    }

    fn number(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let number = match text.parse::<i64>() {
            Ok(number) => number,
            Err(_) => match whole_decimal(text) {
                Some(number) => {
                    if !self.column.decimals {
                        find(Problem::NumberAsDecimal);
                    }
                    number
                }
                None => {
                    find(Problem::NotANumber);
                    return None;
                }
            },
        };
        let below = self.column.least.is_some_and(|least| number < least);
        if below || self.column.most.is_some_and(|most| number > most) {
            find(Problem::NumberOutOfRange);
        }
        Some(Value::Number(number))
    }
}

/// `134.0` as 134.
fn whole_decimal(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.')?;
    let nought = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    if nought { whole.parse().ok() } else { None }
}

/// The text without space around it, without characters that nobody sees, and with plain spaces for no-break ones.
pub(crate) fn cleaned<'a>(text: &'a str, find: &mut dyn FnMut(Problem)) -> Cow<'a, str> {
    // Nearly every value is plain, and is told to be so in one pass over its bytes.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let text = text.trim_ascii();
        if text.contains('&') && is_markup(text) {
            find(Problem::Markup);
        }
        return Cow::Borrowed(text);
    }
    let (plain, odd) = plain_spaces(text);
    if odd {
        find(Problem::NoBreakSpace);
    }
    if plain.contains(char::REPLACEMENT_CHARACTER) {
        find(Problem::DamagedCharacters);
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

fn is_markup(text: &str) -> bool {
    ["&amp;", "&lt;", "&gt;", "&nbsp;", "&quot;", "&#", "<br"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// The text without space around it, and with plain spaces for no-break ones; whether there were any.
pub(crate) fn plain_spaces(text: &str) -> (Cow<'_, str>, bool) {
    let odd = |c: char| matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}');
    if text.contains(odd) {
        let plain = text.replace(odd, " ");
        (Cow::Owned(plain.trim().to_owned()), true)
    } else {
        (Cow::Borrowed(text.trim()), false)
    }
}

/// What `="0001001"` says: systems write it so that a spreadsheet keeps the noughts, and nothing is worked out in it.
fn constant(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.starts_with('=') {
        return text;
    }
    let inner = |text: &str| {
        let inner = text.strip_prefix("=\"")?.strip_suffix('"')?;
        (!inner.contains('"')).then(|| (2, 2 + inner.len()))
    };
    match (inner(&text), text) {
        (Some((start, end)), Cow::Borrowed(text)) => {
            Cow::Borrowed(text.get(start..end).unwrap_or(text))
        }
        (Some((start, end)), Cow::Owned(text)) => {
            Cow::Owned(text.get(start..end).unwrap_or(&text).to_owned())
        }
        (None, text) => text,
    }
}

fn is_of_spreadsheet(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=') => text.len() > 1,
        Some(b'#') => [
            "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
        ]
        .iter()
        .any(|error| error.eq_ignore_ascii_case(text)),
        _ => false,
    }
}

/// Whether the words only say that nothing is known. `Null` and `None` are somebody's family names.
fn stands_for_nothing(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or_default();
    // Nearly every value is told from all of them by its first sign.
    matches!(
        first,
        b'-' | b'.' | b'?' | b'n' | b'N' | b't' | b'T' | b'u' | b'U'
    ) && text.len() <= 14
        && [
            "-",
            "--",
            ".",
            "?",
            "??",
            "n/a",
            "n/k",
            "tbc",
            "tba",
            "not known",
            "unknown",
            "not recorded",
            "not stated",
            "not applicable",
        ]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text))
}

fn line<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    if fits_in_line(&text) {
        return Some(Value::Text(text));
    }
    find(Problem::UnusableValue);
    None
}

fn fits_in_line(text: &str) -> bool {
    let plain = text.len() <= Line::MOST && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    plain || Line::parse(text).is_ok()
}

fn name<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        find(Problem::DigitsInName);
    }
    let is = |word: &str| word.eq_ignore_ascii_case(&text);
    if ["baby", "unborn", "unborn child", "unborn baby", "infant"]
        .into_iter()
        .any(is)
    {
        find(Problem::UnbornName);
    }
    line(text, find)
}

fn address<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    if Address::parse(&text).is_ok() {
        return Some(Value::Text(text));
    }
    find(Problem::UnusableValue);
    None
}

fn day<'a>(text: &str, written: Written, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    match date::read(text, written) {
        Ok((day, as_usual)) => {
            if !as_usual {
                find(Problem::DateWrittenOtherwise);
            }
            Some(Value::Day(day))
        }
        Err(problem) => {
            find(problem);
            None
        }
    }
}

fn flag<'a>(text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    let is = |word: &&str| word.eq_ignore_ascii_case(text);
    if ["1", "y", "yes", "true", "t"].iter().any(is) {
        return Some(Value::Flag(true));
    }
    if ["0", "n", "no", "false", "f"].iter().any(is) {
        return Some(Value::Flag(false));
    }
    find(Problem::NotYesOrNo);
    None
}

fn nhs<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    match nhs_number(&text) {
        Ok(()) => {}
        Err(NhsNumberFault::Shape) => find(Problem::NhsNumberShape),
        Err(NhsNumberFault::Check) => find(Problem::NhsNumberCheck),
        Err(NhsNumberFault::Test) => find(Problem::NhsNumberTest),
        Err(NhsNumberFault::Repeated) => {
            find(Problem::NhsNumberRepeated);
            return None;
        }
    }
    line(text, find)
}

fn pupil<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    match upn(&text) {
        Ok(()) => {}
        Err(UpnFault::Shape) => find(Problem::UpnShape),
        Err(UpnFault::Letter) => find(Problem::UpnLetter),
        Err(UpnFault::Check) => find(Problem::UpnCheck),
        Err(UpnFault::Temporary) => find(Problem::UpnTemporary),
    }
    line(text, find)
}

fn place<'a>(text: Cow<'a, str>, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
    match postcode(&text) {
        Ok(()) => {}
        Err(PostcodeFault::Shape) => find(Problem::PostcodeShape),
        Err(PostcodeFault::Partial) => find(Problem::PostcodePartial),
        Err(PostcodeFault::Pseudo) => find(Problem::PostcodePseudo),
    }
    line(text, find)
}

/// A British number as it is dialled: a nought and nine or ten digits.
pub(crate) fn dialable(text: &str) -> Option<PhoneNumber> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.'));
    if !plain || text.chars().skip(1).any(|c| c == '+') {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = if text.starts_with('+') {
        digits.strip_prefix("44")?
    } else if let Some(rest) = digits.strip_prefix("0044") {
        rest
    } else {
        digits.strip_prefix('0')?
    };
    // `+44(0)20 …`: the nought is for those who dial within the country.
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    let fits =
        matches!(rest.len(), 9 | 10) && rest.starts_with(['1', '2', '3', '5', '7', '8', '9']);
    if !fits {
        return None;
    }
    PhoneNumber::parse(&format!("0{rest}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_read_as_the_table_says() {
        let lines = include_str!("../cases/phones.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            let Some((written, read)) = line.split_once('|') else {
                continue;
            };
            let (written, read) = (written.trim(), read.trim());
            let found = dialable(written);
            let expected = (read != "none").then_some(read);
            assert_eq!(
                found.as_ref().map(PhoneNumber::reveal),
                expected,
                "{written}"
            );
        }
    }

    #[test]
    fn no_break_spaces_become_spaces() {
        assert_eq!(plain_spaces("a\u{a0}b "), (Cow::Borrowed("a b"), true));
        assert_eq!(plain_spaces(" a b"), (Cow::Borrowed("a b"), false));
    }
}
