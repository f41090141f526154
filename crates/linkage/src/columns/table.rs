//! Records as columns of codes.

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::thread;

use super::kind::{Form, Kind};
use super::plan::Plan;
use super::texts::{Full, Texts, mix};
use super::values::Values;

/// Why records cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// One column has too many different values.
    #[error(transparent)]
    Full(#[from] Full),
    /// Two records of a source have one id.
    #[error(
        "{source_name}: the records {first} and {second} both have the id `{id}` in `{column}`: each needs its own, or leave `id_column` out"
    )]
    Duplicate {
        /// The source.
        source_name: String,
        /// The column of ids.
        column: String,
        /// The id.
        id: String,
        /// Where it stands first, from 1.
        first: u32,
        /// And where again.
        second: u32,
    },
    /// A record has no id.
    #[error(
        "{source_name}: the record {record} has nothing in `{column}`: each needs an id, or leave `id_column` out"
    )]
    NoId {
        /// The source.
        source_name: String,
        /// The column of ids.
        column: String,
        /// Which record, from 1.
        record: u32,
    },
    /// No file has a column.
    #[error(
        "no file has a column `{name}`, which the model calls {wanted:?}; the files have {found:?}"
    )]
    NoColumn {
        /// Its name in the model.
        name: String,
        /// Its headings.
        wanted: Vec<String>,
        /// The headings that were found.
        found: Vec<String>,
    },
    /// A file has no column of ids, or none of the truth.
    #[error("{source_name} has no column `{column}`; it has {found:?}")]
    NoSuchHeading {
        /// The source.
        source_name: String,
        /// The heading.
        column: String,
        /// The headings that were found.
        found: Vec<String>,
    },
    /// More records than can be numbered.
    #[error("there are more records than 4,294,967,295")]
    TooMany,
}

/// One column of all records.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// Which values it is of.
    pub(super) values: usize,
    /// For each value how many records have it.
    pub(super) counts: Vec<u32>,
    /// How many records tell one.
    pub(super) told: u32,
}

impl Held {
    /// How many different values records tell.
    pub(super) fn different(&self) -> usize {
        let values = self.counts.iter().skip(1);
        values.filter(|count| **count > 0).count()
    }
}

/// Where a source's records are.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// How many records it has.
    pub records: u32,
    /// The columns of the plan that it does not have.
    pub without: Vec<String>,
    ids: Option<Texts>,
}

impl Source {
    /// What a record of it is called, by its number from 1: the text of its column of ids, or that number.
    pub fn id(&self, number: u32) -> Cow<'_, str> {
        match &self.ids {
            Some(ids) => Cow::Borrowed(ids.get(number)),
            None => Cow::Owned(number.to_string()),
        }
    }
}

/// A column that is kept beside the records, and that no model sees.
#[derive(Debug, Clone)]
pub(super) struct Aside {
    pub(super) heading: String,
    pub(super) texts: Texts,
    /// For each record the number of its value; 0 when it tells none.
    pub(super) codes: Vec<u32>,
    at: Option<usize>,
}

impl Aside {
    fn new(heading: &str) -> Self {
        Self {
            heading: heading.to_owned(),
            texts: Texts::default(),
            codes: Vec::new(),
            at: None,
        }
    }
}

/// Columns that are kept beside the records, by their headings, and that no model sees.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asides<'a> {
    /// Which records are one person.
    pub truth: Option<&'a str>,
    /// What groups of records are told apart by when the linking is judged.
    pub groups: &'a [String],
}

/// Records of one or more sources, ready to compare.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) columns: Vec<Held>,
    /// For each record the numbers of its values, column by column; 0 where it tells none.
    codes: Vec<u32>,
    pub(super) values: Vec<Values>,
    sources: Vec<Source>,
    pub(super) truth: Option<Aside>,
    pub(super) groups: Vec<Aside>,
    records: u32,
}

impl Table {
    /// How many records there are.
    pub const fn len(&self) -> u32 {
        self.records
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// The sources, in the order they came.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Where a record is: the place of its source, and its number there from 1.
    pub fn place_of(&self, record: u32) -> (usize, u32) {
        let mut number = record;
        for (place, source) in self.sources.iter().enumerate() {
            if number < source.records {
                return (place, number + 1);
            }
            number -= source.records;
        }
        (self.sources.len(), 0)
    }

    /// The numbers of a record's values, column by column; 0 where it tells none.
    pub(crate) fn row(&self, record: u32) -> &[u32] {
        let width = self.columns.len();
        let start = record as usize * width;
        self.codes.get(start..start + width).unwrap_or_default()
    }

    /// What tells records apart that say different things, whatever order they come in.
    pub(super) fn content(&self, record: u32) -> u64 {
        let told = self.columns.iter().zip(self.row(record));
        told.fold(0, |so_far, (column, code)| {
            let values = self.values_of(column);
            mix(so_far, values.map_or(0, |all| all.form(Form::Whole, *code)))
        })
    }

    pub(super) fn values_of(&self, column: &Held) -> Option<&Values> {
        self.values.get(column.values)
    }
}

pub(super) fn at(all: &[u32], place: u32) -> u32 {
    all.get(place as usize).copied().unwrap_or_default()
}

/// A row of a file: what it has under each heading.
pub trait Cells {
    /// What it has under a heading, by its place; an empty text for nothing.
    fn cell(&self, place: usize) -> &str;
}

impl Cells for Vec<String> {
    fn cell(&self, place: usize) -> &str {
        self.get(place).map_or("", String::as_str)
    }
}

/// Takes records, some at a time.
#[derive(Debug)]
pub struct Builder<'p> {
    plan: &'p Plan,
    lanes: Vec<Lane>,
    sources: Vec<Source>,
    truth: Option<Aside>,
    groups: Vec<Aside>,
    ids_at: Option<usize>,
    seen: Vec<String>,
    records: u32,
}

