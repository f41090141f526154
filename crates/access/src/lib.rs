//! Who may do what, to which record, for what purpose, and the proof of it.
//!
//! A capability declares its actions with [`actions!`] and its policies in
//! Cedar text. [`Access::permit`] asks the policies and, when they say yes,
//! gives a [`Permit`]: the only key that opens `store`'s reads and writes. A
//! permit can be made nowhere else. [`Access::scope`] answers the same question
//! for a whole list, by asking once per access class.
//!
//! What policies may read is fixed by the schema made in [`schema`]: the
//! caller's agency, teams, roles and readiness, the record's class, the grants
//! between the two, and the purpose. They can name no single person, and no
//! clock. So an answer depends on nothing else, and is remembered.
//!
//! Cedar skips a policy that fails while it is evaluated, so a broken `forbid`
//! would silently open a door. Here any such failure is a refusal and an alert.

mod action;
mod caller;
mod decide;
mod permit;
mod policies;
mod resource;
mod schema;
#[cfg(test)]
mod tests;

pub use action::{Action, ActionSpec, Adds, Changes, Effect, Kind, KindName, Sees};
pub use caller::{Caller, Identity, Purpose};
pub use decide::{Access, Refused};
pub use permit::{Grounds, Permit, Scope};
pub use policies::{PolicyFault, PolicyText};
pub use resource::{AccessClass, ClassId, Grants, Resource, Sensitivity};
