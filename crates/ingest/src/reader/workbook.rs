//! Workbooks (XLSX): their sheets as rows, by the values that were last worked out and never by formulas.
//!
//! A workbook is a packed folder of XML, so it is measured before it is opened: how much it unpacks to, and whether any
//! of its texts is longer than a cell can be.

use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{CellErrorType, DataRef, Reader as _, Xlsx};
use csv::StringRecord;

use super::delimited::{Next, Rows};
use crate::problem::Problem;

/// The most bytes that one part of a workbook unpacks to: a sheet is read as a stream, its shared texts as a whole.
const MOST_OF_SHEET: u64 = 1 << 30;
const MOST_OF_SHARED: u64 = 192 << 20;
const MOST_OF_OTHERS: u64 = 32 << 20;
/// A cell holds 32,767 characters at most.
const LONGEST_TEXT: usize = 256 << 10;
/// The columns that a sheet can have.
const MOST_COLUMNS: usize = 16_384;

/// An opened workbook.
pub(crate) struct Workbook<R>(Xlsx<R>)
where
    R: Read + Seek;

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn open(mut from: R) -> Result<Self, Problem> {
        measure(&mut from)?;
        from.rewind().map_err(|_| Problem::DamagedWorkbook)?;
        let opened = guarded(|| Xlsx::new(from).map_err(|_| Problem::DamagedWorkbook))?;
        Ok(Self(opened))
    }

    /// The names of its sheets, in their order.
    pub(crate) fn sheets(&self) -> Vec<String> {
        self.0.sheet_names()
    }

    /// Hands the rows of one sheet to `read`.
    pub(crate) fn sheet<T>(
        &mut self,
        name: &str,
        read: &mut dyn FnMut(&mut dyn Rows) -> io::Result<T>,
    ) -> io::Result<Result<T, Problem>> {
        let cells = guarded(|| {
            self.0
                .worksheet_cells_reader(name)
                .map_err(|_| Problem::DamagedWorkbook)
        });
        match cells {
            Ok(cells) => {
                let mut rows = SheetRows {
                    cells,
                    ahead: None,
                    row: 0,
                    damaged: false,
                    begun: false,
                };
                read(&mut rows).map(Ok)
            }
            Err(problem) => Ok(Err(problem)),
        }
    }
}

/// Runs what others wrote. Should it fail where it should not, the file is at fault and nothing else stops.
fn guarded<T>(run: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(Problem::DamagedWorkbook))
}

/// Unpacks every part once, and keeps nothing of it.
fn measure(from: &mut (impl Read + Seek)) -> Result<(), Problem> {
    let mut archive = zip::ZipArchive::new(from).map_err(|_| Problem::DamagedWorkbook)?;
    let mut buffer = vec![0_u8; 64 << 10];
    for place in 0..archive.len() {
        let mut part = archive
            .by_index(place)
            .map_err(|_| Problem::DamagedWorkbook)?;
        let name = part
            .name()
            .map_err(|_| Problem::DamagedWorkbook)?
            .to_ascii_lowercase();
        let most = if name.contains("/worksheets/") {
            MOST_OF_SHEET
        } else if name.ends_with("sharedstrings.xml") {
            MOST_OF_SHARED
        } else if name.ends_with(".xml") || name.ends_with(".rels") {
            MOST_OF_OTHERS
        } else {
            // Pictures and the like are never opened.
            continue;
        };
        let (mut size, mut run) = (0_u64, 0_usize);
        loop {
            let count = part
                .read(&mut buffer)
                .map_err(|_| Problem::DamagedWorkbook)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            size += count as u64;
            for byte in bytes {
                run = if matches!(byte, b'<' | b'>') {
                    0
                } else {
                    run + 1
                };
                if run > LONGEST_TEXT {
                    return Err(Problem::WorkbookTooLarge);
                }
            }
            if size > most {
                return Err(Problem::WorkbookTooLarge);
            }
        }
    }
    Ok(())
}

/// The rows of a sheet.
struct SheetRows<'a, R>
where
    R: Read + Seek,
{
    cells: calamine::XlsxCellReader<'a, R>,
    /// The first cell of a row to come.
    ahead: Option<Placed>,
    /// The row that comes next, from 0.
    row: u32,
    damaged: bool,
    begun: bool,
}

/// A cell's value, and where it is.
struct Placed {
    row: u32,
    column: usize,
    text: String,
}

impl<R: Read + Seek> SheetRows<'_, R> {
    /// The next cell that is not empty.
    fn cell(&mut self) -> Result<Option<Placed>, Problem> {
        loop {
            let cells = &mut self.cells;
            let next = guarded(|| {
                let cell = cells.next_cell().map_err(|_| Problem::DamagedWorkbook)?;
                Ok(cell.map(|cell| (cell.get_position(), written(cell.get_value()))))
            })?;
            let Some(((row, column), text)) = next else {
                return Ok(None);
            };
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            if column >= MOST_COLUMNS {
                return Err(Problem::DamagedWorkbook);
            }
            if !text.is_empty() {
                return Ok(Some(Placed { row, column, text }));
            }
        }
    }
}

impl<R: Read + Seek> Rows for SheetRows<'_, R> {
    fn next(&mut self, into: &mut StringRecord) -> io::Result<Next> {
        if self.damaged {
            return Ok(Next::End);
        }
        into.clear();
        let mut read = || -> Result<bool, Problem> {
            if !self.begun {
                self.begun = true;
                self.ahead = self.cell()?;
            }
            let Some(first) = self.ahead.take() else {
                return Ok(false);
            };
            // A row without a value is no row; a later cell of an earlier row would be out of its place.
            self.row = first.row;
            put(into, first.column, &first.text)?;
            while let Some(cell) = self.cell()? {
                if cell.row != self.row {
                    self.ahead = Some(cell);
                    break;
                }
                put(into, cell.column, &cell.text)?;
            }
            Ok(true)
        };
        match read() {
            Ok(true) => Ok(Next::Record),
            Ok(false) => Ok(Next::End),
            Err(problem) => {
                self.damaged = true;
                Ok(Next::Refused(problem))
            }
        }
    }

    fn leaves_out(&self) -> bool {
        true
    }

    fn ending(&self) -> Option<Problem> {
        None
    }
}

/// Puts a text into its column, empty ones before it.
fn put(into: &mut StringRecord, column: usize, text: &str) -> Result<(), Problem> {
    if into.len() > column {
        return Err(Problem::DamagedWorkbook);
    }
    while into.len() < column {
        into.push_field("");
    }
    into.push_field(text);
    Ok(())
}

/// A cell's value as text: a day as `2026-11-25`, a whole number without decimals.
fn written(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => match error {
            CellErrorType::NA => "#N/A".to_owned(),
            CellErrorType::Ref => "#REF!".to_owned(),
            CellErrorType::Name => "#NAME?".to_owned(),
            CellErrorType::Div0 => "#DIV/0!".to_owned(),
            CellErrorType::Null => "#NULL!".to_owned(),
            CellErrorType::Num => "#NUM!".to_owned(),
            _ => "#VALUE!".to_owned(),
        },
        DataRef::Empty => String::new(),
    }
}
