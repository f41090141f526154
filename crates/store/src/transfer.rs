//! Rows of any declared table as plain values: read page by page from one
//! unmoving view of the database, written in batches, and told as bytes.
//!
//! What backups, restores and rebuilds stand on. Nothing here knows what a row
//! means, and nothing holds more than a page of rows.

use std::fmt;
use std::vec::IntoIter;

use data_encoding::HEXLOWER;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement, Value};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    QueryResult, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::connect::Connections;
use crate::put::{Insert, Taken, run};
use crate::schema::{Column, ColumnType, Table};

/// Rows read or written at once. With the widest table it stays far below the
/// parameters that either database takes in one statement.
const PAGE: usize = 200;

/// One view of the database that nobody's later commit changes.
pub(crate) async fn snapshot(connections: &Connections) -> Result<DatabaseTransaction, DbErr> {
    // In SQLite every transaction that only reads is such a view.
    let options = match connections.backend {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions::default(),
    };
    connections.reader.begin_with_options(options).await
}

/// What one column of one row holds. Keys are compared by it, text by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Integer(i64),
    Bytes(Vec<u8>),
    Flag(bool),
}

impl Cell {
    /// The cell that an entity's value makes.
    pub(crate) fn of(value: Value) -> Self {
        match value {
            Value::String(Some(text)) => Self::Text(text),
            Value::BigInt(Some(number)) => Self::Integer(number),
            Value::Bytes(Some(bytes)) => Self::Bytes(bytes),
            Value::Bool(Some(flag)) => Self::Flag(flag),
            _ => Self::Empty,
        }
    }

    fn read(column: &Column, row: &QueryResult) -> Result<Self, DbErr> {
        let name = column.name;
        let cell = match column.holds {
            ColumnType::Text => row.try_get::<Option<String>>("", name)?.map(Self::Text),
            ColumnType::Integer => row.try_get::<Option<i64>>("", name)?.map(Self::Integer),
            ColumnType::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.map(Self::Bytes),
            ColumnType::Flag => row.try_get::<Option<bool>>("", name)?.map(Self::Flag),
        };
        Ok(cell.unwrap_or(Self::Empty))
    }

    /// The value to bind for `column`; an empty one still has the column's type.
    fn value(self, column: &Column) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Integer(number) => number.into(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Flag(flag) => flag.into(),
            Self::Empty => match column.holds {
                ColumnType::Text => Value::String(None),
                ColumnType::Integer => Value::BigInt(None),
                ColumnType::Bytes => Value::Bytes(None),
                ColumnType::Flag => Value::Bool(None),
            },
        }
    }

    /// Puts the cell at the end of `bytes`.
    pub(crate) fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Empty => bytes.push(0),
            Self::Text(text) => put_long(bytes, 1, text.as_bytes()),
            Self::Integer(number) => {
                bytes.push(2);
                bytes.extend(number.to_be_bytes());
            }
            Self::Bytes(long) => put_long(bytes, 3, long),
            Self::Flag(flag) => bytes.extend([4, u8::from(*flag)]),
        }
    }

    /// Takes one cell off the front of `bytes`.
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let tag = take_array::<1>(bytes)?;
        Some(match tag {
            [0] => Self::Empty,
            [1] => Self::Text(String::from_utf8(take_long(bytes)?.to_vec()).ok()?),
            [2] => Self::Integer(i64::from_be_bytes(take_array(bytes)?)),
            [3] => Self::Bytes(take_long(bytes)?.to_vec()),
            [4] => Self::Flag(take_array::<1>(bytes)? == [1]),
            _ => return None,
        })
    }
}

fn put_long(bytes: &mut Vec<u8>, tag: u8, long: &[u8]) {
    bytes.push(tag);
    bytes.extend((long.len() as u64).to_be_bytes());
    bytes.extend(long);
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn take_long<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_be_bytes(take_array(bytes)?)).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// A key as messages name it.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Bytes(bytes) => f.write_str(&HEXLOWER.encode(bytes)),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// One row, its cells in the order of the table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row(Vec<Cell>);

impl Row {
    /// The same row with another cell at `place`.
    pub(crate) fn with(mut self, place: usize, cell: Cell) -> Self {
        if let Some(old) = self.0.get_mut(place) {
            *old = cell;
        }
        self
    }

    /// A statement that selects whole rows of `table`.
    pub(crate) fn select(table: &Table) -> SelectStatement {
        let columns = table.columns.iter().map(|column| Alias::new(column.name));
        Query::select()
            .columns(columns)
            .from(Alias::new(table.name))
            .to_owned()
    }

    pub(crate) fn read(table: &Table, row: &QueryResult) -> Result<Self, DbErr> {
        let cells = table.columns.iter().map(|column| Cell::read(column, row));
        cells.collect::<Result<_, _>>().map(Self)
    }

    /// The key: the first cell.
    pub(crate) fn key(&self) -> &Cell {
        self.0.first().unwrap_or(&Cell::Empty)
    }

    /// The first column in which two rows of `table` differ.
    pub(crate) fn first_difference(&self, other: &Self, table: &Table) -> Option<&'static str> {
        table
            .columns
            .iter()
            .zip(self.0.iter().zip(&other.0))
            .find(|(_, (here, there))| here != there)
            .map(|(column, _)| column.name)
    }

    /// The row as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for cell in &self.0 {
            cell.put(&mut bytes);
        }
        bytes
    }

    /// The row of `table` that [`Row::to_bytes`] told.
    pub(crate) fn from_bytes(table: &Table, mut bytes: &[u8]) -> Option<Self> {
        let mut cells = Vec::with_capacity(table.columns.len());
        for _ in &table.columns {
            cells.push(Cell::take(&mut bytes)?);
        }
        bytes.is_empty().then_some(Self(cells))
    }
}

