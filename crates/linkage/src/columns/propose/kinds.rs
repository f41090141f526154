//! What a column holds, told by its heading and its values.

use super::Doubt;
use super::glance::Glance;
use crate::clean;
use crate::columns::headings;
use crate::columns::kind::Kind;

/// What was seen of a column.
#[derive(Debug)]
pub(super) struct Seen {
    rows: u32,
    told: u32,
    different: u32,
    pub(super) sources: u32,
    pub(super) is_id: bool,
    /// Values that were looked at, and of those how many look like what.
    looked_at: u32,
    dates: u32,
    /// Numbers by which spreadsheets write days.
    serials: u32,
    postcodes: u32,
    emails: u32,
    numbers: u32,
    long: u32,
    pub(super) is_month_first: bool,
}

/// So many different values tell what a column holds.
const VALUES: usize = 2_000;
/// Longer than this is free text.
const LONG: usize = 120;

impl Seen {
    pub(super) fn of(glance: &Glance, place: usize) -> Self {
        let mut seen = Self {
            rows: glance.rows(),
            told: 0,
            different: 0,
            sources: 0,
            is_id: false,
            looked_at: 0,
            dates: 0,
            serials: 0,
            postcodes: 0,
            emails: 0,
            numbers: 0,
            long: 0,
            is_month_first: false,
        };
        let Some(column) = glance.column(place) else {
            return seen;
        };
        seen.sources = column.sources;
        seen.told = count(column.codes.iter().filter(|code| **code != 0).count());
        seen.different = count(column.texts.len());
        seen.is_id = !column.repeats
            && column.sources == glance.sources()
            && headings::words(&column.heading).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "id" | "ref" | "key" | "uuid" | "identifier" | "reference"
                )
            });
        let (mut day_first, mut month_first) = (false, false);
        // Of all files: the values of one come before those of the next.
        let step = column.texts.len().div_ceil(VALUES).max(1);
        for text in column.texts.all().step_by(step) {
            seen.looked_at += 1;
            seen.dates += u32::from(is_date(text));
            seen.serials += u32::from(clean::serial_day(text).is_some());
            seen.postcodes += u32::from(clean::postcode(text).is_some());
            seen.emails += u32::from(text.contains('@') && !text.contains(' '));
            seen.numbers += u32::from(is_number(text));
            seen.long += u32::from(text.len() > LONG);
            let mut parts = text.split(|c: char| !c.is_ascii_digit());
            let number =
                |part: Option<&str>| part.filter(|part| part.len() <= 2)?.parse::<u8>().ok();
            if let (Some(one), Some(other)) = (number(parts.next()), number(parts.next())) {
                day_first |= one > 12;
                month_first |= other > 12;
            }
        }
        seen.is_month_first = month_first && !day_first;
        seen
    }

    fn mostly(&self, some: u32) -> bool {
        f64::from(some) >= 0.8 * f64::from(self.looked_at)
    }

    /// What a column holds that is headed as a day of birth.
    fn birth(&self, heading: &str) -> (Kind, Option<Doubt>) {
        let days = self.dates + self.serials;
        let part = f64::from(days) / f64::from(self.looked_at.max(1));
        let unread = (1.0 - part) * 100.0;
        match part {
            0.98.. if self.serials == 0 => (Kind::Date, None),
            0.98.. => (
                Kind::Date,
                Some(format!(
                    "`{heading}` holds numbers by which a spreadsheet writes days, and is read so"
                )),
            ),
            0.5.. => (
                Kind::Date,
                Some(format!(
                    "`{heading}` holds dates, and {unread:.0}% of its values are not read as one: such records tell no date"
                )),
            ),
            _ if self.mostly(self.numbers) => (
                Kind::Number,
                Some(format!(
                    "`{heading}` is headed as a date and holds numbers, which are compared as such: write the days out"
                )),
            ),
            _ => (
                Kind::Text,
                Some(format!(
                    "`{heading}` is headed as a date, and {unread:.0}% of its values are not read as one, so it is compared as text: write the days as 2011-12-31 or 31/12/2011"
                )),
            ),
        }
    }

    /// Why the column does not help, if it does not.
    pub(super) fn says_nothing(&self) -> Option<&'static str> {
        if self.told == 0 {
            Some("it is empty in every row")
        } else if self.different == 1 && self.told == self.rows && self.rows > 1 {
            Some("it is the same in every row")
        } else if self.mostly(self.long) {
            Some("it is free text, which is no one's name")
        } else {
            None
        }
    }
}

