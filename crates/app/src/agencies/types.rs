//! What an agency and a team are, and what can be done to them.

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Code, Line, PhoneNumber, TeamId};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::{agency_row, team_row};

/// What an agency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgencyKind {
    /// A council, or a trust that does a council's work with children.
    Council,
    /// A police force.
    Police,
    /// A health body.
    Health,
    /// A school, college or other education body.
    Education,
    /// A charity or other voluntary body.
    Voluntary,
    /// The partnership's own office.
    Partnership,
}

impl AgencyKind {
    /// Every kind, in the order of forms.
    pub const ALL: [Self; 6] = [
        Self::Council,
        Self::Police,
        Self::Health,
        Self::Education,
        Self::Voluntary,
        Self::Partnership,
    ];

    /// The kind's code in forms, tables and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Council => "council",
            Self::Police => "police",
            Self::Health => "health",
            Self::Education => "education",
            Self::Voluntary => "voluntary",
            Self::Partnership => "partnership",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Council => "Council or children's trust",
            Self::Police => "Police",
            Self::Health => "Health",
            Self::Education => "School or education",
            Self::Voluntary => "Charity or voluntary",
            Self::Partnership => "The partnership's own office",
        }
    }
}

/// One agency of the partnership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// A short code, used on the command line and in files: `northwater`.
    pub code: Code,
    /// Its name.
    pub name: Line,
    /// What it is.
    pub kind: AgencyKind,
    /// The number of its duty desk, which is given before any personal number (safety rule 17).
    pub duty_number: Option<PhoneNumber>,
    /// Whether it still takes part.
    pub active: bool,
}

/// One team of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Whose team it is.
    pub agency: AgencyId,
    /// Its name.
    pub name: Line,
    /// Whether it still works.
    pub active: bool,
}

impl Kind for Agency {
    const NAME: &'static str = "agency";
    const PERSONAL: bool = false;
}

impl Kind for Team {
    const NAME: &'static str = "team";
    const PERSONAL: bool = false;
}

actions! { pub on Agency:
    see SeeAgency = "agencies.see", "see an agency and its duty number";
    add AddAgency = "agencies.add", "add an agency to the partnership";
    change EditAgency = "agencies.edit", "change an agency";
}

actions! { pub on Team:
    see SeeTeam = "teams.see", "see a team";
    add AddTeam = "teams.add", "add a team to an agency";
    change EditTeam = "teams.edit", "change a team";
}

impl Record for Agency {
    type Id = AgencyId;
    type Row = agency_row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, id: &AgencyId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(*id))
    }

    fn row(&self, stamp: Stamp) -> agency_row::ActiveModel {
        agency_row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            code: Set(self.code.to_string()),
            name: Set(self.name.to_string()),
            kind: Set(self.kind.code().to_owned()),
            duty_number: Set(self
                .duty_number
                .as_ref()
                .map_or_else(String::new, |n| n.reveal().to_owned())),
            active: Set(self.active),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Name", self.name.as_str()),
            Said::new("Code", self.code.as_str()),
            Said::new("Kind", self.kind.words()),
            Said::new(
                "Duty number",
                self.duty_number.as_ref().map_or("", |n| n.reveal()),
            ),
            Said::new("Takes part", if self.active { "yes" } else { "no longer" }),
        ]
    }

    fn samples() -> Vec<Self> {
        let sample = |code: &str, name: &str, kind| {
            Some(Self {
                code: Code::parse(code).ok()?,
                name: Line::parse(name).ok()?,
                kind,
                duty_number: PhoneNumber::parse("01632 960001").ok(),
                active: true,
            })
        };
        [
            sample(
                "northwater-council",
                "Northwater Council",
                AgencyKind::Council,
            ),
            sample(
                "lighthouse",
                "Lighthouse <b>charity</b>",
                AgencyKind::Voluntary,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Record for Team {
    type Id = TeamId;
    type Row = team_row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &TeamId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> team_row::ActiveModel {
        team_row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            name: Set(self.name.to_string()),
            active: Set(self.active),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Name", self.name.as_str()),
            Said::new("Still works", if self.active { "yes" } else { "no longer" }),
        ]
    }

    fn samples() -> Vec<Self> {
        let agency = clearpicture_kernel::TypedId::parse("agency_00000000000000000000000001");
        match (agency, Line::parse("Exploitation team")) {
            (Ok(agency), Ok(name)) => vec![Self {
                agency,
                name,
                active: true,
            }],
            _ => Vec::new(),
        }
    }
}
