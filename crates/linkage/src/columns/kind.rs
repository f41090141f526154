//! Kinds of column: how a value is cleaned, and how far two of them may agree.

use std::borrow::Cow;

use clearpicture_kernel::written::{has_lost_digits, whole_of_decimal};
use serde::{Deserialize, Serialize};

use crate::clean;
use crate::level::Level;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Given names.
    GivenName,
    /// A family name.
    FamilyName,
    /// A date, such as that of birth.
    Date,
    /// One of few values, such as sex.
    Category,
    /// A postcode.
    Postcode,
    /// A number that stands for something: of a person, a house, a file.
    Number,
    /// A telephone number.
    Phone,
    /// An address of electronic mail.
    Email,
    /// The lines of an address, compared together with its postcode, which is the partner column: apart they would count a
    /// home twice.
    Address,
    /// Any other text, such as a street or a town.
    Text,
}

/// What of a value two records must share to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// All of it.
    Whole,
    /// How the name sounds.
    Sound,
    /// How its first word sounds.
    FirstSound,
    /// How the name and that of the partner column sound, whichever stands in which.
    Either,
    /// Its first word.
    First,
    /// The year of a date.
    Year,
    /// The first half of a postcode.
    Area,
    /// Of an address the postcode, or its lines where that is not told.
    Place,
    /// What stands before the `@`.
    Local,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Whole,
        Self::Sound,
        Self::FirstSound,
        Self::Either,
        Self::First,
        Self::Year,
        Self::Area,
        Self::Place,
        Self::Local,
    ];

    /// As a plan writes it after the name of a column; the whole is written as nothing.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Sound => "sound",
            Self::FirstSound => "first-sound",
            Self::Either => "either",
            Self::First => "first",
            Self::Year => "year",
            Self::Area => "area",
            Self::Place => "place",
            Self::Local => "local",
        }
    }
}

