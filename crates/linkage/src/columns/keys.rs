//! Which records are compared: those that share a key under some block of the plan.

use std::thread;

use hashbrown::HashTable;

use super::kind::Form;
use super::plan::{Block, Plan};
use super::spread::spread;
use super::statements::{Statements, pairs_of};
use super::table::Table;
use super::texts::mix;

/// A block would bring too many records together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the block {block} would compare {pairs} pairs, and the model's `pair_limit` is {limit}: most come of {}; \
     block on more, leave stand-in values empty in the files, or raise `pair_limit`",
    told(worst)
)]
pub struct TooManyPairs {
    /// The block, as the plan writes it.
    pub block: String,
    /// How many pairs.
    pub pairs: u64,
    /// How many are allowed.
    pub limit: u64,
    /// The values that most records share, and how many do.
    pub worst: Vec<(String, u64)>,
}

fn told(worst: &[(String, u64)]) -> String {
    let each: Vec<String> = worst
        .iter()
        .map(|(values, records)| format!("`{values}` ({records} records)"))
        .collect();
    each.join(", ")
}

/// The keys of all statements under all blocks, and who shares them.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For each statement its key under each block; 0 where it has none.
    all: Vec<u64>,
    width: usize,
    shared: Vec<Shared>,
}

/// Statements that share a key under one block: runs of two records and more, in the order in which they begin.
#[derive(Debug, Default)]
struct Shared {
    statements: Vec<u32>,
    /// Where each run ends.
    ends: Vec<u32>,
    /// How many pairs of records they make.
    pairs: u64,
}

/// Who shares one key.
#[derive(Debug, Default)]
struct Group {
    statements: u32,
    records: u64,
    /// Where its next statement stands among those that are kept, if it is.
    next: Option<u32>,
}

/// A part of the work: some of the statements that share keys under a block, each to be compared with those of its run
/// that follow it, and with itself where several records make it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    block: usize,
    run: usize,
    runs: usize,
    /// Of a single long run: which of its statements.
    within: Option<(usize, usize)>,
}

impl Task {
    /// No run yet, from this one on.
    const fn none(block: usize, run: usize) -> Self {
        Self {
            block,
            run,
            runs: 0,
            within: None,
        }
    }
}

/// So many pairs of statements make a part of the work.
pub(super) const PAIRS_OF_TASK: u64 = 1 << 13;

