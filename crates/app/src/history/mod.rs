//! The history page of a record of any kind: what changed, in words, newest
//! first, and what the record said on a day in the past.
//!
//! It serves whoever has to answer for a record: who changed what, when, on what
//! purpose and for what reason. It never shows more than the record's own page
//! would, and it knows no kind of record: each says its own name and what may
//! not be read in its history ([`Shown`]). Who may look is the permit's matter.
//!
//! ```text
//! Route::get::<SeeAgency, _>("/agencies/{id}/history", history::show::<SeeAgency>)
//! ```

mod pages;
mod rules;
mod samples;
mod told;

use crate::capability::Capability;
use crate::shell::PageSpec;

pub use crate::shell::differences::{Difference, differences};
pub use pages::{Shown, show};

/// The capability: one page and no records of its own.
pub fn capability() -> Capability {
    Capability {
        pages: vec![PageSpec::of::<told::HistoryPage>()],
        ..Capability::new("history", "History of a record", "")
    }
}
