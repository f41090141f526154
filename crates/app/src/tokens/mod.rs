//! API tokens: how an agency's own system is known, and what it may do.
//!
//! It serves administrators, who see which systems of their agency may call and
//! take that away, and whoever runs the server, who makes a token there with
//! `clearpicture token add`. A token acts in the roles `api-…` that its scopes
//! name, for its own agency, and policies decide as for anyone else.
//!
//! The secret is shown once, when it is made; here only its digest is kept, so
//! that whoever reads the table can call as nobody.

mod identify;
mod pages;
mod store;
mod types;

#[cfg(test)]
mod tests;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, flag, integer, text};

use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use identify::identify;
pub use types::{AddToken, ApiScope, RevokeToken, Secret, SeeToken, Token, TokenId};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "history", "workers"],
        actions: vec![SeeToken::SPEC, AddToken::SPEC, RevokeToken::SPEC],
        records: vec![Kept::of::<Token, SeeToken>(Processing {
            about: "API tokens of agencies' systems: agency, what it is for, scopes, digest of the secret. No personal data.",
            controllers: "The agency whose system it is, jointly with the safeguarding partners.",
            lawful_basis: "Not personal data.",
            regime: Regime::General,
            recipients: "The agency's administrators and the information governance lead.",
            retention: "Kept as long as history refers to what the system did.",
            copies: "The database and its backups.",
        })
        .opened_by::<SeeToken>("/tokens")],
        migrations: migrations(),
        routes: vec![
            Route::get::<SeeToken, _>("/tokens", pages::list).lists(Listed::by_id()),
            Route::get::<SeeToken, _>("/tokens/{id}", pages::show),
            Route::get::<SeeToken, _>("/tokens/{id}/history", history::show::<SeeToken>),
            Route::post::<RevokeToken, _>("/tokens/{id}/revoke", pages::revoke)
                .tried("reason=That+system+is+gone."),
        ],
        sections: vec![Section {
            title: "API tokens",
            href: "/tokens",
            action: RevokeToken::SPEC,
            order: 920,
        }],
        pages: vec![
            PageSpec::of::<pages::TokensPage>(),
            PageSpec::of::<pages::TokenPage>(),
        ],
        called: Some(pages::called),
        ..Capability::new("tokens", "API tokens", include_str!("policy.cedar"))
    }
}

fn migrations() -> Vec<Migration> {
    let columns = [
        text("agency_id"),
        text("label"),
        text("scopes"),
        text("digest"),
        integer("made_at"),
        flag("active"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "tokens",
        number: 1,
        steps: vec![Step::Create(
            Table::record("token", &columns)
                .unique(&["digest"])
                .index(&["agency_id"]),
        )],
    }]
}
