//! Rows that a change brings with it: many, insert-only, and proven by one digest.
//!
//! A file of a million rows is one change. Its record has one entry of history; the rows lie in tables made by
//! [`Table::brought`](crate::schema::Table::brought), each with the number of that entry, and the entry holds a
//! digest of them all. [`Store::verify`] computes it again, so a row altered, added or taken away behind the program's
//! back is found by the entry that brought it.

use std::collections::BTreeMap;
use std::ops::Range;
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
use crate::put::{Taken, rows_at_once, run};
use crate::record::Record;
use crate::schema::{SEQ, Table};
use crate::transfer::{Cell, Row, insertion, text_key};
use crate::verify::Broken;
use crate::write::Prepared;

/// Rows for a change to bring.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// By table, in the order of their names.
    tables: BTreeMap<String, Packed>,
    /// The keys of subjects that come with the rows.
    keys: Vec<WrappedKey>,
}

/// The rows for one table, as [`Row::to_bytes`] tells them and without the number of the entry that brings them: a
/// row takes one piece of memory, not one for each of its cells.
#[derive(Debug, Clone, Default)]
struct Packed {
    /// The columns, in the order of each row's cells.
    columns: Vec<&'static str>,
    bytes: Vec<u8>,
    /// Where each row lies in `bytes`.
    rows: Vec<Range<usize>>,
}

impl Batch {
    /// Adds a row of a table made by [`Table::brought`](crate::schema::Table::brought). Its `seq` is left unset. Of two
    /// with one id the later counts.
    pub fn add<A: ActiveModelTrait>(&mut self, mut row: A) {
        let columns = || <A::Entity as EntityTrait>::Column::iter();
        let entity = A::Entity::default();
        if !self.tables.contains_key(entity.table_name()) {
            let packed = Packed {
                columns: columns().map(|column| column.as_str()).collect(),
                ..Packed::default()
            };
            self.tables.insert(entity.table_name().to_owned(), packed);
        }
        let Some(packed) = self.tables.get_mut(entity.table_name()) else {
            return;
        };
        let begins = packed.bytes.len();
        for column in columns() {
            let cell = match row.take(column).into_value() {
                // Not known before the entry is.
                _ if column.as_str() == SEQ => Cell::Integer(0),
                Some(value) => Cell::of(value),
                None => Cell::Empty,
            };
            cell.put(&mut packed.bytes);
        }
        packed.rows.push(begins..packed.bytes.len());
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

impl Packed {
    fn bytes(&self, row: &Range<usize>) -> &[u8] {
        self.bytes.get(row.clone()).unwrap_or_default()
    }

    /// Puts the rows in the order of their ids, each id once.
    fn sort(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let id = |row: &Range<usize>| text_key(self.bytes(row));
        // The sort keeps the order of those with one id, of which the last stays.
        rows.reverse();
        rows.sort_by(|a, b| id(a).cmp(id(b)));
        rows.dedup_by(|later, first| id(later) == id(first));
        self.rows = rows;
    }
}

/// The digest of rows up to `row`, whose number is left out: it is not known when the digest is made.
fn after(before: &Digest, table: &Table, row: &[u8]) -> Digest {
    Digest::of_parts(&[
        b"clearpicture.batch.1",
        before.as_bytes(),
        table.name.as_bytes(),
        row,
    ])
}

/// A batch laid out as its tables lie, with the digest of it all: ready for a change to bring.
#[derive(Debug, Default)]
pub struct Brought {
    digest: Digest,
    tables: Vec<(Table, Packed)>,
    keys: Vec<WrappedKey>,
}

impl Brought {
    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Adds the rows as those of the entry `seq`.
    pub(crate) async fn insert(&self, work: &impl ConnectionTrait, seq: i64) -> Result<(), DbErr> {
        // What the rows hold is sealed under these very keys. Were another to stand in the place of one, nobody could ever
        // open those rows: the change is refused instead.
        add_keys(work, &self.keys, Taken::IsAFault).await?;
        let backend = work.get_database_backend();
        for (table, packed) in &self.tables {
            let place = table.columns.iter().position(|column| column.name == SEQ);
            let row = |at: &Range<usize>| {
                let row = Row::from_bytes(table, packed.bytes(at));
                let row = row.ok_or_else(|| DbErr::Type(format!("a row of `{}`", table.name)))?;
                Ok(match place {
                    Some(place) => row.with(place, Cell::Integer(seq)),
                    None => row,
                })
            };
            let statements = packed
                .rows
                .chunks(rows_at_once(table.columns.len()))
                .filter_map(|rows| {
                    let rows: Result<Vec<Row>, DbErr> = rows.iter().map(row).collect();
                    rows.map(|rows| insertion(table, backend, rows)).transpose()
                });
            run(work, statements).await?;
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
    /// Lays out a batch, which takes as long as there are rows, before the change that brings it can be prepared.
    ///
    /// # Errors
    /// [`StoreFault::NotBrought`] when a row's table is not made for it.
    pub fn lay_out(&self, batch: Batch) -> Result<Brought, StoreFault> {
        let mut digest = Digest::ZERO;
        let mut tables = Vec::with_capacity(batch.tables.len());
        for (name, mut packed) in batch.tables {
            let named = |table: &&Table| table.name == name && table.is_brought();
            let table = self.inner.tables.iter().find(named);
            let fits = |table: &&Table| {
                let columns = table.columns.iter().map(|column| column.name);
                columns.eq(packed.columns.iter().copied())
            };
            let Some(table) = table.filter(fits) else {
                return Err(StoreFault::NotBrought(name));
            };
            packed.sort();
            for row in &packed.rows {
                digest = after(&digest, table, packed.bytes(row));
            }
            tables.push((table.clone(), packed));
        }
        Ok(Brought {
            digest,
            tables,
            keys: batch.keys,
        })
    }

    /// The same change, which brings rows with it: all of them, or nothing happens.
    #[must_use]
    pub fn bringing(&self, prepared: Prepared, brought: Brought) -> Prepared {
        if brought.is_empty() {
            return prepared;
        }
        let mut change = prepared.0;
        change.claim.batch = Some(brought.digest.to_vec());
        change.brought = Some(Arc::new(brought));
        Prepared(change)
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
                digest = after(&digest, table, &row.to_bytes());
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
