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
            received: day.map(|day| day.parse().expect("a day")),
            covers_to: None,
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
    let json: Vec<String> = made([6, 6, 6], Level::Partnership, BOTH_HEARD)
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
