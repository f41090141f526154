//! Analysis tables as Parquet in a folder, and measures run over them by DataFusion.
//!
//! The tables are kept as segments, one for each refresh, that are never changed; a manifest, put in place whole, says
//! which count. A `SELECT` sees each table as it was known before a moment: the newest row of each key recorded till
//! then. It sees nothing else: no earlier row, no file, no clock.
//!
//! [`linking`] reads and writes tables of records for whoever links them; [`scratch`] stores what that has no memory for.
//!
//! For whoever keeps figures, through the traits [`Keeper`](clearpicture_kernel::analysis::Keeper) and
//! [`Runner`](clearpicture_measures::Runner). The only crate that names DataFusion, so that none of the capabilities is
//! built with it.

mod columns;
mod gather;
pub mod linking;
mod manifest;
pub mod scratch;
mod select;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearpicture_kernel::AnalysisTable;

/// The analysis tables of one installation. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Engine {
    folder: Arc<PathBuf>,
    tables: Arc<Vec<AnalysisTable>>,
}

impl Engine {
    /// The tables in `folder`, which need not be there yet.
    pub fn new(folder: &Path, tables: Vec<AnalysisTable>) -> Self {
        Self {
            folder: Arc::new(folder.to_owned()),
            tables: Arc::new(tables),
        }
    }
}
