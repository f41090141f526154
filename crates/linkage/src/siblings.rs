//! The children's rule: twins, siblings and one child under two names.
//!
//! Brothers and sisters share a family name and an address; twins share the date of birth as well. On those three
//! things alone a pair looks as good as one child, and a false link puts one child's harm on another's record.
//! But the same three things are all that is left when one source knows a child by another given name, and a
//! missed link leaves each agency with half the picture. So the given names decide, and evidence decides about them:
//!
//! - **Within one source** two records with different given names are never one child. The source knows them apart.
//! - **Across two sources**, records whose given names differ are one child only when family name, date of birth and
//!   address agree and sex does not differ; when *no source at all* knows two children of that date of birth at that
//!   place; when the two given names do not both stand in further sources, which would be two children seen twice;
//!   and when each is the other's only candidate in that source.
//! - **Even then** the join *needs attention* and is unchecked: twins of whom each source knows a different one look
//!   exactly like this, and no data tells them apart. A person must. Until then, such a link raises no warning and
//!   sends nothing (that is for whoever reads [`Standing`](crate::Standing) to hold to).
//! - In every other case nothing joins on the shared things, and the pair is told as held apart, with the reason.
//!
//! Held apart is the safer mistake: two half pictures are each true, a joined false one is not.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::DateOfBirth;

use crate::block::ScoredPair;
use crate::compare::{Comparison, Level};
use crate::linked::{Attention, Held};
use crate::model::Model;
use crate::record::{Record, RecordIndex, Records, Shield, Word};

/// What the rules say of a pair whose weight is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// It may join.
    Join,
    /// It may join, and somebody must look.
    Attend(Attention),
    /// It may not join.
    Apart(Held),
}

/// Records by date of birth and place, so that a rule can ask who else is there.
pub(crate) struct Households<'a> {
    records: &'a Records,
    members: BTreeMap<(DateOfBirth, Word), Vec<&'a Record>>,
    /// Where some source knows two children.
    two_children: BTreeSet<(DateOfBirth, Word)>,
}

impl<'a> Households<'a> {
    pub(crate) fn of(records: &'a Records) -> Self {
        let mut members: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
        for record in records.all() {
            if let (Some(key), Shield::Open) = (key(record), record.shield) {
                members.entry(key).or_default().push(record);
            }
        }
        let two_children = members
            .iter()
            .filter(|(_, members)| {
                pairs(members)
                    .any(|(a, b)| a.source == b.source && !is_same_given(given(records, a, b)))
            })
            .map(|(key, _)| *key)
            .collect();
        Self {
            records,
            members,
            two_children,
        }
    }

    /// What the rules say of a pair whose weight is enough.
    pub(crate) fn ruling(&self, pair: &ScoredPair, model: &Model) -> Ruling {
        let (Some(a), Some(b)) = (self.records.get(pair.a), self.records.get(pair.b)) else {
            return Ruling::Apart(Held::OneSource);
        };
        let level = |comparison| pair.level(comparison);
        if level(Comparison::Identifier) == Level::Different {
            return Ruling::Apart(Held::IdentifiersDiffer);
        }
        if a.source == b.source {
            let twice = [Comparison::Given, Comparison::Family, Comparison::Born]
                .into_iter()
                .all(|comparison| level(comparison) == Level::Same);
            return if twice && pair.weight >= model.join_within {
                Ruling::Attend(Attention::TwiceInSource)
            } else {
                Ruling::Apart(Held::OneSource)
            };
        }
        let is_numbered = level(Comparison::Identifier) == Level::Same;
        let sex_differs = level(Comparison::Sex) == Level::Different;
        match level(Comparison::Given) {
            // Returns that hold no names: twins share the day, and never the number.
            Level::NotTold if is_numbered && level(Comparison::Born) == Level::Same => Ruling::Join,
            Level::Different | Level::NotTold => self.under_two_names(pair, a, b),
            Level::Close | Level::Sounds | Level::Alike if sex_differs && !is_numbered => {
                Ruling::Apart(Held::NameAndSexDiffer)
            }
            Level::Alike
                if !is_numbered && (self.has_two_children(a) || self.has_two_children(b)) =>
            {
                Ruling::Apart(Held::TwoChildren)
            }
            Level::Alike => Ruling::Attend(Attention::NamesAlike),
            _ if matches!(level(Comparison::Born), Level::SameYear | Level::Different) => {
                Ruling::Attend(Attention::BirthDatesDiffer)
            }
            _ => Ruling::Join,
        }
    }

    fn under_two_names(&self, pair: &ScoredPair, a: &Record, b: &Record) -> Ruling {
        let level = |comparison| pair.level(comparison);
        if level(Comparison::Identifier) == Level::Same {
            return Ruling::Attend(Attention::IdentifierOnly);
        }
        let all_else_agrees = level(Comparison::Family) == Level::Same
            && level(Comparison::Born) == Level::Same
            && matches!(
                level(Comparison::Address),
                Level::Same | Level::SamePremises
            )
            && level(Comparison::Sex) != Level::Different;
        if !all_else_agrees {
            Ruling::Apart(Held::GivenNamesDiffer)
        } else if self.has_two_children(a) || self.has_two_children(b) {
            Ruling::Apart(Held::TwoChildren)
        } else if self.stands_elsewhere(a) && self.stands_elsewhere(b) {
            Ruling::Apart(Held::BothNamesElsewhere)
        } else {
            Ruling::Attend(Attention::OnlyCandidate)
        }
    }

    fn has_two_children(&self, record: &Record) -> bool {
        key(record).is_some_and(|key| self.two_children.contains(&key))
    }

    /// Whether another source knows a child of this given name, born that day at that place.
    fn stands_elsewhere(&self, record: &Record) -> bool {
        key(record)
            .and_then(|key| self.members.get(&key))
            .is_some_and(|members| {
                members.iter().any(|other| {
                    other.source != record.source
                        && is_same_given(given(self.records, record, other))
                })
            })
    }
}

fn key(record: &Record) -> Option<(DateOfBirth, Word)> {
    Some((record.born?, record.place()?))
}

fn given(records: &Records, a: &Record, b: &Record) -> Level {
    Comparison::Given.level(a, b, &records.words, &[])
}

fn is_same_given(level: Level) -> bool {
    matches!(level, Level::Same | Level::FirstSame)
}

fn pairs<'r, 'a>(members: &'r [&'a Record]) -> impl Iterator<Item = (&'a Record, &'a Record)> + 'r {
    members
        .iter()
        .enumerate()
        .flat_map(|(place, a)| members.iter().skip(place + 1).map(|b| (*a, *b)))
}

/// Whether a record has another candidate in the other's source, to which an only-candidate join gives way.
pub(crate) fn has_other_candidate(
    edges: &BTreeMap<RecordIndex, Vec<RecordIndex>>,
    records: &Records,
    from: RecordIndex,
    to: RecordIndex,
) -> bool {
    let source = |index| records.get(index).map(|record| record.source);
    edges.get(&from).is_some_and(|others| {
        others
            .iter()
            .any(|other| *other != to && source(*other) == source(to))
    })
}
