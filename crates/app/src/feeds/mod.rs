//! The feed register: what each agency sends or could send, on what basis, how
//! often, and honestly where it stands (capability 1).
//!
//! It serves the analyst, who has to know what a figure can rest on, and
//! everyone who reads one and should know what it leaves out. A feed's state is
//! computed from what happened (it was asked for, granted, refused, found
//! unusable, connected); nobody picks it. A file that was taken in connects it, so that the register never
//! contradicts what is held. It never loads a file: that is the capability `loads`.

mod api;
mod export;
mod form;
mod heard;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, integer, text};

use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use heard::{Heard, HeardFault, Less, heard, heard_less};
pub use rules::{Happening, Refusal, happen};
pub use types::{
    AddFeed, EditFeed, Feed, FeedFacts, FeedId, FeedState, Reasoned, RecordFeedState, SeeFeed,
};

/// The capability.
pub fn capability() -> Capability {
    let mut routes = routes();
    routes.extend(api::routes());
    Capability {
        needs: &["agencies", "api", "history"],
        actions: vec![
            SeeFeed::SPEC,
            AddFeed::SPEC,
            EditFeed::SPEC,
            RecordFeedState::SPEC,
        ],
        records: vec![
            Kept::of::<Feed, SeeFeed>(Processing {
                about: "What each agency sends or could send. No personal data.",
                controllers: "The safeguarding partners jointly.",
                lawful_basis: "Not personal data.",
                regime: Regime::General,
                recipients: "Everyone who signs in; the board in its reports.",
                retention: "Kept as long as any figure rests on the feed.",
                copies: "The database and its backups.",
            })
            .opened_by::<SeeFeed>("/feeds"),
        ],
        migrations: migrations(),
        routes,
        sections: vec![Section {
            title: "Feeds",
            href: "/feeds",
            action: SeeFeed::SPEC,
            order: 600,
        }],
        pages: vec![
            PageSpec::of::<pages::ListPage>(),
            PageSpec::of::<pages::FeedPage>(),
            PageSpec::of::<pages::FormPage>(),
            PageSpec::of::<pages::HappenedPage>(),
        ],
        ..Capability::new("feeds", "Feed register", include_str!("policy.cedar"))
    }
}

fn routes() -> Vec<Route> {
    vec![
        Route::get::<SeeFeed, _>("/feeds", pages::list).lists(Listed::by_id()),
        Route::get::<SeeFeed, _>("/feeds.csv", export::csv).lists(Listed::by("Name")),
        Route::get::<AddFeed, _>("/feeds/new", pages::new),
        Route::post::<AddFeed, _>("/feeds/new", pages::add).tried(
            "agency=agency_00000000000000000000000001&name=Exclusions&about=Every+child+excluded.\
             &contact=Data+manager&lawful_basis=public-task&controllers=The+schools&schedule=weekly",
        ),
        Route::get::<SeeFeed, _>("/feeds/{id}", pages::show),
        Route::get::<EditFeed, _>("/feeds/{id}/edit", pages::edit),
        Route::post::<EditFeed, _>("/feeds/{id}/edit", pages::save)
            .tried("contact=Data+manager&about=Every+child+excluded."),
        Route::get::<SeeFeed, _>("/feeds/{id}/history", history::show::<SeeFeed>),
        Route::get::<RecordFeedState, _>("/feeds/{id}/happened", pages::happened),
        Route::post::<RecordFeedState, _>("/feeds/{id}/happened", pages::record_happening)
            .tried("what=granted&day=3&month=9&year=2026"),
    ]
}

fn migrations() -> Vec<Migration> {
    let columns = [
        text("agency_id"),
        text("name"),
        text("schedule"),
        text("lawful_basis"),
        text("state"),
        integer("state_since"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "feeds",
        number: 1,
        steps: vec![Step::Create(
            Table::record("feed", &columns)
                .unique(&["agency_id", "name"])
                .index(&["state"]),
        )],
    }]
}
