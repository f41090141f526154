//! Linkage: which records of several sources are one child, and why.
//!
//! Everything here is a pure function. The same records give the same persons,
//! in whatever order records and files arrive; nothing is drawn, timed or read.
//!
//! - [`clean`] brings what was written to a form that can be compared.
//! - [`Records`] holds the records, their words kept once each.
//! - [`Model`] is what agreement and disagreement are worth, read from a file an analyst edits.
//! - [`compare_all`] and [`compare_block`] score the pairs that blocking rules bring together.
//! - [`cluster`] makes persons of pairs, and says which of them somebody must look at.
//! - [`columns`] links any tables by a model that names their columns.
//! - [`explain`] says in words why two records were or were not joined.

mod block;
pub mod clean;
mod cluster;
pub mod columns;
mod compare;
mod explain;
mod linked;
mod model;
mod nicknames;
mod record;
mod siblings;

pub use block::{BlockError, Rule, ScoredPair, compare_all, compare_block, score};
pub use cluster::cluster;
pub use compare::{Comparison, Level};
pub use explain::{Explanation, Reveal, explain};
pub use linked::{Attention, Cluster, Held, HeldApart, Linked, Standing};
pub use model::{Model, ModelError};
pub use record::{Record, RecordIndex, Records, Shield, SourceIndex};

#[cfg(test)]
mod tests;
