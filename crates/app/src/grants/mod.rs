//! Grants: who is involved with a record, who broke the glass on it, and who is
//! barred from it.
//!
//! The record itself lies in the store, which turns it into every list, count
//! and decision. This capability says who may make and lift grants, and lets
//! other capabilities note an involvement together with the change that brings
//! it about (a new worker with their own record):
//!
//! ```no_run
//! # use clearpicture_app::{App, grants, shell::Failure};
//! # use clearpicture_access::{Caller, Purpose};
//! # async fn example(app: &App, caller: &Caller, purpose: &Purpose, own: grants::Involvement) -> Result<(), Failure> {
//! let involved = grants::prepare_involvement(app, caller, purpose, own).await?;
//! app.store().commit(vec![involved]).await?;
//! # Ok(())
//! # }
//! ```
//!
//! It has no pages: those who answer for grants find them in `governance`. It
//! never tells a barred person of the bar.

mod end;
mod involve;
mod rules;
mod store;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::Grant;

use crate::capability::{Capability, Kept, Processing, Regime};

pub use end::end_all;
pub use involve::{Involvement, note_involvement, prepare_involvement};
pub use rules::reason;
pub use store::{Which, count_open, held_on, in_force_on, of_holder, of_relation, working_with};
pub use types::{
    AddBar, BreakGlass, Involve, Leave, LiftGrant, SeeGrant, SeeInvolvement, SeeOwnGrant, WorkWith,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        actions: vec![
            SeeGrant::SPEC,
            SeeOwnGrant::SPEC,
            SeeInvolvement::SPEC,
            Involve::SPEC,
            WorkWith::SPEC,
            Leave::SPEC,
            AddBar::SPEC,
            BreakGlass::SPEC,
            LiftGrant::SPEC,
        ],
        records: vec![Kept::of::<Grant, SeeGrant>(Processing {
            about: "Grants and bars: which worker is involved with a record, opened it by breaking the glass, or is barred from it, with the reason.",
            controllers: "The safeguarding partners jointly.",
            lawful_basis: "Public task and security of processing: UK GDPR articles 6(1)(e) and 32; Children Act 2004 section 16E.",
            regime: Regime::General,
            recipients: "The information governance lead. Whoever may open a child's picture sees which agencies say that they work with the child, unless the service must not be named; names and numbers are for those who do. Workers see their own involvements and the times they broke the glass, never a bar.",
            retention: "As long as the record it is about, so that access can be answered for.",
            copies: "The database and its backups.",
        })],
        ..Capability::new("grants", "Grants", include_str!("policy.cedar"))
    }
}
