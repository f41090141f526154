//! Measures: what the partnership counts, as known on any day, and who is counted.
//!
//! Each measure is a file of the practice. Its page says what it counts before it shows a figure, and a figure never
//! stands without its whole, its interval and the day as at which it was known.
//!
//! It serves the analyst who makes figures, and whoever answers for them. It never shows a person (who is counted is a
//! list under each reader's own scope), never lets a small count leave, and never counts what was not yet known.

mod ask;
mod refresh;
mod types;

use std::time::Duration;

use clearpicture_access::Action as _;
use futures_util::FutureExt as _;

use crate::capability::Capability;
use crate::jobs::JobSpec;

pub use ask::{Ask, AskFault, figures};
pub use types::{PartnershipFigure, SeeFigures};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        actions: vec![SeeFigures::SPEC],
        jobs: vec![JobSpec {
            kind: "refresh-analysis",
            about: "Brings the analysis tables, over which figures are counted, as far as history goes.",
            every: Some(Duration::from_secs(300)),
            run: |app, _| refresh::refresh(app).boxed(),
        }],
        ..Capability::new("measures", "Measures", include_str!("policy.cedar"))
    }
}
