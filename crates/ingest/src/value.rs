//! Values read strictly: a day, a telephone number, a text.

use std::borrow::Cow;

use clearpicture_kernel::{Date, PhoneNumber};

/// A day written `YYYY-MM-DD`, perhaps with a midnight after it.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text
        .strip_suffix("00:00:00")
        .map_or(text, |day| day.trim_end_matches([' ', 'T']));
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()
}

fn number(text: &str, digits: usize) -> Option<i16> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of one table: what is written, and what is read of it.
    fn cases(table: &'static str) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| line.split_once('|'))
            .map(|(written, read)| {
                let read = read.trim();
                (written.trim(), (read != "none").then_some(read))
            })
    }

    #[test]
    fn days_are_read_as_the_table_says() {
        for (written, read) in cases(include_str!("../cases/days.txt")) {
            let found = day(written).map(|day| day.to_string());
            assert_eq!(found.as_deref(), read, "{written}");
        }
    }

    #[test]
    fn telephone_numbers_are_read_as_the_table_says() {
        for (written, read) in cases(include_str!("../cases/phones.txt")) {
            let found = dialable(written);
            assert_eq!(found.as_ref().map(PhoneNumber::reveal), read, "{written}");
        }
    }

    #[test]
    fn no_break_spaces_become_spaces() {
        assert_eq!(plain_spaces("a\u{a0}b "), (Cow::Borrowed("a b"), true));
        assert_eq!(plain_spaces(" a b"), (Cow::Borrowed("a b"), false));
    }
}
