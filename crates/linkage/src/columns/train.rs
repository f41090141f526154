//! What levels of agreement are worth, learnt from records, mostly of such of which nobody said who is who.
//!
//! - How often two records taken at random agree comes from the values' own frequencies and from pairs of a sample.
//! - How often records of one person do, and how many pairs are of one person, comes by expectation maximisation over the
//!   counts of patterns (Fellegi and Sunter 1969; Winkler 1988). Pairs that a block brings together agree on its columns
//!   by choice, so each block teaches only about the others; all blocks are learnt from at once, and each has its own
//!   share of pairs of one person.
//! - Where records say who is who, both are counted instead.
//! - Pairs that the plan holds apart are of two persons, however they agree; and what a crowd shares teaches nothing.
//! - In few records even pairs taken at random are often of one person: that part is taken out of what chance explains.
//!
//! The same records give the same figures, in any order and on any number of threads.

use hashbrown::HashTable;

use super::crowds::Crowds;
use super::keys::{Keys, Task, TooManyPairs};
use super::kind::Form;
use super::plan::{Figures, Plan};
use super::rules::Rules;
use super::spread::spread;
use super::statements::pairs_of;
use super::table::Table;
use super::texts::mix;
use super::weigh::{Comparer, Memo, place_in};

/// So many records, those with the smallest hashes, are compared with one another to learn what chance does.
const SAMPLE: usize = 800;
/// So many records are hashed at once by one thread.
const PART: usize = 1 << 14;
/// About so many pairs of all blocks together teach.
const TEACHING: u64 = 800_000;
/// Rounds of expectation and maximisation at most, and when they end before.
const ROUNDS: usize = 60;
const STILL: f64 = 1e-6;
/// What is usual counts as so many pairs of one person: few records tell little.
const USUAL_PAIRS: f64 = 10.0;
/// No level is thought rarer than this.
const RAREST: f64 = 1e-4;
const RAREST_BY_CHANCE: f64 = 1e-9;

/// What training found.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The plan with its figures.
    pub plan: Plan,
    /// How many pairs are thought to be of one person.
    pub expected: f64,
}

/// Finds the figures of a plan that has none, or others for one that has.
///
/// # Errors
/// [`TooManyPairs`] when its blocks bring too many records together.
pub fn train(table: &Table, plan: &Plan, threads: usize) -> Result<Trained, TooManyPairs> {
    let keys = Keys::of(table, plan, threads)?;
    Ok(train_with(table, plan, &keys, threads))
}

/// Finds the figures where records say who is who, by the truth that came with them: how often records of one person agree,
/// and how many pairs are of one person, is counted rather than estimated. What is usual counts beside it as it does
/// without the truth. Records of which the truth says nothing teach only what chance does. Nothing where no truth came.
pub fn train_by_truth(table: &Table, plan: &Plan, threads: usize) -> Option<Trained> {
    let truth = table.truth.as_ref()?;
    let comparer = Comparer::new(table, plan);
    let chance = by_chance(table, plan, &comparer, threads);
    let mut told: Vec<(u32, u32)> = truth.codes.iter().copied().zip(0..).collect();
    told.retain(|(person, _)| *person != 0);
    told.sort_unstable();
    let persons: Vec<&[(u32, u32)]> = told.chunk_by(|a, b| a.0 == b.0).collect();
    let statements = &table.statements;
    let patterns = counted(
        &persons,
        threads,
        |records, patterns: &mut Patterns, memo| {
            for (place, (_, a)) in records.iter().enumerate() {
                for (_, b) in records.iter().skip(place + 1) {
                    let pattern = comparer.pattern(statements.of(*a), statements.of(*b), memo);
                    patterns.add(pattern, 1, false);
                }
            }
        },
    );
    let of_one: u64 = patterns.iter().map(|(_, count)| count.all).sum();
    let mut learning = Learning::new(plan, table, chance, &[]);
    let mut seen = learning.nothing_seen();
    for (pattern, count) in &patterns {
        for (column, levels) in seen.iter_mut().enumerate() {
            if let Some(level) = place_in(*pattern, column).checked_sub(1)
                && let Some(sum) = levels.get_mut(level)
            {
                *sum += count.all as f64;
            }
        }
    }
    learning.better(&seen);
    learning.all_pairs = pairs_of(told.len() as u64).max(1) as f64;
    learning.prior = (of_one as f64 / learning.all_pairs).clamp(1e-12, 0.5);
    learning.less_one_person();
    Some(learning.told(plan))
}

