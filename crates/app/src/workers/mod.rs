//! The people who sign in: which agency and teams they belong to, what roles
//! they hold, and whether their vetting and training let them see records about
//! people (capability 32, access readiness).
//!
//! It serves administrators and managers, who keep accounts, and everyone who
//! needs to know who a colleague is. It never holds passwords: those are the
//! capability `sign_in`. It makes no list, chart or export by worker of the work
//! done (safety rule 16).

mod account;
mod directory;
mod edit;
mod first;
mod form;
mod identify;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, flag, integer, text};

use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use account::{Account, account, account_by_email};
pub use directory::colleagues;
pub use first::has_nobody_but;
pub use identify::identify;
pub use rules::roles_in_words;
pub use store::{
    Colleague, Wanted, at_work, by_email, directory, name_of, names, names_and_agencies,
};
pub use types::{AddWorker, EditWorker, ListWorkers, Readiness, SeeNumber, SeeWorker, Worker};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "grants", "history"],
        actions: vec![
            ListWorkers::SPEC,
            SeeWorker::SPEC,
            SeeNumber::SPEC,
            AddWorker::SPEC,
            EditWorker::SPEC,
        ],
        records: vec![Kept::of::<Worker, ListWorkers>(Processing {
            about: "People who sign in: name, work e-mail and telephone, agency, teams, roles, vetting and training dates.",
            controllers: "The worker's own agency, jointly with the safeguarding partners.",
            lawful_basis: "Public task: Children Act 2004 sections 11 and 16E; UK GDPR article 6(1)(e).",
            regime: Regime::General,
            recipients: "Name, role and agency: everyone who signs in. The rest: the worker's own agency's managers and administrators, and the information governance lead.",
            retention: "Six years after the account is closed, so that history can be answered for; then the key is destroyed.",
            copies: "The database and its backups.",
        })
        .opened_by::<SeeWorker>("/people")],
        migrations: migrations(),
        routes: routes(),
        sections: vec![Section {
            title: "People",
            href: "/people",
            action: ListWorkers::SPEC,
            order: 810,
        }],
        pages: vec![
            PageSpec::of::<directory::DirectoryPage>(),
            PageSpec::of::<pages::WorkerPage>(),
            PageSpec::of::<form::WorkerForm>(),
        ],
        called: Some(pages::called),
        ..Capability::new(
            "workers",
            "People who sign in",
            include_str!("policy.cedar"),
        )
    }
}

fn routes() -> Vec<Route> {
    vec![
        Route::get::<ListWorkers, _>("/people", directory::list)
            .lists(Listed::by("Name").under("former=yes")),
        Route::get::<AddWorker, _>("/people/new", edit::new),
        Route::post::<AddWorker, _>("/people/new", edit::add).tried(
            "name=Priya+Lund&email=priya%40northwater.example&roles%5B%5D=practitioner&active=yes",
        ),
        Route::get::<SeeWorker, _>("/people/{id}", pages::show),
        Route::get::<EditWorker, _>("/people/{id}/edit", edit::open),
        Route::post::<EditWorker, _>("/people/{id}/edit", edit::save)
            .tried("phone=01632+960124&reason=A+new+number."),
        Route::get::<SeeWorker, _>("/people/{id}/history", history::show::<SeeWorker>),
    ]
}

fn migrations() -> Vec<Migration> {
    let columns = [
        text("agency_id"),
        text("name"),
        text("email"),
        text("teams"),
        text("roles"),
        integer("vetted_until").optional(),
        integer("trained_until").optional(),
        flag("active"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "workers",
        number: 1,
        steps: vec![Step::Create(
            Table::record("worker", &columns)
                .unique(&["email"])
                .index(&["agency_id"]),
        )],
    }]
}
