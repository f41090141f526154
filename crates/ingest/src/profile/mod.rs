//! Profiles: what a source's files look like, and what they tell.
//!
//! A profile is a TOML file of the practice folder. Unknown keys are refused, and every mistake is told with its file
//! and line. A code map belongs to one source. What changed from year to year stands in editions: each says only what
//! is otherwise from then on.

mod column;
mod edition;
mod file;
mod table;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::Code;
use serde::Deserialize;
use toml::Spanned;

use crate::problem::Problem;
use crate::value::{Reading, Value};

use column::List;
pub(crate) use column::{Column, Kind, Meaning, Pattern, Written, itself};
pub(crate) use edition::{Edition, Years};
pub(crate) use file::{Choose, States};
pub(crate) use table::{Check, Rule, Table};
pub(crate) use tell::{Part, Tell, When};

/// How one source's files are read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, which commands take.
    pub name: Code,
    /// It in words.
    pub title: String,
    /// How its files are made.
    pub(crate) format: Format,
    /// What a file tells of what it no longer holds.
    pub extract: Extract,
    /// Whose numbers the keys of its persons are: sources of one agency that name the same tell of the same persons.
    /// Without it the source tells of nobody.
    pub subjects: Option<Code>,
    /// The service of whose work with a child it tells, where measures count it: `social-care` or `school`.
    pub service: Option<Code>,
    /// Whether what it tells are totals made elsewhere, which can be traced to no rows.
    #[serde(default)]
    pub totals: bool,
    /// Whether what no column is for is passed over without a word: an open format holds much that nobody needs.
    #[serde(default)]
    pub(crate) open: bool,
    /// Lists of codes that several columns share.
    #[serde(default)]
    lists: BTreeMap<String, List>,
    /// What a file says of itself, so that no other is taken for one of this source's.
    #[serde(default)]
    pub(crate) states: Vec<States>,
    /// Of which elements of a record one alone is read.
    #[serde(default)]
    pub(crate) choose: Vec<Choose>,
    /// For which years its layout holds, and where a file says of which year it is.
    pub(crate) years: Option<Years>,
    #[serde(rename = "table")]
    pub(crate) tables: Vec<Table>,
    #[serde(default, rename = "edition")]
    pub(crate) editions: Vec<Edition>,
}

/// How a source's files are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Rows under headings: delimited text or the sheet of a workbook; and XML, where its table names its `record`.
    Table,
    /// Elements within elements.
    Xml,
    /// FHIR R4 resources: one, or a bundle of them.
    Fhir,
}

/// What a file tells of what an earlier one held and it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extract {
    /// It holds all there is: what is no longer there has ended.
    Full,
    /// It holds what is new or was changed.
    Partial,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profile `{file}` cannot be used: line {line}: {problem}")]
pub struct ProfileError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// What is wrong at one place of a profile's text.
pub(crate) struct Wrong {
    at: usize,
    problem: String,
}

impl Wrong {
    pub(crate) fn at<T>(place: &Spanned<T>, problem: String) -> Self {
        Self {
            at: place.span().start,
            problem,
        }
    }
}

