//! The model as a file: columns, what their agreement is worth, and who is compared with whom.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::kind::{Form, Kind};
use crate::level::Level;

/// The form of files that this release reads and writes.
pub(super) const FORMAT: u32 = 1;

/// Parts of one, in millionths of millionths: figures are compared and added as whole numbers.
pub(super) const WHOLE: u64 = 1_000_000_000_000;

/// How often records of one person agree at a level, and how often records of two do. Parts of one.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Of one person.
    pub m: f64,
    /// Of two.
    pub u: f64,
}

/// One column that is compared, or that only brings records together.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What the plan calls it.
    pub name: String,
    /// What files call it.
    pub headings: Vec<String>,
    /// What it holds.
    pub kind: Kind,
    /// The column with which a name may have changed places, or the postcode of an address, by its place in the plan.
    pub partner: Option<usize>,
    /// Whether `03/04/2010` is the fourth of March.
    pub month_first: bool,
    /// Whether agreement on it counts. If not, it only brings records together.
    pub compared: bool,
    /// For each level of its kind what it is worth; nothing before training.
    pub figures: Vec<Figures>,
}

impl Column {
    /// A column of this kind that no figures are known for.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            headings: vec![name.to_owned()],
            kind,
            partner: None,
            month_first: false,
            compared: true,
            figures: Vec::new(),
        }
    }
}

/// Records that agree on all of this are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Columns by their place in the plan, and what of each.
    pub on: Vec<(usize, Form)>,
}

/// Two records of which each of these columns agrees at one of its levels: such as the same family name and date of birth
/// and different given names, which is twins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// Whether only two records of one source are meant, which knows them apart.
    pub within_source: bool,
    /// Columns by their place in the plan, and the levels of each.
    pub when: Vec<(usize, Vec<Level>)>,
}

/// A linkage model for tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Which model this is, as its results say.
    pub version: String,
    /// The column that tells a source's records apart.
    pub id_column: Option<String>,
    /// How many of all pairs of records are of one person, as a part of one; nothing before training.
    pub prior: Option<f64>,
    /// From this weight on two records are one person. Thousandths of a bit.
    pub join: i32,
    /// Two groups of records join only when all their pairs together are worth this much each. Thousandths of a bit.
    pub bridge: i32,
    /// No value counts as rarer than this part of one: in few records every name looks rare.
    pub rarest: Option<f64>,
    /// The most pairs that are compared.
    pub pair_limit: u64,
    /// The columns.
    pub columns: Vec<Column>,
    /// Who is compared with whom; when empty, everybody with everybody.
    pub blocks: Vec<Block>,
    /// Two records that fit one of these are never joined, whatever else agrees, and two groups are not when most of their
    /// records do.
    pub apart: Vec<Apart>,
}

/// The thresholds that every plan has which does not say otherwise.
pub(super) const JOIN: i32 = 1_000;
pub(super) const BRIDGE: i32 = -1_000;
/// At some millions of pairs a second, a few minutes.
pub(super) const PAIR_LIMIT: u64 = 1_000_000_000;
/// A pattern of agreement has room for so many.
pub(super) const MOST_COLUMNS: usize = 16;

/// Why a plan cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The file is not what a model looks like.
    #[error("the model cannot be read: {0}")]
    Unreadable(String),
    /// It was written for another release.
    #[error(
        "the model is of format {0}, and this release knows {FORMAT}: use the release that made it, or propose a model again"
    )]
    Newer(u32),
    /// A figure or a name is missing, superfluous or impossible.
    #[error("the model cannot be used: {0}")]
    Wrong(String),
}

#[derive(Deserialize)]
struct FormatFile {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    #[serde(rename = "format")]
    _format: u32,
    version: String,
    id_column: Option<String>,
    prior: Option<f64>,
    join: Option<i32>,
    bridge: Option<i32>,
    rarest: Option<f64>,
    pair_limit: Option<u64>,
    #[serde(default, rename = "column")]
    columns: Vec<ColumnFile>,
    #[serde(default, rename = "block")]
    blocks: Vec<BlockFile>,
    #[serde(default)]
    apart: Vec<ApartFile>,
}

