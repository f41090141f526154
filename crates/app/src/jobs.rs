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
    /// Does it, and says in a few words what came of it; no personal data.
    pub run: fn(App, String) -> BoxFuture<'static, Result<String, String>>,
}

impl std::fmt::Debug for JobSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

/// Does the jobs of every capability until `stopping` says `true` or its sender is gone;
/// the job at hand is finished first.
pub async fn run_jobs(app: App, stopping: watch::Receiver<bool>) {
    let server = format!("server-{}", id::encode(id::fresh(app.ambient())));
    let mut runner = JobRunner::new(app.store().clone(), server);
    let specs: Vec<JobSpec> = app.jobs().copied().collect();
    for spec in specs {
        let app = app.clone();
        runner = runner.handle(spec.kind, move |_, job| run_one(app.clone(), spec, job));
        if let Some(every) = spec.every {
            runner = runner.every(every, spec.kind);
        }
    }
    runner.run(stopping).await;
}

/// Does one job, and notes in its row what came of it.
async fn run_one(app: App, spec: JobSpec, job: Job) -> Result<(), String> {
    let outcome = (spec.run)(app.clone(), job.payload.to_string()).await?;
    let noted = app.store().note_progress(&job, &outcome).await;
    noted.map(|_| ()).map_err(|fault| fault.to_string())
}
