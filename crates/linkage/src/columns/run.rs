//! Comparing, scoring and joining all records of a table.

use std::ops::Range;

use super::gather::{Persons, gather};
use super::keys::{Keys, Task, TooManyPairs};
use super::pairs::{Alike, Pair};
use super::plan::Plan;
use super::spread::spread;
use super::table::Table;
use super::train::train_with;
use super::weigh::{Common, Comparer, Memo, Weights, place_in};
use crate::level::Level;

/// What came of linking.
#[derive(Debug)]
pub struct Linking<'t> {
    /// The plan, with figures.
    pub plan: Plan,
    /// The records that are one person.
    pub persons: Persons,
    /// How many pairs were compared.
    pub compared: u64,
    /// Of the pairs worth [`KEPT`] and more what they say, in an order that records and plan alone decide.
    pub(super) alike: Vec<Alike>,
    pub(super) keys: Keys,
    pub(super) scoring: Scoring<'t>,
}

/// Compares records of a table, and says what their agreement is worth.
#[derive(Debug)]
pub(crate) struct Scoring<'t> {
    pub(super) table: &'t Table,
    comparer: Comparer<'t>,
    weights: Weights,
}

impl<'t> Scoring<'t> {
    /// By a trained plan.
    pub(crate) fn new(table: &'t Table, plan: &Plan, common: Common<'_>) -> Self {
        Self {
            table,
            comparer: Comparer::new(table, plan),
            weights: Weights::new(table, plan, common),
        }
    }

    /// How far two records agree: a number that holds the level of each compared column. The order does not matter.
    pub(crate) fn pattern(&self, a: u32, b: u32, memo: &mut Memo) -> u64 {
        let statements = &self.table.statements;
        self.comparer
            .pattern(statements.of(a), statements.of(b), memo)
    }

    /// What that is worth, in thousandths of a bit.
    pub(crate) fn weight(&self, pattern: u64, a: u32) -> i32 {
        self.weights.weight(pattern, self.table.row(a))
    }

    /// What of that each compared column is worth.
    pub(crate) fn parts(&self, pattern: u64, a: u32) -> Vec<i32> {
        self.weights.parts(pattern, self.table.row(a))
    }

    /// What any pair starts from.
    pub(crate) const fn prior(&self) -> i32 {
        self.weights.prior()
    }

    /// Of each record whether what it tells is worth less than `join` beside a record that tells exactly the same.
    pub(crate) fn poor(&self, join: i32) -> Vec<bool> {
        let mut memo = Memo::default();
        let statements = &self.table.statements;
        let mut poor = vec![false; self.table.len() as usize];
        for statement in 0..statements.count() {
            let pattern = self.comparer.pattern(statement, statement, &mut memo);
            if self.weights.weight(pattern, statements.said(statement)) >= join {
                continue;
            }
            for record in statements.records(statement) {
                if let Some(poor) = poor.get_mut(*record as usize) {
                    *poor = true;
                }
            }
        }
        poor
    }

    /// Whether some rule of the plan holds records of this pattern apart; and of each rule whether the pattern tells all
    /// that it asks for, and fits.
    pub(super) fn held(&self, pattern: u64) -> impl Iterator<Item = (bool, bool)> {
        self.weights.held(pattern)
    }

    /// The pairs of records that some block brings together and that are worth `least` and more, no rule holding them
    /// apart.
    pub(crate) fn pairs(&self, keys: &Keys, least: i32, threads: usize) -> Vec<Pair> {
        let (alike, _) = self.alike(keys, least, threads);
        alike
            .iter()
            .flat_map(|one| one.pairs(&self.table.statements))
            .collect()
    }

    /// What the same pairs say, in an order that records and plan alone decide; and how many were compared.
    pub(super) fn alike(&self, keys: &Keys, least: i32, threads: usize) -> (Vec<Alike>, u64) {
        let statements = &self.table.statements;
        let tasks: Vec<(usize, Task)> = (0..keys.blocks())
            .flat_map(|block| keys.tasks(block))
            .enumerate()
            .collect();
        let score = |(number, task): &(usize, Task), found: &mut Found| {
            let start = found.alike.len();
            keys.each(
                *task,
                |_| true,
                |x, y, is_met| {
                    if is_met {
                        return;
                    }
                    let pairs = statements.pairs(x, y);
                    if pairs == 0 {
                        return;
                    }
                    found.compared += pairs;
                    let pattern = self.comparer.pattern(x, y, &mut found.memo);
                    let weight = self.weights.weight(pattern, statements.said(x));
                    if weight >= least && !self.weights.is_apart(pattern) {
                        found.alike.push(Alike {
                            x,
                            y,
                            weight,
                            pattern,
                        });
                    }
                },
            );
            found.of_task.push((*number, start..found.alike.len()));
        };
        let done = spread(&tasks, threads, score);
        let compared = done.iter().map(|found| found.compared).sum();
        (in_order(done), compared)
    }
}

