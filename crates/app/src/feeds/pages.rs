//! The register's pages.

use axum::extract::Query;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, TypedId as _};
use clearpicture_store::WriteError;
use serde::{Deserialize, Serialize};

use super::form::{FeedForm, HappenedForm};
use super::rules::{happen, possible};
use super::store::{self, Wanted};
use super::types::{
    AddFeed, EditFeed, Feed, FeedFacts, FeedId, FeedState, RecordFeedState, SeeFeed, day_of_number,
};
use crate::agencies;
use crate::shell::conflict::{Conflict, conflict};
use crate::shell::{
    Allowed, Answer, Choice, Ctx, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped,
};
use crate::words;

/// What of the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    agency: String,
    state: String,
    page: u64,
}

impl ListQuery {
    /// The filters chosen; one that names nothing known is no filter.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            agency: AgencyId::parse(&self.agency)
                .ok()
                .map(|_| self.agency.as_str()),
            state: FeedState::CODES
                .contains(&self.state.as_str())
                .then_some(self.state.as_str()),
        }
    }

    /// The filters as a query, without the page.
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("agency", self.wanted().agency),
            ("state", self.wanted().state),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// The register.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    list: Pagination,
    feeds: Vec<FeedLine>,
    agencies: Vec<Choice>,
    states: Vec<Choice>,
    /// The filters as a query.
    query: String,
    filtered: bool,
    /// `3 connected, 1 wanted`.
    standing: String,
    may_add: bool,
}

#[derive(Debug, Clone, Serialize)]
struct FeedLine {
    href: String,
    name: String,
    agency: String,
    due: String,
    state: String,
    tone: &'static str,
    since: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "feeds/list.html";

    fn title(&self) -> String {
        "Feed register".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |tone, state: &str| FeedLine {
            href: "/feeds/feed_00000000000000000000000001".to_owned(),
            name: "Missing episodes".to_owned(),
            agency: "Northwater Police".to_owned(),
            due: "Every week".to_owned(),
            state: state.to_owned(),
            tone,
            since: "since 3 May".to_owned(),
        };
        let full = Self {
            list: Pagination::of(1, 120),
            feeds: vec![
                line("done", "Connected"),
                line("due", "Access granted, not usable"),
            ],
            agencies: vec![Choice::new("", "All agencies", "")],
            states: vec![Choice::new("", "Any state", "")],
            query: "state=connected".to_owned(),
            filtered: true,
            standing: "1 connected, 1 granted but not usable".to_owned(),
            may_add: true,
        };
        let empty = Self {
            list: Pagination::of(1, 0),
            feeds: Vec::new(),
            query: String::new(),
            filtered: false,
            standing: String::new(),
            may_add: false,
            ..full.clone()
        };
        vec![
            Self {
                feeds: Vec::new(),
                ..full.clone()
            },
            full,
            empty,
        ]
    }
}

pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeFeed>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let wanted = query.wanted();
    let (rows, list) = store::page(ctx.store(), &scope, &wanted, query.page).await?;
    let counts = store::counts(ctx.store(), &scope).await?;
    let names = agencies::names(ctx.store()).await?;
    let today = day_of(ctx.now());
    let agencies = names
        .iter()
        .map(|(id, name)| Choice::new(id.to_string(), name, &query.agency));
    let states =
        FeedState::CODES.map(|code| Choice::new(code, FeedState::words(code), &query.state));
    ctx.page(&ListPage {
        list,
        feeds: rows
            .into_iter()
            .map(|row| FeedLine {
                href: format!("/feeds/{}", row.id),
                agency: agency_name(&names, &row.agency_id),
                due: in_words(&ctx, "feed-schedules", &row.schedule),
                state: FeedState::words(&row.state).to_owned(),
                tone: FeedState::tone(&row.state),
                since: since(day_of_number(row.state_since), today),
                name: row.name,
            })
            .collect(),
        agencies: std::iter::once(Choice::new("", "All agencies", &query.agency))
            .chain(agencies)
            .collect(),
        states: std::iter::once(Choice::new("", "Any state", &query.state))
            .chain(states)
            .collect(),
        query: query.query(),
        filtered: wanted != Wanted::default(),
        standing: standing(&counts),
        may_add: may_add(&ctx),
    })
}

/// How many feeds stand in each state, in words: `3 connected, 1 wanted`.
fn standing(counts: &std::collections::BTreeMap<String, i64>) -> String {
    FeedState::CODES
        .iter()
        .filter_map(|code| {
            counts
                .get(*code)
                .map(|number| format!("{number} {}", FeedState::words(code).to_lowercase()))
        })
        .collect::<Vec<_>>()
        .join(" · ")
}

fn since(day: Option<clearpicture_kernel::Date>, today: clearpicture_kernel::Date) -> String {
    day.map(|day| format!("since {}", words::day(day, today)))
        .unwrap_or_default()
}

