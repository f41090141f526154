//! What the server does by itself, and the page on which an administrator sees it.
//!
//! It serves whoever keeps the server running: what is done, how often, when it
//! was last done, and what went wrong. The work itself belongs to the capability
//! that declares it ([`JobSpec`]); the housekeeping that belongs to no
//! capability is here: seals, sessions, and the jobs' own table.
//!
//! It never shows personal data: payloads, progress and problems hold ids and
//! counts.

mod pages;
#[cfg(test)]
mod tests;
mod types;
mod work;

use std::time::Duration;

use clearpicture_access::Action as _;
use futures_util::future::FutureExt as _;

use crate::capability::{Capability, Route, Section};
use crate::jobs::JobSpec;
use crate::shell::PageSpec;

pub use types::{SeeJobs, ServerJob};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        actions: vec![SeeJobs::SPEC],
        routes: vec![Route::get::<SeeJobs, _>("/jobs", pages::list)],
        sections: vec![Section {
            title: "Jobs",
            href: "/jobs",
            action: SeeJobs::SPEC,
            order: 910,
        }],
        pages: vec![PageSpec::of::<pages::JobsPage>()],
        jobs: jobs(),
        ..Capability::new("background", "Jobs", include_str!("policy.cedar"))
    }
}

fn jobs() -> Vec<JobSpec> {
    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: Duration = Duration::from_secs(24 * 3600);
    vec![
        JobSpec {
            kind: "seal-history",
            about: "Seals the history and the read log, so that nothing in them can be changed unseen.",
            every: Some(MINUTE),
            long: false,
            run: |app, _| work::seal_history(app).boxed(),
        },
        JobSpec {
            kind: "export-seals",
            about: "Copies new seals to the folder of whoever keeps them apart from the database.",
            every: Some(DAY),
            long: false,
            run: |app, _| work::export_seals(app).boxed(),
        },
        JobSpec {
            kind: "sweep-sessions",
            about: "Takes away sessions that are over.",
            every: Some(Duration::from_secs(600)),
            long: false,
            run: |app, _| work::sweep_sessions(app).boxed(),
        },
        JobSpec {
            kind: "forget-jobs",
            about: "Forgets jobs that were done more than a week ago. Failed ones stay.",
            every: Some(DAY),
            long: false,
            run: |app, _| work::forget_jobs(app).boxed(),
        },
    ]
}
