//! Samples of pairs, and what whoever read a pair blind says of it.

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{SubjectId, Timestamp, TypedId as _, define_id};
use clearpicture_linkage::children::Band;
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::groups::Groups;
use crate::linking::store::tables::{reading, sample};
use crate::words;

define_id!(
    LinkSampleId,
    "linksample",
    "A sample of pairs, drawn to learn how good links are."
);
define_id!(
    LinkReadingId,
    "linkreading",
    "One pair of a sample, to be read blind."
);

/// A sample of pairs of records, drawn at random from every place where a pair can stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSample {
    /// How many pairs were asked for.
    pub wanted: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Whether it is drawn.
    pub state: Drawing,
    /// The version of the model that compared; empty before it is drawn.
    pub model: String,
    /// How many pairs there were to draw from, by where they stood and what they are told apart by.
    pub cells: Vec<Cell>,
    /// How many records there were, and how many told too little to be joined with anybody.
    pub records: Vec<Told>,
}

/// Whether a sample is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawing {
    /// It waits to be drawn.
    Waits,
    /// It is drawn.
    Drawn,
    /// It cannot be, and why.
    Failed(String),
}

/// Pairs that stood alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Where they stood.
    pub band: Stood,
    /// What they are told apart by.
    pub groups: Groups,
    /// How many there were.
    pub pairs: u64,
}

/// Records that are told apart by the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What they are told apart by.
    pub groups: Groups,
    /// How many there were.
    pub records: u64,
    /// How many of them told too little to be joined with anybody.
    pub poor: u64,
}

/// Where a pair stood, as records keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stood(pub Band);

impl Serialize for Stood {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.0.code())
    }
}

impl<'de> Deserialize<'de> for Stood {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        let band = Band::parse(&code);
        band.map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("no such band: {code}")))
    }
}

/// One pair of a sample, and what whoever read it says. Neither it nor its page tells how the pair stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReading {
    /// The sample.
    pub sample: LinkSampleId,
    /// Its place in the order, which is drawn too, from 0.
    pub place: u32,
    /// The earlier subject.
    pub a: SubjectId,
    /// The later subject.
    pub b: SubjectId,
    /// Where the pair stood when it was drawn.
    pub band: Stood,
    /// What it is told apart by.
    pub groups: Groups,
    /// What whoever read it says.
    pub answer: Read,
}

/// What somebody says of a pair whose standing they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// Nobody has read it.
    Not,
    /// One child.
    One,
    /// Two children.
    Two,
    /// The two records do not tell.
    Unclear,
}

impl Read {
    const ALL: [Self; 4] = [Self::Not, Self::One, Self::Two, Self::Unclear];

    /// The answer as tables and forms write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::One => "one",
            Self::Two => "two",
            Self::Unclear => "unclear",
        }
    }

    /// The answer that is written so.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|read| read.code() == code)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Not => "Not read yet",
            Self::One => "One child",
            Self::Two => "Two children",
            Self::Unclear => "The records do not tell",
        }
    }
}

impl Kind for LinkSample {
    const NAME: &'static str = "link-sample";
    const PERSONAL: bool = false;
}

impl Kind for LinkReading {
    const NAME: &'static str = "link-reading";
    const PERSONAL: bool = false;
}

actions! { pub on LinkSample:
    see SeeLinkSample = "link-samples.see", "see how good links are";
    add AddLinkSample = "link-samples.add", "draw a sample of pairs, to learn how good links are";
    change DrawLinkSample = "link-samples.draw", "note what a sample was drawn from";
}

actions! { pub on LinkReading:
    see SeeLinkReading = "link-readings.see", "see which pairs of a sample were read, and what was said";
    add AddLinkReading = "link-readings.add", "draw a pair into a sample";
    change ReadPair = "link-readings.read", "say of a pair, without knowing how it stands, whether it is one child";
}

impl Record for LinkSample {
    type Id = LinkSampleId;
    type Row = sample::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LinkSampleId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, None)
    }

    fn row(&self, stamp: Stamp) -> sample::ActiveModel {
        sample::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            asked_at: Set(self.asked_at.as_microsecond()),
        }
    }

    fn say(&self) -> Vec<Said> {
        let pairs: u64 = self.cells.iter().map(|cell| cell.pairs).sum();
        vec![
            Said::new("Pairs asked for", self.wanted.to_string()),
            Said::new("Asked for", words::moment(self.asked_at)),
            Said::new(
                "State",
                match &self.state {
                    Drawing::Waits => "Waits to be drawn".to_owned(),
                    Drawing::Drawn => format!("Drawn from {pairs} pairs"),
                    Drawing::Failed(why) => format!("Not drawn: {why}"),
                },
            ),
            Said::new("Model", self.model.clone()),
        ]
    }

    fn samples() -> Vec<Self> {
        let drawn = Self {
            wanted: 400,
            asked_at: Timestamp::UNIX_EPOCH,
            state: Drawing::Drawn,
            model: "children-2".to_owned(),
            cells: vec![Cell {
                band: Stood(Band::Surely),
                groups: Groups::not_told(),
                pairs: 1_200,
            }],
            records: vec![Told {
                groups: Groups::not_told(),
                records: 800,
                poor: 3,
            }],
        };
        let waits = Self {
            state: Drawing::Waits,
            model: String::new(),
            cells: Vec::new(),
            records: Vec::new(),
            ..drawn.clone()
        };
        let failed = Self {
            state: Drawing::Failed("too many records share a value".to_owned()),
            ..waits.clone()
        };
        vec![drawn, waits, failed]
    }
}

impl Record for LinkReading {
    type Id = LinkReadingId;
    type Row = reading::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LinkReadingId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, None)
    }

    fn row(&self, stamp: Stamp) -> reading::ActiveModel {
        let Groups { ethnic, sex, age } = self.groups.clone();
        reading::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            sample_id: Set(self.sample.to_string()),
            place: Set(i64::from(self.place)),
            a: Set(self.a.to_string()),
            b: Set(self.b.to_string()),
            band: Set(self.band.0.code().to_owned()),
            ethnic: Set(ethnic),
            sex: Set(sex),
            age: Set(age),
            answer: Set(self.answer.code().to_owned()),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("One", self.a.to_string()),
            Said::new("Other", self.b.to_string()),
            Said::new("Read as", self.answer.words()),
        ]
    }

    fn samples() -> Vec<Self> {
        let reading = |place: u32, band, answer| {
            let other = char::from_digit(place + 2, 10)?;
            Some(Self {
                sample: LinkSampleId::parse("linksample_00000000000000000000000001").ok()?,
                place,
                a: SubjectId::parse("subject_00000000000000000000000001").ok()?,
                b: SubjectId::parse(&format!("subject_0000000000000000000000000{other}")).ok()?,
                band: Stood(band),
                groups: Groups::not_told(),
                answer,
            })
        };
        [
            reading(0, Band::Surely, Read::One),
            reading(1, Band::Missed, Read::Not),
            reading(2, Band::HeldApart, Read::Two),
            reading(3, Band::JustBelow, Read::Unclear),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
