//! Breach assessments: what has to be decided when records of several children were shown as one child.
//!
//! The law gives 72 hours from becoming aware (UK GDPR article 33). Whoever parts the records is who becomes aware, and
//! linkage opens the assessment in the same change.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Kind, Sensitivity, actions};
use clearpicture_kernel::{
    Date, Line, Passage, PersonId, RecordId, SubjectId, Timestamp, TypedId as _, define_id,
};
use clearpicture_store::{Record, Said, Stamp};
use jiff::SignedDuration;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::assessments as row;
use crate::words;

define_id!(
    BreachAssessmentId,
    "breach",
    "An assessment whether something that was shown wrongly is a breach."
);

/// How long after becoming aware of a breach it has to be reported, where it has to.
const TO_REPORT: SignedDuration = SignedDuration::from_hours(72);

/// Whether showing records of several children as one child was a breach, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachAssessment {
    /// Whose picture showed them when it was parted.
    pub person: PersonId,
    /// The version of that person that was parted.
    pub person_version: u32,
    /// All records that the picture was made of.
    pub joined: BTreeSet<SubjectId>,
    /// Those of them that are not of one child.
    pub apart: BTreeSet<SubjectId>,
    /// The pictures that showed these as one child, the newest first.
    pub shown: Vec<WronglyShown>,
    /// Who parted them: a worker's id, or the product itself.
    pub found_by: String,
    /// When they did: from then on the time runs.
    pub aware_at: Timestamp,
    /// Whether only a named role may know of the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// What was decided; nothing yet.
    pub outcome: Option<BreachOutcome>,
}

/// A picture that showed records of several children as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WronglyShown {
    /// Whose.
    pub person: PersonId,
    /// From when on.
    pub from: Timestamp,
    /// Until when; nothing where it did until the records were parted.
    pub until: Option<Timestamp>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachOutcome {
    /// Whether it was a breach.
    pub finding: Finding,
    /// That it was reported; only of what is reportable.
    pub reported: Option<Reported>,
    /// Why it was so decided.
    pub reason: Passage,
    /// Who decided.
    pub decided_by: RecordId,
    /// When.
    pub decided_at: Timestamp,
}

/// A report to the Information Commissioner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The day.
    pub on: Date,
    /// The Commissioner's reference.
    pub reference: Line,
}

/// Whether it was a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// Nobody saw what was not theirs to see.
    NoBreach,
    /// Somebody did, and a risk to anybody is unlikely.
    NotReportable,
    /// Somebody did, and it has to be reported.
    Reportable,
}

impl Finding {
    /// Every finding, in the order of the form.
    pub const ALL: [Self; 3] = [Self::NoBreach, Self::NotReportable, Self::Reportable];

    /// Its code in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoBreach => "no-breach",
            Self::NotReportable => "not-reportable",
            Self::Reportable => "reportable",
        }
    }

    /// The finding with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }

    /// It in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoBreach => "No breach",
            Self::NotReportable => "A breach, not reportable",
            Self::Reportable => "A breach, reportable",
        }
    }

    /// What it means, said beside the choice.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NoBreach => "Nobody saw anything that was not theirs to see.",
            Self::NotReportable => {
                "Somebody did, and a risk to anybody’s rights and freedoms is unlikely. It stays in your record of breaches."
            }
            Self::Reportable => {
                "Somebody did, and there may be a risk. You will report it to the Information Commissioner; nothing is sent from here."
            }
        }
    }
}

/// How an assessment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessmentState {
    /// Nothing is decided.
    Open,
    /// It has to be reported, and is not yet.
    ToReport,
    /// It is decided, and nothing is left to do.
    Settled,
}

impl BreachAssessment {
    /// When it has to be reported at the latest, should it have to be.
    pub fn due_at(&self) -> Timestamp {
        self.aware_at
            .checked_add(TO_REPORT)
            .unwrap_or(Timestamp::MAX)
    }

    /// How it stands.
    pub fn state(&self) -> AssessmentState {
        match &self.outcome {
            None => AssessmentState::Open,
            Some(BreachOutcome {
                finding: Finding::Reportable,
                reported: None,
                ..
            }) => AssessmentState::ToReport,
            Some(_) => AssessmentState::Settled,
        }
    }
}

impl Kind for BreachAssessment {
    const NAME: &'static str = "breach-assessment";
    // It names nobody: the read log it rests on does, and that has tiers of its own.
    const PERSONAL: bool = false;
}

