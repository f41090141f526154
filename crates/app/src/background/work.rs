//! The housekeeping that belongs to no capability.

use clearpicture_store::StoreFault;
use jiff::SignedDuration;

use crate::shell::session;
use crate::state::App;

/// How long a job that was done stays on the page.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) async fn seal_history(app: App) -> Result<String, String> {
    let set = app.store().seal_due().await.map_err(problem)?;
    Ok(format!("{set} seals set"))
}

pub(super) async fn export_seals(app: App) -> Result<String, String> {
    let Some(folder) = &app.serving().seals else {
        return Ok("no folder is set".to_owned());
    };
    let written = app.store().export_seals(folder).await.map_err(problem)?;
    Ok(if written.is_empty() {
        "nothing new".to_owned()
    } else {
        "new seals written".to_owned()
    })
}

pub(super) async fn sweep_sessions(app: App) -> Result<String, String> {
    let taken = session::sweep(app.store()).await.map_err(problem)?;
    Ok(format!("{taken} sessions taken away"))
}

pub(super) async fn forget_jobs(app: App) -> Result<String, String> {
    let now = app.ambient().now();
    let before = now.checked_sub(REMEMBERED).unwrap_or(now);
    let forgotten = app.store().forget_jobs(before).await.map_err(problem)?;
    Ok(format!("{forgotten} jobs forgotten"))
}

/// The fault in words: the store's own hold no personal data.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` takes"
)]
fn problem(fault: StoreFault) -> String {
    fault.to_string()
}
