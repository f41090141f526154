//! Runs of linkage, and what people decided about links.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Passage, SubjectId, Timestamp, TypedId as _, define_id};
use clearpicture_store::{PartRow, Record, Said, Stamp, part};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::tables::{covered, decision, run};
use crate::words;

define_id!(
    LinkRunId,
    "linkrun",
    "A run of linkage that changed something."
);
define_id!(
    LinkDecisionId,
    "linkdecision",
    "What somebody decided about two subjects."
);

/// A run of linkage that changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRun {
    /// The version of the model, as its file names it.
    pub model: String,
    /// The subjects that were compared.
    pub subjects: u64,
    /// The persons that they make.
    pub persons: u64,
    /// The pairs of subjects that came together.
    pub joined: u64,
    /// The pairs of subjects that were parted.
    pub parted: u64,
    /// The persons whom somebody must look at.
    pub attention: u64,
    /// When it was.
    pub run_at: Timestamp,
    /// The run over everything of which it was one share; that is recorded when it comes to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<LinkRunId>,
}

/// What somebody decided about two subjects: it always wins over linkage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkDecision {
    /// The earlier subject.
    pub a: SubjectId,
    /// The later subject.
    pub b: SubjectId,
    /// What was decided.
    pub verdict: Verdict,
    /// How sure of it whoever decided is.
    #[serde(default)]
    pub confidence: Sureness,
    /// Why; of what was asked, the question.
    pub reason: Passage,
    /// How the two stood before anybody decided: the records of the person of each, once where that was one and the same.
    /// So that taking it back gives back just that. Nothing while nothing is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stood: Vec<BTreeSet<SubjectId>>,
    /// Every record of the two children, as they stood, where it goes so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sides: Option<Sides>,
    /// How many of its versions went so far.
    #[serde(default)]
    pub rounds: u32,
    /// Of what is asked, the agency that is asked; without one, whoever knows more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_of: Option<AgencyId>,
}

/// Every record of two children, as they stood when it was decided about them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// The records of the one; of all, where they were one picture already.
    pub ones: BTreeSet<SubjectId>,
    /// The records of the other.
    pub others: BTreeSet<SubjectId>,
}

impl Sides {
    /// How far that goes, in words.
    pub const WORDS: &'static str = "Every record of both, as they stood";

    /// All of them.
    pub fn records(&self) -> impl Iterator<Item = SubjectId> {
        self.ones.iter().chain(&self.others).copied()
    }

    /// The pairs of which it is said what they are, the earlier first: each two records where it is one child, and each
    /// record of the one with each of the other where it is two.
    pub(super) fn pairs(&self, verdict: Verdict) -> BTreeSet<(SubjectId, SubjectId)> {
        let two = |a: SubjectId, b: SubjectId| (a.min(b), a.max(b));
        match verdict {
            Verdict::Same => {
                let all: BTreeSet<SubjectId> = self.records().collect();
                let each = all
                    .iter()
                    .flat_map(|a| all.range(a..).skip(1).map(|b| (*a, *b)));
                each.collect()
            }
            Verdict::NotSame => {
                let each = self
                    .ones
                    .iter()
                    .flat_map(|a| self.others.iter().map(move |b| two(*a, *b)));
                each.collect()
            }
            Verdict::Asked | Verdict::Open => BTreeSet::new(),
        }
    }

    pub(super) const fn side(&mut self, side: i64) -> &mut BTreeSet<SubjectId> {
        match side {
            0 => &mut self.ones,
            _ => &mut self.others,
        }
    }
}

/// How sure somebody is of what they decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sureness {
    /// They know: they asked, or saw papers.
    #[default]
    Certain,
    /// It is what the records tell.
    Likely,
}

impl Sureness {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Certain => "Certain: asked, or seen on paper",
            Self::Likely => "Likely, as the records tell",
        }
    }
}

/// What somebody decided about two subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They are one person.
    Same,
    /// They are two persons.
    NotSame,
    /// Somebody looked, is not sure, and asks whoever knows more.
    Asked,
    /// What was decided before was taken back: linkage decides again.
    Open,
}

impl Verdict {
    /// Whether it says of the two what they are.
    pub const fn decides(self) -> bool {
        match self {
            Self::Same | Self::NotSame => true,
            Self::Asked | Self::Open => false,
        }
    }

    /// The code in the table.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::NotSame => "not-same",
            Self::Asked => "asked",
            Self::Open => "open",
        }
    }

    /// The verdict that a table keeps as `code`.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Same, Self::NotSame, Self::Asked, Self::Open]
            .into_iter()
            .find(|verdict| verdict.code() == code)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "They are one child",
            Self::NotSame => "They are two children",
            Self::Asked => "Not sure: asked of whoever knows more",
            Self::Open => "Taken back: not decided",
        }
    }
}

