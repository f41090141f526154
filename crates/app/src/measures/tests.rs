//! What is said of figures is true of them, also where some are hidden.

use std::path::Path;

use clearpicture_kernel::Timestamp;
use clearpicture_measures::{Counted, Heard, Level, Measure, figures};

use super::copies::foot;
use super::shown::chart;
use crate::practice::Practice;

fn measure() -> Measure {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../practice");
    let practice = Practice::read(Path::new(folder)).expect("read");
    practice.measures.first().expect("a measure").clone()
}

/// What is said of the chart of these parts, in a copy for the partnership.
fn finding(parts: [u64; 3]) -> String {
    let counted = Counted {
        parts: parts.to_vec(),
        complete: 0,
    };
    let measure = measure();
    let about = (
        "2026-10".parse().expect("a month"),
        "2026-11-25".parse().expect("a day"),
    );
    let day = "2026-10-31".parse().ok();
    let heard = measure.services.iter().map(|service| Heard {
        source: service.clone(),
        service: Some(service.clone()),
        received: day,
        covers_to: day,
        as_of: day,
    });
    let heard: Vec<Heard> = heard.collect();
    let made = figures(&measure, about, Level::Partnership, &counted, &heard);
    chart(&measure, &made).map_or(String::new(), |chart| chart.finding)
}

#[test]
fn the_largest_part_is_called_so_only_where_it_can_be_known() {
    let all = finding([320, 100, 80]);
    assert!(
        all.contains("320 of 500 children, the largest part."),
        "{all}"
    );
    let some = finding([2, 300, 40]);
    assert!(some.contains("the largest part shown."), "{some}");
    assert!(some.contains("Parts that are not shown"), "{some}");
    // A nought beside hidden parts is not the largest.
    let nought = finding([2, 0, 300]);
    assert!(!nought.contains("largest"), "{nought}");
}

#[test]
fn a_copy_for_anyone_does_not_name_who_took_it() {
    let taken = "Taken by Ana Lund, data analyst, Northwater Council";
    for level in [Level::Internal, Level::Partnership] {
        assert_eq!(foot(level, taken, Timestamp::UNIX_EPOCH), taken);
    }
    let open = foot(Level::Public, taken, Timestamp::UNIX_EPOCH);
    assert_eq!(open, "Made on 1 January 1970, 01:00");
}
