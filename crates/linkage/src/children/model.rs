//! The model of children: a plan of columns, and what only children need.

use std::collections::BTreeSet;

use clearpicture_kernel::fact::Confidence;
use clearpicture_kernel::{Fact, PersonName, Says};
use serde::Deserialize;

use super::shared::{self, Seek, Shared};
use crate::clean;
use crate::columns::{Kind, Plan, PlanError};

/// One thing on which two records of children are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// Given names.
    Given,
    /// The family name.
    Family,
    /// The date of birth.
    Born,
    /// Sex as recorded.
    Sex,
    /// Where they live.
    Address,
    /// A number that several sources share, such as the NHS number.
    Identifier,
}

impl Comparison {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Given,
        Self::Family,
        Self::Born,
        Self::Sex,
        Self::Address,
        Self::Identifier,
    ];

    /// What a column of the model compares.
    pub fn of(column: &str) -> Self {
        match column {
            "given" => Self::Given,
            "family" => Self::Family,
            "born" => Self::Born,
            "sex" => Self::Sex,
            "address" => Self::Address,
            _ => Self::Identifier,
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Given => Kind::GivenName,
            Self::Family => Kind::FamilyName,
            Self::Born => Kind::Date,
            Self::Sex => Kind::Category,
            Self::Address => Kind::Address,
            Self::Identifier => Kind::Number,
        }
    }
}

/// What agreement and disagreement are worth between records of children.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The columns, their figures, the blocks, and the weight at which records of different sources join.
    pub plan: Plan,
    /// Below this weight two records that were joined part again. Thousandths of a bit.
    pub part: i32,
    /// At this weight two records of one source join. Thousandths of a bit.
    pub join_within: i32,
    /// The same plan, by which more records are brought together than a run compares: for learning whom it misses.
    pub(super) widely: Plan,
    pub(super) places: Places,
    /// Of each compared column what it compares.
    pub(super) comparisons: Vec<Comparison>,
    /// What records must share to be compared, block by block.
    blocks: Vec<Vec<Seek>>,
    /// What they must share for whoever is protected to be looked for among them.
    blocks_widely: Vec<Vec<Seek>>,
}

/// Where facts stand among the columns of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) given: usize,
    pub(super) family: usize,
    pub(super) born: usize,
    pub(super) sex: usize,
    /// The lines of the address.
    pub(super) address: usize,
    /// All that are compared and none of the others.
    pub(super) identifiers: Vec<usize>,
    /// The column of the postcode, which is compared with the address.
    pub(super) postcode: usize,
}

