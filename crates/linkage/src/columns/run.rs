//! Comparing, scoring and joining all records of a table.

use std::io;
use std::ops::Range;

use super::gather::{self, Persons, gather};
use super::kept::{Kept, Room};
use super::keys::{Keys, PAIRS_OF_TASK, Task, TooManyPairs};
use super::pairs::{Alike, Pair};
use super::plan::Plan;
use super::rules::Rules;
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
    /// Of the pairs worth [`KEPT`] and more what they say.
    pub(super) kept: Kept,
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

    /// By a trained plan, of records of which all that are compared are here.
    fn of_all(table: &'t Table, plan: &Plan) -> Self {
        Self {
            table,
            comparer: Comparer::new(table, plan),
            weights: Weights::of_all(table, plan),
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

    /// What holds records apart.
    pub(super) const fn rules(&self) -> &Rules {
        self.weights.rules()
    }

    /// Whether a source knows two records that agree so as two persons.
    pub(super) fn are_two(&self, pattern: u64, a: u32, b: u32) -> bool {
        self.rules().are_two(pattern) && self.table.place_of(a).0 == self.table.place_of(b).0
    }

    /// The pairs of records that some block brings together and that are worth `least` and more, no rule holding them
    /// apart.
    pub(crate) fn pairs(&self, keys: &Keys, least: i32, threads: usize) -> Vec<Pair> {
        let tasks = tasks(keys);
        let (found, _) = in_order(self.found(keys, &tasks, least, threads));
        let pairs = found
            .iter()
            .flat_map(|one| one.pairs(&self.table.statements));
        pairs.collect()
    }

    /// Keeps what the same pairs say; and says how many were compared. As many tasks are done at once as may find pairs for
    /// an eighth of the room: an eighth more puts them in order, and half of it holds those that were found before.
    fn kept(
        &self,
        keys: &Keys,
        least: i32,
        threads: usize,
        room: Option<Room>,
    ) -> io::Result<(Kept, u64)> {
        let mut kept = Kept::within(room);
        let mut compared = 0;
        let at_once = kept.room_for(4 * size_of::<Alike>()) / PAIRS_OF_TASK;
        let at_once = usize::try_from(at_once).unwrap_or(usize::MAX).max(1);
        for tasks in tasks(keys).chunks(at_once) {
            let (found, own) = in_order(self.found(keys, tasks, least, threads));
            kept.add(found)?;
            compared += own;
        }
        Ok((kept, compared))
    }

    /// What each thread finds, doing some tasks.
    fn found(
        &self,
        keys: &Keys,
        tasks: &[(usize, Task)],
        least: i32,
        threads: usize,
    ) -> Vec<Found> {
        let statements = &self.table.statements;
        spread(tasks, threads, |(number, task), found: &mut Found| {
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
                    if weight >= least && !self.rules().is_apart(pattern) {
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
        })
    }
}

/// All of the work, in order.
fn tasks(keys: &Keys) -> Vec<(usize, Task)> {
    let blocks = 0..keys.blocks();
    blocks
        .flat_map(|block| keys.tasks(block))
        .enumerate()
        .collect()
}

/// Pairs worth less than this, in thousandths of a bit, are forgotten: no threshold that makes sense reaches them.
pub const KEPT: i32 = -4_000;

/// Why records are not linked.
#[derive(Debug, thiserror::Error)]
pub enum Unlinked {
    /// The plan's blocks bring too many of them together.
    #[error(transparent)]
    TooManyPairs(#[from] TooManyPairs),
    /// Scratch failed, which pairs needed.
    #[error(transparent)]
    Scratch(#[from] io::Error),
}

/// How many bytes linking takes beside the records of a table, however little room it is given: for their keys, and for
/// finding connected parts. A connected part that is larger than the room is held whole all the same.
pub fn least(table: &Table, plan: &Plan) -> u64 {
    Keys::most_bytes(table, plan, 1).max(Keys::bytes_kept(table, plan) + gather::bytes(table))
}

/// Links the records of a table, in memory without end unless a room is given. A plan without figures is trained on them
/// first.
///
/// The same records and plan give the same persons, whatever the number of threads, the order of records and the room.
///
/// # Errors
/// When the plan's blocks bring too many records together, or scratch fails.
pub fn link<'t>(
    table: &'t Table,
    plan: &Plan,
    threads: usize,
    mut room: Option<Room>,
) -> Result<Linking<'t>, Unlinked> {
    let has_room = |threads| match &room {
        Some(room) => Keys::most_bytes(table, plan, threads) <= room.bytes,
        None => true,
    };
    let keys = Keys::of(table, plan, if has_room(threads) { threads } else { 1 })?;
    if let Some(room) = &mut room {
        let taken = keys.bytes() + gather::bytes(table);
        room.bytes = room.bytes.saturating_sub(taken);
    }
    let plan = match plan.is_trained() {
        true => plan.clone(),
        false => train_with(table, plan, &keys, threads).plan,
    };
    let scoring = Scoring::of_all(table, &plan);
    let (kept, compared) = scoring.kept(&keys, KEPT, threads, room)?;
    let persons = gather(&plan, &scoring, &kept, threads)?;
    Ok(Linking {
        plan,
        persons,
        compared,
        kept,
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

/// What all threads found in the order of the tasks, the same however many threads there were; and how many pairs they
/// compared.
fn in_order(mut done: Vec<Found>) -> (Vec<Alike>, u64) {
    let compared = done.iter().map(|found| found.compared).sum();
    if let [found] = done.as_mut_slice() {
        return (std::mem::take(&mut found.alike), compared);
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
    (all.concat(), compared)
}

impl Linking<'_> {
    /// Persons as another threshold would make them, in thousandths of a bit from [`KEPT`] on.
    ///
    /// # Errors
    /// When pairs that went to scratch cannot be read back.
    pub fn at(&self, join: i32, threads: usize) -> io::Result<Persons> {
        let mut plan = self.plan.clone();
        plan.bridge += join - plan.join;
        plan.join = join;
        gather(&plan, &self.scoring, &self.kept, threads)
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
