//! What people decided, and what it says of each pair.
//!
//! A decision about two records by themselves says more of those two than one about every record of two children.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{PersonId, SubjectId, TypedId as _};
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use serde::Serialize;

use super::tables::{covered, decision};
use super::{ASKED_AT_ONCE, pair, unreadable};
use crate::linking::review::href;
use crate::linking::types::{LinkDecisionId, SeeLinkDecision, Sides, Verdict};
use crate::persons::{self, SeePerson};
use crate::shell::{Ctx, Failure};

/// Two subjects, the earlier first.
pub(in crate::linking) type Two = (SubjectId, SubjectId);

/// Decisions, each with whom it is about.
#[derive(Debug, Clone, Default)]
pub(in crate::linking) struct Decisions(BTreeMap<LinkDecisionId, Ruling>);

#[derive(Debug, Clone)]
struct Ruling {
    pair: Two,
    verdict: Verdict,
    /// Every record of the two children, where it goes so far.
    sides: Option<Sides>,
}

/// What people decided about pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::linking) struct Decided {
    /// That they are one person.
    pub(in crate::linking) same: BTreeSet<Two>,
    /// That they are two.
    pub(in crate::linking) apart: BTreeSet<Two>,
    /// Nothing yet: somebody is not sure, and asks.
    pub(in crate::linking) asked: BTreeSet<Two>,
}

impl Ruling {
    fn about(&self) -> impl Iterator<Item = SubjectId> {
        let sides = self.sides.iter().flat_map(Sides::records);
        [self.pair.0, self.pair.1].into_iter().chain(sides)
    }

    /// The pairs of which it says something.
    fn pairs(&self) -> BTreeSet<Two> {
        match &self.sides {
            None => BTreeSet::from([self.pair]),
            Some(sides) => sides.pairs(self.verdict),
        }
    }
}

impl Decisions {
    /// All that were ever made and stand, or wait for an answer.
    pub(in crate::linking) async fn all(
        store: &Store,
        scope: &Scope<SeeLinkDecision>,
    ) -> Result<Self, StoreFault> {
        let mut all = Self::default();
        let rows = store.select(scope).all(store.reader()).await?;
        all.add(store, scope, rows).await?;
        Ok(all)
    }

    /// Those about any of these subjects.
    pub(in crate::linking) async fn about(
        store: &Store,
        scope: &Scope<SeeLinkDecision>,
        subjects: &BTreeSet<SubjectId>,
    ) -> Result<Self, StoreFault> {
        let mut about = Self::default();
        let rows = rows_about(store, scope, subjects).await?;
        about.add(store, scope, rows).await?;
        Ok(about)
    }

    async fn add(
        &mut self,
        store: &Store,
        scope: &Scope<SeeLinkDecision>,
        rows: Vec<decision::Model>,
    ) -> Result<(), StoreFault> {
        let wide: Vec<&str> = rows
            .iter()
            .filter(|row| row.round > 0)
            .map(|row| row.id.as_str())
            .collect();
        let mut sides: BTreeMap<(String, i64), Sides> = BTreeMap::new();
        for some in wide.chunks(ASKED_AT_ONCE) {
            let select =
                covered::Entity::find().filter(covered::Column::DecisionId.is_in(some.to_vec()));
            for row in store.brought_within(scope, select).await? {
                let subject = SubjectId::parse(&row.subject_id)
                    .map_err(|error| unreadable(&row.id, error.to_string()))?;
                let sides = sides.entry((row.decision_id, row.round)).or_default();
                sides.side(row.side).insert(subject);
            }
        }
        for row in rows {
            let unreadable = |problem: String| unreadable(&row.id, problem);
            let (a, b) = pair(&row.id, &row.a, &row.b)?;
            let id = LinkDecisionId::parse(&row.id);
            let id = id.map_err(|error| unreadable(error.to_string()))?;
            let Some(verdict) = Verdict::parse(&row.verdict) else {
                return Err(unreadable(format!("no such verdict: {}", row.verdict)));
            };
            if verdict == Verdict::Open {
                continue;
            }
            let sides = sides.get(&(row.id.clone(), row.round)).cloned();
            let pair = (a.min(b), a.max(b));
            self.0.insert(
                id,
                Ruling {
                    pair,
                    verdict,
                    sides,
                },
            );
        }
        Ok(())
    }

