//! The one place that writes: changes and look-ups that wait together are
//! committed together, in the order of the chain.
//!
//! One task owns the writing. It takes all that waits, makes one transaction of
//! it, and answers each caller once the transaction is durable. A change that is
//! refused (someone else was first, the permit is stale) leaves the others be; a
//! change that the database refuses undoes the transaction, and all are tried
//! again one by one, so that nobody pays for another's mistake.
//!
//! On PostgreSQL the next sequence number is drawn under an advisory lock that
//! is held to the commit, so that with several servers no reader ever sees an
//! entry and not yet an earlier one.

use std::collections::BTreeSet;
use std::sync::Arc;

use clearpicture_access::{AccessClass, ClassId};
use clearpicture_kernel::{Ambient, Digest, Timestamp};
use sea_orm::sea_query::{
    Alias, Cond, Expr, ExprTrait as _, InsertStatement, OnConflict, Order, Query,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use tokio::sync::{mpsc, oneshot};

use crate::batch::Brought;
use crate::chain::Chain;
use crate::connect::Connections;
use crate::current::Current;
use crate::entry::{ChainEnd, Claim, Entry, Unchained};
use crate::fault::{StoreFault, WriteError};
use crate::jobs::{JobId, NewJob};
use crate::keys::WrappedKey;
use crate::look::{Look, LookRow};
use crate::migrate::{begin_write, lock};
use crate::put::{Insert, PartRow, Taken, put_in_place, rows_at_once, run};
use crate::tables::{CLASS, KEY, LOOK};

/// PostgreSQL advisory lock under which numbers of the chains are drawn.
const CHAIN_LOCK: i64 = 0x434c_5052_0002;
/// The most changes that share one transaction.
const GROUP: usize = 256;

/// A change, ready to be committed as often as needed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) expected_version: i64,
    pub(crate) expected_class: ClassId,
    pub(crate) holder: Option<String>,
    pub(crate) class: AccessClass,
    pub(crate) claim: Claim,
    /// The record's own row, and those beside it.
    pub(crate) rows: Vec<PartRow>,
    pub(crate) brought: Option<Arc<Brought>>,
    /// What is to be done once the change is made.
    pub(crate) asks: Option<NewJob>,
}

/// What a committed change is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's number in history.
    pub seq: i64,
    /// The moment it was recorded.
    pub recorded_at: Timestamp,
    /// The record's version now.
    pub version: u32,
}

/// Something to be committed, and whom to answer.
pub(crate) enum Request {
    /// Changes that happen together or not at all.
    Change(
        Vec<Change>,
        oneshot::Sender<Result<Vec<Receipt>, WriteError>>,
    ),
    /// Someone opens a record.
    Look(Look, oneshot::Sender<Result<(), StoreFault>>),
    /// Keys for subjects met for the first time; another server's, if that was first, stands.
    Keys(Vec<WrappedKey>, oneshot::Sender<Result<(), StoreFault>>),
}

/// The task that owns the writing.
pub(crate) struct Committer {
    pub(crate) connections: Connections,
    pub(crate) ambient: Ambient,
    pub(crate) known_classes: BTreeSet<ClassId>,
}

/// What one request came to, before the transaction is durable.
enum Outcome {
    Changed(Result<Vec<Receipt>, WriteError>),
    Noted,
}

/// What the transaction has learnt while it runs; forgotten when it is undone.
struct Progress {
    /// Where history will end; the hash is that of the last entry that is there already.
    entries: ChainEnd,
    looks: Option<ChainEnd>,
    new_classes: BTreeSet<ClassId>,
    current: Current,
    made: Vec<Unchained>,
}

/// Every change in a group.
fn changes_of(group: &[Request]) -> Vec<&Change> {
    let changes = group.iter().filter_map(|request| match request {
        Request::Change(changes, _) => Some(changes),
        Request::Look(..) | Request::Keys(..) => None,
    });
    changes.flatten().collect()
}

