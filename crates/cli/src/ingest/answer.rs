//! What came of files, in words and as JSON.

use std::collections::BTreeMap;

use clearpicture_app::loads::{Effect, held};
use clearpicture_ingest::{Finding, Problem};
use serde::Serialize;

use crate::arguments::Format;
use crate::outcome::Stop;
use crate::say;

/// What came of files.
#[derive(Serialize, Default)]
pub(super) struct Answer {
    pub(super) files: Vec<FileAnswer>,
    pub(super) totals: Totals,
    #[serde(skip)]
    pub(super) refused: Vec<String>,
    /// Files that would end more than anybody agreed to, in words.
    #[serde(skip)]
    waiting: Vec<String>,
}

/// What came of one file.
#[derive(Serialize)]
pub(crate) struct FileAnswer {
    /// Its name, as it was given.
    pub(crate) file: String,
    /// The source, by the name of its profile.
    pub(crate) profile: Option<String>,
    /// The first year of the layout it was read by, where years make a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<u16>,
    pub(super) sha256: String,
    /// What is counted of it.
    #[serde(flatten)]
    pub(crate) totals: Totals,
    /// Rows of other partnerships, of which nothing is kept; they are none of `rows`.
    #[serde(skip_serializing_if = "is_nought")]
    pub(super) others: u64,
    /// Rows that were held and that a file of all there is holds no longer: they have ended.
    #[serde(skip_serializing_if = "is_nought")]
    pub(super) ended: u64,
    /// Rows that it would end: more than anybody agreed to, so that nothing of it is used before somebody does.
    #[serde(skip_serializing_if = "is_nought")]
    pub(super) would_end: u64,
    /// Whether the rows are totals made elsewhere, which can be traced to no rows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) untraceable: bool,
    pub(super) findings: Vec<FindingAnswer>,
    /// How often each problem was found.
    #[serde(skip)]
    pub(crate) counts: BTreeMap<Problem, u64>,
}

/// What is counted of files.
#[derive(Serialize, Default)]
pub(crate) struct Totals {
    /// The rows that were read.
    pub(crate) rows: u64,
    /// Those that can be taken in, and once they are, those that say something new.
    pub(crate) accepted: u64,
    /// Those that say what is held already.
    pub(crate) unchanged: u64,
    /// Those that cannot be taken in.
    pub(crate) quarantined: u64,
    /// Everything that was found.
    pub(crate) findings_total: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands on a reference"
)]
const fn is_nought(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize)]
pub(super) struct FindingAnswer {
    pub(super) code: &'static str,
    pub(super) severity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<String>,
    pub(super) row: Option<u64>,
    pub(super) column: Option<String>,
    pub(super) message: &'static str,
    /// Where it is, for people.
    #[serde(skip)]
    place: Option<String>,
}

impl Answer {
    pub(super) fn add(&mut self, file: FileAnswer, refused: bool) {
        self.totals.add(&file.totals);
        if refused {
            self.refused.push(format!("`{}`", file.file));
        }
        self.files.push(file);
    }

    /// Notes a file that waits until somebody agrees to what it ends.
    pub(super) fn waits(&mut self, file: &str, effect: &Effect) {
        self.waiting.push(format!(
            "`{file}` would end {}, so nothing of it is used: if that is right, give --ends {}, or decide on the page Files",
            many(effect),
            effect.ended
        ));
    }

    /// Prints what came of the files. One that was refused makes it a wrong use; one that waits was not done.
    pub(super) fn give(&self, format: Format) -> Result<(), Stop> {
        match format {
            Format::Text => self
                .files
                .iter()
                .try_for_each(|one| say::answer(&one.words()))?,
            Format::Json => {
                let json =
                    serde_json::to_string(self).map_err(|error| Stop::fault(error.to_string()))?;
                say::answer(&json)?;
            }
        }
        if self.refused.is_empty() {
            return match self.waiting.is_empty() {
                true => Ok(()),
                false => Err(Stop::fault(self.waiting.join("; "))),
            };
        }
        Err(Stop::misuse(format!(
            "{} cannot be read as it is: see the findings for what to do",
            self.refused.join(", ")
        )))
    }
}

/// How many of the rows that are held a file would end, in words.
pub(super) fn many(effect: &Effect) -> String {
    format!(
        "{} of the {} rows that are held",
        effect.ended,
        held(effect)
    )
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.accepted += other.accepted;
        self.unchanged += other.unchanged;
        self.quarantined += other.quarantined;
        self.findings_total += other.findings_total;
    }
}

impl From<&Finding> for FindingAnswer {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.problem.code(),
            severity: finding.problem.severity().to_string(),
            table: finding.table.as_deref().map(ToOwned::to_owned),
            row: finding.row,
            column: finding.column.as_deref().map(ToOwned::to_owned),
            message: finding.problem.message(),
            place: finding.place(),
        }
    }
}

/// What whoever runs the command can do beside what the message says: pages say nothing of commands.
const fn hint(problem: Problem) -> Option<&'static str> {
    match problem {
        Problem::Unrecognised => Some(
            "name the source with `--profile`, or set it up: `clearpicture ingest propose FILE` drafts a profile, and docs/adding-a-source.md says how",
        ),
        Problem::WrongSource => Some("let it be found with `--profile auto`"),
        Problem::UnknownYear => Some("name another with `--year`"),
        _ => None,
    }
}

impl FileAnswer {
    /// The file in words, its findings grouped by what to do about them.
    fn words(&self) -> String {
        let Totals {
            rows,
            accepted,
            unchanged,
            quarantined,
            ..
        } = self.totals;
        let held = match unchanged {
            0 => String::new(),
            some => format!("{some} unchanged, "),
        };
        let source = self.profile.as_deref().unwrap_or("no known source");
        let others = match self.others {
            0 => String::new(),
            some => format!("; {some} more are of others, and nothing of them is kept"),
        };
        let ended = match self.ended {
            0 => String::new(),
            some => format!("; {some} that were held are in the file no longer, and have ended"),
        };
        let ended = match self.would_end {
            0 => ended,
            some => format!("; it waits, since it would end {some} rows that are held"),
        };
        let totals = if self.untraceable {
            "; totals, which can be traced to no rows"
        } else {
            ""
        };
        let mut lines = vec![format!(
            "{}: {source}; {rows} rows, {accepted} accepted, {held}{quarantined} set aside{others}{ended}{totals}",
            self.file
        )];
        for (problem, count) in &self.counts {
            lines.push(format!("  {count} × {}", problem.message()));
            if let Some(hint) = hint(*problem) {
                lines.push(format!("      {hint}"));
            }
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
        let words: Vec<&str> = here
            .take(3)
            .filter_map(|one| one.place.as_deref().or(one.table.as_deref()))
            .collect();
        (!words.is_empty()).then(|| format!("first at: {}", words.join("; ")))
    }
}
