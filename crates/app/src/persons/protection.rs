//! Who is protected, and who may be one who is: kept for each subject until the keeper decides.
//!
//! A source that restricts somebody protects them from then on, whatever it says later: an absent mark changes nothing, and
//! the keeper alone lifts it. Whoever may be the same child as somebody protected is *held*: where they are is shown to the
//! keeper alone, at once and before anybody decides (safety rule 7).

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{SubjectId, TypedId as _, define_id};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::tables::protection;
use crate::history::Shown;

define_id!(
    ProtectionId,
    "protection",
    "That where a subject is must not be told."
);

/// That where a subject is must not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Who.
    pub subject: SubjectId,
    /// Why.
    pub because: Because,
    /// Whether it is so still.
    pub in_force: bool,
}

/// Why where a subject is must not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Because {
    /// A source says so.
    Told,
    /// They may be somebody of whom a source says so.
    MayBe {
        /// That subject.
        whom: SubjectId,
        /// What their agreement is worth, in thousandths of a bit.
        weight: i32,
    },
}

impl Because {
    /// Whom they may be.
    pub const fn whom(&self) -> Option<SubjectId> {
        match self {
            Self::Told => None,
            Self::MayBe { whom, .. } => Some(*whom),
        }
    }
}

impl Kind for Protection {
    const NAME: &'static str = "protection";
    const PERSONAL: bool = true;
}

actions! { pub on Protection:
    see SeeProtection = "protections.see", "see who is protected, who may be one of them, and where they are";
    add AddProtection = "protections.add", "protect somebody of whom a source says so, and whoever may be them";
    change ChangeProtection = "protections.change", "protect somebody again, or end a hold on whoever was said to be another";
    change LiftProtection = "protections.lift", "lift a protection, with a reason";
}

impl Shown for Protection {
    fn title(&self) -> String {
        "a protection".to_owned()
    }

    fn href(id: &ProtectionId) -> String {
        format!("/protected/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("Protected children", "/protected")
    }
}

impl Record for Protection {
    type Id = ProtectionId;
    type Row = protection::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &ProtectionId) -> AccessClass {
        AccessClass {
            protected: true,
            ..AccessClass::ordinary(Self::NAME, None)
        }
    }

    fn row(&self, stamp: Stamp) -> protection::ActiveModel {
        let (whom, weight) = match &self.because {
            Because::Told => (String::new(), 0),
            Because::MayBe { whom, weight } => (whom.to_string(), *weight),
        };
        protection::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            subject_id: Set(self.subject.to_string()),
            may_be: Set(whom),
            weight: Set(i64::from(weight)),
            in_force: Set(self.in_force),
        }
    }

    fn say(&self) -> Vec<Said> {
        let because = match &self.because {
            Because::Told => "A source says that where they are must not be told".to_owned(),
            Because::MayBe { whom, .. } => format!("They may be {whom}, who is protected"),
        };
        vec![
            Said::new("Who", self.subject.to_string()),
            Said::new("Because", because),
            Said::new(
                "State",
                if self.in_force {
                    "Where they are is shown to keepers alone"
                } else {
                    "Lifted"
                },
            ),
        ]
    }

    fn samples() -> Vec<Self> {
        let subject =
            |last: char| SubjectId::parse(&format!("subject_0000000000000000000000000{last}")).ok();
        let (Some(one), Some(two), Some(three)) = (subject('1'), subject('2'), subject('3')) else {
            return Vec::new();
        };
        let of = |subject, because, in_force| Self {
            subject,
            because,
            in_force,
        };
        let may_be = |weight| Because::MayBe { whom: one, weight };
        vec![
            of(one, Because::Told, true),
            of(two, may_be(7_200), true),
            of(three, may_be(3_100), false),
            of(three, Because::Told, false),
        ]
    }
}
