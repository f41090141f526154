//! Bytes and a profile become facts and findings: pure.
//!
//! For whoever takes in an agency's file. [`read`] takes a file's bytes in
//! order, chooses the [`Profile`] that its headings fit, hands every usable row on
//! as [`clearpicture_kernel::fact::Told`] and every doubt as a [`Finding`], and ends
//! with a [`Summary`].
//!
//! What it never does: open a file, ask the time, repeat a value about a person in
//! a finding, drop a row for a warning, or hold more of a file than one record
//! (beside 64 bytes for each row's key).

mod check;
mod finding;
mod headings;
mod profile;
mod row;
mod text;
mod value;

pub use check::{Heard, Summary, read};
pub use finding::{Finding, Problem, Severity};
pub use profile::{Profile, ProfileError};
