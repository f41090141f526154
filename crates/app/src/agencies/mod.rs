//! The agencies of the partnership and their teams: whose records are whose,
//! and which number to ring.
//!
//! It serves everyone who needs to know which agency holds something and how to
//! reach its duty desk. It never holds a person: those who sign in are the
//! capability `workers`.

mod store;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, flag, text};

use crate::capability::{Capability, Kept, Processing, Regime};

pub use store::{by_code, name_of, names, of_partnership, teams_of};
pub use types::{
    AddAgency, AddTeam, Agency, AgencyKind, EditAgency, EditTeam, SeeAgency, SeeTeam, Team,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
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
        ..Capability::new(
            "agencies",
            "Agencies and teams",
            include_str!("policy.cedar"),
        )
    }
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
