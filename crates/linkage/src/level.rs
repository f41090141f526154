//! Levels: how far two records agree on one thing.

use serde::{Deserialize, Serialize};

/// From this likeness on, two names are one name mistyped.
pub(crate) const CLOSE: f64 = 0.92;
/// From this likeness on, two names are alike, and may be those of two children.
pub(crate) const ALIKE: f64 = 0.80;

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
