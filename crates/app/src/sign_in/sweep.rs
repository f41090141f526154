//! Taking away what signing in leaves behind.

use std::time::Duration;

use clearpicture_store::StoreFault;
use futures_util::future::{BoxFuture, FutureExt as _};

use super::{device, store, throttle};
use crate::jobs::{JobSpec, Work};
use crate::shell::session;
use crate::state::App;

/// The job.
pub(super) fn job() -> JobSpec {
    JobSpec {
        kind: "sweep-sign-ins",
        about: "Takes away sessions that are over, counts that are forgotten, used codes, and devices not seen for half a year.",
        every: Some(Duration::from_secs(3_600)),
        long: false,
        run,
    }
}

fn run(app: App, _: Work) -> BoxFuture<'static, Result<String, String>> {
    async move {
        let taken = sweep(&app).await.map_err(|fault| fault.to_string())?;
        Ok(format!("{taken} rows taken away"))
    }
    .boxed()
}

async fn sweep(app: &App) -> Result<u64, StoreFault> {
    Ok(session::sweep(app.store()).await?
        + throttle::sweep(app.store()).await?
        + store::sweep(app.store()).await?
        + device::sweep(app.store()).await?)
}
