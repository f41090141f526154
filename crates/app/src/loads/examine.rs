//! What a file tells and what is wrong with it, without a database.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use clearpicture_ingest::{Asked, Finding, Heard, Problem, Profile, Summary, read};
use clearpicture_kernel::Code;

use super::types::Counts;

/// The most findings of one file that are listed; all are counted.
pub const LISTED: usize = 10_000;

/// A file read to its end.
#[derive(Debug)]
pub struct Examined {
    /// The file as a whole.
    pub summary: Summary,
    /// How often each problem was found.
    pub problems: BTreeMap<Problem, u64>,
    /// The first [`LISTED`] findings.
    pub findings: Vec<Finding>,
}

impl Examined {
    /// Reads a file by the one of `profiles` that it fits; `far` is told how many rows were read, for whoever waits.
    ///
    /// # Errors
    /// Only what `from` itself gives.
    pub fn of(
        from: impl Read + Seek,
        profiles: &[Profile],
        asked: &Asked<'_>,
        mut far: impl FnMut(u64),
    ) -> io::Result<Self> {
        let mut problems = BTreeMap::new();
        let mut findings = Vec::new();
        let summary = read(from, profiles, asked, &mut |heard| match heard {
            Heard::Told(_) => {}
            Heard::Rows(rows) => far(rows),
            Heard::Finding(finding) => {
                *problems.entry(finding.problem).or_default() += 1;
                if findings.len() < LISTED {
                    findings.push(finding);
                }
            }
        })?;
        Ok(Self {
            summary,
            problems,
            findings,
        })
    }

    /// What is counted of it.
    pub(super) fn counts(&self) -> Counts {
        let findings = self.problems.iter().filter_map(|(problem, count)| {
            let code = Code::parse(problem.code()).ok()?;
            Some((code, *count))
        });
        Counts {
            rows: self.summary.rows,
            quarantined: self.summary.quarantined,
            others: self.summary.others,
            findings: findings.collect(),
            coverage: self.summary.coverage,
            year: self.summary.year,
        }
    }
}
