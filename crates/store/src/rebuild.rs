//! Making a second database out of history alone, and comparing the two.
//!
//! Tables of the classes Version and Log are copied; the records are made
//! again from the bodies of their entries, in order. What then differs was
//! changed behind history's back, or is a fault of ours. Either way the new
//! database holds what history says.

use std::cmp::Ordering;
use std::fmt;

use clearpicture_kernel::RecordId;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::chain::Chain;
use crate::commit::chain_end;
use crate::connect::{Connections, DatabaseAddress};
use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::migrate::{apply, begin_write, tables_there};
use crate::open::Store;
use crate::put::{PartRow, put_in_place};
use crate::record::split_body;
use crate::schema::{Table, TableClass};
use crate::transfer::{Rows, copy, snapshot};

/// Entries replayed at once.
const PAGE: u64 = 200;

/// Two databases that hold the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Tables compared.
    pub tables: u64,
    /// Rows compared.
    pub rows: u64,
    /// The last entry of history that was replayed.
    pub sequence: i64,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "identical: {} tables, {} rows at sequence {}",
            self.tables, self.rows, self.sequence
        )
    }
}

/// The first thing that differs, or why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// A column says something else. What it says is for nobody's terminal.
    #[error("the table `{table}` differs from history: row `{key}`, column `{column}`")]
    Column {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// The column.
        column: &'static str,
    },
    /// History holds a row that the table does not.
    #[error("the table `{table}` differs from history: row `{key}` is missing")]
    Missing {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
    },
    /// The table holds a row that history does not.
    #[error("the table `{table}` differs from history: row `{key}` is not in it")]
    Added {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
    },
    /// Nothing could be compared.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

impl From<sea_orm::DbErr> for RebuildError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl Store {
    /// Makes a database at `address`, which must be empty, from the history of this one, and compares the two.
    ///
    /// # Errors
    /// [`RebuildError`] naming the first difference; the new database then holds what history says.
    pub async fn rebuild_into(&self, address: &DatabaseAddress) -> Result<Rebuilt, RebuildError> {
        let target = Target::open(address).await?;
        let view = snapshot(&self.inner.connections)
            .await
            .map_err(StoreFault::from)?;
        let rebuilt = self.rebuild(&view, &target).await;
        drop(view.rollback().await);
        target.close().await;
        rebuilt
    }

    async fn rebuild(
        &self,
        view: &DatabaseTransaction,
        target: &Target,
    ) -> Result<Rebuilt, RebuildError> {
        let end = chain_end(view, Chain::Entry).await?;
        let work = target.begin().await?;
        apply(&work, &self.inner.migrations, self.inner.ambient.now()).await?;
        for table in self
            .kept_tables()
            .filter(|table| !matches!(table.class, TableClass::Record | TableClass::Part))
        {
            copy(view, &work, table).await?;
        }
        self.replay(view, &work).await?;
        work.commit().await?;
        let mut rebuilt = Rebuilt {
            tables: 0,
            rows: 0,
            sequence: end.seq,
        };
        for table in self.kept_tables() {
            rebuilt.tables += 1;
            rebuilt.rows += compare(view, &target.connections.writer, table).await?;
        }
        Ok(rebuilt)
    }

    /// The tables that outlive a rebuild and a restore.
    pub(crate) fn kept_tables(&self) -> impl Iterator<Item = &Table> {
        kept(&self.inner.tables)
    }

    /// Makes every record again from its entries, in the order in which they were recorded.
    async fn replay(
        &self,
        view: &DatabaseTransaction,
        work: &DatabaseTransaction,
    ) -> Result<(), StoreFault> {
        let mut last = 0;
        loop {
            let select = Entry::select()
                .and_where(Expr::col(Alias::new("seq")).gt(last))
                .order_by(Alias::new("seq"), Order::Asc)
                .limit(PAGE)
                .to_owned();
            let rows = view.query_all(&select).await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let entry = Entry::read(row)?;
                last = entry.seq;
                self.replay_one(&entry, work).await?;
            }
        }
    }

    async fn replay_one(
        &self,
        entry: &Entry,
        work: &DatabaseTransaction,
    ) -> Result<(), StoreFault> {
        let claim = &entry.claim;
        let unreadable = |problem: String| StoreFault::Unreadable {
            id: claim.record_id.clone(),
            problem,
        };
        let spec = self
            .records()
            .iter()
            .find(|spec| spec.kind == claim.kind)
            .ok_or_else(|| unreadable(format!("this release keeps no `{}`", claim.kind)))?;
        let id = RecordId::parse(&claim.record_id).map_err(|e| unreadable(e.to_string()))?;
        let key = self.key(&claim.key_id).await?;
        let plain = key
            .open(&claim.own_context(), &claim.body)
            .map_err(|fault| unreadable(fault.to_string()))?;
        let (body, _) = split_body(&plain).map_err(unreadable)?;
        let version = u32::try_from(claim.record_version)
            .map_err(|_| unreadable("its version is no number of a version".to_owned()))?;
        let body_version = u16::try_from(claim.body_version).unwrap_or(u16::MAX);
        let projection = (spec.project)(&id, version, body_version, body).map_err(unreadable)?;
        let rows: Vec<&PartRow> = projection.rows.iter().collect();
        put_in_place(work, &rows).await?;
        Ok(())
    }
}

/// Those of `tables` that outlive a rebuild and a restore.
pub(crate) fn kept(tables: &[Table]) -> impl Iterator<Item = &Table> {
    tables
        .iter()
        .filter(|table| table.class != TableClass::Ephemeral)
}

/// Compares one table here and there, row by row, and counts the rows.
async fn compare(
    here: &impl ConnectionTrait,
    there: &impl ConnectionTrait,
    table: &Table,
) -> Result<u64, RebuildError> {
    let mut ours = Rows::of(here, table);
    let mut theirs = Rows::of(there, table);
    let mut rows = 0;
    loop {
        let (our, their) = (ours.next().await?, theirs.next().await?);
        let order = match (&our, &their) {
            (None, None) => return Ok(rows),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(our), Some(their)) => our.key().cmp(their.key()),
        };
        let key = |row: Option<crate::transfer::Row>| row.map(|row| row.key().to_string());
        match order {
            Ordering::Less => {
                return Err(RebuildError::Added {
                    table: table.name,
                    key: key(our).unwrap_or_default(),
                });
            }
            Ordering::Greater => {
                return Err(RebuildError::Missing {
                    table: table.name,
                    key: key(their).unwrap_or_default(),
                });
            }
            Ordering::Equal => {}
        }
        if let (Some(our), Some(their)) = (our, their)
            && let Some(column) = our.first_difference(&their, table)
        {
            return Err(RebuildError::Column {
                table: table.name,
                key: our.key().to_string(),
                column,
            });
        }
        rows += 1;
    }
}

/// An empty database about to be filled.
pub(crate) struct Target {
    pub(crate) connections: Connections,
}

impl Target {
    /// Opens the database at `address`, which must hold no table.
    pub(crate) async fn open(address: &DatabaseAddress) -> Result<Self, StoreFault> {
        let connections = Connections::open(address).await?;
        let there = tables_there(&connections.writer).await?;
        if there.is_empty() {
            return Ok(Self { connections });
        }
        connections.close().await;
        Err(StoreFault::NotEmpty(address.to_string()))
    }

    /// Begins the one transaction in which it is filled, so that a failure leaves it empty.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreFault> {
        Ok(begin_write(&self.connections.writer).await?)
    }

    pub(crate) async fn close(self) {
        self.connections.close().await;
    }
}
