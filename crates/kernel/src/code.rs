//! Codes: the short stable words that lists of a partnership's own choosing use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A code such as `team-manager`: lower-case letters, digits and hyphens, 1 to 40 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a code: use lower-case letters, digits and hyphens, at most 40")]
pub struct CodeError(String);

impl Code {
    /// Takes a code from text.
    ///
    /// # Errors
    /// [`CodeError`] when the text holds anything but lower-case letters, digits and hyphens.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let fits = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError(text.chars().take(60).collect()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_plain() {
        assert!(Code::parse("team-manager").is_ok());
        for wrong in ["", "Team", "a b", "ü", &"x".repeat(41)] {
            assert!(Code::parse(wrong).is_err(), "{wrong}");
        }
    }
}
