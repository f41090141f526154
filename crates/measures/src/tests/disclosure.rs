use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::{Protected, SMALL, protect};

#[test]
fn worked_tables() {
    let all = |whole, parts: &[u64]| Protected {
        whole: Some(whole),
        parts: parts.iter().copied().map(Some).collect(),
    };
    assert_eq!(protect(&[320, 90, 90]), all(500, &[320, 90, 90]));
    assert_eq!(
        protect(&[320, 0, 90]),
        all(410, &[320, 0, 90]),
        "a true nought is shown"
    );
    // One small part: the next smallest goes too, or the whole would give it back.
    assert_eq!(
        protect(&[320, 3, 90]),
        Protected {
            whole: Some(413),
            parts: vec![Some(320), None, None],
        }
    );
    // Two small parts whose sum would give them away.
    assert_eq!(
        protect(&[320, 1, 1]),
        Protected {
            whole: Some(322),
            parts: vec![None, None, None],
        }
    );
    // Nothing large enough to hide behind: the whole goes.
    assert_eq!(
        protect(&[2, 2, 3]),
        Protected {
            whole: None,
            parts: vec![None, None, None],
        }
    );
    assert_eq!(
        protect(&[4, 0, 0]),
        Protected {
            whole: None,
            parts: vec![None, Some(0), Some(0)],
        }
    );
    assert_eq!(protect(&[0, 0]), all(0, &[0, 0]));
}

/// Every table that a reader who knows the rule, and everything but the counts, must think possible.
fn possible(shown: &Protected, up_to: u64) -> Vec<Vec<u64>> {
    let mut tables: Vec<Vec<u64>> = vec![Vec::new()];
    for part in &shown.parts {
        let values: Vec<u64> = part.map_or_else(|| (1..=up_to).collect(), |count| vec![count]);
        tables = tables
            .iter()
            .flat_map(|table| {
                values.iter().map(move |value| {
                    let mut longer = table.clone();
                    longer.push(*value);
                    longer
                })
            })
            .filter(|table| {
                shown
                    .whole
                    .is_none_or(|whole| table.iter().sum::<u64>() <= whole)
            })
            .collect();
    }
    tables.retain(|table| protect(table) == *shown);
    tables
}

#[test]
fn whoever_knows_the_rule_learns_no_small_count() {
    for a in 0..=12 {
        for b in 0..=12 {
            for c in 0..=12_u64 {
                let counts = [a, b, c];
                let shown = protect(&counts);
                let tables = possible(&shown, 30);
                assert!(tables.contains(&counts.to_vec()), "{counts:?}");
                for (place, count) in counts.iter().enumerate() {
                    if (1..=SMALL).contains(count) {
                        assert_eq!(shown.parts.get(place), Some(&None), "{counts:?}");
                        let values: BTreeSet<u64> = tables
                            .iter()
                            .filter_map(|table| table.get(place).copied())
                            .collect();
                        assert!(values.len() >= 4, "{counts:?}: {place} is {values:?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn no_small_count_is_shown_or_left_over(counts in prop::collection::vec(0..60_u64, 1..8)) {
        let shown = protect(&counts);
        let whole: u64 = counts.iter().sum();
        prop_assert!(shown.whole.is_none_or(|shown| shown == whole));
        prop_assert!(shown.whole.is_none_or(|whole| !(1..=SMALL).contains(&whole)));
        let mut left = whole;
        let mut hidden = 0;
        for (count, part) in counts.iter().zip(&shown.parts) {
            match part {
                Some(part) => {
                    prop_assert_eq!(part, count);
                    prop_assert!(!(1..=SMALL).contains(part));
                    left -= part;
                }
                None => {
                    prop_assert!(*count > 0, "a nought is never hidden");
                    hidden += 1;
                }
            }
        }
        if hidden > 0 && shown.whole.is_some() {
            // Each hidden count could be 1, and could be more than a small one.
            prop_assert!(hidden > 1 && left - (hidden - 1) > SMALL);
        }
    }

    #[test]
    fn the_order_of_the_parts_does_not_matter(counts in prop::collection::vec(0..40_u64, 1..6)) {
        let mut turned = counts.clone();
        turned.reverse();
        prop_assert_eq!(protect(&counts).whole, protect(&turned).whole);
        let hidden = |shown: &Protected| shown.parts.iter().filter(|part| part.is_none()).count();
        prop_assert_eq!(hidden(&protect(&counts)), hidden(&protect(&turned)));
    }
}
