//! Reading a file, and taking it in, in the background: begun anew when the server was stopped meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clearpicture_store::{NewJob, StoreFault};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::intake::{Intake, Layout, LoadFault};
use super::store;
use super::types::LoadId;
use crate::jobs::{JobSpec, Work};
use crate::linking;
use crate::state::App;

const READ: &str = "read-file";
const TAKE: &str = "take-file-in";
const AGAIN: &str = "lay-file-again";
const BACK: &str = "take-file-back";
const SWEEP: &str = "let-go-of-files";
/// How long a file that was not read is held.
const HELD: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);
/// How often whoever waits is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The jobs.
pub(super) fn jobs() -> Vec<JobSpec> {
    vec![
        JobSpec {
            kind: READ,
            about: "Reads a file that was sent in, says what is wrong with it, and tries what taking it in would do.",
            every: None,
            long: true,
            run: |app, work| does(app, work, Step::Read),
        },
        JobSpec {
            kind: TAKE,
            about: "Takes in a file that somebody accepted.",
            every: None,
            long: true,
            run: |app, work| does(app, work, Step::Take),
        },
        JobSpec {
            kind: AGAIN,
            about: "Lays a file again in which somebody put something right.",
            every: None,
            long: true,
            run: |app, work| does(app, work, Step::Again),
        },
        JobSpec {
            kind: SWEEP,
            about: "Lets go of files that broke off on their way, or were never read, after a week.",
            every: Some(Duration::from_secs(6 * 3600)),
            long: false,
            run: |app, _| sweep(app).boxed(),
        },
        JobSpec {
            kind: BACK,
            about: "Takes a file back of which somebody said so: what it told stands no more.",
            every: None,
            long: true,
            run: |app, work| does(app, work, Step::Back),
        },
    ]
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Read,
    Take,
    Again,
    Back,
}

impl Step {
    const fn kind(self) -> &'static str {
        match self {
            Self::Read => READ,
            Self::Take => TAKE,
            Self::Again => AGAIN,
            Self::Back => BACK,
        }
    }

    /// One and the same for one version of a file, however often it is asked for.
    fn key(self, id: LoadId, version: u32) -> String {
        format!("{}/{id}/{version}", self.kind())
    }
}

/// What does a step of a version of a file, once. The change that makes this version asks for it: whatever stops the server
/// a moment later, no file waits for nobody.
pub(super) fn job(step: Step, id: LoadId, version: u32) -> NewJob {
    NewJob {
        payload: json!(id.to_string()),
        ..NewJob::new(step.kind(), step.key(id, version))
    }
}

/// What reads a version of a file.
pub(super) fn reading(id: LoadId, version: u32) -> NewJob {
    job(Step::Read, id, version)
}

/// How far a step has come, in words; empty when nothing is said.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(super) async fn progress(
    app: &App,
    step: Step,
    id: LoadId,
    version: u32,
) -> Result<String, StoreFault> {
    let job = app.store().job_with_key(&step.key(id, version)).await?;
    Ok(job.map_or(String::new(), |job| match job.problem.as_str() {
        "" => job.progress,
        _ => "The last try failed, and it will be tried again.".to_owned(),
    }))
}

async fn sweep(app: App) -> Result<String, String> {
    let then = app.ambient().now() - HELD;
    let gone = store::let_go_of_old(app.store(), then.as_microsecond()).await;
    let gone = gone.map_err(|fault| fault.to_string())?;
    Ok(format!("{gone} pieces let go"))
}

fn does(app: App, work: Work, step: Step) -> BoxFuture<'static, Result<String, String>> {
    async move {
        let id: LoadId = serde_json::from_value(work.payload().clone())
            .map_err(|_| "the job names no file".to_owned())?;
        let rows = Arc::new(AtomicU64::new(0));
        let far = Arc::clone(&rows);
        let far = Arc::new(move |read| far.store(read, Ordering::Relaxed));
        let intake = Intake::new(app.store(), app.access(), app.practice(), far)
            .map_err(|fault| fault.to_string())?
            .followed_by(reading);
        let mut doing = async {
            match step {
                Step::Read => {
                    let examined = intake.examine(id, &Layout::default(), None).await?;
                    Ok(format!("{} rows read", examined.summary.rows))
                }
                Step::Back => {
                    intake.take_back(id).await?;
                    linking::link_soon(&app, &id.to_string(), &work.key()).await?;
                    Ok("nothing that it told stands".to_owned())
                }
                Step::Again | Step::Take => {
                    let effect = match step {
                        Step::Take => intake.take_in(id).await?,
                        _ => intake.put_right(id).await?,
                    };
                    // Whom it tells of may be known already: nobody waits for the night to learn that.
                    linking::link_soon(&app, &id.to_string(), &work.key()).await?;
                    Ok(format!("{} rows say something new", effect.accepted()))
                }
            }
        }
        .boxed();
        let mut ticks = tokio::time::interval(TELL_EVERY);
        let done = loop {
            tokio::select! {
                done = &mut doing => break done,
                _ = ticks.tick() => match rows.load(Ordering::Relaxed) {
                    0 => {}
                    rows => work.note(&format!("{rows} rows so far")).await,
                },
            }
        };
        match done {
            Ok(words) => Ok(words),
            // It was done before, and the server was stopped before it could say so, or ask for what follows.
            Err(LoadFault::Elsewhere) => {
                if matches!(step, Step::Take | Step::Back) {
                    let asked = linking::link_soon(&app, &id.to_string(), &work.key()).await;
                    asked.map_err(|fault| fault.to_string())?;
                }
                Ok("done before".to_owned())
            }
            // It waits until somebody says so; to try again would end as much.
            Err(LoadFault::EndsMany(effect)) => Ok(format!(
                "it would end {} rows, and waits until somebody agrees",
                effect.ended
            )),
            Err(fault) => Err(fault.to_string()),
        }
    }
    .boxed()
}
