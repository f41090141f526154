//! What is decided about a look-up, and what can be done with the read log.

use clearpicture_access::{AccessClass, Kind, Sensitivity, actions};
use clearpicture_kernel::{Date, Passage, define_id};
use clearpicture_store::{LookUp, Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::words;

define_id!(
    LookReviewId,
    "look-review",
    "What was decided about one look-up of a weekly sample."
);

/// What the information governance lead decided about a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was part of the work.
    Fine,
    /// The person is to be asked.
    Ask,
    /// It has to be handled as an incident.
    Incident,
}

impl Verdict {
    /// Every verdict, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Fine, Self::Ask, Self::Incident];

    /// Its code in forms and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Ask => "ask",
            Self::Incident => "incident",
        }
    }

    /// The verdict with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }

    /// It in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Fine => "Fine",
            Self::Ask => "Ask",
            Self::Incident => "Incident",
        }
    }

    /// What follows from it, said beside the choice.
    pub const fn consequence(self) -> &'static str {
        match self {
            Self::Fine => "It was part of the work. Nothing more happens.",
            Self::Ask => "You will ask the person or their manager. Nothing is sent from here.",
            Self::Incident => {
                "You will follow your incident procedure. Nothing is sent from here, and nobody loses access by this."
            }
        }
    }
}

/// What was decided about one look-up of a weekly sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookReview {
    /// The look-up's number in the read log.
    pub look: i64,
    /// The Monday of its week.
    pub week: Date,
    /// The decision.
    pub verdict: Verdict,
    /// Why, or what is to be asked.
    pub note: Option<Passage>,
}

/// The record of processing, which is made from the capabilities and kept nowhere.
#[derive(Debug, Clone, Copy)]
pub struct ProcessingRecord;

impl Kind for ProcessingRecord {
    const NAME: &'static str = "processing-record";
    const PERSONAL: bool = false;
}

/// The seals of history and of the read log, which the store sets and nobody changes.
#[derive(Debug, Clone, Copy)]
pub struct SealChain;

impl Kind for SealChain {
    const NAME: &'static str = "seal-chain";
    const PERSONAL: bool = false;
}

impl Kind for LookReview {
    const NAME: &'static str = "look-review";
    // It names nobody: the read log it points into does, and that has tiers of its own.
    const PERSONAL: bool = false;
}

actions! { pub on LookUp:
    see SampleLookUps = "look-ups.sample", "see each week's sample of look-ups by people who were not involved";
    see SeeLookerNames = "look-ups.see-names", "see by name who opened a record";
    see SeeMarkedLookUps = "look-ups.see-marked", "see look-ups for marked purposes";
    see SeeLookUpsOf = "look-ups.of-person", "see all that one person opened";
}

actions! { pub on LookReview:
    see SeeLookReview = "look-reviews.see", "see what was decided about a look-up";
    add AddLookReview = "look-reviews.add", "decide about a look-up";
    change ChangeLookReview = "look-reviews.change", "decide anew about a look-up";
}

actions! { pub on SealChain:
    see SeeSeals = "seals.see", "see the seals of history and of the read log";
}

actions! { pub on ProcessingRecord:
    see ReadProcessing = "processing.read", "read the record of processing";
}

impl Record for LookReview {
    type Id = LookReviewId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LookReviewId) -> AccessClass {
        AccessClass {
            sensitivity: Sensitivity::Sensitive,
            ..AccessClass::ordinary(Self::NAME, None)
        }
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            look: Set(self.look),
            week: Set(self.week.to_string()),
            verdict: Set(self.verdict.code().to_owned()),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Look-up", self.look.to_string()),
            Said::new("Week from", words::full_day(self.week)),
            Said::new("Decision", self.verdict.words()),
            Said::new("Note", self.note.as_ref().map_or("", Passage::as_str)),
        ]
    }

    fn samples() -> Vec<Self> {
        Verdict::ALL
            .into_iter()
            .zip(101..)
            .map(|(verdict, look)| Self {
                look,
                week: jiff::civil::date(2026, 11, 16),
                verdict,
                note: Passage::parse("Covered the <b>night</b> duty for the other team.").ok(),
            })
            .collect()
    }
}
