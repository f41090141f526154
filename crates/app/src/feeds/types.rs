//! What a feed is, and the state that follows from what happened to it.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Code, Date, Line, Passage, TypedId as _, define_id};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::history::Shown;
use crate::words;

define_id!(FeedId, "feed", "An entry of the feed register.");

/// Something an agency sends, or could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Whose data it is.
    pub agency: AgencyId,
    /// What it is called: `Missing episodes`.
    pub name: Line,
    /// What it holds, about whom.
    pub about: Passage,
    /// The role in that agency that answers for it.
    pub contact: Line,
    /// On what basis it may be shared, from `lawful-bases`.
    pub lawful_basis: Code,
    /// Who decides why and how the data is used.
    pub controllers: Line,
    /// How often it is due, from `feed-schedules`.
    pub schedule: Code,
    /// The sources whose files are of it, by the names of their profiles.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<Code>,
    /// What happened to it.
    pub facts: FeedFacts,
}

/// What happened to a feed: its state is computed from these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFacts {
    /// When it was last asked for.
    pub asked_on: Date,
    /// When access was granted.
    pub granted_on: Option<Date>,
    /// When the first usable data came.
    pub connected_on: Option<Date>,
    /// Why it cannot be used, although access was granted.
    pub obstacle: Option<Reasoned>,
    /// That it was refused.
    pub refused: Option<Reasoned>,
    /// When the last file of it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_file: Option<Date>,
}

/// A day and a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoned {
    /// The day.
    pub on: Date,
    /// Why.
    pub why: Passage,
}

/// Where a feed stands.
///
/// ```text
///             ┌────────── asked again ──────────┐
///             ▼                                 │
///  asked ─► Wanted ── refused ──────────────► Refused
///             │
///          granted ─► GrantedUnusable ── connected ─► Connected
///                          ▲                              │
///                          └───────── stopped ────────────┘
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedState {
    /// Asked for; no answer yet.
    Wanted {
        /// Since when.
        since: Date,
    },
    /// Access was granted, and nothing usable comes.
    GrantedUnusable {
        /// Since when.
        since: Date,
        /// Why; `None` when nobody has said.
        why: Option<Passage>,
    },
    /// Usable data comes.
    Connected {
        /// Since when.
        since: Date,
    },
    /// The agency said no.
    Refused {
        /// Since when.
        since: Date,
        /// Why.
        why: Passage,
    },
}

impl FeedFacts {
    /// A feed that was asked for on this day.
    pub const fn asked(on: Date) -> Self {
        Self {
            asked_on: on,
            granted_on: None,
            connected_on: None,
            obstacle: None,
            refused: None,
            last_file: None,
        }
    }

    /// The state that follows.
    pub fn state(&self) -> FeedState {
        if let Some(refused) = &self.refused {
            return FeedState::Refused {
                since: refused.on,
                why: refused.why.clone(),
            };
        }
        let Some(granted) = self.granted_on else {
            return FeedState::Wanted {
                since: self.asked_on,
            };
        };
        match (&self.obstacle, self.connected_on) {
            (Some(obstacle), _) => FeedState::GrantedUnusable {
                since: obstacle.on,
                why: Some(obstacle.why.clone()),
            },
            (None, Some(connected)) => FeedState::Connected { since: connected },
            (None, None) => FeedState::GrantedUnusable {
                since: granted,
                why: None,
            },
        }
    }
}

impl FeedState {
    /// The codes of the states, in the order of the list's filter.
    pub const CODES: [&'static str; 4] = ["connected", "granted-unusable", "wanted", "refused"];

    /// The state's code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Wanted { .. } => "wanted",
            Self::GrantedUnusable { .. } => "granted-unusable",
            Self::Connected { .. } => "connected",
            Self::Refused { .. } => "refused",
        }
    }

    /// A state's code in words.
    pub fn words(code: &str) -> &'static str {
        match code {
            "connected" => "Connected",
            "granted-unusable" => "Access granted, not usable",
            "refused" => "Refused",
            _ => "Wanted",
        }
    }

    /// The tone of the state's tag.
    pub fn tone(code: &str) -> &'static str {
        match code {
            "connected" => "done",
            "granted-unusable" => "due",
            _ => "neutral",
        }
    }

    /// Since when the feed stands so.
    pub const fn since(&self) -> Date {
        match self {
            Self::Wanted { since }
            | Self::GrantedUnusable { since, .. }
            | Self::Connected { since }
            | Self::Refused { since, .. } => *since,
        }
    }

    /// Why the feed stands so, where someone said.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::GrantedUnusable { why, .. } => why.as_ref().map(Passage::as_str),
            Self::Refused { why, .. } => Some(why.as_str()),
            Self::Wanted { .. } | Self::Connected { .. } => None,
        }
    }
}

