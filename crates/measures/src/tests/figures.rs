use clearpicture_kernel::{Code, Date, Month};
use proptest::prelude::*;

use super::measures::measure;
use crate::{Counted, Figure, Heard, Level, Symbol, figures, wilson};

fn heard(days: [Option<&str>; 2]) -> Vec<Heard> {
    ["involvement-csc", "involvement-education"]
        .iter()
        .zip(days)
        .map(|(source, day)| Heard {
            source: Code::parse(source).expect("a code"),
            service: None,
            received: day.map(|day| day.parse().expect("a day")),
            covers_to: None,
            as_of: None,
        })
        .collect()
}

fn made(parts: [u64; 3], level: Level, days: [Option<&str>; 2]) -> Vec<Figure> {
    let counted = Counted {
        complete: parts.iter().sum::<u64>() * 9 / 10,
        parts: parts.to_vec(),
    };
    let month: Month = "2026-10".parse().expect("a month");
    let as_at: Date = "2026-11-25".parse().expect("a day");
    figures(&measure(), (month, as_at), level, &counted, &heard(days))
}

const BOTH_HEARD: [Option<&str>; 2] = [Some("2026-11-02"), Some("2026-11-03")];

#[test]
fn the_own_figure_comes_first_and_shares_add_up() {
    let figures = made([320, 90, 90], Level::Internal, BOTH_HEARD);
    let told: Vec<_> = figures
        .iter()
        .map(|figure| (figure.breakdown.as_str(), figure.numerator, figure.value))
        .collect();
    assert_eq!(
        told,
        [
            ("all", Some(320), Some(64.0)),
            ("social-care-only", Some(90), Some(18.0)),
            ("education-only", Some(90), Some(18.0)),
        ]
    );
    let own = figures.first().expect("one");
    assert_eq!((own.low, own.high), (Some(59.7), Some(68.1)));
    assert_eq!(own.completeness, Some(0.9));
}

#[test]
fn what_is_hidden_leaves_no_share_and_no_interval() {
    let figures = made([320, 3, 90], Level::Partnership, BOTH_HEARD);
    let hidden = figures
        .iter()
        .filter(|figure| figure.symbol == Some(Symbol::Confidential));
    assert_eq!(hidden.count(), 2);
    for figure in &figures {
        let shown = figure.symbol.is_none();
        assert_eq!(figure.value.is_some(), shown);
        assert_eq!(figure.numerator.is_some(), shown);
        assert_eq!(figure.low.is_some() && figure.high.is_some(), shown);
    }
    let inside = made([320, 3, 90], Level::Internal, BOTH_HEARD);
    assert!(inside.iter().all(|figure| figure.value.is_some()));
}

#[test]
fn a_source_that_was_not_heard_leaves_a_gap_and_not_a_fall() {
    for figure in made([0, 400, 0], Level::Internal, [Some("2026-11-02"), None]) {
        assert_eq!(figure.symbol, Some(Symbol::NotAvailable));
        assert_eq!(
            (figure.value, figure.numerator, figure.denominator),
            (None, None, None)
        );
    }
}

/// One source of each service, heard to these days by what its files cover and by what they are of.
fn heard_to_days(days: [[Option<&str>; 2]; 2]) -> Vec<Heard> {
    let day = |day: Option<&str>| day.map(|day| day.parse().expect("a day"));
    let mut heard = heard(BOTH_HEARD);
    for (one, [covers_to, as_of]) in heard.iter_mut().zip(days) {
        one.covers_to = day(covers_to);
        one.as_of = day(as_of);
    }
    heard
}

#[test]
fn no_figure_is_given_beyond_what_was_heard() {
    let counted = Counted {
        parts: vec![320, 90, 90],
        complete: 500,
    };
    let shown = |days, month: &str, as_at: &str| {
        let about = (
            month.parse().expect("a month"),
            as_at.parse().expect("a day"),
        );
        let heard = heard_to_days(days);
        let made = figures(&measure(), about, Level::Internal, &counted, &heard);
        made.iter().all(|figure| figure.value.is_some())
    };
    let october = Some("2026-10-31");
    let both = [[october, Some("2026-11-25")], [None, october]];
    assert!(shown(both, "2026-10", "2026-11-25"));
    // The files cover no more than October, whenever they came.
    assert!(!shown(both, "2026-11", "2026-12-25"));
    // A month that is not over.
    assert!(!shown(both, "2026-10", "2026-10-30"));
    assert!(shown(both, "2026-10", "2026-10-31"));
    // One of the two ends a day too early.
    let early = [[october, None], [Some("2026-10-30"), Some("2026-11-25")]];
    assert!(!shown(early, "2026-10", "2026-11-25"));
    assert!(shown(early, "2026-09", "2026-11-25"));
}

