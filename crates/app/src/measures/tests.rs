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

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the shipped files, read in a test"
)]
fn every_source_that_tells_of_a_services_work_says_whose_it_is() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../practice");
    let services = Practice::read(Path::new(folder)).expect("read").services();
    let files = std::fs::read_dir(format!("{folder}/sources")).expect("a folder");
    let mut told = 0;
    for file in files {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("read");
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name");
        let says = |kinds: &[&str]| {
            let mut kinds = kinds.iter();
            kinds.any(|kind| text.contains(&format!("says = \"{kind}\"")))
        };
        let expected = if says(&["enrolment", "attendance", "exclusion"]) {
            "school"
        } else if says(&[
            "referral",
            "assessment",
            "section47",
            "care-episode",
            "care-year",
        ]) {
            "social-care"
        } else {
            continue;
        };
        let service = services.iter().find(|(source, _)| source.as_str() == name);
        let service = service.map(|(_, service)| service.as_str());
        assert_eq!(service, Some(expected), "{name}");
        told += 1;
    }
    assert!(told > 8, "{told} sources tell of a service's work");
}
