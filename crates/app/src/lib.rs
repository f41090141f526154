//! The web shell and one folder for each capability.
//!
//! A capability is a folder and one line in [`capabilities`]. Everything else
//! (the router, the menu, the table of access, the record of processing, the
//! tests that nothing was forgotten) is derived from what it says of itself.

pub mod agencies;
pub mod analysis;
pub mod api;
pub mod background;
pub mod capability;
#[cfg(test)]
#[path = "../../../docs/example/leaflets/mod.rs"]
pub mod example_leaflets;
pub mod feeds;
pub mod governance;
pub mod grants;
pub mod history;
pub mod home;
pub mod jobs;
pub mod kept;
pub mod linking;
pub mod loads;
pub mod measures;
pub mod persons;
pub mod practice;
pub mod processing;
pub mod shell;
pub mod sign_in;
pub mod state;
pub mod tokens;
pub mod words;
pub mod workers;

pub use capability::Capability;
pub use state::App;

/// Every capability of the product. A new one is a folder and a line here.
pub fn capabilities() -> Vec<Capability> {
    vec![
        agencies::capability(),
        workers::capability(),
        tokens::capability(),
        feeds::capability(),
        api::capability(),
        sign_in::capability(),
        history::capability(),
        grants::capability(),
        governance::capability(),
        persons::capability(),
        loads::capability(),
        linking::capability(),
        measures::capability(),
        background::capability(),
        home::capability(),
    ]
}
