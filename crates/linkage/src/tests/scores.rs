//! Levels, thresholds and blocks.

use std::collections::BTreeSet;

use super::*;
use crate::{BlockError, Comparison, Level};

#[test]
fn what_was_joined_parts_only_below_the_lower_threshold() {
    let records = records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", AWAY),
    ]);
    let (pairs, _) = link(&records);
    let weight = pairs.first().expect("a pair").weight;
    let before = BTreeSet::from([(RecordIndex(0), RecordIndex(1))]);
    let mut strict = model();
    (strict.join, strict.part) = (weight + 1, weight);
    assert_eq!(
        persons(&cluster(
            &records,
            &pairs,
            &BTreeSet::new(),
            &BTreeSet::new(),
            &strict
        ))
        .len(),
        2
    );
    assert_eq!(
        persons(&cluster(
            &records,
            &pairs,
            &before,
            &BTreeSet::new(),
            &strict
        ))
        .len(),
        1
    );
    strict.part = weight + 1;
    assert_eq!(
        persons(&cluster(
            &records,
            &pairs,
            &before,
            &BTreeSet::new(),
            &strict
        ))
        .len(),
        2
    );
}

#[test]
fn a_block_that_tells_nothing_is_refused_in_words() {
    let mut small = model();
    small.block_limit = 2;
    let rows = [(1, "Martin", "Okoro", "2011-12-13", "male", HOME); 3];
    let error = compare_all(&records(&rows), &small).expect_err("too large");
    assert!(matches!(
        error,
        BlockError::Oversized {
            records: 3,
            limit: 2,
            ..
        }
    ));
    assert!(error.to_string().contains("stand-in date"), "{error}");
}

#[test]
fn dates_and_names_are_graded() {
    for (given, born, given_level, born_level) in [
        ("Martin", "2011-12-10", Level::Same, Level::Same),
        (
            "Martin James",
            "2011-10-12",
            Level::FirstSame,
            Level::Swapped,
        ),
        ("Marten", "2011-12-11", Level::Close, Level::DayApart),
        ("Okoro", "2011-12-30", Level::Different, Level::OneDigit),
        ("Damian", "2011-03-04", Level::Different, Level::SameYear),
        ("", "2009-03-04", Level::NotTold, Level::Different),
    ] {
        let records = records(&[
            (1, "Martin", "Okoro", "2011-12-10", "male", HOME),
            (2, given, "Okoro", born, "male", HOME),
        ]);
        let (pairs, _) = link(&records);
        let pair = pairs.first().expect("a pair");
        assert_eq!(pair.level(Comparison::Given), given_level, "{given}");
        assert_eq!(pair.level(Comparison::Born), born_level, "{born}");
    }
}
