//! What follows from a decision: the records that it is about are linked anew by it.
//!
//! Whoever decides sees the outcome at once. That nothing stands undone when the server is stopped in between is the work
//! of a job, which the decision itself puts in the table (`work.rs`).

use std::collections::BTreeSet;

use clearpicture_kernel::{SubjectId, Timestamp};
use clearpicture_store::{Prepared, WriteError};
use serde::{Deserialize, Serialize};

use super::breach::Parted;
use super::run::{LinkFault, Linking, run_after};
use super::work;
use crate::shell::{Ctx, Failure};

/// What was decided: about whom, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decided {
    /// The records that the decision is about.
    pub(super) about: BTreeSet<SubjectId>,
    /// Who decided, as the read log names them.
    pub(super) by: String,
    /// When they did.
    pub(super) at: Timestamp,
    /// How those about whom a decision is taken back stood before it.
    #[serde(default)]
    pub(super) before: Vec<BTreeSet<SubjectId>>,
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Followed {
    /// Whether the records are linked by it already; else a job will.
    pub(super) at_once: bool,
    /// Whether it opened a breach assessment.
    pub(super) breach: bool,
}

impl Decided {
    /// What the person who asks decides now about these records.
    pub(super) fn now(ctx: &Ctx, about: BTreeSet<SubjectId>) -> Self {
        Self {
            about,
            by: ctx.caller().identity.to_string(),
            at: ctx.now(),
            before: Vec::new(),
        }
    }
}

/// Makes the changes that a decision consists of, opens the assessments of whom it parts, and links by it whom it is
/// about.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else was first; then nothing was changed. Once the decision is kept, nothing is.
pub(super) async fn keep(
    ctx: &Ctx,
    mut decision: Vec<Prepared>,
    parted: &[Parted],
    decided: &Decided,
) -> Result<Followed, Failure> {
    let app = &ctx.app;
    let linking = Linking::after(app.store(), app.access(), decided).map_err(fault)?;
    let assessments = linking.assess(parted).await.map_err(fault)?;
    let mut followed = Followed {
        at_once: true,
        breach: !assessments.is_empty(),
    };
    decision.extend(assessments);
    let Some(last) = decision.pop() else {
        return Ok(followed);
    };
    decision.push(last.asking(work::after(app, decided)));
    match app.store().commit(decision).await {
        // Somebody else decided about the same two for the first time, or parted the same picture.
        Err(WriteError::Taken) => return Err(Failure::Conflict),
        made => made?,
    };
    let model = &app.practice().linkage;
    match run_after(app.store(), app.access(), model, decided).await {
        Ok(outcome) => followed.breach |= outcome.breaches > 0,
        Err(fault) => {
            tracing::error!(%fault, "a decision about a link is kept, and what follows from it waits for its job");
            followed.at_once = false;
        }
    }
    Ok(followed)
}

/// A fault of linkage, as a request meets it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` takes"
)]
pub(super) fn fault(fault: LinkFault) -> Failure {
    Failure::Fault(fault.to_string())
}
