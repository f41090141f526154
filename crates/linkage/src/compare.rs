//! Comparisons: how far two records agree on one thing, as a level.

use clearpicture_kernel::{Date, DateOfBirth};
use rapidfuzz::distance::{jaro_winkler, osa};
use serde::{Deserialize, Serialize};

use crate::record::{Dictionary, Record, Word};

/// From this likeness on, two names are one name mistyped.
pub(crate) const CLOSE: f64 = 0.92;
/// From this likeness on, two names are alike, and may be those of two children.
pub(crate) const ALIKE: f64 = 0.80;

/// One thing on which two records are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// Given names.
    Given,
    /// The family name.
    Family,
    /// The date of birth.
    Born,
    /// Sex as recorded.
    Sex,
    /// Where they live.
    Address,
    /// Numbers that several sources share, such as the NHS number.
    Identifier,
}

/// How far two records agree on one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The same once cleaned.
    Same,
    /// One source tells more given names than the other, and they begin the same.
    FirstSame,
    /// A short or pet form of the same name, as the list of nicknames tells.
    Nickname,
    /// A part of the family name, one of them being of several words.
    Part,
    /// Given and family name, or day and month, have changed places.
    Swapped,
    /// One name mistyped, as its letters tell.
    Close,
    /// Written otherwise and sounding the same.
    Sounds,
    /// Alike, which can be one child or two.
    Alike,
    /// Dates of birth one day apart.
    DayApart,
    /// Dates, numbers or postcodes that differ in one digit or letter.
    OneDigit,
    /// Dates that differ in two digits.
    TwoDigits,
    /// Born in the same year, otherwise different.
    SameYear,
    /// The same numbers at the same postcode, the lines written otherwise.
    SamePremises,
    /// The same postcode, otherwise different.
    SamePostcode,
    /// The same first half of the postcode.
    SameArea,
    /// The same before the `@`.
    SameLocal,
    /// Different.
    Different,
    /// One of the two does not tell: worth nothing either way.
    NotTold,
}

impl Level {
    /// In words, of two values.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "the same",
            Self::FirstSame => "begin the same, one source tells more",
            Self::Nickname => "forms of one name",
            Self::Part => "share a part of the name",
            Self::Swapped => "have changed places",
            Self::Close => "one mistyped, as the letters tell",
            Self::Sounds => "sound the same",
            Self::Alike => "alike",
            Self::DayApart => "one day apart",
            Self::OneDigit => "differ in one digit",
            Self::TwoDigits => "differ in two digits",
            Self::SameYear => "the same year, otherwise different",
            Self::SamePremises => "the same building, written otherwise",
            Self::SamePostcode => "the same postcode, otherwise different",
            Self::SameArea => "the same first half of the postcode, otherwise different",
            Self::SameLocal => "the same before the @, otherwise different",
            Self::Different => "different",
            Self::NotTold => "not told by one of them",
        }
    }

    /// As models and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::FirstSame => "first-same",
            Self::Nickname => "nickname",
            Self::Part => "part",
            Self::Swapped => "swapped",
            Self::Close => "close",
            Self::Sounds => "sounds",
            Self::Alike => "alike",
            Self::DayApart => "day-apart",
            Self::OneDigit => "one-digit",
            Self::TwoDigits => "two-digits",
            Self::SameYear => "same-year",
            Self::SamePremises => "same-premises",
            Self::SamePostcode => "same-postcode",
            Self::SameArea => "same-area",
            Self::SameLocal => "same-local",
            Self::Different => "different",
            Self::NotTold => "not-told",
        }
    }
}

impl Comparison {
    /// All, in the order in which they are explained.
    pub const ALL: [Self; 6] = [
        Self::Given,
        Self::Family,
        Self::Born,
        Self::Sex,
        Self::Address,
        Self::Identifier,
    ];

    /// The levels that a model gives figures for.
    pub const fn levels(self) -> &'static [Level] {
        match self {
            Self::Given => &[
                Level::Same,
                Level::FirstSame,
                Level::Swapped,
                Level::Close,
                Level::Sounds,
                Level::Alike,
                Level::Different,
            ],
            Self::Family => &[
                Level::Same,
                Level::Swapped,
                Level::Close,
                Level::Sounds,
                Level::Alike,
                Level::Different,
            ],
            Self::Born => &[
                Level::Same,
                Level::Swapped,
                Level::DayApart,
                Level::OneDigit,
                Level::SameYear,
                Level::Different,
            ],
            Self::Address => &[
                Level::Same,
                Level::SamePremises,
                Level::SamePostcode,
                Level::Different,
            ],
            Self::Sex | Self::Identifier => &[Level::Same, Level::Different],
        }
    }

    /// The level at which two records agree on this. The order of the two does not matter.
    pub(crate) fn level(
        self,
        a: &Record,
        b: &Record,
        words: &Dictionary,
        shared: &[String],
    ) -> Level {
        match self {
            Self::Given => given(a, b, words),
            Self::Family => family(a, b, words),
            Self::Born => both(a.born, b.born, born),
            Self::Sex => both(a.sex, b.sex, same_word),
            Self::Address => address(a, b),
            Self::Identifier => identifier(a, b, shared),
        }
    }
}

