//! A file read from its first byte to its last.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek};
use std::sync::Arc;

use clearpicture_kernel::fact::{Coverage, Told};
use clearpicture_kernel::{Code, Date, Digest, Line};
use csv::StringRecord;

use crate::check::Checks;
use crate::facts::{coverage, facts};
use crate::finding::Finding;
use crate::flat;
use crate::layout::Layout;
use crate::problem::{Problem, Severity};
use crate::profile::Profile;
use crate::reader::kind::Kind;
use crate::reader::text::{Digesting, sample};
use crate::row::{Found, Row};
use crate::trees;
use crate::value::Reading;

/// What reading a file brings, in the file's order.
#[derive(Debug)]
pub enum Heard {
    /// A row that is accepted.
    Told(Told),
    /// A doubt.
    Finding(Finding),
    /// So many rows were read: for whoever waits.
    Rows(u64),
}

/// How a file is to be read.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The one profile to read it by; `None` for whichever fits.
    pub profile: Option<&'a Code>,
    /// The year of its layout; `None` for whichever fits.
    pub year: Option<u16>,
    /// Today, for days that have not come; `None` asks for no such check.
    pub today: Option<Date>,
    /// Whether facts are wanted, or findings alone.
    pub facts: bool,
    /// Whether findings tell what stands in their places: for somebody who may see it, never for a report.
    pub values: bool,
    /// What somebody put right, by record, and then by table and column: it stands in the place of what the file says.
    pub put_right: BTreeMap<u64, PutRight>,
    /// What the last file of each source was like, by the name of its profile.
    pub last: BTreeMap<Code, Last>,
    /// The keys of rows that others belong to, by the name of their profile.
    pub known: BTreeMap<String, Arc<Keys>>,
}

impl Asked<'_> {
    /// To keep what the file tells.
    pub fn to_keep() -> Self {
        Self {
            facts: true,
            ..Self::default()
        }
    }
}

/// What somebody put right in one record: by table, empty where the profile has one, and by column.
pub type PutRight = BTreeMap<(String, String), String>;

/// What the last file of a source was like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// How many rows it had.
    pub rows: u64,
    /// The last day that it covered, where it said so.
    pub covers_to: Option<Date>,
}

/// Digests of keys, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<u64>);

impl Keys {
    /// Whether a key with this digest is among them.
    pub(crate) fn contains(&self, digest: u64) -> bool {
        self.0.binary_search(&digest).is_ok()
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds others to them.
    pub fn add(&mut self, others: &Self) {
        self.extend(others.0.iter().copied());
    }

    pub(crate) fn extend(&mut self, digests: impl IntoIterator<Item = u64>) {
        self.0.extend(digests);
        self.0.sort_unstable();
        self.0.dedup();
    }
}

impl FromIterator<u64> for Keys {
    fn from_iter<I: IntoIterator<Item = u64>>(digests: I) -> Self {
        let mut keys = Self::default();
        keys.extend(digests);
        keys
    }
}

/// A file as a whole. `rows` is the sum of `accepted` and `quarantined`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The profile it was read by; `None` when none fits.
    pub profile: Option<Code>,
    /// The other sources of which the file holds tables, in their order: each is read by naming it.
    pub also: Vec<Code>,
    /// The first year of the edition it was read by, where years make a difference.
    pub year: Option<u16>,
    /// The SHA-256 of its bytes as they came.
    pub digest: Digest,
    /// The records that were read and are this partnership's.
    pub rows: u64,
    /// Those that were handed on.
    pub accepted: u64,
    /// Those that were set aside.
    pub quarantined: u64,
    /// Records of others, of which nothing is handed on.
    pub others: u64,
    /// How many findings there were.
    pub findings: u64,
    /// What the file covers, as its first accepted row states it.
    pub coverage: Option<Coverage>,
    /// Whether the file was refused: then nothing of it should be used.
    pub refused: bool,
    /// The digests of its rows' keys.
    pub keys: Arc<Keys>,
}

/// So many rows, and whoever waits is told.
const TOLD_EVERY: u64 = 20_000;
/// Fewer rows than this and no change is sudden.
const FEW: u64 = 20;

/// Reads a file by the one of `profiles` that it fits, handing on what it tells row by row.
///
/// # Errors
/// Only what `from` itself gives; whatever the bytes are, they are no error.
pub fn read(
    from: impl Read + Seek,
    profiles: &[Profile],
    asked: &Asked<'_>,
    hear: &mut dyn FnMut(Heard),
) -> io::Result<Summary> {
    let mut from = Digesting::new(from);
    let beginning = sample(&mut from)?;
    let mut file = File::new(profiles, asked, hear);
    match Kind::of(&beginning) {
        _ if beginning.is_empty() => file.find(Problem::EmptyFile.of_file()),
        Kind::Delimited => flat::text(&mut file, &beginning, &mut from)?,
        Kind::Workbook => {
            let digest = from.finish()?;
            let mut bytes = from.into_inner();
            bytes.rewind()?;
            flat::workbook(&mut file, bytes)?;
            return Ok(file.ended(digest));
        }
        Kind::Xml => trees::xml(&mut file, &beginning, &mut from)?,
        Kind::Json => trees::json(&mut file, &beginning, &mut from)?,
        Kind::Refused(problem) => file.find(problem.of_file()),
    }
    let digest = from.finish()?;
    Ok(file.ended(digest))
}

