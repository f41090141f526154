//! What a measure is.

use std::collections::BTreeSet;

use clearpicture_kernel::Code;
use serde::Deserialize;

use crate::case::Case;

/// One measure, as its file says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Its code, which is its file's name too.
    pub code: Code,
    /// Raised whenever what it counts changes.
    pub version: u32,
    /// What it is called.
    pub title: String,
    /// What it counts, in one sentence.
    pub meaning: String,
    /// What one of the things counted is called, and several of them: `["child", "children"]`.
    pub unit: [String; 2],
    /// The services of whose work it tells, as profiles name them. There is no figure beyond the day up to which each was
    /// heard by one source or another.
    #[serde(default)]
    pub services: Vec<Code>,
    /// Sources each of which must be heard beside them, by the names of their profiles.
    #[serde(default)]
    pub sources: Vec<Code>,
    /// What the figure is for.
    pub so_what: String,
    /// What else might move it.
    pub rival_reading: String,
    /// Whether its figures may stand in public tables.
    #[serde(default)]
    pub publish: bool,
    /// The code of the part whose share of the whole is the measure's own figure.
    pub headline: Code,
    /// The parts of the whole: each thing counted is in exactly one.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
    /// One `SELECT` over the analysis tables. Its columns are `unit` (a surrogate, each once), `part` (a code of
    /// `parts`) and `complete` (whether what is known of it is whole). `$month_first` and `$month_last` are days.
    pub sql: String,
    /// Worked cases: rows, and what they come to.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// One part of a measure's whole.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its code.
    pub code: Code,
    /// It in words.
    pub title: String,
}

/// Why a measure's file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// It is not TOML, or a key is missing, unknown or of another kind.
    #[error("{0}")]
    Shape(String),
    /// The parts do not fit.
    #[error("{0}")]
    Parts(String),
    /// Nothing says what must be heard.
    #[error(
        "the measure names neither `services` nor `sources`: say what must be heard before there is a figure"
    )]
    NothingHeard,
    /// Nothing shows what it counts.
    #[error("the measure has no worked case: add a `[[case]]` with rows and what they come to")]
    NoCase,
}

impl Measure {
    /// Reads a measure's file.
    ///
    /// # Errors
    /// [`MeasureError`] with what is wrong and how to put it right.
    pub fn parse(text: &str) -> Result<Self, MeasureError> {
        let measure: Self =
            toml::from_str(text).map_err(|error| MeasureError::Shape(error.to_string()))?;
        measure.check()?;
        Ok(measure)
    }

    /// The place of the part with this code.
    pub fn part(&self, code: &Code) -> Option<usize> {
        self.parts.iter().position(|part| part.code == *code)
    }

    /// So many of what is counted: `1 child`, `500 children`.
    pub fn units(&self, count: u64) -> String {
        let [one, several] = &self.unit;
        format!("{count} {}", if count == 1 { one } else { several })
    }

    fn check(&self) -> Result<(), MeasureError> {
        let codes: BTreeSet<&Code> = self.parts.iter().map(|part| &part.code).collect();
        if codes.len() != self.parts.len() {
            return Err(MeasureError::Parts(
                "two parts have one code: give each its own".to_owned(),
            ));
        }
        if codes.len() < 2 {
            return Err(MeasureError::Parts(
                "a whole has at least two parts: add a `[[part]]` for what is not the headline"
                    .to_owned(),
            ));
        }
        if !codes.contains(&self.headline) {
            return Err(MeasureError::Parts(format!(
                "the headline `{}` is no part: name the code of a `[[part]]`",
                self.headline
            )));
        }
        for case in &self.cases {
            if let Some(unknown) = case.gives.keys().find(|code| !codes.contains(code)) {
                return Err(MeasureError::Parts(format!(
                    "the case \"{}\" gives `{unknown}`, which is no part",
                    case.says
                )));
            }
        }
        if self.services.is_empty() && self.sources.is_empty() {
            return Err(MeasureError::NothingHeard);
        }
        if self.cases.is_empty() {
            return Err(MeasureError::NoCase);
        }
        Ok(())
    }
}