impl Profile {
    /// Reads a profile from the text of the file called `file`.
    ///
    /// # Errors
    /// [`ProfileError`] with the line that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let wrong = |Wrong { at, problem }| ProfileError {
            file: file.to_owned(),
            line: 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count(),
            problem,
        };
        let mut profile: Self = toml::from_str(text).map_err(|error| {
            wrong(Wrong {
                at: error.span().map_or(0, |span| span.start),
                problem: error.message().to_owned(),
            })
        })?;
        profile.name_lists().map_err(wrong)?;
        profile.whole().map_err(wrong)?;
        Ok(profile)
    }

    /// Gives each column the list that it names.
    fn name_lists(&mut self) -> Result<(), Wrong> {
        let Self {
            lists,
            tables,
            editions,
            ..
        } = self;
        let changed = editions.iter_mut().flat_map(|edition| edition.columns());
        let all = tables.iter_mut().flat_map(|table| &mut table.columns);
        all.chain(changed).try_for_each(|column| column.list(lists))
    }

    /// Whether every name it uses is there, in every edition.
    fn whole(&self) -> Result<(), Wrong> {
        let start = |problem: &str| Wrong {
            at: 0,
            problem: problem.to_owned(),
        };
        let mut names = BTreeSet::new();
        for table in &self.tables {
            if !names.insert(table.name.as_str()) {
                return Err(start(&format!("two tables are called `{}`", table.name)));
            }
        }
        if self.tables.is_empty() {
            return Err(start("the profile has no `[[table]]`"));
        }
        for edition in &self.editions {
            edition.whole(self)?;
        }
        for year in self.edition_years() {
            for table in self.tables_of(year) {
                let in_tree = self.format != Format::Table || table.record.is_some();
                table.whole(in_tree, self.subjects.is_some())?;
            }
        }
        Ok(())
    }

    /// Whether a column says who is restricted: that is never put right in a file, since a keeper alone lifts a protection.
    pub fn says_who_is_restricted(&self, table: &str, column: &str) -> bool {
        let years = self.edition_years().into_iter();
        let mut tables = years.flat_map(|year| self.tables_of(year));
        tables.any(|of| {
            let restricts =
                |one: &Column| one.is_called(column) && one.means == Some(Meaning::Confidentiality);
            of.name == table && of.columns.iter().any(restricts)
        })
    }

    /// Whether what stands in a column tells neither who somebody is nor where: a code, a flag, or a day that is not that of
    /// a birth. Decided by the column, and so for all rows alike. Of a column that it does not name it is not.
    pub fn tells_neither_who_nor_where(&self, table: &str, column: &str) -> bool {
        let years = self.edition_years().into_iter();
        let tables = years.flat_map(|year| self.tables_of(year));
        let mut found = false;
        for of in tables.filter(|of| of.name == table) {
            for one in of.columns.iter().filter(|one| one.is_called(column)) {
                let is_of_birth = of
                    .facts
                    .iter()
                    .any(|fact| fact.says.get_ref() == "born" && fact.columns().contains(&column));
                if is_of_birth || !one.tells_neither_who_nor_where() {
                    return false;
                }
                found = true;
            }
        }
        found
    }

    /// What `written` stands for in a column of its newest layout; `None` where there is no such column, or nothing is
    /// written. For whoever shows or proves a mapping.
    ///
    /// # Errors
    /// [`Problem`] when it stands for no code, or may stand for two.
    pub fn code_of(
        &self,
        table: &str,
        column: &str,
        written: &str,
    ) -> Option<Result<Code, Problem>> {
        let year = self.edition_years().last().copied().unwrap_or_default();
        let tables = self.tables_of(year);
        let table = tables.iter().find(|one| one.name == table)?;
        let column = table.columns.get(table.place(column)?)?;
        let reading = Reading {
            column,
            dates: table.dates,
            other_years: &[],
            identifies: false,
        };
        let mut found = None;
        let value = reading.read(written, &mut |problem| found = Some(problem));
        match (value, found) {
            (Some(Value::Code(code)), _) => Some(Ok(code.clone())),
            (_, Some(problem)) => Some(Err(problem)),
            _ => None,
        }
    }

    /// The profiles whose rows its rows belong to.
    pub fn belongs_to(&self) -> impl Iterator<Item = &str> {
        let checks = self.tables.iter().flat_map(|table| &table.checks);
        checks.filter_map(|check| check.of.as_deref())
    }

    /// The years from which each of its layouts holds, the newest last; one nought where years make no difference.
    pub(crate) fn edition_years(&self) -> Vec<u16> {
        let base = self.years.as_ref().map_or(0, |years| years.from);
        let mut years: Vec<u16> = self.editions.iter().map(|edition| edition.from).collect();
        years.push(base);
        years.sort_unstable();
        years.dedup();
        years
    }

    /// Its tables as they stood in `year`.
    pub(crate) fn tables_of(&self, year: u16) -> Vec<Table> {
        let mut tables = self.tables.clone();
        let mut editions: Vec<&Edition> = self.editions.iter().collect();
        editions.sort_by_key(|edition| edition.from);
        for edition in editions.into_iter().filter(|edition| edition.from <= year) {
            for table in &mut tables {
                edition.change(table);
            }
        }
        if self.format == Format::Table {
            tables.iter_mut().for_each(Table::name_paths);
        }
        tables
    }

    /// Whether its files may be XML.
    pub(crate) fn is_read_from_xml(&self) -> bool {
        self.format == Format::Xml || (self.format == Format::Table && self.record().is_some())
    }

    /// In XML and JSON, what is a record to it.
    pub(crate) fn record(&self) -> Option<&str> {
        let mut tables = self.tables.iter();
        tables.find_map(|table| table.record.as_deref())
    }

    /// Whether what a file says of itself, by path, is not what files of this source say.
    pub(crate) fn is_contradicted_by(&self, said: &BTreeMap<String, String>) -> bool {
        let mut states = self.states.iter();
        states.any(|one| said.get(&one.path).is_some_and(|says| !one.holds(says)))
    }
}
