//! Records as columns of codes.

use std::borrow::Cow;

use super::kind::Form;
use super::statements::Statements;
use super::texts::{Full, Texts, mix};
use super::values::Values;
use crate::clean;

/// Why records cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// One column has too many different values.
    #[error(transparent)]
    Full(#[from] Full),
    /// Two records of a source have one id.
    #[error(
        "{source_name}: the records {first} and {second} both have the id `{id}` in `{column}`: each needs its own, or leave `id_column` out"
    )]
    Duplicate {
        /// The source.
        source_name: String,
        /// The column of ids.
        column: String,
        /// The id.
        id: String,
        /// Where it stands first, from 1.
        first: u32,
        /// And where again.
        second: u32,
    },
    /// A record has no id.
    #[error(
        "{source_name}: the record {record} has nothing in `{column}`: each needs an id, or leave `id_column` out"
    )]
    NoId {
        /// The source.
        source_name: String,
        /// The column of ids.
        column: String,
        /// Which record, from 1.
        record: u32,
    },
    /// No file has a column.
    #[error(
        "no file has a column `{name}`, which the model calls {wanted:?}; the files have {found:?}"
    )]
    NoColumn {
        /// Its name in the model.
        name: String,
        /// Its headings.
        wanted: Vec<String>,
        /// The headings that were found.
        found: Vec<String>,
    },
    /// A file has no column of ids, or none of the truth.
    #[error("{source_name} has no column `{column}`; it has {found:?}")]
    NoSuchHeading {
        /// The source.
        source_name: String,
        /// The heading.
        column: String,
        /// The headings that were found.
        found: Vec<String>,
    },
    /// More records than can be numbered.
    #[error("there are more records than 4,294,967,295")]
    TooMany,
}

/// One column of all records.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// Which values it is of.
    pub(super) values: usize,
    /// For each value how many records have it.
    pub(super) counts: Vec<u32>,
    /// How many records tell one.
    pub(super) told: u32,
}

impl Held {
    /// How many different values records tell.
    pub(super) fn different(&self) -> usize {
        let values = self.counts.iter().skip(1);
        values.filter(|count| **count > 0).count()
    }
}

/// Where a source's records are.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// How many records it has.
    pub records: u32,
    /// The columns of the plan that it does not have.
    pub without: Vec<String>,
    pub(super) ids: Option<Texts>,
}

impl Source {
    /// What a record of it is called, by its number from 1: the text of its column of ids, or that number.
    pub fn id(&self, number: u32) -> Cow<'_, str> {
        match &self.ids {
            Some(ids) => Cow::Borrowed(ids.get(number)),
            None => Cow::Owned(number.to_string()),
        }
    }
}

/// A column that is kept beside the records, and that no model sees.
#[derive(Debug, Clone)]
pub(super) struct Aside {
    pub(super) heading: String,
    pub(super) texts: Texts,
    /// For each record the number of its value; 0 when it tells none.
    pub(super) codes: Vec<u32>,
    /// Whether words that only say that nothing is known are no value of it.
    has_blanks: bool,
}

impl Aside {
    pub(super) fn new(heading: &str) -> Self {
        Self {
            heading: heading.to_owned(),
            texts: Texts::default(),
            codes: Vec::new(),
            has_blanks: false,
        }
    }

    /// The truth: all whose answer is `not known` are not one person.
    pub(super) fn truth(heading: &str) -> Self {
        Self {
            has_blanks: true,
            ..Self::new(heading)
        }
    }

    /// Adds what a record tells.
    pub(super) fn push(&mut self, told: &str) -> Result<(), Full> {
        let told = if self.has_blanks && clean::is_blank(told) {
            ""
        } else {
            told
        };
        self.codes.push(self.texts.code(told)?);
        Ok(())
    }
}

/// Columns that are kept beside the records, by their headings, and that no model sees.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asides<'a> {
    /// Which records are one person.
    pub truth: Option<&'a str>,
    /// What groups of records are told apart by when the linking is judged.
    pub groups: &'a [String],
}

/// Records of one or more sources, ready to compare.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) columns: Vec<Held>,
    pub(super) statements: Statements,
    pub(super) values: Vec<Values>,
    pub(super) sources: Vec<Source>,
    pub(super) truth: Option<Aside>,
    pub(super) groups: Vec<Aside>,
    pub(super) records: u32,
}

impl Table {
    /// How many records there are.
    pub const fn len(&self) -> u32 {
        self.records
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// How many bytes the records take, with their values and what stands beside them.
    pub fn bytes(&self) -> u64 {
        let counts = self.columns.iter().map(|held| held.counts.capacity());
        let counts = size_of::<u32>() * counts.sum::<usize>();
        let values: usize = self.values.iter().map(Values::bytes).sum();
        let ids = self.sources.iter().filter_map(|source| source.ids.as_ref());
        let ids: usize = ids.map(Texts::bytes).sum();
        let asides = self.truth.iter().chain(&self.groups);
        let asides = asides.map(|one| one.texts.bytes() + size_of::<u32>() * one.codes.capacity());
        (self.statements.bytes() + values + counts + ids + asides.sum::<usize>()) as u64
    }

    /// The sources, in the order they came.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Where a record is: the place of its source, and its number there from 1.
    pub fn place_of(&self, record: u32) -> (usize, u32) {
        let mut number = record;
        for (place, source) in self.sources.iter().enumerate() {
            if number < source.records {
                return (place, number + 1);
            }
            number -= source.records;
        }
        (self.sources.len(), 0)
    }

    /// The numbers of a record's values, column by column; 0 where it tells none.
    pub(crate) fn row(&self, record: u32) -> &[u32] {
        self.statements.said(self.statements.of(record))
    }

    /// What tells statements apart, whatever order records come in.
    pub(super) fn contents(&self) -> impl Fn(u32) -> u64 {
        let wholes: Vec<&[u64]> = self
            .columns
            .iter()
            .map(|column| {
                self.values_of(column)
                    .map_or(&[][..], |all| all.forms(Form::Whole))
            })
            .collect();
        move |statement| {
            let told = wholes.iter().zip(self.statements.said(statement));
            told.fold(0, |so_far, (whole, code)| {
                mix(
                    so_far,
                    whole.get(*code as usize).copied().unwrap_or_default(),
                )
            })
        }
    }

    pub(super) fn values_of(&self, column: &Held) -> Option<&Values> {
        self.values.get(column.values)
    }
}

pub(super) fn at(all: &[u32], place: u32) -> u32 {
    all.get(place as usize).copied().unwrap_or_default()
}

/// A row of a file: what it has under each heading.
pub trait Cells {
    /// What it has under a heading, by its place; an empty text for nothing.
    fn cell(&self, place: usize) -> &str;
}

impl Cells for Vec<String> {
    fn cell(&self, place: usize) -> &str {
        self.get(place).map_or("", String::as_str)
    }
}
