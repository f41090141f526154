//! What is wrong with files, for whoever sent them: by what to do, with rows and columns, and without any value.

use std::collections::BTreeMap;

use clearpicture_ingest::{Finding, Problem};
use clearpicture_reports::Sheet;

use super::examine::Examined;

/// A file and what was found in it.
#[derive(Debug)]
pub struct Reported<'a> {
    /// Its name, without a folder.
    pub file: String,
    /// How often each problem was found.
    pub problems: &'a BTreeMap<Problem, u64>,
    /// The places that are listed.
    pub findings: &'a [Finding],
}

impl<'a> Reported<'a> {
    /// What was found in the file called `file`.
    pub fn of(file: impl Into<String>, examined: &'a Examined) -> Self {
        Self {
            file: file.into(),
            problems: &examined.problems,
            findings: &examined.findings,
        }
    }

    fn unlisted(&self) -> u64 {
        let all: u64 = self.problems.values().sum();
        all.saturating_sub(self.findings.len() as u64)
    }
}

/// One line for each thing to do.
pub fn what_to_do(files: &[Reported<'_>]) -> Sheet {
    let mut rows = Vec::new();
    for file in files {
        for (problem, count) in file.problems {
            rows.push(vec![
                file.file.clone(),
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
pub fn where_it_is(files: &[Reported<'_>]) -> Sheet {
    let mut rows = Vec::new();
    let mut above = Vec::new();
    for file in files {
        let unlisted = file.unlisted();
        if unlisted > 0 {
            above.push(format!(
                "{}: {unlisted} further places are not listed.",
                file.file
            ));
        }
        let mut findings: Vec<&Finding> = file.findings.iter().collect();
        findings.sort_by_key(|finding| (finding.problem.message(), finding.row));
        for finding in findings {
            rows.push(vec![
                file.file.clone(),
                finding.problem.message().to_owned(),
                finding.table.as_deref().unwrap_or_default().to_owned(),
                finding
                    .row_for_people()
                    .map_or(String::new(), |row| row.to_string()),
                finding.column.as_deref().unwrap_or_default().to_owned(),
                finding.problem.severity().to_string(),
                finding.problem.code().to_owned(),
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
