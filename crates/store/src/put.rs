//! Rows put in place, new or changed: many of one table by one statement.

use std::borrow::Cow;
use std::collections::BTreeSet;

use futures_util::future::join;
use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityName as _, EntityTrait,
    IdenStatic as _, Iterable as _, Statement,
};

/// The most values that one statement adds: far fewer than either database takes, and so many that a statement stays
/// within a processor's own memory. Longer ones were slower.
const VALUES_AT_ONCE: usize = 1_500;

/// The most rows of so many columns that one statement adds.
pub(crate) const fn rows_at_once(columns: usize) -> usize {
    match VALUES_AT_ONCE.checked_div(columns) {
        Some(rows) if rows > 0 => rows,
        _ => 1,
    }
}

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
    let backend = work.get_database_backend();
    let statements = together(rows).into_iter().filter_map(|rows| {
        let first = rows.first()?;
        let values = rows.iter().flat_map(|row| row.values.iter().cloned());
        let insert = Insert {
            table: &first.table,
            columns: &first.columns,
            taken: Taken::IsReplaced,
        };
        Some(Ok(insert.statement(backend, values.collect())))
    });
    run(work, statements).await
}

/// Rows that one statement puts in place, for each statement. None puts a row in place twice.
fn together<'a>(rows: &[&'a PartRow]) -> Vec<Vec<&'a PartRow>> {
    let mut done = Vec::new();
    let mut open: Vec<(Vec<&PartRow>, BTreeSet<Cow<'_, str>>)> = Vec::new();
    for row in rows {
        let place = open
            .iter()
            .position(|(rows, _)| rows.first().is_some_and(|first| first.is_like(row)));
        let Some((rows, keys)) = place.and_then(|place| open.get_mut(place)) else {
            open.push((vec![row], BTreeSet::from([row.key()])));
            continue;
        };
        if rows.len() >= rows_at_once(row.columns.len()) || !keys.insert(row.key()) {
            done.push(std::mem::take(rows));
            *keys = BTreeSet::from([row.key()]);
        }
        rows.push(row);
    }
    done.extend(open.into_iter().map(|(rows, _)| rows));
    done
}

/// Executes statements one after another. The next is made while the database is at work on the one before.
pub(crate) async fn run(
    work: &impl ConnectionTrait,
    mut statements: impl Iterator<Item = Result<Statement, DbErr>>,
) -> Result<(), DbErr> {
    let mut next = statements.next();
    while let Some(statement) = next {
        let at_work = work.execute_raw(statement?);
        let (done, made) = join(at_work, async { statements.next() }).await;
        done?;
        next = made;
    }
    Ok(())
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

/// How rows are added to a table, many by one statement.
///
/// The statement is written here rather than by the query builder, which keeps two more copies of every value: with a
/// million rows that is most of what adding them costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Insert<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a [&'a str],
    pub(crate) taken: Taken,
}

impl Insert<'_> {
    /// The statement that adds rows: `values` holds those of one row after those of another, and at least one row.
    pub(crate) fn statement(self, backend: DbBackend, values: Vec<Value>) -> Statement {
        let Self {
            table,
            columns,
            taken,
        } = self;
        // A statement that fails leaves SQLite nothing to undo: whoever writes undoes the whole transaction. Without
        // that word SQLite keeps a copy of every page that the statement touches.
        let or_fail = match backend {
            DbBackend::Sqlite => "OR FAIL ",
            _ => "",
        };
        let mut sql = format!(
            "INSERT {or_fail}INTO \"{table}\" (\"{}\") VALUES ",
            columns.join("\", \"")
        );
        for number in 0..values.len() {
            sql.push_str(match number.checked_rem(columns.len()) {
                Some(0) if number == 0 => "(",
                Some(0) => "), (",
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
        Statement::from_sql_and_values(backend, sql, values)
    }
}