#[test]
fn a_service_is_heard_by_whichever_of_its_sources_tells_furthest() {
    let code = |text: &str| Code::parse(text).expect("a code");
    let measure = crate::Measure {
        services: vec![code("school")],
        sources: Vec::new(),
        ..measure()
    };
    let mut heard = heard_to_days([[Some("2026-09-30"), None], [Some("2026-10-31"), None]]);
    assert_eq!(
        crate::heard_to(&measure, &heard),
        None,
        "none is of a school"
    );
    for one in &mut heard {
        one.service = Some(code("school"));
    }
    assert_eq!(
        crate::heard_to(&measure, &heard),
        Some("2026-10-31".parse().expect("a day"))
    );
}

#[test]
fn how_many_are_complete_names_nobody_in_a_copy_that_leaves() {
    let complete = |complete: u64, whole: u64, level| {
        let counted = Counted {
            parts: vec![whole, 0, 0],
            complete,
        };
        let about = (
            "2026-10".parse().expect("a month"),
            "2026-11-25".parse().expect("a day"),
        );
        let made = figures(&measure(), about, level, &counted, &heard(BOTH_HEARD));
        made.first().and_then(|figure| figure.completeness)
    };
    for level in [Level::Partnership, Level::Public] {
        // One child of twenty would be named.
        assert_eq!(complete(19, 20, level), None);
        assert_eq!(complete(3, 20, level), None);
        assert_eq!(complete(20, 20, level), Some(1.0));
        assert_eq!(complete(0, 20, level), Some(0.0));
        assert_eq!(
            complete(488, 500, level),
            Some(0.95),
            "no nearer than a twentieth"
        );
        assert_eq!(complete(480, 500, level), Some(0.95));
        // Each count that is shown could be that of several tables.
        for whole in 6..200_u64 {
            for incomplete in 1..=5 {
                assert_eq!(complete(whole - incomplete, whole, level), None);
            }
        }
    }
    assert_eq!(complete(19, 20, Level::Internal), Some(0.95));
    assert_eq!(complete(488, 500, Level::Internal), Some(0.98));
}

#[test]
fn nothing_counted_is_not_nought_percent() {
    for figure in made([0, 0, 0], Level::Public, BOTH_HEARD) {
        assert_eq!(figure.symbol, Some(Symbol::NotApplicable));
        assert_eq!(figure.denominator, Some(0));
    }
}

#[test]
fn a_share_that_rounds_to_nought_says_so() {
    let figures = made([99_999, 6, 40_000], Level::Internal, BOTH_HEARD);
    assert_eq!(
        figures.get(1).and_then(|figure| figure.symbol),
        Some(Symbol::RoundsToZero)
    );
}

#[test]
fn an_answer_for_programs_has_every_name() {
    let json: Vec<String> = made([320, 90, 90], Level::Partnership, BOTH_HEARD)
        .iter()
        .map(|figure| {
            toml::Value::try_from(figure)
                .expect("written")
                .as_table()
                .expect("a table")
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        json.first().map(String::as_str),
        Some(
            "as_at breakdown completeness denominator high level low measure month numerator sources value version"
        )
    );
}

#[test]
fn intervals_agree_with_published_ones() {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (score without continuity correction).
    for (part, whole, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let (found_low, found_high) = wilson(part, whole).expect("an interval");
        assert!(
            (found_low - low).abs() < 0.000_06,
            "{part} of {whole}: {found_low}"
        );
        assert!(
            (found_high - high).abs() < 0.000_06,
            "{part} of {whole}: {found_high}"
        );
    }
    assert_eq!(wilson(0, 0), None);
    assert_eq!(wilson(2, 1), None);
}

proptest! {
    #[test]
    fn an_interval_holds_the_share(whole in 1..5_000_u64, of in 0.0..=1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small and never negative")]
        let part = (whole as f64 * of) as u64;
        let (low, high) = wilson(part, whole).expect("an interval");
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let share = part as f64 / whole as f64;
        prop_assert!(0.0 <= low && low <= share + 1e-12 && share <= high + 1e-12 && high <= 1.0);
    }
}
