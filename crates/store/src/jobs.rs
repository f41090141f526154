//! Work to be done later, or again and again, kept in a table so that it
//! outlives the server that took it on.
//!
//! ```text
//!            lease                finish
//!  waiting ────────► running ──────────────► done
//!     ▲                 │ │
//!     └─────────────────┘ └────────────────► failed
//!  fail, or the lease ran out       after the last attempt
//! ```
//!
//! A server that leases a job must renew the lease; one that was killed does
//! not, and the job goes back to waiting. Every write by its holder names the
//! attempt, so that a server which lost its lease can no longer say anything
//! about the job. So a job may be begun twice and must bear it; it is finished
//! once. Payloads, progress and problems hold ids and counts, never names.

use std::time::Duration;

use clearpicture_kernel::{Timestamp, TypedId as _, define_id};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, InsertStatement, LockBehavior, LockType, OnConflict, Order, Query,
    ReturningClause, SimpleExpr, UpdateStatement,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryResult};
use serde_json::Value;

use crate::fault::StoreFault;
use crate::open::Store;
use crate::tables::JOB;

/// How long a lease lasts unless it is renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(60);
/// Attempts after which a job is left for a person to look at.
const ATTEMPTS: i64 = 8;
/// The wait before the second attempt; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

define_id!(JobId, "job", "A piece of work in the table of jobs.");

/// A job to be put in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done, such as `seal-history`.
    pub kind: String,
    /// What makes it one and the same job however often it is asked for.
    pub key: String,
    /// What the handler needs to know: ids, never names.
    pub payload: Value,
    /// The moment before which it waits; `None` for at once.
    pub run_after: Option<Timestamp>,
}

impl NewJob {
    /// A job of `kind`, to be run at once, without a payload.
    pub fn new(kind: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            key: key.into(),
            payload: Value::Null,
            run_after: None,
        }
    }

    /// The statement that puts it in the table at `now`, unless one with its key is there.
    pub(crate) fn insertion(&self, id: &JobId, now: Timestamp) -> InsertStatement {
        Query::insert()
            .into_table(Alias::new(JOB))
            .columns(
                [
                    "id",
                    "kind",
                    "idempotency_key",
                    "payload",
                    "state",
                    "progress",
                    "problem",
                    "attempts",
                    "created_at",
                    "run_after",
                    "leased_by",
                    "leased_until",
                ]
                .map(Alias::new),
            )
            .values_panic([
                id.to_string().into(),
                self.kind.clone().into(),
                self.key.clone().into(),
                self.payload.to_string().into(),
                JobState::Waiting.word().into(),
                "".into(),
                "".into(),
                0_i64.into(),
                now.as_microsecond().into(),
                self.run_after.unwrap_or(now).as_microsecond().into(),
                "".into(),
                0_i64.into(),
            ])
            .on_conflict(
                OnConflict::column(Alias::new("idempotency_key"))
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned()
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// It waits for its moment, or for a server.
    Waiting,
    /// A server works on it.
    Running,
    /// It is finished.
    Done,
    /// Its last attempt failed.
    Failed,
}

impl JobState {
    /// The word in the table and on the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "waiting" => Self::Waiting,
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Failed,
        }
    }
}

/// A job that this server holds the lease of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The job.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// What the handler needs to know.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    server: String,
}

