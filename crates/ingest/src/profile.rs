//! Profiles: what a source's columns are called, and what they tell.
//!
//! A profile is a TOML file of the practice folder. Unknown keys are refused, and
//! every mistake is told with its file and line. A code map belongs to one source.

use std::collections::BTreeMap;

use clearpicture_kernel::Code;
use serde::Deserialize;
use toml::Spanned;

/// How one source's file is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, which commands take.
    pub name: Code,
    /// It in words.
    pub title: String,
    /// The column of the source's own key for a person.
    pub(crate) key: Spanned<String>,
    #[serde(default)]
    pub(crate) coverage: CoverageColumns,
    #[serde(rename = "column")]
    pub(crate) columns: Vec<Column>,
    pub(crate) facts: FactColumns,
}

/// One column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Whether the file is not this source's without it, and a blank is a finding.
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) codes: BTreeMap<String, Code>,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Text,
    Date,
    Code,
    Phone,
    Email,
    Address,
}

/// The columns that say what the extract covers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoverageColumns {
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) to: Option<Spanned<String>>,
    pub(crate) as_of: Option<Spanned<String>>,
}

/// The facts that a row tells, each by its columns.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactColumns {
    pub(crate) name: Option<NameColumns>,
    pub(crate) born: Option<BornColumn>,
    pub(crate) sex: Option<SexColumn>,
    pub(crate) identifier: Option<IdentifierColumn>,
    pub(crate) address: Option<AddressColumn>,
    pub(crate) involvement: Option<InvolvementColumns>,
}

/// The columns of a name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameColumns {
    pub(crate) given: Spanned<String>,
    pub(crate) family: Spanned<String>,
}

/// The column of a date of birth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BornColumn {
    pub(crate) on: Spanned<String>,
}

/// The column of a sex.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SexColumn {
    pub(crate) code: Spanned<String>,
}

/// The column of an identifier, and whose it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifierColumn {
    pub(crate) scheme: Code,
    pub(crate) value: Spanned<String>,
}

/// The column of an address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressColumn {
    pub(crate) at: Spanned<String>,
}

/// The columns of an involvement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvolvementColumns {
    pub(crate) state: Spanned<String>,
    pub(crate) organisation: Option<Spanned<String>>,
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) last_contact: Option<Spanned<String>>,
    /// The states in which the last contact is the last day.
    #[serde(default)]
    pub(crate) ended: Vec<Code>,
    pub(crate) name: Option<Spanned<String>>,
    pub(crate) role: Option<Spanned<String>>,
    pub(crate) phone: Option<Spanned<String>>,
    pub(crate) email: Option<Spanned<String>>,
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

impl Profile {
    /// Reads a profile from the text of the file called `file`.
    ///
    /// # Errors
    /// [`ProfileError`] with the line that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let wrong = |at: usize, problem: String| ProfileError {
            file: file.to_owned(),
            line: 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count(),
            problem,
        };
        let profile: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(at, error.message().to_owned())
        })?;
        for (column, kind) in profile.references() {
            let found = profile
                .columns
                .iter()
                .find(|one| one.name == **column.get_ref());
            match found {
                Some(found) if found.kind == kind => {}
                Some(_) => {
                    let problem = format!(
                        "the column `{}` is of another type than this takes",
                        column.get_ref()
                    );
                    return Err(wrong(column.span().start, problem));
                }
                None => {
                    let problem = format!("there is no column `{}`", column.get_ref());
                    return Err(wrong(column.span().start, problem));
                }
            }
        }
        Ok(profile)
    }

    /// Every column that the key, the coverage and the facts name, with the type it must have.
    fn references(&self) -> Vec<(&Spanned<String>, Kind)> {
        let facts = &self.facts;
        let mut all = vec![(&self.key, Kind::Text)];
        let coverage = [&self.coverage.from, &self.coverage.to, &self.coverage.as_of];
        all.extend(coverage.into_iter().flatten().map(|one| (one, Kind::Date)));
        if let Some(name) = &facts.name {
            all.extend([(&name.given, Kind::Text), (&name.family, Kind::Text)]);
        }
        all.extend(facts.born.iter().map(|born| (&born.on, Kind::Date)));
        all.extend(facts.sex.iter().map(|sex| (&sex.code, Kind::Code)));
        all.extend(facts.identifier.iter().map(|one| (&one.value, Kind::Text)));
        all.extend(facts.address.iter().map(|one| (&one.at, Kind::Address)));
        if let Some(one) = &facts.involvement {
            all.push((&one.state, Kind::Code));
            let optional = [
                (&one.organisation, Kind::Text),
                (&one.from, Kind::Date),
                (&one.last_contact, Kind::Date),
                (&one.name, Kind::Text),
                (&one.role, Kind::Text),
                (&one.phone, Kind::Phone),
                (&one.email, Kind::Email),
            ];
            all.extend(
                optional
                    .into_iter()
                    .filter_map(|(one, kind)| Some((one.as_ref()?, kind))),
            );
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../practice/sources/involvement-csc.toml");

    #[test]
    fn a_mistake_is_told_with_its_file_and_line() {
        assert!(Profile::parse("a.toml", SHIPPED).is_ok());
        let unknown = SHIPPED.replacen("key =", "kye =", 1);
        let error = Profile::parse("a.toml", &unknown).expect_err("refused");
        assert_eq!((error.file.as_str(), error.line), ("a.toml", 4));
        let absent = SHIPPED.replacen("key = \"Cms Id\"", "key = \"Number\"", 1);
        let error = Profile::parse("a.toml", &absent).expect_err("refused");
        assert_eq!(
            (error.line, error.problem.as_str()),
            (4, "there is no column `Number`")
        );
        let other = SHIPPED.replacen("key = \"Cms Id\"", "key = \"Gender\"", 1);
        assert_eq!(
            Profile::parse("a.toml", &other).expect_err("refused").line,
            4
        );
    }
}