fn both<T>(a: Option<T>, b: Option<T>, level: impl FnOnce(T, T) -> Level) -> Level {
    match (a, b) {
        (Some(a), Some(b)) => level(a, b),
        _ => Level::NotTold,
    }
}

fn same_word(a: Word, b: Word) -> Level {
    if a == b {
        Level::Same
    } else {
        Level::Different
    }
}

fn is_swapped(a: &Record, b: &Record) -> bool {
    a.given.is_some() && a.family.is_some() && a.given == b.family && a.family == b.given
}

fn given(a: &Record, b: &Record, words: &Dictionary) -> Level {
    both(a.given, b.given, |x, y| {
        if x == y {
            Level::Same
        } else if a.first == b.first {
            // Twins may share a first name: where both have further names and those differ, it tells little.
            let (x, y) = (words.text(x), words.text(y));
            let further = |long: &str, short: &str| {
                long.strip_prefix(short)
                    .is_some_and(|rest| rest.starts_with(' '))
            };
            if further(x, y) || further(y, x) {
                Level::FirstSame
            } else {
                Level::Alike
            }
        } else if is_swapped(a, b) {
            Level::Swapped
        } else {
            both(a.first, b.first, |x, y| {
                alike(x, y, a.given_sound, b.given_sound, words)
            })
        }
    })
}

fn family(a: &Record, b: &Record, words: &Dictionary) -> Level {
    both(a.family, b.family, |x, y| {
        if x == y {
            Level::Same
        } else if is_swapped(a, b) {
            Level::Swapped
        } else {
            alike(x, y, a.family_sound, b.family_sound, words)
        }
    })
}

fn alike(
    a: Word,
    b: Word,
    a_sound: Option<Word>,
    b_sound: Option<Word>,
    words: &Dictionary,
) -> Level {
    let likeness = jaro_winkler::similarity(words.text(a).chars(), words.text(b).chars());
    if likeness >= CLOSE {
        Level::Close
    } else if a_sound.is_some() && a_sound == b_sound {
        Level::Sounds
    } else if likeness >= ALIKE {
        Level::Alike
    } else {
        Level::Different
    }
}

fn born(a: DateOfBirth, b: DateOfBirth) -> Level {
    let (a, b) = (a.reveal(), b.reveal());
    let next = |day: Date| day.tomorrow().ok();
    if a == b {
        Level::Same
    } else if a.year() == b.year() && a.month() == b.day() && a.day() == b.month() {
        Level::Swapped
    } else if next(a) == Some(b) || next(b) == Some(a) {
        Level::DayApart
    } else if osa::distance(a.to_string().chars(), b.to_string().chars()) == 1 {
        Level::OneDigit
    } else if a.year() == b.year() {
        Level::SameYear
    } else {
        Level::Different
    }
}

fn address(a: &Record, b: &Record) -> Level {
    let same_postcode = a.postcode.is_some() && a.postcode == b.postcode;
    let postcodes_fit = same_postcode || a.postcode.is_none() || b.postcode.is_none();
    if a.lines.is_some() && a.lines == b.lines && postcodes_fit {
        Level::Same
    } else if same_postcode && a.numbers.is_some() && a.numbers == b.numbers {
        Level::SamePremises
    } else if same_postcode {
        Level::SamePostcode
    } else {
        both(a.lines.or(a.postcode), b.lines.or(b.postcode), |_, _| {
            Level::Different
        })
    }
}

/// A shared number that differs outweighs one that agrees: somebody must look.
fn identifier(a: &Record, b: &Record, shared: &[String]) -> Level {
    let mut level = Level::NotTold;
    for scheme in shared {
        match both(
            a.identifiers.get(scheme),
            b.identifiers.get(scheme),
            |a, b| same_word(*a, *b),
        ) {
            Level::Different => return Level::Different,
            Level::Same => level = Level::Same,
            _ => {}
        }
    }
    level
}
