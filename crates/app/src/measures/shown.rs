//! Figures in words, and as a chart: the same on a page, in a document and read aloud.

use clearpicture_kernel::Code;
use clearpicture_measures::{Figure, Heard, Measure};
use clearpicture_reports::{Bar, Chart};

use crate::practice::Practice;
use crate::words;

/// A figure as it stands alone: `64.0%`, or the symbol in its place.
pub(super) fn number(figure: &Figure) -> String {
    match (figure.value, figure.symbol) {
        (Some(value), _) => format!("{value:.1}%"),
        (None, Some(symbol)) => symbol.sign().to_owned(),
        (None, None) => String::new(),
    }
}

/// What stands beside a figure: of how many, or why there is none.
pub(super) fn whole(measure: &Measure, figure: &Figure) -> String {
    match (figure.numerator, figure.denominator, figure.symbol) {
        (Some(part), Some(whole), _) => format!("{part} of {}", measure.units(whole)),
        (_, _, Some(symbol)) => words::sentence(symbol.words()),
        _ => String::new(),
    }
}

/// Between what a figure may lie: `59.7% to 68.1%`; empty when there is none.
pub(super) fn range(figure: &Figure) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("{low:.1}% to {high:.1}%"),
        _ => String::new(),
    }
}

/// How sure a figure is, where it stands alone; empty when there is none.
pub(super) fn interval(figure: &Figure) -> String {
    match range(figure) {
        range if range.is_empty() => range,
        range => format!("95% interval {range}"),
    }
}

/// How many are in a figure's part; the symbol in its place where that is not shown.
pub(super) fn count(figure: &Figure) -> String {
    figure
        .numerator
        .map_or_else(|| number(figure), |count| count.to_string())
}

/// What is to be read with a measure's figures: each fact under its name.
pub(super) fn facts(measure: &Measure) -> Vec<(String, String)> {
    let services: Vec<String> = measure.services.iter().map(service_in_words).collect();
    let facts = [
        (
            "Counts what is told by",
            match services.is_empty() {
                true => "the sources below alone".to_owned(),
                false => format!(
                    "every source of {} that tells of its work",
                    services.join(" and of ").to_lowercase()
                ),
            },
        ),
        ("So what", measure.so_what.clone()),
        ("What else might move it", measure.rival_reading.clone()),
        (
            "Definition",
            format!("{}, version {}", measure.code, measure.version),
        ),
    ];
    facts.map(|(name, fact)| (name.to_owned(), fact)).to_vec()
}

/// What a figure's part is called.
pub(super) fn title(measure: &Measure, figure: &Figure) -> String {
    figure
        .part(measure)
        .map_or_else(|| figure.breakdown.clone(), |part| part.title.clone())
}

/// How far one source had been heard: `Involvement of schools: to 30 September 2022, last file 25 November 2026`.
pub(super) fn heard(practice: &Practice, heard: &Heard) -> String {
    let source = match &heard.service {
        Some(service) if *service == heard.source => service_in_words(service),
        _ => practice.source_title(heard.source.as_str()).to_owned(),
    };
    match (heard.covers_to.or(heard.as_of), heard.received) {
        (_, None) => format!("{source}: no file yet"),
        (None, Some(received)) => format!("{source}: last file {}", words::full_day(received)),
        (Some(to), Some(received)) => format!(
            "{source}: to {}, last file {}",
            words::full_day(to),
            words::full_day(received)
        ),
    }
}

/// A service as people call it: `social-care` as `Social care`.
fn service_in_words(service: &Code) -> String {
    words::sentence(&service.as_str().replace('-', " "))
}

/// Of how many in a hundred of those counted what is known is whole; `None` when there are none.
pub(super) fn complete(figure: &Figure) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share from 0 to 1"
    )]
    figure
        .completeness
        .map(|share| (share * 100.0).round() as u32)
}

/// The parts of a measure's whole as a chart; `None` when there is nothing to draw.
pub(super) fn chart(measure: &Measure, figures: &[Figure]) -> Option<Chart> {
    if figures.iter().all(|figure| figure.value.is_none()) {
        return None;
    }
    let [_, several] = &measure.unit;
    let bar = |figure: &Figure| {
        let share = figure.value.zip(figure.low).zip(figure.high);
        Bar {
            label: title(measure, figure),
            share: share.map(|((value, low), high)| [value, low, high]),
            words: match figure.numerator {
                Some(count) => format!("{} ({count})", number(figure)),
                None => "not shown".to_owned(),
            },
        }
    };
    let described = figures.iter().map(|figure| {
        let shown = match figure.numerator {
            Some(_) => format!("{}, {}", number(figure), interval(figure)),
            None => whole(measure, figure).to_lowercase(),
        };
        format!("{}: {shown}.", title(measure, figure))
    });
    Some(Chart {
        title: format!("How the {several} divide"),
        finding: finding(measure, figures),
        description: described.collect::<Vec<_>>().join(" "),
        bars: figures.iter().map(bar).collect(),
    })
}

/// What can be seen in the chart: its largest part, or that parts are not shown.
fn finding(measure: &Measure, figures: &[Figure]) -> String {
    // A part of nought is never the largest: where all that is shown is nought, what is hidden is larger.
    let shown = figures
        .iter()
        .filter(|figure| figure.numerator.is_some_and(|count| count > 0));
    let largest = shown.max_by_key(|figure| figure.numerator);
    let hidden = figures
        .iter()
        .filter(|figure| figure.numerator.is_none())
        .count();
    let of_all = figures.first().and_then(|figure| figure.denominator);
    let mut finding = match (largest, of_all) {
        (Some(largest), Some(_)) => format!(
            "{}: {}, {}.",
            title(measure, largest),
            whole(measure, largest),
            match (figures.len(), hidden) {
                (0 | 1, _) => "all of them",
                (_, 0) => "the largest part",
                _ => "the largest part shown",
            }
        ),
        _ => String::new(),
    };
    if hidden > 0 {
        if !finding.is_empty() {
            finding.push(' ');
        }
        finding.push_str("Parts that are not shown are small, or would give a small one away.");
    }
    finding
}
