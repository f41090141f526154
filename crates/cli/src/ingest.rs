//! `ingest check`: what a file tells, and what is wrong with it, before anything is kept.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clearpicture_ingest::{Finding, Heard, Problem, Profile, Summary, read};
use serde::Serialize;

use crate::arguments::Format;
use crate::outcome::Stop;
use crate::practice;
use crate::say;
use crate::settings::Settings;

/// The most findings of one file that are listed; all are counted.
const LISTED: usize = 10_000;

#[derive(Serialize)]
struct Answer {
    files: Vec<FileAnswer>,
    totals: Totals,
}

#[derive(Serialize)]
struct FileAnswer {
    file: String,
    profile: Option<String>,
    sha256: String,
    #[serde(flatten)]
    totals: Totals,
    findings: Vec<FindingAnswer>,
    #[serde(skip)]
    counts: BTreeMap<Problem, u64>,
}

#[derive(Serialize, Default)]
struct Totals {
    rows: u64,
    accepted: u64,
    unchanged: u64,
    quarantined: u64,
    findings_total: u64,
}

#[derive(Serialize)]
struct FindingAnswer {
    code: &'static str,
    severity: String,
    row: Option<u64>,
    column: Option<String>,
    message: &'static str,
}

/// Checks each file and prints what came of it.
pub(crate) fn check(
    settings: &Settings,
    profile: &str,
    files: &[PathBuf],
    format: Format,
) -> Result<(), Stop> {
    let profiles = chosen(practice::profiles(settings)?, profile)?;
    let mut answer = Answer {
        files: Vec::new(),
        totals: Totals::default(),
    };
    let mut refused = Vec::new();
    for file in files {
        let (summary, one) = examine(file, &profiles)?;
        answer.totals.add(&one.totals);
        if summary.refused {
            refused.push(format!("`{}`", one.file));
        }
        answer.files.push(one);
    }
    match format {
        Format::Text => answer
            .files
            .iter()
            .try_for_each(|one| say::answer(&one.words()))?,
        Format::Json => {
            let json =
                serde_json::to_string(&answer).map_err(|error| Stop::fault(error.to_string()))?;
            say::answer(&json)?;
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Stop::misuse(format!(
        "{} cannot be read as it is: see the findings for what to do",
        refused.join(", ")
    )))
}

fn chosen(profiles: Vec<Profile>, name: &str) -> Result<Vec<Profile>, Stop> {
    if name == "auto" {
        return Ok(profiles);
    }
    let names: Vec<&str> = profiles.iter().map(|one| one.name.as_str()).collect();
    let unknown = format!(
        "there is no profile `{name}`: use auto or one of {}",
        names.join(", ")
    );
    let one = profiles.into_iter().find(|one| one.name.as_str() == name);
    Ok(vec![one.ok_or_else(|| Stop::misuse(unknown))?])
}

fn examine(path: &Path, profiles: &[Profile]) -> Result<(Summary, FileAnswer), Stop> {
    let unreadable = |error: std::io::Error| {
        let file = path.display();
        Stop::misuse(format!(
            "the file `{file}` cannot be read ({error}): check its name, and that this user may open it"
        ))
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "plain blocking code: nothing is served meanwhile"
    )]
    let from = std::fs::File::open(path).map_err(unreadable)?;
    let mut findings = Vec::new();
    let mut counts = BTreeMap::new();
    let summary = read(BufReader::new(from), profiles, &mut |heard| {
        if let Heard::Finding(finding) = heard {
            *counts.entry(finding.problem).or_default() += 1;
            if findings.len() < LISTED {
                findings.push(FindingAnswer::from(finding));
            }
        }
    })
    .map_err(unreadable)?;
    let answer = FileAnswer {
        file: path.display().to_string(),
        profile: summary.profile.as_ref().map(ToString::to_string),
        sha256: summary.digest.to_string(),
        totals: Totals {
            rows: summary.rows,
            accepted: summary.accepted,
            unchanged: 0, // nothing is kept yet that a row could equal
            quarantined: summary.quarantined,
            findings_total: summary.findings,
        },
        findings,
        counts,
    };
    Ok((summary, answer))
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.accepted += other.accepted;
        self.unchanged += other.unchanged;
        self.quarantined += other.quarantined;
        self.findings_total += other.findings_total;
    }
}

impl From<Finding> for FindingAnswer {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.problem.code(),
            severity: finding.problem.severity().to_string(),
            row: finding.row,
            column: finding.column,
            message: finding.problem.message(),
        }
    }
}

impl FileAnswer {
    /// The file in words, its findings grouped by what to do about them.
    fn words(&self) -> String {
        let Totals {
            rows,
            accepted,
            quarantined,
            ..
        } = self.totals;
        let source = self.profile.as_deref().unwrap_or("no known source");
        let mut lines = vec![format!(
            "{}: {source}; {rows} rows, {accepted} accepted, {quarantined} set aside",
            self.file
        )];
        for (problem, count) in &self.counts {
            lines.push(format!("  {count} × {}", problem.message()));
            if let Some(places) = self.places(*problem) {
                lines.push(format!("      {places}"));
            }
        }
        lines.join("\n")
    }

    /// The first places where a problem was found.
    fn places(&self, problem: Problem) -> Option<String> {
        let here = self
            .findings
            .iter()
            .filter(|one| one.code == problem.code());
        let words = here.take(3).filter_map(|one| match (one.row, &one.column) {
            (Some(row), Some(column)) => Some(format!("row {row}, {column}")),
            (Some(row), None) => Some(format!("row {row}")),
            (None, Some(column)) => Some(column.clone()),
            (None, None) => None,
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("first at: {}", words.join("; ")))
    }
}
