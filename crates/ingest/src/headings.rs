//! Headings: which profile a file fits, and which column is where.

use std::collections::BTreeMap;

use csv::StringRecord;

use crate::finding::{Finding, Problem};
use crate::profile::Profile;
use crate::value::plain_spaces;

/// A profile laid over the headings of one file.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    pub(crate) profile: &'a Profile,
    /// For each column of the profile, where it is in the file.
    pub(crate) places: Vec<Option<usize>>,
    /// How many headings the file has.
    pub(crate) width: usize,
    /// What the headings gave reason to say.
    pub(crate) findings: Vec<Finding>,
}

/// The profile that the headings fit best, or what to say when none does.
pub(crate) fn recognise<'a>(
    headings: &StringRecord,
    profiles: &'a [Profile],
) -> Result<Layout<'a>, Vec<Finding>> {
    let layouts: Vec<Layout<'a>> = profiles.iter().map(|one| lay(headings, one)).collect();
    let only = layouts.len() == 1;
    let found = |layout: &Layout<'_>| layout.places.iter().flatten().count();
    let mut fitting: Vec<Layout<'a>> = Vec::new();
    for layout in layouts {
        let refused = layout.refusals();
        if refused.is_empty() {
            fitting.push(layout);
        } else if only
            || refused
                .iter()
                .all(|one| one.problem == Problem::DuplicateColumn)
        {
            return Err(refused);
        }
    }
    let best = fitting.into_iter().max_by_key(found);
    best.ok_or_else(|| vec![Problem::Unrecognised.of_file()])
}

impl Layout<'_> {
    fn refusals(&self) -> Vec<Finding> {
        let refuses = |one: &&Finding| one.problem.severity() == crate::Severity::Refusal;
        self.findings.iter().filter(refuses).cloned().collect()
    }
}

fn lay<'a>(headings: &StringRecord, profile: &'a Profile) -> Layout<'a> {
    let mut at: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, heading) in headings.iter().enumerate() {
        at.entry(alike(heading)).or_default().push(place);
    }
    let mut findings = Vec::new();
    let mut places = Vec::new();
    let mut known = 0;
    for column in &profile.columns {
        let names = std::iter::once(&column.name).chain(&column.aliases);
        let found: Vec<usize> = names
            .filter_map(|name| at.get(&alike(name)))
            .flatten()
            .copied()
            .collect();
        known += found.len();
        match found.as_slice() {
            [] if column.required => findings.push(Problem::MissingColumn.of_column(&column.name)),
            [] => findings.push(Problem::AbsentColumn.of_column(&column.name)),
            [place] => {
                if headings.get(*place).map(alike) != Some(alike(&column.name)) {
                    findings.push(Problem::RenamedColumn.of_column(&column.name));
                }
            }
            _ => findings.push(Problem::DuplicateColumn.of_column(&column.name)),
        }
        places.push(found.first().copied());
    }
    // The heading itself is not repeated: in a file without headings it is somebody's value.
    let unknown = headings.len().saturating_sub(known);
    findings.extend(std::iter::repeat_n(
        Problem::UnknownColumn.of_file(),
        unknown,
    ));
    Layout {
        profile,
        places,
        width: headings.len(),
        findings,
    }
}

/// A heading without the differences that mean nothing.
fn alike(heading: &str) -> String {
    let (plain, _) = plain_spaces(heading);
    let words: Vec<&str> = plain
        .split([' ', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase()
}