pub(super) fn train_with(table: &Table, plan: &Plan, keys: &Keys, threads: usize) -> Trained {
    let comparer = Comparer::new(table, plan);
    let chance = by_chance(table, plan, &comparer, threads);
    let lessons = lessons(table, plan, &comparer, keys, threads);
    let mut learning = Learning::new(plan, table, chance, &lessons);
    for _ in 0..ROUNDS {
        if learning.round(&lessons) < STILL {
            break;
        }
    }
    learning.told(plan)
}

/// For each compared column and level how often two records at random agree so, of those that tell.
type Chance = Vec<Vec<f64>>;

fn by_chance(table: &Table, plan: &Plan, comparer: &Comparer<'_>, threads: usize) -> Chance {
    let statements = &table.statements;
    let all: Vec<u32> = (0..statements.count()).collect();
    let parts: Vec<&[u32]> = all.chunks(PART).collect();
    let content = table.contents();
    let hashed = spread(&parts, threads, |part, found: &mut Vec<(u64, u32)>| {
        let hash = |statement: &u32| (mix(content(*statement), 0x0ddb_a11d), *statement);
        let mut some: Vec<(u64, u32)> = part.iter().map(hash).collect();
        some.sort_unstable();
        found.extend(some.into_iter().take(SAMPLE));
    });
    let records = hashed.iter().flatten().flat_map(|(hash, statement)| {
        let records = statements.records(*statement).iter();
        records.take(SAMPLE).map(|record| (*hash, *record))
    });
    let mut sample: Vec<(u64, u32)> = records.collect();
    sample.sort_unstable();
    sample.truncate(SAMPLE);
    let sample: Vec<u32> = sample
        .into_iter()
        .map(|(_, record)| statements.of(record))
        .collect();
    let rows: Vec<usize> = (0..sample.len()).collect();
    let counts = counted(&rows, threads, |row, counts: &mut Patterns, memo| {
        let Some((x, rest)) = sample.get(*row..).and_then(<[u32]>::split_first) else {
            return;
        };
        for y in rest {
            counts.add(comparer.pattern(*x, *y, memo), 1, false);
        }
    });
    let compared = plan.compared().enumerate();
    let each = compared.map(|(column, (place, one))| {
        let mut seen = vec![0_u64; one.kind.levels().len()];
        for (pattern, count) in &counts {
            if let Some(level) = place_in(*pattern, column).checked_sub(1)
                && let Some(seen) = seen.get_mut(level)
            {
                *seen += count.all;
            }
        }
        let same = table.columns.get(place).map_or(0.0, |held| {
            let pairs = |n: f64| n * (n - 1.0);
            let told = pairs(f64::from(held.told));
            let counts = held
                .counts
                .iter()
                .skip(1)
                .map(|count| pairs(f64::from(*count)));
            if told > 0.0 {
                counts.sum::<f64>() / told
            } else {
                0.0
            }
        });
        let others: u64 = seen.iter().skip(1).sum();
        // Half a pair for each level that the sample does not show.
        let room = others as f64 + 0.5 * (seen.len() - 1) as f64;
        let share = |count: u64| (1.0 - same) * (count as f64 + 0.5) / room;
        std::iter::once(same)
            .chain(seen.iter().skip(1).map(|count| share(*count)))
            .collect()
    });
    each.collect()
}

/// How often each pattern was seen under one block: by all its pairs, and by those that no earlier block has.
#[derive(Debug, Default)]
pub(super) struct Patterns(HashTable<(u64, Count)>);

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count {
    all: u64,
    fresh: u64,
}

impl Patterns {
    fn add(&mut self, pattern: u64, pairs: u64, is_met: bool) {
        self.take(
            pattern,
            Count {
                all: pairs,
                fresh: if is_met { 0 } else { pairs },
            },
        );
    }

    fn take(&mut self, pattern: u64, more: Count) {
        let hash = |pattern: u64| mix(pattern, 0x51_7cc1_b727);
        let entry = self
            .0
            .entry(hash(pattern), |one| one.0 == pattern, |one| hash(one.0));
        let mut entry = entry.or_insert((pattern, Count::default()));
        let (_, count) = entry.get_mut();
        count.all += more.all;
        count.fresh += more.fresh;
    }

    fn sorted(self) -> Vec<(u64, Count)> {
        let mut all: Vec<(u64, Count)> = self.0.into_iter().collect();
        all.sort_unstable_by_key(|one| one.0);
        all
    }
}

