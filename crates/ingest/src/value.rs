//! Values read strictly, by the types of their columns.

use std::borrow::Cow;

use clearpicture_kernel::numbers::{
    NhsNumberFault, PostcodeFault, UpnFault, nhs_number, postcode, upn,
};
use clearpicture_kernel::written::{has_lost_digits, whole_of_decimal};
use clearpicture_kernel::{Address, Code, Date, EmailAddress, Line, PhoneNumber};

use crate::date;
use crate::garbled::{self, Signs};
use crate::problem::Problem;
use crate::profile::{Column, Kind, Meaning, Written};
use crate::written::{
    Nothing, cleaned, is_nameless, marked_as_text, of_spreadsheet, plain, says_nothing,
};

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
    /// Whether rows or people are known by its values.
    pub(crate) identifies: bool,
}

/// A part of a text, if `of` finds one in it.
fn changed<'a>(text: &Cow<'a, str>, of: impl Fn(&str) -> Option<&str>) -> Option<Cow<'a, str>> {
    match text {
        Cow::Borrowed(text) => of(text).map(Cow::Borrowed),
        Cow::Owned(text) => of(text).map(|part| Cow::Owned(part.to_owned())),
    }
}

impl<'a> Reading<'a> {
    /// The value that `text` stands for; each problem with it is handed on.
    pub(crate) fn read(&self, text: &'a str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let column = self.column;
        let mut text = match plain(text, find) {
            Some(plain) => Cow::Borrowed(plain),
            None => self.beyond_ascii(text, find),
        };
        if text.is_empty() || column.blanks.contains(text.as_ref()) {
            return None;
        }
        if self.column.means == Some(Meaning::Confidentiality) {
            // What a database writes for nothing is an absent mark, which neither protects nor lifts anything.
            let is_absent = matches!(says_nothing(&text), Some(Nothing::Empty | Nothing::Null));
            return match is_absent {
                true => None,
                false => self.confidentiality(&text, find),
            };
        }
        if let Some(value) = changed(&text, marked_as_text) {
            text = value;
        } else if let Some(problem) = of_spreadsheet(&text) {
            find(problem);
            return None;
        }
        if text.is_empty() || self.is_nothing(&text, find) {
            return None;
        }
        if self.holds_numbers() {
            if has_lost_digits(&text) {
                find(Problem::DigitsLost);
                return None;
            }
            let identifies = self.identifies || column.kind == Kind::NhsNumber;
            if identifies && let Some(whole) = changed(&text, whole_of_decimal) {
                find(Problem::NumberAsDecimal);
                text = whole;
            }
        }
        match column.kind {
            Kind::Text => line(text, find),
            Kind::Name => name(text, find),
            Kind::Address => address(text, find),
            Kind::Date => day(&text, self.dates, find),
            Kind::Code => self.code(&text, find),
            Kind::Number => self.number(&text, find),
            Kind::Flag => self.flag(&text, find),
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

    /// A text with other signs than ASCII has: those that nobody can see stand as one that everybody can, but in codes,
    /// which are looked up.
    fn beyond_ascii(&self, text: &'a str, find: &mut dyn FnMut(Problem)) -> Cow<'a, str> {
        let kind = self.column.kind;
        let of_words = matches!(kind, Kind::Name | Kind::Address);
        if garbled::is_damaged(text) || (of_words && Signs::of(text).strange > 0) {
            find(Problem::DamagedCharacters);
        }
        match garbled::shown(text).filter(|_| kind != Kind::Code) {
            Some(shown) => Cow::Owned(cleaned(&shown, find).into_owned()),
            None => cleaned(text, find),
        }
    }

    /// Whether its values are numbers by which somebody is known, or text in which such a number may stand.
    const fn holds_numbers(&self) -> bool {
        let others = matches!(
            self.column.kind,
            Kind::Code | Kind::Number | Kind::Date | Kind::Flag
        );
        !others
    }

    /// Whether the text only says that there is no value; what somebody typed is told of, what a program wrote is as good
    /// as empty. A word that is a name as well is one: see [`crate::row`] for when it is not.
    fn is_nothing(&self, text: &str, find: &mut dyn FnMut(Problem)) -> bool {
        let nameless = || self.column.kind == Kind::Name && is_nameless(text);
        let nothing = says_nothing(text).or_else(|| nameless().then_some(Nothing::Typed));
        let Some(nothing) = nothing else {
            return false;
        };
        match (nothing, self.column.kind) {
            // A list of codes may have any of them.
            (_, Kind::Code) if self.column.codes.0.contains_key(text) => false,
            (Nothing::Empty, _) => true,
            (Nothing::Null | Nothing::Word, Kind::Name) => false,
            (Nothing::Null, _) => true,
            (Nothing::Word, Kind::Text | Kind::Address | Kind::Code) => false,
            (Nothing::Word, _) => true,
            (Nothing::Typed, Kind::Code) => false,
            (Nothing::Typed, _) => {
                find(Problem::Placeholder);
                true
            }
        }
    }

    fn code(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        if let Some(found) = self.code_written(text, find) {
            return found;
        }
        let of_whole = whole_of_decimal(text).and_then(|whole| self.code_written(whole, find));
        match &of_whole {
            Some(_) if self.column.decimals => {}
            Some(_) => find(Problem::NumberAsDecimal),
            None => find(Problem::UnknownCode),
        }
        of_whole.flatten()
    }

    /// What a text stands for that is in one of the column's lists, or may mean two codes of it; `None` when it is in none.
    fn code_written(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Option<Value<'a>>> {
        let column = self.column;
        if column.ambiguous.contains(text) {
            find(Problem::AmbiguousCode);
            return Some(None);
        }
        if let Some(code) = column.codes.0.get(text) {
            if column.retired.contains(text) {
                find(Problem::RetiredCode);
            }
            return Some(Some(Value::Code(code)));
        }
        let in_other_letters = |written: &str| written.eq_ignore_ascii_case(text);
        let mut all = column.codes.0.iter();
        if let Some((_, code)) = all.find(|(written, _)| in_other_letters(written)) {
            find(Problem::CodeInOtherLetters);
            return Some(Some(Value::Code(code)));
        }
        let mut others = self.other_years.iter();
        let (_, code) = others.find(|(written, _)| written == text)?;
        find(Problem::CodeOfAnotherYear);
        Some(Some(Value::Code(code)))
    }

    fn flag(&self, text: &str, find: &mut dyn FnMut(Problem)) -> Option<Value<'a>> {
        let whole = whole_of_decimal(text);
        let text = whole.unwrap_or(text);
        let is = |word: &&str| word.eq_ignore_ascii_case(text);
        let yes = ["1", "y", "yes", "true", "t"].iter().any(is);
        if !yes && !["0", "n", "no", "false", "f"].iter().any(is) {
            find(Problem::NotYesOrNo);
            return None;
        }
        if whole.is_some() && !self.column.decimals {
            find(Problem::NumberAsDecimal);
        }
        Some(Value::Flag(yes))
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
            Err(_) => match whole_of_decimal(text).and_then(|whole| whole.parse().ok()) {
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
}
