//! The rules of governance; its journeys are with the others, in `tests/it`.

use clearpicture_kernel::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::rules::{self, Standing, WayIn};
use super::types::Verdict;
use crate::shell::Errors;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

#[test]
fn the_glass_is_whole_again_after_three_hours() {
    assert_eq!(
        rules::whole_again(at("2026-11-21T23:30:00Z")),
        at("2026-11-22T02:30:00Z")
    );
}

#[test]
fn whoever_may_know_of_nothing_finds_nothing() {
    let way = |knows, opens, opens_by_glass| {
        Standing {
            knows,
            opens,
            opens_by_glass,
        }
        .way_in()
    };
    assert_eq!(way(true, true, true), WayIn::Open);
    assert_eq!(way(true, false, true), WayIn::Glass);
    assert_eq!(way(true, false, false), WayIn::Closed);
    assert_eq!(way(false, false, false), WayIn::None);
}

#[test]
fn a_reason_says_something() {
    for wrong in ["", "   ", "duty", "123456789", "a\u{202E}bcdefghijk"] {
        assert!(rules::reason(wrong).is_err(), "{wrong}");
    }
    assert!(rules::reason("Night duty").is_ok());
}

#[test]
fn a_doubt_needs_a_note_and_a_fine_look_up_does_not() {
    let decide = |verdict: &str, note: &str| {
        let mut errors = Errors::default();
        rules::decision(&mut errors, verdict, note).map(|(verdict, _)| verdict)
    };
    assert_eq!(decide("fine", ""), Some(Verdict::Fine));
    assert_eq!(decide("ask", ""), None);
    assert_eq!(
        decide("incident", "A neighbour of the family."),
        Some(Verdict::Incident)
    );
    assert_eq!(decide("", "A neighbour of the family."), None);
}

#[test]
fn a_week_begins_on_monday_by_london_time() {
    let monday = date(2026, 10, 19);
    assert_eq!(rules::monday_of(date(2026, 10, 25)), monday);
    assert_eq!(rules::monday_of(monday), monday);
    // The clocks go back on the Sunday of this week.
    let (from, until) = rules::bounds(monday);
    assert_eq!(from, at("2026-10-18T23:00:00Z"));
    assert_eq!(until, at("2026-10-26T00:00:00Z"));
    assert_eq!(rules::last_whole_week(until), monday);
    assert_eq!(
        rules::last_whole_week(at("2026-10-25T23:59:59Z")),
        date(2026, 10, 12)
    );
}

proptest! {
    #[test]
    fn a_sample_is_the_same_in_whatever_order_it_is_drawn(mut looks in proptest::collection::btree_set(any::<i64>(), 0..80).prop_map(Vec::from_iter)) {
        let week = date(2026, 11, 16);
        let drawn = rules::sample(week, looks.clone());
        prop_assert_eq!(drawn.len(), looks.len().min(20));
        looks.reverse();
        prop_assert_eq!(rules::sample(week, looks), drawn);
    }
}

#[test]
fn each_week_draws_anew() {
    let drawn = |week| rules::sample(week, 1..=200);
    assert_ne!(drawn(date(2026, 11, 16)), drawn(date(2026, 11, 23)));
}
