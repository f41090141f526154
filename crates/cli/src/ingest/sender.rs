//! What is wrong with files, for whoever sent them: by what to do, with rows and columns, and without any value.

use std::path::Path;

use clearpicture_reports::{Sheet, xlsx};

use super::answer::{Answer, FileAnswer};
use crate::outcome::Stop;
use crate::report::write as write_new;

/// Writes the report as what its name ends in.
pub(super) fn write(answer: &Answer, out: &Path) -> Result<(), Stop> {
    let bytes = match out.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => xlsx(&[what_to_do(answer), where_it_is(answer)])
            .map_err(|fault| Stop::fault(fault.to_string()))?,
        Some("csv") => csv(&where_it_is(answer))?,
        _ => {
            return Err(Stop::misuse(format!(
                "`{}`: name a file ending in .xlsx or .csv",
                out.display()
            )));
        }
    };
    write_new(out, &bytes)
}

/// The name of a file without its folder.
fn name(file: &FileAnswer) -> String {
    let path = Path::new(&file.file);
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// One line for each thing to do.
fn what_to_do(answer: &Answer) -> Sheet {
    let mut rows = Vec::new();
    for file in &answer.files {
        for (problem, count) in &file.counts {
            rows.push(vec![
                name(file),
                problem.message().to_owned(),
                count.to_string(),
                problem.severity().to_string(),
                problem.code().to_owned(),
            ]);
        }
    }
    Sheet {
        name: "What to do".to_owned(),
        above: vec![
            "Rows with a warning were read. Those in quarantine were not, and want sending again."
                .to_owned(),
        ],
        columns: [
            ("File", 28),
            ("What to do", 80),
            ("How often", 10),
            ("How far", 12),
            ("Code", 24),
        ]
        .map(|(name, width)| (name.to_owned(), width))
        .to_vec(),
        rows,
    }
}

/// One line for each place.
fn where_it_is(answer: &Answer) -> Sheet {
    let mut rows = Vec::new();
    let mut above = Vec::new();
    for file in &answer.files {
        let unlisted = file
            .totals
            .findings_total
            .saturating_sub(file.findings.len() as u64);
        if unlisted > 0 {
            above.push(format!(
                "{}: {unlisted} further places are not listed.",
                name(file)
            ));
        }
        let mut findings: Vec<_> = file.findings.iter().collect();
        findings.sort_by_key(|finding| (finding.message, finding.row));
        for finding in findings {
            rows.push(vec![
                name(file),
                finding.message.to_owned(),
                finding.table.clone().unwrap_or_default(),
                finding.row.map_or(String::new(), |row| row.to_string()),
                finding.column.clone().unwrap_or_default(),
                finding.severity.clone(),
                finding.code.to_owned(),
            ]);
        }
    }
    Sheet {
        name: "Where".to_owned(),
        above,
        columns: [
            ("File", 28),
            ("What to do", 80),
            ("Table", 18),
            ("Row", 8),
            ("Column", 28),
            ("How far", 12),
            ("Code", 24),
        ]
        .map(|(name, width)| (name.to_owned(), width))
        .to_vec(),
        rows,
    }
}

fn csv(sheet: &Sheet) -> Result<Vec<u8>, Stop> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings = sheet.columns.iter().map(|(name, _)| name.as_str());
    let written = writer.write_record(headings).and_then(|()| {
        let mut rows = sheet.rows.iter();
        rows.try_for_each(|row| writer.write_record(row))
    });
    written.map_err(|error| Stop::fault(error.to_string()))?;
    writer
        .into_inner()
        .map_err(|error| Stop::fault(error.to_string()))
}