    /// Adds others.
    pub(in crate::linking) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Those about other pairs than this one.
    pub(in crate::linking) fn but_for(mut self, pair: Two) -> Self {
        self.0.retain(|_, ruling| ruling.pair != pair);
        self
    }

    /// All about whom it was decided together with one of these.
    pub(in crate::linking) fn with(&self, subjects: &BTreeSet<SubjectId>) -> BTreeSet<SubjectId> {
        let of = self
            .0
            .values()
            .filter(|ruling| ruling.about().any(|one| subjects.contains(&one)));
        of.flat_map(Ruling::about).collect()
    }

    /// The decision about every record of two children that says something of this pair, where none about the two by
    /// themselves does; the newest of several.
    pub(in crate::linking) fn covering(&self, pair: Two) -> Option<LinkDecisionId> {
        let mut all = self.0.iter().rev();
        let found =
            all.find(|(_, ruling)| ruling.sides.is_some() && ruling.pairs().contains(&pair));
        found.map(|(id, _)| *id)
    }

    /// What they say of each pair.
    pub(in crate::linking) fn decided(&self) -> Decided {
        let mut decided = Decided::default();
        let (wide, own): (Vec<&Ruling>, Vec<&Ruling>) =
            self.0.values().partition(|ruling| ruling.sides.is_some());
        let mut said: BTreeSet<Two> = BTreeSet::new();
        for ruling in own {
            if ruling.verdict.decides() {
                said.insert(ruling.pair);
            }
            decided.put(ruling.verdict, ruling.pair);
        }
        for ruling in wide {
            for pair in ruling.pairs().difference(&said) {
                decided.put(ruling.verdict, *pair);
            }
        }
        decided
    }
}

/// How often somebody said something about any of these subjects: more with each time, whatever they said.
pub(in crate::linking) async fn times_said(
    store: &Store,
    scope: &Scope<SeeLinkDecision>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<u32, StoreFault> {
    let rows = rows_about(store, scope, subjects).await?;
    let versions = rows
        .iter()
        .map(|row| u32::try_from(row.version).unwrap_or(u32::MAX));
    Ok(versions.fold(0, u32::saturating_add))
}

/// Each once.
async fn rows_about(
    store: &Store,
    scope: &Scope<SeeLinkDecision>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<decision::Model>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut rows = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let covered = covered::Entity::find().filter(covered::Column::SubjectId.is_in(some));
        let covered = store.brought_within(scope, covered).await?;
        let wide: BTreeSet<String> = covered.into_iter().map(|row| row.decision_id).collect();
        let mut about: Vec<Condition> = [decision::Column::A, decision::Column::B]
            .into_iter()
            .map(|column| Condition::all().add(column.is_in(some)))
            .collect();
        if !wide.is_empty() {
            about.push(Condition::all().add(decision::Column::Id.is_in(wide)));
        }
        for about in about {
            let found = store.select(scope).filter(about).all(store.reader());
            rows.extend(found.await?.into_iter().map(|row| (row.id.clone(), row)));
        }
    }
    Ok(rows.into_values().collect())
}

impl Decided {
    fn put(&mut self, verdict: Verdict, pair: Two) {
        match verdict {
            Verdict::Same => self.same.insert(pair),
            Verdict::NotSame => self.apart.insert(pair),
            Verdict::Asked => self.asked.insert(pair),
            Verdict::Open => false,
        };
    }
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::id;

    use super::*;

    fn subject(number: u128) -> SubjectId {
        SubjectId::parse(&format!("subject_{}", id::encode(number))).unwrap()
    }

