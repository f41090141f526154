//! What is asked of a measure, and what it comes to.

use clearpicture_kernel::day::{as_at_cut_off, day_of};
use clearpicture_kernel::{Date, Month, Timestamp};
use clearpicture_measures::{Figure, Known, Level, Measure, Over, RunFault, Runner};

use crate::words;

/// Which month, as known on which day, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The month.
    pub month: Month,
    /// The day as at whose end things were known.
    pub as_at: Date,
    /// For whom.
    pub level: Level,
    known: Known,
}

/// Why there can be no figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskFault {
    /// The month has not begun.
    #[error("{} has not begun: ask for a month up to this one", in_words(*.0))]
    MonthToCome(Month),
    /// The day has not come.
    #[error("{} has not come: ask for a day up to today", words::full_day(*.0))]
    DayToCome(Date),
}

impl Ask {
    /// What is asked `now`; without a month the last whole one, without a day today.
    ///
    /// # Errors
    /// [`AskFault`] when the month or the day is to come.
    pub fn new(
        month: Option<Month>,
        as_at: Option<Date>,
        level: Level,
        now: Timestamp,
    ) -> Result<Self, AskFault> {
        let today = day_of(now);
        let before = Month::of(today).first().yesterday().unwrap_or(today);
        let month = month.unwrap_or(Month::of(before));
        let as_at = as_at.unwrap_or(today);
        if month.first() > today {
            return Err(AskFault::MonthToCome(month));
        }
        if as_at > today {
            return Err(AskFault::DayToCome(as_at));
        }
        Ok(Self {
            month,
            as_at,
            level,
            known: Known {
                month,
                before: as_at_cut_off(as_at),
            },
        })
    }

    /// How much of history counts.
    pub const fn known(&self) -> Known {
        self.known
    }

    /// The month in words: `October 2026`.
    pub fn month_in_words(&self) -> String {
        in_words(self.month)
    }
}

/// A month in words: `October 2026`.
pub(super) fn in_words(month: Month) -> String {
    month.first().strftime("%B %Y").to_string()
}

/// The figures of `measure`, its own first; none when the measure is not shown at the level asked for.
///
/// A figure is nobody's: at every level it is the same whoever asks, so that none tells a reader apart from another
/// (safety rule 15). Who is counted is each reader's own, and stands beside no figure.
///
/// # Errors
/// [`RunFault`] when its SQL or the analysis tables fail.
pub async fn figures(
    runner: &dyn Runner,
    measure: &Measure,
    ask: &Ask,
) -> Result<Vec<Figure>, RunFault> {
    if !ask.level.shows(measure) {
        return Ok(Vec::new());
    }
    let heard = clearpicture_measures::heard(runner, measure, ask.known).await?;
    let counted = clearpicture_measures::count(runner, measure, Over::Kept, ask.known).await?;
    let about = (ask.month, ask.as_at);
    Ok(clearpicture_measures::figures(
        measure, about, ask.level, &counted, &heard,
    ))
}
