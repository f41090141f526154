//! The monthly dataset report: every measure of a month, as one document.

use clearpicture_kernel::Timestamp;
use clearpicture_measures::{Figure, Level, Measure};
use clearpicture_reports::{Block, Column, Report, Section};

use super::ask::Ask;
use super::shown;
use crate::practice::Practice;
use crate::words;

/// What stands in the report of a demonstration.
const INVENTED: &str = "Every person and every figure in this report is invented.";

/// What is known of a report beside its figures.
#[derive(Debug, Clone, Copy)]
pub struct Copy<'a> {
    /// What was asked.
    pub ask: &'a Ask,
    /// Who took it, when, and for what; at the foot of each page.
    pub stamp: &'a str,
    /// When its figures were first given out, where a copy of this day was made before.
    pub first: Option<Timestamp>,
    /// Whether it is made of invented people.
    pub invented: bool,
}

/// The report of these measures and their figures.
pub fn report(practice: &Practice, copy: &Copy<'_>, made: &[(&Measure, Vec<Figure>)]) -> Report {
    let Copy {
        ask,
        stamp,
        first,
        invented,
    } = copy;
    let mut foreword = Vec::new();
    if *invented {
        foreword.push(INVENTED.to_owned());
    }
    foreword.push(
        "Each figure says what it counts, of how many, and how sure it is: with a 95% interval of 60% to 68%, a share \
         of 63% elsewhere could be chance."
            .to_owned(),
    );
    foreword.push(
        match ask.level {
            Level::Internal => {
                "This copy shows every count as it is, small ones too. It stays with those who work on the figures."
            }
            Level::Partnership | Level::Public => {
                "Counts of 1 to 5 are not shown, nor is anything from which they could be worked out. A count of 0 is a \
                 true nought."
            }
        }
        .to_owned(),
    );
    if let Some(first) = first {
        foreword.push(format!(
            "A copy as known on this day was given out before, on {}: the figures are those of that copy. What was \
             recorded since counts in copies as known on a later day.",
            words::moment(*first)
        ));
    }
    if made.is_empty() {
        foreword.push("No measure may be shown in this copy.".to_owned());
    }
    Report {
        title: "Monthly dataset report".to_owned(),
        about: ask.month_in_words(),
        by: practice.partnership.clone(),
        copy: ask.level.words().to_owned(),
        known: format!("as known on {}", words::full_day(ask.as_at)),
        stamp: (*stamp).to_owned(),
        foreword,
        sections: made
            .iter()
            .map(|(measure, figures)| section(practice, measure, figures))
            .collect(),
    }
}

fn section(practice: &Practice, measure: &Measure, figures: &[Figure]) -> Section {
    let mut blocks = vec![Block::Paragraph(measure.meaning.clone())];
    if let Some(own) = figures.first() {
        blocks.push(Block::Figure {
            number: shown::number(own),
            whole: shown::whole(measure, own),
            interval: shown::interval(own),
        });
    }
    blocks.extend(shown::chart(measure, figures).map(Block::Chart));
    blocks.push(Block::Table {
        caption: format!("The parts of which all {} are made", several(measure)),
        columns: vec![
            Column::words("Part"),
            Column::numbers("Count"),
            Column::numbers("Share"),
            Column::numbers("95% interval"),
        ],
        rows: figures.iter().map(|figure| row(measure, figure)).collect(),
    });
    let mut facts = shown::facts(measure);
    if let Some(own) = figures.first() {
        let heard = own
            .sources
            .iter()
            .map(|heard| shown::heard(practice, heard));
        facts.push(("Made of".to_owned(), heard.collect::<Vec<_>>().join("; ")));
        if let Some(complete) = shown::complete(own) {
            facts.push((
                "Records complete".to_owned(),
                format!("{complete}% of those counted"),
            ));
        }
    }
    blocks.push(Block::Heading("What to read with it".to_owned()));
    blocks.push(Block::Facts(facts));
    Section {
        title: measure.title.clone(),
        blocks,
    }
}

fn several(measure: &Measure) -> &str {
    let [_, several] = &measure.unit;
    several
}

fn row(measure: &Measure, figure: &Figure) -> Vec<String> {
    vec![
        shown::title(measure, figure),
        shown::count(figure),
        shown::number(figure),
        shown::range(figure),
    ]
}