impl Keys {
    /// The keys of a plan's blocks. Without blocks all records share one.
    ///
    /// # Errors
    /// [`TooManyPairs`] when there are more than the plan allows.
    pub(crate) fn of(table: &Table, plan: &Plan, threads: usize) -> Result<Self, TooManyPairs> {
        let width = plan.blocks.len().max(1);
        let parts: Vec<Vec<Part<'_>>> = plan
            .blocks
            .iter()
            .map(|block| parts(table, plan, block))
            .collect();
        let statements = table.statements.count() as usize;
        let mut all = vec![0_u64; statements * width];
        let share = statements.div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            for (number, keys) in all.chunks_mut(share * width).enumerate() {
                let (first, parts) = (number * share, &parts);
                let fill = move || {
                    for (statement, keys) in (first..).zip(keys.chunks_exact_mut(width)) {
                        let statement = u32::try_from(statement).unwrap_or(u32::MAX);
                        let said = table.statements.said(statement);
                        match parts.is_empty() {
                            true => keys.fill(1),
                            false => {
                                for (key, parts) in keys.iter_mut().zip(parts) {
                                    *key = key_of(parts, said);
                                }
                            }
                        }
                    }
                };
                scope.spawn(fill);
            }
        });
        let mut keys = Self {
            all,
            width,
            shared: Vec::new(),
        };
        let blocks: Vec<usize> = (0..width).collect();
        let mut shared: Vec<(usize, Shared)> =
            spread(&blocks, threads, |block, done: &mut Vec<_>| {
                done.push((*block, keys.share(*block, &table.statements)));
            })
            .into_iter()
            .flatten()
            .collect();
        shared.sort_unstable_by_key(|(block, _)| *block);
        keys.shared = shared.into_iter().map(|(_, shared)| shared).collect();
        keys.refuse_too_many(table, plan)?;
        Ok(keys)
    }

    /// At most so many bytes are taken while the blocks are shared, by so many threads at once: beside what is kept, each
    /// has a list of keys, and one of the statements that have one.
    pub(super) fn most_bytes(table: &Table, plan: &Plan, threads: usize) -> u64 {
        let at_once = threads.min(plan.blocks.len()).max(1) as u64;
        let sharing = (size_of::<(u64, u32)>() * 2 + size_of::<Group>() * 2 + 16) as u64;
        Self::bytes_kept(table, plan) + u64::from(table.statements.count()) * sharing * at_once
    }

    /// At most so many bytes are kept.
    pub(super) fn bytes_kept(table: &Table, plan: &Plan) -> u64 {
        let each = (size_of::<u64>() + 2 * size_of::<u32>()) as u64;
        u64::from(table.statements.count()) * plan.blocks.len().max(1) as u64 * each
    }

    /// So many bytes are kept.
    pub(super) fn bytes(&self) -> u64 {
        let shared = |one: &Shared| one.statements.capacity() + one.ends.capacity();
        let shared: usize = self.shared.iter().map(shared).sum();
        (size_of::<u64>() * self.all.capacity() + size_of::<u32>() * shared) as u64
    }

    fn key(&self, statement: u32, block: usize) -> u64 {
        let place = statement as usize * self.width + block;
        self.all.get(place).copied().unwrap_or_default()
    }

    fn share(&self, block: usize, statements: &Statements) -> Shared {
        // Groups in the order of their first statements: what is near in the files is compared together.
        let mut known: HashTable<(u64, u32)> = HashTable::new();
        let mut keyed: Vec<(u32, u32)> = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        let keys = self.all.iter().skip(block).step_by(self.width);
        for (statement, key) in (0..).zip(keys).filter(|(_, key)| **key != 0) {
            let next = (*key, u32::try_from(groups.len()).unwrap_or(u32::MAX));
            let entry = known.entry(*key, |(own, _)| own == key, |(own, _)| *own);
            let (_, group) = *entry.or_insert(next).get();
            if group == next.1 {
                groups.push(Group::default());
            }
            if let Some(group) = groups.get_mut(group as usize) {
                group.statements += 1;
                group.records += statements.records(statement).len() as u64;
            }
            keyed.push((statement, group));
        }
        drop(known);
        let mut shared = Shared::default();
        let mut total = 0;
        for group in groups.iter_mut().filter(|group| group.records > 1) {
            group.next = Some(total);
            total += group.statements;
            shared.ends.push(total);
            shared.pairs += pairs_of(group.records);
        }
        shared.statements = vec![0; total as usize];
        for (statement, group) in keyed {
            if let Some(group) = groups.get_mut(group as usize)
                && let Some(next) = &mut group.next
                && let Some(slot) = shared.statements.get_mut(*next as usize)
            {
                *slot = statement;
                *next += 1;
            }
        }
        shared
    }

    fn refuse_too_many(&self, table: &Table, plan: &Plan) -> Result<(), TooManyPairs> {
        let limit = plan.pair_limit;
        let mut before = 0_u64;
        for (place, shared) in self.shared.iter().enumerate() {
            let pairs = shared.pairs;
            before = before.saturating_add(pairs);
            if before <= limit {
                continue;
            }
            let count = |statement: &u32| table.statements.records(*statement).len() as u64;
            let mut longest: Vec<(u64, &[u32])> = shared
                .runs()
                .map(|run| (run.iter().map(count).sum(), run))
                .collect();
            longest.sort_by_key(|(records, _)| std::cmp::Reverse(*records));
            let worst = longest.iter().take(3).filter_map(|(records, run)| {
                let values = match plan.blocks.get(place) {
                    Some(block) => described(table, plan, block, *run.first()?),
                    None => "all records".to_owned(),
                };
                Some((values, *records))
            });
            return Err(TooManyPairs {
                block: plan.blocks.get(place).map_or_else(
                    || "of everybody with everybody".to_owned(),
                    |block| plan.block_name(block),
                ),
                pairs,
                limit,
                worst: worst.collect(),
            });
        }
        Ok(())
    }

    /// How many pairs of records share a key under each block.
    pub(super) fn pairs(&self) -> Vec<u64> {
        self.shared.iter().map(|shared| shared.pairs).collect()
    }

    /// The work of one block in parts of about as many pairs each.
    pub(super) fn tasks(&self, block: usize) -> Vec<Task> {
        let Some(shared) = self.shared.get(block) else {
            return Vec::new();
        };
        let mut tasks = Vec::new();
        let mut open = Task::none(block, 0);
        let mut pairs = 0;
        for (run, statements) in shared.runs().enumerate() {
            let own = pairs_of(statements.len() as u64 + 1);
            if own > PAIRS_OF_TASK {
                let step =
                    usize::try_from(PAIRS_OF_TASK).unwrap_or(usize::MAX) / statements.len() + 1;
                let mut from = 0;
                if open.runs > 0 {
                    tasks.push(open);
                }
                while from < statements.len() {
                    let to = statements.len().min(from + step);
                    tasks.push(Task {
                        block,
                        run,
                        runs: 1,
                        within: Some((from, to)),
                    });
                    from = to;
                }
                open = Task::none(block, run + 1);
                pairs = 0;
                continue;
            }
            open.runs += 1;
            pairs += own;
            if pairs >= PAIRS_OF_TASK {
                tasks.push(open);
                open = Task::none(block, run + 1);
                pairs = 0;
            }
        }
        if open.runs > 0 {
            tasks.push(open);
        }
        tasks
    }

    /// The records that share a key, for every key of every block that some share.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[u32]> {
        self.shared.iter().flat_map(Shared::runs)
    }

    /// How many blocks there are.
    pub(crate) const fn blocks(&self) -> usize {
        self.width
    }

    /// Goes through the pairs of statements of a task, the one that came first before the other, and says whether an
    /// earlier block brings them together too. Each is also paired with itself, which is of as many pairs of records as
    /// make it. Runs whose key `wanted` refuses are left out.
    pub(super) fn each(
        &self,
        task: Task,
        wanted: impl Fn(u64) -> bool,
        mut pair: impl FnMut(u32, u32, bool),
    ) {
        let Some(shared) = self.shared.get(task.block) else {
            return;
        };
        for run in (task.run..).take(task.runs).map(|place| shared.run(place)) {
            let key = run
                .first()
                .map_or(0, |statement| self.key(*statement, task.block));
            if !wanted(key) {
                continue;
            }
            let (from, to) = task.within.unwrap_or((0, run.len()));
            for (place, x) in run.iter().enumerate().take(to).skip(from) {
                for y in run.iter().skip(place) {
                    pair(*x, *y, self.is_met(*x, *y, task.block));
                }
            }
        }
    }

    fn row(&self, statement: u32) -> &[u64] {
        let start = statement as usize * self.width;
        self.all.get(start..start + self.width).unwrap_or_default()
    }

    /// Whether some block brings two records together.
    pub(crate) fn are_met(&self, table: &Table, a: u32, b: u32) -> bool {
        let statements = &table.statements;
        self.is_met(statements.of(a), statements.of(b), self.width)
    }

    /// Whether one of the first `blocks` blocks brings two statements together.
    fn is_met(&self, x: u32, y: u32, blocks: usize) -> bool {
        let keys = self.row(x).iter().zip(self.row(y)).take(blocks);
        keys.into_iter()
            .any(|(one, other)| *one != 0 && one == other)
    }
}

