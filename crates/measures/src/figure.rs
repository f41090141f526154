//! Figures: what a measure comes to, as it may be shown.

use std::fmt;

use clearpicture_kernel::{Code, Date, Month};
use serde::{Deserialize, Serialize};

use crate::count::{Counted, Heard, heard_to};
use crate::disclosure::{Protected, protect};
use crate::interval::wilson;
use crate::measure::{Measure, Part};

/// The breakdown of a measure's own figure.
const ALL: &str = "all";

/// For whom figures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Those who work on the figures here: every count as it is.
    Internal,
    /// The partners: no small count.
    Partnership,
    /// Anyone: no small count, and only what a measure says may be published.
    Public,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Internal, Self::Partnership, Self::Public];

    /// The level's name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Partnership => "partnership",
            Self::Public => "public",
        }
    }

    /// What a copy at this level is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Internal => "Internal copy",
            Self::Partnership => "Partnership copy",
            Self::Public => "Public copy",
        }
    }

    /// Whether a measure may be shown at this level at all.
    pub const fn shows(self, measure: &Measure) -> bool {
        match self {
            Self::Internal | Self::Partnership => true,
            Self::Public => measure.publish,
        }
    }
}

/// What stands where a value does not: the symbols of official statistics in England.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Symbol {
    /// Not shown, so that nobody can be told from it.
    #[serde(rename = "c")]
    Confidential,
    /// Not available: not everything was heard up to the end of the month.
    #[serde(rename = ":")]
    NotAvailable,
    /// Not applicable: there is nothing of which it could be a share.
    #[serde(rename = "z")]
    NotApplicable,
    /// Not nought, and rounds to it.
    #[serde(rename = "k")]
    RoundsToZero,
}

impl Symbol {
    /// The symbol.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Confidential => "c",
            Self::NotAvailable => ":",
            Self::NotApplicable => "z",
            Self::RoundsToZero => "k",
        }
    }

    /// What it means.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Confidential => "not shown, so that nobody can be told from it",
            Self::NotAvailable => {
                "not available: not every service has been heard to the end of the month"
            }
            Self::NotApplicable => "not applicable: there is nothing to count",
            Self::RoundsToZero => "more than nought, and less than 0.05",
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

/// One figure: the share of a whole that one part is, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The measure.
    pub measure: Code,
    /// The measure's version.
    pub version: u32,
    /// The month it is about.
    pub month: Month,
    /// The day as at whose end it was known.
    pub as_at: Date,
    /// For whom it is.
    pub level: Level,
    /// `all` for the measure's own figure, otherwise the code of another part.
    pub breakdown: String,
    /// The share in percent, to one decimal place.
    pub value: Option<f64>,
    /// Why there is no value.
    pub symbol: Option<Symbol>,
    /// How many are in the part.
    pub numerator: Option<u64>,
    /// How many there are in all.
    pub denominator: Option<u64>,
    /// The lower end of the 95% interval, in percent.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Of what share of all, from 0 to 1, what is known is whole; in copies that leave rounded down to a twentieth, and left
    /// out where few are otherwise.
    pub completeness: Option<f64>,
    /// How far each source that it rests on had been heard.
    pub sources: Vec<Heard>,
}

/// The figures of a measure: its own first, then one for each other part, in the measure's order.
///
/// Disclosure control runs on the counts before any share is made of them. While not everything that the measure needs
/// was heard up to the end of the month, or the month is not over, there is no figure, rather than one that looks like a
/// fall or like the month before.
pub fn figures(
    measure: &Measure,
    (month, as_at): (Month, Date),
    level: Level,
    counted: &Counted,
    sources: &[Heard],
) -> Vec<Figure> {
    let shown = match level {
        Level::Internal => Protected {
            whole: Some(counted.whole()),
            parts: counted.parts.iter().copied().map(Some).collect(),
        },
        Level::Partnership | Level::Public => protect(&counted.parts),
    };
    let last = month.last();
    let unheard = as_at < last || heard_to(measure, sources).is_none_or(|to| to < last);
    let completeness = shown
        .whole
        .filter(|whole| *whole > 0 && !unheard)
        .and_then(|whole| complete(counted.complete, whole, level));
    let figure = |part: &Part, numerator: Option<u64>| {
        let (numerator, denominator) = if unheard {
            (None, None)
        } else {
            (numerator, shown.whole)
        };
        let (value, symbol) = match (numerator, denominator) {
            _ if unheard => (None, Some(Symbol::NotAvailable)),
            (_, Some(0)) => (None, Some(Symbol::NotApplicable)),
            (Some(numerator), Some(denominator)) => {
                let value = percent(share(numerator, denominator));
                if value < 0.05 && numerator > 0 {
                    (None, Some(Symbol::RoundsToZero))
                } else {
                    (Some(value), None)
                }
            }
            _ => (None, Some(Symbol::Confidential)),
        };
        let interval = numerator
            .zip(denominator)
            .and_then(|(numerator, denominator)| wilson(numerator, denominator));
        Figure {
            measure: measure.code.clone(),
            version: measure.version,
            month,
            as_at,
            level,
            breakdown: if part.code == measure.headline {
                ALL.to_owned()
            } else {
                part.code.to_string()
            },
            value,
            symbol,
            numerator,
            denominator,
            low: interval.map(|(low, _)| percent(low)),
            high: interval.map(|(_, high)| percent(high)),
            completeness,
            sources: sources.to_vec(),
        }
    };
    let mut figures: Vec<Figure> = measure
        .parts
        .iter()
        .zip(shown.parts)
        .map(|(part, numerator)| figure(part, numerator))
        .collect();
    // The measure's own figure first; the order of the others stays.
    figures.sort_by_key(|figure| figure.breakdown != ALL);
    figures
}

impl Figure {
    /// Whether it is the measure's own rather than another part's.
    pub fn is_headline(&self) -> bool {
        self.breakdown == ALL
    }

    /// The part of `measure` that it is about.
    pub fn part<'a>(&self, measure: &'a Measure) -> Option<&'a Part> {
        let is = |part: &&Part| match self.is_headline() {
            true => part.code == measure.headline,
            false => part.code.as_str() == self.breakdown,
        };
        measure.parts.iter().find(is)
    }
}

/// Of what share what is known is whole: a share like any other, so that a copy that leaves does not tell of the few whose
/// records are not.
fn complete(complete: u64, whole: u64, level: Level) -> Option<f64> {
    let share = share(complete, whole);
    match level {
        Level::Internal => Some(rounded(share, 100.0)),
        Level::Partnership | Level::Public => {
            let parts = protect(&[complete, whole.saturating_sub(complete)]).parts;
            let hidden = parts.iter().any(Option::is_none);
            (!hidden).then(|| (share * 20.0 + 1e-9).floor() / 20.0)
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no count of children comes near 2^53"
)]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

fn percent(share: f64) -> f64 {
    rounded(share * 100.0, 10.0)
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
