//! Measures: what is counted, over which whole, with what certainty, and what of it may leave.
//!
//! A measure is a file that an analyst writes: its meaning in a sentence, the parts of which its whole is made, one
//! `SELECT` over the analysis tables that gives each thing counted its part, and small worked cases that are its tests.
//! From the counts come [`Figure`]s, after disclosure control and never before.
//!
//! Nothing here reads a file, a database or a clock. Whoever runs the `SELECT` is a [`Runner`].

mod case;
mod count;
mod disclosure;
mod figure;
mod interval;
mod measure;
mod runner;
pub mod sampled;
#[cfg(test)]
mod tests;

pub use case::{Case, CaseFault};
pub use count::{Counted, Heard, count, heard, heard_to, units};
pub use disclosure::{Protected, SMALL, protect};
pub use figure::{Figure, Level, Symbol, figures};
pub use interval::wilson;
pub use measure::{Measure, MeasureError, Part};
pub use runner::{Given, Known, Over, Row, RunFault, Runner};
