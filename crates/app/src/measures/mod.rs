//! Measures: what the partnership counts, as known on any day, and who is counted.
//!
//! Each measure is a file of the practice. Its page says what it counts before it shows a figure, and a figure never
//! stands without its whole, its interval and the day as at which it was known.
//!
//! It serves the analyst who makes figures, and whoever answers for them. It never shows a person (who is counted is a
//! list under each reader's own scope), never lets a small count leave, and never counts what was not yet known.

mod ask;
mod asked;
mod copies;
mod counted;
mod figure;
mod glance;
mod measure;
mod refresh;
mod report;
mod shown;
mod store;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use clearpicture_access::Action as _;
use futures_util::FutureExt as _;

use crate::capability::{Capability, Route, Section};
use crate::jobs::JobSpec;
use crate::persons::SeePerson;
use crate::shell::PageSpec;

pub use ask::{Ask, AskFault, figures};
pub use report::{Copy, report};
pub use store::{IssueFault, Issued, issued};
pub use types::{PartnershipFigure, SeeFigures};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["persons"],
        actions: vec![SeeFigures::SPEC],
        migrations: store::migrations(),
        routes: vec![
            Route::get::<SeeFigures, _>("/measures", glance::list)
                .lists_nothing("figures, which tell of nobody"),
            Route::get::<SeeFigures, _>("/measures/measure", measure::show)
                .lists_nothing("figures, which tell of nobody"),
            Route::get::<SeeFigures, _>("/measures/report.pdf", copies::pdf)
                .lists_nothing("figures, which tell of nobody"),
            Route::get::<SeePerson, _>("/measures/counted", counted::list)
                .lists_nothing("who is counted depends on what is asked: a test of its own compares it with policy"),
        ],
        sections: vec![Section {
            title: "Measures",
            href: "/measures",
            action: SeeFigures::SPEC,
            order: 700,
        }],
        pages: vec![
            PageSpec::of::<glance::ListPage>(),
            PageSpec::of::<measure::MeasurePage>(),
            PageSpec::of::<counted::CountedPage>(),
        ],
        jobs: vec![JobSpec {
            kind: "refresh-analysis",
            about: "Brings the analysis tables, over which figures are counted, as far as history goes.",
            every: Some(Duration::from_secs(300)),
            long: true,
            run: |app, _| refresh::refresh(app).boxed(),
        }],
        ..Capability::new("measures", "Measures", include_str!("policy.cedar"))
    }
}