/// What is known of a file while it is read.
pub(crate) struct File<'f> {
    pub(crate) profiles: &'f [Profile],
    pub(crate) asked: &'f Asked<'f>,
    pub(crate) summary: Summary,
    hear: &'f mut dyn FnMut(Heard),
    keys: Keys,
}

impl<'f> File<'f> {
    fn new(profiles: &'f [Profile], asked: &'f Asked<'f>, hear: &'f mut dyn FnMut(Heard)) -> Self {
        Self {
            profiles,
            asked,
            hear,
            keys: Keys::default(),
            summary: Summary {
                profile: None,
                also: Vec::new(),
                year: None,
                digest: Digest::ZERO,
                rows: 0,
                accepted: 0,
                quarantined: 0,
                others: 0,
                findings: 0,
                coverage: None,
                refused: false,
                keys: Arc::default(),
            },
        }
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        self.summary.findings += 1;
        self.summary.refused |= finding.problem.severity() == Severity::Refusal;
        (self.hear)(Heard::Finding(finding));
    }

    /// A layout was found: what its headings gave reason to say is said.
    pub(crate) fn recognised(&mut self, profile: &Profile, layout: &Layout) {
        self.summary.profile = Some(profile.name.clone());
        self.summary.year = (layout.year > 0).then_some(layout.year);
        for finding in &layout.findings {
            self.find(finding.clone());
        }
    }

    /// The file holds tables of another source as well.
    pub(crate) fn has_also(&mut self, source: Code) {
        if !self.summary.also.contains(&source) {
            self.summary.also.push(source);
        }
    }

    /// A record begins.
    pub(crate) fn begin(&mut self) -> u64 {
        self.summary.rows += 1;
        if self.summary.rows.is_multiple_of(TOLD_EVERY) {
            (self.hear)(Heard::Rows(self.summary.rows));
        }
        self.summary.rows
    }

    /// A record of others: it was begun, and is none of ours.
    pub(crate) fn of_others(&mut self) {
        self.summary.rows -= 1;
        self.summary.others += 1;
    }

    /// A record is set aside.
    pub(crate) fn set_aside(&mut self, finding: Finding) {
        self.summary.quarantined += 1;
        self.find(finding);
    }

    pub(crate) fn tell(&mut self, told: Told) {
        (self.hear)(Heard::Told(told));
    }

    /// The rows of a table were read to their end.
    pub(crate) fn met(&mut self, checks: Checks) {
        self.keys.extend(checks.keys());
    }

    fn ended(mut self, digest: Digest) -> Summary {
        if !self.summary.refused {
            self.against_last();
            if self.summary.rows + self.summary.others == 0 && self.summary.profile.is_some() {
                self.find(Problem::NoRecords.of_file());
            }
        }
        self.summary.digest = digest;
        self.summary.keys = Arc::new(self.keys);
        self.summary
    }

    /// What is sudden beside the last file of the source.
    fn against_last(&mut self) {
        let covers = self.summary.coverage.map(|coverage| coverage.period);
        if let Some(period) = covers
            && period.until.is_some_and(|until| until <= period.from)
        {
            self.find(Problem::CoverageBackwards.of_file());
        }
        let profile = self.summary.profile.as_ref();
        let Some(last) = profile.and_then(|profile| self.asked.last.get(profile)) else {
            return;
        };
        let rows = self.summary.rows;
        if last.rows.max(rows) >= FEW {
            if rows.saturating_mul(10) < last.rows.saturating_mul(7) {
                self.find(Problem::FewerRows.of_file());
            } else if rows.saturating_mul(10) > last.rows.saturating_mul(15) {
                self.find(Problem::MoreRows.of_file());
            }
        }
        let to = covers.and_then(|period| period.until?.yesterday().ok());
        if to.zip(last.covers_to).is_some_and(|(to, held)| to < held) {
            self.find(Problem::OlderFile.of_file());
        }
    }
}

/// The rows of one table of a file.
pub(crate) struct Rows<'l> {
    pub(crate) layout: &'l Layout,
    readings: Vec<Reading<'l>>,
    pub(crate) checks: Checks,
    person: Option<usize>,
    ours: Option<usize>,
    found: RefCell<Vec<Found>>,
    /// What findings tell the table by, where a profile has several.
    name: Option<Arc<str>>,
    /// The row of the sheet that is read, where the file is one.
    pub(crate) sheet_row: Option<u64>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    Accepted,
    SetAside,
    /// It is none of ours.
    Others,
}

