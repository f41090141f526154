//! Worked cases: a few rows, and what a measure makes of them.

use std::collections::BTreeMap;

use clearpicture_kernel::{
    AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Code, Date, Holds, Month, Timestamp,
};
use serde::Deserialize;

use crate::runner::Given;

/// One worked case of a measure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a sentence.
    pub says: String,
    /// The month that is asked for.
    pub month: Month,
    /// The rows of each analysis table that is not empty; a column left out is "not told".
    pub given: BTreeMap<String, Vec<BTreeMap<String, toml::Value>>>,
    /// How many each part comes to; a part left out comes to none.
    pub gives: BTreeMap<Code, u64>,
    /// How many of all are complete; all, when left out.
    pub complete: Option<u64>,
}

/// Why the rows of a case are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the case \"{says}\": {problem}")]
pub struct CaseFault {
    says: String,
    problem: String,
}

impl Case {
    /// The rows of every table of `tables`; none where the case gives none.
    ///
    /// # Errors
    /// [`CaseFault`] naming a table or a column that is not there, or a value of another kind.
    pub fn rows(&self, tables: &[AnalysisTable]) -> Result<Vec<Given>, CaseFault> {
        let fault = |problem: String| CaseFault {
            says: self.says.clone(),
            problem,
        };
        let known = |name: &str| tables.iter().any(|table| table.name == name);
        if let Some(unknown) = self.given.keys().find(|name| !known(name)) {
            return Err(fault(format!("there is no analysis table `{unknown}`")));
        }
        let mut given = Vec::new();
        for table in tables {
            let mut rows = Vec::new();
            for (cells, seq) in self.given.get(table.name).into_iter().flatten().zip(1..) {
                rows.push(row(table, cells, seq).map_err(&fault)?);
            }
            given.push(Given {
                table: *table,
                rows,
            });
        }
        Ok(given)
    }
}

fn row(
    table: &AnalysisTable,
    cells: &BTreeMap<String, toml::Value>,
    seq: i64,
) -> Result<AnalysisRow, String> {
    let known = |name: &str| table.columns.iter().any(|column| column.name == name);
    if let Some(unknown) = cells.keys().find(|name| !known(name)) {
        return Err(format!("`{}` has no column `{unknown}`", table.name));
    }
    let values = table.columns.iter().map(|column| {
        cells
            .get(column.name)
            .map(|cell| value(column, cell))
            .transpose()
    });
    let row = AnalysisRow {
        seq,
        place: 0,
        recorded_at: Timestamp::UNIX_EPOCH,
        values: values.collect::<Result<_, _>>()?,
    };
    if row.fits(table) {
        Ok(row)
    } else {
        Err(format!("a row of `{}` lacks its key", table.name))
    }
}

fn value(column: &AnalysisColumn, cell: &toml::Value) -> Result<AnalysisValue, String> {
    let fits = match (column.holds, cell) {
        (Holds::Surrogate, toml::Value::Integer(number)) => Some(AnalysisValue::Surrogate(*number)),
        (Holds::Number, toml::Value::Integer(number)) => Some(AnalysisValue::Number(*number)),
        (Holds::Flag, toml::Value::Boolean(flag)) => Some(AnalysisValue::Flag(*flag)),
        (Holds::Code, toml::Value::String(text)) => Code::parse(text).ok().map(AnalysisValue::Code),
        (Holds::Day, toml::Value::Datetime(day)) if day.time.is_none() => {
            let day = day.to_string().parse::<Date>();
            day.ok().map(AnalysisValue::Day)
        }
        _ => None,
    };
    let wanted = match column.holds {
        Holds::Surrogate | Holds::Number => "a whole number",
        Holds::Flag => "true or false",
        Holds::Code => "a code in quotation marks",
        Holds::Day => "a day such as 2026-10-31",
    };
    fits.ok_or_else(|| format!("`{} = {cell}` is not {wanted}", column.name))
}