impl Kind {
    /// The levels at which two values may agree, the best first and `different` last.
    pub const fn levels(self) -> &'static [Level] {
        match self {
            Self::GivenName => &[
                Level::Same,
                Level::FirstSame,
                Level::Nickname,
                Level::Swapped,
                Level::Close,
                Level::Sounds,
                Level::Alike,
                Level::Different,
            ],
            Self::FamilyName => &[
                Level::Same,
                Level::Part,
                Level::Swapped,
                Level::Close,
                Level::Sounds,
                Level::Alike,
                Level::Different,
            ],
            Self::Date => &[
                Level::Same,
                Level::Swapped,
                Level::DayApart,
                Level::OneDigit,
                Level::TwoDigits,
                Level::SameYear,
                Level::Different,
            ],
            Self::Category => &[Level::Same, Level::Different],
            Self::Postcode => &[
                Level::Same,
                Level::OneDigit,
                Level::SameArea,
                Level::Different,
            ],
            Self::Number | Self::Phone => &[Level::Same, Level::OneDigit, Level::Different],
            Self::Email => &[
                Level::Same,
                Level::SameLocal,
                Level::Close,
                Level::Alike,
                Level::Different,
            ],
            Self::Address => &[
                Level::Same,
                Level::SamePremises,
                Level::SamePostcode,
                Level::Different,
            ],
            Self::Text => &[Level::Same, Level::Close, Level::Alike, Level::Different],
        }
    }

    /// The number of a level in a pattern; 0 for one that is not told.
    pub(super) fn place(self, level: Level) -> u8 {
        let found = self.levels().iter().position(|one| *one == level);
        found.map_or(0, |place| u8::try_from(place + 1).unwrap_or_default())
    }

    /// How often records of one person agree at each level, as training begins: parts of one.
    pub(super) const fn usual(self) -> &'static [f64] {
        match self {
            Self::GivenName => &[0.80, 0.03, 0.03, 0.02, 0.05, 0.02, 0.02, 0.03],
            Self::FamilyName => &[0.83, 0.02, 0.02, 0.05, 0.02, 0.02, 0.04],
            Self::Date => &[0.85, 0.01, 0.01, 0.05, 0.03, 0.02, 0.03],
            Self::Category => &[0.95, 0.05],
            Self::Postcode => &[0.65, 0.05, 0.10, 0.20],
            Self::Number | Self::Phone => &[0.85, 0.06, 0.09],
            Self::Email => &[0.75, 0.05, 0.10, 0.02, 0.08],
            Self::Address => &[0.60, 0.13, 0.07, 0.20],
            Self::Text => &[0.70, 0.10, 0.05, 0.15],
        }
    }

    /// What a plan may block on.
    pub const fn forms(self) -> &'static [Form] {
        match self {
            Self::GivenName | Self::FamilyName => &[
                Form::Whole,
                Form::Sound,
                Form::FirstSound,
                Form::Either,
                Form::First,
            ],
            Self::Date => &[Form::Whole, Form::Year],
            Self::Postcode => &[Form::Whole, Form::Area],
            Self::Email => &[Form::Whole, Form::Local],
            Self::Address => &[Form::Whole, Form::Place],
            Self::Text => &[Form::Whole, Form::First],
            Self::Category | Self::Number | Self::Phone => &[Form::Whole],
        }
    }

    /// Whether this is a name of a person: all such columns share their values, so that names can have changed places.
    pub(super) const fn is_name(self) -> bool {
        matches!(self, Self::GivenName | Self::FamilyName)
    }

    /// Whether agreeing on a rare value tells more than agreeing on a common one. Where it does not, a value that is
    /// far commoner than the others (a stand-in date) still tells less.
    pub(super) const fn is_by_rarity(self) -> bool {
        matches!(
            self,
            Self::GivenName | Self::FamilyName | Self::Text | Self::Category
        )
    }

    /// What a column of this kind may name as its partner.
    pub(super) const fn may_partner(self, other: Self) -> bool {
        match self {
            Self::Address => matches!(other, Self::Postcode),
            _ => self.is_name() && other.is_name(),
        }
    }

    /// What of a cleaned value two records must share. [`Form::Either`] and [`Form::Place`] are of two columns, and this is
    /// the one's part.
    pub(super) fn form(form: Form, text: &str) -> Cow<'_, str> {
        let first = || text.split(' ').next().unwrap_or_default();
        match form {
            Form::Whole | Form::Place => Cow::Borrowed(text),
            Form::Sound | Form::Either => clean::heard(text),
            Form::FirstSound => clean::heard(first()),
            Form::First => Cow::Borrowed(first()),
            Form::Year => Cow::Borrowed(text.get(..4).unwrap_or_default()),
            Form::Area => {
                Cow::Borrowed(text.get(..text.len().saturating_sub(3)).unwrap_or_default())
            }
            Form::Local => Cow::Borrowed(text.split('@').next().unwrap_or_default()),
        }
    }

    /// A value in the form that is compared, where a name may stand with its partner in one field: `Family, Given`.
    pub(super) fn clean_beside(self, written: &str, partner: &str, is_month_first: bool) -> String {
        let in_one = written.contains(',') || partner.contains(',');
        match self {
            Self::GivenName if in_one => told(clean::names(written, partner).given),
            Self::FamilyName if in_one => clean::names(partner, written).family,
            _ => self.clean(written, is_month_first),
        }
    }

    /// Whether a value is seen at a glance to be in the form that is compared: a number of capitals and digits. None of
    /// the words that say that there is none holds a digit.
    pub(super) fn is_clean(self, written: &str) -> bool {
        let mut bytes = written.bytes();
        self == Self::Number
            && bytes.any(|byte| byte.is_ascii_digit())
            && written
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    }

    /// A value in the form that is compared; nothing when it tells nothing.
    fn clean(self, written: &str, is_month_first: bool) -> String {
        let written = written.trim();
        if clean::is_blank(written) {
            return String::new();
        }
        let written = match self {
            // Others have the same digits.
            Self::Number | Self::Phone if has_lost_digits(written) => return String::new(),
            Self::Number | Self::Phone | Self::Category => {
                whole_of_decimal(written).unwrap_or(written)
            }
            _ => written,
        };
        match self {
            Self::GivenName => told(clean::words(written)),
            Self::FamilyName => clean::words(written),
            Self::Date => match clean::digits_of_date(written, is_month_first) {
                digits if digits.is_empty() => clean::serial_day(written).unwrap_or_default(),
                digits => digits,
            },
            Self::Postcode | Self::Number => clean::solid(written),
            Self::Phone => clean::phone(written),
            Self::Email => clean::email(written),
            Self::Category => clean::spaced(written),
            Self::Address | Self::Text => clean::place(std::iter::once(written)).lines,
        }
    }
}

/// A given name, if it is one: initials alone fit half of a family, and choose nobody of it.
fn told(given: String) -> String {
    let is_initial = |word: &str| word.chars().count() == 1;
    match given.split(' ').all(is_initial) {
        true => String::new(),
        false => given,
    }
}