impl Committer {
    /// Commits what comes until every sender is gone.
    pub(crate) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut group = Vec::with_capacity(GROUP);
        while requests.recv_many(&mut group, GROUP).await > 0 {
            metrics::histogram!("clearpicture_commit_group_size").record(group.len() as f64);
            self.commit(std::mem::take(&mut group)).await;
        }
    }

    async fn commit(&mut self, group: Vec<Request>) {
        match self.attempt(&group).await {
            Ok(outcomes) => answer(group, outcomes),
            Err(_) if group.len() > 1 => {
                for request in group {
                    let alone = vec![request];
                    match self.attempt(&alone).await {
                        Ok(outcomes) => answer(alone, outcomes),
                        Err(error) => fail(alone, &error),
                    }
                }
            }
            Err(error) => fail(group, &error),
        }
    }

    /// One transaction with all of `group` in it.
    async fn attempt(&mut self, group: &[Request]) -> Result<Vec<Outcome>, DbErr> {
        let work = begin_write(&self.connections.writer).await?;
        let done = self.within(&work, group).await;
        match done {
            Ok((outcomes, progress)) => {
                work.commit().await?;
                self.known_classes.extend(progress.new_classes);
                Ok(outcomes)
            }
            Err(error) => {
                // The error at hand matters more than a failure to undo, which the database does anyway.
                let _ = work.rollback().await;
                Err(error)
            }
        }
    }

    async fn within(
        &self,
        work: &DatabaseTransaction,
        group: &[Request],
    ) -> Result<(Vec<Outcome>, Progress), DbErr> {
        if self.connections.backend == DbBackend::Postgres {
            lock(work, CHAIN_LOCK).await?;
        }
        let end = chain_end(work, Chain::Entry).await?;
        let mut progress = Progress {
            entries: end,
            looks: None,
            new_classes: BTreeSet::new(),
            current: Current::of(work, &changes_of(group), self.ambient.now()).await?,
            made: Vec::new(),
        };
        let mut outcomes = Vec::with_capacity(group.len());
        for request in group {
            let outcome = match request {
                Request::Change(changes, _) => {
                    Outcome::Changed(self.change_all(work, &mut progress, changes).await?)
                }
                Request::Look(look, _) => {
                    self.look(work, &mut progress, look).await?;
                    Outcome::Noted
                }
                Request::Keys(keys, _) => {
                    add_keys(work, keys, THE_FIRST_STANDS).await?;
                    Outcome::Noted
                }
            };
            outcomes.push(outcome);
        }
        Entry::add_all(work, &end, std::mem::take(&mut progress.made)).await?;
        Ok((outcomes, progress))
    }

    /// Checks every change of one request before the first is made, so that all happen or none.
    async fn change_all(
        &self,
        work: &DatabaseTransaction,
        progress: &mut Progress,
        changes: &[Change],
    ) -> Result<Result<Vec<Receipt>, WriteError>, DbErr> {
        for change in changes {
            if let Err(refusal) = progress.current.check(work, change).await? {
                return Ok(Err(refusal));
            }
        }
        let mut receipts = Vec::with_capacity(changes.len());
        for change in changes {
            receipts.push(self.change(work, progress, change).await?);
        }
        let rows: Vec<&PartRow> = changes.iter().flat_map(|change| &change.rows).collect();
        put_in_place(work, &rows).await?;
        for job in changes.iter().filter_map(|change| change.asks.as_ref()) {
            let id = JobId::fresh(&self.ambient);
            work.execute(&job.insertion(&id, self.ambient.now()))
                .await?;
        }
        Ok(Ok(receipts))
    }

    async fn change(
        &self,
        work: &DatabaseTransaction,
        progress: &mut Progress,
        change: &Change,
    ) -> Result<Receipt, DbErr> {
        let class = change.class.id();
        if !self.known_classes.contains(&class) && !progress.new_classes.contains(&class) {
            work.execute(&class_insert(&change.class)).await?;
            progress.new_classes.insert(class);
        }
        let now = self.ambient.now().as_microsecond();
        let entry = Unchained::after(&progress.entries, now, change.claim.clone());
        if let Some(brought) = &change.brought {
            brought.insert(work, entry.seq).await?;
        }
        progress.current.made(change);
        progress.entries.seq = entry.seq;
        progress.entries.at = entry.recorded_at;
        let receipt = Receipt {
            seq: entry.seq,
            recorded_at: clearpicture_kernel::ambient::microseconds(entry.recorded_at),
            version: u32::try_from(entry.claim.record_version).unwrap_or_default(),
        };
        progress.made.push(entry);
        Ok(receipt)
    }

    /// Adds to the read log, unless this person's opening is there for this quarter of an hour. A list taken away
    /// as a file always adds.
    async fn look(
        &self,
        work: &DatabaseTransaction,
        progress: &mut Progress,
        look: &Look,
    ) -> Result<(), DbErr> {
        let end = match progress.looks {
            Some(end) => end,
            None => chain_end(work, Chain::Look).await?,
        };
        progress.looks = Some(end);
        let row = LookRow::after(&end, self.ambient.now().as_microsecond(), look.clone());
        let same = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(LOOK))
            .and_where(Expr::col(Alias::new("record_id")).eq(look.record_id.as_str()))
            .and_where(Expr::col(Alias::new("looker")).eq(look.looker.as_str()))
            .and_where(Expr::col(Alias::new("purpose")).eq(look.purpose.as_str()))
            .and_where(Expr::col(Alias::new("quarter")).eq(row.quarter))
            .to_owned();
        if work.query_one(&same).await?.is_none() {
            work.execute(&row.insert()).await?;
            progress.looks = Some(row.end());
        }
        Ok(())
    }
}

