//! `ingest check` and `ingest load`: what files tell, what is wrong with them, and what is kept of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clearpicture_access::Access;
use clearpicture_app::loads::{LoadFault, Reading, take_in};
use clearpicture_app::{agencies, state};
use clearpicture_ingest::{Asked, Finding, Problem, Profile};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Ambient, Code, Line};
use serde::Serialize;

use crate::arguments::Format;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::practice;
use crate::say;
use crate::settings::Settings;

/// The most findings of one file that are listed; all are counted.
const LISTED: usize = 10_000;

/// What came of files.
#[derive(Serialize, Default)]
pub(crate) struct Answer {
    files: Vec<FileAnswer>,
    totals: Totals,
    #[serde(skip)]
    refused: Vec<String>,
}

#[derive(Serialize)]
struct FileAnswer {
    file: String,
    profile: Option<String>,
    /// The first year of the layout it was read by, where years make a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<u16>,
    sha256: String,
    #[serde(flatten)]
    totals: Totals,
    /// Rows of other partnerships, of which nothing is kept; they are none of `rows`.
    #[serde(skip_serializing_if = "is_nought")]
    others: u64,
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands on a reference"
)]
const fn is_nought(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct FindingAnswer {
    code: &'static str,
    severity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    row: Option<u64>,
    column: Option<String>,
    message: &'static str,
}

/// Checks each file and prints what came of it.
pub(crate) fn check(
    settings: &Settings,
    wanted: Layout<'_>,
    files: &[PathBuf],
    format: Format,
) -> Result<(), Stop> {
    let profiles = practice::profiles(settings)?;
    let mut asked = wanted.asked(&profiles)?;
    let mut all = Vec::new();
    for file in files {
        let (reading, one) = examine(file, &profiles, &asked)?;
        all.push((file, reading.summary, one));
    }
    // Rows that belong to those of another file are looked at again once that is known.
    for (_, summary, _) in &all {
        if let Some(profile) = &summary.profile {
            let keys = asked.known.entry(profile.to_string()).or_default();
            Rc::make_mut(keys).extend(summary.keys.iter());
        }
    }
    let mut answer = Answer::default();
    for (file, summary, one) in all {
        let profile = profiles
            .iter()
            .find(|one| Some(&one.name) == summary.profile.as_ref());
        let belongs = profile.is_some_and(|profile| {
            profile
                .belongs_to()
                .any(|other| asked.known.contains_key(other))
        });
        let one = if belongs {
            examine(file, &profiles, &asked)?.1
        } else {
            one
        };
        answer.add(one, summary.refused);
    }
    answer.give(format)
}

/// By what files are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    /// The source whose files they are, or `auto`.
    pub(crate) profile: &'a str,
    /// The year of its layout; `None` for whichever fits.
    pub(crate) year: Option<u16>,
}

impl Layout<'_> {
    fn asked<'p>(&self, profiles: &'p [Profile]) -> Result<Asked<'p>, Stop> {
        Ok(Asked {
            profile: chosen(profiles, self.profile)?,
            year: self.year,
            today: Some(day_of(Ambient::system().now())),
            ..Asked::default()
        })
    }
}

/// How files are to be taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// By what they are read.
    pub(crate) layout: Layout<'a>,
    /// The code of the agency that sent them; `None` goes by the practice.
    pub(crate) agency: Option<&'a str>,
}

/// Takes each file in and prints what came of it.
pub(crate) async fn load(
    settings: &Settings,
    wanted: Wanted<'_>,
    files: &[PathBuf],
    format: Format,
) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = load_into(&opened, wanted, files).await;
    opened.close().await?;
    done?.give(format)
}

/// Takes each file in.
pub(crate) async fn load_into(
    opened: &Opened,
    wanted: Wanted<'_>,
    files: &[PathBuf],
) -> Result<Answer, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let profiles = &opened.practice.profiles;
    let asked = Asked {
        facts: true,
        ..wanted.layout.asked(profiles)?
    };
    let mut answer = Answer::default();
    for file in files {
        let (reading, mut one) = examine(file, profiles, &asked)?;
        if !reading.summary.refused {
            let brought = take(opened, &access, wanted.agency, file, &reading).await?;
            one.totals.accepted = brought.accepted;
            one.totals.unchanged = brought.unchanged;
        }
        answer.add(one, reading.summary.refused);
    }
    Ok(answer)
}

