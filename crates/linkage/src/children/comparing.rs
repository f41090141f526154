//! Two records of children side by side: how far they agree on each thing.

use std::collections::BTreeSet;

use super::cluster::Two;
use super::linked::Evidence;
use super::model::{Comparison, Model};
use super::records::{RecordIndex, Records};
use crate::columns::{Common, Keys, Memo, Scoring, TooManyPairs, place_in};
use crate::level::Level;

/// A day of birth and where somebody lives, as coarsely as all sources write it: the postcode, or all of the address
/// without one. Numbers of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Home {
    born: u32,
    postcode: u32,
    lines: u32,
}

/// How far two records agree on each thing, and what that is worth in thousandths of a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) given: Level,
    pub(super) family: Level,
    pub(super) born: Level,
    pub(super) sex: Level,
    pub(super) address: Level,
    /// One shared number that differs outweighs another that agrees: somebody must look.
    pub(super) identifier: Level,
    pub(super) weight: i32,
}

/// Compares records by a model of children.
pub(super) struct Comparing<'r> {
    pub(super) records: &'r Records,
    pub(super) model: &'r Model,
    scoring: Scoring<'r>,
    memo: Memo,
}

impl<'r> Comparing<'r> {
    pub(super) fn new(records: &'r Records, model: &'r Model, common: Common<'_>) -> Self {
        Self {
            records,
            model,
            scoring: Scoring::new(&records.table, &model.plan, common),
            memo: Memo::default(),
        }
    }

    /// What any pair starts from.
    pub(super) const fn prior(&self) -> i32 {
        self.scoring.prior()
    }

    /// The pairs that some block brings together and that are worth enough to stay together, in order.
    ///
    /// # Errors
    /// [`TooManyPairs`] when the model's blocks bring too many records together.
    pub(super) fn pairs(&self, threads: usize) -> Result<Vec<Two>, TooManyPairs> {
        let keys = Keys::of(&self.records.table, &self.model.plan, threads)?;
        let pairs = self.scoring.pairs(&keys, self.model.part, threads);
        let mut pairs: Vec<Two> = pairs
            .into_iter()
            .map(|pair| (RecordIndex(pair.a), RecordIndex(pair.b)))
            .collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    /// Of those pairs the ones of a record that is `asked`: however many others share a block with it, they are not
    /// compared with one another.
    ///
    /// # Errors
    /// [`TooManyPairs`] when the model's blocks bring too many records together.
    pub(super) fn pairs_with(
        &mut self,
        asked: impl Fn(RecordIndex) -> bool,
    ) -> Result<BTreeSet<Two>, TooManyPairs> {
        let keys = Keys::of(&self.records.table, &self.model.plan, 1)?;
        let mut pairs = BTreeSet::new();
        for run in keys.runs() {
            let run = || run.iter().copied().map(RecordIndex);
            for a in run().filter(|a| asked(*a)) {
                for b in run().filter(|b| *b != a) {
                    let pair = (a.min(b), a.max(b));
                    if self.seen(pair.0, pair.1).weight >= self.model.part {
                        pairs.insert(pair);
                    }
                }
            }
        }
        Ok(pairs)
    }

    /// How far two records agree.
    pub(super) fn seen(&mut self, a: RecordIndex, b: RecordIndex) -> Seen {
        let pattern = self.scoring.pattern(a.0, b.0, &mut self.memo);
        let level = |compared: usize, comparison: Comparison| {
            let place = place_in(pattern, compared).checked_sub(1);
            let level = place.and_then(|place| comparison.kind().levels().get(place));
            level.copied().unwrap_or(Level::NotTold)
        };
        let mut seen = Seen {
            given: Level::NotTold,
            family: Level::NotTold,
            born: Level::NotTold,
            sex: Level::NotTold,
            address: Level::NotTold,
            identifier: Level::NotTold,
            weight: self.scoring.weight(pattern, a.0),
        };
        for (compared, comparison) in self.model.comparisons.iter().enumerate() {
            let found = level(compared, *comparison);
            match comparison {
                Comparison::Given => seen.given = found,
                Comparison::Family => seen.family = found,
                Comparison::Born => seen.born = found,
                Comparison::Sex => seen.sex = found,
                Comparison::Address => seen.address = found,
                Comparison::Identifier => match found {
                    Level::NotTold => {}
                    Level::Same if seen.identifier != Level::Different => {
                        seen.identifier = Level::Same;
                    }
                    Level::Same => {}
                    _ => seen.identifier = Level::Different,
                },
            }
        }
        seen
    }

    /// How far two records agree on each compared column, and what that is worth.
    pub(super) fn evidence(&mut self, a: RecordIndex, b: RecordIndex) -> Evidence {
        let (a, b) = (a.min(b), a.max(b));
        let pattern = self.scoring.pattern(a.0, b.0, &mut self.memo);
        let worth = self.scoring.parts(pattern, a.0);
        let each = self.model.plan.compared().zip(worth).enumerate();
        let parts = each.map(|(compared, ((_, one), worth))| {
            let place = place_in(pattern, compared).checked_sub(1);
            let level = place.and_then(|place| one.kind.levels().get(place));
            (
                one.name.clone(),
                level.copied().unwrap_or(Level::NotTold),
                worth,
            )
        });
        Evidence {
            a,
            b,
            parts: parts.collect(),
            weight: self.scoring.weight(pattern, a.0),
        }
    }

    /// Where and when somebody was born who lives there, where both are told.
    pub(super) fn home(&self, record: RecordIndex) -> Option<Home> {
        let row = self.records.table.row(record.0);
        let code = |place: usize| row.get(place).copied().unwrap_or_default();
        let places = &self.model.places;
        let (born, postcode) = (code(places.born), code(places.postcode));
        let lines = match postcode {
            0 => code(places.address),
            _ => 0,
        };
        (born != 0 && postcode.max(lines) != 0).then_some(Home {
            born,
            postcode,
            lines,
        })
    }
}
