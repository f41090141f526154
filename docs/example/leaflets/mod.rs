//! The leaflets each agency has in stock.
//!
//! It serves whoever gives them out and must know what is left. It never holds
//! who took one.

mod api;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, integer, text};

use crate::api::Described;
use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use rules::{Refusal, give_out};
pub use types::{AddLeaflet, GiveOutLeaflets, Leaflet, LeafletId, SeeLeaflet};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["api", "history"],
        actions: vec![SeeLeaflet::SPEC, AddLeaflet::SPEC, GiveOutLeaflets::SPEC],
        records: vec![Kept::of::<Leaflet, SeeLeaflet>(Processing {
            about: "Leaflets in stock. No personal data.",
            controllers: "Each agency for its own.",
            lawful_basis: "Not personal data.",
            regime: Regime::General,
            recipients: "Everyone who signs in.",
            retention: "While the leaflet is in stock.",
            copies: "The database and its backups.",
        })],
        migrations: vec![Migration {
            release: "0.1",
            capability: "leaflets",
            number: 1,
            steps: vec![Step::Create(Table::record(
                "leaflet",
                &[text("agency_id"), text("title"), integer("left_over")],
            ))],
        }],
        routes: vec![
            Route::get::<SeeLeaflet, _>("/leaflets", pages::list).lists(Listed::by_id()),
            Route::get::<AddLeaflet, _>("/leaflets/new", pages::new),
            Route::post::<AddLeaflet, _>("/leaflets/new", pages::add)
                .tried("title=Who+to+ring&left=40"),
            Route::post::<GiveOutLeaflets, _>("/leaflets/{id}/given-out", pages::given_out)
                .tried("version=1&number=3"),
            Route::get::<SeeLeaflet, _>("/leaflets/{id}/history", history::show::<SeeLeaflet>),
            Route::get::<SeeLeaflet, _>("/api/v1/leaflets", api::list)
                .described(Described::gives::<api::Stock>())
                .lists(Listed::by_id()),
        ],
        sections: vec![Section {
            title: "Leaflets",
            href: "/leaflets",
            action: SeeLeaflet::SPEC,
            order: 650,
        }],
        pages: vec![
            PageSpec::of::<pages::ListPage>(),
            PageSpec::of::<pages::FormPage>(),
        ],
        ..Capability::new("leaflets", "Leaflets", include_str!("policy.cedar"))
    }
}
