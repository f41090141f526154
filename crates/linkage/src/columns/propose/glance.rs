//! The first rows of files, column by column, as a proposal looks at them.

use std::collections::BTreeMap;

use crate::clean;
use crate::columns::headings;
use crate::columns::table::Cells;
use crate::columns::texts::{Full, Texts};

/// So many rows of each file are looked at.
const ROWS: u32 = 50_000;
/// A column that says what another says does so in this part of the rows.
const MOSTLY_EQUAL: f64 = 0.95;
/// A column that is made of others holds their words in this part of the rows.
const MOSTLY_WITHIN: f64 = 0.85;

/// The first rows of files.
#[derive(Debug, Default)]
pub struct Glance {
    columns: Vec<Looked>,
    sources: u32,
    /// Where the columns are in the source that is being read.
    at: Vec<usize>,
    rows_of_source: u32,
    rows: u32,
    /// What was taken for one thing, and what could not be.
    remarks: Vec<String>,
}

/// A column as far as it was looked at.
#[derive(Debug)]
pub(super) struct Looked {
    /// As it was called first.
    pub(super) heading: String,
    /// All that files call it.
    pub(super) headings: Vec<String>,
    pub(super) texts: Texts,
    /// For each row the number of its value; 0 when it tells none.
    pub(super) codes: Vec<u32>,
    pub(super) sources: u32,
    /// Whether a source has one value twice, or a row without one.
    pub(super) repeats: bool,
    of_source: Texts,
}

impl Glance {
    /// Begins a source with these headings.
    pub fn source(&mut self, headings: &[String]) {
        self.sources += 1;
        self.rows_of_source = 0;
        self.at.clear();
        for (place, heading) in headings.iter().enumerate() {
            let heading = heading.trim();
            let known = self
                .written(heading)
                .or_else(|| self.meant(place, headings));
            let place = known.unwrap_or_else(|| {
                self.columns.push(Looked {
                    heading: heading.to_owned(),
                    headings: Vec::new(),
                    texts: Texts::default(),
                    codes: vec![0; self.rows as usize],
                    sources: 0,
                    repeats: false,
                    of_source: Texts::default(),
                });
                self.columns.len() - 1
            });
            if let Some(column) = self.columns.get_mut(place) {
                column.sources += 1;
                column.of_source = Texts::default();
                if !column.headings.iter().any(|one| one == heading) {
                    column.headings.push(heading.to_owned());
                }
            }
            self.at.push(place);
        }
    }

    /// The column that is called so, if the source that is being read has not told of it already.
    fn written(&self, heading: &str) -> Option<usize> {
        let is_free = |place: &usize| !self.at.contains(place);
        let is_it = |(_, one): &(usize, &Looked)| headings::find(&one.headings, heading).is_some();
        let mut columns = self.columns.iter().enumerate().filter(is_it);
        columns
            .find(|(place, _)| is_free(place))
            .map(|(place, _)| place)
    }

    /// The column that means the same as a heading of a source, if one does that the source does not have, and no other
    /// heading of it does.
    fn meant(&mut self, place: usize, headings: &[String]) -> Option<usize> {
        let heading = headings.get(place)?.trim();
        let meaning = headings::meaning(heading)?;
        let means_it = |one: &str| headings::meaning(one) == Some(meaning);
        let columns = || {
            self.columns
                .iter()
                .enumerate()
                .filter(|(_, one)| means_it(&one.heading))
        };
        let is_here = |column: &Looked| {
            let mut written = headings.iter();
            written.any(|one| headings::find(&column.headings, one).is_some())
        };
        let mut wanted = columns().filter(|(_, column)| !is_here(column));
        let (found, column) = wanted.next()?;
        let known = |one: &&String| {
            columns().any(|(_, column)| headings::find(&column.headings, one).is_some())
        };
        let rivals = headings
            .iter()
            .filter(|one| means_it(one) && !known(one))
            .count();
        let is_one = wanted.next().is_none() && rivals == 1;
        let remark = match is_one {
            true => format!(
                "`{heading}` and `{}` are taken for one column: if they are not, give one another heading",
                column.heading
            ),
            false => format!(
                "`{heading}` may be what another file calls `{}`, and so may another column: give what is the same the same heading",
                column.heading
            ),
        };
        self.remarks.push(remark);
        is_one.then_some(found)
    }

