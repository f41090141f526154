//! `analysis refresh` and `analysis rebuild`: the tables over which figures are counted.

use clearpicture_app::analysis::{self, From, Refreshed};
use clearpicture_app::state;

use crate::arguments::AnalysisCommand;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// The command.
pub(crate) async fn run(settings: &Settings, what: AnalysisCommand) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let from = match what {
        AnalysisCommand::Refresh => From::WhereTheyEnd,
        AnalysisCommand::Rebuild => From::TheFirstEntry,
    };
    let done = refresh(&opened, from).await;
    opened.close().await?;
    let Refreshed { rows, reach, anew } = done?;
    let how = if anew { "made anew, " } else { "" };
    say::answer(&format!(
        "{how}{rows} rows added, up to entry {}",
        reach.seq
    ))
}

/// Brings the analysis tables as far as history goes.
pub(crate) async fn refresh(opened: &Opened, from: From) -> Result<Refreshed, Stop> {
    let capabilities = installation::capabilities();
    let access =
        state::policies(&capabilities, &opened.practice).map_err(state::StartFault::from)?;
    let (store, services) = (&opened.store, opened.practice.services());
    analysis::refresh(
        store,
        &access,
        &capabilities,
        &services,
        &opened.engine,
        from,
    )
    .await
    .map_err(|fault| Stop::fault(fault.to_string()))
}