/// Where a chain stands.
pub(crate) async fn chain_end(
    connection: &impl ConnectionTrait,
    chain: Chain,
) -> Result<ChainEnd, DbErr> {
    let select = Query::select()
        .columns(["seq", chain.moment(), "hash"].map(Alias::new))
        .from(Alias::new(chain.table()))
        .order_by(Alias::new("seq"), Order::Desc)
        .limit(1)
        .to_owned();
    let Some(row) = connection.query_one(&select).await? else {
        return Ok(ChainEnd::START);
    };
    let hash: Vec<u8> = row.try_get("", "hash")?;
    Ok(ChainEnd {
        seq: row.try_get("", "seq")?,
        at: row.try_get("", chain.moment())?,
        hash: Digest::from_slice(&hash).unwrap_or(Digest::ZERO),
    })
}

/// The condition that a row of `access_grant` is in force at `now`.
pub(crate) fn grant_in_force(grants: &str, now: Timestamp) -> Cond {
    let now = now.as_microsecond();
    let column = |name: &str| Expr::col((Alias::new(grants), Alias::new(name)));
    Cond::all().add(column("starts_at").lte(now)).add(
        Cond::any()
            .add(column("ends_at").is_null())
            .add(column("ends_at").gt(now)),
    )
}

/// The statement that adds an access class, once.
pub(crate) fn class_insert(class: &AccessClass) -> InsertStatement {
    let text = |id: Option<String>| id.unwrap_or_default();
    Query::insert()
        .into_table(Alias::new(CLASS))
        .columns(["id", "kind", "owner", "team", "sensitivity", "protected"].map(Alias::new))
        .values_panic([
            class.id().0.into(),
            class.kind.into(),
            text(class.owner.map(|id| id.to_string())).into(),
            text(class.team.map(|id| id.to_string())).into(),
            class.sensitivity.level().into(),
            class.protected.into(),
        ])
        .on_conflict(OnConflict::column(Alias::new("id")).do_nothing().to_owned())
        .to_owned()
}

/// What becomes of a key whose scope has one already: the one that is there stands.
pub(crate) const THE_FIRST_STANDS: Taken = Taken::Stays("scope");

/// Adds wrapped keys.
pub(crate) async fn add_keys(
    work: &impl ConnectionTrait,
    keys: &[WrappedKey],
    taken: Taken,
) -> Result<(), DbErr> {
    let backend = work.get_database_backend();
    let insert = Insert {
        table: KEY,
        columns: &["id", "scope", "wrapped"],
        taken,
    };
    let statements = keys.chunks(rows_at_once(insert.columns.len())).map(|keys| {
        let values = keys.iter().flat_map(|key| {
            [
                key.id.clone().into(),
                key.scope.clone().into(),
                key.wrapped.clone().into(),
            ]
        });
        Ok(insert.statement(backend, values.collect()))
    });
    run(work, statements).await
}

/// Tells every caller what came of it. One who no longer waits is not told.
fn answer(group: Vec<Request>, outcomes: Vec<Outcome>) {
    for (request, outcome) in group.into_iter().zip(outcomes) {
        match (request, outcome) {
            (Request::Change(_, reply), Outcome::Changed(result)) => drop(reply.send(result)),
            (Request::Change(_, reply), Outcome::Noted) => {
                drop(reply.send(Err(StoreFault::Stopping.into())));
            }
            (Request::Look(_, reply) | Request::Keys(_, reply), _) => drop(reply.send(Ok(()))),
        }
    }
}

/// Tells the callers of a transaction that was undone.
fn fail(group: Vec<Request>, error: &DbErr) {
    for request in group {
        match request {
            Request::Change(_, reply) => drop(reply.send(Err(error.clone().into()))),
            Request::Look(_, reply) | Request::Keys(_, reply) => {
                drop(reply.send(Err(error.clone().into())));
            }
        }
    }
}
