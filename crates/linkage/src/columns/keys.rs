//! Which records are compared: those that share a key under some block of the plan.

use std::thread;

use super::kind::Form;
use super::plan::{Block, Plan};
use super::spread::spread;
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

/// The keys of all records under all blocks, and who shares them.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For each record its key under each block; 0 where it has none.
    all: Vec<u64>,
    width: usize,
    shared: Vec<Shared>,
}

/// Records that share a key under one block: runs of two and more, in the order of their keys.
#[derive(Debug, Default)]
struct Shared {
    records: Vec<u32>,
    /// Where each run ends.
    ends: Vec<u32>,
}

/// A part of the work: some of the records that share keys under a block, each to be compared with those of its run
/// that follow it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    block: usize,
    run: usize,
    runs: usize,
    /// Of a single long run: which of its records.
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

/// So many pairs make a part of the work.
const PAIRS_OF_TASK: u64 = 1 << 16;

const fn pairs_of(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

impl Keys {
    /// The keys of a plan's blocks. Without blocks all records share one.
    ///
    /// # Errors
    /// [`TooManyPairs`] when there are more than the plan allows.
    pub(crate) fn of(table: &Table, plan: &Plan, threads: usize) -> Result<Self, TooManyPairs> {
        let width = plan.blocks.len().max(1);
        let mut all = vec![0_u64; table.len() as usize * width];
        let share = all.len().div_ceil(width).div_ceil(threads.max(1)).max(1) * width;
        thread::scope(|scope| {
            for (part, rows) in all.chunks_mut(share).enumerate() {
                let first = part * (share / width);
                scope.spawn(move || {
                    for (record, keys) in (first..).zip(rows.chunks_exact_mut(width)) {
                        let record = u32::try_from(record).unwrap_or(u32::MAX);
                        match plan.blocks.is_empty() {
                            true => keys.fill(1),
                            false => {
                                for (key, block) in keys.iter_mut().zip(&plan.blocks) {
                                    *key = key_of(table, plan, block, record);
                                }
                            }
                        }
                    }
                });
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
                done.push((*block, keys.share(*block)));
            })
            .into_iter()
            .flatten()
            .collect();
        shared.sort_unstable_by_key(|(block, _)| *block);
        keys.shared = shared.into_iter().map(|(_, shared)| shared).collect();
        keys.refuse_too_many(table, plan)?;
        Ok(keys)
    }

    fn key(&self, record: u32, block: usize) -> u64 {
        let place = record as usize * self.width + block;
        self.all.get(place).copied().unwrap_or_default()
    }

    fn share(&self, block: usize) -> Shared {
        let mut sorted: Vec<(u64, u32)> = (0..)
            .zip(self.all.iter().skip(block).step_by(self.width))
            .filter(|(_, key)| **key != 0)
            .map(|(record, key)| (*key, record))
            .collect();
        sorted.sort_unstable();
        let mut shared = Shared::default();
        for run in sorted
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|run| run.len() > 1)
        {
            shared.records.extend(run.iter().map(|(_, record)| *record));
            shared
                .ends
                .push(u32::try_from(shared.records.len()).unwrap_or(u32::MAX));
        }
        shared
    }

    fn refuse_too_many(&self, table: &Table, plan: &Plan) -> Result<(), TooManyPairs> {
        let limit = plan.pair_limit;
        let mut before = 0_u64;
        for (place, shared) in self.shared.iter().enumerate() {
            let pairs: u64 = shared.runs().map(|run| pairs_of(run.len() as u64)).sum();
            before = before.saturating_add(pairs);
            if before <= limit {
                continue;
            }
            let mut longest: Vec<&[u32]> = shared.runs().collect();
            longest.sort_by_key(|run| std::cmp::Reverse(run.len()));
            let worst = longest.iter().take(3).filter_map(|run| {
                let values = match plan.blocks.get(place) {
                    Some(block) => described(table, plan, block, *run.first()?),
                    None => "all records".to_owned(),
                };
                Some((values, run.len() as u64))
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

    /// How many pairs share a key under each block.
    pub(super) fn pairs(&self) -> Vec<u64> {
        let of = |shared: &Shared| shared.runs().map(|run| pairs_of(run.len() as u64)).sum();
        self.shared.iter().map(of).collect()
    }

    /// The work of one block in parts of about as many pairs each.
    pub(super) fn tasks(&self, block: usize) -> Vec<Task> {
        let Some(shared) = self.shared.get(block) else {
            return Vec::new();
        };
        let mut tasks = Vec::new();
        let mut open = Task::none(block, 0);
        let mut pairs = 0;
        for (run, records) in shared.runs().enumerate() {
            let own = pairs_of(records.len() as u64);
            if own > PAIRS_OF_TASK {
                let step = usize::try_from(PAIRS_OF_TASK).unwrap_or(usize::MAX) / records.len() + 1;
                let mut from = 0;
                if open.runs > 0 {
                    tasks.push(open);
                }
                while from < records.len() {
                    let to = records.len().min(from + step);
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

    /// Goes through the pairs of a task, the record that came first before the other, and says whether an earlier
    /// block brings them together too. Runs whose key `wanted` refuses are left out.
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
                .map_or(0, |record| self.key(*record, task.block));
            if !wanted(key) {
                continue;
            }
            let (from, to) = task.within.unwrap_or((0, run.len()));
            for (place, a) in run.iter().enumerate().take(to).skip(from) {
                for b in run.iter().skip(place + 1) {
                    pair(*a, *b, self.is_met(*a, *b, task.block));
                }
            }
        }
    }

    fn row(&self, record: u32) -> &[u64] {
        let start = record as usize * self.width;
        self.all.get(start..start + self.width).unwrap_or_default()
    }

    /// Whether one of the first `blocks` blocks brings two records together.
    pub(crate) fn is_met(&self, a: u32, b: u32, blocks: usize) -> bool {
        let keys = self.row(a).iter().zip(self.row(b)).take(blocks);
        keys.into_iter()
            .any(|(one, other)| *one != 0 && one == other)
    }
}

impl Shared {
    fn run(&self, place: usize) -> &[u32] {
        let end = |place: usize| self.ends.get(place).copied().unwrap_or_default() as usize;
        let start = place.checked_sub(1).map_or(0, end);
        self.records.get(start..end(place)).unwrap_or_default()
    }

    fn runs(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.ends.len()).map(|place| self.run(place))
    }
}

/// The key of a record under a block: 0 when it does not tell all of it.
fn key_of(table: &Table, plan: &Plan, block: &Block, record: u32) -> u64 {
    let row = table.row(record);
    let told = |column: usize, form: Form| {
        let code = row.get(column).copied().unwrap_or_default();
        let values = table
            .columns
            .get(column)
            .and_then(|one| table.values_of(one));
        values.map_or(0, |values| values.form(form, code))
    };
    let mut key = 0x5bd1_e995;
    for (column, form) in &block.on {
        let part = match form {
            Form::Either => {
                let partner = plan.columns.get(*column).and_then(|one| one.partner);
                let own = told(*column, Form::Sound);
                let other = partner.map_or(0, |place| told(place, Form::Sound));
                match (own, other) {
                    (0, _) | (_, 0) => 0,
                    (own, other) => mix(own.min(other), own.max(other)),
                }
            }
            Form::Place => {
                let partner = plan.columns.get(*column).and_then(|one| one.partner);
                match partner.map_or(0, |place| told(place, Form::Whole)) {
                    0 => told(*column, Form::Whole),
                    postcode => postcode,
                }
            }
            form => told(*column, *form),
        };
        if part == 0 {
            return 0;
        }
        key = mix(key, part);
    }
    key.max(1)
}

fn described(table: &Table, plan: &Plan, block: &Block, record: u32) -> String {
    let row = table.row(record);
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
