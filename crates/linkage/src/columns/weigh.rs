//! A pair of records as a pattern of levels, and what a pattern is worth.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::plan::{Figures, Plan, WHOLE};
use super::table::{Held, Table};
use super::texts::mix;
use super::values::Values;
use crate::compare::Level;
use crate::model::bits;

/// How many bits of a pattern one column takes.
const BITS: u32 = 4;

/// The number of the level of a column in a pattern: 0 when it is not told, 1 for the same.
pub(super) const fn place_in(pattern: u64, column: usize) -> usize {
    // Four bits fit anything.
    (pattern >> (BITS as usize * column) & 0xf) as usize
}

/// What was found of two different values lately: the same names meet again and again. One for each thread.
#[derive(Debug)]
pub(super) struct Memo(Vec<(u64, usize, u8)>);

/// So many pairs of values are remembered, which fit the processor's own memory.
const REMEMBERED: usize = 1 << 15;

impl Default for Memo {
    fn default() -> Self {
        // No two different values have the numbers 0 and 0.
        Self(vec![(0, 0, 0); REMEMBERED])
    }
}

impl Memo {
    fn level(&mut self, column: usize, x: u32, y: u32, find: impl FnOnce(u32, u32) -> u8) -> u8 {
        let pair = u64::from(x) << 32 | u64::from(y);
        let place = usize::try_from(mix(pair, column as u64) % REMEMBERED as u64);
        match place.ok().and_then(|place| self.0.get_mut(place)) {
            Some((known, of, level)) if (*known, *of) == (pair, column) => *level,
            Some(slot) => {
                let level = find(x, y);
                *slot = (pair, column, level);
                level
            }
            None => find(x, y),
        }
    }
}

/// Tells of pairs how far they agree.
#[derive(Debug)]
pub(super) struct Comparer<'t> {
    table: &'t Table,
    columns: Vec<Compared<'t>>,
}

#[derive(Debug)]
struct Compared<'t> {
    place: usize,
    kind: Kind,
    values: &'t Values,
    partner: Option<usize>,
}

impl<'t> Comparer<'t> {
    pub(super) fn new(table: &'t Table, plan: &Plan) -> Self {
        let columns = plan.compared().filter_map(|(place, one)| {
            let held = table.columns.get(place)?;
            Some(Compared {
                place,
                kind: one.kind,
                values: table.values_of(held)?,
                partner: one.partner,
            })
        });
        Self {
            table,
            columns: columns.collect(),
        }
    }

    /// The levels of all compared columns as one number. The order of the two does not matter.
    pub(super) fn pattern(&self, a: u32, b: u32, memo: &mut Memo) -> u64 {
        let (a, b) = (self.table.row(a), self.table.row(b));
        let mut pattern = 0;
        for (place, column) in (0_u32..).zip(&self.columns) {
            pattern |= u64::from(column.level(a, b, memo)) << (BITS * place);
        }
        pattern
    }
}

fn code(row: &[u32], place: usize) -> u32 {
    row.get(place).copied().unwrap_or_default()
}

impl Compared<'_> {
    fn level(&self, a: &[u32], b: &[u32], memo: &mut Memo) -> u8 {
        let (x, y) = (code(a, self.place), code(b, self.place));
        if x == 0 || y == 0 {
            return 0;
        }
        if x == y {
            return 1;
        }
        if let Some(partner) = self.partner
            && Self::is_swapped((x, code(a, partner)), (y, code(b, partner)))
        {
            return self.kind.place(Level::Swapped);
        }
        memo.level(self.place, x.min(y), x.max(y), |x, y| {
            self.kind.place(self.values.level(self.kind, x, y))
        })
    }

    /// Whether two names stand in each other's places, as far as both are told.
    fn is_swapped((x, x_other): (u32, u32), (y, y_other): (u32, u32)) -> bool {
        let fits = |one: u32, other: u32| one == other || one == 0 || other == 0;
        (x == y_other && fits(y, x_other)) || (y == x_other && fits(x, y_other))
    }
}

/// What patterns are worth, in thousandths of a bit.
#[derive(Debug)]
pub(super) struct Weights {
    prior: i32,
    columns: Vec<Weight>,
    /// For each rule that holds records apart: for each column the levels, as bits, of which it must have one.
    apart: Vec<Vec<(usize, u16)>>,
}

#[derive(Debug)]
struct Weight {
    place: usize,
    /// By the number of the level.
    levels: [i32; 16],
    /// For the same value: by its number.
    same: Vec<i32>,
}

