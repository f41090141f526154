//! Linking in the background: whoever a load tells of as it is taken in, whom a decision is about, and everything once a
//! day.

use std::collections::BTreeSet;
use std::time::Duration;

use clearpicture_kernel::id;
use clearpicture_store::{NewJob, StoreFault};
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use serde_json::json;

use super::follow::Decided;
use super::run::{LinkFault, Linking, Outcome, run_after, run_for_load, run_if_new};
use super::{keys, quality};
use crate::jobs::{JobSpec, Work};
use crate::state::App;

const NEW: &str = "link-what-is-new";
const DECIDED: &str = "link-after-a-decision";
const ALL: &str = "link-everything";
/// How long after a decision its job waits: whoever decided links at once, and the two are not to meet.
const AFTER: SignedDuration = SignedDuration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);
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
            kind: DECIDED,
            about: "Makes sure that a decision about a link was followed, should the server have been stopped before it was.",
            every: None,
            long: true,
            run: |app, work| link_decided(app, work).boxed(),
        },
        JobSpec {
            kind: ALL,
            about: "Links everything that is held, and counts how common names are.",
            every: Some(DAY),
            long: true,
            run: |app, _| link_all(app).boxed(),
        },
        JobSpec {
            kind: "make-search-keys",
            about: "Makes sure that everyone who is held can be found by all that is told of them, after the product came to look for more.",
            every: Some(HOUR),
            long: true,
            run: |app, _| keys::make(app).boxed(),
        },
        JobSpec {
            kind: "keep-protections",
            about: "Makes sure that everyone who was protected before that was kept of itself stays so, and that whoever may be one of them is held.",
            every: Some(HOUR),
            long: true,
            run: |app, _| keep_protections(app).boxed(),
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

/// The job that makes sure of what follows from a decision. One that was followed leaves it nothing to do.
pub(super) fn after(app: &App, decided: &Decided) -> NewJob {
    let one = id::encode(id::fresh(app.ambient()));
    NewJob {
        payload: json!(decided),
        run_after: decided.at.checked_add(AFTER).ok(),
        ..NewJob::new(DECIDED, format!("{DECIDED}/{one}"))
    }
}

async fn link_decided(app: App, work: Work) -> Result<String, String> {
    let decided: Decided = serde_json::from_value(work.payload().clone())
        .map_err(|_| "the job names no decision".to_owned())?;
    let model = &app.practice().linkage;
    in_words(run_after(app.store(), app.access(), model, &decided).await)
}

async fn link_all(app: App) -> Result<String, String> {
    let done = run_if_new(app.store(), app.access(), &app.practice().linkage).await;
    match done.transpose() {
        Some(done) => in_words(done),
        None => Ok("nothing is new".to_owned()),
    }
}

async fn keep_protections(app: App) -> Result<String, String> {
    let model = &app.practice().linkage;
    let kept = match Linking::new(app.store(), app.access()) {
        Ok(linking) => linking.keep_standing(model, &BTreeSet::new()).await,
        Err(fault) => Err(fault),
    };
    let kept = kept.map_err(|fault| fault.to_string())?;
    Ok(format!("{kept} protections kept"))
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
