//! The forms of the register as they are typed, and what is wrong with them.

use clearpicture_kernel::{AgencyId, Code, Date, Line, Passage, TypedId as _};
use serde::{Deserialize, Serialize};

use super::rules::Happening;
use super::types::{Feed, FeedFacts};
use crate::practice::Practice;
use crate::shell::{DayTyped, Errors};

/// What the register says of a feed, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FeedForm {
    /// The version the form was opened on; 0 for a new feed.
    pub(super) version: String,
    /// The agency's id.
    pub(super) agency: String,
    /// What it is called.
    pub(super) name: String,
    /// What it holds.
    pub(super) about: String,
    /// Who answers for it.
    pub(super) contact: String,
    /// The code of its lawful basis.
    pub(super) lawful_basis: String,
    /// Who decides why and how.
    pub(super) controllers: String,
    /// The code of its schedule.
    pub(super) schedule: String,
    /// The sources whose files are of it.
    pub(super) sources: Vec<String>,
}

impl FeedForm {
    /// The form as it opens on a feed.
    pub(super) fn of(feed: &Feed, version: u32) -> Self {
        Self {
            version: version.to_string(),
            agency: feed.agency.to_string(),
            name: feed.name.to_string(),
            about: feed.about.to_string(),
            contact: feed.contact.to_string(),
            lawful_basis: feed.lawful_basis.to_string(),
            controllers: feed.controllers.to_string(),
            schedule: feed.schedule.to_string(),
            sources: feed.sources.iter().map(Code::to_string).collect(),
        }
    }

    /// The version the form was opened on.
    pub(super) fn version(&self) -> u32 {
        self.version.parse().unwrap_or_default()
    }

    /// The feed that the form describes, with `facts`; or what is wrong, field by field.
    pub(super) fn read(&self, practice: &Practice, facts: FeedFacts) -> Result<Feed, Errors> {
        let mut errors = Errors::default();
        let agency =
            AgencyId::parse(&self.agency).map_err(|_| "choose the agency whose data it is");
        let agency = errors.take("agency", "Agency", agency);
        let name = errors.take("name", "Name", Line::parse(&self.name));
        let about = errors.take("about", "What it holds", Passage::parse(&self.about));
        let contact = errors.take("contact", "Who answers for it", Line::parse(&self.contact));
        let lawful_basis = listed(practice, "lawful-bases", &self.lawful_basis);
        let lawful_basis = errors.take("lawful_basis", "Lawful basis", lawful_basis);
        let controllers = errors.take("controllers", "Controllers", Line::parse(&self.controllers));
        let schedule = listed(practice, "feed-schedules", &self.schedule);
        let schedule = errors.take("schedule", "How often", schedule);
        let profiles = &practice.profiles;
        let source = |text: &String| {
            let code = Code::parse(text).ok();
            code.filter(|code| profiles.iter().any(|profile| profile.name == *code))
        };
        let sources = self.sources.iter().filter_map(source).collect();
        match (
            agency,
            name,
            about,
            contact,
            lawful_basis,
            controllers,
            schedule,
        ) {
            (
                Some(agency),
                Some(name),
                Some(about),
                Some(contact),
                Some(lawful_basis),
                Some(controllers),
                Some(schedule),
            ) => Ok(Feed {
                agency,
                name,
                about,
                contact,
                lawful_basis,
                controllers,
                schedule,
                sources,
                facts,
            }),
            _ => Err(errors),
        }
    }
}

/// A code that the partnership's list holds.
fn listed(practice: &Practice, list: &str, text: &str) -> Result<Code, &'static str> {
    Code::parse(text)
        .ok()
        .filter(|code| {
            practice
                .list(list)
                .iter()
                .any(|listed| listed.code == *code)
        })
        .ok_or("choose one of the list")
}

/// What happened to a feed, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HappenedForm {
    /// The version the form was opened on.
    pub(super) version: String,
    /// The code of what happened.
    pub(super) what: String,
    /// Why, where that is asked.
    pub(super) why: String,
    /// The day of the month.
    pub(super) day: String,
    /// The month's number.
    pub(super) month: String,
    /// The year.
    pub(super) year: String,
}

impl HappenedForm {
    /// The version the form was opened on.
    pub(super) fn version(&self) -> u32 {
        self.version.parse().unwrap_or_default()
    }

    /// What happened and when; or what is wrong, field by field.
    pub(super) fn read(&self) -> Result<(Happening, Date), Errors> {
        let mut errors = Errors::default();
        let day = errors.take("day", "Day", self.day());
        let why = Passage::parse(&self.why);
        let happening = match self.what.as_str() {
            "granted" => Some(Happening::Granted),
            "connected" => Some(Happening::Connected),
            "asked-again" => Some(Happening::AskedAgain),
            "refused" => errors.take("why", "Why", why).map(Happening::Refused),
            "unusable" => errors.take("why", "Why", why).map(Happening::FoundUnusable),
            _ => {
                errors.add("what", "Choose what happened");
                None
            }
        };
        happening.zip(day).ok_or(errors)
    }

    fn day(&self) -> Result<Date, String> {
        let typed = DayTyped {
            day: self.day.clone(),
            month: self.month.clone(),
            year: self.year.clone(),
        };
        let day = typed.read().map_err(|error| error.to_string())?;
        day.ok_or_else(|| "enter the day on which it happened".to_owned())
    }
}
