//! Tables to take away: as a workbook, and as text for programs.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, as a workbook's sheet: at most 31 characters.
    pub name: String,
    /// What stands above its rows, a line each.
    pub above: Vec<String>,
    /// Its columns: what each is called, and how many characters wide.
    pub columns: Vec<(String, u16)>,
    /// Its rows, a text for each column.
    pub rows: Vec<Vec<String>>,
}

/// Why there is no workbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct SheetFault(String);

impl From<XlsxError> for SheetFault {
    fn from(error: XlsxError) -> Self {
        Self(error.to_string())
    }
}

/// A workbook of these sheets. Every value is text, so that none is ever taken for a formula; headings stay in sight.
///
/// # Errors
/// [`SheetFault`] when there are more rows than a sheet can hold, or a name is not a sheet's.
pub fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, SheetFault> {
    let mut workbook = Workbook::new();
    let heading = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(&sheet.name)?;
        let mut row = 0_u32;
        for line in &sheet.above {
            page.write_string(row, 0, line)?;
            row += 1;
        }
        if !sheet.above.is_empty() {
            row += 1;
        }
        for (column, (name, width)) in (0_u16..).zip(&sheet.columns) {
            page.write_string_with_format(row, column, name, &heading)?;
            page.set_column_width(column, *width)?;
        }
        page.set_freeze_panes(row + 1, 0)?;
        page.set_landscape();
        page.set_repeat_rows(row, row)?;
        for values in &sheet.rows {
            row += 1;
            for (column, value) in (0_u16..).zip(values) {
                page.write_string_with_format(row, column, value, &wrapped)?;
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}
