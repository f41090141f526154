//! Linkage: which records of several sources are one person, and why.
//!
//! Everything here is a pure function. The same records give the same persons,
//! in whatever order records and files arrive; nothing is drawn, timed or read.
//!
//! - [`clean`] brings what was written to a form that can be compared.
//! - [`columns`] compares, scores and joins the records of any tables by a model that names their columns.
//! - [`children`] makes children of such scores: twins and siblings stay apart, decisions of people win, and what is
//!   doubtful says so. [`explain`](children::explain) says in words why two records were or were not joined.
//! - [`quality`] judges what was joined by what is so, where that is known.

mod bits;
pub mod children;
pub mod clean;
pub mod columns;
mod level;
mod nicknames;
pub mod quality;

pub use level::Level;
pub use nicknames::other_forms;
