//! Headings: which profile a file fits, and which column is where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clearpicture_kernel::Code;
use clearpicture_kernel::written::whole_of_decimal;
use csv::StringRecord;

use crate::finding::Finding;
use crate::problem::{Problem, Severity};
use crate::profile::{Column, Format, Profile, Rule, Table, Tell};
use crate::read::Asked;
use crate::reader::tree::plain;

/// A table of a profile laid over the headings of one file.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The table as it stood in [`Layout::year`].
    pub(crate) table: Table,
    /// The first year of its edition; nought where years make no difference.
    pub(crate) year: u16,
    /// The name under which findings tell of each column.
    pub(crate) names: Vec<Arc<str>>,
    /// For each column, where it is in the file.
    pub(crate) places: Vec<Option<usize>>,
    /// For each column, what is written in other years and not in this one.
    pub(crate) other_years: Vec<Vec<(String, Code)>>,
    /// For each column, whether another table of the same record reads its value where it belongs, and tells what is
    /// wrong with it: empty where there is none.
    pub(crate) borrowed: Vec<bool>,
    /// For each column, whether it tells whom or what a row is about: a number of the source's own.
    pub(crate) identifies: Vec<bool>,
    /// The headings of the file, without the differences that mean nothing.
    pub(crate) headings: Vec<String>,
    /// How many headings the file has.
    pub(crate) width: usize,
    /// What the headings gave reason to say.
    pub(crate) findings: Vec<Finding>,
}

/// For each column of a table, whether its values are numbers by which rows or people are known.
fn identifies(table: &Table) -> Vec<bool> {
    let orphans = table
        .checks
        .iter()
        .filter(|check| check.rule == Rule::Orphan);
    let named = table
        .key
        .iter()
        .chain(&table.person)
        .chain(orphans.flat_map(|check| &check.columns));
    let mut names: Vec<&str> = named.map(|name| name.get_ref().as_str()).collect();
    let facts = table
        .facts
        .iter()
        .filter(|fact| fact.says.get_ref() == "identifier");
    names.extend(facts.flat_map(Tell::columns));
    let columns = table.columns.iter();
    columns
        .map(|column| names.iter().any(|name| column.is_called(name)))
        .collect()
}

/// A profile whose table fits headings, laid over them as in each year that fits as well.
#[derive(Debug)]
pub(crate) struct Fit<'p> {
    pub(crate) profile: &'p Profile,
    /// The newest last.
    pub(crate) layouts: Vec<Layout>,
}

impl Layout {
    /// Lays a table over headings.
    fn over(headings: &Headings<'_>, table: Table, year: u16) -> Self {
        let mut findings = Vec::new();
        let mut places = Vec::new();
        let mut known = 0;
        let names: Vec<Arc<str>> = table
            .columns
            .iter()
            .map(|column| Arc::from(column.name.get_ref().as_str()))
            .collect();
        for (column, name) in table.columns.iter().zip(&names) {
            let found = headings.of(column);
            known += found.len();
            let of = |problem: Problem| problem.of_column(Arc::clone(name));
            match found.as_slice() {
                [] if column.required => findings.push(of(Problem::MissingColumn)),
                [] if column.optional => {}
                [] => findings.push(of(Problem::AbsentColumn)),
                [place] => {
                    if !headings.is(*place, column.name.get_ref()) {
                        findings.push(of(Problem::RenamedColumn));
                    }
                }
                _ => findings.push(of(Problem::DuplicateColumn)),
            }
            places.push(found.first().copied());
        }
        // The heading itself is not repeated: in a file without headings it is somebody's value.
        let unknown = headings.alike.len().saturating_sub(known);
        findings.extend(std::iter::repeat_n(
            Problem::UnknownColumn.of_file(),
            unknown,
        ));
        Self {
            other_years: vec![Vec::new(); table.columns.len()],
            identifies: identifies(&table),
            headings: headings.alike.clone(),
            table,
            year,
            names,
            places,
            borrowed: Vec::new(),
            width: headings.alike.len(),
            findings,
        }
    }

