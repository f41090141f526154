//! Editions: what is otherwise from a year on.

use serde::Deserialize;
use toml::Spanned;

use super::{Column, Profile, Table, Wrong};

/// For which years a profile holds, and where a file says of which it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Years {
    /// The first year.
    pub(crate) from: u16,
    /// In XML, where the year stands, from the root.
    pub(crate) path: Option<String>,
}

/// What is otherwise from a year on, until another edition says otherwise again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edition {
    /// The first year.
    pub(crate) from: u16,
    #[serde(rename = "table")]
    pub(crate) tables: Vec<Changed>,
}

/// What is otherwise in one table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// The table; the profile's only table need not be named.
    pub(crate) name: Option<Spanned<String>>,
    /// Columns that are new, or of another shape than before: each takes the place of the one of its name.
    #[serde(default, rename = "column")]
    pub(crate) columns: Vec<Column>,
    /// Columns that are there no longer.
    #[serde(default)]
    pub(crate) without: Vec<Spanned<String>>,
}

impl Changed {
    fn table(&self) -> &str {
        self.name.as_ref().map_or("", |name| name.get_ref())
    }
}

impl Edition {
    /// Every column that it changes.
    pub(super) fn columns(&mut self) -> impl Iterator<Item = &mut Column> {
        self.tables
            .iter_mut()
            .flat_map(|changed| &mut changed.columns)
    }

    /// Whether every name it uses is there.
    pub(super) fn whole(&self, profile: &Profile) -> Result<(), Wrong> {
        for changed in &self.tables {
            let name = changed.table();
            if let Some(at) = &changed.name
                && !profile.tables.iter().any(|table| table.name == name)
            {
                return Err(Wrong::at(at, format!("there is no table `{name}`")));
            }
            let before = profile.tables_of(self.from.saturating_sub(1));
            let before = before.iter().find(|table| table.name == name);
            let gone = changed
                .without
                .iter()
                .find(|gone| before.is_none_or(|table| table.place(gone.get_ref()).is_none()));
            if let Some(gone) = gone {
                return Err(Wrong::at(
                    gone,
                    format!("there is no column `{}`", gone.get_ref()),
                ));
            }
        }
        Ok(())
    }

    /// Changes a table into what it is from this edition's year on.
    pub(super) fn change(&self, table: &mut Table) {
        for changed in self.tables.iter().filter(|one| one.table() == table.name) {
            let stays = |column: &Column| {
                !changed
                    .without
                    .iter()
                    .any(|gone| column.is_called(gone.get_ref()))
            };
            table.columns.retain(stays);
            for new in &changed.columns {
                let mut all = table.columns.iter_mut();
                match all.find(|column| column.is_called(new.name.get_ref())) {
                    // Where its values stand in XML stays as it was, unless that is otherwise as well.
                    Some(place) => {
                        let path = place.path.take();
                        place.clone_from(new);
                        place.path = place.path.take().or(path);
                    }
                    None => table.columns.push(new.clone()),
                }
            }
        }
    }
}