/// Why a model of children cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It is a plan, and not one of children.
    #[error("the model cannot be used for children: {0}")]
    Wrong(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfChildren {
    part: i32,
    join_within: i32,
    widely: Vec<Vec<String>>,
}

impl Model {
    /// Reads a model: a plan with a table `[children]`.
    ///
    /// # Errors
    /// [`ModelError`] when it is no trained plan, has not the columns of children, or a threshold is impossible.
    pub fn read(text: &str) -> Result<Self, ModelError> {
        let unreadable = |error: toml::de::Error| PlanError::Unreadable(error.to_string());
        let mut file: toml::Table = toml::from_str(text).map_err(unreadable)?;
        let children = file
            .remove("children")
            .ok_or_else(|| ModelError::Wrong("it has no table `[children]`".to_owned()))?;
        let OfChildren {
            part,
            join_within,
            widely,
        } = children.try_into().map_err(unreadable)?;
        let mut wide = file.clone();
        let plan = Plan::from_table(file)?;
        let blocks = widely
            .into_iter()
            .map(|on| toml::Table::from_iter([("on".to_owned(), on.into())]));
        wide.insert("block".to_owned(), blocks.collect::<Vec<_>>().into());
        let widely = Plan::from_table(wide)?;
        if !plan.is_trained() {
            return Err(ModelError::Wrong(
                "its levels have no figures: nothing is learnt in silence".to_owned(),
            ));
        }
        if !(part < plan.join && plan.join < join_within) {
            return Err(ModelError::Wrong(
                "`part` must be less than `join`, and `join` less than `join_within`".to_owned(),
            ));
        }
        if plan.blocks.is_empty() || widely.blocks.is_empty() {
            return Err(ModelError::Wrong(
                "it has no blocks, so that everybody would be compared with everybody".to_owned(),
            ));
        }
        let places = Places::of(&plan)?;
        let compared = plan.compared().map(|(_, one)| Comparison::of(&one.name));
        Ok(Self {
            comparisons: compared.collect(),
            blocks: shared::blocks(&plan, &places)?,
            blocks_widely: shared::blocks(&widely, &places)?,
            plan,
            part,
            join_within,
            widely,
            places,
        })
    }

    /// The numbers that sources share and that are compared, by their schemes.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        let places = self.places.identifiers.iter();
        places.filter_map(|place| Some(self.plan.columns.get(*place)?.name.as_str()))
    }

    /// The same model with all of its thresholds moved by so many thousandths of a bit.
    #[must_use]
    pub fn moved(&self, by: i32) -> Self {
        let mut moved = self.clone();
        moved.plan.join += by;
        moved.part += by;
        moved.join_within += by;
        moved
    }

    /// What facts tell, column by column, as it is written. Of several facts of a kind the latest to begin counts. A
    /// doubted fact is not told at all: it can neither join nor part.
    pub fn cells<'a>(&self, facts: impl IntoIterator<Item = &'a Fact>) -> Vec<String> {
        let mut facts: Vec<&Fact> = facts
            .into_iter()
            .filter(|fact| fact.confidence == Confidence::Stated)
            .collect();
        facts.sort_by_key(|fact| fact.valid.from);
        let mut cells = vec![String::new(); self.plan.columns.len()];
        let mut tell = |place: usize, text: String| {
            if let Some(cell) = cells.get_mut(place) {
                *cell = text;
            }
        };
        let places = &self.places;
        for fact in facts {
            match &fact.says {
                Says::Name { given, family } => {
                    let name = |name: &Option<PersonName>| {
                        name.as_ref()
                            .map_or_else(String::new, |name| name.reveal().to_owned())
                    };
                    tell(places.given, name(given));
                    tell(places.family, name(family));
                }
                Says::Born { on } => tell(places.born, on.reveal().to_string()),
                Says::Sex { code } => tell(places.sex, code.to_string()),
                Says::Identifier { scheme, value } => {
                    let column = places.identifiers.iter().find(|place| {
                        let column = self.plan.columns.get(**place);
                        column.is_some_and(|one| one.name == scheme.as_str())
                    });
                    if let Some(place) = column {
                        tell(*place, value.as_str().to_owned());
                    }
                }
                Says::Address { at } => {
                    let lines: Vec<&str> = at.reveal().collect();
                    let place = clean::place(lines.iter().copied());
                    // Neighbours and twins share a postcode: alone it is no address to compare.
                    if place.lines.is_empty() {
                        continue;
                    }
                    tell(places.address, lines.join(", "));
                    tell(places.postcode, place.postcode.unwrap_or_default());
                }
                // What happened to someone does not tell who they are.
                _ => {}
            }
        }
        cells
    }

    /// What a subject of whom `facts` are told shares with those it is compared with, so that a database can find them:
    /// all parts of one of these. Of several facts of a kind every one counts, so that whoever it was compared with before
    /// a correction is found too.
    pub fn shared<'a>(&self, facts: impl IntoIterator<Item = &'a Fact>) -> BTreeSet<Vec<Shared>> {
        let facts: Vec<&Fact> = facts.into_iter().collect();
        shared::of_all(&self.blocks, &self.plan, &facts)
    }

    /// The same and what a sample of links is looked for by beside: for whoever is protected, of whom nobody may be missed.
    pub fn shared_widely<'a>(
        &self,
        facts: impl IntoIterator<Item = &'a Fact>,
    ) -> BTreeSet<Vec<Shared>> {
        let facts: Vec<&Fact> = facts.into_iter().collect();
        let mut all = shared::of_all(&self.blocks, &self.plan, &facts);
        all.extend(shared::of_all(&self.blocks_widely, &self.plan, &facts));
        all
    }
}

fn wrong<T>(problem: String) -> Result<T, ModelError> {
    Err(ModelError::Wrong(problem))
}

impl Places {
    fn of(plan: &Plan) -> Result<Self, ModelError> {
        let place = |name: &str| {
            let found = plan.columns.iter().position(|one| one.name == name);
            let column = found.and_then(|place| plan.columns.get(place));
            match (found, column) {
                (Some(place), Some(one)) if one.compared => {
                    let kind = Comparison::of(name).kind();
                    if one.kind == kind {
                        Ok(place)
                    } else {
                        wrong(format!("`{name}` must be a {kind:?}"))
                    }
                }
                _ => wrong(format!("no column `{name}` is compared")),
            }
        };
        let address = place("address")?;
        let identifiers =
            plan.columns.iter().enumerate().filter(|(_, one)| {
                one.compared && Comparison::of(&one.name) == Comparison::Identifier
            });
        let mut all = Vec::new();
        for (place, one) in identifiers {
            if one.kind != Kind::Number {
                return wrong(format!(
                    "`{}` is none of given, family, born, sex and address, so it must be a number",
                    one.name
                ));
            }
            all.push(place);
        }
        let postcode = plan.columns.get(address).and_then(|one| one.partner);
        Ok(Self {
            given: place("given")?,
            family: place("family")?,
            born: place("born")?,
            sex: place("sex")?,
            address,
            identifiers: all,
            postcode: postcode.unwrap_or(address),
        })
    }
}
