//! The form that records what happened to a feed.

use clearpicture_kernel::day::day_of;
use serde::Serialize;

use super::{UNDER, since};
use crate::feeds::form::HappenedForm;
use crate::feeds::rules::{happen, possible};
use crate::feeds::types::{Feed, FeedId, FeedState, RecordFeedState};
use crate::shell::{Answer, Choice, Ctx, Errors, Failure, Page, Permitted, Posted};

/// The form that records what happened to a feed.
#[derive(Debug, Clone, Serialize)]
pub(in crate::feeds) struct HappenedPage {
    name: String,
    action: String,
    state: String,
    since: String,
    form: HappenedForm,
    errors: Errors,
    choices: Vec<Choice>,
    asks_why: bool,
}

impl Page for HappenedPage {
    const TEMPLATE: &'static str = "feeds/happened.html";

    fn title(&self) -> String {
        "What happened to this feed?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            name: "Missing episodes".to_owned(),
            action: "/feeds/feed_1/happened".to_owned(),
            state: "Wanted".to_owned(),
            since: "since 3 May".to_owned(),
            form: HappenedForm::default(),
            errors: Errors::default(),
            choices: vec![choice("granted", ""), choice("refused", "")],
            asks_why: true,
        };
        let mut errors = Errors::default();
        errors.add("day", "Day: there is no such day");
        vec![
            Self {
                errors,
                asks_why: false,
                ..clean.clone()
            },
            clean,
        ]
    }
}

/// What can happen, each with what follows from it.
fn choice(code: &str, chosen: &str) -> Choice {
    let (text, follows) = match code {
        "granted" => (
            "Access was granted",
            "The feed stands as granted, not usable, until usable data comes.",
        ),
        "refused" => (
            "It was refused",
            "The feed stands as refused, with the reason, and no figure may rest on it.",
        ),
        "connected" => (
            "Usable data came",
            "Figures may rest on the feed from this day.",
        ),
        "unusable" => (
            "Nothing usable comes",
            "The feed stands as granted, not usable, with the reason.",
        ),
        _ => (
            "It was asked for again",
            "The feed stands as wanted from this day. The refusal stays in its history.",
        ),
    };
    Choice::new(code, text, chosen).hinted(follows)
}

fn happened_page(ctx: &Ctx, id: FeedId, feed: &Feed, form: HappenedForm) -> HappenedPage {
    let state = feed.facts.state();
    let codes = possible(&state);
    HappenedPage {
        name: feed.name.to_string(),
        action: format!("/feeds/{id}/happened"),
        state: FeedState::words(state.code()).to_owned(),
        since: since(Some(state.since()), day_of(ctx.now())),
        errors: Errors::default(),
        choices: codes.iter().map(|code| choice(code, &form.what)).collect(),
        asks_why: codes.contains(&"refused") || codes.contains(&"unusable"),
        form,
    }
}

pub(in crate::feeds) async fn happened(
    Permitted { ctx, id, permit }: Permitted<RecordFeedState>,
) -> Answer {
    let feed = ctx.store().load(&permit).await?;
    let version = permit.resource().version.to_string();
    let page = happened_page(
        &ctx,
        id,
        &feed,
        HappenedForm {
            version,
            ..HappenedForm::default()
        },
    );
    ctx.page_under(&page, UNDER)
}

pub(in crate::feeds) async fn record_happening(
    door: Permitted<RecordFeedState>,
    Posted(form): Posted<HappenedForm>,
) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let feed = ctx.store().load(permit).await?;
    if !door.is_at(form.version()) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let after = match form.read() {
        Ok((happening, on)) => errors.take(
            "what",
            "What happened",
            happen(&feed, happening, on, day_of(ctx.now())),
        ),
        Err(found) => {
            errors = found;
            None
        }
    };
    let Some(after) = after else {
        let page = happened_page(ctx, *id, &feed, form);
        return ctx.page_under(&HappenedPage { errors, ..page }, UNDER);
    };
    ctx.store().change(permit, &after, None).await?;
    ctx.done(&format!("/feeds/{id}"), "What happened was recorded.")
        .await
}
