//! Deciding whether a file that was read is taken in. What does not fit is told beside its field, and nothing typed is lost.

use axum::http::StatusCode;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Date, Passage};
use serde::Deserialize;

use super::pages::LIST;
use super::rules::{Agreed, ends_many, number_typed};
use super::show;
use super::types::{DecideLoad, Effect, Load, LoadState};
use super::work::{self, Step};
use crate::shell::form::{not_taken, number};
use crate::shell::{Answer, DayTyped, Errors, Failure, Permitted, Posted};

/// A decision as typed.
#[derive(Debug, Default, Deserialize)]
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
    /// How many held rows it ends, where those are many.
    #[serde(default)]
    pub(super) ends: String,
    #[serde(default)]
    pub(super) reason: String,
}

impl DecideForm {
    /// The form as it opens on a file of a day.
    pub(super) fn of(day: Option<Date>) -> Self {
        let DayTyped { day, month, year } = DayTyped::of(day);
        Self {
            day,
            month,
            year,
            ..Self::default()
        }
    }

    /// The day as typed.
    pub(super) fn day(&self) -> DayTyped {
        DayTyped {
            day: self.day.clone(),
            month: self.month.clone(),
            year: self.year.clone(),
        }
    }

    /// The day of which the file tells, and how many rows it may end.
    fn taking(&self, load: &Load, effect: &Effect) -> Result<(Date, Agreed), Errors> {
        let mut errors = Errors::default();
        let typed = errors.take("date", "The day", self.day().read());
        let day = match typed {
            Some(None) => {
                errors.add("date", "The day: say of which day the file tells");
                None
            }
            Some(Some(day)) if day > day_of(load.received_at) => {
                errors.add(
                    "date",
                    "The day: the file came before that day, so it cannot tell of it",
                );
                None
            }
            day => day.flatten(),
        };
        let agreed = if ends_many(effect) {
            let typed = number_typed(&self.ends);
            if typed != Some(effect.ended) {
                let words = format!("Type the number of rows that it ends: {}", effect.ended);
                errors.add("ends", words);
            }
            Agreed { ends: typed }
        } else {
            Agreed::default()
        };
        match day {
            Some(day) if errors.is_empty() => Ok((day, agreed)),
            _ => Err(errors),
        }
    }
}

/// `POST /loads/{id}/decide`
pub(super) async fn decide(at: Permitted<DecideLoad>, Posted(form): Posted<DecideForm>) -> Answer {
    let ctx = &at.ctx;
    let href = format!("/loads/{}", at.id);
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut load = ctx.store().load(&at.permit).await?;
    let LoadState::Waiting(effect) = load.state else {
        return Err(Failure::Rule(
            "Nothing is to be decided about this file now.".to_owned(),
        ));
    };
    let wrong = match form.decision.as_str() {
        "take" => match form.taking(&load, &effect) {
            Ok((day, agreed)) => {
                load.as_of = Some(day);
                load.state = LoadState::Accepted(agreed);
                let job = work::job(Step::Take, at.id, form.version + 1);
                let change = ctx.store().prepare_change(&at.permit, &load, None).await?;
                ctx.store().commit(vec![change.asking(job)]).await?;
                return ctx.done(&href, "The file is being taken in.").await;
            }
            Err(errors) => errors,
        },
        "leave" => {
            let mut errors = Errors::default();
            let reason = Passage::parse(&form.reason);
            if let Some(reason) = errors.take("reason", "Why it is not taken in", reason) {
                load.state = LoadState::Declined;
                ctx.store().change(&at.permit, &load, Some(&reason)).await?;
                let done = "The file is not taken in. It stays sealed, and nothing of it is used.";
                return ctx.done(&href, done).await;
            }
            errors
        }
        _ => return Err(Failure::Malformed("Choose what is to be done.".to_owned())),
    };
    let page = show::page(ctx, at.id, at.permit.resource(), &load, Some((form, wrong))).await?;
    not_taken(
        StatusCode::UNPROCESSABLE_ENTITY,
        ctx.page_under(&page, &[LIST]),
    )
}