    /// A table whose values come in the order of its columns.
    pub(crate) fn in_order(table: Table, year: u16) -> Self {
        let count = table.columns.len();
        Self {
            names: table
                .columns
                .iter()
                .map(|column| Arc::from(column.name.get_ref().as_str()))
                .collect(),
            places: (0..count).map(Some).collect(),
            other_years: vec![Vec::new(); count],
            borrowed: Vec::new(),
            identifies: identifies(&table),
            headings: Vec::new(),
            width: count,
            findings: Vec::new(),
            table,
            year,
        }
    }

    /// Marks the columns that are not where its own rows are and that another table owns.
    pub(crate) fn borrow(&mut self, owned: &BTreeSet<String>) {
        let table = &self.table;
        let columns = table.columns.iter().map(|column| {
            let path = column.path.as_deref().map(plain).unwrap_or_default();
            !table.is_within(&path) && owned.contains(&path)
        });
        self.borrowed = columns.collect();
    }

    /// Whether what is wrong with a value is told elsewhere.
    pub(crate) fn borrows(&self, column: Option<usize>) -> bool {
        column.is_some_and(|column| self.borrowed.get(column).copied().unwrap_or_default())
    }

    /// The name of the first column whose values stand in elements of this kind.
    pub(crate) fn first_of(&self, elements: &str) -> Option<Arc<str>> {
        let mut columns = self.table.columns.iter().zip(&self.names);
        let within = |column: &Column| {
            let path = column.path.as_deref();
            path.is_some_and(|path| path.starts_with(elements))
        };
        columns
            .find(|(column, _)| within(column))
            .map(|(_, name)| Arc::clone(name))
    }

    /// Learns what is written in the other years of `profile`.
    pub(crate) fn learn(&mut self, profile: &Profile) {
        for year in profile.edition_years() {
            let tables = profile.tables_of(year);
            let Some(other) = tables.iter().find(|other| other.name == self.table.name) else {
                continue;
            };
            for (column, learnt) in self.table.columns.iter().zip(&mut self.other_years) {
                let place = other.place(column.name.get_ref());
                let Some(theirs) = place.and_then(|place| other.columns.get(place)) else {
                    continue;
                };
                for (written, code) in theirs.codes.0.iter() {
                    if !column.codes.0.contains_key(written) {
                        learnt.push((written.clone(), code.clone()));
                    }
                }
            }
        }
    }

    /// How many values of `record` are in none of their columns' lists.
    pub(crate) fn misfits(&self, record: &StringRecord) -> usize {
        let columns = self.table.columns.iter().zip(&self.places);
        let outside = columns.filter(|(column, place)| {
            let text = place.and_then(|place| record.get(place)).map(str::trim);
            let is_code = |text: &str| {
                let codes = &column.codes.0;
                codes.contains_key(text)
                    || whole_of_decimal(text).is_some_and(|whole| codes.contains_key(whole))
            };
            !column.codes.0.is_empty()
                && text.is_some_and(|text| !text.is_empty() && !is_code(text))
        });
        outside.count()
    }