/// Pairs worth less than this, in thousandths of a bit, are forgotten: no threshold that makes sense reaches them.
pub const KEPT: i32 = -4_000;

/// Links the records of a table. A plan without figures is trained on them first.
///
/// The same records and plan give the same persons, whatever the number of threads and the order of records.
///
/// # Errors
/// [`TooManyPairs`] when the plan's blocks bring too many records together.
pub fn link<'t>(
    table: &'t Table,
    plan: &Plan,
    threads: usize,
) -> Result<Linking<'t>, TooManyPairs> {
    let keys = Keys::of(table, plan, threads)?;
    let plan = match plan.is_trained() {
        true => plan.clone(),
        false => train_with(table, plan, &keys, threads).plan,
    };
    let scoring = Scoring::new(table, &plan, Common::Here);
    let (alike, compared) = scoring.alike(&keys, KEPT, threads);
    let persons = gather(&plan, &scoring, &alike, threads);
    Ok(Linking {
        plan,
        persons,
        compared,
        alike,
        keys,
        scoring,
    })
}

#[derive(Debug, Default)]
struct Found {
    alike: Vec<Alike>,
    /// Which of them came of each task.
    of_task: Vec<(usize, Range<usize>)>,
    compared: u64,
    memo: Memo,
}

/// What all threads found in the order of the tasks: the same however many threads there were.
fn in_order(mut done: Vec<Found>) -> Vec<Alike> {
    if let [found] = done.as_mut_slice() {
        return std::mem::take(&mut found.alike);
    }
    let mut tasks: Vec<(usize, &[Alike])> = done
        .iter()
        .flat_map(|found| {
            let of = |(task, range): &(usize, Range<usize>)| {
                (*task, found.alike.get(range.clone()).unwrap_or_default())
            };
            found.of_task.iter().map(of)
        })
        .collect();
    tasks.sort_unstable_by_key(|(task, _)| *task);
    let all: Vec<&[Alike]> = tasks.into_iter().map(|(_, found)| found).collect();
    all.concat()
}

impl Linking<'_> {
    /// Persons as another threshold would make them, in thousandths of a bit from [`KEPT`] on.
    pub fn at(&self, join: i32, threads: usize) -> Persons {
        let mut plan = self.plan.clone();
        plan.bridge += join - plan.join;
        plan.join = join;
        gather(&plan, &self.scoring, &self.alike, threads)
    }

    /// In words what [`Agreed::agreement`](super::Agreed) gives as a number: for each compared column that both records tell, how far
    /// they agree.
    pub fn agreement(&self, number: u64) -> String {
        let each = self
            .plan
            .compared()
            .enumerate()
            .filter_map(|(column, (_, one))| {
                let place = place_in(number, column).checked_sub(1)?;
                let level = one.kind.levels().get(place)?;
                Some(format!("{} {}", one.name, level.name()))
            });
        each.collect::<Vec<_>>().join("; ")
    }

    /// Of each record whether it could not be joined even with one that says exactly the same: too little is told of it.
    pub(super) fn poor(&self) -> Vec<bool> {
        self.scoring.poor(self.plan.join)
    }

    /// How many records could not be joined with anybody.
    pub fn unlinkable(&self) -> usize {
        self.poor().into_iter().filter(|poor| *poor).count()
    }

    /// How many records tell each compared column, and how many different values they tell.
    pub fn told(&self) -> impl Iterator<Item = (&str, u32, usize)> {
        self.plan.compared().filter_map(|(place, one)| {
            let held = self.scoring.table.columns.get(place)?;
            let different = held.different();
            Some((one.name.as_str(), held.told, different))
        })
    }

    /// A way of looking at pairs, for one thread.
    pub fn looking(&self) -> Looking<'_> {
        Looking {
            linking: self,
            memo: Memo::default(),
        }
    }
}

/// Looks at pairs of a linking, and remembers what it has seen.
#[derive(Debug)]
pub struct Looking<'l> {
    linking: &'l Linking<'l>,
    memo: Memo,
}

impl<'l> Looking<'l> {
    /// How far two records agree on each compared column, and what that is worth in thousandths of a bit.
    pub fn parts(&mut self, a: u32, b: u32) -> Vec<(&'l str, Level, i32)> {
        let linking = self.linking;
        let pattern = linking.scoring.pattern(a, b, &mut self.memo);
        let worth = linking.scoring.parts(pattern, a);
        let each = linking.plan.compared().zip(worth).enumerate();
        each.map(|(column, ((_, one), worth))| {
            let place = place_in(pattern, column).checked_sub(1);
            let level = place.and_then(|place| one.kind.levels().get(place));
            (
                one.name.as_str(),
                level.copied().unwrap_or(Level::NotTold),
                worth,
            )
        })
        .collect()
    }
}
