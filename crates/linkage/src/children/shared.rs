//! What two records must share to be compared, in the form in which a database keeps it.
//!
//! The blocks of a model are data. Those of children are on parts that can be told of a subject one by one, each kept as a
//! key by which the subject is found, so that a new one finds in milliseconds whom it may be, among however many.

use std::collections::BTreeSet;

use clearpicture_kernel::{Address, Date, Fact, PersonName, Says};

use super::model::{ModelError, Places};
use crate::clean::{self, Names};
use crate::columns::{Form, Plan};

/// One part of what two records must share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// How a name or a word of one sounds; see [`clean::heard`].
    Sound(String),
    /// How the first given name and the family name sound, of one name that is told: far fewer share both than either.
    Sounds(String, String),
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
            let names = cleaned(given.as_ref(), family.as_ref());
            let words = names.given.split(' ').chain(names.family.split(' '));
            let all = words.chain([names.family.as_str()]);
            let words = all.filter(|word| !word.is_empty()).map(sound);
            words.chain(sounds(&names)).collect()
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

fn sounds(names: &Names) -> Option<Shared> {
    let given = clean::heard(names.given.split(' ').next().unwrap_or_default());
    let family = clean::heard(&names.family);
    let is_told = !given.is_empty() && !family.is_empty();
    is_told.then(|| Shared::Sounds(given.into_owned(), family.into_owned()))
}

fn cleaned(given: Option<&PersonName>, family: Option<&PersonName>) -> Names {
    clean::names(
        given.map_or("", PersonName::reveal),
        family.map_or("", PersonName::reveal),
    )
}

fn lives(at: &Address) -> Option<Shared> {
    let place = clean::place(at.reveal());
    let text = place
        .postcode
        .map_or(place.lines, |code| clean::solid(&code));
    (!text.is_empty()).then_some(Shared::Lives(text))
}

fn has_lines(at: &Address) -> bool {
    !clean::place(at.reveal()).lines.is_empty()
}

/// A part that a block asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seek {
    GivenSound,
    FamilySound,
    BothSounds,
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
    let of = |on: &Vec<(usize, Form)>| {
        let mut parts = on.iter().map(seek).collect::<Result<Vec<Seek>, _>>()?;
        if parts.contains(&Seek::GivenSound) && parts.contains(&Seek::FamilySound) {
            parts.retain(|part| !matches!(part, Seek::GivenSound | Seek::FamilySound));
            parts.push(Seek::BothSounds);
        }
        Ok(parts)
    };
    plan.blocks.iter().map(|block| of(&block.on)).collect()
}

impl Seek {
    /// What a fact tells of it.
    fn of(self, fact: &Fact, plan: &Plan) -> Option<Shared> {
        let text =
            |text: &str| (!text.is_empty()).then(|| Shared::Sound(clean::heard(text).into_owned()));
        match (self, &fact.says) {
            (Self::BothSounds, Says::Name { given, family }) => {
                sounds(&cleaned(given.as_ref(), family.as_ref()))
            }
            (Self::GivenSound | Self::FamilySound, Says::Name { given, family }) => {
                let names = cleaned(given.as_ref(), family.as_ref());
                match self {
                    Self::GivenSound => text(names.given.split(' ').next().unwrap_or_default()),
                    _ => text(&names.family),
                }
            }
            (Self::Born, Says::Born { on }) => Some(Shared::Born(on.reveal())),
            (Self::BornIn, Says::Born { on }) => Some(Shared::BornIn(on.reveal().year())),
            // A postcode alone finds somebody who is searched for, and brings no two records together.
            (Self::Lives, Says::Address { at }) => lives(at).filter(|_| has_lines(at)),
            (Self::Number(place), Says::Identifier { scheme, value }) => {
                let is_it = plan.columns.get(place)?.name == scheme.as_str();
                is_it.then(|| Shared::Number(clean::solid(value.as_str())))
            }
            _ => None,
        }
    }
}

/// For each block every way in which what facts tell, now or before, has all its parts.
pub(super) fn of_all(blocks: &[Vec<Seek>], plan: &Plan, facts: &[&Fact]) -> BTreeSet<Vec<Shared>> {
    let mut all = BTreeSet::new();
    for block in blocks {
        let mut ways = vec![Vec::new()];
        for seek in block {
            let parts: BTreeSet<Shared> = facts
                .iter()
                .filter_map(|fact| seek.of(fact, plan))
                .collect();
            let more = |way: &Vec<Shared>| {
                let longer = parts
                    .iter()
                    .map(|part| [way.as_slice(), std::slice::from_ref(part)].concat());
                longer.collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(more).collect();
        }
        all.extend(ways);
    }
    all
}
