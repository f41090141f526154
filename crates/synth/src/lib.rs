//! Invented children, as agencies' own files would tell of them, with the truth beside.
//!
//! For whoever wants to see or try the product without one real child: a demonstration, a test of linkage, a training
//! day. A wholly invented borough is drawn from a seed: households, siblings, twins, and children whom one agency
//! alone knows. Then each agency writes down what it knows, with the slips that agencies make.
//!
//! Everything here is a pure function of the seed: the same seed gives the same bytes, in this release and the next. A
//! change of what is drawn is a change of the digest in the tests.
//!
//! What it never does: read a clock or a file, or name a place, a school or a postcode that exists.

mod agency;
mod child;
mod draw;
mod names;

use std::collections::BTreeMap;
use std::io::Write;

pub use agency::Agency;
pub use child::{Child, children};
pub use names::NamesError;

/// The file that tells which rows are of one child.
pub const TRUTH: &str = "truth.csv";

/// Why nothing could be made.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The list of names does not fit.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] csv::Error),
}

/// Writes `count` invented children as each agency's file into `files`, which has one for every [`Agency`], and which
/// rows are of one child into `truth`.
///
/// # Errors
/// [`SynthError`] when something cannot be written.
pub fn write(
    count: u64,
    seed: u64,
    files: &mut BTreeMap<Agency, &mut dyn Write>,
    truth: &mut dyn Write,
) -> Result<(), SynthError> {
    let names = names::Names::shipped()?;
    let children = children(count, seed, &names);
    let mut truth = csv::Writer::from_writer(truth);
    truth.write_record(["file", "key", "child", "household", "born_with"])?;
    for agency in Agency::ALL {
        let rows = agency.rows(&children, seed, &names);
        for row in &rows {
            let child = row.child;
            let twin = child.twin.map_or(String::new(), |twin| twin.to_string());
            truth.write_record([
                agency.file(),
                &row.key,
                &child.number.to_string(),
                &child.household.to_string(),
                &twin,
            ])?;
        }
        if let Some(file) = files.get_mut(&agency) {
            let mut file = csv::Writer::from_writer(file);
            file.write_record(agency.headings())?;
            for row in &rows {
                file.write_record(&row.cells)?;
            }
            file.flush().map_err(csv::Error::from)?;
        }
    }
    truth.flush().map_err(csv::Error::from)?;
    Ok(())
}

#[cfg(test)]
mod tests;