    /// Where the column of this name is among the table's.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.table.place(name)
    }

    /// Whether what stands under it are headings, not values that happen to name one of its columns: two of them at
    /// least, and a third of all that is filled. A file's first row may hold one alone, where nothing stands beside it.
    fn is_of_headings(&self, filled: usize, first: bool) -> bool {
        let found = self.places.iter().flatten().count();
        let enough = found >= 2 || (first && filled == 1);
        enough && found * 3 >= filled
    }

    /// Whether enough of its usual columns are there, or enough that it must have: two columns that many sources have
    /// tell nothing.
    fn is_likely(&self) -> bool {
        const ENOUGH: usize = 4;
        let columns = self.table.columns.iter().zip(&self.places);
        let required = columns.filter(|(column, place)| column.required && place.is_some());
        if required.count() >= ENOUGH {
            return true;
        }
        let usual = self
            .table
            .columns
            .iter()
            .zip(&self.places)
            .filter(|(column, _)| !column.optional);
        let (all, there) = usual.fold((0_usize, 0_usize), |(all, there), (_, place)| {
            (all + 1, there + usize::from(place.is_some()))
        });
        there * 2 >= all
    }

    fn refusals(&self) -> Vec<Finding> {
        let refuses = |one: &&Finding| one.problem.severity() == Severity::Refusal;
        self.findings.iter().filter(refuses).cloned().collect()
    }

    /// How well it fits: the columns that are there, and those that are not known.
    fn score(&self) -> (usize, isize) {
        let found = self.places.iter().flatten().count();
        let unknown = self
            .findings
            .iter()
            .filter(|one| one.problem == Problem::UnknownColumn)
            .count();
        (found, -isize::try_from(unknown).unwrap_or(isize::MAX))
    }
}

/// Headings without the differences that mean nothing.
struct Headings<'a> {
    sheet: Option<&'a str>,
    at: BTreeMap<String, Vec<usize>>,
    alike: Vec<String>,
    plain: Vec<String>,
}

impl<'a> Headings<'a> {
    fn new(headings: &'a StringRecord, sheet: Option<&'a str>) -> Self {
        let alike: Vec<String> = headings.iter().map(alike).collect();
        let mut at: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, heading) in alike.iter().enumerate() {
            at.entry(heading.clone()).or_default().push(place);
        }
        Self {
            sheet,
            at,
            alike,
            plain: headings.iter().map(on_one_line).collect(),
        }
    }

    /// The places of a column: by its name, else by an alias, else by its pattern.
    fn of(&self, column: &Column) -> Vec<usize> {
        let named = std::iter::once(column.name.get_ref()).chain(&column.aliases);
        let found: Vec<usize> = named
            .filter_map(|name| self.at.get(&alike(name)))
            .flatten()
            .copied()
            .collect();
        match &column.matches {
            Some(pattern) if found.is_empty() => self
                .plain
                .iter()
                .enumerate()
                .filter(|(_, heading)| pattern.fits(heading))
                .map(|(place, _)| place)
                .collect(),
            _ => found,
        }
    }

    fn is(&self, place: usize, name: &str) -> bool {
        self.alike
            .get(place)
            .is_some_and(|heading| *heading == alike(name))
    }
}

