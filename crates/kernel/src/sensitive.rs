//! Values about people: their debug form tells nothing, they have no display
//! form, and showing one is a deliberate `.reveal()`.

use std::fmt;

use serde::{Deserialize, Serialize};

use jiff::civil::Date;

use crate::text::{Line, Passage, TextError};

/// Why a value about a person was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SensitiveError {
    /// The text itself would not do.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Not of the shape `name@place`.
    #[error("this is not an e-mail address such as name@agency.example")]
    NotEmail,
    /// Not a telephone number.
    #[error("this is not a telephone number: use digits, spaces and a leading +")]
    NotPhone,
}

macro_rules! sensitive {
    ($name:ident, $about:literal) => {
        #[doc = $about]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Line);

        impl $name {
            /// Shows the value: only where the reader's permit allows it, never in a log.
            pub fn reveal(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(withheld)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = SensitiveError;

            fn try_from(text: String) -> Result<Self, SensitiveError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }
    };
}

sensitive!(
    PersonName,
    "A person's name as they or their agency write it."
);
sensitive!(EmailAddress, "An e-mail address, kept in lower case.");
sensitive!(PhoneNumber, "A telephone number as dialled.");

/// Where someone lives or can be written to: one line or several, a postcode among them where there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Passage);

impl Address {
    /// Takes an address; every line is trimmed, and empty ones are left out.
    ///
    /// # Errors
    /// [`SensitiveError`] when it is empty, too long or cannot be shown.
    pub fn parse(text: &str) -> Result<Self, SensitiveError> {
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        Ok(Self(Passage::parse(&lines.join("\n"))?))
    }

    /// Shows the lines: only where the reader's permit allows it, never in a log.
    pub fn reveal(&self) -> impl Iterator<Item = &str> {
        self.0.as_str().lines()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(withheld)")
    }
}

/// The day on which a person was born.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DateOfBirth(Date);

impl DateOfBirth {
    /// The day as a date of birth. Whether it can be one (not after the day of the file, say) is the caller's to check.
    pub const fn new(day: Date) -> Self {
        Self(day)
    }

    /// Shows the day: only where the reader's permit allows it, never in a log.
    pub const fn reveal(self) -> Date {
        self.0
    }
}

impl fmt::Debug for DateOfBirth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DateOfBirth(withheld)")
    }
}

impl PersonName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`SensitiveError`] when it is empty, too long or cannot be shown.
    pub fn parse(text: &str) -> Result<Self, SensitiveError> {
        Ok(Self(Line::parse(text)?))
    }
}

impl EmailAddress {
    /// Takes an address.
    ///
    /// # Errors
    /// [`SensitiveError`] unless there is text on both sides of one `@` and no space.
    pub fn parse(text: &str) -> Result<Self, SensitiveError> {
        let line = Line::parse(&text.to_lowercase())?;
        let fits = line.as_str().split_once('@').is_some_and(|(name, place)| {
            !name.is_empty()
                && place.contains('.')
                && !place.starts_with('.')
                && !place.ends_with('.')
                && !place.contains('@')
                && !line.as_str().contains(char::is_whitespace)
        });
        if fits {
            Ok(Self(line))
        } else {
            Err(SensitiveError::NotEmail)
        }
    }
}

impl PhoneNumber {
    /// Takes a number.
    ///
    /// # Errors
    /// [`SensitiveError`] unless it is 3 to 15 digits with spaces, hyphens or brackets, and perhaps a leading `+`.
    pub fn parse(text: &str) -> Result<Self, SensitiveError> {
        let line = Line::parse(text)?;
        let rest = line.as_str().strip_prefix('+').unwrap_or(line.as_str());
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        let plain = rest
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')'));
        if plain && (3..=15).contains(&digits) {
            Ok(Self(line))
        } else {
            Err(SensitiveError::NotPhone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_withholds() {
        let email = EmailAddress::parse("Amal.Osei@Trust.example").expect("an address");
        assert_eq!(email.reveal(), "amal.osei@trust.example");
        assert_eq!(format!("{email:?}"), "EmailAddress(withheld)");
    }

    #[test]
    fn addresses_and_numbers_of_other_shapes_are_refused() {
        for wrong in [
            "a",
            "a@b",
            "@b.c",
            "a b@c.d",
            "a@.b",
            "a@b@c.d",
            "a@b.\r\nBcc: x@y.z",
        ] {
            assert!(EmailAddress::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["12", "call me", "+44 07 <b>", "1234567890123456"] {
            assert!(PhoneNumber::parse(wrong).is_err(), "{wrong}");
        }
        assert!(PhoneNumber::parse("+44 (0)1302 000000").is_ok());
    }
}
