//! The pairs that are kept, told record by record: records that say the same agree with another in the same way.

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
        let agreed = Agreed::of(self, statements);
        agreed.pairs().map(move |(a, b)| Pair {
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
    one: &'l [u32],
    /// Nothing where all say the same, and each pairs with those that follow it.
    other: Option<&'l [u32]>,
    /// How many records of the one are looked at.
    first: usize,
}

impl<'l> Agreed<'l> {
    fn of(alike: Alike, statements: &'l Statements) -> Self {
        let one = statements.records(alike.x);
        Self {
            weight: alike.weight,
            agreement: alike.pattern,
            one,
            other: (alike.x != alike.y).then(|| statements.records(alike.y)),
            first: one.len(),
        }
    }

    /// The pairs, the record that came first before the other.
    pub fn pairs(self) -> impl Iterator<Item = (u32, u32)> + 'l {
        let each = self.one.iter().enumerate().take(self.first);
        each.flat_map(move |(place, a)| {
            let follow = || self.one.get(place + 1..).unwrap_or_default();
            let others = self.other.unwrap_or_else(follow);
            others.iter().map(move |b| (*a.min(b), *a.max(b)))
        })
    }
}

/// A share of the pairs that are kept.
#[derive(Debug, Clone)]
pub struct Share {
    alike: Range<usize>,
    /// Where two statements make too many pairs by themselves: of which records of the one.
    within: Option<Range<usize>>,
    least: i32,
}

impl Linking<'_> {
    /// The pairs worth [`KEPT`](super::KEPT) and more, in an order that records and plan alone decide.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        let statements = &self.scoring.table.statements;
        self.alike.iter().flat_map(|one| one.pairs(statements))
    }

    /// What those pairs are worth, and how many are worth it: the same may come several times.
    pub fn weights(&self) -> impl Iterator<Item = (i32, u64)> {
        let statements = &self.scoring.table.statements;
        self.alike
            .iter()
            .map(|one| (one.weight, statements.pairs(one.x, one.y)))
    }

    /// The pairs worth `least` and more in shares of not many more than `most`.
    pub fn shares(&self, least: i32, most: usize) -> Vec<Share> {
        let statements = &self.scoring.table.statements;
        let mut shares = Vec::new();
        let (mut from, mut pairs) = (0, 0);
        let share = |alike: Range<usize>, within| Share {
            alike,
            within,
            least,
        };
        for (place, one) in self.alike.iter().enumerate() {
            if one.weight < least {
                continue;
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
                continue;
            }
            let records = statements.records(one.x).len();
            let step = (most / statements.records(one.y).len()).max(1);
            for first in (0..records).step_by(step) {
                shares.push(share(
                    place..place + 1,
                    Some(first..records.min(first + step)),
                ));
            }
            from = place + 1;
        }
        if pairs > 0 {
            shares.push(share(from..self.alike.len(), None));
        }
        shares
    }

    /// The pairs of a share.
    pub fn of_share(&self, share: &Share) -> impl Iterator<Item = Agreed<'_>> {
        let statements = &self.scoring.table.statements;
        let (least, within) = (share.least, share.within.clone());
        let some = self.alike.get(share.alike.clone()).unwrap_or_default();
        let enough = some.iter().filter(move |one| one.weight >= least);
        enough.map(move |one| {
            let mut agreed = Agreed::of(*one, statements);
            if let Some(Range { start, end }) = within {
                agreed.one = agreed.one.get(start..).unwrap_or_default();
                agreed.first = end - start;
            }
            agreed
        })
    }
}
