//! Pairs of records that may be one child, by where they stand: what a sample is drawn from to learn how good links are.
//!
//! Never the doubtful ones alone: whoever reads those learns how hard they are, and nothing of the rest. Pairs are looked
//! for more widely than a run does, by the model's `widely`, so that what no run compares is read too.

use std::collections::BTreeMap;

use super::cluster::Two;
use super::model::Model;
use super::records::{RecordIndex, Records};
use crate::columns::{self, Common, KEPT, Keys, Memo, Scoring, TooManyPairs};

/// Where a pair stands: whether it is joined, and what its agreement is worth beside the weight at which records join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Joined, and worth at least 8 bits more than is needed.
    Surely,
    /// Joined, and worth 4 to 8 bits more.
    Well,
    /// Joined, and worth up to 4 bits more.
    Closely,
    /// Joined, though it is worth less by itself: by others, by an earlier run, or by what somebody decided.
    ByOthers,
    /// Worth enough, and held apart by a rule, another candidate or a decision.
    HeldApart,
    /// Worth up to 5 bits too little.
    JustBelow,
    /// Worth 5 to 10 bits too little.
    Below,
    /// Never compared, and worth enough.
    Missed,
    /// Never compared, and worth up to 10 bits too little.
    MissedBelow,
}

impl Band {
    /// Every band, those joined surely first.
    pub const ALL: [Self; 9] = [
        Self::Surely,
        Self::Well,
        Self::Closely,
        Self::ByOthers,
        Self::HeldApart,
        Self::JustBelow,
        Self::Below,
        Self::Missed,
        Self::MissedBelow,
    ];
    /// The thresholds whose outcome the bands tell, in thousandths of a bit from the model's own.
    pub const THRESHOLDS: [i32; 5] = [-10_000, -5_000, 0, 4_000, 8_000];

    /// Of a pair that is joined and worth this much, in thousandths of a bit from the threshold.
    const fn joined(beyond: i32) -> Self {
        match beyond {
            8_000.. => Self::Surely,
            4_000.. => Self::Well,
            0.. => Self::Closely,
            _ => Self::ByOthers,
        }
    }

    const fn apart(beyond: i32, is_compared: bool) -> Self {
        match (is_compared, beyond) {
            (true, 0..) => Self::HeldApart,
            (true, -5_000..) => Self::JustBelow,
            (true, _) => Self::Below,
            (false, 0..) => Self::Missed,
            (false, _) => Self::MissedBelow,
        }
    }

    /// The band as records keep it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Surely => "surely",
            Self::Well => "well",
            Self::Closely => "closely",
            Self::ByOthers => "by-others",
            Self::HeldApart => "held-apart",
            Self::JustBelow => "just-below",
            Self::Below => "below",
            Self::Missed => "missed",
            Self::MissedBelow => "missed-below",
        }
    }

    /// The band that a record keeps as `code`.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.code() == code)
    }

    /// The band in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Surely => "Joined, worth 8 bits more than needed and beyond",
            Self::Well => "Joined, worth 4 to 8 bits more",
            Self::Closely => "Joined, worth up to 4 bits more",
            Self::ByOthers => "Joined by other records or by a decision",
            Self::HeldApart => "Worth enough, and held apart by a rule or a decision",
            Self::JustBelow => "Apart, worth up to 5 bits too little",
            Self::Below => "Apart, worth 5 to 10 bits too little",
            Self::Missed => "Never compared, though worth enough",
            Self::MissedBelow => "Never compared, worth up to 10 bits too little",
        }
    }

    /// Whether its pairs are joined.
    pub const fn is_joined(self) -> bool {
        matches!(
            self,
            Self::Surely | Self::Well | Self::Closely | Self::ByOthers
        )
    }

    /// Whether its pairs are compared by every run.
    pub const fn is_compared(self) -> bool {
        !matches!(self, Self::Missed | Self::MissedBelow)
    }

    /// Whether its pairs would be joined at another of the [`Band::THRESHOLDS`], as far as their own worth tells.
    pub const fn is_joined_at(self, threshold: i32) -> bool {
        let from = match self {
            Self::Surely => 8_000,
            Self::Well => 4_000,
            Self::Closely => 0,
            Self::JustBelow => -5_000,
            Self::Below => -10_000,
            Self::ByOthers => return true,
            Self::HeldApart | Self::Missed | Self::MissedBelow => return false,
        };
        from >= threshold
    }
}

/// Goes through every pair that may be one child, once, in an order that records and model alone decide. `persons` tells of
/// each record the person that was made of it, by any number. Pairs apart that are worth less than 10 bits too little are
/// left out: of a thousand such hardly one is one child. So are protected records.
///
/// # Errors
/// [`TooManyPairs`] when the model brings too many records together.
pub fn frame(
    records: &Records,
    model: &Model,
    persons: &[u32],
    common: Common<'_>,
    threads: usize,
    mut each: impl FnMut(RecordIndex, RecordIndex, Band),
) -> Result<(), TooManyPairs> {
    let table = &records.table;
    let scoring = Scoring::new(table, &model.plan, common);
    let compared = Keys::of(table, &model.plan, threads)?;
    let widely = Keys::of(table, &model.widely, threads)?;
    let person = |record: u32| persons.get(record as usize);
    let mut memo = Memo::default();
    for (a, b) in joined(records, persons) {
        let weight = scoring.weight(scoring.pattern(a.0, b.0, &mut memo), a.0);
        each(a, b, Band::joined(weight - model.plan.join));
    }
    for (keys, is_compared) in [(&compared, true), (&widely, false)] {
        let pairs = scoring.pairs(keys, KEPT.max(least(model)), threads);
        for pair in pairs {
            let is_met = || compared.are_met(table, pair.a, pair.b);
            if person(pair.a) != person(pair.b) && (is_compared || !is_met()) {
                let band = Band::apart(pair.weight - model.plan.join, is_compared);
                each(RecordIndex(pair.a), RecordIndex(pair.b), band);
            }
        }
    }
    Ok(())
}

/// What a pair must be worth to be in the frame, in thousandths of a bit.
const fn least(model: &Model) -> i32 {
    model.plan.join - 10_000
}

/// The pairs of records that are of one person, none of them protected.
fn joined(records: &Records, persons: &[u32]) -> Vec<Two> {
    let mut members: BTreeMap<u32, Vec<RecordIndex>> = BTreeMap::new();
    for (record, person) in records.indices().zip(persons) {
        if records.is_open(record) {
            members.entry(*person).or_default().push(record);
        }
    }
    let pairs = members.values().flat_map(|members| {
        let each = members.iter().enumerate();
        each.flat_map(|(place, a)| members.iter().skip(place + 1).map(move |b| (*a, *b)))
    });
    pairs.collect()
}

/// Of each record whether it tells too little to be joined with anybody.
pub fn poor(records: &Records, model: &Model, common: Common<'_>) -> Vec<bool> {
    Scoring::new(&records.table, &model.plan, common).poor(model.plan.join)
}

/// Which part of the pairs of one child a run compares at all; nothing when there are none. For each record `truth` is the
/// number of the child that it is of, 0 when that is not known.
///
/// # Errors
/// [`TooManyPairs`] when the model brings too many records together.
pub fn blocking_recall(
    records: &Records,
    model: &Model,
    truth: &[u32],
    threads: usize,
) -> Result<Option<f64>, TooManyPairs> {
    let table = &records.table;
    let keys = Keys::of(table, &model.plan, threads)?;
    Ok(columns::blocking_recall(table, &keys, truth))
}
