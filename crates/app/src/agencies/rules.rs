//! Reading the forms of agencies and teams, field by field.

use clearpicture_kernel::{AgencyId, Code, Line, Passage, PhoneNumber};
use serde::{Deserialize, Serialize};

use super::types::{Agency, AgencyKind, Team};
use crate::shell::Errors;
use crate::shell::form::number;

/// The form of an agency as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AgencyTyped {
    /// The version the form was opened on; 0 for a new agency.
    #[serde(deserialize_with = "number")]
    pub(super) version: u32,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) duty_number: String,
    pub(super) active: String,
    pub(super) reason: String,
}

/// The form of a team as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TeamTyped {
    /// The version the form was opened on; 0 for a new team.
    #[serde(deserialize_with = "number")]
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) active: String,
    pub(super) reason: String,
}

/// What the forms send for something that still goes on.
pub(super) const STILL: &str = "yes";
/// What the forms send for something that has ended.
pub(super) const ENDED: &str = "no";

/// The word of the forms for whether something still goes on.
const fn still(active: bool) -> &'static str {
    if active { STILL } else { ENDED }
}

impl AgencyTyped {
    /// What the form shows of an agency that is there.
    pub(super) fn of(agency: &Agency, version: u32) -> Self {
        let number = agency.duty_number.as_ref();
        Self {
            version,
            code: agency.code.to_string(),
            name: agency.name.to_string(),
            kind: agency.kind.code().to_owned(),
            duty_number: number.map_or_else(String::new, |number| number.reveal().to_owned()),
            active: still(agency.active).to_owned(),
            reason: String::new(),
        }
    }

    /// The new agency that the form tells of; otherwise what is wrong is noted.
    pub(super) fn new_agency(&self, errors: &mut Errors) -> Option<Agency> {
        let code = errors.take("code", "Code", Code::parse(self.code.trim()));
        let agency = self.read_coded(code, errors)?;
        Some(Agency {
            active: true,
            ..agency
        })
    }

    /// The agency `code` as the form has it; otherwise what is wrong is noted.
    pub(super) fn read(&self, code: Code, errors: &mut Errors) -> Option<Agency> {
        self.read_coded(Some(code), errors)
    }

    fn read_coded(&self, code: Option<Code>, errors: &mut Errors) -> Option<Agency> {
        let name = errors.take("name", "Name", Line::parse(&self.name));
        let kind = AgencyKind::from_code(&self.kind);
        if kind.is_none() {
            errors.add("kind", "Choose what kind of agency it is");
        }
        let duty_number = errors.take_optional(
            "duty_number",
            "Duty number",
            &self.duty_number,
            PhoneNumber::parse,
        );
        let agency = Agency {
            code: code?,
            name: name?,
            kind: kind?,
            duty_number,
            active: self.active != ENDED,
        };
        errors.is_empty().then_some(agency)
    }
}

impl TeamTyped {
    /// What the form shows of a team that is there.
    pub(super) fn of(team: &Team, version: u32) -> Self {
        Self {
            version,
            name: team.name.to_string(),
            active: still(team.active).to_owned(),
            reason: String::new(),
        }
    }

    /// The team of `agency` as the form has it; otherwise what is wrong is noted.
    pub(super) fn read(&self, agency: AgencyId, errors: &mut Errors) -> Option<Team> {
        let name = errors.take("name", "Name", Line::parse(&self.name))?;
        Some(Team {
            agency,
            name,
            active: self.active != ENDED,
        })
    }
}

/// The reason typed, which every change of what still goes on needs.
///
/// `ends` says whether the change is such; an empty text is then a mistake.
pub(super) fn reason(text: &str, ends: Ending, errors: &mut Errors) -> Option<Passage> {
    if ends == Ending::Changes && text.trim().is_empty() {
        errors.add("reason", "Say why it ends or begins again");
        return None;
    }
    errors.take_optional("reason", "Reason", text, Passage::parse)
}

/// Whether an edit changes that something goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ends, or begins again.
    Changes,
    /// It goes on, or stays ended.
    Stays,
}

impl Ending {
    /// From before to after.
    pub(super) const fn between(was: bool, is: bool) -> Self {
        if was == is {
            Self::Stays
        } else {
            Self::Changes
        }
    }
}