impl LinkDecision {
    /// Which of its versions that go further than the two this is; 0 where it does not.
    fn round(&self) -> i64 {
        match self.sides {
            Some(_) => i64::from(self.rounds),
            None => 0,
        }
    }

    /// How far it goes, in words.
    const fn how_far(&self) -> &'static str {
        match self.sides {
            Some(_) => Sides::WORDS,
            None => "These two records",
        }
    }
}

impl Kind for LinkRun {
    const NAME: &'static str = "link-run";
    const PERSONAL: bool = false;
}

impl Kind for LinkDecision {
    const NAME: &'static str = "link-decision";
    const PERSONAL: bool = false;
}

actions! { pub on LinkRun:
    see SeeLinkRun = "link-runs.see", "see what runs of linkage joined and parted";
    add AddLinkRun = "link-runs.add", "run linkage";
}

actions! { pub on LinkDecision:
    see SeeLinkDecision = "link-decisions.see", "see what was decided about links";
    add AddLinkDecision = "link-decisions.add", "decide whether two sources tell of one child";
    change ChangeLinkDecision = "link-decisions.change", "decide otherwise, or take a decision back";
}

impl Record for LinkRun {
    type Id = LinkRunId;
    type Row = run::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LinkRunId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, None)
    }

    fn row(&self, stamp: Stamp) -> run::ActiveModel {
        run::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            run_at: Set(self.run_at.as_microsecond()),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Model", self.model.clone()),
            Said::new("Records compared", self.subjects.to_string()),
            Said::new("Persons", self.persons.to_string()),
            Said::new("Pairs joined", self.joined.to_string()),
            Said::new("Pairs parted", self.parted.to_string()),
            Said::new("Needing attention", self.attention.to_string()),
            Said::new("Run", words::moment(self.run_at)),
        ]
        .into_iter()
        .chain(
            self.part_of
                .map(|whole| Said::new("Part of", whole.to_string())),
        )
        .collect()
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            model: "1".to_owned(),
            subjects: 1_000,
            persons: 500,
            joined: 500,
            parted: 0,
            attention: 10,
            run_at: Timestamp::UNIX_EPOCH,
            part_of: None,
        }]
    }
}

impl Record for LinkDecision {
    type Id = LinkDecisionId;
    type Row = decision::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LinkDecisionId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, None)
    }

    fn row(&self, stamp: Stamp) -> decision::ActiveModel {
        decision::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            a: Set(self.a.to_string()),
            b: Set(self.b.to_string()),
            verdict: Set(self.verdict.code().to_owned()),
            asked_of: Set(self.asked_of.map(|agency| agency.to_string())),
            round: Set(self.round()),
        }
    }

    fn parts(&self, id: &LinkDecisionId) -> Vec<PartRow> {
        let round = self.round();
        let of = |side: i64, records: &BTreeSet<SubjectId>| {
            let each = records.iter().map(|subject| covered::ActiveModel {
                id: Set(format!("{id}:{round}:{subject}")),
                decision_id: Set(id.to_string()),
                subject_id: Set(subject.to_string()),
                side: Set(side),
                round: Set(round),
            });
            each.map(part).collect::<Vec<_>>()
        };
        let sides = self.sides.iter();
        sides
            .flat_map(|sides| [of(0, &sides.ones), of(1, &sides.others)].concat())
            .collect()
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("One", self.a.to_string()),
            Said::new("Other", self.b.to_string()),
            Said::new("Decided", self.verdict.words()),
            Said::new("How sure", self.confidence.words()),
            Said::new("How far", self.how_far()),
            Said::new("Reason", self.reason.as_str()),
        ]
        .into_iter()
        .chain(
            self.asked_of
                .map(|agency| Said::new("Asked of", agency.to_string())),
        )
        .collect()
    }

    fn samples() -> Vec<Self> {
        let sample = || {
            let a = SubjectId::parse("subject_00000000000000000000000001").ok()?;
            let b = SubjectId::parse("subject_00000000000000000000000002").ok()?;
            Some(Self {
                a,
                b,
                verdict: Verdict::NotSame,
                confidence: Sureness::Likely,
                reason: Passage::parse("The school has two cousins of this name.").ok()?,
                stood: vec![BTreeSet::from([a, b])],
                sides: None,
                rounds: 0,
                asked_of: None,
            })
        };
        let wide = || {
            let mut wide = sample()?;
            wide.b = SubjectId::parse("subject_00000000000000000000000003").ok()?;
            let (ones, others) = (BTreeSet::from([wide.a]), BTreeSet::from([wide.b]));
            wide.sides = Some(Sides { ones, others });
            wide.rounds = 1;
            Some(wide)
        };
        sample().into_iter().chain(wide()).collect()
    }
}
