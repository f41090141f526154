//! What is known of a file that was taken in.

use std::collections::BTreeMap;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_ingest::Problem;
use clearpicture_kernel::fact::Coverage;
use clearpicture_kernel::{
    AgencyId, Code, Date, Digest, Line, Period, Timestamp, TypedId as _, define_id,
};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::words;

define_id!(LoadId, "load", "A file that was taken in.");

/// One file that was taken in. `rows` is the sum of `accepted`, `unchanged` and `quarantined`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The agency that sent it.
    pub agency: AgencyId,
    /// The name of the profile by which it was read.
    pub source: Code,
    /// The file's name, without its folder.
    pub file: Line,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// The rows that were read.
    pub rows: u64,
    /// Those that say something new.
    pub accepted: u64,
    /// Those that say what is held already.
    pub unchanged: u64,
    /// Those that were set aside.
    pub quarantined: u64,
    /// How often each problem was found, by its code.
    pub findings: BTreeMap<Code, u64>,
    /// What the file covers, as it states itself.
    pub coverage: Option<Coverage>,
    /// When it was taken in.
    pub taken_at: Timestamp,
}

impl Load {
    /// How many findings there were.
    pub fn findings_total(&self) -> u64 {
        self.findings.values().sum()
    }

    /// Each problem that was found, with how often, in words and by how far it reaches.
    pub fn problems(&self) -> Vec<(Problem, u64)> {
        let known = |(code, count): (&Code, &u64)| {
            let problem = Problem::ALL
                .iter()
                .find(|problem| problem.code() == code.as_str())?;
            Some((*problem, *count))
        };
        let mut problems: Vec<(Problem, u64)> = self.findings.iter().filter_map(known).collect();
        problems.sort_by_key(|(problem, count)| (problem.severity(), u64::MAX - count));
        problems
    }

    /// What the file covers, in words; empty when it does not say.
    pub fn coverage_in_words(&self) -> String {
        self.coverage.map_or(String::new(), |coverage| {
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
    see SeeLoad = "loads.see", "see which files were taken in, and what was wrong with them";
    add AddLoad = "loads.add", "take an agency's file in";
}

impl Record for Load {
    type Id = LoadId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LoadId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let number = |count: u64| Set(i64::try_from(count).unwrap_or(i64::MAX));
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            source: Set(self.source.to_string()),
            rows: number(self.rows),
            accepted: number(self.accepted),
            unchanged: number(self.unchanged),
            quarantined: number(self.quarantined),
            findings: number(self.findings_total()),
            taken_at: Set(self.taken_at.as_microsecond()),
        }
    }

    fn say(&self) -> Vec<Said> {
        let problems: Vec<String> = self
            .problems()
            .into_iter()
            .map(|(problem, count)| format!("{count} × {}", problem.message()))
            .collect();
        vec![
            Said::new("File", self.file.as_str()),
            Said::new("Source", self.source.as_str()),
            Said::new("SHA-256", self.digest.to_string()),
            Said::new("Rows", self.rows.to_string()),
            Said::new("Accepted", self.accepted.to_string()),
            Said::new("Unchanged", self.unchanged.to_string()),
            Said::new("Set aside", self.quarantined.to_string()),
            Said::new("Findings", problems.join("\n")),
            Said::new("Covers", self.coverage_in_words()),
            Said::new("Taken in", words::moment(self.taken_at)),
        ]
    }

    fn samples() -> Vec<Self> {
        let sample = || {
            let agency = AgencyId::parse("agency_00000000000000000000000001").ok()?;
            let days = (Date::new(2026, 1, 1).ok()?, Date::new(2026, 9, 30).ok()?);
            let load = Self {
                agency,
                source: Code::parse("involvement-csc").ok()?,
                file: Line::parse("csc.csv").ok()?,
                digest: Digest::of_parts(&[b"a file"]),
                rows: 4,
                accepted: 2,
                unchanged: 1,
                quarantined: 1,
                findings: BTreeMap::from([(Code::parse("row-shape").ok()?, 1)]),
                coverage: Some(Coverage {
                    period: Period {
                        from: days.0,
                        until: Some(days.1),
                    },
                    as_of: Date::new(2026, 10, 15).ok(),
                }),
                taken_at: Timestamp::UNIX_EPOCH,
            };
            let whole = Self {
                rows: 500,
                accepted: 500,
                unchanged: 0,
                quarantined: 0,
                findings: BTreeMap::new(),
                coverage: None,
                ..load.clone()
            };
            Some(vec![load, whole])
        };
        sample().unwrap_or_default()
    }
}