/// Few records tell little of how common a value is, so the model's usual figure counts as this many more of them.
const USUAL_RECORDS: f64 = 1_000.0;
/// A value that is so many times commoner than usual is a stand-in, and tells less.
const STAND_IN: f64 = 10.0;

/// A part of one as a whole number of millionths of millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of one, so between 1 and a million million"
)]
fn whole(part: f64) -> u64 {
    ((part * WHOLE as f64).round() as u64).clamp(1, WHOLE)
}

/// Thousandths of a bit: at most forty bits either way, so any number of columns fits.
fn in_bits(for_it: u64, against: u64) -> i32 {
    i32::try_from(bits(for_it, against)).unwrap_or_default()
}

impl Weights {
    /// The weights of a trained plan, for these records.
    pub(super) fn new(table: &Table, plan: &Plan) -> Self {
        let prior = whole(plan.prior.unwrap_or(1e-6)).min(WHOLE - 1);
        let columns = plan.compared().filter_map(|(place, one)| {
            let held = table.columns.get(place)?;
            let mut levels = [0; 16];
            for (weight, figures) in levels.iter_mut().skip(1).zip(&one.figures) {
                *weight = in_bits(whole(figures.m), whole(figures.u));
            }
            let same = one.figures.first()?;
            Some(Weight {
                place,
                levels,
                same: of_values(one.kind, *same, held),
            })
        });
        let apart = plan.apart.iter().map(|one| {
            let each = one.when.iter().filter_map(|(place, levels)| {
                let (column, (_, found)) = plan
                    .compared()
                    .enumerate()
                    .find(|(_, (own, _))| own == place)?;
                let bits = levels
                    .iter()
                    .fold(0, |bits, level| bits | 1 << found.kind.place(*level));
                Some((column, bits))
            });
            each.collect()
        });
        Self {
            prior: in_bits(prior, WHOLE - prior),
            columns: columns.collect(),
            apart: apart.collect(),
        }
    }

    /// Whether some rule of the plan holds records of this pattern apart.
    pub(super) fn is_apart(&self, pattern: u64) -> bool {
        self.held(pattern).any(|(_, is_apart)| is_apart)
    }

    /// For each rule that holds records apart: whether a pattern tells all that it asks for, and whether it fits.
    pub(super) fn held(&self, pattern: u64) -> impl Iterator<Item = (bool, bool)> {
        self.apart.iter().map(move |rule| {
            let is_told = rule
                .iter()
                .all(|(column, _)| place_in(pattern, *column) != 0);
            let fits =
                |(column, levels): &(usize, u16)| levels & 1 << place_in(pattern, *column) != 0;
            (is_told, is_told && rule.iter().all(fits))
        })
    }

    /// The worth of a pattern of two records, of which one is `a`.
    pub(super) fn weight(&self, table: &Table, pattern: u64, a: u32) -> i32 {
        let row = table.row(a);
        let each = self.columns.iter().enumerate();
        let worth = each.map(|(place, column)| column.worth(place_in(pattern, place), row));
        self.prior + worth.sum::<i32>()
    }

    /// What each column is worth in a pattern.
    pub(super) fn parts(&self, table: &Table, pattern: u64, a: u32) -> Vec<i32> {
        let row = table.row(a);
        let each = self.columns.iter().enumerate();
        each.map(|(place, column)| column.worth(place_in(pattern, place), row))
            .collect()
    }
}

impl Weight {
    fn worth(&self, level: usize, row: &[u32]) -> i32 {
        if level == 1 {
            return self
                .same
                .get(code(row, self.place) as usize)
                .copied()
                .unwrap_or_default();
        }
        self.levels.get(level).copied().unwrap_or_default()
    }
}

/// What the same value is worth, by its number: that depends on how many records have it.
fn of_values(kind: Kind, same: Figures, held: &Held) -> Vec<i32> {
    let told = f64::from(held.told);
    let worth = |count: u32| {
        let smooth = (f64::from(count) + same.u * USUAL_RECORDS) / (told + USUAL_RECORDS);
        let chance = match kind.is_by_rarity() {
            true => smooth,
            false if smooth > STAND_IN * same.u => smooth,
            false => same.u,
        };
        in_bits(whole(same.m), whole(chance))
    };
    let mut known = BTreeMap::new();
    held.counts
        .iter()
        .map(|count| *known.entry(*count).or_insert_with(|| worth(*count)))
        .collect()
}
