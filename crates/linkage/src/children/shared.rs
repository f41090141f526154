//! What two records must share to be compared, in the form in which a database keeps it.
//!
//! The blocks of a model are data. Those of children are on parts that can be told of a subject one by one, each kept as a
//! key by which the subject is found, so that a new one finds in milliseconds whom it may be, among however many.

use std::borrow::Cow;

use clearpicture_kernel::{Address, Date, Fact, PersonName, Says};

use super::model::{ModelError, Places};
use crate::clean;
use crate::columns::{Form, Plan};

/// One part of what two records must share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// How a name or a word of one sounds; see [`clean::heard`].
    Sound(String),
    /// The day of birth.
    Born(Date),
    /// Its year.
    BornIn(i16),
    /// The postcode, or the lines of an address without one.
    Lives(String),
    /// A number by which some system knows them; see [`clean::solid`].
    Number(String),
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared(withheld)")
    }
}

/// Every part that a fact tells: what some block may ask for, and the words of names beside.
pub fn told(fact: &Fact) -> Vec<Shared> {
    let sound = |text: &str| Shared::Sound(clean::heard(text).into_owned());
    match &fact.says {
        Says::Name { given, family } => {
            let text = |name: &Option<PersonName>| {
                name.as_ref()
                    .map_or_else(String::new, |name| name.reveal().to_owned())
            };
            let names = clean::names(&text(given), &text(family));
            let words = names.given.split(' ').chain(names.family.split(' '));
            let all = words.chain([names.family.as_str()]);
            all.filter(|word| !word.is_empty()).map(sound).collect()
        }
        Says::Born { on } => {
            let day = on.reveal();
            vec![Shared::Born(day), Shared::BornIn(day.year())]
        }
        Says::Address { at } => lives(at).into_iter().collect(),
        Says::Identifier { value, .. } => vec![Shared::Number(clean::solid(value.as_str()))],
        _ => Vec::new(),
    }
}

fn lives(at: &Address) -> Option<Shared> {
    let place = clean::place(at.reveal());
    let text = place
        .postcode
        .map_or(place.lines, |code| clean::solid(&code));
    (!text.is_empty()).then_some(Shared::Lives(text))
}

/// A part that a block asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seek {
    GivenSound,
    FamilySound,
    Born,
    BornIn,
    Lives,
    Number(usize),
}

/// The blocks of a plan.
///
/// # Errors
/// When one is on what no subject is found by.
pub(super) fn blocks(plan: &Plan, places: &Places) -> Result<Vec<Vec<Seek>>, ModelError> {
    let seek = |(column, form): &(usize, Form)| {
        let found = match form {
            Form::FirstSound if *column == places.given => Seek::GivenSound,
            Form::Sound if *column == places.family => Seek::FamilySound,
            Form::Whole if *column == places.born => Seek::Born,
            Form::Year if *column == places.born => Seek::BornIn,
            Form::Place if *column == places.address => Seek::Lives,
            Form::Whole if places.identifiers.contains(column) => Seek::Number(*column),
            _ => {
                return Err(ModelError::Wrong(
                    "a block may be on `given.first-sound`, `family.sound`, `born`, `born.year`, `address.place` and \
                     shared numbers: by these a child is found"
                        .to_owned(),
                ));
            }
        };
        Ok(found)
    };
    let of = |on: &Vec<(usize, Form)>| on.iter().map(seek).collect::<Result<Vec<Seek>, _>>();
    plan.blocks.iter().map(|block| of(&block.on)).collect()
}

impl Seek {
    /// What a record tells of it.
    pub(super) fn of(self, cells: &[String], places: &Places) -> Option<Shared> {
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        let text = |text: Cow<'_, str>| (!text.is_empty()).then(|| text.into_owned());
        let names = || clean::names(cell(places.given), cell(places.family));
        let born = || cell(places.born).parse::<Date>().ok();
        match self {
            Self::GivenSound => {
                let names = names();
                let first = names.given.split(' ').next().unwrap_or_default();
                text(clean::heard(first)).map(Shared::Sound)
            }
            Self::FamilySound => text(clean::heard(&names().family)).map(Shared::Sound),
            Self::Born => born().map(Shared::Born),
            Self::BornIn => born().map(|day| Shared::BornIn(day.year())),
            Self::Lives => {
                let postcode = clean::solid(cell(places.postcode));
                let lines = || clean::place(std::iter::once(cell(places.address))).lines;
                let lives = if postcode.is_empty() {
                    lines()
                } else {
                    postcode
                };
                text(lives.into()).map(Shared::Lives)
            }
            Self::Number(place) => text(clean::solid(cell(place)).into()).map(Shared::Number),
        }
    }
}
