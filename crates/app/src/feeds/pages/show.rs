//! One feed's page.

use clearpicture_kernel::day::day_of;
use serde::Serialize;

use super::{UNDER, in_words, since};
use crate::agencies;
use crate::feeds::types::{EditFeed, Feed, FeedState, RecordFeedState, SeeFeed};
use crate::shell::{Answer, Ctx, Page, Permitted};
use crate::words;

/// One feed.
#[derive(Debug, Clone, Serialize)]
pub(in crate::feeds) struct FeedPage {
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

/// Which files are of the feed, and when the last came.
fn files(ctx: &Ctx, feed: &Feed) -> String {
    let practice = ctx.app.practice();
    let titles = feed.sources.iter();
    let titles: Vec<&str> = titles
        .map(|source| practice.source_title(source.as_str()))
        .collect();
    match (titles.as_slice(), feed.facts.last_file) {
        ([], _) => "none is named".to_owned(),
        (_, None) => format!("{}: none has come", titles.join(", ")),
        (_, Some(day)) => {
            let last = words::day(day, day_of(ctx.now()));
            format!("{}: the last was taken in on {last}", titles.join(", "))
        }
    }
}

pub(in crate::feeds) async fn show(Permitted { ctx, id, permit }: Permitted<SeeFeed>) -> Answer {
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
            Fact::said("Files of it", files(&ctx, &feed)),
            Fact::said("Who answers for it", feed.contact.as_str()),
            Fact::said(
                "Lawful basis",
                in_words(&ctx, "lawful-bases", feed.lawful_basis.as_str()),
            ),
            Fact::said("Controllers", feed.controllers.as_str()),
        ],
        links,
    };
    ctx.page_under(&page, UNDER)
}
