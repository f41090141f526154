//! From text as written to the form that is compared. What was written is kept beside it and is what people see.
//!
//! The cases are a table, `cases/cleaning.txt`, which an analyst reads and extends.

use std::borrow::Cow;
use std::time::Duration;

use clearpicture_kernel::Date;
use rphonetic::{DaitchMokotoffSoundex, DoubleMetaphone};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const TITLES: [&str; 7] = ["mr", "mrs", "miss", "ms", "master", "mx", "dr"];

/// A name in the form that is compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Given names, one space between them.
    pub given: String,
    /// The family name.
    pub family: String,
}

/// An address in the form that is compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// All of it but the postcode.
    pub lines: String,
    /// The postcode, when one is there.
    pub postcode: Option<String>,
    /// The numbers of the building and the flat, in the order they stand.
    pub numbers: String,
}

/// Given and family name, set in order where one field holds both as `Family, Given`.
pub fn names(given: &str, family: &str) -> Names {
    for (both, other) in [(given, family), (family, given)] {
        if let Some((before, after)) = both.split_once(',') {
            let (before, after, other) = (words(before), words(after), words(other));
            if other.is_empty() || other == before || other == after {
                return Names {
                    given: after,
                    family: before,
                };
            }
        }
    }
    Names {
        given: words(given),
        family: words(family),
    }
}

/// The words of a name: lower case, without accents, apostrophes and titles; a hyphen parts words as a space does.
pub fn words(name: &str) -> String {
    let plain = plain(name);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let titles = words
        .iter()
        .take_while(|word| TITLES.contains(word))
        .count();
    let kept = if titles < words.len() { titles } else { 0 };
    words
        .into_iter()
        .skip(kept)
        .collect::<Vec<&str>>()
        .join(" ")
}

/// How a name sounds; nothing for one with letters outside the English alphabet, which the method does not know.
pub fn sound(name: &str) -> String {
    let letters: String = name.chars().filter(|c| *c != ' ').collect();
    if letters.chars().all(|c| c.is_ascii_lowercase()) {
        DoubleMetaphone::default()
            .double_metaphone(&letters)
            .primary()
    } else {
        String::new()
    }
}

/// How a cleaned name sounds; one that the method does not know sounds as it is written.
pub fn heard(name: &str) -> Cow<'_, str> {
    match sound(name) {
        sound if sound.is_empty() => Cow::Borrowed(name),
        sound => Cow::Owned(sound),
    }
}

/// How Slavic and Yiddish names sound, by the method of Daitch and Mokotoff: `Jankowski` as `Yankovsky`.
#[derive(Debug, Default)]
pub struct Slavic(DaitchMokotoffSoundex);

impl Slavic {
    /// The first code of a cleaned name; nothing for one with letters outside the English alphabet.
    pub fn sound(&self, name: &str) -> String {
        let letters: String = name.chars().filter(|c| *c != ' ').collect();
        if letters.is_empty() || !letters.chars().all(|c| c.is_ascii_lowercase()) {
            return String::new();
        }
        let codes = self.0.inner_soundex(&letters, false);
        codes.into_iter().next().unwrap_or_default()
    }
}

/// Whether a value says in words that there is none, however it stands between signs: `(not known)`, `*N/K*`.
pub fn is_blank(text: &str) -> bool {
    const BLANKS: [&str; 31] = [
        "null",
        "none",
        "nil",
        "undefined",
        "n/a",
        "nan",
        "nk",
        "n/k",
        "n.k",
        "n / k",
        "n / a",
        "tbc",
        "tba",
        "not known",
        "notknown",
        "unknown",
        "unk",
        "no name",
        "not recorded",
        "none recorded",
        "not stated",
        "not given",
        "not provided",
        "not available",
        "not applicable",
        "not disclosed",
        "no fixed abode",
        "nfa",
        "no fixed address",
        "address not known",
        "address unknown",
    ];
    // Only between their signs are these nobody's name and no initial.
    const OF_PROGRAMS: [&str; 2] = ["<na>", "\\n"];
    let is_one_of = |words: &[&str], text: &str| {
        let mut words = words.iter();
        words.any(|word| word.eq_ignore_ascii_case(text))
    };
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    let crosses = word.len() > 1 && word.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    word.is_empty() || crosses || is_one_of(&BLANKS, word) || is_one_of(&OF_PROGRAMS, text.trim())
}