#[derive(Deserialize)]
struct ApartFile {
    #[serde(default)]
    within_source: bool,
    #[serde(flatten)]
    when: BTreeMap<String, Vec<Level>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    name: String,
    headings: Option<Vec<String>>,
    kind: Kind,
    partner: Option<String>,
    #[serde(default)]
    month_first: bool,
    compared: Option<bool>,
    #[serde(default)]
    levels: BTreeMap<Level, Figures>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockFile {
    on: Vec<String>,
}

fn wrong<T>(problem: String) -> Result<T, PlanError> {
    Err(PlanError::Wrong(problem))
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// [`PlanError`] when it is of a newer format, a field is unknown, a name stands for nothing, or a figure is impossible.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let unreadable = |error: toml::de::Error| PlanError::Unreadable(error.to_string());
        let FormatFile { format } = toml::from_str(text).map_err(unreadable)?;
        Self::of_format(format)?;
        // From the text, so that a mistake is told with its line.
        Self::from_file(toml::from_str(text).map_err(unreadable)?)
    }

    /// A plan of what a file holds beside other things.
    pub(crate) fn from_table(table: toml::Table) -> Result<Self, PlanError> {
        let unreadable = |error: toml::de::Error| PlanError::Unreadable(error.to_string());
        let FormatFile { format } = table.clone().try_into().map_err(unreadable)?;
        Self::of_format(format)?;
        Self::from_file(table.try_into().map_err(unreadable)?)
    }

    const fn of_format(format: u32) -> Result<(), PlanError> {
        match format {
            FORMAT => Ok(()),
            other => Err(PlanError::Newer(other)),
        }
    }

    fn from_file(file: PlanFile) -> Result<Self, PlanError> {
        let names: Vec<String> = file.columns.iter().map(|one| one.name.clone()).collect();
        let place = |name: &str| names.iter().position(|one| one == name);
        let mut columns = Vec::new();
        for one in file.columns {
            columns.push(column(one, &names)?);
        }
        let mut blocks = Vec::new();
        for one in &file.blocks {
            let mut on = Vec::new();
            for part in &one.on {
                let (name, form) = part.split_once('.').unwrap_or((part, ""));
                let Some(found) = place(name) else {
                    return wrong(format!(
                        "a block is on `{part}`, and there is no column `{name}`"
                    ));
                };
                let kind = columns
                    .get(found)
                    .map_or(Kind::Text, |one: &Column| one.kind);
                let Some(form) = kind.forms().iter().find(|one| one.name() == form) else {
                    let known: Vec<&str> = kind.forms().iter().map(|one| one.name()).collect();
                    return wrong(format!(
                        "a block is on `{part}`, and of a {kind:?} it may be on {known:?}"
                    ));
                };
                on.push((found, *form));
            }
            if on.is_empty() {
                return wrong("a block is on nothing".to_owned());
            }
            blocks.push(Block { on });
        }
        let apart = file.apart.into_iter().map(|one| apart(one, &columns));
        let apart = apart.collect::<Result<Vec<Apart>, PlanError>>()?;
        let plan = Self {
            version: file.version,
            id_column: file.id_column,
            prior: file.prior,
            join: file.join.unwrap_or(JOIN),
            bridge: file.bridge.unwrap_or(BRIDGE),
            rarest: file.rarest,
            pair_limit: file.pair_limit.unwrap_or(PAIR_LIMIT),
            columns,
            blocks,
            apart,
        };
        plan.check()?;
        Ok(plan)
    }