/// Counts the patterns of parts of the work on all threads: whole numbers, so the split does not matter.
fn counted<T: Sync>(
    work: &[T],
    threads: usize,
    count: impl Fn(&T, &mut Patterns, &mut Memo) + Sync,
) -> Vec<(u64, Count)> {
    let parts = spread(
        work,
        threads,
        |one, (patterns, memo): &mut (Patterns, Memo)| {
            count(one, patterns, memo);
        },
    );
    let mut all = Patterns::default();
    for (part, _) in parts {
        for (pattern, more) in part.0 {
            all.take(pattern, more);
        }
    }
    all.sorted()
}

/// What one block teaches.
#[derive(Debug)]
struct Lesson {
    patterns: Vec<(u64, Count)>,
    /// Which compared columns it says nothing about.
    fixed: Vec<bool>,
    /// How many times more pairs there are than were looked at.
    scale: f64,
}

/// The pattern of pairs that are held apart: no two values have all of its levels.
const OF_TWO: u64 = u64::MAX;

/// For each statement the source whose records make it, if it is one; nothing where no rule asks.
struct Sources(Vec<Option<usize>>);

impl Sources {
    fn of(table: &Table, rules: &Rules) -> Self {
        let source = |statement: u32| {
            let records = table.statements.records(statement);
            let mut sources = records.iter().map(|record| table.place_of(*record).0);
            let first = sources.next()?;
            sources.all(|source| source == first).then_some(first)
        };
        let asked = match rules.know_sources() {
            true => 0..table.statements.count(),
            false => 0..0,
        };
        Self(asked.map(source).collect())
    }

    fn are_of_one(&self, x: u32, y: u32) -> bool {
        let of = |statement: u32| self.0.get(statement as usize).copied().flatten();
        of(x).is_some() && of(x) == of(y)
    }
}

fn lessons(
    table: &Table,
    plan: &Plan,
    comparer: &Comparer<'_>,
    keys: &Keys,
    threads: usize,
) -> Vec<Lesson> {
    let share = TEACHING / keys.blocks().max(1) as u64;
    let pairs = keys.pairs();
    let rules = Rules::of(plan);
    let sources = Sources::of(table, &rules);
    let crowds = Crowds::of(table, plan, &|_, _| 0);
    let each = (0..keys.blocks()).zip(pairs).map(|(block, pairs)| {
        // Runs are chosen by their keys: one in two, in four and so on.
        let halvings = (pairs / share.max(1)).max(1).ilog2();
        let wanted = |key: u64| halvings == 0 || mix(key, 0x7e57) >> (64 - halvings) == 0;
        let pattern = |x: u32, y: u32, memo: &mut Memo| {
            let pattern = comparer.pattern(x, y, memo);
            let pattern = crowds.less(pattern, table.statements.said(x));
            let are_two = || sources.are_of_one(x, y) && rules.are_two(pattern);
            match rules.is_apart(pattern) || are_two() {
                true => OF_TWO,
                false => pattern,
            }
        };
        let tasks: Vec<Task> = keys.tasks(block);
        let patterns = counted(&tasks, threads, |task, patterns: &mut Patterns, memo| {
            keys.each(*task, wanted, |x, y, is_met| {
                match table.statements.pairs(x, y) {
                    0 => {}
                    pairs => patterns.add(pattern(x, y, memo), pairs, is_met),
                }
            });
        });
        let looked_at: u64 = patterns.iter().map(|(_, count)| count.all).sum();
        let on = plan
            .blocks
            .get(block)
            .map(|block| block.on.as_slice())
            .unwrap_or_default();
        let is_fixed = |(place, one): (usize, &super::plan::Column)| {
            on.iter().any(|(column, form)| {
                *column == place || (*form == Form::Either && one.partner == Some(*column))
            })
        };
        Lesson {
            fixed: plan.compared().map(is_fixed).collect(),
            scale: if looked_at == 0 {
                0.0
            } else {
                pairs as f64 / looked_at as f64
            },
            patterns,
        }
    });
    each.collect()
}

/// The figures as they become better.
struct Learning {
    chance: Chance,
    usual: Vec<&'static [f64]>,
    /// For each column and level.
    m: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    /// For each block the share of its pairs that are of one person.
    share: Vec<f64>,
    /// The share of all pairs.
    prior: f64,
    all_pairs: f64,
}

