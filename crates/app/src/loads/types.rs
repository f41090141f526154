//! What is known of a file that an agency sent.

use std::collections::BTreeMap;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_ingest::{Problem, PutRight};
use clearpicture_kernel::fact::Coverage;
use clearpicture_kernel::{
    AgencyId, Code, Date, Digest, Line, Period, Timestamp, TypedId as _, define_id,
};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::Agreed;
use super::store::row;
use crate::words;

define_id!(LoadId, "load", "A file that an agency sent.");

/// One file that an agency sent.
///
/// ```text
///  Receiving ──► Received ──► Waiting ──► Accepted ──► Taken ──► TakingBack ──► TakenBack
///                   │          ▲  │          │
///                   │          │  │          └ it would end more than somebody agreed to: it waits again
///                   │          └──┼──────────┘
///                   ├► Refused    └► Declined
///                   └► OtherSender
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The agency that sent it.
    pub agency: AgencyId,
    /// The file's name, without its folder.
    pub file: Line,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it came.
    pub received_at: Timestamp,
    /// The source, by the name of the profile by which it was read; `None` until it was read.
    pub source: Option<Code>,
    /// The day of which it tells.
    pub as_of: Option<Date>,
    /// What was found in it; `None` until it was read.
    pub counts: Option<Counts>,
    /// Whether it is a file of whoever sends files of its source: as long as that is not known, it is of the agency of whoever
    /// sent it in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_source: bool,
    /// What somebody put right in it, in the order in which they did. The file stays as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// How it stands.
    pub state: LoadState,
}

/// One value that somebody put right; why stands in history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The record of the file, from 1.
    pub row: u64,
    /// The table of the profile, where it has several; empty otherwise.
    pub table: String,
    /// The profile's name of the column.
    pub column: Line,
    /// What stands there now; empty for nothing.
    pub text: PutText,
}

/// What somebody put in the place of what a file says: about a child, so that no log shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PutText(String);

impl PutText {
    /// The longest.
    const LONGEST: usize = 1_000;

    /// Such a text; `None` when it is longer than a value is.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.chars().count() <= Self::LONGEST).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PutText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PutText(withheld)")
    }
}

/// How a file stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LoadState {
    /// It is on its way, or broke off on it.
    Receiving,
    /// It is kept sealed, and will be read.
    Received,
    /// It cannot be read as it is: nothing of it is used.
    Refused,
    /// It was read, and waits for somebody to say whether it is to be taken in.
    Waiting(Effect),
    /// It is being taken in: nothing of it is seen before all of it is.
    Accepted(Agreed),
    /// It was taken in.
    Taken(Taken),
    /// Somebody decided that it is not to be taken in.
    Declined,
    /// Files of its source are another agency's: nothing of it is used.
    OtherSender(Usual),
    /// It was taken in, and is being taken back: what it told stands until all of it is taken back at once.
    TakingBack(Taken),
    /// It was taken in and taken back: nothing that it told stands.
    TakenBack(TakenBack),
}

/// Who sends files of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// The code of the agency, as the practice says.
    pub sends: Code,
}

/// What came of a file that was taken in and taken back. Why stands in history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// What it had done.
    pub taken: Taken,
    /// When it was taken back.
    pub at: Timestamp,
}

/// What was found in a file. `rows` counts those that were read and those that were set aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The rows.
    pub rows: u64,
    /// Those that were set aside.
    pub quarantined: u64,
    /// Rows of others, none of `rows`: nothing of them is kept.
    pub others: u64,
    /// How often each problem was found, by its code.
    pub findings: BTreeMap<Code, u64>,
    /// What the file covers, as it states itself.
    pub coverage: Option<Coverage>,
    /// The first year of the layout by which it was read, where years make a difference.
    pub year: Option<u16>,
}

/// What taking a file in does to what is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Rows that were not told before.
    pub new: u64,
    /// Rows that told something else before.
    pub changed: u64,
    /// Rows that say what is held already.
    pub unchanged: u64,
    /// Rows that are held and are not in a file of all there is: they end.
    pub ended: u64,
    /// Children of whom the agency tells for the first time.
    pub new_subjects: u64,
}

impl Effect {
    /// Rows that say something new.
    pub const fn accepted(&self) -> u64 {
        self.new + self.changed
    }
}

/// What came of a file that was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What it did to what was held.
    pub effect: Effect,
    /// When.
    pub at: Timestamp,
}

