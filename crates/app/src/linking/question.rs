//! Questions: pairs of records of which somebody must say whether they are one child.
//!
//! Linkage asks them, and takes them back when facts or decisions answer them; people answer by
//! [`LinkDecision`](super::LinkDecision).

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{Code, SubjectId, TypedId as _, define_id};
use clearpicture_linkage::children::{Attention, Held};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::tables::question;

define_id!(
    LinkQuestionId,
    "linkquestion",
    "A pair of records that somebody must look at."
);

/// Whether two records are one child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkQuestion {
    /// The earlier subject.
    pub a: SubjectId,
    /// The later subject.
    pub b: SubjectId,
    /// Whether they stand joined meanwhile.
    pub joined: bool,
    /// Why it is asked, as linkage names it.
    pub because: Code,
    /// What their agreement is worth, in thousandths of a bit.
    pub weight: i32,
    /// How far that is from the weight at which records join, in thousandths of a bit.
    pub doubt: u32,
    /// What a wrong answer would do.
    pub stake: Stake,
    /// Whether it waits for an answer.
    pub open: bool,
}

/// What is known of the two that a wrong answer would hide, or put on another child's record. Worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stake {
    /// A missing episode, or a concern about exploitation.
    Harm,
    /// Social care works or worked with one of them.
    Care,
    /// Nothing of these.
    Record,
}

impl Stake {
    /// The worst of what facts of these kinds tell.
    pub fn of<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Self {
        let each = kinds.into_iter().map(|kind| match kind {
            "missing" | "concern" => Self::Harm,
            "contact" | "referral" | "assessment" | "factor" | "section47" | "plan" | "review"
            | "care-episode" => Self::Care,
            _ => Self::Record,
        });
        each.min().unwrap_or(Self::Record)
    }

    /// Its place in the queue.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Harm => 0,
            Self::Care => 1,
            Self::Record => 2,
        }
    }

    /// The one at a place in the queue.
    pub const fn ranked(rank: i64) -> Self {
        match rank {
            0 => Self::Harm,
            1 => Self::Care,
            _ => Self::Record,
        }
    }

    /// How a tag shows it.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Harm => "breach",
            Self::Care => "due",
            Self::Record => "neutral",
        }
    }

    /// In words, of the two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Harm => "missing, or a concern",
            Self::Care => "known to social care",
            Self::Record => "nothing known",
        }
    }
}

impl LinkQuestion {
    /// Why it is asked, in words.
    pub fn why(&self) -> &'static str {
        why(self.because.as_str())
    }
}

/// The reason of a question that linkage would not ask, and somebody does.
pub(super) const ASKED: &str = "asked";

/// The reason that a record or a row keeps as `because`, in words.
pub(super) fn why(because: &str) -> &'static str {
    if because == ASKED {
        return "somebody is not sure, and asks";
    }
    let attention = Attention::parse(because).map(Attention::words);
    let held = || Held::parse(because).map(Held::words);
    attention.or_else(held).unwrap_or_default()
}

impl Kind for LinkQuestion {
    const NAME: &'static str = "link-question";
    const PERSONAL: bool = false;
}

actions! { pub on LinkQuestion:
    see SeeLinkQuestion = "link-questions.see", "see which records may be one child";
    add AddLinkQuestion = "link-questions.add", "ask whether two records are one child";
    change ChangeLinkQuestion = "link-questions.change", "take such a question back, or ask it again";
}

impl Record for LinkQuestion {
    type Id = LinkQuestionId;
    type Row = question::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LinkQuestionId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, None)
    }

    fn row(&self, stamp: Stamp) -> question::ActiveModel {
        question::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            a: Set(self.a.to_string()),
            b: Set(self.b.to_string()),
            joined: Set(self.joined),
            because: Set(self.because.to_string()),
            stake: Set(self.stake.rank()),
            doubt: Set(i64::from(self.doubt)),
            open: Set(self.open),
        }
    }

    fn say(&self) -> Vec<Said> {
        let standing = if self.joined {
            "Joined meanwhile"
        } else {
            "Held apart meanwhile"
        };
        vec![
            Said::new("One", self.a.to_string()),
            Said::new("Other", self.b.to_string()),
            Said::new("Asked because", self.why()),
            Said::new("Standing", standing),
            Said::new("At stake", self.stake.words()),
            Said::new(
                "State",
                if self.open {
                    "Waits for an answer"
                } else {
                    "Answered"
                },
            ),
        ]
    }

    fn samples() -> Vec<Self> {
        let sample = |other: char, code: &str, joined, stake, open| {
            Some(Self {
                a: SubjectId::parse("subject_00000000000000000000000001").ok()?,
                b: SubjectId::parse(&format!("subject_0000000000000000000000000{other}")).ok()?,
                joined,
                because: Code::parse(code).ok()?,
                weight: 7_200,
                doubt: 1_200,
                stake,
                open,
            })
        };
        [
            sample('2', "names-alike", true, Stake::Harm, true),
            sample('3', "two-children", false, Stake::Care, true),
            sample('4', "other-candidate", false, Stake::Record, false),
            sample('5', ASKED, true, Stake::Record, true),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
