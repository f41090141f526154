//! Records taken one after the other and made a table of codes.

use std::panic::resume_unwind;
use std::thread;

use super::kind::Kind;
use super::plan::Plan;
use super::statements::Statements;
use super::table::{Aside, Asides, Cells, Held, Source, Table, TableError, at};
use super::texts::{Full, Texts};
use super::values::Values;

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
    statements: Statements,
    /// What the records that are being added say, one after the other.
    saying: Vec<u32>,
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
    /// Of the records that are being added.
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
            statements: Statements::new(plan.columns.len()),
            saying: Vec::new(),
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
        self.say(rows.len())?;
        for row in rows {
            self.name(row)?;
        }
        Ok(())
    }

    /// Puts together what the columns of so many records say.
    fn say(&mut self, records: usize) -> Result<(), TableError> {
        let width = self.plan.columns.len().max(1);
        self.saying.clear();
        self.saying.resize(records * width, 0);
        for column in self.lanes.iter().flat_map(|lane| &lane.columns) {
            for (said, code) in self.saying.chunks_exact_mut(width).zip(&column.codes) {
                if let Some(cell) = said.get_mut(column.place) {
                    *cell = *code;
                }
            }
        }
        for said in self.saying.chunks_exact(width) {
            self.statements.push(said)?;
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
        let code = ids.code_of_new(id)?;
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
        self.statements.settle();
        let statements = self.statements;
        let mut columns = Vec::with_capacity(self.plan.columns.len());
        let mut values = Vec::with_capacity(self.lanes.len());
        for (lane, own) in self.lanes.into_iter().enumerate() {
            let (mut own, filled) = (own.values, own.columns);
            for Filling { place, .. } in filled {
                let mut counts = vec![0_u32; own.texts.len() + 1];
                for statement in 0..statements.count() {
                    let code = statements.said(statement).get(place).copied();
                    let code = code.unwrap_or_default();
                    let records = statements.records(statement).len();
                    if let Some(count) = counts.get_mut(code as usize) {
                        *count += u32::try_from(records).unwrap_or(u32::MAX);
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
            statements,
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
            column.codes.clear();
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
