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
//!   sends nothing (that is for whoever reads [`Standing`](super::Standing) to hold to).
//! - In every other case nothing joins on the shared things, and the pair is told as held apart, with the reason.
//!
//! Held apart is the safer mistake: two half pictures are each true, a joined false one is not.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::Two;
use super::comparing::{Comparing, Home, Seen};
use super::linked::{Attention, Held};
use super::records::{RecordIndex, Records};
use crate::level::Level;

/// What the rules say of a pair whose weight is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It may join.
    Join,
    /// It may join, and somebody must look.
    Attend(Attention),
    /// It may not join.
    Apart(Held),
}

/// Records by date of birth and place, so that a rule can ask who else is there.
pub(super) struct Households {
    members: BTreeMap<Home, Vec<RecordIndex>>,
    /// Where some source knows two children.
    two_children: BTreeSet<Home>,
}

impl Households {
    /// Those of some records, in order.
    pub(super) fn of(
        some: impl IntoIterator<Item = RecordIndex>,
        comparing: &mut Comparing<'_>,
    ) -> Self {
        let mut members: BTreeMap<Home, Vec<RecordIndex>> = BTreeMap::new();
        let records = comparing.records;
        for index in some {
            if let Some(home) = comparing.home(index) {
                members.entry(home).or_default().push(index);
            }
        }
        let mut two_children = BTreeSet::new();
        for (home, members) in &members {
            let is_two = pairs(members).any(|(a, b)| {
                records.source(a) == records.source(b) && !is_same_given(comparing.seen(a, b).given)
            });
            if is_two {
                two_children.insert(*home);
            }
        }
        Self {
            members,
            two_children,
        }
    }

    /// Each two records of one household.
    pub(super) fn together(&self) -> impl Iterator<Item = Two> {
        self.members.values().flat_map(|members| pairs(members))
    }

    /// What the rules say of two records whose weight is enough.
    pub(super) fn ruling(&self, (a, b): Two, seen: &Seen, comparing: &mut Comparing<'_>) -> Ruling {
        let records = comparing.records;
        if seen.identifier == Level::Different {
            return Ruling::Apart(Held::IdentifiersDiffer);
        }
        if records.source(a) == records.source(b) {
            let twice = [seen.given, seen.family, seen.born]
                .into_iter()
                .all(|level| level == Level::Same);
            return if twice && seen.weight >= comparing.model.join_within {
                Ruling::Attend(Attention::TwiceInSource)
            } else {
                Ruling::Apart(Held::OneSource)
            };
        }
        let is_numbered = seen.identifier == Level::Same;
        let sex_differs = seen.sex == Level::Different;
        let two_children =
            self.has_two_children(comparing, a) || self.has_two_children(comparing, b);
        match seen.given {
            // Returns that hold no names: twins share the day, and never the number.
            Level::NotTold if is_numbered && seen.born == Level::Same => Ruling::Join,
            Level::Different | Level::NotTold => self.under_two_names((a, b), seen, comparing),
            Level::Nickname | Level::Close | Level::Sounds | Level::Alike
                if sex_differs && !is_numbered =>
            {
                Ruling::Apart(Held::NameAndSexDiffer)
            }
            Level::Nickname | Level::Alike if !is_numbered && two_children => {
                Ruling::Apart(Held::TwoChildren)
            }
            Level::Alike => Ruling::Attend(Attention::NamesAlike),
            _ if is_no_slip(seen.born) => Ruling::Attend(Attention::BirthDatesDiffer),
            _ => Ruling::Join,
        }
    }

    fn under_two_names(&self, (a, b): Two, seen: &Seen, comparing: &mut Comparing<'_>) -> Ruling {
        if seen.identifier == Level::Same {
            return Ruling::Attend(Attention::IdentifierOnly);
        }
        let all_else_agrees = seen.family == Level::Same
            && seen.born == Level::Same
            && matches!(seen.address, Level::Same | Level::SamePremises)
            && seen.sex != Level::Different;
        if !all_else_agrees {
            Ruling::Apart(Held::GivenNamesDiffer)
        } else if self.has_two_children(comparing, a) || self.has_two_children(comparing, b) {
            Ruling::Apart(Held::TwoChildren)
        } else if self.stands_elsewhere(a, comparing) && self.stands_elsewhere(b, comparing) {
            Ruling::Apart(Held::BothNamesElsewhere)
        } else {
            Ruling::Attend(Attention::OnlyCandidate)
        }
    }

    fn has_two_children(&self, comparing: &Comparing<'_>, record: RecordIndex) -> bool {
        comparing
            .home(record)
            .is_some_and(|home| self.two_children.contains(&home))
    }

    /// Whether another source knows a child of this given name, born that day at that place.
    fn stands_elsewhere(&self, record: RecordIndex, comparing: &mut Comparing<'_>) -> bool {
        let records = comparing.records;
        let home = comparing.home(record);
        let members = home.and_then(|home| self.members.get(&home));
        members.is_some_and(|members| {
            members.iter().any(|other| {
                records.source(*other) != records.source(record)
                    && is_same_given(comparing.seen(record, *other).given)
            })
        })
    }
}

fn is_same_given(level: Level) -> bool {
    matches!(level, Level::Same | Level::FirstSame)
}

/// Whether dates of birth differ by more than a slip of the pen.
fn is_no_slip(level: Level) -> bool {
    matches!(level, Level::TwoDigits | Level::SameYear | Level::Different)
}

fn pairs(members: &[RecordIndex]) -> impl Iterator<Item = Two> {
    members
        .iter()
        .enumerate()
        .flat_map(|(place, a)| members.iter().skip(place + 1).map(|b| (*a, *b)))
}

/// Whether a record has another candidate in the other's source, to which an only-candidate join gives way.
pub(super) fn has_other_candidate(
    edges: &BTreeMap<RecordIndex, Vec<RecordIndex>>,
    records: &Records,
    from: RecordIndex,
    to: RecordIndex,
) -> bool {
    let source = |index| records.source(index);
    edges.get(&from).is_some_and(|others| {
        others
            .iter()
            .any(|other| *other != to && source(*other) == source(to))
    })
}