impl LoadState {
    /// The code in the table of loads.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Refused => "refused",
            Self::Waiting(_) => "waiting",
            Self::Accepted(_) => "accepted",
            Self::Taken(_) => "taken",
            Self::Declined => "declined",
            Self::OtherSender(_) => "other-sender",
            Self::TakingBack(_) => "taking-back",
            Self::TakenBack(_) => "taken-back",
        }
    }

    /// The state in words.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Receiving => "On its way: if it stays so, it broke off, and has to be sent again",
            Self::Received => "Received, being read",
            Self::Refused => "Refused: it cannot be read as it is",
            Self::Waiting(_) => "Read, waiting for somebody to take it in",
            Self::Accepted(_) => "Being taken in",
            Self::Taken(_) => "Taken in",
            Self::Declined => "Not taken in",
            Self::OtherSender(_) => "Stopped: another agency sends files of this source",
            Self::TakingBack(_) => "Being taken back",
            Self::TakenBack(_) => "Taken back: nothing that it told stands",
        }
    }

    /// What taking it in does, or did, to what is held; `None` where that is not known.
    pub const fn effect(&self) -> Option<Effect> {
        match self {
            Self::Waiting(effect)
            | Self::Taken(Taken { effect, .. })
            | Self::TakingBack(Taken { effect, .. })
            | Self::TakenBack(TakenBack {
                taken: Taken { effect, .. },
                ..
            }) => Some(*effect),
            Self::Receiving
            | Self::Received
            | Self::Refused
            | Self::Accepted(_)
            | Self::Declined
            | Self::OtherSender(_) => None,
        }
    }
}

impl Load {
    /// A file as it comes.
    pub const fn received(
        agency: AgencyId,
        file: Line,
        digest: Digest,
        bytes: u64,
        received_at: Timestamp,
    ) -> Self {
        Self {
            agency,
            file,
            digest,
            bytes,
            received_at,
            source: None,
            as_of: None,
            counts: None,
            by_source: false,
            corrections: Vec::new(),
            state: LoadState::Received,
        }
    }

    /// What somebody put right, as reading asks for it.
    pub fn put_right(&self) -> BTreeMap<u64, PutRight> {
        let mut all: BTreeMap<u64, PutRight> = BTreeMap::new();
        for one in &self.corrections {
            let place = (one.table.clone(), one.column.to_string());
            let text = one.text.reveal().to_owned();
            all.entry(one.row).or_default().insert(place, text);
        }
        all
    }

    /// How many findings there were.
    pub fn findings_total(&self) -> u64 {
        let counts = self.counts.as_ref();
        counts.map_or(0, |counts| counts.findings.values().sum())
    }

    /// Each problem that was found, with how often, in words and by how far it reaches.
    pub fn problems(&self) -> Vec<(Problem, u64)> {
        let known = |(code, count): (&Code, &u64)| {
            let problem = Problem::ALL
                .iter()
                .find(|problem| problem.code() == code.as_str())?;
            Some((*problem, *count))
        };
        let counts = self.counts.iter();
        let findings = counts.flat_map(|counts| &counts.findings);
        let mut problems: Vec<(Problem, u64)> = findings.filter_map(known).collect();
        problems.sort_by_key(|(problem, count)| (problem.severity(), u64::MAX - count));
        problems
    }

    /// What the file covers, in words; empty when it does not say.
    pub fn coverage_in_words(&self) -> String {
        let coverage = self.counts.as_ref().and_then(|counts| counts.coverage);
        coverage.map_or(String::new(), |coverage| {
            let as_of = coverage.as_of.map_or(String::new(), |day| {
                format!(", as of {}", words::full_day(day))
            });
            let from = words::full_day(coverage.period.from);
            match coverage.period.until.and_then(|end| end.yesterday().ok()) {
                Some(last) => format!("{from} to {}{as_of}", words::full_day(last)),
                None => format!("from {from}{as_of}"),
            }
        })
    }
}

impl Kind for Load {
    const NAME: &'static str = "load";
    const PERSONAL: bool = false;
}

actions! { pub on Load:
    see SeeLoad = "loads.see", "see which files came, and what was wrong with them";
    add AddLoad = "loads.add", "send in an agency's file";
    change WorkLoad = "loads.work", "read a file and take it in";
    change DecideLoad = "loads.decide", "decide whether a file is taken in";
}

impl Record for Load {
    type Id = LoadId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 2;

