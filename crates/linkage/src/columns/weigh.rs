//! A pair of records as a pattern of levels, and what a pattern is worth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::crowds::Crowds;
use super::kind::Kind;
use super::plan::{Column, Figures, Plan, WHOLE};
use super::rules::Rules;
use super::table::Table;
use super::texts::mix;
use super::values::Values;
use crate::bits::bits;
use crate::level::Level;

/// How many bits of a pattern one column takes.
const BITS: u32 = 4;

/// The number of the level of a column in a pattern: 0 when it is not told, 1 for the same.
pub(crate) const fn place_in(pattern: u64, column: usize) -> usize {
    // Four bits fit anything.
    (pattern >> (BITS as usize * column) & 0xf) as usize
}

/// A pattern in which a column is not told.
pub(super) const fn without(pattern: u64, column: usize) -> u64 {
    pattern & !(0xf << (BITS as usize * column))
}

/// What was found of two different values lately: the same names meet again and again. One for each thread.
#[derive(Debug)]
pub(crate) struct Memo(Vec<(u64, usize, u8)>);

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

    /// The levels of all compared columns of two statements as one number. The order of the two does not matter.
    pub(super) fn pattern(&self, x: u32, y: u32, memo: &mut Memo) -> u64 {
        let said = |statement: u32| self.table.statements.said(statement);
        let (a, b) = (said(x), said(y));
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
        if let (Kind::Address, Some(partner)) = (self.kind, self.partner) {
            return self.address(partner, a, b);
        }
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

    /// Two addresses, each of lines and a postcode of which it may tell either.
    fn address(&self, partner: usize, a: &[u32], b: &[u32]) -> u8 {
        let (x, y) = (code(a, self.place), code(b, self.place));
        let (p, q) = (code(a, partner), code(b, partner));
        let same_postcode = p != 0 && p == q;
        let level = if x != 0 && x == y && (same_postcode || p == 0 || q == 0) {
            Level::Same
        } else if same_postcode && self.values.same_numbers(x, y) {
            Level::SamePremises
        } else if same_postcode {
            Level::SamePostcode
        } else if x.max(p) != 0 && y.max(q) != 0 {
            Level::Different
        } else {
            Level::NotTold
        };
        self.kind.place(level)
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
    rules: Rules,
    crowds: Crowds,
}

#[derive(Debug)]
struct Weight {
    place: usize,
    /// By the number of the level.
    levels: [i32; 16],
    /// For the same value: by its number.
    same: Vec<i32>,
}

/// How common values are among more records than are compared: for each compared column how many tell it, and for the
/// values whose commonness changes what they are worth how many do. Values stand there as digests of their owner's making.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frequencies(BTreeMap<String, Frequency>);

/// How common the values of one column are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Frequency {
    told: u32,
    counts: BTreeMap<String, u32>,
}

/// Makes the digest of a value of a column.
pub type Digest<'d> = &'d dyn Fn(&str, &str) -> String;

impl Frequencies {
    /// How many records there were, as far as the column that most of them tell shows.
    pub fn records(&self) -> u32 {
        let told = self.0.values().map(|frequency| frequency.told);
        told.max().unwrap_or_default()
    }

    /// Those among the records of a table.
    pub fn of(table: &Table, plan: &Plan, digest: Digest<'_>) -> Self {
        let each = plan.compared().filter_map(|(place, one)| {
            let held = table.columns.get(place)?;
            let texts = &table.values_of(held)?.texts;
            let worth = Worth::new(one, held.told, plan.rarest)?;
            let usual = worth.of(0);
            let telling = (0_u32..)
                .zip(&held.counts)
                .skip(1)
                .filter(|(_, count)| **count > 0 && worth.of(**count) != usual);
            let counts = telling.map(|(code, count)| (digest(&one.name, texts.get(code)), *count));
            let frequency = Frequency {
                told: held.told,
                counts: counts.collect(),
            };
            Some((one.name.clone(), frequency))
        });
        Self(each.collect())
    }
}

/// How common values are.
#[derive(Clone, Copy)]
pub enum Common<'f> {
    /// As they are among the records that are compared.
    Here,
    /// As they are among others.
    As(&'f Frequencies, Digest<'f>),
}