fn agency_name(names: &std::collections::BTreeMap<AgencyId, String>, id: &str) -> String {
    AgencyId::parse(id)
        .ok()
        .and_then(|id| names.get(&id).cloned())
        .unwrap_or_default()
}

pub(super) fn in_words(ctx: &Ctx, list: &str, code: &str) -> String {
    clearpicture_kernel::Code::parse(code)
        .map(|code| ctx.app.practice().words(list, &code).to_owned())
        .unwrap_or_default()
}

fn may_add(ctx: &Ctx) -> bool {
    ctx.caller()
        .agency
        .is_some_and(|agency| ctx.may::<AddFeed>(Some(agency)))
        || ctx.may::<AddFeed>(None)
}

/// One feed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FeedPage {
    name: String,
    agency: String,
    state: String,
    tone: &'static str,
    since: String,
    why: Option<String>,
    /// What follows for a reader of figures.
    meaning: &'static str,
    facts: Vec<Fact>,
    links: Vec<Fact>,
}

/// A label and its words, or a link's words and address.
#[derive(Debug, Clone, Serialize)]
struct Fact {
    title: String,
    href: String,
    words: String,
}

impl Fact {
    fn said(title: &str, words: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            href: String::new(),
            words: words.into(),
        }
    }

    fn link(title: &str, href: String) -> Self {
        Self {
            title: title.to_owned(),
            href,
            words: String::new(),
        }
    }
}

impl Page for FeedPage {
    const TEMPLATE: &'static str = "feeds/feed.html";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            name: "Missing episodes".to_owned(),
            agency: "Northwater Police".to_owned(),
            state: "Access granted, not usable".to_owned(),
            tone: "due",
            since: "since 3 May".to_owned(),
            why: Some("Nobody was trained to use it.".to_owned()),
            meaning: meaning("granted-unusable"),
            facts: vec![Fact::said("What it holds", "Every child reported missing.")],
            links: vec![Fact::link("History", "/feeds/feed_1/history".to_owned())],
        };
        vec![
            Self {
                why: None,
                links: Vec::new(),
                ..full.clone()
            },
            full,
        ]
    }
}

/// What a feed's state means for whoever reads a figure.
const fn meaning(code: &str) -> &'static str {
    match code.as_bytes() {
        b"connected" => "Figures may rest on this feed from the day it was connected.",
        b"granted-unusable" => {
            "No figure rests on this feed. It has been promised, and it is not here yet."
        }
        b"refused" => "No figure rests on this feed, and none may suggest that it does.",
        _ => "No figure rests on this feed. It has been asked for.",
    }
}

pub(super) async fn show(Permitted { ctx, id, permit }: Permitted<SeeFeed>) -> Answer {
    let feed = ctx.store().load(&permit).await?;
    let agency = agencies::name_of(ctx.store(), Some(feed.agency)).await?;
    let state = feed.facts.state();
    let class = &permit.resource().class;
    let grants = permit.resource().grants;
    let mut links = Vec::new();
    if ctx.may_with::<RecordFeedState>(class, grants) {
        links.push(Fact::link(
            "Record what happened",
            format!("/feeds/{id}/happened"),
        ));
    }
    if ctx.may_with::<EditFeed>(class, grants) {
        links.push(Fact::link("Change", format!("/feeds/{id}/edit")));
    }
    links.push(Fact::link("History", format!("/feeds/{id}/history")));
    let page = FeedPage {
        name: feed.name.to_string(),
        agency,
        state: FeedState::words(state.code()).to_owned(),
        tone: FeedState::tone(state.code()),
        since: since(Some(state.since()), day_of(ctx.now())),
        why: state.why().map(ToOwned::to_owned),
        meaning: meaning(state.code()),
        facts: vec![
            Fact::said("What it holds", feed.about.as_str()),
            Fact::said(
                "Due",
                in_words(&ctx, "feed-schedules", feed.schedule.as_str()),
            ),
            Fact::said("Who answers for it", feed.contact.as_str()),
            Fact::said(
                "Lawful basis",
                in_words(&ctx, "lawful-bases", feed.lawful_basis.as_str()),
            ),
            Fact::said("Controllers", feed.controllers.as_str()),
        ],
        links,
    };
    ctx.page_under(&page, &[("Feed register", "/feeds")])
}

