//! Days as offices write them, read only where one day can be meant.

use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Date, Timestamp};

use crate::problem::Problem;
use crate::profile::Written;

/// Years in which what a source tells of can lie.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;
/// The signs of `2010-05-01`.
const ISO_DAY: usize = 10;
/// A day, and the way of writing it where a profile can name that.
type Shaped = (Date, Option<Written>);

/// The numbers that a spreadsheet gives the days from 1954 to 2064.
const SERIALS: std::ops::RangeInclusive<u32> = 20_000..=60_000;

/// The day that `text` means to a source that writes days as `written`, and whether it is written so.
pub(crate) fn read(text: &str, written: Written) -> Result<(Date, bool), Problem> {
    if let Some(day) = of_greenwich(text) {
        return within_years(day, written == Written::Iso);
    }
    let text = without_time(text);
    let bytes = text.as_bytes();
    let (day, shape) = match *bytes {
        [a, b, c, d, b'-', e, f, b'-', g, h] => (
            numbered(&[a, b, c, d], &[e, f], &[g, h])?,
            Some(Written::Iso),
        ),
        [a, b, b'/', c, d, b'/', e, f, g, h] => (
            slashed([&[a, b], &[c, d], &[e, f, g, h]], written)?,
            Some(Written::DayFirst),
        ),
        _ => otherwise(text, written)?,
    };
    within_years(day, shape == Some(written))
}

fn within_years(day: Date, as_usual: bool) -> Result<(Date, bool), Problem> {
    if YEARS.contains(&day.year()) {
        Ok((day, as_usual))
    } else {
        Err(Problem::UnlikelyDate)
    }
}

/// The day here of a moment by Greenwich: `2010-06-30T23:00:00Z` is the first of July, as whoever wrote it meant.
fn of_greenwich(text: &str) -> Option<Date> {
    let moment = text
        .strip_suffix('Z')
        .or_else(|| text.strip_suffix("+00:00"))?;
    if !matches!(
        moment.as_bytes(),
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', ..]
    ) {
        return None;
    }
    text.parse::<Timestamp>().ok().map(day_of)
}

/// The text before a time of day and a zone: of a moment only the day is read.
fn without_time(text: &str) -> &str {
    // Nearly every day stands alone, and none that stands alone is longer but those with a month in words.
    if text.len() <= ISO_DAY {
        return text;
    }
    if let Some((day, zone)) = text.split_at_checked(ISO_DAY)
        && is_zone(zone)
        && numbers(day).count() == 3
    {
        return day;
    }
    for (place, _) in text.match_indices([' ', 'T', 't', '-']) {
        let rest = text.get(place + 1..).unwrap_or_default();
        if !rest.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let before = text.get(..place).unwrap_or(text);
        if is_time(before, rest) {
            return before.trim_end_matches([' ', ',']);
        }
    }
    text
}

/// The parts of a text between marks and spaces.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
}

/// Whether what follows a day is a time: `09:30`, `9:30:00.000`, `9.30 p.m.`, `0930`, `9AM`. With colons it is one whatever
/// its numbers are; otherwise a whole day stands before it, since numbers beside one another may be a day's.
fn is_time(before: &str, text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((hour, rest)) = text.split_at_checked(digits) else {
        return false;
    };
    if digits <= 2 && rest.starts_with(':') {
        return numbers(before).next().is_some() && !before.ends_with('-');
    }
    let is_four = |part: &str| part.len() == 4 && number(part.as_bytes()).is_some();
    let is_compact = before.len() == 8 && number(before.as_bytes()).is_some();
    let parts = numbers(before).count();
    let is_day = is_compact || (parts == 3 && numbers(before).any(is_four));
    let within = |part: &str, most: u32| number(part.as_bytes()).is_some_and(|it| it < most);
    match (digits, hour.split_at_checked(2)) {
        (1 | 2, _) if within(hour, 25) => match rest.strip_prefix('.') {
            Some(minute) => {
                let (minute, rest) = minute.split_at_checked(2).unwrap_or_default();
                parts >= 3 && within(minute, 60) && (is_rest(rest) || is_seconds(rest))
            }
            None => is_day && !rest.is_empty() && is_rest(rest),
        },
        (4 | 6, Some((hour, minutes))) => {
            is_day
                && within(hour, 25)
                && minutes.get(..2).is_some_and(|minute| within(minute, 60))
                && is_rest(rest)
        }
        _ => false,
    }
}

/// Whether what follows hours and minutes is `.00`, with parts of a second or without, and what may follow a time.
fn is_seconds(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':');
    text.starts_with(['.', ':']) && is_rest(text.trim_start_matches(plain))
}

/// Whether it is what may follow a time: nothing, half of the day, or a zone.
fn is_rest(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let half = ["am", "pm", "a.m.", "p.m.", "h", "hrs", "hours"].contains(&text.as_str());
    text.is_empty() || half || is_zone(&text)
}

/// Whether it is a zone, as the days and moments of XML may carry one: `Z`, `+01:00`, `-0500`, `GMT`.
fn is_zone(text: &str) -> bool {
    if ["z", "utc", "gmt", "bst"]
        .iter()
        .any(|zone| zone.eq_ignore_ascii_case(text))
    {
        return true;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    let digits = offset.replacen(':', "", 1);
    digits.len() == 4 && number(digits.as_bytes()).is_some()
}

fn number(digits: &[u8]) -> Option<u32> {
    let mut sum = 0_u32;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        sum = sum.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
    }
    (!digits.is_empty()).then_some(sum)
}

fn numbered(year: &[u8], month: &[u8], day: &[u8]) -> Result<Date, Problem> {
    let parts = (number(year), number(month), number(day));
    let (Some(year), Some(month), Some(day)) = parts else {
        return Err(Problem::ImpossibleDate);
    };
    date(year, month, day)
}

