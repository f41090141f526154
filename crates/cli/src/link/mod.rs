//! `link`: joins what sources say of one person, in the database or in files.

mod evaluate;
mod files;
mod judged;
mod memory;
mod page;
mod propose;
mod rows;

use std::sync::LazyLock;

use clearpicture_app::linking::{self, Outcome};
use clearpicture_app::state;
use clearpicture_linkage::columns::TooManyPairs;

use crate::arguments::{LinkCommand, ModelCommand};
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// The command.
pub(crate) async fn run(settings: &Settings, command: LinkCommand) -> Result<(), Stop> {
    match command {
        LinkCommand::Run => run_held(settings).await,
        LinkCommand::Evaluate { truth, out } => {
            evaluate::run(settings, truth.as_deref(), out.as_deref()).await
        }
        LinkCommand::Files {
            model,
            truth,
            by,
            memory,
            csv,
            out,
            files,
        } => files::run(&files::Asked {
            model: &model,
            truth: truth.as_deref(),
            by: &by,
            memory,
            csv,
            out: &out,
            files: &files,
        }),
        LinkCommand::Model(ModelCommand::Propose {
            ignore,
            truth,
            files,
        }) => propose::run(ignore, truth.as_deref(), &files),
    }
}

/// As many threads as this process may run at once. Asked once: the system reads files to tell it.
fn threads() -> usize {
    static THREADS: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
    *THREADS
}

/// What is wrong with files or a model, for whoever gave them.
fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Stop {
    Stop::Misuse(error.into())
}

fn too_many(error: TooManyPairs) -> Stop {
    unusable(error)
}

async fn run_held(settings: &Settings) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let done = run_in(&opened).await;
    opened.close().await?;
    let Outcome {
        subjects,
        persons,
        joined,
        parted,
        attention,
        held_apart,
        breaches,
    } = done?;
    say::answer(&format!(
        "joined {joined}, parted {parted}, needing attention {attention}"
    ))?;
    say::answer(&format!(
        "{subjects} records are {persons} persons; {held_apart} pairs look alike and were held apart"
    ))?;
    if breaches > 0 {
        say::answer(&format!(
            "{breaches} breach assessments opened: somebody had seen as one child whom this parted"
        ))?;
    }
    Ok(())
}

/// Links everything that is held.
pub(crate) async fn run_in(opened: &Opened) -> Result<Outcome, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    linking::run(&opened.store, &access, &opened.practice.linkage)
        .await
        .map_err(|fault| Stop::fault(fault.to_string()))
}
