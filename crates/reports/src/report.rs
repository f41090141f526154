//! What a report says, before it is drawn.

use crate::chart::Chart;
use crate::draw::DrawFault;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is.
    pub title: String,
    /// What it is about: a month, in words.
    pub about: String,
    /// Whose it is: the partnership.
    pub by: String,
    /// What this copy is: `Partnership copy`.
    pub copy: String,
    /// What was known: `as known on 25 November 2026`.
    pub known: String,
    /// Who took this copy, when and for what, at the foot of each page.
    pub stamp: String,
    /// What a reader should know first, a paragraph each.
    pub foreword: Vec<String>,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// One section of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What stands in it, from top to bottom.
    pub blocks: Vec<Block>,
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(String),
    /// A heading under the section's.
    Heading(String),
    /// A figure, its whole and its interval.
    Figure {
        /// The figure: `64.0%`.
        number: String,
        /// Of how many: `320 of 500 children`.
        whole: String,
        /// How sure it is; empty when there is nothing to say.
        interval: String,
    },
    /// A chart.
    Chart(Chart),
    /// A table; the first cell of each row is the row's heading.
    Table {
        /// What it shows.
        caption: String,
        /// Its columns.
        columns: Vec<Column>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
    /// Short things, each under a name.
    Facts(Vec<(String, String)>),
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Whether it holds numbers, which stand right.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn words(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            numeric: false,
        }
    }

    /// A column of numbers.
    pub fn numbers(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            numeric: true,
        }
    }
}

/// Why a report could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] DrawFault),
    /// The document could not be set.
    #[error("the document could not be set: {0}")]
    Set(String),
    /// The document is not one that everybody can read.
    #[error("the document cannot be written as PDF/UA-1: {0}")]
    Accessible(String),
}
