//! What capabilities do in the background.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::state::App;

/// A kind of job, and what does it.
#[derive(Clone, Copy)]
pub struct JobSpec {
    /// The kind's name.
    pub kind: &'static str,
    /// What it does, for the administrator's page.
    pub about: &'static str,
    /// How often it is due; `None` when only asked for.
    pub every: Option<Duration>,
    /// Does it, and says in a few words what came of it; no personal data.
    pub run: fn(App, String) -> BoxFuture<'static, Result<String, String>>,
}

impl std::fmt::Debug for JobSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}
