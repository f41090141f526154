//! Bringing a database to this release's tables, step by remembered step.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait as _,
};

use crate::connect::Connections;
use crate::fault::StoreFault;
use crate::schema::Migration;

/// PostgreSQL advisory lock held while tables change.
const MIGRATION_LOCK: i64 = 0x434c_5052_0001;
/// The table that remembers applied steps.
const APPLIED: &str = "schema_step";

/// Whether opening may change the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// Apply the steps that are missing.
    Apply,
    /// Refuse a database that is not at this release.
    Refuse,
}

/// Begins a transaction that may write, with no wait left for its first write.
pub(crate) async fn begin_write(
    writer: &DatabaseConnection,
) -> Result<DatabaseTransaction, sea_orm::DbErr> {
    writer
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
}

/// Compares the database with `migrations` and applies what is missing.
pub(crate) async fn migrate(
    connections: &Connections,
    migrations: &[Migration],
    upgrade: Upgrade,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let applied = applied(&connections.writer).await?;
    check(&applied, migrations)?;
    let missing = migrations
        .iter()
        .find(|migration| !applied.contains_key(&migration.name()));
    let Some(first) = missing else {
        return Ok(());
    };
    if upgrade == Upgrade::Refuse {
        return Err(StoreFault::Older(first.name()));
    }
    let work = begin_write(&connections.writer).await?;
    apply(&work, migrations, now).await?;
    work.commit().await?;
    Ok(())
}

/// Applies those of `migrations` that are missing, and remembers them, within `work`.
pub(crate) async fn apply(
    work: &DatabaseTransaction,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), StoreFault> {
    let backend = work.get_database_backend();
    if backend == DbBackend::Postgres {
        lock(work, MIGRATION_LOCK).await?;
    }
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {APPLIED} (name text NOT NULL PRIMARY KEY, checksum text NOT NULL, applied_at bigint NOT NULL)"
    );
    work.execute_unprepared(&create).await?;
    // Another server may have applied them while this one waited for the lock.
    let applied = applied(work).await?;
    for migration in migrations {
        if applied.contains_key(&migration.name()) {
            continue;
        }
        for statement in migration
            .steps
            .iter()
            .flat_map(|step| step.statements(backend))
        {
            work.execute_unprepared(&statement).await?;
        }
        let remember = Query::insert()
            .into_table(Alias::new(APPLIED))
            .columns(["name", "checksum", "applied_at"].map(Alias::new))
            .values_panic([
                migration.name().into(),
                migration.checksum().to_string().into(),
                now.as_microsecond().into(),
            ])
            .to_owned();
        work.execute(&remember).await?;
    }
    Ok(())
}

/// Takes a PostgreSQL advisory lock until the transaction ends.
pub(crate) async fn lock(work: &DatabaseTransaction, number: i64) -> Result<(), sea_orm::DbErr> {
    work.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock($1)",
        [number.into()],
    ))
    .await
    .map(|_| ())
}

/// Refuses steps this release does not know, and steps that are not what they were.
pub(crate) fn check(
    applied: &BTreeMap<String, String>,
    migrations: &[Migration],
) -> Result<(), StoreFault> {
    for (name, checksum) in applied {
        let known = migrations
            .iter()
            .find(|migration| migration.name() == *name);
        match known.map(Migration::checksum) {
            None => return Err(StoreFault::Newer(name.clone())),
            Some(ours) if ours.to_string() != *checksum => {
                return Err(StoreFault::StepChanged(name.clone()));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The steps applied so far, with their checksums; none in an empty database.
pub(crate) async fn applied(
    connection: &impl ConnectionTrait,
) -> Result<BTreeMap<String, String>, StoreFault> {
    let mut applied = BTreeMap::new();
    if !tables_there(connection).await?.contains(APPLIED) {
        return Ok(applied);
    }
    let select = Query::select()
        .columns(["name", "checksum"].map(Alias::new))
        .from(Alias::new(APPLIED))
        .to_owned();
    for row in connection.query_all(&select).await? {
        applied.insert(row.try_get("", "name")?, row.try_get("", "checksum")?);
    }
    Ok(applied)
}

/// The names of all tables in the database.
pub(crate) async fn tables_there(
    connection: &impl ConnectionTrait,
) -> Result<BTreeSet<String>, StoreFault> {
    let mut select = Query::select();
    match connection.get_database_backend() {
        DbBackend::Postgres => select
            .expr_as(Expr::cust("tablename::text"), Alias::new("name"))
            .from(Alias::new("pg_tables"))
            .and_where(Expr::col(Alias::new("schemaname")).eq(Expr::cust("current_schema()"))),
        _ => select
            .column(Alias::new("name"))
            .from(Alias::new("sqlite_master"))
            .and_where(Expr::col(Alias::new("type")).eq("table"))
            .and_where(Expr::col(Alias::new("name")).not_like("sqlite_%")),
    };
    let mut names = BTreeSet::new();
    for row in connection.query_all(&select).await? {
        names.insert(row.try_get("", "name")?);
    }
    Ok(names)
}
