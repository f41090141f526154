//! The page that lists what the server does by itself.

use std::time::Duration;

use clearpicture_kernel::Timestamp;
use clearpicture_store::{JobOverview, JobState};
use serde::Serialize;

use super::types::SeeJobs;
use crate::jobs::JobSpec;
use crate::shell::{Allowed, Answer, Page};
use crate::words;

/// How many runs of each kind are shown.
const RUNS: u64 = 3;
/// How many failed jobs are shown.
const FAILED: u64 = 50;

/// Every kind of job with its last runs, and those that failed for good.
pub(super) async fn list(Allowed { ctx, .. }: Allowed<SeeJobs>) -> Answer {
    let now = ctx.now();
    let shown = |jobs: Vec<JobOverview>| jobs.iter().map(|job| RunShown::of(job, now)).collect();
    let mut kinds = Vec::new();
    for spec in ctx.app.jobs() {
        let runs = ctx.store().jobs_of(spec.kind, RUNS).await?;
        kinds.push(KindShown::of(spec, shown(runs)));
    }
    let failed = ctx.store().jobs(Some(JobState::Failed), FAILED).await?;
    ctx.page(&JobsPage {
        failed: shown(failed),
        kinds,
    })
}

/// One kind of job.
#[derive(Debug, Clone, Serialize)]
struct KindShown {
    kind: String,
    about: &'static str,
    every: String,
    runs: Vec<RunShown>,
}

impl KindShown {
    fn of(spec: &JobSpec, runs: Vec<RunShown>) -> Self {
        Self {
            kind: words::sentence(&spec.kind.replace('-', " ")),
            about: spec.about,
            every: spec
                .every
                .map_or_else(|| "when asked for".to_owned(), every),
            runs,
        }
    }
}

/// A period in words: `every 10 minutes`.
pub(super) fn every(period: Duration) -> String {
    let seconds = period.as_secs();
    let (number, unit) = match seconds {
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    if number == 1 {
        format!("every {unit}")
    } else {
        format!("every {number} {unit}s")
    }
}

/// One job.
#[derive(Debug, Clone, Serialize)]
struct RunShown {
    kind: String,
    state: &'static str,
    tone: &'static str,
    when: String,
    attempts: i64,
    progress: String,
    problem: String,
}

impl RunShown {
    fn of(job: &JobOverview, now: Timestamp) -> Self {
        Self {
            kind: words::sentence(&job.kind.replace('-', " ")),
            state: job.state.word(),
            tone: match job.state {
                JobState::Done => "done",
                JobState::Failed => "breach",
                JobState::Waiting if !job.problem.is_empty() => "due",
                JobState::Waiting | JobState::Running => "neutral",
            },
            when: words::recent(job.finished_at.unwrap_or(job.created_at), now),
            attempts: job.attempts,
            progress: job.progress.clone(),
            problem: job.problem.clone(),
        }
    }
}

/// What the server does by itself.
#[derive(Debug, Serialize)]
pub(super) struct JobsPage {
    failed: Vec<RunShown>,
    kinds: Vec<KindShown>,
}

impl Page for JobsPage {
    const TEMPLATE: &'static str = "background/jobs.html";

    fn title(&self) -> String {
        "Jobs".to_owned()
    }

    fn samples() -> Vec<Self> {
        let done = RunShown {
            kind: "Seal history".to_owned(),
            state: "done",
            tone: "done",
            when: "today, 14:02".to_owned(),
            attempts: 1,
            progress: "1 seals set".to_owned(),
            problem: String::new(),
        };
        let failed = RunShown {
            state: "failed",
            tone: "breach",
            attempts: 8,
            progress: String::new(),
            problem: "the disk of the database is <full>".to_owned(),
            ..done.clone()
        };
        let kind = |runs| KindShown {
            kind: "Seal history".to_owned(),
            about: "Seals the history.",
            every: "every minute".to_owned(),
            runs,
        };
        vec![
            Self {
                failed: vec![failed.clone()],
                kinds: vec![kind(vec![done, failed]), kind(Vec::new())],
            },
            Self {
                failed: Vec::new(),
                kinds: Vec::new(),
            },
        ]
    }
}
