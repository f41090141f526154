//! How a row becomes a fact: each part of the fact by its column.
//!
//! A fact is made through its own serialised form, so no kind of fact needs a line here: what the kernel can read, a
//! profile can say. Each is tried once with values of its columns' types when the profile is read.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::Says;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use toml::Spanned;

use super::table::PROTECTION;
use super::{Column, Kind, Meaning, Table, Wrong};

/// One fact of a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tell {
    /// Its kind.
    pub(crate) says: Spanned<String>,
    /// Its first day.
    pub(crate) from: Option<Part>,
    /// Its last day.
    pub(crate) to: Option<Part>,
    /// Its parts, by the names that the kernel gives them.
    #[serde(rename = "with", default)]
    pub(crate) parts: BTreeMap<String, Part>,
    /// Only in rows where it holds.
    pub(crate) when: Option<When>,
}

/// Where a part of a fact comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Part {
    /// A column's value.
    Column(String),
    /// The same in every row.
    Is(Is),
    /// A column's value, only in rows where another has one of these codes.
    When(ColumnWhen),
    /// The values of several columns, each on a line of its own.
    Lines(Lines),
    /// Parts of its own.
    Of(BTreeMap<String, Self>),
}

/// A value that is the same in every row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Is {
    pub(crate) is: String,
}

/// Columns whose values are the lines of one text: an address, and the postcode that stands in a column of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<String>,
}

/// A column's value in some rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnWhen {
    pub(crate) column: String,
    pub(crate) when: When,
}

/// Rows in which a column has one of these codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    pub(crate) column: String,
    pub(crate) is: BTreeSet<String>,
}

impl Part {
    /// The columns it takes from.
    pub(crate) fn columns<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::Column(column) => into.push(column),
            Self::Is(_) => {}
            Self::When(when) => into.extend([when.column.as_str(), &when.when.column]),
            Self::Lines(these) => into.extend(these.lines.iter().map(String::as_str)),
            Self::Of(parts) => parts.values().for_each(|part| part.columns(into)),
        }
    }

    /// It with a value of each column's type.
    fn sample(&self, table: &Table) -> Json {
        let of = |name: &str| {
            let column = table.place(name).and_then(|place| table.columns.get(place));
            column.map_or(Json::Null, sample)
        };
        match self {
            Self::Column(column) => of(column),
            Self::Is(one) => Json::String(one.is.clone()),
            Self::When(when) => of(&when.column),
            Self::Lines(these) => these.lines.first().map_or(Json::Null, |name| of(name)),
            Self::Of(parts) => Json::Object(
                parts
                    .iter()
                    .map(|(name, part)| (name.clone(), part.sample(table)))
                    .collect(),
            ),
        }
    }
}

/// A value of a column's type.
fn sample(column: &Column) -> Json {
    let text = match column.kind {
        Kind::Number => return Json::from(1),
        Kind::Flag => return Json::from(true),
        Kind::Date => "2020-02-29",
        Kind::Code => {
            return column
                .codes
                .0
                .values()
                .next()
                .map_or(Json::Null, |code| Json::from(code.as_str()));
        }
        Kind::Phone => "020 7946 0000",
        Kind::Email => "name@agency.example",
        Kind::Text | Kind::Name | Kind::Address | Kind::NhsNumber | Kind::Upn | Kind::Postcode => {
            "sample"
        }
    };
    Json::from(text)
}

impl Tell {
    /// Every column it takes from.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut all = Vec::new();
        for part in self.parts.values().chain(&self.from).chain(&self.to) {
            part.columns(&mut all);
        }
        all.extend(self.when.iter().map(|when| when.column.as_str()));
        all
    }

    /// Whether a problem in a column gives reason to doubt the fact. Of several lines of one text the first vouches for it:
    /// an address is no less one for a slip in its postcode.
    pub(crate) fn rests_on(&self, column: &str) -> bool {
        let is_further_line = self.parts.values().any(|part| match part {
            Part::Lines(these) => these.lines.iter().skip(1).any(|line| line == column),
            _ => false,
        });
        !is_further_line && self.columns().contains(&column)
    }

    /// Whether the kernel can read what it makes.
    pub(super) fn whole(&self, table: &Table) -> Result<(), Wrong> {
        for name in self.columns() {
            if table.place(name).is_none() {
                let problem = format!(
                    "there is no column `{name}`, which the fact `{}` takes from",
                    self.says.get_ref()
                );
                return Err(Wrong::at(&self.says, problem));
            }
        }
        let mut made = Map::new();
        made.insert("kind".to_owned(), Json::from(self.says.get_ref().as_str()));
        for (name, part) in &self.parts {
            made.insert(name.clone(), part.sample(table));
        }
        let known: BTreeSet<String> =
            match serde_json::from_value::<Says>(Json::Object(made.clone())) {
                Ok(says) => match serde_json::to_value(&says) {
                    Ok(Json::Object(read)) => read.into_iter().map(|(name, _)| name).collect(),
                    _ => BTreeSet::new(),
                },
                Err(error) => {
                    let problem =
                        format!("the fact `{}` cannot be made: {error}", self.says.get_ref());
                    return Err(Wrong::at(&self.says, problem));
                }
            };
        self.protects_by_what_fails_closed(table)?;
        // A name that the kernel does not know would be dropped without a word.
        match made.keys().find(|name| !known.contains(*name)) {
            Some(name) => {
                let problem = format!(
                    "the fact `{}` cannot be made: it has no `{name}`",
                    self.says.get_ref()
                );
                Err(Wrong::at(&self.says, problem))
            }
            None => Ok(()),
        }
    }

    /// A code that is left out where it is not known would leave somebody unprotected: the code of a protection is always
    /// that of a column which means confidentiality.
    fn protects_by_what_fails_closed(&self, table: &Table) -> Result<(), Wrong> {
        if self.says.get_ref() != PROTECTION {
            return Ok(());
        }
        let means = |name: &str| {
            let column = table.place(name).and_then(|place| table.columns.get(place));
            column.and_then(|column| column.means)
        };
        let fails_closed = self
            .columns()
            .iter()
            .all(|name| means(name) == Some(Meaning::Confidentiality));
        if fails_closed {
            return Ok(());
        }
        let problem = format!(
            "the fact `{PROTECTION}` is made of columns alone that mean confidentiality: a code that is not known must protect"
        );
        Err(Wrong::at(&self.says, problem))
    }
}
