//! Rows that a change brings with it: many, insert-only, and proven by one digest.
//!
//! A file of a million rows is one change. Its record has one entry of history; the rows lie in tables made by
//! [`Table::brought`](crate::schema::Table::brought), each with the number of that entry, and the entry holds a
//! digest of them all. [`Store::verify`] computes it again, so a row altered, added or taken away behind the program's
//! back is found by the entry that brought it.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearpicture_access::{Action, Permit, Scope};
use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityName as _, EntityTrait, FromQueryResult,
    IdenStatic as _, Iterable as _, Select,
};

use crate::chain::Chain;
use crate::commit::add_keys;
use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::keys::{KeyScope, WrappedKey};
use crate::open::Store;
use crate::record::Record;
use crate::schema::{Column, SEQ, Table};
use crate::transfer::{Cell, Row, insert};
use crate::verify::Broken;
use crate::write::Prepared;

/// Rows added by one statement.
const AT_ONCE: usize = 200;

/// Rows for a change to bring.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// By table, in the order of their names.
    tables: BTreeMap<String, Gathered>,
    /// The keys of subjects that come with the rows.
    keys: Vec<WrappedKey>,
}

/// The rows for one table.
#[derive(Debug, Clone)]
struct Gathered {
    /// The columns, in the order of each row's cells; the row's id first.
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Batch {
    /// Adds a row of a table made by [`Table::brought`](crate::schema::Table::brought). Its `seq` is left unset. Of two
    /// with one id the later counts.
    pub fn add<A: ActiveModelTrait>(&mut self, mut row: A) {
        let columns = || <A::Entity as EntityTrait>::Column::iter();
        let entity = A::Entity::default();
        if !self.tables.contains_key(entity.table_name()) {
            let gathered = Gathered {
                columns: columns().map(|column| column.as_str()).collect(),
                rows: Vec::new(),
            };
            self.tables.insert(entity.table_name().to_owned(), gathered);
        }
        if let Some(gathered) = self.tables.get_mut(entity.table_name()) {
            let cells = columns().map(|column| {
                let value = row.take(column).into_value();
                value.map_or(Cell::Empty, Cell::of)
            });
            gathered.rows.push(cells.collect());
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The rows laid out as the tables' columns lie, and the digest of them all.
    fn lay_out(self, tables: &[Table]) -> Result<Brought, StoreFault> {
        let mut digest = Digest::ZERO;
        let mut laid_out = Vec::new();
        for (name, gathered) in self.tables {
            let table = tables
                .iter()
                .find(|table| table.name == name && table.is_brought())
                .ok_or(StoreFault::NotBrought(name))?;
            let rows = gathered.lay_out(table);
            for row in &rows {
                digest = after(&digest, table, row);
            }
            laid_out.push((table.clone(), rows));
        }
        Ok(Brought {
            digest,
            tables: laid_out,
            keys: self.keys,
        })
    }
}

impl Gathered {
    /// The rows in the order of their ids, each with its cells as `table` has its columns.
    fn lay_out(self, table: &Table) -> Vec<Row> {
        let Self { columns, mut rows } = self;
        let places: Vec<Option<usize>> = table
            .columns
            .iter()
            .map(|column| columns.iter().position(|name| *name == column.name))
            .collect();
        // The sort keeps the order of those with one id, of which the last stays.
        rows.reverse();
        rows.sort_by(|a, b| a.first().cmp(&b.first()));
        rows.dedup_by(|later, first| later.first() == first.first());
        let laid_out = rows.into_iter().map(|mut cells| {
            let cell = |(place, column): (&Option<usize>, &Column)| match place {
                _ if column.name == SEQ => Cell::Integer(0),
                Some(place) => cells
                    .get_mut(*place)
                    .map_or(Cell::Empty, |cell| std::mem::replace(cell, Cell::Empty)),
                None => Cell::Empty,
            };
            Row::of(places.iter().zip(&table.columns).map(cell).collect())
        });
        laid_out.collect()
    }
}

/// The digest of rows up to `row`, whose number is left out: it is not known when the digest is made.
fn after(before: &Digest, table: &Table, row: &Row) -> Digest {
    Digest::of_parts(&[
        b"clearpicture.batch.1",
        before.as_bytes(),
        table.name.as_bytes(),
        &row.to_bytes(),
    ])
}

/// A batch ready to be committed as often as needed.
#[derive(Debug)]
pub(crate) struct Brought {
    digest: Digest,
    tables: Vec<(Table, Vec<Row>)>,
    keys: Vec<WrappedKey>,
}

impl Brought {
    /// Adds the rows as those of the entry `seq`.
    pub(crate) async fn insert(&self, work: &impl ConnectionTrait, seq: i64) -> Result<(), DbErr> {
        add_keys(work, &self.keys).await?;
        for (table, rows) in &self.tables {
            let place = table.columns.iter().position(|column| column.name == SEQ);
            for rows in rows.chunks(AT_ONCE) {
                let rows = rows.iter().cloned().map(|row| match place {
                    Some(place) => row.with(place, Cell::Integer(seq)),
                    None => row,
                });
                insert(work, table, rows.collect()).await?;
            }
        }
        Ok(())
    }
}

/// Text that stands in a row of a batch, sealed under the key of whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedText {
    /// The key's id.
    pub key_id: String,
    /// The sealed bytes.
    pub body: Vec<u8>,
}

impl Store {
    /// The same change, which brings the rows of `batch` with it: all of them, or nothing happens.
    ///
    /// # Errors
    /// [`StoreFault::NotBrought`] when a row's table is not made for it.
    pub fn bringing(&self, prepared: Prepared, batch: Batch) -> Result<Prepared, StoreFault> {
        if batch.is_empty() {
            return Ok(prepared);
        }
        let mut change = prepared.0;
        let brought = batch.lay_out(&self.inner.tables)?;
        change.claim.batch = Some(brought.digest.to_vec());
        change.brought = Some(Arc::new(brought));
        Ok(Prepared(change))
    }

    /// Makes the key of a subject that this batch is the first to bring, and that nobody else knows of: it comes with the
    /// batch, and what the batch holds can be sealed under it at once.
    pub fn bring_key(&self, batch: &mut Batch, scope: &KeyScope) {
        let key = self.inner.vault.fresh_for_new(&scope.column());
        batch.keys.push(key);
    }

    /// Seals `plain` for the column of the row `id` of `table`: it opens nowhere else.
    ///
    /// # Errors
    /// [`StoreFault`] when the key cannot be had.
    pub async fn seal_text(
        &self,
        scope: &KeyScope,
        table: &str,
        id: &str,
        plain: &[u8],
    ) -> Result<SealedText, StoreFault> {
        let key = self.key_of(scope).await?;
        Ok(SealedText {
            body: key.seal(self.ambient(), &place(table, id), plain),
            key_id: key.id,
        })
    }

    /// Opens what [`Store::seal_text`] made.
    ///
    /// # Errors
    /// [`StoreFault`] when it was altered, stood elsewhere, or its key is gone.
    pub async fn open_text(
        &self,
        table: &str,
        id: &str,
        sealed: &SealedText,
    ) -> Result<Vec<u8>, StoreFault> {
        let key = self.key(&sealed.key_id).await?;
        Ok(key.open(&place(table, id), &sealed.body)?)
    }

    /// The brought rows that `select` finds about the record of `permit`. When the record is about a person, the read
    /// log tells of it first.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn brought<A, E>(
        &self,
        permit: &Permit<A>,
        select: Select<E>,
    ) -> Result<Vec<E::Model>, StoreFault>
    where
        A: Action,
        A::On: Record,
        E: EntityTrait,
    {
        self.note_look::<A::On>(permit.grounds()).await?;
        Ok(select.all(self.reader()).await?)
    }

    /// The brought rows that `select` finds about records within `scope`; none when nothing is within it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn brought_within<A, E>(
        &self,
        scope: &Scope<A>,
        select: Select<E>,
    ) -> Result<Vec<E::Model>, StoreFault>
    where
        A: Action,
        A::On: Record,
        E: EntityTrait,
    {
        self.brought_as::<A, E, E::Model>(scope, select).await
    }

