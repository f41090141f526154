//! Which records are compared at all, and what each pair is worth.

use std::collections::BTreeMap;

use clearpicture_kernel::DateOfBirth;

use crate::compare::{Comparison, Level};
use crate::model::Model;
use crate::record::{Record, RecordIndex, Records, Shield, Word};

/// A blocking rule: only records that agree on this are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The family name as it sounds, and the date of birth.
    FamilyBorn,
    /// The first given name as it sounds, and the date of birth.
    GivenBorn,
    /// The date of birth and where they live.
    BornPlace,
    /// The family name as it sounds, and where they live.
    FamilyPlace,
    /// Given name, family name and the year of birth.
    NamesYear,
    /// A shared identifier, by its place in the model.
    Identifier(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(Option<Word>, Option<Word>, Option<DateOfBirth>, i16);

impl Rule {
    /// The rules in the order in which they are tried.
    pub fn all(model: &Model) -> impl Iterator<Item = Self> + '_ {
        [
            Self::FamilyBorn,
            Self::GivenBorn,
            Self::BornPlace,
            Self::FamilyPlace,
            Self::NamesYear,
        ]
        .into_iter()
        .chain((0..model.shared_identifiers.len()).map(Self::Identifier))
    }

    /// What a record must share with another to be compared with it; `None` when it does not tell, or is protected.
    fn key(self, record: &Record, model: &Model) -> Option<Key> {
        if record.shield == Shield::Protected {
            return None;
        }
        let given = || record.given_sound.or(record.first);
        let family = || record.family_sound.or(record.family);
        Some(match self {
            Self::FamilyBorn => Key(Some(family()?), None, Some(record.born?), 0),
            Self::GivenBorn => Key(Some(given()?), None, Some(record.born?), 0),
            Self::BornPlace => Key(Some(record.place()?), None, Some(record.born?), 0),
            Self::FamilyPlace => Key(Some(family()?), Some(record.place()?), None, 0),
            Self::NamesYear => Key(
                Some(given()?),
                Some(family()?),
                None,
                record.born?.reveal().year(),
            ),
            Self::Identifier(place) => {
                let scheme = model.shared_identifiers.get(place)?;
                Key(Some(*record.identifiers.get(scheme)?), None, None, 0)
            }
        })
    }
}

/// Two records, how far they agree, and what that is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredPair {
    /// The earlier record.
    pub a: RecordIndex,
    /// The later record.
    pub b: RecordIndex,
    /// For each comparison the level, and its worth in thousandths of a bit.
    pub parts: Vec<(Comparison, Level, i64)>,
    /// The worth of all parts and of the model's prior.
    pub weight: i64,
}

impl ScoredPair {
    /// The level of one comparison.
    pub fn level(&self, of: Comparison) -> Level {
        self.parts
            .iter()
            .find(|(comparison, ..)| *comparison == of)
            .map_or(Level::NotTold, |(_, level, _)| *level)
    }
}

/// Why records were not compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Too many records share a value.
    #[error(
        "{records} records agree under the rule {rule:?}, and a block holds at most {limit}: the value they share is \
         no one child's, such as a stand-in date or an institution's address; leave it empty in the source, or raise `block_limit`"
    )]
    Oversized {
        /// The rule they agree under.
        rule: Rule,
        /// How many there are.
        records: usize,
        /// How many are allowed.
        limit: usize,
    },
}

/// Compares all records that some rule brings together, each pair once.
///
/// # Errors
/// [`BlockError`] when a block is too large.
pub fn compare_all(records: &Records, model: &Model) -> Result<Vec<ScoredPair>, BlockError> {
    let mut pairs = Vec::new();
    for rule in Rule::all(model) {
        let mut blocks: BTreeMap<Key, Vec<RecordIndex>> = BTreeMap::new();
        for record in records.all() {
            if let Some(key) = rule.key(record, model) {
                blocks.entry(key).or_default().push(record.index);
            }
        }
        for block in blocks.values() {
            pairs.extend(compare_block(records, rule, block, model)?);
        }
    }
    pairs.sort_by_key(|pair| (pair.a, pair.b));
    Ok(pairs)
}

/// Compares the records of one block, leaving out pairs that an earlier rule has brought together already.
///
/// # Errors
/// [`BlockError`] when the block is too large.
pub fn compare_block(
    records: &Records,
    rule: Rule,
    block: &[RecordIndex],
    model: &Model,
) -> Result<Vec<ScoredPair>, BlockError> {
    if block.len() > model.block_limit {
        return Err(BlockError::Oversized {
            rule,
            records: block.len(),
            limit: model.block_limit,
        });
    }
    let mut members: Vec<&Record> = block
        .iter()
        .filter_map(|index| records.get(*index))
        .filter(|record| record.shield == Shield::Open)
        .collect();
    members.sort_by_key(|record| record.index);
    members.dedup_by_key(|record| record.index);
    let earlier: Vec<Rule> = Rule::all(model).take_while(|one| *one != rule).collect();
    let is_met = |a: &Record, b: &Record| {
        earlier.iter().any(|rule| {
            let key = rule.key(a, model);
            key.is_some() && key == rule.key(b, model)
        })
    };
    let mut pairs = Vec::new();
    for (place, a) in members.iter().enumerate() {
        for b in members.iter().skip(place + 1) {
            if !is_met(a, b) {
                pairs.push(score(records, a, b, model));
            }
        }
    }
    Ok(pairs)
}

/// What two records agree on and what it is worth. The order of the two changes only which is called `a`.
pub fn score(records: &Records, a: &Record, b: &Record, model: &Model) -> ScoredPair {
    let parts: Vec<(Comparison, Level, i64)> = Comparison::ALL
        .into_iter()
        .map(|comparison| {
            let level = comparison.level(a, b, &records.words, &model.shared_identifiers);
            let weight = match (comparison, level, a.first, a.family) {
                (Comparison::Given, Level::Same, Some(name), _) => {
                    model.name_weight(comparison, |usual| records.given_frequency(name, usual))
                }
                (Comparison::Family, Level::Same, _, Some(name)) => {
                    model.name_weight(comparison, |usual| records.family_frequency(name, usual))
                }
                _ => model.weight(comparison, level),
            };
            (comparison, level, weight)
        })
        .collect();
    ScoredPair {
        a: a.index.min(b.index),
        b: a.index.max(b.index),
        weight: model.prior + parts.iter().map(|(.., weight)| weight).sum::<i64>(),
        parts,
    }
}
