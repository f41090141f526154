//! Levels, thresholds and blocks.

use super::*;
use crate::level::Level;

#[test]
fn what_was_joined_parts_only_below_the_lower_threshold() {
    let rows = [
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", AWAY),
    ];
    let weight = linked(&records(&rows)).joined[0].weight;
    let persons = |join, part, before: &Before| {
        let mut strict = model().clone();
        (strict.plan.join, strict.part) = (join, part);
        let records = records(&rows);
        let linked = with_common(&records, |common| {
            link(&records, &strict, before, common, 1)
        });
        linked.expect("few enough pairs").clusters.len()
    };
    let before = Before {
        joined: BTreeSet::from([(RecordIndex(0), RecordIndex(1))]),
        ..Before::default()
    };
    assert_eq!(persons(weight + 1, weight, &Before::default()), 2);
    assert_eq!(persons(weight + 1, weight, &before), 1);
    assert_eq!(persons(weight + 2, weight + 1, &before), 2);
}

#[test]
fn a_model_with_a_mistake_is_refused_in_words() {
    let shipped = include_str!("../../../../../practice/linkage/children.toml");
    for (from, to, says) in [
        ("join = ", "jion = ", "unknown field `jion`"),
        (
            "name = \"sex\"",
            "name = \"gender\"",
            "so it must be a number",
        ),
        (
            "part = 2_000",
            "part = 9_000",
            "`part` must be less than `join`",
        ),
        ("m = 0.990, u = 0.500", "m = 0.890, u = 0.500", "not 1"),
        ("\n[children]", "\n[other]", "no table `[children]`"),
        ("partner = \"postcode\"", "", "needs a partner"),
        (
            "\"address.place\"",
            "\"address\"",
            "by these a child is found",
        ),
    ] {
        let broken = shipped.replacen(from, to, 1);
        assert_ne!(broken, shipped, "{from}");
        let error = Model::read(&broken).expect_err(from).to_string();
        assert!(error.contains(says), "{from}: {error}");
    }
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
        let (seen, _) = compared(&records, 0, 1);
        assert_eq!(seen.given, given_level, "{given}");
        assert_eq!(seen.born, born_level, "{born}");
    }
}