    /// The same, with those columns of each row that make an `M`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn brought_as<A, E, M>(
        &self,
        scope: &Scope<A>,
        select: Select<E>,
    ) -> Result<Vec<M>, StoreFault>
    where
        A: Action,
        A::On: Record,
        E: EntityTrait,
        M: FromQueryResult,
    {
        if scope.plain().is_empty() && scope.involved().is_empty() && scope.break_glass().is_empty()
        {
            return Ok(Vec::new());
        }
        Ok(select.into_model::<M>().all(self.latest()).await?)
    }
}

fn place(table: &str, id: &str) -> Vec<u8> {
    format!("clearpicture.row.1\n{table}\n{id}").into_bytes()
}

/// Proves that the rows which entries brought are what was brought, and that no entry brought any other.
pub(crate) async fn verify_batches(
    connection: &impl ConnectionTrait,
    tables: &[Table],
) -> Result<(), Broken> {
    let mut tables: Vec<&Table> = tables.iter().filter(|table| table.is_brought()).collect();
    tables.sort_by_key(|table| table.name);
    let select = Entry::select()
        .and_where(Expr::col(Alias::new("batch")).is_not_null())
        .order_by(Alias::new(SEQ), Order::Asc)
        .to_owned();
    for entry in connection.query_all(&select).await? {
        let entry = Entry::read(&entry)?;
        let mut digest = Digest::ZERO;
        for table in &tables {
            let Some(place) = table.columns.iter().position(|column| column.name == SEQ) else {
                continue;
            };
            let rows = Row::select(table)
                .and_where(Expr::col(Alias::new(SEQ)).eq(entry.seq))
                .order_by(Alias::new(table.key()), Order::Asc)
                .to_owned();
            for row in connection.query_all(&rows).await? {
                let row = Row::read(table, &row)?.with(place, Cell::Integer(0));
                digest = after(&digest, table, &row);
            }
        }
        if entry.claim.batch.as_deref() != Some(digest.as_bytes().as_slice()) {
            return Err(Broken::BatchAltered(entry.seq));
        }
    }
    for table in tables {
        stray(connection, table).await?;
    }
    Ok(())
}

/// Refuses a row that no entry brought.
async fn stray(connection: &impl ConnectionTrait, table: &Table) -> Result<(), Broken> {
    let column = |table: &str, name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    let bringer = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new(Chain::Entry.table()))
        .and_where(column(Chain::Entry.table(), SEQ).eq(column(table.name, SEQ)))
        .and_where(column(Chain::Entry.table(), "batch").is_not_null())
        .to_owned();
    let select = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new(table.name))
        .and_where(Expr::exists(bringer).not())
        .limit(1)
        .to_owned();
    match connection.query_one(&select).await? {
        Some(_) => Err(Broken::Stray(table.name)),
        None => Ok(()),
    }
}
