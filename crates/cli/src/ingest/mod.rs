//! `ingest`: what files tell, what is wrong with them, and what is kept of them.

mod answer;
mod check;
mod load;
mod one;
mod propose;
mod sender;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clearpicture_app::loads::{Agreed, Examined, Far, Known};
use clearpicture_ingest::{Asked, Profile};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Ambient, Code};

use crate::arguments::{IngestCommand, IngestFiles};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;
use answer::{FindingAnswer, Totals};

pub(crate) use answer::FileAnswer;
pub(crate) use one::{Became, Came, Loader, NotTaken, Wanted, take_in};

/// Whoever waits is told how far it is this often.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Does what is asked of files.
pub(crate) async fn run(settings: &Settings, what: IngestCommand) -> Result<(), Stop> {
    match what {
        IngestCommand::Check { files, report } => check::check(settings, &files, report.as_deref()),
        IngestCommand::Load {
            files,
            agency,
            as_of,
            ends,
        } => {
            Box::pin(load::load(
                settings,
                &files,
                agency.as_deref(),
                as_of,
                Agreed { ends },
            ))
            .await
        }
        IngestCommand::Reprocess {
            profile,
            agency,
            ends,
        } => {
            Box::pin(load::reprocess(
                settings,
                &profile,
                agency.as_deref(),
                Agreed { ends },
            ))
            .await
        }
        IngestCommand::Propose { file } => propose::propose(&file),
    }
}

/// By what files are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    /// The source whose files they are, or `auto`.
    pub(crate) profile: &'a str,
    /// The year of its layout; `None` for whichever fits.
    pub(crate) year: Option<u16>,
}

impl<'a> Layout<'a> {
    /// As the command says.
    fn of(files: &'a IngestFiles) -> Self {
        Self {
            profile: &files.profile,
            year: files.year,
        }
    }

    fn asked<'p>(&self, profiles: &'p [Profile]) -> Result<Asked<'p>, Stop> {
        Ok(Asked {
            profile: chosen(profiles, self.profile)?,
            year: self.year,
            today: Some(day_of(Ambient::system().now())),
            ..Asked::default()
        })
    }
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

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    let file = path.display();
    Stop::misuse(format!(
        "the file `{file}` cannot be read ({error}): check its name, and that this user may open it"
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn open(path: &Path) -> io::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(path)?))
}

/// What a file is to one source, and the answer about it.
pub(crate) type Looked = (Examined, FileAnswer);

/// Reads a file to its end, once for each source of which it holds tables unless one was asked for.
fn examine(path: &Path, profiles: &[Profile], asked: &Asked<'_>) -> io::Result<Vec<Looked>> {
    let first = examine_one(path, profiles, asked)?;
    let also = match asked.profile {
        None if !first.0.summary.refused => first.0.summary.also.clone(),
        _ => Vec::new(),
    };
    let mut all = vec![first];
    for source in also {
        let asked = Asked {
            profile: Some(&source),
            ..asked.clone()
        };
        all.push(examine_one(path, profiles, &asked)?);
    }
    Ok(all)
}

/// Reads a file to its end, and says how far it is to whoever waits.
fn examine_one(path: &Path, profiles: &[Profile], asked: &Asked<'_>) -> io::Result<Looked> {
    let far = far(&format!("{}: rows read:", path.display()));
    let examined = Examined::of(open(path)?, profiles, asked, |rows| far(rows))?;
    let summary = &examined.summary;
    let answer = FileAnswer {
        file: path.display().to_string(),
        profile: summary.profile.as_ref().map(ToString::to_string),
        year: summary.year,
        others: summary.others,
        ended: 0,
        would_end: 0,
        untraceable: profiles
            .iter()
            .any(|one| one.totals && Some(&one.name) == summary.profile.as_ref()),
        sha256: summary.digest.to_string(),
        totals: Totals {
            rows: summary.rows,
            accepted: summary.accepted,
            unchanged: 0,
            quarantined: summary.quarantined,
            findings_total: summary.findings,
        },
        findings: examined.findings.iter().map(FindingAnswer::from).collect(),
        counts: examined.problems.clone(),
    };
    Ok((examined, answer))
}

/// The keys that files hold, by the names of their sources: rows of others belong to them.
fn keys_of<'e>(all: impl IntoIterator<Item = &'e Examined>) -> Known {
    let mut known = Known::new();
    for examined in all {
        if let Some(source) = &examined.summary.profile {
            let keys = known.entry(source.to_string()).or_default();
            Arc::make_mut(keys).add(&examined.summary.keys);
        }
    }
    known
}

/// What of `known` the rows of a source belong to.
fn belonging(profiles: &[Profile], source: Option<&Code>, known: &Known) -> Known {
    let profile = profiles.iter().find(|one| Some(&one.name) == source);
    let others = profile.into_iter().flat_map(Profile::belongs_to);
    others
        .filter_map(|other| Some((other.to_owned(), Arc::clone(known.get(other)?))))
        .collect()
}

/// Says a number after `words`, every two seconds at most.
fn far(words: &str) -> Far {
    let words = words.to_owned();
    let said = Mutex::new(Instant::now());
    Arc::new(move |rows| {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= TELL_EVERY {
            *said = Instant::now();
            say::message(&format!("{words} {rows}"));
        }
    })
}