fn date(year: u32, month: u32, day: u32) -> Result<Date, Problem> {
    let year = i16::try_from(year).map_err(|_| Problem::ImpossibleDate)?;
    let month = i8::try_from(month).map_err(|_| Problem::ImpossibleDate)?;
    let day = i8::try_from(day).map_err(|_| Problem::ImpossibleDate)?;
    Date::new(year, month, day).map_err(|_| Problem::ImpossibleDate)
}

/// Three numbers with the year last: the day first or the month first.
fn slashed(parts: [&[u8]; 3], written: Written) -> Result<Date, Problem> {
    let [first, second, year] = parts.map(number);
    let (Some(first), Some(second), Some(year)) = (first, second, year) else {
        return Err(Problem::ImpossibleDate);
    };
    let [_, _, digits] = parts;
    if digits.len() == 2 {
        return Err(Problem::TwoDigitYear);
    }
    if digits.len() != 4 {
        return Err(Problem::ImpossibleDate);
    }
    if second > 12 && (1..=12).contains(&first) && date(year, first, second).is_ok() {
        return Err(Problem::MonthFirst);
    }
    if written != Written::DayFirst && first <= 12 && second <= 12 && first != second {
        return Err(Problem::AmbiguousDate);
    }
    date(year, second, first)
}

/// Whatever is not in one of the two commonest shapes.
fn otherwise(text: &str, written: Written) -> Result<Shaped, Problem> {
    let bytes = text.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) || text.strip_suffix(".0").is_some() {
        return digits(text.strip_suffix(".0").unwrap_or(text));
    }
    let mut parts = text
        .split(['/', '-', '.', ' ', ','])
        .filter(|part| !part.is_empty());
    let three = (parts.next(), parts.next(), parts.next(), parts.next());
    let (first, second, third) = match three {
        (Some(first), Some(second), Some(third), None) => (first, second, third),
        (Some(first), Some(second), None, _) if is_part(first, second) => {
            return Err(Problem::PartialDate);
        }
        _ => return Err(Problem::ImpossibleDate),
    };
    if let Some(found) = named(first, second, third) {
        return found;
    }
    let parts = [first, second, third].map(str::as_bytes);
    if first.len() == 4 {
        let [year, month, day] = parts;
        return Ok((numbered(year, month, day)?, None));
    }
    // Two, two and four digits are day, month and year whatever stands between them.
    let is_whole = first.len() == 2 && second.len() == 2 && third.len() == 4;
    let usual = (is_whole && written == Written::DayFirst).then_some(written);
    Ok((slashed(parts, written)?, usual))
}

fn is_part(first: &str, second: &str) -> bool {
    let year = |text: &str| text.len() == 4 && number(text.as_bytes()).is_some();
    let month = |text: &str| {
        month_named(text).is_some()
            || number(text.as_bytes()).is_some_and(|it| (1..=12).contains(&it))
    };
    (year(first) && month(second)) || (month(first) && year(second))
}

/// Digits alone: a day without marks between, a year, or a spreadsheet's number.
fn digits(text: &str) -> Result<Shaped, Problem> {
    match *text.as_bytes() {
        [a, b, c, d, e, f, g, h] => Ok((
            numbered(&[a, b, c, d], &[e, f], &[g, h])?,
            Some(Written::Compact),
        )),
        [_, _, _, _]
            if number(text.as_bytes()).is_some_and(|year| (1900..=2100).contains(&year)) =>
        {
            Err(Problem::PartialDate)
        }
        [_, _, _, _, _]
            if number(text.as_bytes()).is_some_and(|serial| SERIALS.contains(&serial)) =>
        {
            Err(Problem::DateAsNumber)
        }
        _ => Err(Problem::ImpossibleDate),
    }
}

/// A day whose month is a name: only one day can be meant.
fn named(first: &str, second: &str, third: &str) -> Option<Result<Shaped, Problem>> {
    let whole = |text: &str| {
        number(
            text.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h'])
                .as_bytes(),
        )
    };
    let (year, month, day, shape) = if let Some(month) = month_named(second) {
        if first.len() == 4 {
            (first, month, third, Some(Written::NamedMonth))
        } else {
            (third, month, first, None)
        }
    } else {
        (third, month_named(first)?, second, None)
    };
    if year.len() == 2 {
        return Some(Err(Problem::TwoDigitYear));
    }
    let (Some(year), Some(day)) = (number(year.as_bytes()), whole(day)) else {
        return Some(Err(Problem::ImpossibleDate));
    };
    Some(date(year, month, day).map(|day| (day, shape)))
}

fn month_named(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = text.to_ascii_lowercase();
    let fits = |month: &&str| lower.len() >= 3 && month.starts_with(&lower);
    let place = MONTHS.iter().position(fits)?;
    u32::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_the_table_says() {
        let lines = include_str!("../cases/days.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let [written, iso, day_first] = parts.as_slice() else {
                panic!("three parts: {line}");
            };
            for (way, expected) in [(Written::Iso, iso), (Written::DayFirst, day_first)] {
                let found = match read(written, way) {
                    Ok((day, true)) => day.to_string(),
                    Ok((day, false)) => format!("{day} otherwise"),
                    Err(problem) => problem.code().to_owned(),
                };
                assert_eq!(found, **expected, "{written} where days are {way:?}");
            }
        }
    }

    #[test]
    fn a_month_may_be_named_as_usual() {
        let day = Date::constant(2020, 4, 25);
        assert_eq!(
            read("2020-Apr-25 00:00:00", Written::NamedMonth),
            Ok((day, true))
        );
        assert_eq!(read("20200425", Written::Compact), Ok((day, true)));
    }
}
