//! What capabilities do in the background.

use std::time::Duration;

use clearpicture_kernel::id;
use clearpicture_store::{Job, JobRunner};
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::state::App;

/// A kind of job, and what does it.
#[derive(Clone, Copy)]
pub struct JobSpec {
    /// The kind's name.
    pub kind: &'static str,
    /// What it does, for the administrator's page.
    pub about: &'static str,
    /// How often it is due; `None` when only asked for.
    pub every: Option<Duration>,
    /// Whether it may take longer than a few seconds: then others need not wait for it.
    pub long: bool,
    /// Does it, and says in a few words what came of it; no personal data.
    pub run: fn(App, Work) -> BoxFuture<'static, Result<String, String>>,
}

/// A job at hand.
#[derive(Debug, Clone)]
pub struct Work {
    app: App,
    job: Job,
}

impl Work {
    /// What the handler was asked for.
    pub const fn payload(&self) -> &serde_json::Value {
        &self.job.payload
    }

    /// What tells this job from every other, however often it is tried.
    pub fn key(&self) -> String {
        self.job.id.to_string()
    }

    /// Says how far the work has come, in a few words without personal data. That it cannot be said is no reason to stop.
    pub async fn note(&self, progress: &str) {
        drop(self.app.store().note_progress(&self.job, progress).await);
    }
}

impl std::fmt::Debug for JobSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

/// Does the jobs of every capability until `stopping` says `true` or its sender is gone;
/// the jobs at hand are finished first. Long ones have a runner of their own.
pub async fn run_jobs(app: App, stopping: watch::Receiver<bool>) {
    let short = runner(&app, false).run(stopping.clone());
    let long = runner(&app, true).run(stopping);
    futures_util::join!(short, long);
}

fn runner(app: &App, long: bool) -> JobRunner {
    let server = format!("server-{}", id::encode(id::fresh(app.ambient())));
    let mut runner = JobRunner::new(app.store().clone(), server);
    for spec in app.jobs().filter(|spec| spec.long == long).copied() {
        let app = app.clone();
        runner = runner.handle(spec.kind, move |_, job| run_one(app.clone(), spec, job));
        if let Some(every) = spec.every {
            runner = runner.every(every, spec.kind);
        }
    }
    runner
}

/// Does one job, and notes in its row what came of it.
async fn run_one(app: App, spec: JobSpec, job: Job) -> Result<(), String> {
    let work = Work {
        app: app.clone(),
        job,
    };
    let outcome = (spec.run)(app, work.clone()).await?;
    work.note(&outcome).await;
    Ok(())
}