    fn check(&self) -> Result<(), PlanError> {
        let compared = self.columns.iter().filter(|one| one.compared).count();
        if compared == 0 || compared > MOST_COLUMNS {
            return wrong(format!(
                "{compared} columns are compared: it must be 1 to {MOST_COLUMNS}"
            ));
        }
        for (place, one) in self.columns.iter().enumerate() {
            if self
                .columns
                .iter()
                .take(place)
                .any(|other| other.name == one.name)
            {
                return wrong(format!("two columns are called `{}`", one.name));
            }
        }
        let is_possible = |one: &Column, place: usize| {
            self.columns
                .get(place)
                .is_some_and(|other| one.kind.may_partner(other.kind) && other.name != one.name)
        };
        let mut columns = self.columns.iter();
        if let Some(one) =
            columns.find(|one| one.partner.is_some_and(|place| !is_possible(one, place)))
        {
            return wrong(format!(
                "the partner of `{}` must be another column: of a name a name, of an address a postcode",
                one.name
            ));
        }
        let mut columns = self.columns.iter();
        if let Some(one) = columns.find(|one| one.kind == Kind::Address && one.partner.is_none()) {
            return wrong(format!(
                "the address `{}` needs a partner, the column of its postcode",
                one.name
            ));
        }
        let possible = |part: &f64| (1e-12..1.0).contains(part);
        if self.rarest.is_some_and(|rarest| !possible(&rarest)) {
            return wrong("`rarest` is a part of one, more than 0 and less than 1".to_owned());
        }
        let trained = |one: &Column| !one.figures.is_empty();
        let compared = || self.columns.iter().filter(|one| one.compared);
        if compared().any(trained) != compared().all(trained)
            || compared().any(trained) != self.prior.is_some()
        {
            return wrong(
                "either all compared columns have levels and there is a `prior`, or none has: figures that are trained apart do not fit"
                    .to_owned(),
            );
        }
        if self.prior.is_some_and(|prior| !possible(&prior)) {
            return wrong("`prior` is a part of one, more than 0 and less than 1".to_owned());
        }
        if self.join < self.bridge {
            return wrong("`bridge` must not be more than `join`".to_owned());
        }
        Ok(())
    }

    /// Whether it says what agreement is worth.
    pub const fn is_trained(&self) -> bool {
        self.prior.is_some()
    }

    /// The columns on which agreement counts, with their places.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, one)| one.compared)
    }
}

fn column(file: ColumnFile, names: &[String]) -> Result<Column, PlanError> {
    let ColumnFile {
        name,
        headings,
        kind,
        partner,
        month_first,
        compared,
        levels,
    } = file;
    let partner = match partner {
        None => None,
        Some(partner) => match names.iter().position(|one| *one == partner) {
            Some(place) => Some(place),
            None => {
                return wrong(format!(
                    "the partner `{partner}` of `{name}` is no column of the model"
                ));
            }
        },
    };
    let known = kind.levels();
    if let Some(level) = levels.keys().find(|level| !known.contains(level)) {
        return wrong(format!(
            "`{name}` has a level {level:?}, and a {kind:?} has {known:?}"
        ));
    }
    if !levels.is_empty() && levels.len() != known.len() {
        return wrong(format!(
            "`{name}` must have all of these levels, or none: {known:?}"
        ));
    }
    let figures: Vec<Figures> = known
        .iter()
        .filter_map(|level| levels.get(level).copied())
        .collect();
    let possible = |part: f64| (1e-12..=1.0).contains(&part);
    if figures
        .iter()
        .any(|one| !possible(one.m) || !possible(one.u))
    {
        return wrong(format!(
            "`{name}`: `m` and `u` are parts of one, more than 0"
        ));
    }
    let total: f64 = figures.iter().map(|one| one.m).sum();
    if !figures.is_empty() && (total - 1.0).abs() > 0.001 {
        return wrong(format!(
            "`{name}`: the `m` of all levels make {total:.4}, not 1"
        ));
    }
    let headings = headings.unwrap_or_else(|| vec![name.clone()]);
    Ok(Column {
        name,
        headings,
        kind,
        partner,
        month_first,
        compared: compared.unwrap_or(true),
        figures,
    })
}

fn apart(file: ApartFile, columns: &[Column]) -> Result<Apart, PlanError> {
    let mut when = Vec::new();
    for (name, levels) in file.when {
        let found = columns
            .iter()
            .position(|one| one.name == name && one.compared);
        let Some((place, one)) = found.and_then(|place| Some((place, columns.get(place)?))) else {
            return wrong(format!(
                "`apart` names `{name}`, and no such column is compared"
            ));
        };
        let known = one.kind.levels();
        let is_known = |level: &Level| *level == Level::NotTold || known.contains(level);
        if let Some(level) = levels.iter().find(|level| !is_known(level)) {
            return wrong(format!(
                "`apart` names the level {level:?} of `{name}`, and a {:?} has {known:?}",
                one.kind
            ));
        }
        when.push((place, levels));
    }
    if when.is_empty() {
        return wrong("`apart` names no column, so nobody would ever join".to_owned());
    }
    Ok(Apart {
        within_source: file.within_source,
        when,
    })
}
