//! SQLite and PostgreSQL behind permits: one write path, and a history that can
//! be proven untouched.
//!
//! Every change is one transaction: the record's row, and an entry of history
//! with who, when, what for, on which policies' word, and an encrypted body
//! holding the whole record after the change. Entries are hashed each onto the
//! one before and sealed in Merkle trees. Nothing is ever updated or deleted
//! there, by trigger in both databases.
//!
//! What this crate never does: decide who may do something (that is `access`),
//! know what a record means (that is its capability), or give out a record
//! without a [`Permit`](clearpicture_access::Permit) or a
//! [`Scope`](clearpicture_access::Scope).

mod backup;
mod batch;
mod chain;
mod commit;
mod connect;
pub mod corpus;
mod current;
mod entry;
mod fault;
mod file;
mod grant;
mod handover;
mod history;
mod job_list;
mod jobs;
mod keys;
mod look;
mod looks;
mod merkle;
mod migrate;
mod open;
mod origin;
mod proof;
mod put;
mod read;
mod rebuild;
mod record;
mod runner;
pub mod schema;
mod scratch;
mod seal;
mod seal_check;
mod sealed;
mod secret;
mod stream;
mod tables;
#[cfg(test)]
mod tests;
mod transfer;
mod verify;
mod within;
mod write;

pub use backup::{BackedUp, Restored, restore};
pub use batch::{Batch, Brought, SealedText};
pub use chain::Chain;
pub use commit::Receipt;
pub use connect::DatabaseAddress;
pub use fault::{StoreFault, WriteError};
pub use grant::{Grant, GrantId, Reached, Relation, row as grant_row};
pub use handover::Compared;
pub use history::{Author, ChangesWanted, PastVersion};
pub use job_list::JobOverview;
pub use jobs::{Job, JobId, JobState, NewJob};
pub use keys::{KeyFault, KeyScope, MasterKey};
pub use looks::{LookUp, Looked, LooksWanted, Marked};
pub use migrate::Upgrade;
pub use open::{Holdings, Store, Writer};
pub use origin::{DEMONSTRATION, Origin};
pub use put::{PartRow, part};
pub use rebuild::{RebuildError, Rebuilt};
pub use record::{Record, RecordSpec, Said, Stamp, read_body};
pub use runner::JobRunner;
pub use scratch::Scratch;
pub use seal::Seal;
pub use stream::{Onward, Recorded};
pub use verify::{Broken, Verified};
pub use write::Prepared;
