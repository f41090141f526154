//! The table of jobs as an administrator sees it.

use clearpicture_kernel::Timestamp;
use clearpicture_kernel::ambient::microseconds;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, QueryResult};

use crate::fault::StoreFault;
use crate::jobs::{JobId, JobState, read_id};
use crate::open::Store;
use crate::tables::JOB;

/// A job as the administrator's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOverview {
    /// The job.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// How it stands.
    pub state: JobState,
    /// How far it has come, in its handler's words; empty until it says so.
    pub progress: String,
    /// How often it was begun.
    pub attempts: i64,
    /// What went wrong in the last attempt; empty when nothing did.
    pub problem: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The moment before which it waits.
    pub run_after: Timestamp,
    /// When it was done, or failed for good.
    pub finished_at: Option<Timestamp>,
}

impl Store {
    /// The newest jobs, at most `most`, newest first; only those in `state` when one is given.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn jobs(
        &self,
        state: Option<JobState>,
        most: u64,
    ) -> Result<Vec<JobOverview>, StoreFault> {
        let mut select = newest(most);
        if let Some(state) = state {
            select.and_where(Expr::col(Alias::new("state")).eq(state.word()));
        }
        let rows = self.reader().query_all(&select).await?;
        rows.iter().map(read_overview).collect()
    }

    /// The job with this key; `None` when none was asked for, or it is forgotten.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn job_with_key(&self, key: &str) -> Result<Option<JobOverview>, StoreFault> {
        let mut select = newest(1);
        select.and_where(Expr::col(Alias::new("idempotency_key")).eq(key));
        let rows = self.reader().query_all(&select).await?;
        rows.first().map(read_overview).transpose()
    }

    /// The newest jobs of one kind, at most `most`, newest first.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn jobs_of(&self, kind: &str, most: u64) -> Result<Vec<JobOverview>, StoreFault> {
        let mut select = newest(most);
        select.and_where(Expr::col(Alias::new("kind")).eq(kind));
        let rows = self.reader().query_all(&select).await?;
        rows.iter().map(read_overview).collect()
    }

    /// Forgets jobs that were done before `moment`, and counts them. Failed ones stay to be looked at.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn forget_jobs(&self, moment: Timestamp) -> Result<u64, StoreFault> {
        let delete = Query::delete()
            .from_table(Alias::new(JOB))
            .and_where(Expr::col(Alias::new("state")).eq(JobState::Done.word()))
            .and_where(Expr::col(Alias::new("finished_at")).lt(moment.as_microsecond()))
            .to_owned();
        Ok(self
            .inner
            .connections
            .writer
            .execute(&delete)
            .await?
            .rows_affected())
    }
}

/// The newest jobs, as [`read_overview`] reads them.
fn newest(most: u64) -> SelectStatement {
    Query::select()
        .columns(
            [
                "id",
                "kind",
                "state",
                "progress",
                "attempts",
                "problem",
                "created_at",
                "run_after",
                "finished_at",
            ]
            .map(Alias::new),
        )
        .from(Alias::new(JOB))
        .order_by(Alias::new("created_at"), Order::Desc)
        .order_by(Alias::new("id"), Order::Desc)
        .limit(most)
        .to_owned()
}

fn read_overview(row: &QueryResult) -> Result<JobOverview, StoreFault> {
    let state: String = row.try_get("", "state")?;
    let finished_at: Option<i64> = row.try_get("", "finished_at")?;
    Ok(JobOverview {
        id: read_id(row)?,
        kind: row.try_get("", "kind")?,
        state: JobState::of(&state),
        progress: row.try_get("", "progress")?,
        attempts: row.try_get("", "attempts")?,
        problem: row.try_get("", "problem")?,
        created_at: microseconds(row.try_get("", "created_at")?),
        run_after: microseconds(row.try_get("", "run_after")?),
        finished_at: finished_at.map(microseconds),
    })
}
