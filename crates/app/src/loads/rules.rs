//! What taking a file in may end without being asked about.

use serde::{Deserialize, Serialize};

use super::types::Effect;

/// Up to so many rows a file may end without anybody being asked: children move and cases close every week, and a question
/// that is asked each time is answered without being read.
const FEW: u64 = 10;
/// Up to one in so many of the rows that are held: a list of the same place and kind keeps most of its rows from one time to
/// the next; one of another place, time or kind keeps next to none.
const ONE_IN: u64 = 10;

/// How many held rows somebody agreed that a file ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// The number that they typed; `None` when nobody was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u64>,
}

impl Agreed {
    /// Whether a file that does this may be laid.
    pub const fn allows(self, effect: &Effect) -> bool {
        match self.ends {
            Some(agreed) => effect.ended <= agreed || !ends_many(effect),
            None => !ends_many(effect),
        }
    }
}

/// Whether taking a file in would end so many of the rows that are held that somebody must say how many.
pub const fn ends_many(effect: &Effect) -> bool {
    let held = held(effect);
    effect.ended > FEW && effect.ended.saturating_mul(ONE_IN) > held
}

/// The rows that are held of its source, on its day.
pub const fn held(effect: &Effect) -> u64 {
    effect.ended + effect.unchanged + effect.changed
}

/// A number as people type it, with commas or spaces between its digits.
pub(super) fn number_typed(text: &str) -> Option<u64> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | ' ' | '\u{a0}'))
        .collect();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn effect(ended: u64, stays: u64) -> Effect {
        Effect {
            new: 1_000_000,
            changed: 1,
            unchanged: stays - 1,
            ended,
            new_subjects: 0,
        }
    }

    #[test]
    fn more_than_ten_rows_and_more_than_a_tenth_of_what_is_held_are_many() {
        for (ended, stays, many) in [
            (0, 1, false),
            (10, 1, false),
            (11, 1, true),
            (11, 99, false),
            (11, 98, true),
            (500, 4_500, false),
            (501, 4_500, true),
            (4_486, 1, true),
        ] {
            assert_eq!(ends_many(&effect(ended, stays)), many, "{ended} of {stays}");
        }
    }

    #[test]
    fn what_somebody_agreed_to_is_a_bound_and_no_licence() {
        let typed = |ends| Agreed { ends: Some(ends) };
        assert!(typed(4_486).allows(&effect(4_486, 1)));
        assert!(!typed(4_486).allows(&effect(4_487, 1)));
        assert!(typed(0).allows(&effect(10, 1)));
        assert!(!Agreed::default().allows(&effect(11, 1)));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number_typed(" 4,486 "), Some(4_486));
        assert_eq!(number_typed("4 486"), Some(4_486));
        for no in ["", "many", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(number_typed(no), None, "{no}");
        }
    }
}
