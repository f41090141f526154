//! The page that takes a load back: what rests on it is shown first, and a reason is asked.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use clearpicture_kernel::{Passage, SubjectId, TypedId as _};
use serde::{Deserialize, Serialize};

use super::intake::Intake;
use super::pages::LIST;
use super::send::failure;
use super::types::{DecideLoad, Load, LoadId, LoadState, SeeLoad, Taken};
use super::work::{self, Step};
use crate::linking::{self, DecisionNamed};
use crate::shell::form::{not_taken, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted};
use crate::words;

/// The form.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TakeBackPage {
    file: String,
    action: String,
    back: String,
    version: u32,
    taken: Taken,
    taken_on: String,
    rests: Rests,
    reason: String,
    errors: Errors,
}

/// What rests on a load.
#[derive(Debug, Clone, Default, Serialize)]
struct Rests {
    /// Files that were laid beside it and are laid again without it.
    later: Vec<Later>,
    /// Children of whom it told.
    children: usize,
    /// Decisions about whether records of them are one child, of which the reader may know both.
    decisions: Vec<DecisionNamed>,
    /// How many others there are.
    other_decisions: u64,
    /// Values of it that somebody put right.
    corrections: usize,
    /// People who say that they work with one of them.
    involvements: u64,
}

/// A file that is laid again.
#[derive(Debug, Clone, Serialize)]
struct Later {
    href: String,
    file: String,
    tells_of: String,
}

impl Page for TakeBackPage {
    const TEMPLATE: &'static str = "loads/take_back.html";

    fn title(&self) -> String {
        "Take a file back".to_owned()
    }

    fn samples() -> Vec<Self> {
        let taken = Taken {
            effect: super::types::Effect {
                new: 1,
                changed: 2,
                unchanged: 400,
                ended: 4_486,
                new_subjects: 1,
            },
            at: clearpicture_kernel::Timestamp::UNIX_EPOCH,
        };
        let full = Self {
            file: "csc <2026>.csv".to_owned(),
            action: "/loads/1/take-back".to_owned(),
            back: "/loads/1".to_owned(),
            version: 5,
            taken,
            taken_on: "21 November 2026, 14:02".to_owned(),
            rests: Rests {
                later: vec![Later {
                    href: "/loads/2".to_owned(),
                    file: "csc <October>.csv".to_owned(),
                    tells_of: "31 October 2026".to_owned(),
                }],
                children: 403,
                decisions: vec![DecisionNamed {
                    href: "/links/person_1?a=subject_1&b=subject_2".to_owned(),
                    words: "They are one child",
                }],
                other_decisions: 1,
                corrections: 2,
                involvements: 3,
            },
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("reason", "Why: this is empty");
        let bare = Self {
            taken: Taken {
                effect: super::types::Effect::default(),
                ..taken
            },
            rests: Rests::default(),
            errors,
            ..full.clone()
        };
        vec![full, bare]
    }
}

/// What is typed.
#[derive(Debug, Deserialize)]
pub(super) struct TakeBackForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    reason: String,
}

/// `GET /loads/{id}/take-back`
pub(super) async fn form(at: Permitted<DecideLoad>) -> Answer {
    let load = at.ctx.store().load(&at.permit).await?;
    let page = page(&at, &load, String::new(), Errors::default()).await?;
    at.ctx.page_under(&page, &[LIST])
}

/// `POST /loads/{id}/take-back`
pub(super) async fn take_back(
    at: Permitted<DecideLoad>,
    Posted(form): Posted<TakeBackForm>,
) -> Answer {
    let ctx = &at.ctx;
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut load = ctx.store().load(&at.permit).await?;
    let taken = taken(&load)?;
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Why", Passage::parse(&form.reason)) else {
        let page = page(&at, &load, form.reason, errors).await?;
        let page = ctx.page_under(&page, &[LIST]);
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    load.state = LoadState::TakingBack(taken);
    let job = work::job(Step::Back, at.id, form.version + 1);
    let change = ctx.store().prepare_change(&at.permit, &load, Some(&reason));
    ctx.store().commit(vec![change.await?.asking(job)]).await?;
    let done = "The file is being taken back. Until that is done, all stands as it did.";
    ctx.done(&format!("/loads/{}", at.id), done).await
}

fn taken(load: &Load) -> Result<Taken, Failure> {
    match load.state {
        LoadState::Taken(taken) => Ok(taken),
        _ => Err(Failure::Rule(
            "Only a file that was taken in can be taken back.".to_owned(),
        )),
    }
}

async fn page(
    at: &Permitted<DecideLoad>,
    load: &Load,
    reason: String,
    errors: Errors,
) -> Result<TakeBackPage, Failure> {
    let taken = taken(load)?;
    Ok(TakeBackPage {
        file: load.file.to_string(),
        action: format!("/loads/{}/take-back", at.id),
        back: format!("/loads/{}", at.id),
        version: at.permit.resource().version,
        taken_on: words::moment(taken.at),
        taken,
        rests: rests(&at.ctx, at.id, load).await?,
        reason,
        errors,
    })
}

/// What rests on a load: as numbers that tell of nobody, and links for those who may open them.
async fn rests(ctx: &Ctx, id: LoadId, load: &Load) -> Result<Rests, Failure> {
    let app = &ctx.app;
    let far = std::sync::Arc::new(|_| {});
    let intake = Intake::new(app.store(), app.access(), app.practice(), far)
        .map_err(|fault| failure(&fault))?;
    let undoing = intake.undoing(id, load).await;
    let undoing = undoing.map_err(|fault| failure(&fault))?;
    let children = intake.told_of(id).await;
    let children: BTreeSet<SubjectId> = children.map_err(|fault| failure(&fault))?;
    let mut later = Vec::new();
    for other in &undoing.again {
        let other = LoadId::parse(other).map_err(|error| Failure::fault(&error))?;
        let permit = ctx.permit::<SeeLoad>(&other).await?;
        let other_load = ctx.store().load(&permit).await?;
        later.push(Later {
            href: format!("/loads/{other}"),
            file: other_load.file.to_string(),
            tells_of: other_load.as_of.map_or(String::new(), words::full_day),
        });
    }
    let involvements = intake.involved_with(&children).await;
    let (decisions, other_decisions) = linking::decided_about(ctx, &children).await?;
    Ok(Rests {
        later,
        decisions,
        other_decisions,
        corrections: load.corrections.len(),
        involvements: involvements.map_err(|fault| failure(&fault))?,
        children: children.len(),
    })
}
