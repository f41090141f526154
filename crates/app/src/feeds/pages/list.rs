//! The register as a list.

use axum::extract::Query;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, TypedId as _};
use serde::{Deserialize, Serialize};

use super::{agency_name, in_words, since};
use crate::agencies;
use crate::feeds::store::{self, Wanted};
use crate::feeds::types::{AddFeed, FeedState, SeeFeed, day_of_number};
use crate::shell::{Answer, Choice, Ctx, Page, Pagination, Scoped};

/// What of the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::feeds) struct ListQuery {
    agency: String,
    state: String,
    page: u64,
}

impl ListQuery {
    /// The filters chosen; one that names nothing known is no filter.
    pub(in crate::feeds) fn wanted(&self) -> Wanted<'_> {
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
pub(in crate::feeds) struct ListPage {
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

pub(in crate::feeds) async fn list(
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

fn may_add(ctx: &Ctx) -> bool {
    ctx.caller()
        .agency
        .is_some_and(|agency| ctx.may::<AddFeed>(Some(agency)))
        || ctx.may::<AddFeed>(None)
}