actions! { pub on BreachAssessment:
    see SeeBreachAssessment = "breach-assessments.see", "see what was shown wrongly, and whether it was a breach";
    add OpenBreachAssessment = "breach-assessments.add", "open an assessment when records are parted that somebody saw as one child";
    change DecideBreachAssessment = "breach-assessments.decide", "decide whether it was a breach, and note that it was reported";
}

impl Record for BreachAssessment {
    type Id = BreachAssessmentId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &BreachAssessmentId) -> AccessClass {
        AccessClass {
            sensitivity: Sensitivity::Sensitive,
            protected: self.protected,
            ..AccessClass::ordinary(Self::NAME, None)
        }
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let text = |subject: Option<&SubjectId>| subject.map(ToString::to_string);
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            person: Set(self.person.to_string()),
            person_version: Set(i64::from(self.person_version)),
            whose: Set(text(self.joined.first()).unwrap_or_default()),
            one: Set(text(self.apart.first()).unwrap_or_default()),
            other: Set(text(self.apart.last()).unwrap_or_default()),
            due_at: Set(self.due_at().as_microsecond()),
            settled: Set(self.state() == AssessmentState::Settled),
        }
    }

    fn say(&self) -> Vec<Said> {
        let ids = |subjects: &BTreeSet<SubjectId>| {
            let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
            ids.join(", ")
        };
        let shown: Vec<String> = self.shown.iter().map(WronglyShown::words).collect();
        let outcome = self.outcome.as_ref();
        let reported = outcome.and_then(|outcome| outcome.reported.as_ref());
        vec![
            Said::new("Picture", self.person.to_string()),
            Said::new("Records in it", ids(&self.joined)),
            Said::new("Not of one child", ids(&self.apart)),
            Said::new("Shown as one", shown.join("; ")),
            Said::new("Found", words::moment(self.aware_at)),
            Said::new("Found by", self.found_by.clone()),
            Said::new("Due", words::moment(self.due_at())),
            Said::new(
                "Finding",
                outcome.map_or("", |outcome| outcome.finding.words()),
            ),
            Said::new(
                "Reported",
                reported.map_or(String::new(), |reported| {
                    format!("{}, {}", words::full_day(reported.on), reported.reference)
                }),
            ),
            Said::new("Why", outcome.map_or("", |outcome| outcome.reason.as_str())),
        ]
    }

    fn samples() -> Vec<Self> {
        let samples = || {
            let subject = |last: char| {
                SubjectId::parse(&format!("subject_0000000000000000000000000{last}")).ok()
            };
            let person = PersonId::parse("person_00000000000000000000000001").ok()?;
            let open = Self {
                person,
                person_version: 2,
                joined: BTreeSet::from([subject('1')?, subject('2')?, subject('3')?]),
                apart: BTreeSet::from([subject('1')?, subject('3')?]),
                shown: vec![
                    WronglyShown {
                        person,
                        from: Timestamp::UNIX_EPOCH,
                        until: None,
                    },
                    WronglyShown {
                        person: PersonId::parse("person_00000000000000000000000002").ok()?,
                        from: Timestamp::UNIX_EPOCH,
                        until: Some(Timestamp::UNIX_EPOCH),
                    },
                ],
                found_by: "worker_00000000000000000000000001".to_owned(),
                aware_at: Timestamp::UNIX_EPOCH,
                protected: false,
                outcome: None,
            };
            let decided = |finding, reported| {
                Some(Self {
                    outcome: Some(BreachOutcome {
                        finding,
                        reported,
                        reason: Passage::parse("Only her own social worker <b>looked</b>.").ok()?,
                        decided_by: RecordId::parse("worker_00000000000000000000000001").ok()?,
                        decided_at: Timestamp::UNIX_EPOCH,
                    }),
                    ..open.clone()
                })
            };
            let reported = Reported {
                on: jiff::civil::date(2026, 11, 23),
                reference: Line::parse("IC-123456-A1B2").ok()?,
            };
            Some(vec![
                open.clone(),
                decided(Finding::NoBreach, None)?,
                decided(Finding::NotReportable, None)?,
                decided(Finding::Reportable, None)?,
                decided(Finding::Reportable, Some(reported))?,
                Self {
                    protected: true,
                    ..open.clone()
                },
            ])
        };
        let numbered = |(person_version, one)| Self {
            person_version,
            ..one
        };
        let samples: Vec<Self> = samples().unwrap_or_default();
        (2..).zip(samples).map(numbered).collect()
    }
}

impl WronglyShown {
    /// It in words.
    fn words(&self) -> String {
        let until = self
            .until
            .map_or_else(|| "they were parted".to_owned(), words::moment);
        format!(
            "{} from {} until {until}",
            self.person,
            words::moment(self.from)
        )
    }
}
