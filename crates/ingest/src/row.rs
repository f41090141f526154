//! A row: its values read by the types of its columns.

use clearpicture_kernel::Date;
use csv::StringRecord;

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::Kind;
use crate::value::{Reading, Value};

/// A problem, and the place of the column that is to blame.
pub(crate) type Found = (Problem, Option<usize>);

/// The values of one row, one for each column of its table.
pub(crate) struct Row<'a> {
    values: Vec<Option<Value<'a>>>,
}

/// How each column of a layout is read.
pub(crate) fn readings(layout: &Layout) -> Vec<Reading<'_>> {
    let columns = layout.table.columns.iter().zip(&layout.other_years);
    columns
        .map(|(column, other_years)| Reading {
            column,
            dates: layout.table.dates,
            other_years,
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
            values.push(value);
        }
        Self { values }
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
