//! Rows of analysis tables as columns of Arrow, and back.

use std::sync::Arc;

use clearpicture_kernel::{AnalysisRow, AnalysisTable, AnalysisValue, Code, Date, Holds};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

/// The number of the entry that a row comes from.
pub(crate) const SEQ: &str = "entry_seq";
/// Its place among the rows of that entry.
pub(crate) const PLACE: &str = "entry_place";
/// When the entry was recorded, in microseconds since 1970.
pub(crate) const RECORDED: &str = "entry_recorded";

/// The columns of a table as they are kept: its own, then where each row comes from.
pub(crate) fn schema(table: &AnalysisTable) -> SchemaRef {
    let own = table.columns.iter().enumerate().map(|(place, column)| {
        // Only the key is always told.
        Field::new(column.name, data_type(column.holds), place > 0)
    });
    let entry = [SEQ, PLACE, RECORDED].map(|name| Field::new(name, DataType::Int64, false));
    Arc::new(Schema::new(own.chain(entry).collect::<Vec<_>>()))
}

const fn data_type(holds: Holds) -> DataType {
    match holds {
        Holds::Surrogate | Holds::Number => DataType::Int64,
        Holds::Code => DataType::Utf8,
        Holds::Day => DataType::Date32,
        Holds::Flag => DataType::Boolean,
    }
}

/// The shape of a table, as the manifest remembers it: another one makes what is kept useless.
pub(crate) fn shape(table: &AnalysisTable) -> String {
    let columns = table
        .columns
        .iter()
        .map(|column| format!("{} {:?}", column.name, column.holds));
    columns.collect::<Vec<_>>().join(", ")
}

/// `rows` as columns. Each must fit the table.
pub(crate) fn batch(
    table: &AnalysisTable,
    rows: &[AnalysisRow],
) -> Result<RecordBatch, ArrowError> {
    let column = |place: usize, holds: Holds| -> ArrayRef {
        let values = rows
            .iter()
            .map(|row| row.values.get(place).and_then(Option::as_ref));
        match holds {
            Holds::Surrogate | Holds::Number => Arc::new(
                values
                    .map(|value| value.and_then(number))
                    .collect::<Int64Array>(),
            ),
            Holds::Code => Arc::new(
                values
                    .map(|value| value.and_then(code))
                    .collect::<StringArray>(),
            ),
            Holds::Day => Arc::new(
                values
                    .map(|value| value.and_then(day))
                    .collect::<Date32Array>(),
            ),
            Holds::Flag => Arc::new(
                values
                    .map(|value| value.and_then(flag))
                    .collect::<BooleanArray>(),
            ),
        }
    };
    let mut columns: Vec<ArrayRef> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, one)| column(place, one.holds))
        .collect();
    let from = |of: fn(&AnalysisRow) -> i64| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<Int64Array>())
    };
    columns.push(from(|row| row.seq));
    columns.push(from(|row| row.place));
    columns.push(from(|row| row.recorded_at.as_microsecond()));
    RecordBatch::try_new(schema(table), columns)
}

const fn number(value: &AnalysisValue) -> Option<i64> {
    match value {
        AnalysisValue::Surrogate(number) | AnalysisValue::Number(number) => Some(*number),
        _ => None,
    }
}

fn code(value: &AnalysisValue) -> Option<&str> {
    match value {
        AnalysisValue::Code(code) => Some(code.as_str()),
        _ => None,
    }
}

fn day(value: &AnalysisValue) -> Option<i32> {
    match value {
        AnalysisValue::Day(day) => Some(since_1970(*day)),
        _ => None,
    }
}

const fn flag(value: &AnalysisValue) -> Option<bool> {
    match value {
        AnalysisValue::Flag(flag) => Some(*flag),
        _ => None,
    }
}

/// A day as Arrow counts it: days since 1 January 1970.
pub(crate) fn since_1970(day: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    // No two civil days are further apart than an i32 of days counts.
    epoch.until(day).map_or(0, |span| span.get_days())
}

/// The day so many days after 1 January 1970.
fn day_since_1970(days: i32) -> Option<Date> {
    use jiff::ToSpan as _;
    Date::constant(1970, 1, 1).checked_add(days.days()).ok()
}

/// The rows of an answer.
///
/// # Errors
/// The name of a column that holds what no analysis table does.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Vec<Vec<Option<AnalysisValue>>>, String> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        for (place, row) in rows.iter_mut().enumerate() {
            let value = match column.is_null(place) {
                true => None,
                false => Some(
                    value(column, place)
                        .ok_or_else(|| format!("`{}` is {}", field.name(), field.data_type()))?,
                ),
            };
            row.push(value);
        }
    }
    Ok(rows)
}

fn value(column: &ArrayRef, place: usize) -> Option<AnalysisValue> {
    match column.data_type() {
        DataType::Int64 => Some(AnalysisValue::Number(
            column.as_primitive::<Int64Type>().value(place),
        )),
        DataType::Boolean => Some(AnalysisValue::Flag(column.as_boolean().value(place))),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(place);
            day_since_1970(days).map(AnalysisValue::Day)
        }
        DataType::Utf8 => a_code(column.as_string::<i32>().value(place)),
        DataType::LargeUtf8 => a_code(column.as_string::<i64>().value(place)),
        DataType::Utf8View => a_code(column.as_string_view().value(place)),
        _ => None,
    }
}

fn a_code(text: &str) -> Option<AnalysisValue> {
    Code::parse(text).ok().map(AnalysisValue::Code)
}
