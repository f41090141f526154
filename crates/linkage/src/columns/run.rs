//! Comparing, scoring and joining all records of a table.

use super::gather::{Persons, gather};
use super::keys::{Keys, Task, TooManyPairs};
use super::plan::Plan;
use super::spread::spread;
use super::table::Table;
use super::train::train_with;
use super::weigh::{Comparer, Memo, Weights, place_in};
use crate::compare::Level;

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
    pub(super) table: &'t Table,
    pub(super) keys: Keys,
    comparer: Comparer<'t>,
    weights: Weights,
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
    let comparer = Comparer::new(table, &plan);
    let weights = Weights::new(table, &plan);
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
                    let pattern = comparer.pattern(a, b, &mut found.memo);
                    let weight = weights.weight(table, pattern, a);
                    if weight >= KEPT && !weights.is_apart(pattern) {
                        found.pairs.push(Pair { a, b, weight });
                    }
                }
            },
        );
        found.of_task.push(found.pairs.len() - before);
    };
    let done = spread(&tasks, threads, score);
    let compared = done.iter().map(|found| found.compared).sum();
    let pairs = in_order(&done, tasks.len());
    let persons = gather(table, &plan, (&comparer, &weights), &pairs, threads);
    Ok(Linking {
        plan,
        persons,
        pairs,
        compared,
        table,
        keys,
        comparer,
        weights,
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
        gather(
            self.table,
            &plan,
            (&self.comparer, &self.weights),
            &self.pairs,
            threads,
        )
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

    /// How many records could not be joined even with one that says exactly the same: too little is told of them.
    pub fn unlinkable(&self) -> usize {
        let mut memo = Memo::default();
        let of = |record: u32| {
            let pattern = self.comparer.pattern(record, record, &mut memo);
            self.weights.weight(self.table, pattern, record)
        };
        (0..self.table.len())
            .map(of)
            .filter(|weight| *weight < self.plan.join)
            .count()
    }

    /// How many records tell each compared column, and how many different values they tell.
    pub fn told(&self) -> impl Iterator<Item = (&str, u32, usize)> {
        self.plan.compared().filter_map(|(place, one)| {
            let held = self.table.columns.get(place)?;
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
        self.linking.comparer.pattern(a, b, &mut self.memo)
    }

    /// How far two records agree as a number that is the same for pairs that agree in the same way; see [`Linking::agreement`].
    pub fn agreement(&mut self, a: u32, b: u32) -> u64 {
        self.pattern(a, b)
    }

    /// How far two records agree on each compared column, and what that is worth in thousandths of a bit.
    pub fn parts(&mut self, a: u32, b: u32) -> Vec<(&'l str, Level, i32)> {
        let pattern = self.pattern(a, b);
        let linking = self.linking;
        let worth = linking.weights.parts(linking.table, pattern, a);
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
