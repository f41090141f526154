//! Comparing, scoring and joining all records of a table.

use super::gather::{Persons, gather};
use super::keys::{Keys, Task, TooManyPairs};
use super::plan::Plan;
use super::spread::spread;
use super::table::Table;
use super::train::train_with;
use super::weigh::{Common, Comparer, Memo, Weights, place_in};
use crate::level::Level;

/// Two records that were compared, the one that came first before the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// A record, by its number.
    pub a: u32,
    /// Another.
    pub b: u32,
    /// What their agreement is worth, in thousandths of a bit.
    pub weight: i32,
}

/// What came of linking.
#[derive(Debug)]
pub struct Linking<'t> {
    /// The plan, with figures.
    pub plan: Plan,
    /// The records that are one person.
    pub persons: Persons,
    /// The pairs worth [`KEPT`] and more, in an order that records and plan alone decide.
    pub pairs: Vec<Pair>,
    /// How many pairs were compared.
    pub compared: u64,
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
        self.comparer.pattern(a, b, memo)
    }

    /// What that is worth, in thousandths of a bit.
    pub(crate) fn weight(&self, pattern: u64, a: u32) -> i32 {
        self.weights.weight(self.table, pattern, a)
    }

    /// What of that each compared column is worth.
    pub(crate) fn parts(&self, pattern: u64, a: u32) -> Vec<i32> {
        self.weights.parts(self.table, pattern, a)
    }

    /// What any pair starts from.
    pub(crate) const fn prior(&self) -> i32 {
        self.weights.prior()
    }

    /// Of each record whether what it tells is worth less than `join` beside a record that tells exactly the same.
    pub(crate) fn poor(&self, join: i32) -> Vec<bool> {
        let mut memo = Memo::default();
        let mut is_poor =
            |record: u32| self.weight(self.pattern(record, record, &mut memo), record) < join;
        (0..self.table.len()).map(&mut is_poor).collect()
    }

    /// Whether some rule of the plan holds records of this pattern apart; and of each rule whether the pattern tells all
    /// that it asks for, and fits.
    pub(super) fn held(&self, pattern: u64) -> impl Iterator<Item = (bool, bool)> {
        self.weights.held(pattern)
    }

    /// The pairs that some block brings together and that are worth `least` and more, no rule holding them apart, in an
    /// order that records and plan alone decide; and how many were compared.
    pub(crate) fn pairs(&self, keys: &Keys, least: i32, threads: usize) -> (Vec<Pair>, u64) {
        let tasks: Vec<Task> = (0..keys.blocks())
            .flat_map(|block| keys.tasks(block))
            .collect();
        let score = |task: &Task, found: &mut Found| {
            let before = found.pairs.len();
            keys.each(
                *task,
                |_| true,
                |a, b, is_met| {
                    if !is_met {
                        found.compared += 1;
                        let pattern = self.pattern(a, b, &mut found.memo);
                        let weight = self.weight(pattern, a);
                        if weight >= least && !self.weights.is_apart(pattern) {
                            found.pairs.push(Pair { a, b, weight });
                        }
                    }
                },
            );
            found.of_task.push(found.pairs.len() - before);
        };
        let done = spread(&tasks, threads, score);
        let compared = done.iter().map(|found| found.compared).sum();
        (in_order(&done, tasks.len()), compared)
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
    let (pairs, compared) = scoring.pairs(&keys, KEPT, threads);
    let persons = gather(&plan, &scoring, &pairs, threads);
    Ok(Linking {
        plan,
        persons,
        pairs,
        compared,
        keys,
        scoring,
    })
}

#[derive(Debug, Default)]
struct Found {
    pairs: Vec<Pair>,
    /// How many of the pairs came of each task, in the order in which they were done.
    of_task: Vec<usize>,
    compared: u64,
    memo: Memo,
}

/// The pairs of all threads in the order of the tasks, of which each thread took every so-manieth: the same order
/// however many threads there were.
fn in_order(done: &[Found], tasks: usize) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(done.iter().map(|found| found.pairs.len()).sum());
    let mut threads: Vec<_> = done.iter().map(|found| (0, found.of_task.iter())).collect();
    for task in 0..tasks {
        let thread = task % done.len().max(1);
        if let (Some((start, counts)), Some(found)) = (threads.get_mut(thread), done.get(thread)) {
            let end = *start + counts.next().copied().unwrap_or_default();
            pairs.extend_from_slice(found.pairs.get(*start..end).unwrap_or_default());
            *start = end;
        }
    }
    pairs
}

impl Linking<'_> {
    /// Persons as another threshold would make them, in thousandths of a bit from [`KEPT`] on.
    pub fn at(&self, join: i32, threads: usize) -> Persons {
        let mut plan = self.plan.clone();
        plan.bridge += join - plan.join;
        plan.join = join;
        gather(&plan, &self.scoring, &self.pairs, threads)
    }

    /// In words what [`Looking::agreement`] gives as a number: for each compared column that both records tell, how far
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
    fn pattern(&mut self, a: u32, b: u32) -> u64 {
        self.linking.scoring.pattern(a, b, &mut self.memo)
    }

    /// How far two records agree as a number that is the same for pairs that agree in the same way; see [`Linking::agreement`].
    pub fn agreement(&mut self, a: u32, b: u32) -> u64 {
        self.pattern(a, b)
    }

    /// How far two records agree on each compared column, and what that is worth in thousandths of a bit.
    pub fn parts(&mut self, a: u32, b: u32) -> Vec<(&'l str, Level, i32)> {
        let pattern = self.pattern(a, b);
        let linking = self.linking;
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