/// Columns that share their values, and that one thread fills at a time.
#[derive(Debug)]
struct Lane {
    values: Values,
    columns: Vec<Filling>,
}

/// A column as it fills.
#[derive(Debug)]
struct Filling {
    kind: Kind,
    month_first: bool,
    /// Its place in the plan.
    place: usize,
    /// The name with which it may have changed places, by its place in the plan.
    partner: Option<usize>,
    codes: Vec<u32>,
    /// Where it and its partner are in the source that is being read.
    at: Option<usize>,
    partner_at: Option<usize>,
    found: bool,
    /// What has been cleaned already, by what was written.
    written: Texts,
    cleaned: Vec<u32>,
}

/// Beyond so many different texts in a column, most records have one of their own, and remembering them is no help.
const REMEMBERED: usize = 1 << 16;
/// Fewer rows than this are not worth a second thread.
const WORTH_A_THREAD: usize = 256;

impl<'p> Builder<'p> {
    /// An empty table for a plan, with columns beside it.
    pub fn new(plan: &'p Plan, asides: Asides<'_>) -> Self {
        let mut lanes: Vec<Lane> = Vec::new();
        for (place, one) in plan.columns.iter().enumerate() {
            let filling = Filling {
                kind: one.kind,
                month_first: one.month_first,
                place,
                partner: one.partner,
                codes: Vec::new(),
                at: None,
                partner_at: None,
                found: false,
                written: Texts::default(),
                cleaned: Vec::new(),
            };
            let is_shared = |lane: &&mut Lane| one.kind.is_name() && lane.values.is_of_names();
            match lanes.iter_mut().find(is_shared) {
                Some(lane) => lane.columns.push(filling),
                None => lanes.push(Lane {
                    values: Values::new(one.kind),
                    columns: vec![filling],
                }),
            }
        }
        let aside = |heading: &String| Aside::new(heading);
        Self {
            plan,
            lanes,
            sources: Vec::new(),
            truth: asides.truth.map(Aside::new),
            groups: asides.groups.iter().map(aside).collect(),
            ids_at: None,
            seen: Vec::new(),
            records: 0,
        }
    }

    /// Begins a source with these headings.
    ///
    /// # Errors
    /// When it has no column of ids, or none of the truth, where one is named.
    pub fn source(&mut self, name: &str, headings: &[String]) -> Result<(), TableError> {
        let find = |wanted: &str| headings.iter().position(|one| one.trim() == wanted.trim());
        let named = |wanted: Option<&str>| match wanted {
            None => Ok(None),
            Some(wanted) => find(wanted)
                .map(Some)
                .ok_or_else(|| TableError::NoSuchHeading {
                    source_name: name.to_owned(),
                    column: wanted.to_owned(),
                    found: headings.to_vec(),
                }),
        };
        self.ids_at = named(self.plan.id_column.as_deref())?;
        for aside in self.truth.iter_mut().chain(&mut self.groups) {
            aside.at = named(Some(&aside.heading))?;
        }
        let at: Vec<Option<usize>> = self
            .plan
            .columns
            .iter()
            .map(|one| one.headings.iter().find_map(|heading| find(heading)))
            .collect();
        for column in self.lanes.iter_mut().flat_map(|lane| &mut lane.columns) {
            column.at = at.get(column.place).copied().flatten();
            column.partner_at = column
                .partner
                .and_then(|place| at.get(place).copied().flatten());
            column.found |= column.at.is_some();
        }
        let without = self
            .plan
            .columns
            .iter()
            .zip(&at)
            .filter(|(_, at)| at.is_none());
        self.sources.push(Source {
            name: name.to_owned(),
            records: 0,
            without: without.map(|(one, _)| one.name.clone()).collect(),
            ids: self.ids_at.map(|_| Texts::default()),
        });
        self.seen.extend(headings.iter().cloned());
        Ok(())
    }

