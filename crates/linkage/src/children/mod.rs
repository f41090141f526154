//! Children: which records of several agencies are one child, and why.
//!
//! Comparing and scoring are those of [`columns`](crate::columns); the model is one of its plans, with two thresholds
//! more. What is here is what children need beside it: a false join puts one child's harm on another's record, and a
//! missed one leaves each agency with half the picture.
//!
//! - [`Records`] holds what each source tells of each subject.
//! - [`link`] makes persons of them, and says which of them somebody must look at. [`shares`] are linked one by one.
//! - [`frame`] goes through the pairs from which a sample is drawn, to learn how good links are.
//! - [`explain`] says in words why two records were or were not joined.

mod cluster;
mod comparing;
mod explain;
mod frame;
mod households;
mod linked;
mod model;
mod records;
mod shared;
mod whole;

pub use cluster::{Before, bonds, compare, likely};
pub use explain::{Explanation, Written, explain};
pub use frame::{Band, blocking_recall, frame, poor};
pub use linked::{Attention, Cluster, Evidence, Held, HeldApart, Linked, Outcome, Standing};
pub use model::{Comparison, Model, ModelError};
pub use records::{RecordIndex, Records, RecordsBuilder, Shield, SourceIndex};
pub use shared::{Shared, told};
pub use whole::{link, persons, shares};

#[cfg(test)]
mod tests;
