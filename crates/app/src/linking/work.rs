//! Linking in the background: whoever a load tells of as it is taken in, and everything once a day.

use std::time::Duration;

use clearpicture_store::{NewJob, StoreFault};
use futures_util::FutureExt as _;
use serde_json::json;

use super::quality;
use super::run::{LinkFault, Outcome, run_for_load, run_if_new};
use crate::jobs::{JobSpec, Work};
use crate::state::App;

const NEW: &str = "link-what-is-new";
const ALL: &str = "link-everything";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The jobs.
pub(super) fn jobs() -> Vec<JobSpec> {
    vec![
        JobSpec {
            kind: NEW,
            about: "Links the children of whom a file that was taken in tells with those who are known.",
            every: None,
            long: true,
            run: |app, work| link_new(app, work).boxed(),
        },
        JobSpec {
            kind: ALL,
            about: "Links everything that is held, and counts how common names are.",
            every: Some(DAY),
            long: true,
            run: |app, _| link_all(app).boxed(),
        },
        quality::job(),
    ]
}

/// Asks that those of whom a version of a load tells are linked, once.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn link_soon(app: &App, load: &str, version: &str) -> Result<(), StoreFault> {
    let job = NewJob {
        payload: json!(load),
        ..NewJob::new(NEW, format!("{NEW}/{load}/{version}"))
    };
    app.store().enqueue(&job).await.map(|_| ())
}

async fn link_new(app: App, work: Work) -> Result<String, String> {
    let load = work.payload().as_str().ok_or("the job names no file")?;
    let model = &app.practice().linkage;
    in_words(run_for_load(app.store(), app.access(), model, load).await)
}

async fn link_all(app: App) -> Result<String, String> {
    let done = run_if_new(app.store(), app.access(), &app.practice().linkage).await;
    match done.transpose() {
        Some(done) => in_words(done),
        None => Ok("nothing is new".to_owned()),
    }
}

fn in_words(done: Result<Outcome, LinkFault>) -> Result<String, String> {
    let Outcome {
        joined,
        parted,
        attention,
        ..
    } = done.map_err(|fault| fault.to_string())?;
    Ok(format!(
        "{joined} joined, {parted} parted, {attention} needing attention"
    ))
}
