//! What the server does between requests: the jobs that capabilities declare,
//! the seals of history, and the copy of the seals for their second holder.

use std::path::PathBuf;
use std::time::Duration;

use clearpicture_app::App;
use clearpicture_kernel::id;
use clearpicture_store::{JobRunner, Store};
use tokio::task::JoinHandle;

use crate::settings::Settings;
use crate::shutdown::Stopping;

const SEAL: &str = "seal-history";
const SEAL_EVERY: Duration = Duration::from_secs(60);
const HAND_OVER: &str = "hand-over-seals";
const HAND_OVER_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Starts doing jobs; the handle ends once the job at hand is finished after `stopping`.
pub(crate) fn start(app: &App, settings: &Settings, stopping: &Stopping) -> JoinHandle<()> {
    // Unlike every other server that runs on the same database.
    let server = format!("server_{}", id::encode(id::fresh(app.ambient())));
    let mut runner = JobRunner::new(app.store().clone(), server)
        .handle(SEAL, |store, _| seal(store))
        .every(SEAL_EVERY, SEAL);
    if let Some(folder) = settings.seals_folder.clone() {
        runner = runner
            .handle(HAND_OVER, move |store, _| hand_over(store, folder.clone()))
            .every(HAND_OVER_EVERY, HAND_OVER);
    }
    for job in app
        .capabilities()
        .iter()
        .flat_map(|capability| &capability.jobs)
    {
        let (app, run) = (app.clone(), job.run);
        runner = runner.handle(job.kind, move |store, job| {
            let payload = job.payload.as_str().unwrap_or_default().to_owned();
            let work = run(app.clone(), payload);
            async move {
                let came_of_it = work.await?;
                let noted = store.note_progress(&job, &came_of_it).await;
                noted.map(|_| ()).map_err(|fault| fault.to_string())
            }
        });
        if let Some(every) = job.every {
            runner = runner.every(every, job.kind);
        }
    }
    tokio::spawn(runner.run(stopping.told()))
}

async fn seal(store: Store) -> Result<(), String> {
    let sealed = store.seal_due().await;
    sealed.map(|_| ()).map_err(|fault| fault.to_string())
}

async fn hand_over(store: Store, folder: PathBuf) -> Result<(), String> {
    let file = store.export_seals(&folder).await;
    let file = file.map_err(|fault| fault.to_string())?;
    if file.is_some() {
        tracing::info!("new seals of history were handed over");
    }
    Ok(())
}
