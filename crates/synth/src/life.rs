//! What happened to each child in three years, as it was: each agency writes down its part of it.

use clearpicture_kernel::Date;
use jiff::ToSpan as _;

use crate::child::Child;
use crate::draw::Draw;
use crate::names::Names;
use crate::settings::{OLD_ENOUGH, birthday};

/// The use of lots: a child's own stream is this far on.
const LIVES: u64 = 5_000_000_000;
/// The first day of the three years.
pub(crate) const FIRST: (i16, i8, i8) = (2023, 9, 1);
/// How many days the files tell of.
const DAYS: u64 = 1_140;

/// A stretch in care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Care {
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    pub(crate) status: &'static str,
    pub(crate) placement: &'static str,
}

/// What happened to one child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Life {
    /// The day they moved to where they live.
    pub(crate) moved: Date,
    /// The day from which they bear another family name, and that name.
    pub(crate) renamed: Option<(Date, String)>,
    pub(crate) in_care: Vec<Care>,
    /// Each time they were missing.
    pub(crate) missing: Vec<(Date, Option<Date>)>,
    /// When the police came to fear that they are exploited; whether sexually; how much.
    pub(crate) concern: Option<(Date, bool, &'static str)>,
    /// Whether a doctor has them.
    pub(crate) registered: bool,
    /// Whether where they are must not be told.
    pub(crate) protected: bool,
    /// When the charity worked with them.
    pub(crate) helped: Option<(Date, Option<Date>)>,
}

/// A day within so many after another, if it is one of those that are told of.
fn later(from: Date, within: u64, draw: &mut Draw) -> Option<Date> {
    let days = 1 + i64::try_from(draw.below(within)).unwrap_or_default();
    let to = from.checked_add(days.days()).unwrap_or(from);
    let first = Date::new(FIRST.0, FIRST.1, FIRST.2).unwrap_or(Date::ZERO);
    let last = first
        .checked_add((DAYS.cast_signed()).days())
        .unwrap_or(from);
    (to <= last).then_some(to)
}

/// Some placements, one after the other.
fn care(from: Date, draw: &mut Draw) -> Vec<Care> {
    let mut in_care = Vec::new();
    let mut from = from;
    for _ in 0..1 + draw.below(3) {
        let to = later(from, 300, draw);
        in_care.push(Care {
            from,
            to,
            status: draw.word(&["C2", "C2", "V2", "C1", "E1"]),
            placement: draw.word(&["U6", "U3", "K2", "U4", "H5"]),
        });
        let Some(to) = to else { break };
        from = to;
    }
    in_care
}

impl Life {
    /// The life of a child of the borough of `seed`.
    pub(crate) fn of(child: &Child, seed: u64, names: &Names) -> Self {
        let mut draw = Draw::of(seed, LIVES + child.number);
        let first = Date::new(FIRST.0, FIRST.1, FIRST.2).unwrap_or(Date::ZERO);
        let day = |draw: &mut Draw| {
            let days = i64::try_from(draw.below(DAYS)).unwrap_or_default();
            first
                .checked_add(days.days())
                .unwrap_or(first)
                .max(child.born)
        };
        // A day on which the child is old enough: the same lot, of the days that are left.
        let old = birthday(child.born, OLD_ENOUGH).max(first);
        let over = first
            .checked_add((DAYS.cast_signed()).days())
            .unwrap_or(first);
        let left = old
            .until(over)
            .map_or(0, |span| i64::from(span.get_days()).max(0));
        let day_of_the_old = |draw: &mut Draw| {
            let drawn = i64::try_from(draw.below(DAYS)).unwrap_or_default();
            let days = drawn * left / DAYS.cast_signed();
            old.checked_add(days.days()).unwrap_or(old)
        };
        let moved = day(&mut draw);
        let renamed = draw.happens(15).then(|| {
            let family = names
                .community(&mut draw)
                .map_or_else(String::new, |community| community.family(&mut draw));
            (day(&mut draw), family)
        });
        let is_old_enough = left > 0;
        let is_looked_after = draw.happens(10);
        let in_care = match is_looked_after {
            true => care(day(&mut draw), &mut draw),
            false => Vec::new(),
        };
        let mut missing = Vec::new();
        let goes_missing = if is_looked_after { 300 } else { 15 };
        if is_old_enough && draw.happens(goes_missing) {
            for _ in 0..1 + draw.below(6) {
                let from = day_of_the_old(&mut draw);
                missing.push((from, later(from, 4, &mut draw)));
            }
            missing.sort();
            missing.dedup_by_key(|(from, _)| *from);
        }
        let feared = if missing.is_empty() { 4 } else { 250 };
        let concern = (is_old_enough && draw.happens(feared)).then(|| {
            let level = draw.word(&["Low", "Medium", "Medium", "High"]);
            (day_of_the_old(&mut draw), draw.below(3) > 0, level)
        });
        let is_helped = concern.is_some() && draw.happens(600);
        let helped = is_helped.then(|| {
            let from = day_of_the_old(&mut draw);
            (from, later(from, 400, &mut draw))
        });
        Self {
            moved,
            renamed,
            in_care,
            missing,
            concern,
            registered: draw.happens(960),
            protected: draw.happens(2),
            helped,
        }
    }

    /// The family name that the child bears on a day.
    pub(crate) fn family<'a>(&'a self, child: &'a Child, on: Date) -> &'a str {
        match &self.renamed {
            Some((from, family)) if on >= *from => family,
            _ => &child.family,
        }
    }

    /// Where the child lives on a day.
    pub(crate) fn address<'a>(&self, child: &'a Child, on: Date) -> &'a [String] {
        if on >= self.moved {
            &child.address
        } else {
            &child.address_before
        }
    }
}