/// The profile that the headings fit best; otherwise what to say.
///
/// `sheet`: the name of the workbook's sheet under whose headings they stand. `first`: whether nothing stands above.
pub(crate) fn recognise<'p>(
    headings: &StringRecord,
    profiles: &'p [Profile],
    asked: &Asked<'_>,
    sheet: Option<&str>,
    first: bool,
) -> Result<Fit<'p>, Vec<Finding>> {
    let (only, year) = (asked.profile, asked.year);
    let headings = Headings::new(headings, sheet);
    let filled = headings.alike.iter().filter(|one| !one.is_empty()).count();
    if headings.alike.iter().any(|heading| is_of_clinic(heading)) {
        return Err(vec![Problem::ClinicData.of_file()]);
    }
    let known = |profile: &&Profile| only == Some(&profile.name);
    if let (Some(profile), Some(year)) = (profiles.iter().find(known), year)
        && profile
            .edition_years()
            .first()
            .is_some_and(|first| year < *first)
    {
        return Err(vec![Problem::UnknownYear.of_file()]);
    }
    let mut best: Option<(&Profile, Vec<Layout>, (usize, isize))> = None;
    let mut refused: Option<(Vec<Finding>, (usize, isize))> = None;
    for profile in profiles.iter().filter(|one| one.format == Format::Table) {
        let named = only == Some(&profile.name);
        for layouts in by_table(profile, &headings, year) {
            let Some(score) = layouts.iter().map(Layout::score).max() else {
                continue;
            };
            let refusals = layouts.iter().map(Layout::refusals).min_by_key(Vec::len);
            let refusals = refusals.unwrap_or_default();
            let doubled = refusals
                .iter()
                .all(|one| one.problem == Problem::DuplicateColumn);
            if !refusals.is_empty() {
                if (named || (only.is_none() && doubled))
                    && refused.as_ref().is_none_or(|(_, held)| score > *held)
                {
                    refused = Some((refusals, score));
                }
                continue;
            }
            if !named && !layouts.iter().any(Layout::is_likely) {
                continue;
            }
            // Whoever names the source of a file that begins with its headings knows better.
            let are_headings = |layout: &Layout| layout.is_of_headings(filled, first);
            let may_be_headings = (named && first) || layouts.iter().any(are_headings);
            if !may_be_headings {
                continue;
            }
            let fits = |layout: &Layout| layout.score() == score && layout.refusals().is_empty();
            let better = best.as_ref().is_none_or(|(_, _, held)| score > *held);
            if better && (only.is_none() || named) {
                best = Some((profile, layouts.into_iter().filter(fits).collect(), score));
            }
        }
    }
    match (best, refused) {
        (Some((profile, layouts, score)), refused)
            if refused.as_ref().is_none_or(|(_, other)| *other <= score) =>
        {
            Ok(Fit { profile, layouts })
        }
        (_, Some((findings, _))) => {
            let others = only.is_some() && recognise_any(&headings, profiles, year);
            Err(if others {
                vec![Problem::WrongSource.of_file()]
            } else {
                findings
            })
        }
        (_, None) => Err(vec![Problem::Unrecognised.of_file()]),
    }
}

/// Whether some profile fits.
fn recognise_any(headings: &Headings<'_>, profiles: &[Profile], year: Option<u16>) -> bool {
    let mut tables = profiles.iter().filter(|one| one.format == Format::Table);
    tables.any(|profile| {
        let mut all = by_table(profile, headings, year).into_iter().flatten();
        all.any(|layout| layout.refusals().is_empty())
    })
}

/// The layouts of each of a profile's tables, as in each of its years, or in the one that is asked for.
fn by_table(profile: &Profile, headings: &Headings<'_>, year: Option<u16>) -> Vec<Vec<Layout>> {
    let years = profile.edition_years();
    let years: Vec<u16> = match year {
        // The newest edition that had begun.
        Some(year) => years
            .into_iter()
            .rfind(|from| *from <= year)
            .into_iter()
            .collect(),
        None => years,
    };
    let mut tables: Vec<Vec<Layout>> = profile.tables.iter().map(|_| Vec::new()).collect();
    for year in years {
        for (layouts, table) in tables.iter_mut().zip(profile.tables_of(year)) {
            let elsewhere = table
                .sheet
                .as_ref()
                .zip(headings.sheet)
                .is_some_and(|(pattern, sheet)| !pattern.fits(sheet));
            if elsewhere {
                continue;
            }
            layouts.push(Layout::over(headings, table, year));
        }
    }
    tables
}

/// Whether a heading names a data set of sexual-health clinics (safety rule 24).
fn is_of_clinic(heading: &str) -> bool {
    ["gumcad", "srhad", "sti test", "hars "]
        .iter()
        .any(|word| heading.contains(word))
}

/// A heading without the differences that mean nothing.
pub(crate) fn alike(heading: &str) -> String {
    let heading = heading.trim();
    // Tools of databases write names between brackets.
    let plain = heading
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(heading);
    let words: Vec<&str> = plain
        .split(|c: char| c == '_' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase()
}

/// A heading on one line: where a cell is too narrow for it, somebody broke it.
pub(crate) fn on_one_line(heading: &str) -> String {
    let words: Vec<&str> = heading.split_whitespace().collect();
    words.join(" ")
}
