//! Linkage by the columns that a model file names: any tables, any number of records.
//!
//! A [`Plan`] says which columns there are, how each is read, what agreement at each level is worth, and which records
//! are compared at all. Records are [`Table`]s of codes, every value kept once; what can be told of a value by itself
//! (its sound, its year, its hash) is told once. A pair of records is a number made of the levels of all columns, so
//! that millions of pairs are counted, learnt from and scored without holding them.
//!
//! - [`propose`] drafts a plan for files never seen.
//! - [`train`] finds what levels are worth from records of which nobody said who is who.
//! - [`link`] compares, scores and makes persons, the same on any number of threads and in any [`Room`].
//! - [`judge`] says how well that went, where the truth is known.

mod builder;
mod crowds;
mod gather;
mod groups;
mod headings;
mod kept;
mod keys;
mod kind;
mod pairs;
mod plan;
mod portion;
mod propose;
mod quality;
mod rules;
mod run;
mod settle;
mod spread;
mod statements;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod train;
mod values;
mod weigh;
mod write;

pub use builder::Builder;
pub use gather::Persons;
pub(crate) use groups::Groups;
pub use kept::{Room, Scratch};
pub(crate) use keys::Keys;
pub use keys::TooManyPairs;
pub use kind::{Form, Kind};
pub use pairs::{Agreed, Pair, Share};
pub use plan::{Apart, Block, Column, Figures, Plan, PlanError};
pub use portion::Portion;
pub use propose::{
    Doubt, Glance, NothingToCompare, Proposal, lacks_apart, propose, with_apart, with_blocks,
};
pub(crate) use quality::blocking_recall;
pub use quality::{Judged, judge, judge_groups};
pub(crate) use run::Scoring;
pub use run::{KEPT, Linking, Looking, Unlinked, least, link};
pub(crate) use statements::pairs_of;
pub use table::{Asides, Cells, Source, Table, TableError};
pub use texts::Full;
pub(crate) use texts::mix;
pub use train::{Trained, train, train_by_truth};
pub use weigh::{Common, Digest, Frequencies};
pub(crate) use weigh::{Memo, place_in};