impl Kind for Feed {
    const NAME: &'static str = "feed";
    const PERSONAL: bool = false;
}

actions! { pub on Feed:
    see SeeFeed = "feeds.see", "see what a feed holds and where it stands";
    add AddFeed = "feeds.add", "add a feed to the register";
    change EditFeed = "feeds.edit", "change what the register says of a feed";
    change RecordFeedState = "feeds.happened", "record what happened to a feed: asked, granted, refused, connected, stopped";
}

impl Record for Feed {
    type Id = FeedId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &FeedId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let state = self.facts.state();
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            name: Set(self.name.to_string()),
            schedule: Set(self.schedule.to_string()),
            lawful_basis: Set(self.lawful_basis.to_string()),
            state: Set(state.code().to_owned()),
            state_since: Set(day_number(state.since())),
        }
    }

    fn say(&self) -> Vec<Said> {
        let state = self.facts.state();
        vec![
            Said::new("Name", self.name.as_str()),
            Said::new("What it holds", self.about.as_str()),
            Said::new("Who answers for it", self.contact.as_str()),
            Said::new("Lawful basis", self.lawful_basis.as_str()),
            Said::new("Controllers", self.controllers.as_str()),
            Said::new("Due", self.schedule.as_str()),
            Said::new("Files of it", joined(&self.sources)),
            Said::new("State", FeedState::words(state.code())),
            Said::new("Since", words::full_day(state.since())),
            Said::new("Why", state.why().unwrap_or_default()),
            Said::new(
                "Last file",
                self.facts
                    .last_file
                    .map(words::full_day)
                    .unwrap_or_default(),
            ),
        ]
    }

    fn samples() -> Vec<Self> {
        let day = jiff::civil::date(2026, 5, 3);
        let why = || Passage::parse("Nobody was trained to use it.\nA date is to be agreed.").ok();
        let with = |name, facts| {
            Some(Self {
                agency: AgencyId::parse("agency_00000000000000000000000001").ok()?,
                name: Line::parse(name).ok()?,
                about: Passage::parse("Every child reported missing, with times and risk.").ok()?,
                contact: Line::parse("Missing-from-home coordinator").ok()?,
                lawful_basis: Code::parse("public-task").ok()?,
                controllers: Line::parse("The police and the council, each for its own").ok()?,
                schedule: Code::parse("weekly").ok()?,
                sources: BTreeSet::new(),
                facts,
            })
        };
        let asked = FeedFacts::asked(day);
        let granted = FeedFacts {
            granted_on: Some(day),
            ..asked.clone()
        };
        [
            with("Missing <episodes> & \"returns\"", asked.clone()),
            with(
                "Custody records",
                FeedFacts {
                    connected_on: Some(day),
                    ..granted.clone()
                },
            ),
            why().and_then(|why| {
                let obstacle = Some(Reasoned { on: day, why });
                let stuck = FeedFacts {
                    obstacle,
                    ..granted
                };
                with("School absences", stuck)
            }),
            why().and_then(|why| {
                let refused = Some(Reasoned { on: day, why });
                with("Ambulance call-outs", FeedFacts { refused, ..asked })
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Shown for Feed {
    fn title(&self) -> String {
        self.name.to_string()
    }

    fn href(id: &FeedId) -> String {
        format!("/feeds/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("Feed register", "/feeds")
    }
}

/// Codes in a list.
fn joined(codes: &BTreeSet<Code>) -> String {
    let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
    codes.join(", ")
}

/// A day as a column holds it, so that it sorts: `20261122`.
pub(super) fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// The day that [`day_number`] made a column of.
pub(super) fn day_of_number(number: i64) -> Option<Date> {
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok()
}
