//! What two texts of one record say differently, in words.

use std::collections::BTreeMap;

use clearpicture_store::Said;
use serde::Serialize;

/// One thing that two texts say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about.
    pub label: String,
    /// What was said before; empty when nothing was.
    pub before: String,
    /// What is said after; empty when nothing is.
    pub after: String,
}

/// What `after` says differently from `before`: in the order of `after`, then what is gone.
///
/// A label may stand several times; the first is compared with the first, and so on.
pub fn differences(before: &[Said], after: &[Said]) -> Vec<Difference> {
    let mut gone = numbered(before);
    let mut found = Vec::new();
    for ((label, number), words) in numbered(after) {
        let place = gone.iter().position(|(key, _)| *key == (label, number));
        let was = place.map_or("", |place| gone.remove(place).1);
        found.push((label, was, words));
    }
    found.extend(gone.into_iter().map(|((label, _), was)| (label, was, "")));
    found
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(label, before, after)| Difference {
            label: label.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        })
        .collect()
}

/// What is said, with the number of times its label stood before it.
fn numbered(said: &[Said]) -> Vec<((&'static str, u32), &str)> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    said.iter()
        .map(|one| {
            let number = seen.entry(one.label).or_default();
            *number += 1;
            ((one.label, *number), one.words.as_str())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(lines: &[(&'static str, &str)]) -> Vec<Said> {
        lines
            .iter()
            .map(|(label, words)| Said::new(label, *words))
            .collect()
    }

    fn told(before: &[(&'static str, &str)], after: &[(&'static str, &str)]) -> Vec<String> {
        differences(&said(before), &said(after))
            .into_iter()
            .map(|one| format!("{}: {} → {}", one.label, one.before, one.after))
            .collect()
    }

    #[test]
    fn what_changed_came_or_went_is_told_in_order() {
        assert_eq!(
            told(
                &[
                    ("Name", "A"),
                    ("Number", "01632 960001"),
                    ("Kind", "Police")
                ],
                &[
                    ("Name", "A"),
                    ("Number", "01632 960002"),
                    ("Kind", "Police")
                ],
            ),
            ["Number: 01632 960001 → 01632 960002"]
        );
        assert_eq!(
            told(
                &[("Name", "A"), ("Number", "")],
                &[("Name", ""), ("Number", "1")]
            ),
            ["Name: A → ", "Number:  → 1"]
        );
    }

    #[test]
    fn a_line_that_one_text_lacks_is_told() {
        assert_eq!(told(&[], &[("Name", "A"), ("Code", "")]), ["Name:  → A"]);
        assert_eq!(
            told(&[("Old", "x"), ("Name", "A")], &[("Name", "A")]),
            ["Old: x → "]
        );
    }

    #[test]
    fn a_label_that_stands_twice_is_compared_in_turn() {
        assert_eq!(
            told(
                &[("Team", "Day"), ("Team", "Night")],
                &[("Team", "Day"), ("Team", "Evening"), ("Team", "Weekend")],
            ),
            ["Team: Night → Evening", "Team:  → Weekend"]
        );
    }

    proptest! {
        #[test]
        fn a_text_differs_in_nothing_from_itself(words in proptest::collection::vec(".{0,8}", 0..6)) {
            let same: Vec<Said> = words.iter().map(|words| Said::new("Label", words)).collect();
            prop_assert_eq!(differences(&same, &same), Vec::new());
        }
    }
}