impl Learning {
    fn new(plan: &Plan, table: &Table, chance: Chance, lessons: &[Lesson]) -> Self {
        let records = f64::from(table.len());
        let usual: Vec<&'static [f64]> = plan.compared().map(|(_, one)| one.kind.usual()).collect();
        let all_pairs = (records * (records - 1.0) / 2.0).max(1.0);
        let mut learning = Self {
            m: usual.iter().map(|levels| levels.to_vec()).collect(),
            u: chance.clone(),
            chance,
            usual,
            share: vec![0.2; lessons.len()],
            prior: (records / all_pairs).min(0.01),
            all_pairs,
        };
        learning.less_one_person();
        learning
    }

    /// What is left to chance of how often records at random agree, when pairs of one person are taken out.
    fn less_one_person(&mut self) {
        for ((chance, m), u) in self.chance.iter().zip(&self.m).zip(&mut self.u) {
            for ((all, m), u) in chance.iter().zip(m).zip(u.iter_mut()) {
                let rest = (all - self.prior * m) / (1.0 - self.prior);
                *u = rest.max(all * 0.02).max(RAREST_BY_CHANCE);
            }
            let total: f64 = u.iter().sum();
            u.iter_mut().for_each(|one| *one /= total);
        }
    }

    /// How likely it is that a pair of this pattern, brought together by a block, is of one person.
    fn likely(&self, lesson: &Lesson, share: f64, pattern: u64) -> f64 {
        if pattern == OF_TWO {
            return 0.0;
        }
        let columns = self.m.iter().zip(&self.u).zip(&lesson.fixed).enumerate();
        let odds = columns.fold(
            share.ln() - (1.0 - share).ln(),
            |odds, (column, ((m, u), fixed))| match place_in(pattern, column).checked_sub(1) {
                Some(level) if !fixed => {
                    let (m, u) = (m.get(level), u.get(level));
                    odds + m.map_or(0.0, |m| m.ln()) - u.map_or(0.0, |u| u.ln())
                }
                _ => odds,
            },
        );
        1.0 / (1.0 + (-odds).exp())
    }

    /// One round; by how much the figures changed at most.
    fn round(&mut self, lessons: &[Lesson]) -> f64 {
        let mut seen = self.nothing_seen();
        let mut expected = 0.0;
        let mut shares = Vec::with_capacity(lessons.len());
        for (lesson, share) in lessons.iter().zip(&self.share) {
            let (mut of_one, mut all) = (0.0, 0.0);
            for (pattern, count) in &lesson.patterns {
                let likely = self.likely(lesson, *share, *pattern);
                let weight = likely * count.all as f64;
                of_one += weight;
                all += count.all as f64;
                expected += likely * count.fresh as f64 * lesson.scale;
                for (column, (levels, fixed)) in seen.iter_mut().zip(&lesson.fixed).enumerate() {
                    if !fixed
                        && let Some(level) = place_in(*pattern, column).checked_sub(1)
                        && let Some(sum) = levels.get_mut(level)
                    {
                        *sum += weight;
                    }
                }
            }
            shares.push(if all > 0.0 {
                (of_one / all).clamp(1e-6, 0.999)
            } else {
                *share
            });
        }
        self.share = shares;
        let change = self.better(&seen);
        self.prior = (expected / self.all_pairs).clamp(1e-12, 0.5);
        self.less_one_person();
        change
    }

    /// For each column and level nought.
    fn nothing_seen(&self) -> Vec<Vec<f64>> {
        let levels = self.m.iter().map(Vec::len);
        levels.map(|levels| vec![0.0; levels]).collect()
    }

    /// Takes how often records of one person were seen to agree for how often they do; by how much that changed at most.
    fn better(&mut self, seen: &[Vec<f64>]) -> f64 {
        let mut change = 0.0_f64;
        for ((m, seen), usual) in self.m.iter_mut().zip(seen).zip(&self.usual) {
            let total: f64 = seen.iter().sum::<f64>() + USUAL_PAIRS;
            for ((m, seen), usual) in m.iter_mut().zip(seen).zip(*usual) {
                let better = ((seen + USUAL_PAIRS * usual) / total).max(RAREST);
                change = change.max((better - *m).abs());
                *m = better;
            }
            let total: f64 = m.iter().sum();
            m.iter_mut().for_each(|one| *one /= total);
        }
        change
    }

    fn told(self, plan: &Plan) -> Trained {
        let expected = self.prior * self.all_pairs;
        let mut plan = plan.clone();
        let compared = plan.columns.iter_mut().filter(|one| one.compared);
        for ((one, m), u) in compared.zip(self.m).zip(self.u) {
            one.figures = m
                .into_iter()
                .zip(u)
                .map(|(m, u)| Figures { m, u })
                .collect();
        }
        plan.prior = Some(self.prior);
        Trained { plan, expected }
    }
}
