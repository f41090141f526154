//! The job that brings the analysis tables as far as history goes.

use clearpicture_kernel::analysis::KeepFault;

use crate::analysis::{From, RefreshFault, refresh as bring};
use crate::state::App;

pub(super) async fn refresh(app: App) -> Result<String, String> {
    let Some(analyst) = app.analyst() else {
        return Ok("nothing is counted here".to_owned());
    };
    let services = app.practice().services();
    let done = bring(
        app.store(),
        app.access(),
        app.capabilities(),
        &services,
        analyst,
        From::WhereTheyEnd,
    );
    match done.await {
        Ok(refreshed) => Ok(format!("{} rows added", refreshed.rows)),
        // Another server, or the command line, is doing it.
        Err(RefreshFault::Keep(KeepFault::Busy)) => Ok("under way elsewhere".to_owned()),
        Err(fault) => Err(fault.to_string()),
    }
}
