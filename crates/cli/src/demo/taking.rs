//! The files of a folder, taken in as `ingest load` would: each looked at, said what it is, and taken in or left out
//! with the reason. A file that cannot be taken keeps nobody from the next.

use std::collections::BTreeMap;

use clearpicture_app::loads::{Agreed, Examined, LoadFault};
use clearpicture_ingest::{Problem, Severity};
use clearpicture_kernel::Digest;

use super::folder::{Entry, PassedOver};
use super::summary::{Outcome, Summary, Why, preview};
use crate::ingest::{Became, FileAnswer, Layout, Loader, NotTaken, Wanted};
use crate::installation::Opened;
use crate::outcome::Stop;
use crate::say;

/// Which file had these bytes first.
type Seen = BTreeMap<Digest, String>;

/// Takes in what can be taken of `entries`, in their order, and says of each what came of it.
pub(super) async fn take_in(opened: &Opened, entries: &[Entry]) -> Result<Summary, Stop> {
    let wanted = Wanted {
        layout: Layout {
            profile: "auto",
            year: None,
        },
        agency: None,
        as_of: None,
        agreed: Agreed::default(),
    };
    let mut loader = Loader::new(opened, wanted)?;
    let mut summary = Summary::default();
    let mut seen = Seen::new();
    for entry in entries {
        let came = match &entry.passed_over {
            Some(passed_over) => {
                say::message(&preview(&entry.shown, None));
                vec![(None, Outcome::LeftOut(why_passed_over(passed_over)))]
            }
            None => one(&mut loader, entry, &mut seen).await?,
        };
        for (answer, outcome) in came {
            say::message(&outcome.words());
            summary.add(&entry.shown, answer, outcome);
        }
    }
    Ok(summary)
}

/// What became of a file as one source's.
type OfSource = (Option<FileAnswer>, Outcome);

/// What one file is to each source of which it holds tables, and what came of it. A fault that is none of the file's stops
/// everything.
async fn one(
    loader: &mut Loader<'_>,
    entry: &Entry,
    seen: &mut Seen,
) -> Result<Vec<OfSource>, Stop> {
    let all = match loader.look(&entry.path).await {
        Ok(looked_at) => looked_at,
        Err(fault) => {
            say::message(&preview(&entry.shown, None));
            return Ok(vec![(None, Outcome::LeftOut(why_not(fault)?))]);
        }
    };
    let mut came = Vec::with_capacity(all.len());
    let mut taken = None;
    for (examined, answer) in all {
        say::message(&preview(&entry.shown, Some(&answer)));
        let outcome = outcome(loader, entry, seen, &examined).await?;
        if !matches!(outcome, Outcome::LeftOut(_)) {
            taken = Some(examined.summary.digest);
        }
        came.push((Some(answer), outcome));
    }
    if let Some(digest) = taken {
        seen.insert(digest, entry.shown.clone());
    }
    Ok(came)
}

/// What comes of a file as one source's.
async fn outcome(
    loader: &Loader<'_>,
    entry: &Entry,
    seen: &Seen,
    examined: &Examined,
) -> Result<Outcome, Stop> {
    if let Some(why) = why_refused(examined) {
        return Ok(Outcome::LeftOut(why));
    }
    if let Some(first) = seen.get(&examined.summary.digest) {
        let words = format!("The file holds what `{first}` holds, byte for byte.");
        return Ok(Outcome::LeftOut(Why::new("same-bytes", words, "")));
    }
    Ok(match loader.take(&entry.path, examined).await {
        Ok(taking) => match taking.became {
            Became::Taken(effect) => Outcome::TakenIn(taking.agency, effect),
            Became::Waits(effect) => Outcome::Waits(taking.agency, effect),
        },
        Err(fault) => Outcome::LeftOut(why_not(fault)?),
    })
}

/// Why a file that was read is refused; `None` for one that is not.
fn why_refused(examined: &Examined) -> Option<Why> {
    if !examined.summary.refused {
        return None;
    }
    let mut problems = examined.problems.keys();
    let problem = problems.find(|one| one.severity() == Severity::Refusal);
    Some(match problem {
        // What is said elsewhere names options that a demonstration does not have.
        Some(Problem::Unrecognised) => Why::new(
            Problem::Unrecognised.code(),
            "No source that is set up here writes such files.",
            "`clearpicture ingest propose FILE` drafts a profile for one; a table of people is linked by itself with `clearpicture link files`.",
        ),
        Some(problem) => Why::new(problem.code(), problem.message(), ""),
        None => Why::new("refused", "The file cannot be read as it is.", ""),
    })
}

/// Why one file is not taken in, where others can be.
fn why_not(fault: NotTaken) -> Result<Why, Stop> {
    Ok(match fault {
        NotTaken::Unreadable(error) => unreadable(&error),
        NotTaken::Name(error) => Why::new(
            "name",
            format!("Its name cannot be kept ({error})."),
            "Give the file another.",
        ),
        NotTaken::NoSender => Why::new(
            "no-sender",
            "Which agency sends such files is not said.",
            "Say it under [senders] in partnership.toml, and start the demonstration again with the folder.",
        ),
        NotTaken::NoAgency(code) => Why::new(
            "no-agency",
            format!(
                "No agency has the code `{code}`, which [senders] in partnership.toml names for its source."
            ),
            "Put the code right there, or add the agency.",
        ),
        NotTaken::Unfit(LoadFault::NoPlace(_)) => Why::new(
            "tells-of-nobody",
            "It tells of no child by a number of their own: of places, or totals, or what belongs to other rows.",
            "It was read and checked, and cannot be taken in yet.",
        ),
        NotTaken::Unfit(LoadFault::OtherSender { usual, .. }) => Why::new(
            "other-sender",
            format!("Such files are sent by `{usual}`."),
            "",
        ),
        NotTaken::Unfit(fault) => Why::new("changed", fault.to_string(), ""),
        NotTaken::Stopped(stop) => return Err(stop),
    })
}

fn why_passed_over(passed_over: &PassedOver) -> Why {
    match passed_over {
        PassedOver::Link => Why::new(
            "link",
            "A link is not followed.",
            "Put the file itself into the folder.",
        ),
        PassedOver::NoFile => Why::new(
            "no-file",
            "It is no file but a pipe, a socket or a device, and is never opened.",
            "",
        ),
        PassedOver::TooLarge => Why::new(
            "too-large",
            "It is larger than any file that may be sent in by page.",
            "`clearpicture ingest load FILE` takes it.",
        ),
        PassedOver::Hidden => Why::new(
            "hidden",
            "Its name begins with a dot, and it is not read.",
            "",
        ),
        PassedOver::Own => Why::new("own", "It is where this demonstration is kept.", ""),
        PassedOver::Unreadable(error) => unreadable(error),
    }
}

fn unreadable(error: &std::io::Error) -> Why {
    Why::new(
        "unreadable",
        format!("It cannot be opened ({error})."),
        "Let this user read it.",
    )
}
