//! Days and moments in the words of the pages.

use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Date, Timestamp, london};

/// A day as a colleague would say it: `18 November`, with the year when it is not `today`'s.
pub fn day(day: Date, today: Date) -> String {
    if day.year() == today.year() {
        day.strftime("%-d %B").to_string()
    } else {
        full_day(day)
    }
}

/// A day with its year: `18 November 2026`.
pub fn full_day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// A moment as it stands in history and at the foot of a print: `21 November 2026, 14:02`.
pub fn moment(moment: Timestamp) -> String {
    moment
        .to_zoned(london())
        .strftime("%-d %B %Y, %H:%M")
        .to_string()
}

/// A moment as a colleague would say it `now`: `today, 14:02`, or the day and time.
pub fn recent(moment: Timestamp, now: Timestamp) -> String {
    let zoned = moment.to_zoned(london());
    let time = zoned.strftime("%H:%M");
    if zoned.date() == day_of(now) {
        format!("today, {time}")
    } else {
        format!("{}, {time}", day(zoned.date(), day_of(now)))
    }
}

/// Words as a sentence begins: with a capital.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_year_is_told_when_it_is_another() {
        let today = date(2026, 11, 22);
        assert_eq!(day(date(2026, 11, 18), today), "18 November");
        assert_eq!(day(date(2025, 11, 8), today), "8 November 2025");
        assert_eq!(moment(Timestamp::UNIX_EPOCH), "1 January 1970, 01:00");
    }
}
