//! The register over the API.

use axum::Json;
use axum::extract::Query;
use axum::response::IntoResponse as _;
use clearpicture_kernel::AgencyId;
use clearpicture_kernel::day::day_of;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::{FeedForm, HappenedForm};
use super::rules::happen;
use super::store::{self, Wanted};
use super::types::{AddFeed, Feed, FeedFacts, FeedId, RecordFeedState, SeeFeed};
use crate::api::Described;
use crate::capability::{Listed, Route};
use crate::shell::{Allowed, Answer, Errors, Failure, Permitted, Received, Scoped};

/// The routes, for the capability's list.
pub(super) fn routes() -> [Route; 4] {
    [
        Route::get::<SeeFeed, _>("/api/v1/feeds", list)
            .described(Described::gives::<FeedList>())
            .lists(Listed::by_id()),
        Route::post::<AddFeed, _>("/api/v1/feeds", add)
            .described(Described::takes::<NewFeed, FeedSeen>())
            .tried(
                r#"{"name": "Attendance", "about": "Every child absent.", "contact": "Data manager",
                "lawful_basis": "public-task", "controllers": "The schools", "schedule": "weekly"}"#,
            ),
        Route::get::<SeeFeed, _>("/api/v1/feeds/{id}", show)
            .described(Described::gives::<FeedSeen>()),
        Route::post::<RecordFeedState, _>("/api/v1/feeds/{id}/happened", happened)
            .described(Described::takes::<Happened, FeedSeen>())
            .tried(r#"{"version": 1, "what": "connected", "on": "2026-09-03"}"#),
    ]
}

/// A page of the register.
#[derive(Debug, Serialize, JsonSchema)]
struct FeedList {
    feeds: Vec<FeedLine>,
    page: u64,
    pages: u64,
    total: u64,
}

/// One line of the register.
#[derive(Debug, Serialize, JsonSchema)]
struct FeedLine {
    id: String,
    version: i64,
    agency: String,
    name: String,
    /// `connected`, `granted-unusable`, `wanted` or `refused`.
    state: String,
}

/// One feed.
#[derive(Debug, Serialize, JsonSchema)]
struct FeedSeen {
    id: String,
    version: u32,
    agency: String,
    name: String,
    about: String,
    contact: String,
    lawful_basis: String,
    controllers: String,
    schedule: String,
    /// `connected`, `granted-unusable`, `wanted` or `refused`.
    state: String,
    /// The day since when, as YYYY-MM-DD.
    since: String,
    why: Option<String>,
    /// The day on which the last file of it was taken in, as YYYY-MM-DD.
    last_file: Option<String>,
}

/// A feed to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFeed {
    /// The agency's id; by default the caller's own.
    agency: Option<String>,
    name: String,
    about: String,
    contact: String,
    /// A code of the partnership's list of lawful bases.
    lawful_basis: String,
    controllers: String,
    /// A code of the partnership's list of schedules.
    schedule: String,
}

/// Something that happened to a feed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Happened {
    /// The version of the feed that this was decided on.
    version: u32,
    /// `granted`, `refused`, `connected`, `unusable` or `asked-again`.
    what: String,
    /// The day, as YYYY-MM-DD.
    on: String,
    /// Why; needed for `refused` and `unusable`.
    #[serde(default)]
    why: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    page: u64,
}

impl FeedSeen {
    fn of(id: FeedId, version: u32, feed: Feed) -> Self {
        let state = feed.facts.state();
        Self {
            id: id.to_string(),
            version,
            agency: feed.agency.to_string(),
            name: feed.name.into(),
            about: feed.about.into(),
            contact: feed.contact.into(),
            lawful_basis: feed.lawful_basis.into(),
            controllers: feed.controllers.into(),
            schedule: feed.schedule.into(),
            state: state.code().to_owned(),
            since: state.since().to_string(),
            why: state.why().map(ToOwned::to_owned),
            last_file: feed.facts.last_file.map(|day| day.to_string()),
        }
    }
}

/// What is wrong with a call, in one sentence.
fn in_one(errors: &Errors) -> Failure {
    let all: Vec<&str> = errors
        .summary
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    Failure::Rule(all.join("; "))
}

async fn list(Scoped { ctx, scope }: Scoped<SeeFeed>, Query(query): Query<PageQuery>) -> Answer {
    let (rows, page) = store::page(ctx.store(), &scope, &Wanted::default(), query.page).await?;
    let feeds = rows.into_iter().map(|row| FeedLine {
        id: row.id,
        version: row.version,
        agency: row.agency_id,
        name: row.name,
        state: row.state,
    });
    Ok(Json(FeedList {
        feeds: feeds.collect(),
        page: page.page,
        pages: page.pages,
        total: page.total,
    })
    .into_response())
}

async fn show(Permitted { ctx, id, permit }: Permitted<SeeFeed>) -> Answer {
    let feed = ctx.store().load(&permit).await?;
    Ok(Json(FeedSeen::of(id, permit.resource().version, feed)).into_response())
}

async fn add(allowed: Allowed<AddFeed>, Received(new): Received<NewFeed>) -> Answer {
    let ctx = allowed.ctx;
    let own = ctx
        .caller()
        .agency
        .map(|agency: AgencyId| agency.to_string());
    let form = FeedForm {
        version: String::new(),
        agency: new.agency.or(own).unwrap_or_default(),
        name: new.name,
        about: new.about,
        contact: new.contact,
        lawful_basis: new.lawful_basis,
        controllers: new.controllers,
        schedule: new.schedule,
        sources: Vec::new(),
    };
    let asked = FeedFacts::asked(day_of(ctx.now()));
    let feed = form
        .read(ctx.app.practice(), asked)
        .map_err(|errors| in_one(&errors))?;
    let id = FeedId::fresh(ctx.app.ambient());
    let permit = ctx.permit_add::<AddFeed>(&id, &feed)?;
    let receipt = ctx.store().add(&permit, &feed, None).await?;
    Ok(Json(FeedSeen::of(id, receipt.version, feed)).into_response())
}

async fn happened(door: Permitted<RecordFeedState>, Received(told): Received<Happened>) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    if !door.is_at(told.version) {
        return Err(Failure::Conflict);
    }
    let feed = ctx.store().load(permit).await?;
    let mut day = told.on.split('-').map(ToOwned::to_owned);
    let mut part = || day.next().unwrap_or_default();
    let form = HappenedForm {
        version: told.version.to_string(),
        what: told.what,
        why: told.why,
        year: part(),
        month: part(),
        day: part(),
    };
    let (happening, on) = form.read().map_err(|errors| in_one(&errors))?;
    let after = happen(&feed, happening, on, day_of(ctx.now()));
    let after = after.map_err(|refusal| Failure::Rule(refusal.to_string()))?;
    let receipt = ctx.store().change(permit, &after, None).await?;
    Ok(Json(FeedSeen::of(*id, receipt.version, after)).into_response())
}
