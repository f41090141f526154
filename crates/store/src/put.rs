//! Rows put in place, new or changed: many of one table by one statement.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityName as _, EntityTrait,
    IdenStatic as _, Iterable as _, Statement,
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

    fn key(&self) -> Cow<'_, str> {
        match self.values.first() {
            Some(Value::String(Some(key))) => Cow::Borrowed(key),
            Some(key) => Cow::Owned(format!("{key:?}")),
            None => Cow::Borrowed(""),
        }
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
    keys: BTreeSet<Cow<'a, str>>,
}

impl Waiting<'_> {
    async fn put(&mut self, work: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Some(first) = self.rows.first() else {
            return Ok(());
        };
        let (table, columns) = (first.table.clone(), first.columns.clone());
        let rows = self.rows.iter().flat_map(|row| row.values.iter().cloned());
        let values = rows.collect();
        self.rows.clear();
        self.keys.clear();
        insert(work, &table, &columns, values, Taken::IsReplaced).await
    }
}

/// What becomes of a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Nothing is added, and that is a fault.
    IsAFault,
    /// The row that is there stays. The column tells one row from another.
    Stays(&'static str),
    /// The row that is there becomes as the new one says. The first column tells one row from another.
    IsReplaced,
}

/// Adds rows to a table by one statement, with the values of one row after those of another.
///
/// The statement is written here rather than by the query builder, which keeps two more copies of every value: with a
/// million rows that is most of what adding them costs.
pub(crate) async fn insert(
    work: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    values: Vec<Value>,
    taken: Taken,
) -> Result<(), DbErr> {
    if values.is_empty() || columns.is_empty() {
        return Ok(());
    }
    let backend = work.get_database_backend();
    let mut sql = format!(
        "INSERT INTO \"{table}\" (\"{}\") VALUES ",
        columns.join("\", \"")
    );
    for number in 0..values.len() {
        sql.push_str(match number % columns.len() {
            0 if number == 0 => "(",
            0 => "), (",
            _ => ", ",
        });
        match backend {
            DbBackend::Postgres => {
                sql.push('$');
                sql.push_str(&(number + 1).to_string());
            }
            _ => sql.push('?'),
        }
    }
    sql.push(')');
    let conflict = match (taken, columns) {
        (Taken::IsReplaced, [key, rest @ ..]) => {
            let rest: Vec<String> = rest
                .iter()
                .map(|column| format!("\"{column}\" = \"excluded\".\"{column}\""))
                .collect();
            let rest = rest.join(", ");
            format!(" ON CONFLICT (\"{key}\") DO UPDATE SET {rest}")
        }
        (Taken::Stays(column), _) => format!(" ON CONFLICT (\"{column}\") DO NOTHING"),
        _ => String::new(),
    };
    sql.push_str(&conflict);
    let statement = Statement::from_sql_and_values(backend, sql, values);
    work.execute_raw(statement).await.map(|_| ())
}