/// Letters and digits alone, in capitals: a number or a postcode however it is parted.
pub fn solid(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The words of a text with one space between.
pub fn spaced(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A telephone number as its digits, from the 0 with which it begins within the country.
pub fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let within = digits.strip_prefix("00").unwrap_or(&digits);
    match within.strip_prefix("44") {
        Some(rest) if rest.len() >= 9 => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        _ => digits,
    }
}

/// An address of electronic mail in small letters, without what some services let people add after a `+`.
pub fn email(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    match lower.split_once('@') {
        Some((local, host)) => {
            format!("{}@{host}", local.split('+').next().unwrap_or(local))
        }
        None => lower,
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A date as eight digits, year first, whether or not the calendar has such a day: a slip in one digit can still be
/// compared. Nothing for what does not look like a date. Two digits of a year are of this century up to 30.
pub fn digits_of_date(text: &str, is_month_first: bool) -> String {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let day = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = part.split_at_checked(end.unwrap_or(part.len()))?;
        let is_day = matches!(digits.len(), 1 | 2)
            && matches!(
                rest.to_ascii_lowercase().as_str(),
                "" | "st" | "nd" | "rd" | "th"
            );
        is_day.then(|| format!("{digits:0>2}"))
    };
    let month = |part: &str| {
        let start = part.get(..3)?.to_ascii_lowercase();
        let place = MONTHS.iter().position(|month| *month == start)?;
        Some(format!("{:02}", place + 1))
    };
    let year = |part: &str| match part.parse::<u16>() {
        _ if !is_number(part) => None,
        Ok(short @ 0..=30) if part.len() == 2 => Some(format!("{}", 2_000 + short)),
        Ok(short) if part.len() == 2 => Some(format!("{}", 1_900 + short)),
        Ok(_) if part.len() == 4 => Some(part.to_owned()),
        _ => None,
    };
    let found = match parts_of_day(text).as_slice() {
        [all] if all.len() == 8 && is_number(all) => Some((*all).to_owned()),
        [first, between, last] if first.len() == 4 && is_number(first) => {
            let between = month(between).or_else(|| day(between));
            between
                .zip(day(last))
                .map(|(month, day)| format!("{first}{month}{day}"))
        }
        // As databases of one maker tell it: `Oct 16 2014 12:00AM`.
        [one, other, last] if month(one).is_some() => month(one)
            .zip(day(other))
            .zip(year(last))
            .map(|((month, day), year)| format!("{year}{month}{day}")),
        [one, other, last] => year(last).and_then(|year| {
            let one = day(one)?;
            if let Some(month) = month(other) {
                return Some(format!("{year}{month}{one}"));
            }
            let other = day(other)?;
            Some(match is_month_first {
                true => format!("{year}{one}{other}"),
                false => format!("{year}{other}{one}"),
            })
        }),
        _ => None,
    };
    found.unwrap_or_default()
}

/// The parts of a day as it is written, without the day of the week and the time of day.
fn parts_of_day(text: &str) -> Vec<&str> {
    // A day without spaces ends where a space or a `T` between digits stands.
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        let byte = at.and_then(|at| bytes.get(at));
        byte.is_some_and(u8::is_ascii_digit)
    };
    let ends = |(at, byte): &(usize, &u8)| match byte {
        b' ' => true,
        b'T' => is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)),
        _ => false,
    };
    let end = bytes.iter().enumerate().find(ends).map(|(at, _)| at);
    let first = end.and_then(|end| text.get(..end)).map(parts);
    match first {
        Some(first) if first.len() == 3 => first,
        Some(first) if matches!(first.as_slice(), [all] if all.len() == 8 && is_digit(Some(0))) => {
            first
        }
        _ => parts(text),
    }
}

fn parts(text: &str) -> Vec<&str> {
    let is_weekday = |part: &&str| {
        let start = part.get(..3).map(str::to_ascii_lowercase);
        start.is_some_and(|start| DAYS.contains(&start.as_str()))
    };
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty() && !is_weekday(part))
        .take(3)
        .collect()
}