/// Few records tell little of how common a value is, so the model's usual figure counts as this many more of them.
const USUAL_RECORDS: f64 = 1_000.0;
/// A value that is so many times commoner than usual is a stand-in, and tells less.
const STAND_IN: f64 = 10.0;
/// So many records may be of one person, or one home: what they share is no stand-in.
const MOST_OF_ONE: u32 = 20;

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
    pub(super) fn new(table: &Table, plan: &Plan, common: Common<'_>) -> Self {
        let prior = whole(plan.prior.unwrap_or(1e-6)).min(WHOLE - 1);
        let columns = plan.compared().filter_map(|(place, one)| {
            let held = table.columns.get(place)?;
            let mut levels = [0; 16];
            for (weight, figures) in levels.iter_mut().skip(1).zip(&one.figures) {
                *weight = in_bits(whole(figures.m), whole(figures.u));
            }
            let same = match common {
                Common::Here => of_values(&Worth::new(one, held.told, plan.rarest)?, &held.counts),
                Common::As(Frequencies(all), digest) => {
                    let nothing = Frequency::default();
                    let known = all.get(&one.name).unwrap_or(&nothing);
                    let count = |text: &str| known.counts.get(&digest(&one.name, text));
                    let texts = table.values_of(held)?.texts.all();
                    let counts = texts.map(|text| count(text).copied().unwrap_or_default());
                    let counts: Vec<u32> = std::iter::once(0).chain(counts).collect();
                    of_values(&Worth::new(one, known.told, plan.rarest)?, &counts)
                }
            };
            Some(Weight {
                place,
                levels,
                same,
            })
        });
        Self {
            prior: in_bits(prior, WHOLE - prior),
            columns: columns.collect(),
            rules: Rules::of(plan),
            crowds: Crowds::default(),
        }
    }

    /// The weights for records of which all that are compared are here: what a crowd of them shares is worth less.
    pub(super) fn of_all(table: &Table, plan: &Plan) -> Self {
        let same: Vec<f64> = plan
            .compared()
            .map(|(_, one)| one.figures.first().map_or(1.0, |same| same.m))
            .collect();
        let worth = |columns: [usize; 2], part: f64| {
            let m = columns.iter().filter_map(|column| same.get(*column));
            in_bits(whole(m.product()), whole(part))
        };
        Self {
            crowds: Crowds::of(table, plan, &worth),
            ..Self::new(table, plan, Common::Here)
        }
    }

    /// What any pair starts from.
    pub(super) const fn prior(&self) -> i32 {
        self.prior
    }

    /// What holds records apart, whatever they are worth.
    pub(super) const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The worth of a pattern of two statements, of which one says this.
    pub(super) fn weight(&self, pattern: u64, row: &[u32]) -> i32 {
        if self.crowds.are_met(pattern, row) {
            return self.prior + self.parts(pattern, row).iter().sum::<i32>();
        }
        let each = self.columns.iter().enumerate();
        let worth = each.map(|(place, column)| column.worth(place_in(pattern, place), row));
        self.prior + worth.sum::<i32>()
    }

    /// What each column is worth in a pattern.
    pub(super) fn parts(&self, pattern: u64, row: &[u32]) -> Vec<i32> {
        let each = self.columns.iter().enumerate();
        let worth = each.map(|(place, column)| column.worth(place_in(pattern, place), row));
        let mut worth: Vec<i32> = worth.collect();
        self.crowds.take_off(pattern, row, &mut worth);
        worth
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

/// What the same value is worth: that depends on how many records have it.
struct Worth {
    kind: Kind,
    same: Figures,
    told: f64,
    rarest: f64,
}

impl Worth {
    /// Of a column that `told` records tell; nothing for one without figures.
    fn new(column: &Column, told: u32, rarest: Option<f64>) -> Option<Self> {
        Some(Self {
            kind: column.kind,
            same: *column.figures.first()?,
            told: f64::from(told),
            rarest: rarest.unwrap_or_default(),
        })
    }

    fn of(&self, count: u32) -> i32 {
        let Self { same, told, .. } = self;
        let smooth = (f64::from(count) + same.u * USUAL_RECORDS) / (told + USUAL_RECORDS);
        let chance = match self.kind.is_by_rarity() {
            true => smooth.max(self.rarest),
            false if count > MOST_OF_ONE && smooth > STAND_IN * same.u => smooth,
            false => same.u,
        };
        in_bits(whole(same.m), whole(chance))
    }
}

/// What the same value is worth, by its number.
fn of_values(worth: &Worth, counts: &[u32]) -> Vec<i32> {
    let mut known = BTreeMap::new();
    counts
        .iter()
        .map(|count| *known.entry(*count).or_insert_with(|| worth.of(*count)))
        .collect()
}
