//! Columns: what they are called, and what their values are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clearpicture_kernel::Code;
use serde::Deserialize;
use toml::Spanned;

use super::Wrong;
use crate::value::{RESTRICTED, UNRESTRICTED};
use crate::written::cleaned;

/// One column.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own in a profile, which people write"
)]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Whether the file is not this source's without it, and a blank is a finding.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether the file need not have it, and nothing is said when it has not.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Its other headings.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// A pattern that its headings fit.
    pub(crate) matches: Option<Pattern>,
    /// In XML and JSON, where its values are.
    pub(crate) path: Option<String>,
    /// What is written, and the code that it stands for.
    #[serde(default)]
    pub(crate) codes: Codes,
    /// The profile's list of codes that it takes its own from.
    pub(crate) list: Option<Spanned<String>>,
    /// Written codes that are no longer used, and are read.
    #[serde(default)]
    pub(crate) retired: BTreeSet<String>,
    /// What is written and may mean two codes.
    #[serde(default)]
    pub(crate) ambiguous: BTreeSet<String>,
    /// What is written where nothing is known.
    #[serde(default)]
    pub(crate) blanks: BTreeSet<String>,
    /// Whether whole numbers are written `134.0`.
    #[serde(default)]
    pub(crate) decimals: bool,
    /// Whether its days may lie ahead.
    #[serde(default)]
    pub(crate) ahead: bool,
    /// What its values mean beside their type.
    pub(crate) means: Option<Meaning>,
    /// A pattern that the values of places within the served area fit.
    pub(crate) inside: Option<Pattern>,
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// One line of text.
    Text,
    /// A person's given or family name.
    Name,
    Date,
    /// A code of the column's own list.
    Code,
    Phone,
    Email,
    /// Several lines.
    Address,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    NhsNumber,
    Upn,
    Postcode,
}

/// What a column's values mean beside their type, for the checks that ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Meaning {
    /// The day the person was born.
    Born,
    /// The day the person died.
    Died,
    /// Whether the person died, where the day may not be told.
    Dead,
    /// A day on which something was so: never before birth, after death or at an age of more than 25.
    Event,
    /// Whether whereabouts must not be told: `restricted` or `unrestricted`. What is neither counts as restricted.
    Confidentiality,
    /// The number that has taken the place of the person's.
    Superseded,
}

/// A pattern that headings or the names of sheets fit, small and capital letters alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern(regex_lite::Regex);

impl Pattern {
    pub(crate) fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut builder = regex_lite::RegexBuilder::new(&text);
        let built = builder.case_insensitive(true).build();
        built
            .map(Self)
            .map_err(|error| format!("the pattern cannot be read: {error}"))
    }
}

/// What is written, and the code that it stands for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "CodesWritten")]
pub(crate) struct Codes(pub(crate) Arc<BTreeMap<String, Code>>);

/// Codes as a profile may write them: each with what it stands for, or a list of those that stand for themselves in
/// small letters.
#[derive(Deserialize)]
#[serde(untagged)]
enum CodesWritten {
    Each(BTreeMap<String, Code>),
    Themselves(Vec<String>),
}

impl From<CodesWritten> for Codes {
    fn from(written: CodesWritten) -> Self {
        match written {
            CodesWritten::Each(each) => Self(Arc::new(each)),
            CodesWritten::Themselves(list) => Self(Arc::new(
                list.into_iter()
                    .filter_map(|written| Some((itself(&written)?, written)))
                    .map(|(code, written)| (written, code))
                    .collect(),
            )),
        }
    }
}

/// The code that stands for what is written: in small letters, with hyphens for all else.
pub(crate) fn itself(written: &str) -> Option<Code> {
    let plain: String = written
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    Code::parse(plain.trim_matches('-')).ok()
}

/// A list that several columns share: under each code what is written for it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "BTreeMap<Code, Vec<String>>")]
pub(crate) struct List {
    codes: Codes,
    ambiguous: BTreeSet<String>,
}

impl From<BTreeMap<Code, Vec<String>>> for List {
    fn from(by_code: BTreeMap<Code, Vec<String>>) -> Self {
        let mut codes = BTreeMap::new();
        let mut ambiguous = BTreeSet::new();
        for (code, spellings) in by_code {
            for written in spellings {
                // As values are read: without space around them, with plain spaces, and without what nobody sees.
                let written = cleaned(&written, &mut |_| {}).into_owned();
                if codes.get(&written).is_some_and(|other| *other != code) {
                    ambiguous.insert(written.clone());
                }
                codes.insert(written, code.clone());
            }
        }
        Self {
            codes: Codes(Arc::new(codes)),
            ambiguous,
        }
    }
}

/// How a source writes days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Written {
    /// `2026-11-25`, perhaps with a time after it.
    #[default]
    Iso,
    /// `25/11/2026`.
    DayFirst,
    /// `2026-Nov-25`.
    NamedMonth,
    /// `20261125`.
    Compact,
}

impl Column {
    /// Takes its codes from the list that it names. A spelling that stands under two codes is ambiguous.
    pub(super) fn list(&mut self, lists: &BTreeMap<String, List>) -> Result<(), Wrong> {
        let Some(name) = &self.list else {
            return Ok(());
        };
        let Some(list) = lists.get(name.get_ref()) else {
            let problem = format!("there is no list `{}`", name.get_ref());
            return Err(Wrong::at(name, problem));
        };
        self.codes = list.codes.clone();
        self.ambiguous.extend(list.ambiguous.iter().cloned());
        Ok(())
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name.get_ref() == name
    }

    /// Whether it can be used in files of its format.
    pub(super) fn whole(&self, in_tree: bool) -> Result<(), Wrong> {
        if in_tree && self.path.is_none() {
            let problem = format!("the column `{}` has no `path`", self.name.get_ref());
            return Err(Wrong::at(&self.name, problem));
        }
        if self.kind == Kind::Code && self.codes.0.is_empty() {
            let problem = format!(
                "the column `{}` is of type code and has no `codes`",
                self.name.get_ref()
            );
            return Err(Wrong::at(&self.name, problem));
        }
        if self.means == Some(Meaning::Confidentiality) && !self.says_who_is_restricted() {
            let problem = format!(
                "the column `{}` means confidentiality: it is of type code, and its codes stand for `{RESTRICTED}` and `{UNRESTRICTED}` and for nothing else",
                self.name.get_ref()
            );
            return Err(Wrong::at(&self.name, problem));
        }
        Ok(())
    }

    /// Whether its values tell neither who somebody is nor where, nor who is restricted.
    pub(super) fn tells_neither_who_nor_where(&self) -> bool {
        match self.kind {
            Kind::Code | Kind::Flag => self.means != Some(Meaning::Confidentiality),
            Kind::Date => {
                let name = self.name.get_ref().to_lowercase();
                let is_of_birth = ["birth", "born", "dob"]
                    .iter()
                    .any(|word| name.contains(word));
                self.means != Some(Meaning::Born) && !is_of_birth
            }
            Kind::Text
            | Kind::Name
            | Kind::Phone
            | Kind::Email
            | Kind::Address
            | Kind::Number
            | Kind::NhsNumber
            | Kind::Upn
            | Kind::Postcode => false,
        }
    }

    /// Whether every code of it says whether somebody is restricted, and both can be said.
    fn says_who_is_restricted(&self) -> bool {
        let said: BTreeSet<&str> = self.codes.0.values().map(Code::as_str).collect();
        self.kind == Kind::Code && said == BTreeSet::from([RESTRICTED, UNRESTRICTED])
    }
}
