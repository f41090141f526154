//! What a person is: the subjects that linkage, or a human decision, takes for one.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Code, Date, Fact, PersonId, SubjectId, TypedId as _};
use clearpicture_store::{PartRow, Record, Said, Stamp, part};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::tables::{member, row};

/// One person as the partnership knows them.
///
/// The body names subjects and holds nothing of what is said about them: that stays the sources'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who belongs to the person. Every subject belongs to exactly one person at any time.
    pub members: BTreeSet<SubjectId>,
    /// How they came together.
    pub standing: Standing,
    /// Whether a source says that where they are must not be told: only a named role may know of them
    /// (safety rule 7).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
}

/// How far a person's subjects are known to be one.
///
/// ```text
///  Alone ──── joined ────► Joined ──── parted ────► Alone
///    │                        │
///    └── joined elsewhere ──► Empty ◄── joined elsewhere
///                             │
///                             └──── parted there ────► Alone | Joined
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Standing {
    /// One source's word alone.
    Alone,
    /// Several subjects, joined by linkage.
    Joined {
        /// Why somebody must look, as linkage names it; empty when nothing speaks against it.
        doubts: BTreeSet<Code>,
        /// Whether somebody looked and said that it is right. Until then it raises no warning and sends nothing
        /// (safety rule 7).
        checked: bool,
    },
    /// All its subjects belong to another person now.
    Empty {
        /// That person.
        into: PersonId,
    },
}

impl Person {
    /// The access class of persons of whom only a named role may know.
    pub const fn protected_class() -> AccessClass {
        AccessClass {
            protected: true,
            ..AccessClass::ordinary(<Self as Kind>::NAME, None)
        }
    }

    /// A person of whom one source alone tells.
    pub fn alone(subject: SubjectId) -> Self {
        Self {
            members: BTreeSet::from([subject]),
            standing: Standing::Alone,
            protected: false,
        }
    }
}

impl Standing {
    /// The person to whom all the subjects belong now.
    const fn leads_to(&self) -> Option<PersonId> {
        match self {
            Self::Empty { into } => Some(*into),
            Self::Alone | Self::Joined { .. } => None,
        }
    }

    /// The code in the table of persons.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Joined { .. } => "joined",
            Self::Empty { .. } => "empty",
        }
    }

    /// The standing in words, which name nobody.
    pub fn words(&self) -> String {
        match self {
            Self::Alone => "As one source knows them".to_owned(),
            Self::Joined { checked: true, .. } => "Joined, and checked by a person".to_owned(),
            Self::Joined { doubts, .. } if doubts.is_empty() => {
                "Joined by the system, not checked yet".to_owned()
            }
            Self::Joined { .. } => "Joined by the system, and somebody must look".to_owned(),
            Self::Empty { .. } => "Part of another picture now".to_owned(),
        }
    }
}

impl Kind for Person {
    const NAME: &'static str = "person";
    const PERSONAL: bool = true;
}

actions! { pub on Person:
    see SeePerson = "persons.see", "find a child and open their picture";
    add AddPerson = "persons.add", "add a person whom a source tells of for the first time";
    change LinkPerson = "persons.link", "join what sources say of one person, and part what they say of two";
    change ProtectPerson = "persons.protect", "let only a named role know of a person";
    change PartPerson = "persons.part", "decide which records are one child, and part what was joined wrongly";
}

impl Record for Person {
    type Id = PersonId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &PersonId) -> AccessClass {
        match self.protected {
            true => Self::protected_class(),
            false => AccessClass::ordinary(Self::NAME, None),
        }
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            state: Set(self.standing.code().to_owned()),
        }
    }

    fn parts(&self, id: &PersonId) -> Vec<PartRow> {
        let members = self.members.iter().map(|subject| member::ActiveModel {
            subject_id: Set(subject.to_string()),
            person_id: Set(id.to_string()),
        });
        members.map(part).collect()
    }

    fn say(&self) -> Vec<Said> {
        let subjects: Vec<String> = self.members.iter().map(ToString::to_string).collect();
        vec![
            Said::new("Standing", self.standing.words()),
            Said::new(
                "Part of",
                self.standing
                    .leads_to()
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
            ),
            Said::new("Known to sources as", subjects.join(", ")),
            Said::new(
                "Whereabouts",
                if self.protected {
                    "Where they are must not be told"
                } else {
                    ""
                },
            ),
        ]
    }

    fn samples() -> Vec<Self> {
        let subject =
            |last: char| SubjectId::parse(&format!("subject_0000000000000000000000000{last}")).ok();
        // Whoever is protected is nobody of those who can be seen.
        let (Some(one), Some(two), Some(hidden)) = (subject('1'), subject('2'), subject('4'))
        else {
            return Vec::new();
        };
        let Ok(into) = PersonId::parse("person_00000000000000000000000001") else {
            return Vec::new();
        };
        let joined = |doubts: &[&str], checked| Self {
            members: BTreeSet::from([one, two]),
            standing: Standing::Joined {
                doubts: doubts
                    .iter()
                    .filter_map(|code| Code::parse(code).ok())
                    .collect(),
                checked,
            },
            protected: false,
        };
        vec![
            Self::alone(one),
            joined(&[], false),
            joined(&["names-alike"], false),
            joined(&[], true),
            Self {
                members: BTreeSet::new(),
                standing: Standing::Empty { into },
                protected: false,
            },
            Self {
                protected: true,
                ..Self::alone(hidden)
            },
        ]
    }
}

/// What one row of one file says of one subject, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Whom it is about.
    pub subject: SubjectId,
    /// The agency that tells it.
    pub agency: AgencyId,
    /// The source, by the name of its profile.
    pub source: Code,
    /// The record of the load that brought it.
    pub load: String,
    /// The row in that file, from 1, headings not counted.
    pub row: u64,
    /// The number of the entry of history that brought it.
    pub seq: i64,
    /// The day from which it was so told.
    pub as_of: Date,
    /// Whether from that day on the source no longer told it: it was so, and is not now.
    pub ended: bool,
    /// What tells the row from every other of its subject and source.
    pub key: String,
    /// What is said.
    pub facts: Vec<Fact>,
}