/// The day of which a spreadsheet writes the number: days since the end of 1899. Only numbers of five digits are taken
/// for one, from May 1927 to 2099.
pub fn serial_day(text: &str) -> Option<String> {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_serial = whole.len() == 5
        && whole
            .bytes()
            .chain(rest.bytes())
            .all(|byte| byte.is_ascii_digit());
    let days = whole
        .parse::<u64>()
        .ok()
        .filter(|days| is_serial && (10_000..=73_050).contains(days))?;
    let day = Date::new(1899, 12, 30)
        .ok()?
        .checked_add(Duration::from_secs(days * 86_400))
        .ok()?;
    Some(format!(
        "{:04}{:02}{:02}",
        day.year(),
        day.month(),
        day.day()
    ))
}

/// A postcode in capitals with one space, if the text has the shape of one. Whether it exists is not asked.
pub fn postcode(text: &str) -> Option<String> {
    let solid: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let (outward, inward) = solid.split_at_checked(solid.len().checked_sub(3)?)?;
    let mut ending = inward.chars();
    let fits_inward =
        ending.next().is_some_and(|c| c.is_ascii_digit()) && ending.all(|c| c.is_ascii_uppercase());
    let fits_outward = (2..=4).contains(&outward.len())
        && outward.starts_with(|c: char| c.is_ascii_uppercase())
        && outward.contains(|c: char| c.is_ascii_digit())
        && outward.chars().all(|c| c.is_ascii_alphanumeric());
    (fits_inward && fits_outward).then(|| format!("{outward} {inward}"))
}

/// An address: its postcode, its numbers, and its lines with the commonest short forms written out.
pub fn place<'a>(lines: impl Iterator<Item = &'a str>) -> Place {
    let mut place = Place::default();
    let mut all = Vec::new();
    let mut numbers = Vec::new();
    for line in lines.flat_map(|line| line.split(',')) {
        if let Some(found) = postcode(line) {
            place.postcode = Some(found);
            continue;
        }
        let plain = plain(line);
        let mut words = plain.split_whitespace().peekable();
        while let Some(word) = words.next() {
            if word.contains(|c: char| c.is_ascii_digit()) {
                numbers.push(word.to_owned());
            }
            // `St` is a street at the end of a line and a saint before it.
            let whole = match word {
                "st" if words.peek().is_none() => "street",
                "rd" => "road",
                "ave" => "avenue",
                "ln" => "lane",
                "apt" => "flat",
                other => other,
            };
            all.push(whole.to_owned());
        }
    }
    place.lines = all.join(" ");
    place.numbers = numbers.join(" ");
    place
}

/// Lower case, without accents and apostrophes; all that is neither letter nor digit becomes a space.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        for c in text.chars() {
            match c {
                '\'' | '`' | '.' => {}
                c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
                _ => out.push(' '),
            }
        }
        return out;
    }
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            '\'' | '’' | '‘' | '`' | 'ʼ' | 'ʻ' | 'ʹ' | 'ʿ' | 'ʾ' | '′' | '.' => {}
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            // The Turkish i without a dot; the capital one with a dot has lost it by now.
            'ı' => out.push('i'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'ŋ' => out.push('n'),
            'ə' => out.push('a'),
            c if c.is_alphanumeric() => out.push(c),
            _ => out.push(' '),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_cases_holds() {
        let table = include_str!("../cases/cleaning.txt");
        let mut seen = 0;
        for line in table
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [kind, written, compared] = cells.as_slice() else {
                panic!("three cells, please: {line}")
            };
            let found = match *kind {
                "name" => words(written),
                "order" => {
                    let (given, family) = written.split_once(';').expect("given ; family");
                    let names = names(given, family);
                    format!("{} ; {}", names.given, names.family)
                }
                "postcode" => postcode(written).unwrap_or_else(|| "none".to_owned()),
                "address" => {
                    let place = place(written.split(';'));
                    format!(
                        "{} ; {} ; {}",
                        place.lines,
                        place.numbers,
                        place.postcode.unwrap_or_default()
                    )
                }
                other => panic!("no such kind: {other}"),
            };
            assert_eq!(found.trim(), *compared, "{line}");
            seen += 1;
        }
        assert!(seen >= 25, "{seen} cases were read");
    }
}