fn count(some: usize) -> u32 {
    u32::try_from(some).unwrap_or(u32::MAX)
}

fn is_date(text: &str) -> bool {
    let digits = clean::digits_of_date(text, false);
    let number =
        |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u16>().ok());
    matches!(
        (number(0..4), number(4..6), number(6..8)),
        (Some(1850..=2100), Some(0..=31), Some(0..=31))
    )
}

fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '/' | '.'))
        && text
            .split(' ')
            .all(|word| word.contains(|c: char| c.is_ascii_digit()) || word.len() <= 2)
}

/// A heading as the name of a column in a plan.
pub(super) fn plain_name(heading: &str) -> String {
    headings::words(heading).join("_")
}

const GIVEN: [&str; 9] = [
    "first",
    "given",
    "forename",
    "forenames",
    "firstname",
    "givenname",
    "christian",
    "fname",
    "fore",
];
const FAMILY: [&str; 8] = [
    "surname",
    "last",
    "family",
    "lastname",
    "familyname",
    "lname",
    "sname",
    "surnames",
];

const BIRTH: [&str; 5] = ["birth", "dob", "born", "birthdate", "dateofbirth"];

/// Whether a text under this heading is of a place, which many share who are not one person.
pub(super) fn is_of_place(heading: &str) -> bool {
    const PLACE: [&str; 12] = [
        "address", "street", "road", "town", "city", "suburb", "place", "house", "flat", "county",
        "district", "ward",
    ];
    let words = headings::words(heading);
    words.iter().any(|word| PLACE.contains(&word.as_str()))
}

/// What a column holds, and what is doubtful about it.
pub(super) fn tell(heading: &str, seen: &Seen) -> (Kind, Option<Doubt>) {
    let words = headings::words(heading);
    let has = |some: &[&str]| words.iter().any(|word| some.contains(&word.as_str()));
    let is_few = seen.different <= 60 && f64::from(seen.different) <= 0.05 * f64::from(seen.told);
    if seen.mostly(seen.emails) {
        return (Kind::Email, None);
    }
    if has(&["postcode", "postal", "zip"])
        || (has(&["post"]) && has(&["code"]))
        || seen.mostly(seen.postcodes)
    {
        return (Kind::Postcode, None);
    }
    let is_birth = has(&BIRTH) && !has(&["place", "country", "town"]);
    if seen.mostly(seen.dates) && !is_birth {
        let doubt = format!(
            "`{heading}` holds dates and is compared: leave it out if it is not about who somebody is"
        );
        return (Kind::Date, Some(doubt));
    }
    if is_birth {
        return seen.birth(heading);
    }
    if has(&["phone", "telephone", "tel", "mobile"]) {
        return (Kind::Phone, None);
    }
    let (given, family) = (has(&GIVEN), has(&FAMILY));
    if given != family && !seen.mostly(seen.numbers) {
        return (
            if given {
                Kind::GivenName
            } else {
                Kind::FamilyName
            },
            None,
        );
    }
    if is_few {
        return (Kind::Category, None);
    }
    if seen.mostly(seen.numbers) {
        return (Kind::Number, None);
    }
    let known = is_of_place(heading) || has(&["name"]) || (given && family);
    let doubt = (!known)
        .then(|| format!("`{heading}` is compared as text: say what it is, or leave it out"));
    (Kind::Text, doubt)
}
