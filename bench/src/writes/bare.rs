//! The bare loop: the same statements by the same driver, and nothing else.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use clearpicture_access::Permit;
use clearpicture_app::feeds::{EditFeed, Feed};
use clearpicture_store::{DatabaseAddress, Record, Stamp};
use sea_orm::sea_query::{Alias, InsertStatement, OnConflict, Query, Value};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, EntityTrait,
    IdenStatic as _, Insert, Iterable as _, QueryTrait as _, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Pen, REASON};
use crate::stage::Stage;

/// What sealing adds to a body: its nonce and its tag.
const SEAL_LEN: usize = 24 + 16;
const HASH_LEN: usize = 32;

/// The number of the last entry, unlike any other and in no order of commit.
static LAST: AtomicI64 = AtomicI64::new(0);

/// The ways in which `address` can be written to barely: how many connections, and what to call it.
pub(super) fn ways(address: &str) -> Vec<(u32, &'static str)> {
    if address.starts_with("sqlite:") {
        // One writes at a time, whatever the number.
        vec![(1, "writes a second, bare on 1 connection")]
    } else {
        vec![
            (4, "writes a second, bare on 4 connections, as the store"),
            (20, "writes a second, bare on 20 connections"),
        ]
    }
}

/// The connections of the bare loop.
pub(super) struct Bare(DatabaseConnection);

impl Bare {
    /// Connects as the store does, with this many connections.
    pub(super) async fn connect(address: &str, connections: u32) -> anyhow::Result<Self> {
        let mut options = match address.parse()? {
            DatabaseAddress::Sqlite(file) => {
                let mut options = ConnectOptions::new("sqlite:");
                options.map_sqlx_sqlite_opts(move |sqlite| {
                    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
                    sqlite
                        .filename(&file)
                        .journal_mode(SqliteJournalMode::Wal)
                        .synchronous(SqliteSynchronous::Full)
                        .foreign_keys(true)
                        .busy_timeout(Duration::from_secs(30))
                });
                options
            }
            DatabaseAddress::Postgres(url) => ConnectOptions::new(url),
        };
        options
            .max_connections(connections)
            .min_connections(connections)
            .test_before_acquire(false)
            .sqlx_logging(false);
        Ok(Self(Database::connect(options).await?))
    }

    /// Every pen makes `each` changes; how long that took.
    pub(super) async fn round(
        &self,
        stage: &Stage,
        pens: &mut [Pen],
        each: usize,
    ) -> anyhow::Result<Duration> {
        let mut ready = Vec::with_capacity(pens.len());
        for pen in pens {
            let permit = stage.permit::<EditFeed>(&pen.caller, &pen.id, &pen.feed, pen.version)?;
            ready.push((Told::by(&permit, &pen.feed)?, pen.feed.clone(), pen.version));
            pen.version += u32::try_from(each)?;
        }
        let mut writers = JoinSet::new();
        let started = Instant::now();
        for (told, feed, mut version) in ready {
            let db = self.0.clone();
            writers.spawn(async move {
                for _ in 0..each {
                    version += 1;
                    write(&db, &told, &feed, version).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = writers.join_next().await {
            done??;
        }
        Ok(started.elapsed())
    }
}

/// One change: the row and the entry, in a transaction that may write from its start.
async fn write(
    db: &DatabaseConnection,
    told: &Told,
    feed: &Feed,
    version: u32,
) -> Result<(), DbErr> {
    let work = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    work.execute(&row(told, feed, version)).await?;
    work.execute(&told.entry(version)).await?;
    work.commit().await
}

/// The statement that puts the row in place.
fn row(told: &Told, feed: &Feed, version: u32) -> InsertStatement {
    type Row = <Feed as Record>::Row;
    let stamp = Stamp {
        id: told.record_id.clone(),
        version: i64::from(version),
        class_id: told.class_id,
    };
    let columns = <Row as EntityTrait>::Column::iter().map(|column| column.as_str().to_owned());
    let mut conflict = OnConflict::column(Alias::new("id"));
    conflict.update_columns(columns.filter(|name| name != "id").map(Alias::new));
    Insert::<<Row as EntityTrait>::ActiveModel>::one(feed.row(stamp))
        .on_conflict(conflict)
        .into_query()
}

/// What an entry says, as long as the store's own.
struct Told {
    record_id: String,
    class_id: i64,
    actor: String,
    agency: String,
    action: &'static str,
    purpose: String,
    policy_set: String,
    deciding: String,
    body: Vec<u8>,
}

impl Told {
    fn by(permit: &Permit<EditFeed>, feed: &Feed) -> anyhow::Result<Self> {
        let grounds = permit.grounds();
        let body = serde_json::to_vec(&json!({ "record": feed, "reason": REASON }))?;
        Ok(Self {
            record_id: grounds.resource().id.to_string(),
            class_id: grounds.resource().class.id().0,
            actor: grounds.caller().identity.to_string(),
            agency: feed.agency.to_string(),
            action: grounds.action().name,
            purpose: grounds.purpose().code.to_string(),
            policy_set: grounds.policy_set().to_string(),
            deciding: grounds.deciding().join(" "),
            body: vec![7; body.len() + SEAL_LEN],
        })
    }

    fn entry(&self, version: u32) -> InsertStatement {
        let columns: [(&str, Value); 16] = [
            ("seq", (LAST.fetch_add(1, Ordering::Relaxed) + 1).into()),
            ("recorded_at", 1_795_000_000_000_000_i64.into()),
            ("record_id", self.record_id.clone().into()),
            ("kind", "feed".into()),
            ("record_version", i64::from(version).into()),
            ("actor", self.actor.clone().into()),
            ("actor_agency", self.agency.clone().into()),
            ("action", self.action.into()),
            ("purpose", self.purpose.clone().into()),
            ("policy_set", self.policy_set.clone().into()),
            ("deciding", self.deciding.clone().into()),
            ("body_version", 1_i64.into()),
            ("key_id", "key_00000000000000000000000000".into()),
            ("body", self.body.clone().into()),
            ("previous_hash", vec![7_u8; HASH_LEN].into()),
            ("hash", vec![7_u8; HASH_LEN].into()),
        ];
        Query::insert()
            .into_table(Alias::new("history_entry"))
            .columns(columns.iter().map(|(name, _)| Alias::new(*name)))
            .values_panic(columns.into_iter().map(|(_, value)| value.into()))
            .to_owned()
    }
}