/// The form that adds or changes a feed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FormPage {
    heading: &'static str,
    action: String,
    form: FeedForm,
    errors: Errors,
    agencies: Vec<Choice>,
    lawful_bases: Vec<Choice>,
    schedules: Vec<Choice>,
    conflict: Option<Conflict>,
    back: String,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "feeds/form.html";

    fn title(&self) -> String {
        if self.errors.is_empty() {
            self.heading.to_owned()
        } else {
            format!("Error: {}", self.heading)
        }
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            heading: "Add a feed",
            action: "/feeds/new".to_owned(),
            form: FeedForm::default(),
            errors: Errors::default(),
            agencies: vec![Choice::new("agency_1", "Northwater Police", "")],
            lawful_bases: vec![Choice::new("public-task", "Public task", "public-task")],
            schedules: vec![Choice::new("weekly", "Every week", "")],
            conflict: None,
            back: "/feeds".to_owned(),
        };
        let mut errors = Errors::default();
        errors.add("name", "Name: this is empty");
        vec![
            Self {
                errors,
                conflict: Some(Conflict::sample()),
                ..clean.clone()
            },
            clean,
        ]
    }
}

/// The form's page, with its lists.
async fn form_page(
    ctx: &Ctx,
    heading: &'static str,
    action: String,
    form: FeedForm,
) -> Result<FormPage, Failure> {
    let names = agencies::names(ctx.store()).await?;
    let listed = |name: &str, chosen: &str| {
        let codes = ctx.app.practice().list(name).iter();
        codes
            .map(|code| Choice::new(code.code.as_str(), &code.title, chosen))
            .collect()
    };
    let allowed = names
        .iter()
        .filter(|(id, _)| ctx.may::<AddFeed>(Some(**id)));
    Ok(FormPage {
        heading,
        back: action
            .rsplit_once('/')
            .map_or("/feeds", |(above, _)| above)
            .to_owned(),
        action,
        errors: Errors::default(),
        agencies: allowed
            .map(|(id, name)| Choice::new(id.to_string(), name, &form.agency))
            .collect(),
        lawful_bases: listed("lawful-bases", &form.lawful_basis),
        schedules: listed("feed-schedules", &form.schedule),
        conflict: None,
        form,
    })
}

const UNDER: &[(&str, &str)] = &[("Feed register", "/feeds")];

pub(super) async fn new(allowed: Allowed<AddFeed>) -> Answer {
    let page = form_page(
        &allowed.ctx,
        "Add a feed",
        "/feeds/new".to_owned(),
        FeedForm::default(),
    )
    .await?;
    allowed.ctx.page_under(&page, UNDER)
}

pub(super) async fn add(allowed: Allowed<AddFeed>, Posted(form): Posted<FeedForm>) -> Answer {
    let ctx = allowed.ctx;
    let asked = FeedFacts::asked(day_of(ctx.now()));
    let mut errors = match form.read(ctx.app.practice(), asked) {
        Ok(feed) => {
            let id = FeedId::fresh(ctx.app.ambient());
            let permit = ctx.permit_add::<AddFeed>(&id, &feed)?;
            match ctx.store().add(&permit, &feed, None).await {
                Ok(_) => {
                    return ctx
                        .done(
                            &format!("/feeds/{id}"),
                            "The feed was added to the register.",
                        )
                        .await;
                }
                Err(WriteError::Taken) => Errors::default(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    if errors.is_empty() {
        errors.add("name", "Name: this agency already has a feed of this name");
    }
    let page = form_page(&ctx, "Add a feed", "/feeds/new".to_owned(), form).await?;
    ctx.page_under(&FormPage { errors, ..page }, UNDER)
}

pub(super) async fn edit(Permitted { ctx, id, permit }: Permitted<EditFeed>) -> Answer {
    let feed = ctx.store().load(&permit).await?;
    let form = FeedForm::of(&feed, permit.resource().version);
    let page = form_page(&ctx, "Change a feed", format!("/feeds/{id}/edit"), form).await?;
    ctx.page_under(&page, UNDER)
}

pub(super) async fn save(door: Permitted<EditFeed>, Posted(form): Posted<FeedForm>) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let current = ctx.store().load(permit).await?;
    let action = format!("/feeds/{id}/edit");
    let page = |form| form_page(ctx, "Change a feed", action, form);
    let yours = match form.read(ctx.app.practice(), current.facts.clone()) {
        Ok(feed) if feed.agency == current.agency => feed,
        Ok(_) => {
            return Err(Failure::Rule(
                "A feed stays with its agency: add it anew for another.".to_owned(),
            ));
        }
        Err(errors) => {
            return ctx.page_under(
                &FormPage {
                    errors,
                    ..page(form).await?
                },
                UNDER,
            );
        }
    };
    if !door.is_at(form.version()) {
        let version = permit.resource().version.to_string();
        let page = page(FeedForm { version, ..form }).await?;
        return ctx.page_under(
            &FormPage {
                conflict: Some(conflict(&yours, &current)),
                ..page
            },
            UNDER,
        );
    }
    ctx.store().change(permit, &yours, None).await?;
    ctx.done(&format!("/feeds/{id}"), "The register was changed.")
        .await
}

/// The form that records what happened to a feed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HappenedPage {
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

pub(super) async fn happened(Permitted { ctx, id, permit }: Permitted<RecordFeedState>) -> Answer {
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

pub(super) async fn record_happening(
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
