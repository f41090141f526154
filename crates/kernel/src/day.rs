//! Days, moments and periods as a partnership in England counts them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

/// The time zone of every clock, due moment and *as at* in the product.
pub fn london() -> TimeZone {
    #[expect(
        clippy::expect_used,
        reason = "the time zone database is compiled in, so only a broken build lacks it"
    )]
    TimeZone::get("Europe/London").expect("the time zone database holds Europe/London")
}

/// The first moment that is *not* known as at `day`: midnight, Europe/London, at its end.
///
/// *As at* a day means all that was recorded before this moment.
pub fn as_at_cut_off(day: Date) -> Timestamp {
    day.checked_add(1.day())
        .and_then(|next| next.to_zoned(london()))
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The day on which `moment` falls in Europe/London.
pub fn day_of(moment: Timestamp) -> Date {
    moment.to_zoned(london()).date()
}

/// How old someone born on `born` is on `day`, in years that are counted on birthdays; `None` before the birth.
pub fn age(born: Date, day: Date) -> Option<i16> {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    (born <= day).then(|| day.year() - born.year() - i16::from(!had_birthday))
}

/// A stretch of days from its first day up to, and not with, its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The first day after; `None` while it goes on.
    pub until: Option<Date>,
}

impl Period {
    /// Whether `day` falls within.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_end_of_a_summer_day_is_eleven_at_night_by_greenwich() {
        assert_eq!(
            as_at_cut_off(date(2026, 6, 30)).to_string(),
            "2026-06-30T23:00:00Z"
        );
        assert_eq!(
            as_at_cut_off(date(2026, 1, 31)).to_string(),
            "2026-02-01T00:00:00Z"
        );
    }

    #[test]
    fn years_of_age_are_counted_on_birthdays() {
        for (born, day, old) in [
            (date(2000, 12, 31), date(2026, 1, 2), Some(25)),
            (date(2000, 1, 1), date(2025, 12, 31), Some(25)),
            (date(2000, 1, 1), date(2026, 1, 1), Some(26)),
            (date(2012, 2, 29), date(2025, 2, 28), Some(12)),
            (date(2012, 2, 29), date(2025, 3, 1), Some(13)),
            (date(2012, 3, 1), date(2012, 3, 1), Some(0)),
            (date(2012, 3, 1), date(2012, 2, 29), None),
        ] {
            assert_eq!(age(born, day), old, "{born} on {day}");
        }
    }

    #[test]
    fn a_period_holds_its_first_day_and_not_its_end() {
        let period = Period {
            from: date(2026, 4, 1),
            until: Some(date(2026, 5, 1)),
        };
        assert!(period.contains(date(2026, 4, 1)));
        assert!(!period.contains(date(2026, 5, 1)));
    }
}
