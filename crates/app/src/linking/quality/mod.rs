//! How good links are: samples drawn at random and read blind, and judging by a known truth.
//!
//! ```text
//!  all that is held ──► every pair that may be one child, by where it stands ──► a sample, drawn at random
//!                                                     │                              │ read blind
//!                                      how many there are of each                    ▼
//!                                                     └────────────► precision, recall and F1 with intervals,
//!                                                                    by ethnic group, sex and age
//! ```
//!
//! Never from the queue of doubtful pairs, and what is said here changes no link: whoever reads is not told how a pair
//! stands, and what was found to stand wrongly is listed once all of a sample is read.

mod draw;
mod estimate;
mod groups;
mod pages;
mod read;
mod store;
mod truth;
mod types;

use clearpicture_access::{Access, Action as _, ActionSpec};
use clearpicture_store::Store;

pub use estimate::{Figures, OfGroup, Place, Told};
pub(super) use pages::QUALITY;
pub use truth::{Judged, Row, Truth, TruthFault, judge, read_so_far};
pub use types::{
    AddLinkReading, AddLinkSample, DrawLinkSample, Drawing, LinkReading, LinkReadingId, LinkSample,
    LinkSampleId, Read, ReadPair, SeeLinkReading, SeeLinkSample,
};

use super::run::{LinkFault, Linking};
use crate::capability::{Kept, Processing, Regime, Route};
use crate::jobs::{JobSpec, Work};
use crate::practice::Practice;
use crate::shell::PageSpec;
use crate::state::App;
use futures_util::FutureExt as _;

/// The job that draws samples.
const DRAW: &str = "draw-link-sample";

pub(super) fn actions() -> [ActionSpec; 6] {
    [
        SeeLinkSample::SPEC,
        AddLinkSample::SPEC,
        DrawLinkSample::SPEC,
        SeeLinkReading::SPEC,
        AddLinkReading::SPEC,
        ReadPair::SPEC,
    ]
}

pub(super) fn records() -> [Kept; 2] {
    [
        Kept::of::<LinkSample, SeeLinkSample>(Processing {
            about: "Samples of pairs of sources' records, drawn to learn how good links are: how many pairs there were, by how they stood, ethnic group, sex and age. No value of any of them.",
            controllers: "The safeguarding partners jointly.",
            lawful_basis: "Public task: UK GDPR articles 5(1)(d) and 6(1)(e); Children Act 2004 sections 11 and 16E; Equality Act 2010 section 149.",
            regime: Regime::General,
            recipients: "Data analysts, managers, the information governance lead, auditors.",
            retention: "As long as the figures that rest on them.",
            copies: "The database and its backups.",
        }),
        Kept::of::<LinkReading, SeeLinkReading>(Processing {
            about: "The pairs of such samples, and whether whoever read them without knowing how they stood took them for one child. The pair's ethnic group, sex and age stand with it, so that links are judged for each.",
            controllers: "The safeguarding partners jointly.",
            lawful_basis: "Public task: UK GDPR articles 5(1)(d), 6(1)(e) and 9(2)(g); Data Protection Act 2018 schedule 1, paragraph 8 (equality of opportunity or treatment).",
            regime: Regime::General,
            recipients: "Data analysts, managers, the information governance lead, auditors.",
            retention: "As long as the figures that rest on them.",
            copies: "The database and its backups.",
        }),
    ]
}

pub(super) fn job() -> JobSpec {
    JobSpec {
        kind: DRAW,
        about: "Draws a sample of pairs, to learn how good links are.",
        every: None,
        long: true,
        run: |app, work| draw(app, work).boxed(),
    }
}

async fn draw(app: App, _: Work) -> Result<String, String> {
    let drawn = draw_waiting(app.store(), app.access(), app.practice()).await;
    let drawn = drawn.map_err(|fault| fault.to_string())?;
    Ok(format!("{drawn} samples drawn"))
}

/// Draws the samples that wait to be drawn, and says how many. Nothing but what is drawn is changed.
///
/// # Errors
/// [`LinkFault`] when the database fails; a sample that cannot be drawn for another reason says so itself.
pub async fn draw_waiting(
    store: &Store,
    access: &Access,
    practice: &Practice,
) -> Result<u32, LinkFault> {
    draw::draw_waiting(&Linking::new(store, access)?, practice).await
}

pub(super) fn routes() -> [Route; 5] {
    [
        Route::get::<SeeLinkSample, _>("/links/quality", pages::show)
            .lists_nothing("figures over pairs; what stands wrongly is listed for whoever may know both sides, as a test of its own tries"),
        Route::post::<AddLinkSample, _>("/links/quality", pages::ask).tried("wanted=400"),
        Route::get::<SeeLinkReading, _>("/links/readings", read::next)
            .lists_nothing("one pair, of which the reader must know both sides: a test of its own tries every role and a bar"),
        Route::get::<SeeLinkReading, _>("/links/readings/{id}", read::show),
        Route::post::<ReadPair, _>("/links/readings/{id}", read::answer),
    ]
}

pub(super) fn pages() -> [PageSpec; 2] {
    [
        PageSpec::of::<pages::QualityPage>(),
        PageSpec::of::<read::ReadPage>(),
    ]
}