    /// Looks at a row; whether more rows of this source are wanted.
    ///
    /// # Errors
    /// [`Full`] when the rows hold gigabytes.
    pub fn record(&mut self, row: &impl Cells) -> Result<bool, Full> {
        self.rows += 1;
        self.rows_of_source += 1;
        for (place, at) in self.at.iter().enumerate() {
            let Some(column) = self.columns.get_mut(*at) else {
                continue;
            };
            let written = row.cell(place).trim();
            let written = if clean::is_blank(written) {
                ""
            } else {
                written
            };
            let code = column.texts.code(written)?;
            column.codes.push(code);
            column.repeats |= column.of_source.code(written)? != self.rows_of_source;
        }
        for column in &mut self.columns {
            column.codes.resize(self.rows as usize, 0);
        }
        Ok(self.rows_of_source < ROWS)
    }

    /// Whether some source has a heading.
    pub fn has(&self, heading: &str) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|one| headings::find(&one.headings, heading).is_some())
    }

    /// Whether no row was looked at.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|one| one.heading.as_str())
    }

    /// What was taken for one thing, and what could not be.
    pub(super) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    pub(super) const fn sources(&self) -> u32 {
        self.sources
    }

    pub(super) const fn rows(&self) -> u32 {
        self.rows
    }

    pub(super) fn column(&self, place: usize) -> Option<&Looked> {
        self.columns.get(place)
    }

    pub(super) fn different(&self, place: usize) -> usize {
        self.column(place).map_or(0, |one| one.texts.len())
    }

    /// The columns that say only what others say, with why they are left out.
    pub(super) fn repeated(&self) -> BTreeMap<usize, String> {
        let words = |column: &Looked, row: usize| -> Vec<String> {
            let text = column
                .codes
                .get(row)
                .map_or("", |code| column.texts.get(*code));
            clean::spaced(text)
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let step = (self.rows as usize / 2_000).max(1);
        let rows: Vec<usize> = (0..self.rows as usize).step_by(step).collect();
        let all: Vec<Vec<Vec<String>>> = self
            .columns
            .iter()
            .map(|column| rows.iter().map(|row| words(column, *row)).collect())
            .collect();
        let mut repeated = BTreeMap::new();
        for (place, own) in all.iter().enumerate() {
            let mut parts = Vec::new();
            for (other_place, other) in all.iter().enumerate() {
                if other_place == place || repeated.contains_key(&other_place) {
                    continue;
                }
                let both = own
                    .iter()
                    .zip(other)
                    .filter(|(x, y)| !x.is_empty() && !y.is_empty());
                let (mut told, mut within, mut equal) = (0_u32, 0_u32, 0_u32);
                for (x, y) in both {
                    told += 1;
                    within += u32::from(y.iter().all(|word| x.contains(word)));
                    equal += u32::from(x == y);
                }
                let is_mostly =
                    |count: u32, part: f64| told >= 5 && f64::from(count) >= part * f64::from(told);
                let other_name = self
                    .columns
                    .get(other_place)
                    .map_or("", |one| one.heading.as_str());
                if is_mostly(equal, MOSTLY_EQUAL)
                    && other_place < place
                    && self.different(place) > 2
                {
                    repeated.insert(place, format!("it says what `{other_name}` says"));
                    break;
                }
                if is_mostly(within, MOSTLY_WITHIN)
                    && !is_mostly(equal, MOSTLY_EQUAL)
                    && self.different(other_place) > 20
                {
                    parts.push(other_name);
                }
            }
            if parts.len() >= 2 && !repeated.contains_key(&place) {
                repeated.insert(place, format!("it is made of {parts:?}"));
            }
        }
        repeated
    }
}
