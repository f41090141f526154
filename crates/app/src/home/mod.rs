//! The first page after signing in, and the page that says what one's role lets one do.
//!
//! It serves everyone who signs in: what stands between them and records, whom to
//! ask about it, and which parts they can use. It never shows a way that policy
//! would refuse, and holds nothing of its own.

mod pages;
mod rules;

use crate::capability::{Capability, Door, Route};
use crate::shell::PageSpec;

/// The capability.
pub fn capability() -> Capability {
    Capability {
        routes: vec![
            Route::read("/", Door::SignedIn, pages::home),
            Route::read("/access", Door::SignedIn, pages::access),
        ],
        pages: vec![
            PageSpec::of::<pages::HomePage>(),
            PageSpec::of::<pages::AccessPage>(),
        ],
        ..Capability::new("home", "Home", include_str!("policy.cedar"))
    }
}