impl Store {
    /// Puts a job in the table, unless one with its key is there; gives the id of the one that is.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn enqueue(&self, job: &NewJob) -> Result<JobId, StoreFault> {
        let id = JobId::fresh(&self.inner.ambient);
        let insert = job.insertion(&id, self.inner.ambient.now());
        if self.writer().execute(&insert).await?.rows_affected() == 1 {
            self.inner.job_added.notify_waiters();
            return Ok(id);
        }
        let select = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(JOB))
            .and_where(Expr::col(Alias::new("idempotency_key")).eq(job.key.as_str()))
            .to_owned();
        match self.latest().query_one(&select).await? {
            Some(row) => read_id(&row),
            // Forgotten between the two statements: it was done, which is all that was asked.
            None => Ok(id),
        }
    }

    /// Puts the job of `kind` for the present period of length `every` in the table, once per period.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn enqueue_for_period(
        &self,
        kind: &str,
        every: Duration,
    ) -> Result<JobId, StoreFault> {
        let now = self.inner.ambient.now().as_microsecond();
        let period = now.div_euclid(Ord::max(micros(every), 1));
        let key = format!("{kind}/{}/{period}", every.as_secs());
        self.enqueue(&NewJob::new(kind, key)).await
    }

    /// Takes the lease of the job of `kinds` that has waited longest; `None` when none is due.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn lease_job(&self, kinds: &[&str], server: &str) -> Result<Option<Job>, StoreFault> {
        let now = self.inner.ambient.now().as_microsecond();
        let due = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(JOB))
            .and_where(Expr::col(Alias::new("state")).eq(JobState::Waiting.word()))
            .and_where(Expr::col(Alias::new("run_after")).lte(now))
            .and_where(Expr::col(Alias::new("kind")).is_in(kinds.iter().copied()))
            .order_by(Alias::new("run_after"), Order::Asc)
            .order_by(Alias::new("created_at"), Order::Asc)
            .limit(1)
            // On PostgreSQL a second server passes over the row that the first is taking; SQLite has one writer.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .to_owned();
        let attempts = || Expr::col(Alias::new("attempts"));
        let lease = Query::update()
            .table(Alias::new(JOB))
            .value(Alias::new("state"), JobState::Running.word())
            .value(Alias::new("attempts"), attempts().add(1))
            .value(Alias::new("leased_by"), server)
            .value(Alias::new("leased_until"), after(now, LEASE))
            .value(Alias::new("progress"), "")
            .and_where(
                Expr::col(Alias::new("id")).eq(SimpleExpr::SubQuery(None, Box::new(due.into()))),
            )
            .returning(ReturningClause::Columns(
                ["id", "kind", "payload", "attempts"]
                    .map(|column| Alias::new(column).into())
                    .to_vec(),
            ))
            .to_owned();
        let Some(row) = self.writer().query_one(&lease).await? else {
            return Ok(None);
        };
        let payload: String = row.try_get("", "payload")?;
        Ok(Some(Job {
            id: read_id(&row)?,
            kind: row.try_get("", "kind")?,
            payload: serde_json::from_str(&payload).unwrap_or(Value::Null),
            attempt: row.try_get("", "attempts")?,
            server: server.to_owned(),
        }))
    }

    /// Holds on to a job; `false` when the lease was lost, so that the work must stop.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn renew_job(&self, job: &Job) -> Result<bool, StoreFault> {
        let until = after(self.inner.ambient.now().as_microsecond(), LEASE);
        let mut held = held(job);
        held.value(Alias::new("leased_until"), until);
        self.update(&held).await
    }

    /// Says how far a job has come; `false` when the lease was lost.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn note_progress(&self, job: &Job, progress: &str) -> Result<bool, StoreFault> {
        let mut held = held(job);
        held.value(Alias::new("progress"), progress);
        self.update(&held).await
    }

    /// Says that a job is done; `false` when the lease was lost.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn finish_job(&self, job: &Job) -> Result<bool, StoreFault> {
        let now = self.inner.ambient.now().as_microsecond();
        let mut held = held(job);
        held.value(Alias::new("state"), JobState::Done.word())
            .value(Alias::new("problem"), "")
            .value(Alias::new("finished_at"), now);
        self.update(&held).await
    }

    /// Says that an attempt failed: the job waits and is tried again, longer each time, until it has failed for good.
    /// `false` when the lease was lost.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn fail_job(&self, job: &Job, problem: &str) -> Result<bool, StoreFault> {
        let now = self.inner.ambient.now().as_microsecond();
        let mut held = held(job);
        held.value(Alias::new("problem"), problem);
        if job.attempt >= ATTEMPTS {
            held.value(Alias::new("state"), JobState::Failed.word())
                .value(Alias::new("finished_at"), now);
        } else {
            held.value(Alias::new("state"), JobState::Waiting.word())
                .value(Alias::new("run_after"), after(now, wait(job.attempt)));
        }
        self.update(&held).await
    }

    /// Takes back the jobs of servers that were killed, and counts them.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn recover_jobs(&self) -> Result<u64, StoreFault> {
        let now = self.inner.ambient.now().as_microsecond();
        let lost = || {
            Query::update()
                .table(Alias::new(JOB))
                .value(Alias::new("problem"), "the server stopped during the work")
                .and_where(Expr::col(Alias::new("state")).eq(JobState::Running.word()))
                .and_where(Expr::col(Alias::new("leased_until")).lte(now))
                .to_owned()
        };
        let mut last = lost();
        last.value(Alias::new("state"), JobState::Failed.word())
            .value(Alias::new("finished_at"), now)
            .and_where(Expr::col(Alias::new("attempts")).gte(ATTEMPTS));
        let mut again = lost();
        again
            .value(Alias::new("state"), JobState::Waiting.word())
            .and_where(Expr::col(Alias::new("attempts")).lt(ATTEMPTS));
        let failed = self.writer().execute(&last).await?.rows_affected();
        Ok(failed + self.writer().execute(&again).await?.rows_affected())
    }

    fn writer(&self) -> &DatabaseConnection {
        &self.inner.connections.writer
    }

    async fn update(&self, update: &UpdateStatement) -> Result<bool, StoreFault> {
        Ok(self.writer().execute(update).await?.rows_affected() == 1)
    }
}

/// An update of `job` that does nothing once its lease is another's.
fn held(job: &Job) -> UpdateStatement {
    Query::update()
        .table(Alias::new(JOB))
        .and_where(Expr::col(Alias::new("id")).eq(job.id.to_string()))
        .and_where(Expr::col(Alias::new("state")).eq(JobState::Running.word()))
        .and_where(Expr::col(Alias::new("leased_by")).eq(job.server.as_str()))
        .and_where(Expr::col(Alias::new("attempts")).eq(job.attempt))
        .to_owned()
}

/// The wait after a failed attempt.
fn wait(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or_default();
    let factor = 2_u32.saturating_pow(doublings);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn after(now: i64, wait: Duration) -> i64 {
    now.saturating_add(micros(wait))
}

pub(crate) fn read_id(row: &QueryResult) -> Result<JobId, StoreFault> {
    let id: String = row.try_get("", "id")?;
    JobId::parse(&id).map_err(|error| StoreFault::Database(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_an_hour() {
        let waits: Vec<u64> = (1..=10).map(|attempt| wait(attempt).as_secs()).collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
