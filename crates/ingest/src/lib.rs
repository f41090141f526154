//! Bytes and profiles become facts and findings: pure.
//!
//! For whoever takes in an agency's file. [`read`] takes a file's bytes in order, whatever kind of file they are,
//! chooses the [`Profile`] and the year that it fits, hands every usable row on as
//! [`clearpicture_kernel::fact::Told`] and every doubt as a [`Finding`], and ends with a [`Summary`].
//!
//! ```text
//! bytes ─► kind ─► reader ─► record ─► row ─► checks ─► facts
//!          told    CSV, XLSX,  layout:   values   against     by the parts that
//!          by its  XML, JSON   profile   by type  itself and  the profile names
//!          start               and year           before
//! ```
//!
//! What it never does: open a file, ask the time, repeat a value about a person in a finding, drop a row for a warning,
//! work a formula out, or hold more of a file than one record (beside the digests of its keys).

mod check;
mod date;
mod facts;
mod finding;
mod flat;
mod garbled;
mod layout;
mod problem;
mod profile;
mod propose;
mod read;
mod reader;
mod row;
mod shape;
mod trees;
mod value;
mod written;

pub use finding::{Finding, Written};
pub use problem::{Problem, Severity};
pub use profile::{Extract, Profile, ProfileError};
pub use propose::propose;
pub use read::{Asked, Heard, Keys, Last, PutRight, Summary, read};
pub use reader::plain::{TextEdges, TextRow, TextRowIs, TextShare, text_rows};
