//! What a file tells and what is wrong with it, without a database.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek};

use clearpicture_ingest::{Asked, Finding, Heard, Problem, Profile, Summary, read};
use clearpicture_kernel::Code;
use clearpicture_kernel::fact::Told;

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
    /// What the records tell of which a finding shows a value, where facts are asked for: so it is known whose that is.
    pub(super) told: Vec<Told>,
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
        let mut whose = Whose::default();
        let summary = read(from, profiles, asked, &mut |heard| match heard {
            Heard::Told(told) => whose.told(told),
            Heard::Rows(rows) => far(rows),
            Heard::Finding(finding) => {
                *problems.entry(finding.problem).or_default() += 1;
                if findings.len() < LISTED {
                    whose.found(&finding);
                    findings.push(finding);
                }
            }
        })?;
        Ok(Self {
            summary,
            problems,
            findings,
            told: whose.end(),
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

/// Whom the values that findings show are about.
#[derive(Default)]
struct Whose {
    /// The records of which a value is shown.
    shown: BTreeSet<u64>,
    /// What the record at hand tells: whether a value of it is shown may be heard after.
    here: Vec<Told>,
    told: Vec<Told>,
}

impl Whose {
    fn found(&mut self, finding: &Finding) {
        if finding.written.is_some() {
            self.shown.extend(finding.row);
        }
    }

    fn told(&mut self, told: Told) {
        if self
            .here
            .last()
            .is_some_and(|last| last.record != told.record)
        {
            self.keep();
        }
        self.here.push(told);
    }

    fn keep(&mut self) {
        let shown = &self.shown;
        let here = self.here.drain(..);
        self.told
            .extend(here.filter(|told| shown.contains(&told.record)));
    }

    fn end(mut self) -> Vec<Told> {
        self.keep();
        self.told
    }
}
