//! Tables: the rows of one kind in a source's file.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::{Column, Kind, Meaning, Pattern, Tell, Written, Wrong};
use crate::reader::tree::plain;

/// The kind of fact that protects somebody.
pub(super) const PROTECTION: &str = "protection";

/// Rows of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Its name; the profile's only table need not have one.
    #[serde(default)]
    pub(crate) name: String,
    /// In a workbook, a pattern that the names of its sheets fit. Without it the headings decide.
    pub(crate) sheet: Option<Pattern>,
    /// In XML and JSON, the elements or resources that are records, from the root.
    pub(crate) record: Option<String>,
    /// In XML and JSON, where in a record its rows are; without it the record is the row.
    pub(crate) at: Option<String>,
    /// The columns that tell a row from every other of its table.
    #[serde(default)]
    pub(crate) key: Vec<Spanned<String>>,
    /// The column of the source's own number for the person.
    pub(crate) person: Option<Spanned<String>>,
    /// How days are written.
    #[serde(default)]
    pub(crate) dates: Written,
    #[serde(default)]
    pub(crate) coverage: CoverageColumns,
    pub(crate) ours: Option<Ours>,
    #[serde(rename = "column")]
    pub(crate) columns: Vec<Column>,
    #[serde(default, rename = "check")]
    pub(crate) checks: Vec<Check>,
    #[serde(default, rename = "fact")]
    pub(crate) facts: Vec<Tell>,
}

/// The columns that say what the extract covers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoverageColumns {
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) to: Option<Spanned<String>>,
    pub(crate) as_of: Option<Spanned<String>>,
}

/// Which rows are this partnership's: the others are counted, and nothing of them is handed on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ours {
    /// The column that tells.
    pub(crate) column: Spanned<String>,
    /// Its values in rows that are ours; a row without one is not.
    pub(crate) is: BTreeSet<String>,
}

/// A check beside those of the columns' types.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) rule: Rule,
    /// The columns it looks at, in the rule's order.
    pub(crate) columns: Vec<Spanned<String>>,
    /// For `orphan`: the profile whose key the columns name.
    pub(crate) of: Option<String>,
}

/// What a check looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// The first column's day is not after the second's.
    BeginsAfterEnd,
    /// The first column's value needs the second's.
    MissingWith,
    /// At most one of them has a value.
    EitherNotBoth,
    /// At least one of them has a value.
    NoneOfSeveral,
    /// All but the last add up to at most the last.
    PartExceedsWhole,
    /// One person has one day of birth, the column's.
    TwoBirthDates,
    /// One value belongs to one person.
    SharedNumber,
    /// Of one person, stretches from the first column to the second do not overlap. Rows stand in order of days.
    OverlappingSpells,
    /// Of one person, one stretch at most has no last day, which is the column's.
    TwoOpenSpells,
    /// The columns are the key of a row of another table or file.
    Orphan,
}

impl Table {
    /// Where the column of this name is.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.is_called(name))
    }

    /// Whether a path leads to where its own rows are.
    pub(crate) fn is_within(&self, path: &str) -> bool {
        let at = self.at.as_deref().map(plain).unwrap_or_default();
        let below = path.strip_prefix(&at);
        at.is_empty() || below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }

    /// Gives each column the way to its values in XML: that of the rows, and its name.
    pub(super) fn name_paths(&mut self) {
        if self.record.is_none() {
            return;
        }
        let at = self.at.as_deref().map(plain).unwrap_or_default();
        for column in &mut self.columns {
            let name = column.name.get_ref();
            column.path.get_or_insert_with(|| match at.as_str() {
                "" => name.clone(),
                at => format!("{at}/{name}"),
            });
        }
    }

    /// Whether every name it uses is there.
    pub(super) fn whole(&self, in_tree: bool, of_persons: bool) -> Result<(), Wrong> {
        for column in &self.columns {
            column.whole(in_tree)?;
        }
        let known = |name: &Spanned<String>| match self.place(name.get_ref()) {
            Some(_) => Ok(()),
            None => Err(Wrong::at(
                name,
                format!("there is no column `{}`", name.get_ref()),
            )),
        };
        let coverage = [&self.coverage.from, &self.coverage.to, &self.coverage.as_of];
        for day in coverage.into_iter().flatten() {
            known(day)?;
            self.is(day, Kind::Date)?;
        }
        for name in self.key.iter().chain(&self.person) {
            known(name)?;
        }
        if let Some(ours) = &self.ours {
            known(&ours.column)?;
        }
        for check in &self.checks {
            for name in &check.columns {
                known(name)?;
            }
        }
        for fact in &self.facts {
            fact.whole(self)?;
        }
        let restricts = |column: &&Column| column.means == Some(Meaning::Confidentiality);
        let protects = |fact: &Tell| fact.says.get_ref() == PROTECTION;
        if let Some(column) = self.columns.iter().find(restricts)
            && of_persons
            && !self.facts.is_empty()
            && !self.facts.iter().any(protects)
        {
            let problem = format!(
                "the column `{}` says whose whereabouts must not be told, and no fact `{PROTECTION}` is made of it",
                column.name.get_ref()
            );
            return Err(Wrong::at(&column.name, problem));
        }
        if let (Some(first), None, true) = (self.facts.first(), &self.person, of_persons) {
            let problem = "a table that tells facts names its `person`".to_owned();
            return Err(Wrong::at(&first.says, problem));
        }
        Ok(())
    }

    fn is(&self, name: &Spanned<String>, kind: Kind) -> Result<(), Wrong> {
        let found = self
            .place(name.get_ref())
            .and_then(|place| self.columns.get(place));
        if found.is_some_and(|column| column.kind == kind) {
            return Ok(());
        }
        let problem = format!(
            "the column `{}` is of another type than this takes",
            name.get_ref()
        );
        Err(Wrong::at(name, problem))
    }
}
