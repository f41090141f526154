//! Rows put in place, new or changed: many of one table by one statement.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Alias, Expr, InsertStatement, OnConflict, Query, Value};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityName as _, EntityTrait, IdenStatic as _,
    Iterable as _,
};

/// The most rows that one statement puts in place.
const AT_ONCE: usize = 200;

/// A row about to be put in place beside a record's own.
#[derive(Debug, Clone)]
pub struct PartRow {
    table: String,
    columns: Vec<&'static str>,
    values: Vec<Value>,
}

/// The row to put in place, new or changed; the key is the first column.
pub fn part<A: ActiveModelTrait>(mut row: A) -> PartRow {
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let Some(value) = row.take(column).into_value() {
            columns.push(column.as_str());
            values.push(value);
        }
    }
    PartRow {
        table: A::Entity::default().table_name().to_owned(),
        columns,
        values,
    }
}

impl PartRow {
    /// Whether one statement can put this row in place as well as `other`.
    fn is_like(&self, other: &Self) -> bool {
        self.table == other.table && self.columns == other.columns
    }

    fn key(&self) -> String {
        self.values
            .first()
            .map_or(String::new(), |key| format!("{key:?}"))
    }
}

/// Puts all of `rows` in place. Rows of one table keep their order; a row put in place twice is as the later says.
pub(crate) async fn put_in_place(
    work: &impl ConnectionTrait,
    rows: &[&PartRow],
) -> Result<(), DbErr> {
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for row in rows {
        let place = waiting
            .iter()
            .position(|one| one.rows.first().is_some_and(|first| first.is_like(row)));
        let place = place.unwrap_or_else(|| {
            waiting.push(Waiting::default());
            waiting.len() - 1
        });
        let Some(one) = waiting.get_mut(place) else {
            continue;
        };
        // One statement puts no row in place twice.
        if one.rows.len() >= AT_ONCE || !one.keys.insert(row.key()) {
            one.put(work).await?;
            one.keys.insert(row.key());
        }
        one.rows.push(row);
    }
    for mut one in waiting {
        one.put(work).await?;
    }
    Ok(())
}

/// Rows of one table that wait for their statement.
#[derive(Default)]
struct Waiting<'a> {
    rows: Vec<&'a PartRow>,
    keys: BTreeSet<String>,
}

impl Waiting<'_> {
    async fn put(&mut self, work: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Some(first) = self.rows.first() else {
            return Ok(());
        };
        let mut insert = Query::insert();
        let mut columns = first.columns.iter().map(|column| Alias::new(*column));
        insert
            .into_table(Alias::new(&first.table))
            .columns(columns.clone());
        for row in &self.rows {
            insert.values_panic(row.values.iter().cloned().map(Expr::val));
        }
        if let Some(key) = columns.next() {
            let mut conflict = OnConflict::column(key);
            conflict.update_columns(columns);
            insert.on_conflict(conflict);
        }
        self.rows.clear();
        self.keys.clear();
        run(work, &insert).await
    }
}

async fn run(work: &impl ConnectionTrait, insert: &InsertStatement) -> Result<(), DbErr> {
    work.execute(insert).await.map(|_| ())
}
