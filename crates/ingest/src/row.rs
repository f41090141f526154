//! A row: its values read by the types of its columns.

use clearpicture_kernel::Date;
use csv::StringRecord;

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::Kind;
use crate::value::{Reading, Value};
use crate::written::is_word_for_nothing;

/// A problem, and the place of the column that is to blame.
pub(crate) type Found = (Problem, Option<usize>);

/// The values of one row, one for each column of its table.
pub(crate) struct Row<'a> {
    values: Vec<Option<Value<'a>>>,
}

/// Whether a value is a name that may be a program's word for nothing.
fn is_nameless(reading: &Reading<'_>, value: Option<&Value<'_>>) -> bool {
    reading.column.kind == Kind::Name
        && matches!(value, Some(Value::Text(text)) if is_word_for_nothing(text))
}

/// How each column of a layout is read.
pub(crate) fn readings(layout: &Layout) -> Vec<Reading<'_>> {
    let columns = layout.table.columns.iter();
    columns
        .zip(&layout.other_years)
        .zip(&layout.identifies)
        .map(|((column, other_years), identifies)| Reading {
            column,
            dates: layout.table.dates,
            other_years,
            identifies: *identifies,
        })
        .collect()
}

impl<'a> Row<'a> {
    /// Reads the values of a record of the right shape; each problem is put to `found`.
    pub(crate) fn read(
        layout: &Layout,
        readings: &[Reading<'a>],
        fields: &'a StringRecord,
        found: &mut Vec<Found>,
    ) -> Self {
        let mut values = Vec::with_capacity(readings.len());
        let mut nameless = false;
        for (column, (reading, place)) in readings.iter().zip(&layout.places).enumerate() {
            let text = place
                .and_then(|place| fields.get(place))
                .unwrap_or_default();
            if text.is_empty() {
                if reading.column.required && place.is_some() {
                    found.push((Problem::MissingValue, Some(column)));
                }
                values.push(None);
                continue;
            }
            let before = found.len();
            let value = reading.read(text, &mut |problem| found.push((problem, Some(column))));
            // A word that the profile says stands for "not told" is an answer, and nothing is missing.
            let says_so = reading.column.blanks.contains(text);
            if value.is_none() && found.len() == before && reading.column.required && !says_so {
                found.push((Problem::MissingValue, Some(column)));
            }
            if let (Some(Value::Text(text)), Some(inside)) = (&value, &reading.column.inside)
                && !inside.fits(text)
            {
                found.push((Problem::OutsideArea, Some(column)));
            }
            nameless |= is_nameless(reading, value.as_ref());
            values.push(value);
        }
        let mut row = Self { values };
        if nameless {
            row.without_words_for_nothing(layout, readings, fields, found);
        }
        row
    }

    /// Takes out the names that are a program's word for nothing. `Null` is somebody's family name, so one alone is a name;
    /// it is none where every part of a name is such a word, or where the row has the same word in a column of no names.
    fn without_words_for_nothing(
        &mut self,
        layout: &Layout,
        readings: &[Reading<'a>],
        fields: &StringRecord,
        found: &mut Vec<Found>,
    ) {
        let is_word = |column: &usize| {
            let value = self.get(*column);
            readings
                .get(*column)
                .is_some_and(|one| is_nameless(one, value))
        };
        let written = |column: usize| {
            let place = layout.places.get(column).copied().flatten();
            place.and_then(|place| fields.get(place)).map(str::trim)
        };
        let no_names = readings
            .iter()
            .enumerate()
            .filter(|(column, one)| one.column.kind != Kind::Name && self.get(*column).is_none());
        let elsewhere: Vec<&str> = no_names.filter_map(|(column, _)| written(column)).collect();
        let mut nothing: Vec<usize> = (0..readings.len())
            .filter(is_word)
            .filter(|column| written(*column).is_some_and(|word| elsewhere.contains(&word)))
            .collect();
        for fact in layout
            .table
            .facts
            .iter()
            .filter(|fact| fact.says.get_ref() == "name")
        {
            let parts = fact
                .columns()
                .into_iter()
                .filter_map(|name| layout.column(name));
            let told: Vec<usize> = parts.filter(|column| self.get(*column).is_some()).collect();
            if told.len() > 1 && told.iter().all(is_word) {
                nothing.extend(told);
            }
        }
        nothing.sort_unstable();
        nothing.dedup();
        for column in nothing {
            if let Some(value) = self.values.get_mut(column) {
                *value = None;
                found.push((Problem::Placeholder, Some(column)));
            }
        }
    }

    pub(crate) fn get(&self, column: usize) -> Option<&Value<'a>> {
        self.values.get(column)?.as_ref()
    }

    pub(crate) fn day(&self, column: usize) -> Option<Date> {
        match self.get(column)? {
            Value::Day(day) => Some(*day),
            _ => None,
        }
    }

    pub(crate) fn number(&self, column: usize) -> Option<i64> {
        match self.get(column)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The values of several columns as one text; `None` when one of them is not there.
    pub(crate) fn joined(&self, columns: &[usize]) -> Option<String> {
        match columns {
            [] => None,
            [one] => self.get(*one).map(|value| value.text().into_owned()),
            all => {
                let mut joined = String::with_capacity(64);
                for column in all {
                    if !joined.is_empty() {
                        joined.push('\u{1f}');
                    }
                    joined.push_str(&self.get(*column)?.text());
                }
                Some(joined)
            }
        }
    }
}

/// Whether a column holds days of what has happened.
pub(crate) fn is_of_the_past(layout: &Layout, column: usize) -> bool {
    layout
        .table
        .columns
        .get(column)
        .is_some_and(|column| column.kind == Kind::Date && !column.ahead)
}
