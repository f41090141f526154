//! The loop that does the jobs of the kinds it was given handlers for.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;

use crate::fault::StoreFault;
use crate::jobs::{Job, LEASE};
use crate::open::Store;

/// How long the loop rests when no job is due and none is added here: another server may add one.
const REST: Duration = Duration::from_secs(1);

type Work = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Handler = Box<dyn Fn(Store, Job) -> Work + Send + Sync>;

/// Does jobs, one at a time, until it is told to stop.
///
/// A job that may take long belongs in a runner of its own, so that short ones
/// (a seal each minute) need not wait for it:
///
/// ```no_run
/// # async fn example(store: clearpicture_store::Store) {
/// use clearpicture_store::JobRunner;
/// use std::time::Duration;
///
/// let (stop, stopping) = tokio::sync::watch::channel(false);
/// let runner = JobRunner::new(store, "server-1")
///     .handle("seal-history", async |store, _job| {
///         store.seal_due().await.map(|_| ()).map_err(|fault| fault.to_string())
///     })
///     .every(Duration::from_secs(60), "seal-history");
/// let running = tokio::spawn(runner.run(stopping));
/// stop.send_replace(true);
/// running.await.ok();
/// # }
/// ```
pub struct JobRunner {
    store: Store,
    server: String,
    handlers: BTreeMap<&'static str, Handler>,
    periodic: Vec<(Duration, &'static str)>,
}

impl std::fmt::Debug for JobRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobRunner")
            .field("server", &self.server)
            .field("kinds", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

/// What became of one look for work.
enum Turn {
    Worked,
    Idle,
}

impl JobRunner {
    /// A runner without handlers; `server` names the process, unlike every other that runs.
    pub fn new(store: Store, server: impl Into<String>) -> Self {
        Self {
            store,
            server: server.into(),
            handlers: BTreeMap::new(),
            periodic: Vec::new(),
        }
    }

    /// Does jobs of `kind` by `handler`, whose error says what went wrong, without names.
    #[must_use]
    pub fn handle<W>(
        mut self,
        kind: &'static str,
        handler: impl Fn(Store, Job) -> W + Send + Sync + 'static,
    ) -> Self
    where
        W: Future<Output = Result<(), String>> + Send + 'static,
    {
        let boxed = move |store, job| -> Work { Box::pin(handler(store, job)) };
        self.handlers.insert(kind, Box::new(boxed));
        self
    }

    /// Asks for a job of `kind` once in every `period`, whatever the number of servers.
    #[must_use]
    pub fn every(mut self, period: Duration, kind: &'static str) -> Self {
        self.periodic.push((period, kind));
        self
    }

    /// Does jobs until `stopping` says `true` or its sender is gone; the job at hand is finished first.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let kinds: Vec<&str> = self.handlers.keys().copied().collect();
        while !*stopping.borrow_and_update() {
            // Asked for before the look, so that a job added meanwhile is not slept over.
            let added = self.store.inner.job_added.notified();
            match self.turn(&kinds).await {
                Ok(Turn::Worked) => continue,
                Ok(Turn::Idle) => {}
                Err(fault) => {
                    tracing::error!(%fault, "jobs cannot be looked for; trying again in a moment");
                }
            }
            tokio::select! {
                () = added => {}
                () = tokio::time::sleep(REST) => {}
                changed = stopping.changed() => if changed.is_err() { return },
            }
        }
    }

    /// One look for work, and the work.
    async fn turn(&self, kinds: &[&str]) -> Result<Turn, StoreFault> {
        for (period, kind) in &self.periodic {
            self.store.enqueue_for_period(kind, *period).await?;
        }
        self.store.recover_jobs().await?;
        let Some(job) = self.store.lease_job(kinds, &self.server).await? else {
            return Ok(Turn::Idle);
        };
        if let Some(handler) = self.handlers.get(job.kind.as_str()) {
            self.work(handler, &job).await?;
        }
        Ok(Turn::Worked)
    }

    /// Does one job, renewing its lease as long as that takes.
    async fn work(&self, handler: &Handler, job: &Job) -> Result<(), StoreFault> {
        // A task of its own: while the lease is renewed, the work goes on and gives back the
        // connection that the renewal waits for. A handler that panics fails its job, not the loop.
        let mut work = tokio::spawn(handler(self.store.clone(), job.clone()));
        let mut renewals = tokio::time::interval(LEASE / 3);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = renewals.tick() => match self.store.renew_job(job).await {
                    Ok(true) => {}
                    // Without a lease another server may begin the same job: the work ends here.
                    lost => {
                        work.abort();
                        tracing::warn!(job.id = %job.id, job.kind, "the lease of a job was lost, so its work was stopped");
                        return lost.map(|_| ());
                    }
                },
            }
        };
        match result.unwrap_or_else(|_| Err("the handler panicked".to_owned())) {
            Ok(()) => self.store.finish_job(job).await?,
            Err(problem) => {
                tracing::warn!(job.id = %job.id, job.kind, job.attempt, "an attempt at a job failed");
                self.store.fail_job(job, &problem).await?
            }
        };
        Ok(())
    }
}
