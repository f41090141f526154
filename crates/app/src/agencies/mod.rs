//! The agencies of the partnership and their teams: whose records are whose,
//! and which number to ring.
//!
//! It serves everyone who needs to know which agency holds something and how to
//! reach its duty desk. It never holds a person: those who sign in are the
//! capability `workers`.

mod edit;
mod pages;
mod rules;
mod store;
mod team_pages;
#[cfg(test)]
mod tests;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, flag, text};

use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use store::{
    EDUCATION, by_code, find, name_of, names, names_of_no_school, of_partnership, taking_part,
    teams_of, tells_where,
};
pub use types::{
    AddAgency, AddTeam, Agency, AgencyKind, EditAgency, EditTeam, SeeAgency, SeeTeam, Team,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["history"],
        actions: vec![
            SeeAgency::SPEC,
            AddAgency::SPEC,
            EditAgency::SPEC,
            SeeTeam::SPEC,
            AddTeam::SPEC,
            EditTeam::SPEC,
        ],
        records: vec![
            Kept::of::<Agency, SeeAgency>(Processing {
                about: "The agencies of the partnership: name, kind, duty number. No personal data.",
                ..PROCESSING
            })
            .opened_by::<SeeAgency>("/agencies"),
            Kept::of::<Team, SeeTeam>(Processing {
                about: "The teams of each agency. No personal data.",
                ..PROCESSING
            }),
        ],
        migrations: migrations(),
        routes: routes(),
        sections: vec![Section {
            title: "Agencies",
            href: "/agencies",
            action: SeeAgency::SPEC,
            order: 800,
        }],
        pages: vec![
            PageSpec::of::<pages::AgenciesPage>(),
            PageSpec::of::<pages::AgencyPage>(),
            PageSpec::of::<edit::AgencyForm>(),
            PageSpec::of::<team_pages::TeamForm>(),
        ],
        called: Some(pages::called),
        ..Capability::new(
            "agencies",
            "Agencies and teams",
            include_str!("policy.cedar"),
        )
    }
}

fn routes() -> Vec<Route> {
    vec![
        Route::get::<SeeAgency, _>("/agencies", pages::list).lists(Listed::by_id()),
        Route::get::<AddAgency, _>("/agencies/new", edit::new),
        Route::post::<AddAgency, _>("/agencies/new", edit::add)
            .tried("name=Fenby+High&code=fenby&kind=education&duty_number=01632+960001"),
        Route::get::<SeeAgency, _>("/agencies/{id}", pages::show),
        Route::get::<EditAgency, _>("/agencies/{id}/edit", edit::open),
        Route::post::<EditAgency, _>("/agencies/{id}/edit", edit::save)
            .tried("name=Northwater&kind=council&duty_number=01632+960002"),
        Route::get::<SeeAgency, _>("/agencies/{id}/history", history::show::<SeeAgency>),
        Route::get::<AddTeam, _>("/agencies/{id}/teams/new", team_pages::new),
        Route::post::<AddTeam, _>("/agencies/{id}/teams/new", team_pages::add)
            .tried("name=Night+team"),
        Route::get::<SeeTeam, _>("/teams/{id}", team_pages::show),
        Route::get::<EditTeam, _>("/teams/{id}/edit", team_pages::open),
        Route::post::<EditTeam, _>("/teams/{id}/edit", team_pages::save).tried("name=Night+team"),
        Route::get::<SeeTeam, _>("/teams/{id}/history", history::show::<SeeTeam>),
    ]
}

const PROCESSING: Processing = Processing {
    about: "",
    controllers: "The safeguarding partners jointly.",
    lawful_basis: "Not personal data.",
    regime: Regime::General,
    recipients: "Everyone who signs in.",
    retention: "Kept as long as the partnership's records refer to it.",
    copies: "The database and its backups.",
};

fn migrations() -> Vec<Migration> {
    let agency = Table::record(
        "agency",
        &[
            text("code"),
            text("name"),
            text("kind"),
            text("duty_number"),
            flag("active"),
        ],
    );
    let team = Table::record("team", &[text("agency_id"), text("name"), flag("active")]);
    vec![Migration {
        release: "0.1",
        capability: "agencies",
        number: 1,
        steps: vec![
            Step::Create(agency.unique(&["code"])),
            Step::Create(team.index(&["agency_id"])),
        ],
    }]
}
