//! Workbooks (XLSX): their sheets as rows, by the values that were last worked out and never by formulas.
//!
//! A workbook is a packed folder of XML. Its parts are unpacked as they are read, each within bounds, all of them
//! together within one more, and no sheet is held: beside a row there are only the texts that sheets share.

mod package;
mod sheet;
mod styles;
mod texts;

use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::rc::Rc;

use package::Package;
use styles::Styles;
use texts::Texts;

use super::delimited::Rows;
use crate::problem::Problem;

/// The most bytes that the parts of a workbook unpack to, all together.
const MOST_IN_ALL: usize = 1 << 30;
/// Beyond so many bytes no workbook unpacks to more than so many times what it has: sheets of data stay below thirty.
const SMALL: usize = 32 << 20;
const MOST_TIMES: usize = 100;
/// The most bytes of the texts that sheets share, which are held, and of the parts that say what there is.
const MOST_OF_SHARED: usize = 96 << 20;
const MOST_OF_OTHERS: usize = 32 << 20;
/// A cell holds 32,767 characters at most.
const LONGEST_TEXT: usize = 256 << 10;
/// The rows and columns that a sheet can have.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: usize = 16_384;

/// An opened workbook.
pub(crate) struct Workbook<R> {
    package: Package<R>,
    sheets: Vec<Sheet>,
    texts: Texts,
    styles: Styles,
    /// What its sheets make of less than they hold, all together: no more than it may unpack to.
    made: Made,
}

/// A sheet, as the workbook names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) holds: Holds,
}

/// What a sheet holds for whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Cells, in this part.
    Cells(String),
    /// Cells that nobody who opens the workbook sees.
    Hidden,
    /// No cells: a chart, a module, or a sheet without a part.
    Nothing,
}

/// How much was made of less, and how much may be.
#[derive(Debug, Clone)]
struct Made {
    so_far: Rc<Cell<usize>>,
    most: usize,
}

impl Made {
    fn at_most(most: usize) -> Self {
        Self {
            so_far: Rc::default(),
            most,
        }
    }

    /// Makes so many more cells or bytes.
    fn more(&self, count: usize) -> Result<(), Problem> {
        self.so_far.set(self.so_far.get().saturating_add(count));
        match self.so_far.get() > self.most {
            true => Err(Problem::WorkbookTooLarge),
            false => Ok(()),
        }
    }
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn open(from: R) -> Result<Self, Problem> {
        let mut package = Package::open(from)?;
        let contents = package.contents()?;
        let styles = match &contents.styles {
            Some(part) => Styles::read(&mut package, part, contents.from_1904)?,
            None => Styles::none(contents.from_1904),
        };
        let texts = match &contents.texts {
            Some(part) => Texts::read(&mut package, part)?,
            None => Texts::default(),
        };
        Ok(Self {
            made: Made::at_most(package.most()),
            package,
            sheets: contents.sheets,
            texts,
            styles,
        })
    }

    /// Its sheets, in their order.
    pub(crate) fn sheets(&self) -> Vec<Sheet> {
        self.sheets.clone()
    }

    /// Hands the rows of the sheet in this part to `read`.
    pub(crate) fn sheet<T>(
        &mut self,
        part: &str,
        read: &mut dyn FnMut(&mut dyn Rows) -> io::Result<T>,
    ) -> io::Result<Result<T, Problem>> {
        let xml = match self.package.part(part, MOST_IN_ALL) {
            Ok(xml) => xml,
            Err(problem) => return Ok(Err(problem)),
        };
        let made = self.made.clone();
        let mut rows = sheet::SheetRows::new(xml, &self.texts, &self.styles, made);
        read(&mut rows).map(Ok)
    }
}