impl Shared {
    fn run(&self, place: usize) -> &[u32] {
        let end = |place: usize| self.ends.get(place).copied().unwrap_or_default() as usize;
        let start = place.checked_sub(1).map_or(0, end);
        self.statements.get(start..end(place)).unwrap_or_default()
    }

    fn runs(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.ends.len()).map(|place| self.run(place))
    }
}

/// What of a statement goes into a key: a column, and for each of its values what counts.
enum Part<'t> {
    One(usize, &'t [u64]),
    /// Two names, whichever stands in which.
    Either([(usize, &'t [u64]); 2]),
    /// The postcode of an address, or its lines where that is not told.
    Place([(usize, &'t [u64]); 2]),
}

/// The parts of the keys of a block.
fn parts<'t>(table: &'t Table, plan: &Plan, block: &Block) -> Vec<Part<'t>> {
    let of = |column: usize, form: Form| {
        let held = table.columns.get(column);
        let values = held.and_then(|held| table.values_of(held));
        (column, values.map_or(&[][..], |values| values.forms(form)))
    };
    let partner = |column: usize, form: Form| {
        let partner = plan.columns.get(column).and_then(|one| one.partner);
        partner.map_or((column, &[][..]), |partner| of(partner, form))
    };
    let part = |(column, form): &(usize, Form)| match form {
        Form::Either => Part::Either([of(*column, Form::Sound), partner(*column, Form::Sound)]),
        Form::Place => Part::Place([partner(*column, Form::Whole), of(*column, Form::Whole)]),
        form => {
            let (column, all) = of(*column, *form);
            Part::One(column, all)
        }
    };
    block.on.iter().map(part).collect()
}

/// The key of a statement under a block: 0 when it does not tell all of it.
fn key_of(parts: &[Part<'_>], said: &[u32]) -> u64 {
    let told = |(column, all): &(usize, &[u64])| {
        let code = said.get(*column).copied().unwrap_or_default();
        all.get(code as usize).copied().unwrap_or_default()
    };
    let mut key = 0x5bd1_e995;
    for part in parts {
        let part = match part {
            Part::One(column, all) => told(&(*column, all)),
            Part::Either([own, other]) => match (told(own), told(other)) {
                (0, _) | (_, 0) => 0,
                (own, other) => mix(own.min(other), own.max(other)),
            },
            Part::Place([postcode, lines]) => match told(postcode) {
                0 => told(lines),
                postcode => postcode,
            },
        };
        if part == 0 {
            return 0;
        }
        key = mix(key, part);
    }
    key.max(1)
}

fn described(table: &Table, plan: &Plan, block: &Block, statement: u32) -> String {
    let row = table.statements.said(statement);
    let parts = block.on.iter().filter_map(|(column, _)| {
        let held = table.columns.get(*column)?;
        let text = table.values_of(held)?.texts.get(*row.get(*column)?);
        Some(format!("{} {text}", plan.columns.get(*column)?.name))
    });
    parts.collect::<Vec<_>>().join(", ")
}

impl Plan {
    /// A block as the plan writes it.
    pub(super) fn block_name(&self, block: &Block) -> String {
        let parts = block.on.iter().map(|(column, form)| {
            let name = self
                .columns
                .get(*column)
                .map_or("", |one| one.name.as_str());
            match form.name() {
                "" => name.to_owned(),
                form => format!("{name}.{form}"),
            }
        });
        parts.collect::<Vec<_>>().join(" and ")
    }
}
