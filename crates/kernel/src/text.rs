//! Text that was checked at the edge: trimmed, of bounded length, without
//! control characters, and with no characters that turn its direction round.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text was not taken, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but space was given.
    #[error("this is empty")]
    Empty,
    /// More characters than fit.
    #[error("this is {found} characters; at most {most} fit")]
    TooLong {
        /// Characters given.
        found: usize,
        /// Characters that fit.
        most: usize,
    },
    /// A character that no reader can see or that turns the direction of text.
    #[error("this holds a character that cannot be shown (code {0:04X})")]
    Unshowable(u32),
}

/// One line of text, 1 to 200 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line(String);

/// Text of one or more lines, 1 to 20,000 characters; line ends are `\n`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Passage(String);

/// Trims `text` and checks it; `lines` tells whether line ends may stand in it.
fn checked(text: &str, most: usize, lines: Lines) -> Result<String, TextError> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let trimmed = unified.trim();
    if trimmed.is_empty() {
        return Err(TextError::Empty);
    }
    let found = trimmed.chars().count();
    if found > most {
        return Err(TextError::TooLong { found, most });
    }
    match trimmed.chars().find(|c| !lines.may_hold(*c)) {
        Some(wrong) => Err(TextError::Unshowable(u32::from(wrong))),
        None => Ok(trimmed.to_owned()),
    }
}

#[derive(Clone, Copy)]
enum Lines {
    One,
    Many,
}

impl Lines {
    fn may_hold(self, c: char) -> bool {
        let turns_direction = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        match self {
            Self::Many if matches!(c, '\n' | '\t') => true,
            _ => !c.is_control() && !turns_direction,
        }
    }
}

macro_rules! checked_text {
    ($name:ident, $most:literal, $lines:expr) => {
        impl $name {
            /// The most characters that fit.
            pub const MOST: usize = $most;

            /// Takes text as typed: trimmed, and checked.
            ///
            /// # Errors
            /// [`TextError`] when it is empty, too long, or holds a character that cannot be shown.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                checked(text, Self::MOST, $lines).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Free text may name a child, and debug output reaches logs.
                write!(
                    f,
                    concat!(stringify!($name), "({} characters)"),
                    self.0.chars().count()
                )
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

checked_text!(Line, 200, Lines::One);
checked_text!(Passage, 20_000, Lines::Many);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(
            Line::parse("  Fenby High ").map(String::from),
            Ok("Fenby High".to_owned())
        );
        assert_eq!(Line::parse("a\nb"), Err(TextError::Unshowable(10)));
        assert_eq!(Line::parse(" \t"), Err(TextError::Empty));
        assert_eq!(
            Line::parse(&"x".repeat(201)),
            Err(TextError::TooLong {
                found: 201,
                most: 200
            })
        );
        assert_eq!(
            Line::parse("a\u{202E}b"),
            Err(TextError::Unshowable(0x202E))
        );
    }

    #[test]
    fn free_text_never_reaches_debug_output() {
        let text = Passage::parse("Jordan Example was seen").expect("a passage");
        assert_eq!(format!("{text:?}"), "Passage(23 characters)");
    }

    proptest! {
        #[test]
        fn what_was_taken_is_taken_again_unchanged(text in any::<String>()) {
            if let Ok(passage) = Passage::parse(&text) {
                prop_assert_eq!(Passage::parse(passage.as_str()), Ok(passage));
            }
        }
    }
}
