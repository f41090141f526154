//! When the glass may be broken, which look-ups are sampled, and how far a reason must go.

use clearpicture_kernel::day::{as_at_cut_off, day_of};
use clearpicture_kernel::{Date, Digest, Passage, Timestamp};
use jiff::{SignedDuration, ToSpan as _};

use super::types::Verdict;
pub(super) use crate::grants::reason;
use crate::shell::Errors;

/// How long a record stays open to whoever broke the glass.
const GLASS_STAYS_BROKEN: SignedDuration = SignedDuration::from_hours(3);
/// How many look-ups of a week are looked into.
const SAMPLE: usize = 20;

/// What policy says of one caller and one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// They may know that the record is there.
    pub(super) knows: bool,
    /// They may open it as things are.
    pub(super) opens: bool,
    /// They could open it by breaking the glass.
    pub(super) opens_by_glass: bool,
}

/// The way to a record for one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayIn {
    /// It is open to them already.
    Open,
    /// By breaking the glass.
    Glass,
    /// They may know of it and not open it.
    Closed,
    /// For them it is not there.
    None,
}

impl Standing {
    pub(super) const fn way_in(self) -> WayIn {
        match self {
            Self { opens: true, .. } => WayIn::Open,
            Self {
                opens_by_glass: true,
                ..
            } => WayIn::Glass,
            Self { knows: true, .. } => WayIn::Closed,
            _ => WayIn::None,
        }
    }
}

/// When a glass broken `now` is whole again.
pub(super) fn whole_again(now: Timestamp) -> Timestamp {
    now.checked_add(GLASS_STAYS_BROKEN)
        .unwrap_or(Timestamp::MAX)
}

/// A decision as typed; a doubt must say what it is about.
pub(super) fn decision(
    errors: &mut Errors,
    verdict: &str,
    note: &str,
) -> Option<(Verdict, Option<Passage>)> {
    let verdict = Verdict::from_code(verdict);
    if verdict.is_none() {
        errors.add("verdict", "Choose fine, ask or incident");
    }
    let note = if verdict == Some(Verdict::Fine) {
        errors.take_optional("note", "Note", note, Passage::parse)
    } else {
        errors.take("note", "Note", reason(note))
    };
    verdict
        .filter(|_| errors.is_empty())
        .map(|verdict| (verdict, note))
}

/// The Monday of the week in which `day` falls.
pub(super) fn monday_of(day: Date) -> Date {
    let since = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(since.days()).unwrap_or(day)
}

/// The Monday of the last week that is over at `now`: a sample of an unfinished week would change.
pub(super) fn last_whole_week(now: Timestamp) -> Date {
    weeks_from(monday_of(day_of(now)), -1)
}

/// The Monday `weeks` after `monday`, or before it.
pub(super) fn weeks_from(monday: Date, weeks: i64) -> Date {
    monday.checked_add(weeks.weeks()).unwrap_or(monday)
}

/// The first moment of the week of `monday`, and the first after it.
pub(super) fn bounds(monday: Date) -> (Timestamp, Timestamp) {
    let last_day_of = |monday: Date| monday.checked_sub(1.day()).unwrap_or(monday);
    (
        as_at_cut_off(last_day_of(monday)),
        as_at_cut_off(last_day_of(weeks_from(monday, 1))),
    )
}

/// The look-ups of `looks` that the week's sample holds: chance decides, and always the same way.
pub(super) fn sample(monday: Date, looks: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let week = monday.to_string();
    let mut drawn: Vec<(Digest, i64)> = looks
        .into_iter()
        .map(|look| {
            let lot = [
                b"clearpicture.sample.1".as_slice(),
                week.as_bytes(),
                &look.to_be_bytes(),
            ];
            (Digest::of_parts(&lot), look)
        })
        .collect();
    drawn.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    drawn.truncate(SAMPLE);
    drawn.into_iter().map(|(_, look)| look).collect()
}
