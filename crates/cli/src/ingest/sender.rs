//! What is wrong with files, for whoever sent them.

use std::path::Path;

use clearpicture_app::loads::{Examined, Reported, what_to_do, where_it_is};
use clearpicture_kernel::written::no_formula;
use clearpicture_reports::{Sheet, xlsx};

use crate::outcome::Stop;
use crate::report::write as write_new;

/// Writes the report as what its name ends in.
pub(super) fn write(examined: &[(&Path, &Examined)], out: &Path) -> Result<(), Stop> {
    let files: Vec<Reported<'_>> = examined
        .iter()
        .map(|(path, examined)| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Reported::of(name, examined)
        })
        .collect();
    let bytes = match out.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => xlsx(&[what_to_do(&files), where_it_is(&files)])
            .map_err(|fault| Stop::fault(fault.to_string()))?,
        Some("csv") => csv(&where_it_is(&files))?,
        _ => {
            return Err(Stop::misuse(format!(
                "`{}`: name a file ending in .xlsx or .csv",
                out.display()
            )));
        }
    };
    write_new(out, &bytes)
}

fn csv(sheet: &Sheet) -> Result<Vec<u8>, Stop> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings = sheet.columns.iter().map(|(name, _)| name.as_str());
    let written = writer.write_record(headings).and_then(|()| {
        let mut rows = sheet.rows.iter();
        rows.try_for_each(|row| writer.write_record(row.iter().map(|cell| no_formula(cell))))
    });
    written.map_err(|error| Stop::fault(error.to_string()))?;
    writer
        .into_inner()
        .map_err(|error| Stop::fault(error.to_string()))
}
