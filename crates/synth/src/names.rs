//! The names that people are drawn from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::draw::Draw;

/// Why the list of names cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the list of names cannot be used: {0}")]
pub struct NamesError(#[from] toml::de::Error);

/// The names of every community.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    community: Vec<Community>,
    other: BTreeMap<String, Vec<String>>,
}

/// One community's names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Community {
    #[expect(
        dead_code,
        reason = "it tells the reader of the file whose names they are"
    )]
    about: String,
    /// How the national returns write their ethnicity.
    pub(crate) ethnicity: String,
    /// Of a hundred households, roughly.
    share: u64,
    girls: Vec<String>,
    boys: Vec<String>,
    family: Vec<String>,
}

impl Names {
    /// The names that this release ships.
    pub(crate) fn shipped() -> Result<Self, NamesError> {
        Ok(toml::from_str(include_str!("../data/names.toml"))?)
    }

    /// A household's community.
    pub(crate) fn community(&self, draw: &mut Draw) -> Option<&Community> {
        let all: u64 = self.community.iter().map(|one| one.share).sum();
        let mut left = draw.below(all);
        self.community.iter().find(|one| {
            let here = left < one.share;
            left = left.saturating_sub(one.share);
            here
        })
    }

    /// Another way in which a name is written, where there is one.
    pub(crate) fn other<'a>(&'a self, name: &'a str, draw: &mut Draw) -> &'a str {
        self.other
            .get(name)
            .and_then(|others| draw.pick(others))
            .map_or(name, String::as_str)
    }
}

impl Community {
    /// A family name.
    pub(crate) fn family(&self, draw: &mut Draw) -> String {
        draw.pick(&self.family).cloned().unwrap_or_default()
    }

    /// A given name that nobody in `taken` has.
    pub(crate) fn given(&self, is_girl: bool, taken: &[String], draw: &mut Draw) -> String {
        let all = if is_girl { &self.girls } else { &self.boys };
        let free: Vec<&String> = all.iter().filter(|name| !taken.contains(name)).collect();
        draw.pick(&free)
            .map(|name| (*name).clone())
            .unwrap_or_default()
    }
}
