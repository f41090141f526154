//! The pairs that are kept, told record by record: records that say the same agree with another in the same way.

use std::io;
use std::ops::Range;

use super::run::Linking;
use super::statements::Statements;

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

/// Two statements that agree enough, the one that came first before the other; or one that several records make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alike {
    pub(super) x: u32,
    pub(super) y: u32,
    /// What their agreement is worth, in thousandths of a bit.
    pub(super) weight: i32,
    /// How far each compared column agrees.
    pub(super) pattern: u64,
}

impl Alike {
    /// The pairs of records that say this.
    pub(super) fn pairs(self, statements: &Statements) -> impl Iterator<Item = Pair> {
        between(statements, self.x, self.y).map(move |(a, b)| Pair {
            a,
            b,
            weight: self.weight,
        })
    }
}

/// Records that agree in the same way.
#[derive(Debug, Clone, Copy)]
pub struct Agreed<'l> {
    /// What the agreement of two of them is worth, in thousandths of a bit.
    pub weight: i32,
    /// How far they agree, as a number; in words by [`Linking::agreement`].
    pub agreement: u64,
    sides: Sides<'l>,
}

impl<'l> Agreed<'l> {
    /// The pairs, the record that came first before the other.
    pub fn pairs(self) -> impl Iterator<Item = (u32, u32)> + 'l {
        self.sides.pairs()
    }
}

/// The records of two statements, or of one.
#[derive(Debug, Clone, Copy)]
struct Sides<'l> {
    one: &'l [u32],
    /// Nothing where all say the same, and each pairs with those that follow it.
    other: Option<&'l [u32]>,
    /// How many records of the one are looked at.
    first: usize,
}

impl<'l> Sides<'l> {
    fn of(statements: &'l Statements, x: u32, y: u32) -> Self {
        let one = statements.records(x);
        Self {
            one,
            other: (x != y).then(|| statements.records(y)),
            first: one.len(),
        }
    }

    fn pairs(self) -> impl Iterator<Item = (u32, u32)> + 'l {
        let each = self.one.iter().enumerate().take(self.first);
        each.flat_map(move |(place, a)| {
            let follow = || self.one.get(place + 1..).unwrap_or_default();
            let others = self.other.unwrap_or_else(follow);
            others.iter().map(move |b| (*a.min(b), *a.max(b)))
        })
    }
}

/// The pairs of records of two statements, or of one.
pub(super) fn between(statements: &Statements, x: u32, y: u32) -> impl Iterator<Item = (u32, u32)> {
    Sides::of(statements, x, y).pairs()
}

/// A share of the pairs that are kept.
#[derive(Debug, Clone)]
pub struct Share {
    /// Where among them it stands.
    places: Range<u64>,
    /// Where two statements make too many pairs by themselves: of which records of the one.
    within: Option<Range<usize>>,
    least: i32,
}

impl Linking<'_> {
    /// What the pairs worth [`KEPT`](super::KEPT) and more are worth, and how many are worth it: the same may come several
    /// times.
    ///
    /// # Errors
    /// When those that went to scratch cannot be read back.
    pub fn weights(&self, mut each: impl FnMut(i32, u64)) -> io::Result<()> {
        let statements = &self.scoring.table.statements;
        self.kept
            .each(|one| each(one.weight, statements.pairs(one.x, one.y)))
    }

    /// The pairs worth `least` and more in shares of not many more than `most`.
    ///
    /// # Errors
    /// When those that went to scratch cannot be read back.
    pub fn shares(&self, least: i32, most: usize) -> io::Result<Vec<Share>> {
        let statements = &self.scoring.table.statements;
        let mut shares = Vec::new();
        let (mut next, mut from, mut pairs) = (0, 0, 0);
        let share = |places: Range<u64>, within| Share {
            places,
            within,
            least,
        };
        self.kept.each(|one| {
            let place = next;
            next += 1;
            if one.weight < least {
                return;
            }
            let own = statements.pairs(one.x, one.y);
            if pairs + own > most as u64 {
                if pairs > 0 {
                    shares.push(share(from..place, None));
                }
                (from, pairs) = (place, 0);
            }
            if own <= most as u64 {
                pairs += own;
                return;
            }
            let records = statements.records(one.x).len();
            let step = (most / statements.records(one.y).len()).max(1);
            for first in (0..records).step_by(step) {
                let within = first..records.min(first + step);
                shares.push(share(place..next, Some(within)));
            }
            from = next;
        })?;
        if pairs > 0 {
            shares.push(share(from..self.kept.count(), None));
        }
        Ok(shares)
    }

    /// Goes through the pairs of a share.
    ///
    /// # Errors
    /// When those that went to scratch cannot be read back.
    pub fn of_share(&self, share: &Share, mut each: impl FnMut(Agreed<'_>)) -> io::Result<()> {
        let statements = &self.scoring.table.statements;
        self.kept.each_of(share.places.clone(), |one| {
            if one.weight < share.least {
                return;
            }
            let mut sides = Sides::of(statements, one.x, one.y);
            if let Some(Range { start, end }) = share.within {
                sides.one = sides.one.get(start..).unwrap_or_default();
                sides.first = end - start;
            }
            each(Agreed {
                weight: one.weight,
                agreement: one.pattern,
                sides,
            });
        })
    }

    /// How many bytes of scratch the pairs take for which memory had no room.
    pub const fn spilled(&self) -> u64 {
        self.kept.spilled()
    }

    /// All pairs, in an order that records and plan alone decide.
    #[cfg(test)]
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let statements = &self.scoring.table.statements;
        let all = self.kept.each(|one| pairs.extend(one.pairs(statements)));
        all.expect("read back");
        pairs
    }
}