async fn take(
    opened: &Opened,
    access: &Access,
    agency: Option<&str>,
    file: &Path,
    reading: &Reading,
) -> Result<clearpicture_app::loads::Brought, Stop> {
    let agency = sender(opened, agency, reading.summary.profile.as_ref()).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = Line::parse(&name).map_err(|error| {
        Stop::misuse(format!(
            "the name of `{}` cannot be kept ({error}): give the file another",
            file.display()
        ))
    })?;
    let original = open(file)?;
    take_in(&opened.store, access, agency, &name, reading, original)
        .await
        .map_err(|fault| match fault {
            LoadFault::Write(error) => error.into(),
            LoadFault::Read(error) => unreadable(file, &error),
            fault => Stop::fault(format!("`{}`: {fault}", file.display())),
        })
}

/// The agency that sent a file of this source.
async fn sender(
    opened: &Opened,
    agency: Option<&str>,
    source: Option<&Code>,
) -> Result<AgencyId, Stop> {
    let of_practice = source.and_then(|source| opened.practice.senders.get(source));
    let Some(code) = agency.or(of_practice.map(Code::as_str)) else {
        return Err(Stop::misuse(
            "which agency sent the file is not said: name it with --agency CODE, or for every file of the source under [senders] in partnership.toml",
        ));
    };
    agencies::by_code(&opened.store, code)
        .await?
        .ok_or_else(|| {
            Stop::misuse(format!(
                "no agency has the code `{code}`: the page Agencies shows each agency's code"
            ))
        })
}

fn chosen<'p>(profiles: &'p [Profile], name: &str) -> Result<Option<&'p Code>, Stop> {
    if name == "auto" {
        return Ok(None);
    }
    let names: Vec<&str> = profiles.iter().map(|one| one.name.as_str()).collect();
    let unknown = format!(
        "there is no profile `{name}`: use auto or one of {}",
        names.join(", ")
    );
    let one = profiles.iter().find(|one| one.name.as_str() == name);
    Ok(Some(&one.ok_or_else(|| Stop::misuse(unknown))?.name))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stop {
    let file = path.display();
    Stop::misuse(format!(
        "the file `{file}` cannot be read ({error}): check its name, and that this user may open it"
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn open(path: &Path) -> Result<BufReader<File>, Stop> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(BufReader::new(file))
}

fn examine(
    path: &Path,
    profiles: &[Profile],
    asked: &Asked<'_>,
) -> Result<(Reading, FileAnswer), Stop> {
    let mut findings = Vec::new();
    let reading = Reading::of(open(path)?, profiles, asked, |finding| {
        if findings.len() < LISTED {
            findings.push(FindingAnswer::from(finding));
        }
    })
    .map_err(|error| unreadable(path, &error))?;
    let summary = &reading.summary;
    let answer = FileAnswer {
        file: path.display().to_string(),
        profile: summary.profile.as_ref().map(ToString::to_string),
        year: summary.year,
        others: summary.others,
        sha256: summary.digest.to_string(),
        totals: Totals {
            rows: summary.rows,
            accepted: summary.accepted,
            unchanged: 0,
            quarantined: summary.quarantined,
            findings_total: summary.findings,
        },
        findings,
        counts: reading.problems.clone(),
    };
    Ok((reading, answer))
}

impl Answer {
    fn add(&mut self, file: FileAnswer, refused: bool) {
        self.totals.add(&file.totals);
        if refused {
            self.refused.push(format!("`{}`", file.file));
        }
        self.files.push(file);
    }

    /// Says what came of the files where it is not the command's own answer.
    pub(crate) fn tell(&self) {
        for one in &self.files {
            say::message(&one.words());
        }
    }

    /// Prints what came of the files. One that was refused makes it a wrong use.
    fn give(&self, format: Format) -> Result<(), Stop> {
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
            return Ok(());
        }
        Err(Stop::misuse(format!(
            "{} cannot be read as it is: see the findings for what to do",
            self.refused.join(", ")
        )))
    }
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
            table: finding.table.as_deref().map(ToOwned::to_owned),
            row: finding.row,
            column: finding.column.as_deref().map(ToOwned::to_owned),
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
            unchanged,
            quarantined,
            ..
        } = self.totals;
        let held = match unchanged {
            0 => String::new(),
            some => format!("{some} unchanged, "),
        };
        let source = self.profile.as_deref().unwrap_or("no known source");
        let mut lines = vec![format!(
            "{}: {source}; {rows} rows, {accepted} accepted, {}{quarantined} set aside",
            self.file, held
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
