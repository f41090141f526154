//! Rows that decide something, proven as they are read: each is compared with
//! the newest entry of its record's history.
//!
//! The body of an entry is sealed to its kind, record and version, and no one
//! without the master key can make one. So whoever can only write to the
//! database may raise a role in a table, and gains nothing by it: the row no
//! longer says what its history says, nothing is opened by it, and the log has an
//! alert. A row put back to an older version is found too, since history has a
//! newer one.
//!
//! What a body says of its row is remembered by version, since no version ever
//! changes. Only what stands in the row's own columns is kept, and no body.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use clearpicture_access::AccessClass;
use clearpicture_kernel::TypedId as _;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, EntityTrait, FromQueryResult as _,
    IdenStatic as _, Iterable as _, ModelTrait as _, QueryResult, QueryTrait as _, Select, Value,
};

use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::open::Store;
use crate::record::{Record, Stamp, table_of};
use crate::tables::ENTRY;

/// The version of a row's newest entry, beside the row's own columns.
const NEWEST: &str = "newest_entry_version";
/// Rows remembered before all are forgotten and read from history again.
const KEPT: usize = 20_000;

/// A row that says what its history says.
pub(crate) struct Proven<R: Record> {
    pub(crate) version: u32,
    pub(crate) class: AccessClass,
    pub(crate) row: <R::Row as EntityTrait>::Model,
}

/// What one version's body says of its row.
struct Facts {
    version: u32,
    class: AccessClass,
    /// The columns, in the entity's order.
    row: Vec<Option<Value>>,
}

/// The newest version met of each record, by kind and id.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<BTreeMap<(&'static str, String), Arc<Facts>>>);

impl Remembered {
    fn get(&self, record: &(&'static str, String)) -> Option<Arc<Facts>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(record).cloned()
    }

    fn keep(&self, record: (&'static str, String), facts: &Arc<Facts>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(record, Arc::clone(facts));
    }
}

impl Store {
    /// The first row of `select`, which came from [`Store::select`], found to say what its history says.
    ///
    /// For rows that decide something, such as who a caller is.
    ///
    /// # Errors
    /// [`StoreFault::RowAltered`] when it was changed behind the program's back.
    pub async fn one_proven<R: Record>(
        &self,
        select: Select<R::Row>,
    ) -> Result<Option<<R::Row as EntityTrait>::Model>, StoreFault> {
        let found = self.proven::<R>(select).await?;
        Ok(found.into_iter().next().map(|proven| proven.row))
    }

    /// The rows that `select` finds, each found to say what its history says.
    ///
    /// A row and the number of its newest entry are read by one statement, so that a change made meanwhile is in both
    /// or in neither; the entry of that number never changes.
    pub(crate) async fn proven<R: Record>(
        &self,
        select: Select<R::Row>,
    ) -> Result<Vec<Proven<R>>, StoreFault> {
        let statement = with_newest(select.into_query(), &table_of::<R>());
        let found = self.reader().query_all(&statement).await?;
        let mut proven = Vec::with_capacity(found.len());
        for row in &found {
            proven.push(self.prove(row).await?);
        }
        Ok(proven)
    }

    async fn prove<R: Record>(&self, found: &QueryResult) -> Result<Proven<R>, StoreFault> {
        let row = <R::Row as EntityTrait>::Model::from_query_result(found, "")?;
        let id: String = found.try_get("", "id")?;
        let version: i64 = found.try_get("", "version")?;
        let newest: Option<i64> = found.try_get("", NEWEST)?;
        if newest != Some(version) {
            return Err(altered::<R>(&id, "version"));
        }
        let facts = self.facts::<R>(&id, version).await?;
        for (column, said) in <R::Row as EntityTrait>::Column::iter().zip(&facts.row) {
            if said.as_ref() != Some(&row.get(column)) {
                return Err(altered::<R>(&id, column.as_str()));
            }
        }
        Ok(Proven {
            version: facts.version,
            class: facts.class.clone(),
            row,
        })
    }

    /// What history says of the row of the record `id` at `version`.
    async fn facts<R: Record>(&self, id: &str, version: i64) -> Result<Arc<Facts>, StoreFault> {
        let record = (R::NAME, id.to_owned());
        let known = self.inner.remembered.get(&record);
        if let Some(known) = known.filter(|known| i64::from(known.version) == version) {
            return Ok(known);
        }
        let (Ok(typed), Ok(number)) = (R::Id::parse(id), u32::try_from(version)) else {
            return Err(altered::<R>(id, "id"));
        };
        let select = Entry::select()
            .and_where(Expr::col(Alias::new("record_id")).eq(id))
            .and_where(Expr::col(Alias::new("record_version")).eq(version))
            .to_owned();
        let entry = self.reader().query_one(&select).await?;
        let entry = entry.as_ref().map(Entry::read).transpose()?;
        let entry = entry.filter(|entry| entry.claim.kind == R::NAME);
        let entry = entry.ok_or_else(|| altered::<R>(id, "version"))?;
        let (body, _) = self.body::<R>(&entry).await?;
        let class = body.class(&typed);
        let said = body.row(Stamp::new(&typed.record_id(), number, class.id()));
        let columns = <R::Row as EntityTrait>::Column::iter();
        let facts = Arc::new(Facts {
            version: number,
            class,
            row: columns
                .map(|column| said.get(column).into_value())
                .collect(),
        });
        self.inner.remembered.keep(record, &facts);
        Ok(facts)
    }
}

/// The alert, and the fault that refuses.
fn altered<R: Record>(id: &str, column: &str) -> StoreFault {
    let table = table_of::<R>();
    tracing::error!(
        record.id = id,
        record.table = table,
        record.column = column,
        "a row is not what history says, so nothing is opened by it"
    );
    StoreFault::RowAltered {
        table,
        id: id.to_owned(),
        column: column.to_owned(),
    }
}

/// The same statement with the version of each row's newest entry; empty where history has none.
fn with_newest(mut statement: SelectStatement, table: &str) -> SelectStatement {
    let entry = |name: &str| Expr::col((Alias::new(ENTRY), Alias::new(name)));
    let newest = Query::select()
        .expr(Func::max(entry("record_version")))
        .from(Alias::new(ENTRY))
        .and_where(entry("record_id").equals((Alias::new(table), Alias::new("id"))))
        .to_owned();
    statement.expr_as(Expr::from(newest), Alias::new(NEWEST));
    statement
}
