//! The web shell: what every page stands in, whichever capability made it.
//!
//! - [`assets`]: style sheet, scripts, fonts and images, served from inside the binary
//! - [`templates`]: the GOV.UK components and our page templates, as one strict environment
//! - [`page`]: the frame round a page, and the list of pages that must render at start-up
//!
//! - [`visit`], [`session`]: who is visiting, found once per request
//! - [`ctx`], [`door`], [`form`], [`fields`], [`upload`]: what a handler takes, each with its proof
//! - [`conflict`], [`differences`]: two people at one form; what two texts say differently
//! - [`chart`]: a chart on a page
//! - [`day_field`], [`names`], [`dial`]: a day as typed; ids told as names; numbers that can be dialled
//! - [`failure`], `panics`: what can go wrong, and the page it becomes
//! - [`mod@router`]: all routes of all capabilities, and the layers round them
//!
//! The shell knows nothing of children, referrals or any other record. It
//! learns who a worker is through [`crate::state::Identify`].

pub mod assets;
pub mod chart;
pub mod conflict;
pub mod csv;
pub mod ctx;
pub mod day_field;
pub mod dial;
pub mod differences;
pub mod door;
pub mod failure;
pub mod fields;
pub mod form;
pub mod given_out;
pub mod names;
pub mod page;
mod panics;
pub mod router;
pub mod session;
pub mod templates;
pub mod upload;
pub mod visit;

pub use chart::{ChartShown, fonts};
pub use conflict::{Conflict, Saved};
pub use ctx::{Answer, Ctx, Guest};
pub use day_field::DayTyped;
pub use dial::Number;
pub use door::{Allowed, Permitted, Scoped};
pub use failure::Failure;
pub use form::{Choice, Errors, Posted, Received};
pub use names::Names;
pub use page::{Page, PageSpec, Pagination};
pub use panics::tell_of_panic;
pub use router::router;
pub use upload::{Upload, Uploaded};

/// The shell's own pages.
pub fn pages() -> Vec<PageSpec> {
    vec![PageSpec::of::<page::ErrorPage>()]
}
