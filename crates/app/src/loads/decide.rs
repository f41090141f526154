//! Deciding whether a file that was read is taken in.

use clearpicture_kernel::Passage;
use serde::Deserialize;

use super::types::{DecideLoad, LoadState};
use super::work::{self, Step};
use crate::shell::form::number;
use crate::shell::{Answer, DayTyped, Failure, Permitted, Posted};

/// A decision as typed.
#[derive(Debug, Deserialize)]
pub(super) struct DecideForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    /// `take` or `leave`.
    decision: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    reason: String,
}

/// `POST /loads/{id}/decide`
pub(super) async fn decide(at: Permitted<DecideLoad>, Posted(form): Posted<DecideForm>) -> Answer {
    let ctx = &at.ctx;
    let href = format!("/loads/{}", at.id);
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut load = ctx.store().load(&at.permit).await?;
    if !matches!(load.state, LoadState::Waiting(_)) {
        return Err(Failure::Rule(
            "Nothing is to be decided about this file now.".to_owned(),
        ));
    }
    let reason = match form.reason.trim() {
        "" => None,
        typed => {
            Some(Passage::parse(typed).map_err(|error| Failure::Rule(format!("Why: {error}")))?)
        }
    };
    match form.decision.as_str() {
        "take" => {
            let typed = DayTyped {
                day: form.day,
                month: form.month,
                year: form.year,
            };
            let day = typed.read();
            let day = day.map_err(|error| Failure::Rule(format!("The day: {error}")))?;
            load.as_of = day.or(load.as_of);
            load.state = LoadState::Accepted;
            let job = work::job(Step::Take, at.id, form.version + 1);
            let change = ctx
                .store()
                .prepare_change(&at.permit, &load, reason.as_ref());
            ctx.store().commit(vec![change.await?.asking(job)]).await?;
            ctx.done(&href, "The file is being taken in.").await
        }
        "leave" => {
            let reason = reason.ok_or_else(|| {
                Failure::Rule("Say why the file is not taken in: its sender will ask.".to_owned())
            })?;
            load.state = LoadState::Declined;
            ctx.store().change(&at.permit, &load, Some(&reason)).await?;
            ctx.done(
                &href,
                "The file is not taken in. It stays sealed, and nothing of it is used.",
            )
            .await
        }
        _ => Err(Failure::Malformed("Choose what is to be done.".to_owned())),
    }
}
