//! `link run`: joins what sources say of one person.

use clearpicture_app::linking::{self, Outcome};
use clearpicture_app::state;

use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// The command.
pub(crate) async fn run(settings: &Settings) -> Result<(), Stop> {
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
    } = done?;
    say::answer(&format!(
        "joined {joined}, parted {parted}, needing attention {attention}"
    ))?;
    say::answer(&format!(
        "{subjects} records are {persons} persons; {held_apart} pairs look alike and were held apart"
    ))
}

/// Links everything that is held.
pub(crate) async fn run_in(opened: &Opened) -> Result<Outcome, Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    linking::run(&opened.store, &access, &opened.practice.linkage)
        .await
        .map_err(|fault| Stop::fault(fault.to_string()))
}