    /// Adds records of the source begun last.
    ///
    /// # Errors
    /// When the id of one is another's, or there is no room.
    pub fn records(
        &mut self,
        rows: &[impl Cells + Sync],
        threads: usize,
    ) -> Result<(), TableError> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let threads = if rows.len() < WORTH_A_THREAD {
            1
        } else {
            threads.max(1)
        };
        let mut shares: Vec<Vec<&mut Lane>> = (0..threads).map(|_| Vec::new()).collect();
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            if let Some(share) = shares.get_mut(place % threads) {
                share.push(lane);
            }
        }
        let fill = |lanes: Vec<&mut Lane>| lanes.into_iter().try_for_each(|lane| lane.fill(rows));
        let own = shares.pop().unwrap_or_default();
        thread::scope(|scope| {
            let fill = &fill;
            let others: Vec<_> = shares
                .into_iter()
                .map(|share| scope.spawn(move || fill(share)))
                .collect();
            let own = fill(own);
            let others = others.into_iter().map(thread::ScopedJoinHandle::join);
            others
                .map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
                .try_for_each(|done| done)
                .and(own)
        })?;
        for row in rows {
            self.name(row)?;
        }
        Ok(())
    }

    /// Notes what a record is called, and what stands beside it.
    fn name(&mut self, row: &impl Cells) -> Result<(), TableError> {
        let Some(source) = self.sources.last_mut() else {
            return Ok(());
        };
        self.records = self.records.checked_add(1).ok_or(TableError::TooMany)?;
        source.records += 1;
        for aside in self.truth.iter_mut().chain(&mut self.groups) {
            let told = aside.at.map_or("", |at| row.cell(at)).trim();
            aside.codes.push(aside.texts.code(told)?);
        }
        let (Some(ids), Some(at)) = (&mut source.ids, self.ids_at) else {
            return Ok(());
        };
        let id = row.cell(at).trim();
        let code = ids.code(id)?;
        let column = || self.plan.id_column.clone().unwrap_or_default();
        if code == 0 {
            return Err(TableError::NoId {
                source_name: source.name.clone(),
                column: column(),
                record: source.records,
            });
        }
        if code != source.records {
            return Err(TableError::Duplicate {
                source_name: source.name.clone(),
                column: column(),
                id: id.to_owned(),
                first: code,
                second: source.records,
            });
        }
        Ok(())
    }

    /// The table, complete.
    ///
    /// # Errors
    /// When a column of the plan is in none of the sources.
    pub fn finish(mut self) -> Result<Table, TableError> {
        let mut columns = self.lanes.iter().flat_map(|lane| &lane.columns);
        let missing = columns.find(|column| !column.found && !self.sources.is_empty());
        if let Some(one) = missing.and_then(|column| self.plan.columns.get(column.place)) {
            self.seen.sort();
            self.seen.dedup();
            return Err(TableError::NoColumn {
                name: one.name.clone(),
                wanted: one.headings.clone(),
                found: self.seen,
            });
        }
        for ids in self
            .sources
            .iter_mut()
            .filter_map(|source| source.ids.as_mut())
        {
            ids.settle();
        }
        let width = self.plan.columns.len();
        let mut rows = vec![0_u32; self.records as usize * width];
        let mut columns = Vec::with_capacity(width);
        let mut values = Vec::with_capacity(self.lanes.len());
        for (
            lane,
            Lane {
                values: mut own,
                columns: filled,
            },
        ) in self.lanes.into_iter().enumerate()
        {
            for Filling { place, codes, .. } in filled {
                let mut counts = vec![0_u32; own.texts.len() + 1];
                for (row, code) in rows.chunks_exact_mut(width.max(1)).zip(&codes) {
                    if let Some(cell) = row.get_mut(place) {
                        *cell = *code;
                    }
                    if let Some(count) = counts.get_mut(*code as usize) {
                        *count += 1;
                    }
                }
                let blank = counts.first().copied().unwrap_or_default();
                let told = self.records - blank;
                columns.push((
                    place,
                    Held {
                        values: lane,
                        counts,
                        told,
                    },
                ));
            }
            own.settle();
            values.push(own);
        }
        columns.sort_by_key(|(place, _)| *place);
        Ok(Table {
            columns: columns.into_iter().map(|(_, held)| held).collect(),
            codes: rows,
            values,
            sources: self.sources,
            truth: self.truth,
            groups: self.groups,
            records: self.records,
        })
    }
}

impl Lane {
    fn fill(&mut self, rows: &[impl Cells]) -> Result<(), Full> {
        for column in &mut self.columns {
            for row in rows {
                let of = |at: Option<usize>| at.map_or("", |at| row.cell(at));
                let (written, other) = (of(column.at), of(column.partner_at));
                let in_one =
                    column.kind.is_name() && (written.contains(',') || other.contains(','));
                let code = match in_one {
                    true => self
                        .values
                        .code(&column.kind.clean_beside(written, other, false))?,
                    false => column.code(written, &mut self.values)?,
                };
                column.codes.push(code);
            }
        }
        Ok(())
    }
}

impl Filling {
    /// The number of a value as it was written.
    fn code(&mut self, written: &str, values: &mut Values) -> Result<u32, Full> {
        if written.is_empty() {
            return Ok(0);
        }
        if let Some(code) = self.written.find(written) {
            return Ok(at(&self.cleaned, code - 1));
        }
        let code = values.code(&self.kind.clean_beside(written, "", self.month_first))?;
        if self.written.len() < REMEMBERED {
            self.written.code(written)?;
            self.cleaned.push(code);
        }
        Ok(code)
    }
}