    fn class(&self, _: &LoadId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let number = |count: u64| Set(i64::try_from(count).unwrap_or(i64::MAX));
        let counts = self.counts.as_ref();
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            source: Set(self.source.as_ref().map_or(String::new(), Code::to_string)),
            digest: Set(self.digest.to_string()),
            state: Set(self.state.code().to_owned()),
            as_of: Set(self.as_of.map_or(String::new(), |day| day.to_string())),
            rows: number(counts.map_or(0, |counts| counts.rows)),
            quarantined: number(counts.map_or(0, |counts| counts.quarantined)),
            findings: number(self.findings_total()),
            received_at: Set(self.received_at.as_microsecond()),
        }
    }

    fn say(&self) -> Vec<Said> {
        let problems: Vec<String> = self
            .problems()
            .into_iter()
            .map(|(problem, count)| format!("{count} × {}", problem.message()))
            .collect();
        let counts = self.counts.clone().unwrap_or_default();
        let read = |count: u64| match &self.counts {
            Some(_) => count.to_string(),
            None => String::new(),
        };
        let effect = self.state.effect();
        let does = |of: fn(Effect) -> u64| effect.map_or(String::new(), |one| of(one).to_string());
        let (taken, back) = match &self.state {
            LoadState::Taken(taken) | LoadState::TakingBack(taken) => {
                (words::moment(taken.at), String::new())
            }
            LoadState::TakenBack(back) => (words::moment(back.taken.at), words::moment(back.at)),
            _ => (String::new(), String::new()),
        };
        let usual = match &self.state {
            LoadState::OtherSender(usual) => usual.sends.as_str(),
            _ => "",
        };
        let agreed = match &self.state {
            LoadState::Accepted(Agreed { ends: Some(ends) }) => ends.to_string(),
            _ => String::new(),
        };
        let day = self.as_of.map_or(String::new(), words::full_day);
        let corrections = self.corrections.iter();
        let corrections = corrections.map(|one| format!("record {}, {}", one.row, one.column));
        let corrections: Vec<String> = corrections.collect();
        vec![
            Said::new("State", self.state.words()),
            Said::new("File", self.file.as_str()),
            Said::new("Source", self.source.as_ref().map_or("", Code::as_str)),
            Said::new("Tells of", day),
            Said::new("SHA-256", self.digest.to_string()),
            Said::new("Rows", read(counts.rows)),
            Said::new("New", does(|effect| effect.new)),
            Said::new("Changed", does(|effect| effect.changed)),
            Said::new("Unchanged", does(|effect| effect.unchanged)),
            Said::new("Ended", does(|effect| effect.ended)),
            Said::new("Set aside", read(counts.quarantined)),
            Said::new("Of others", read(counts.others)),
            Said::new("Findings", problems.join("\n")),
            Said::new("Covers", self.coverage_in_words()),
            Said::new("Put right", corrections.join("\n")),
            Said::new("Received", words::moment(self.received_at)),
            Said::new("Taken in", taken),
            Said::new("Taken back", back),
            Said::new("Such files are sent by", usual),
            Said::new("Agreed to end", agreed),
        ]
    }

    fn upcast(from: u16, body: Value) -> Result<Value, String> {
        match from {
            1 => since_there_are_states(&body),
            _ => Err(format!("no body of version {from} was ever written")),
        }
    }

    fn samples() -> Vec<Self> {
        let sample = || {
            let agency = AgencyId::parse("agency_00000000000000000000000001").ok()?;
            let days = (Date::new(2026, 1, 1).ok()?, Date::new(2026, 9, 30).ok()?);
            let received = Self::received(
                agency,
                Line::parse("csc.csv").ok()?,
                Digest::of_parts(&[b"a file"]),
                1_024,
                Timestamp::UNIX_EPOCH,
            );
            let counts = Counts {
                rows: 4,
                quarantined: 1,
                others: 2,
                findings: BTreeMap::from([(Code::parse("row-shape").ok()?, 1)]),
                coverage: Some(Coverage {
                    period: Period {
                        from: days.0,
                        until: Some(days.1),
                    },
                    as_of: Date::new(2026, 10, 15).ok(),
                }),
                year: Some(2026),
            };
            let effect = Effect {
                new: 1,
                changed: 1,
                unchanged: 1,
                ended: 3,
                new_subjects: 1,
            };
            let taken = Taken {
                effect,
                at: Timestamp::UNIX_EPOCH,
            };
            let read = Self {
                source: Code::parse("involvement-csc").ok(),
                as_of: Some(days.1),
                counts: Some(counts),
                state: LoadState::Waiting(effect),
                ..received.clone()
            };
            let in_state = |state| Self {
                state,
                ..read.clone()
            };
            Some(vec![
                Self {
                    state: LoadState::Receiving,
                    ..received.clone()
                },
                received.clone(),
                in_state(LoadState::Refused),
                read.clone(),
                in_state(LoadState::Accepted(Agreed::default())),
                in_state(LoadState::Taken(taken)),
                in_state(LoadState::Declined),
                in_state(LoadState::Accepted(Agreed { ends: Some(3) })),
                in_state(LoadState::OtherSender(Usual {
                    sends: Code::parse("northwater-police").ok()?,
                })),
                in_state(LoadState::TakingBack(taken)),
                in_state(LoadState::TakenBack(TakenBack {
                    taken,
                    at: Timestamp::UNIX_EPOCH,
                })),
                Self {
                    corrections: vec![Correction {
                        row: 4,
                        table: String::new(),
                        column: Line::parse("Cms Id").ok()?,
                        text: PutText::parse("17")?,
                    }],
                    ..read.clone()
                },
            ])
        };
        sample().unwrap_or_default()
    }
}

/// A body from before files had states: all of them were taken in.
fn since_there_are_states(body: &Value) -> Result<Value, String> {
    let part = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let count = |name: &str| number(name).ok_or_else(|| format!("it holds no `{name}`"));
    let effect = json!({
        "new": count("accepted")?, "changed": 0, "unchanged": count("unchanged")?, "ended": 0, "new_subjects": 0,
    });
    Ok(json!({
        "agency": part("agency"),
        "file": part("file"),
        "digest": part("digest"),
        "bytes": 0,
        "received_at": part("taken_at"),
        "source": part("source"),
        "as_of": null,
        "counts": {
            "rows": count("rows")?,
            "quarantined": count("quarantined")?,
            "others": 0,
            "findings": part("findings"),
            "coverage": part("coverage"),
            "year": null,
        },
        "state": { "state": "taken", "effect": effect, "at": part("taken_at") },
    }))
}
