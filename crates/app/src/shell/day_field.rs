//! A day typed into three boxes, read with care: what is missing or impossible is told.

use clearpicture_kernel::Date;
use serde::{Deserialize, Serialize};

/// A day as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTyped {
    /// `18`.
    pub day: String,
    /// `11`, or `November`, or `nov`.
    pub month: String,
    /// `2026`.
    pub year: String,
}

/// Why what was typed is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Some of the three boxes are empty.
    #[error("the date must include a {0}")]
    Missing(&'static str),
    /// The day is no number.
    #[error("the day must be a number, such as 18")]
    NotDay,
    /// The month is neither number nor name.
    #[error("the month must be a number or a name, such as 11 or November")]
    NotMonth,
    /// The year has not four digits.
    #[error("the year must have 4 numbers, such as 2027")]
    NotYear,
    /// There is no such day.
    #[error("there is no {day} {month} in {year}")]
    NoSuchDay {
        /// The day.
        day: i8,
        /// The month's name.
        month: &'static str,
        /// The year.
        year: i16,
    },
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl DayTyped {
    /// What a form shows for a day that is known.
    pub fn of(day: Option<Date>) -> Self {
        day.map_or_else(Self::default, |day| Self {
            day: day.day().to_string(),
            month: day.month().to_string(),
            year: day.year().to_string(),
        })
    }

    /// The day; `None` when all three boxes are empty.
    ///
    /// # Errors
    /// [`DayError`] saying what is missing or impossible.
    pub fn read(&self) -> Result<Option<Date>, DayError> {
        let [day, month, year] = [&self.day, &self.month, &self.year].map(|text| text.trim());
        let boxes = [("day", day), ("month", month), ("year", year)];
        if boxes.iter().all(|(_, text)| text.is_empty()) {
            return Ok(None);
        }
        if let Some((missing, _)) = boxes.into_iter().find(|(_, text)| text.is_empty()) {
            return Err(DayError::Missing(missing));
        }
        let day: i8 = whole(day).ok_or(DayError::NotDay)?;
        let (number, month) = month_of(month).ok_or(DayError::NotMonth)?;
        let year: i16 = (year.len() == 4)
            .then(|| whole(year))
            .flatten()
            .ok_or(DayError::NotYear)?;
        Date::new(year, number, day)
            .map(Some)
            .map_err(|_| DayError::NoSuchDay { day, month, year })
    }
}

/// A number of digits alone: no sign, no point.
fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A month by its number, or by its name or the first three letters or more of it.
fn month_of(text: &str) -> Option<(i8, &'static str)> {
    let typed = text.to_lowercase();
    (1_i8..).zip(MONTHS).find(|(number, name)| {
        whole::<i8>(text) == Some(*number)
            || (typed.len() >= 3 && name.to_lowercase().starts_with(&typed))
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn typed(day: &str, month: &str, year: &str) -> DayTyped {
        DayTyped {
            day: day.to_owned(),
            month: month.to_owned(),
            year: year.to_owned(),
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let expected = Ok(Some(date(2027, 3, 9)));
        for month in ["3", "03", "March", "mar", " march "] {
            assert_eq!(typed(" 9 ", month, "2027").read(), expected, "{month}");
        }
        assert_eq!(typed("", " ", "").read(), Ok(None));
        assert_eq!(typed("29", "2", "2028").read(), Ok(Some(date(2028, 2, 29))));
    }

    #[test]
    fn what_is_missing_or_impossible_is_told() {
        for (day, month, year, says) in [
            ("", "3", "2027", "the date must include a day"),
            ("9", "", "2027", "the date must include a month"),
            ("9", "3", "", "the date must include a year"),
            ("31", "2", "2027", "there is no 31 February in 2027"),
            ("29", "2", "2027", "there is no 29 February in 2027"),
            ("0", "1", "2027", "there is no 0 January in 2027"),
            ("99", "1", "2027", "there is no 99 January in 2027"),
            ("9", "13", "2027", "the month must be a number or a name"),
            ("9", "ma", "2027", "the month must be a number or a name"),
            ("9", "3", "27", "the year must have 4 numbers"),
            ("+9", "3", "2027", "the day must be a number"),
            ("9", "-3", "2027", "the month must be"),
            ("<b>", "3", "2027", "the day must be a number"),
        ] {
            let told = typed(day, month, year).read().map_err(|e| e.to_string());
            assert!(
                told.as_ref().is_err_and(|words| words.starts_with(says)),
                "{day}/{month}/{year}: {told:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_day_shown_is_read_again(year in 1900_i16..2200, month in 1_i8..=12, day in 1_i8..=28) {
            let day = date(year, month, day);
            prop_assert_eq!(DayTyped::of(Some(day)).read(), Ok(Some(day)));
        }

        #[test]
        fn any_text_is_a_day_or_refused(day in ".{0,6}", month in ".{0,10}", year in ".{0,6}") {
            let _ = typed(&day, &month, &year).read();
        }
    }
}