impl<'l> Rows<'l> {
    pub(crate) fn new(layout: &'l Layout, asked: &Asked<'_>) -> Self {
        let table = &layout.table;
        let name = (!table.name.is_empty()).then(|| Arc::from(table.name.as_str()));
        Self {
            readings: crate::row::readings(layout),
            checks: Checks::of(layout, asked),
            person: table
                .person
                .as_ref()
                .and_then(|name| layout.column(name.get_ref())),
            ours: table
                .ours
                .as_ref()
                .and_then(|ours| layout.column(ours.column.get_ref())),
            found: RefCell::default(),
            name,
            sheet_row: None,
            layout,
        }
    }

    /// A finding about a record of this table.
    pub(crate) fn finding(&self, problem: Problem, record: u64, column: Option<usize>) -> Finding {
        let column = column
            .and_then(|column| self.layout.names.get(column))
            .cloned();
        Finding {
            table: self.name.clone(),
            sheet_row: self.sheet_row,
            ..problem.at(record, column)
        }
    }

    /// Reads, checks and hands on the row that is, or is part of, a record; `whole` when the record is set aside with it.
    pub(crate) fn row(
        &mut self,
        file: &mut File<'_>,
        record: u64,
        fields: &StringRecord,
        whole: bool,
    ) -> Became {
        let mut found = self.found.take();
        found.clear();
        let put_right = file.asked.put_right.get(&record);
        let put_right = put_right.map(|columns| self.put_right(fields, columns));
        let fields = put_right.as_ref().unwrap_or(fields);
        let row = Row::read(self.layout, &self.readings, fields, &mut found);
        if self.is_of_others(&row) {
            self.found.replace(found);
            return Became::Others;
        }
        let key = self.checks.key_of(&row);
        if let Err(column) = key {
            // The value that is not there is told of once, as what sets the row aside.
            found.retain(|one| *one != (Problem::MissingValue, Some(column)));
            found.retain(|(_, column)| !self.layout.borrows(*column));
            for (problem, column) in &found {
                file.find(self.seen(file.asked, *problem, record, *column, fields));
            }
            // Where the value belongs to another table's row, that one told why it is not there.
            if self.layout.borrows(Some(column)) && !whole {
                self.found.replace(found);
                return Became::SetAside;
            }
            let problem = if whole {
                Problem::MissingKey
            } else {
                Problem::MissingValue
            };
            let finding = self.finding(problem, record, Some(column));
            if whole {
                file.set_aside(finding);
            } else {
                file.find(finding);
            }
            self.found.replace(found);
            return Became::SetAside;
        }
        let of_values = found.len();
        self.checks.row(&row, fields, &mut found);
        for (place, (problem, column)) in found.iter().enumerate() {
            if place >= of_values || !self.layout.borrows(*column) {
                file.find(self.seen(file.asked, *problem, record, *column, fields));
            }
        }
        if file.summary.coverage.is_none() {
            file.summary.coverage = coverage(self.layout, &row);
        }
        if file.asked.facts
            && let Some(told) = self.told(&row, record, &found)
        {
            file.tell(told);
        }
        self.found.replace(found);
        Became::Accepted
    }

    /// A finding about a record of which these are the fields.
    fn seen(
        &self,
        asked: &Asked<'_>,
        problem: Problem,
        record: u64,
        column: Option<usize>,
        fields: &StringRecord,
    ) -> Finding {
        let finding = self.finding(problem, record, column);
        if !asked.values {
            return finding;
        }
        let place = column.and_then(|column| self.layout.places.get(column).copied().flatten());
        finding.with_written(place.and_then(|place| fields.get(place)))
    }

    /// The fields with what somebody put right in them.
    fn put_right(&self, fields: &StringRecord, columns: &PutRight) -> StringRecord {
        let mut all: Vec<&str> = fields.iter().collect();
        for ((table, column), text) in columns {
            let place = self
                .layout
                .column(column)
                .filter(|_| *table == self.layout.table.name)
                .and_then(|column| self.layout.places.get(column).copied().flatten());
            if let Some(field) = place.and_then(|place| all.get_mut(place)) {
                *field = text;
            }
        }
        StringRecord::from(all)
    }

    fn is_of_others(&self, row: &Row<'_>) -> bool {
        let Some(ours) = &self.layout.table.ours else {
            return false;
        };
        let value = self.ours.and_then(|column| row.get(column));
        !value.is_some_and(|value| ours.is.contains(value.text().as_ref()))
    }

    fn told(&self, row: &Row<'_>, record: u64, found: &[Found]) -> Option<Told> {
        let key = row.get(self.person?)?.text();
        Some(Told {
            key: Line::parse(&key).ok()?,
            record,
            facts: facts(self.layout, row, found),
            table: self.layout.table.name.clone(),
            row: self.checks.own_key(row),
        })
    }
}