/// The key of a row that [`Row::to_bytes`] told, where it is text; nothing otherwise.
pub(crate) fn text_key(mut row: &[u8]) -> &[u8] {
    match take_array::<1>(&mut row) {
        Some([1]) => take_long(&mut row).unwrap_or_default(),
        _ => &[],
    }
}

/// The rows of one table in the order of their keys.
pub(crate) struct Rows<'a, C> {
    connection: &'a C,
    table: &'a Table,
    page: IntoIter<Row>,
    last: Option<Cell>,
}

impl<'a, C: ConnectionTrait> Rows<'a, C> {
    /// All rows of `table`, read over `connection`, which should be a [`snapshot`].
    pub(crate) fn of(connection: &'a C, table: &'a Table) -> Self {
        Self {
            connection,
            table,
            page: Vec::new().into_iter(),
            last: None,
        }
    }

    /// The next row; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Row>, DbErr> {
        if self.page.as_slice().is_empty() {
            self.page = self.next_page().await?.into_iter();
        }
        Ok(self.page.next())
    }

    /// The next page; empty after the last.
    pub(crate) async fn next_page(&mut self) -> Result<Vec<Row>, DbErr> {
        let Some(key) = self.table.columns.first() else {
            return Ok(Vec::new());
        };
        let mut select = Row::select(self.table);
        select
            .order_by(Alias::new(key.name), Order::Asc)
            .limit(PAGE as u64);
        if let Some(last) = &self.last {
            select.and_where(Expr::col(Alias::new(key.name)).gt(last.clone().value(key)));
        }
        let mut page = Vec::with_capacity(PAGE);
        for row in self.connection.query_all(&select).await? {
            page.push(Row::read(self.table, &row)?);
        }
        if let Some(row) = page.last() {
            self.last = Some(row.key().clone());
        }
        Ok(page)
    }
}

/// Adds `rows` to `table`.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    table: &Table,
    rows: Vec<Row>,
) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let statement = insertion(table, backend, rows).map(Ok);
    run(connection, statement.into_iter()).await
}

/// The statement that adds `rows` to `table`; `None` when there is none.
pub(crate) fn insertion(
    table: &Table,
    backend: DbBackend,
    rows: impl IntoIterator<Item = Row>,
) -> Option<Statement> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut values = Vec::new();
    for row in rows {
        let cells = row.0.into_iter().zip(&table.columns);
        values.extend(cells.map(|(cell, column)| cell.value(column)));
    }
    let insert = Insert {
        table: table.name,
        columns: &columns,
        taken: Taken::IsAFault,
    };
    (!values.is_empty()).then(|| insert.statement(backend, values))
}

/// Gathers rows and adds them to a table a batch at a time.
pub(crate) struct Batch<'a> {
    pub(crate) table: &'a Table,
    rows: Vec<Row>,
}

impl<'a> Batch<'a> {
    pub(crate) fn of(table: &'a Table) -> Self {
        Self {
            table,
            rows: Vec::with_capacity(PAGE),
        }
    }

    pub(crate) async fn add(
        &mut self,
        connection: &impl ConnectionTrait,
        row: Row,
    ) -> Result<(), DbErr> {
        self.rows.push(row);
        if self.rows.len() >= PAGE {
            self.finish(connection).await?;
        }
        Ok(())
    }

    /// Adds what is left.
    pub(crate) async fn finish(&mut self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        insert(connection, self.table, std::mem::take(&mut self.rows)).await
    }
}

/// Copies all rows of `table` from one database to another, and counts them.
pub(crate) async fn copy(
    from: &impl ConnectionTrait,
    to: &impl ConnectionTrait,
    table: &Table,
) -> Result<u64, DbErr> {
    let mut rows = Rows::of(from, table);
    let mut copied = 0;
    loop {
        let page = rows.next_page().await?;
        if page.is_empty() {
            return Ok(copied);
        }
        copied += page.len() as u64;
        insert(to, table, page).await?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::{TableClass, bytes, flag, integer, text};

    fn cell(column: &Column) -> BoxedStrategy<Cell> {
        let full = match column.holds {
            ColumnType::Text => any::<String>().prop_map(Cell::Text).boxed(),
            ColumnType::Integer => any::<i64>().prop_map(Cell::Integer).boxed(),
            ColumnType::Bytes => any::<Vec<u8>>().prop_map(Cell::Bytes).boxed(),
            ColumnType::Flag => any::<bool>().prop_map(Cell::Flag).boxed(),
        };
        prop_oneof![Just(Cell::Empty), full].boxed()
    }

    fn table() -> Table {
        let columns = [text("a"), integer("b"), bytes("c"), flag("d")];
        Table::new("kite", TableClass::Version, &columns)
    }

    fn row() -> impl Strategy<Value = Row> {
        let cells: Vec<_> = table().columns.iter().map(cell).collect();
        cells.prop_map(Row)
    }

    proptest! {
        #[test]
        fn every_row_survives_being_told_as_bytes(row in row()) {
            prop_assert_eq!(Row::from_bytes(&table(), &row.to_bytes()), Some(row));
        }

        #[test]
        fn any_bytes_are_a_row_or_refused(bytes: Vec<u8>) {
            if let Some(row) = Row::from_bytes(&table(), &bytes) {
                prop_assert_eq!(Row::from_bytes(&table(), &row.to_bytes()), Some(row));
            }
        }
    }
}