    fn two(a: u128, b: u128) -> Two {
        (subject(a), subject(b))
    }

    fn sides(ones: &[u128], others: &[u128]) -> Option<Sides> {
        let group = |numbers: &[u128]| numbers.iter().map(|number| subject(*number)).collect();
        Some(Sides {
            ones: group(ones),
            others: group(others),
        })
    }

    fn decisions(all: Vec<(Two, Verdict, Option<Sides>)>) -> Decisions {
        let each = (1..).zip(all).map(|(number, (pair, verdict, sides))| {
            let id = format!("linkdecision_{}", id::encode(number));
            let ruling = Ruling {
                pair,
                verdict,
                sides,
            };
            (LinkDecisionId::parse(&id).unwrap(), ruling)
        });
        Decisions(each.collect())
    }

    #[test]
    fn a_wide_decision_says_of_every_pair_what_the_two_children_are() {
        let apart = decisions(vec![(two(1, 2), Verdict::NotSame, sides(&[1, 3], &[2, 4]))]);
        let expected = [two(1, 2), two(1, 4), two(2, 3), two(3, 4)];
        assert_eq!(apart.decided().apart, expected.into());
        let one = decisions(vec![(two(1, 2), Verdict::Same, sides(&[1, 3], &[2]))]);
        assert_eq!(one.decided().same, [two(1, 2), two(1, 3), two(2, 3)].into());
        assert_eq!(one.with(&[subject(3)].into()).len(), 3);
        assert!(one.covering(two(2, 3)).is_some());
        assert!(one.covering(two(2, 4)).is_none());
    }

    #[test]
    fn what_was_said_of_two_by_themselves_counts_more() {
        let both = decisions(vec![
            (two(3, 4), Verdict::Same, None),
            (two(1, 2), Verdict::NotSame, sides(&[1, 3], &[2, 4])),
            (two(2, 3), Verdict::Asked, None),
        ]);
        let decided = both.decided();
        assert_eq!(decided.same, [two(3, 4)].into());
        assert_eq!(decided.apart, [two(1, 2), two(1, 4), two(2, 3)].into());
        assert_eq!(decided.asked, [two(2, 3)].into());
        let others = both.but_for(two(3, 4)).decided();
        assert!(others.apart.contains(&two(3, 4)) && others.same.is_empty());
    }
}

/// The most decisions that are named.
const NAMED: usize = 25;

/// A decision that somebody may look at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionNamed {
    /// Where both records stand side by side.
    pub href: String,
    /// What was decided.
    pub words: &'static str,
}

/// The decisions about any of these subjects that stand, of those that the caller may see: the first of which they may know
/// both children, and how many others.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn decided_about(
    ctx: &Ctx,
    subjects: &BTreeSet<SubjectId>,
) -> Result<(Vec<DecisionNamed>, u64), Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let about = Decisions::about(ctx.store(), &scope, subjects).await?;
    let pairs = about
        .0
        .values()
        .flat_map(|ruling| [ruling.pair.0, ruling.pair.1]);
    let seen = ctx.scope::<SeePerson>().await?;
    let persons = persons::persons_of(ctx.store(), &seen, &pairs.collect()).await?;
    let mut named = Vec::new();
    for ruling in about.0.values() {
        let (a, b) = ruling.pair;
        let (Some(one), Some(other)) = (persons.get(&a), persons.get(&b)) else {
            continue;
        };
        if named.len() == NAMED {
            break;
        }
        if may_know(ctx, one).await? && may_know(ctx, other).await? {
            named.push(DecisionNamed {
                href: href(one, a, b),
                words: ruling.verdict.words(),
            });
        }
    }
    let others = about.0.len().saturating_sub(named.len());
    Ok((named, others as u64))
}

async fn may_know(ctx: &Ctx, person: &PersonId) -> Result<bool, Failure> {
    match ctx.permit::<SeePerson>(person).await {
        Ok(_) => Ok(true),
        Err(Failure::NotFound | Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}
