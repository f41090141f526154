//! Telephone numbers as pages show them: each can be dialled where it stands.

use serde::Serialize;

/// A number that a telephone can dial; `ui.dial` and `ui.telephone` draw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    /// Whose it is: `duty`, or a name.
    pub of: String,
    /// The number as it was written.
    pub shown: String,
    /// What is dialled.
    pub href: String,
}

impl Number {
    /// The number, unless none is recorded.
    pub fn of(of: &str, number: &str) -> Option<Self> {
        (!number.is_empty()).then(|| Self {
            of: of.to_owned(),
            shown: number.to_owned(),
            href: dialled(number),
        })
    }

    /// The number of an agency's duty desk, unless none is recorded.
    pub fn of_duty_desk(number: &str) -> Option<Self> {
        Self::of("duty", number)
    }
}

/// What a telephone is told to dial: digits alone, after a plus where the number begins with one.
fn dialled(number: &str) -> String {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    match number.trim_start().strip_prefix('+') {
        // The nought in brackets is for whoever dials within the country.
        Some(abroad) => format!("tel:+{}", digits(&abroad.replace("(0)", ""))),
        None => format!("tel:{}", digits(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_dialled_as_they_are_written() {
        for (written, dialled) in [
            ("01632 960101", "tel:01632960101"),
            ("+44 (0)1632 960101", "tel:+441632960101"),
            ("01632-960 101", "tel:01632960101"),
        ] {
            let number = Number::of_duty_desk(written).unwrap();
            assert_eq!(number.href, dialled);
            assert_eq!(
                (number.of.as_str(), number.shown.as_str()),
                ("duty", written)
            );
        }
        assert_eq!(Number::of_duty_desk(""), None);
    }
}
