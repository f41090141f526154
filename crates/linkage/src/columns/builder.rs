//! Records taken one after the other, or some of them by each thread, and made a table of codes.

use std::panic::resume_unwind;
use std::thread;

use super::plan::Plan;
use super::portion::{Lane, Places, Portion};
use super::statements::Statements;
use super::table::{Asides, Cells, Held, Source, Table, TableError};
use super::values::Values;

/// Takes records, some at a time.
#[derive(Debug)]
pub struct Builder<'p> {
    plan: &'p Plan,
    asides: Asides<'p>,
    portion: Portion,
    sources: Vec<Source>,
    places: Places,
    /// For each column of the plan whether some source has it; and all headings that were seen.
    found: Vec<bool>,
    seen: Vec<String>,
}

/// Fewer rows than this are not worth a second thread.
const WORTH_A_THREAD: usize = 1 << 14;

impl<'p> Builder<'p> {
    /// An empty table for a plan, with columns beside it.
    pub fn new(plan: &'p Plan, asides: Asides<'p>) -> Self {
        Self {
            plan,
            asides,
            portion: Portion::new(plan, asides),
            sources: Vec::new(),
            places: Places::default(),
            found: vec![false; plan.columns.len()],
            seen: Vec::new(),
        }
    }

    /// Begins a source with these headings.
    ///
    /// # Errors
    /// When it has no column of ids, or none of the truth, where one is named; or in the source before two records have
    /// one id.
    pub fn source(&mut self, name: &str, headings: &[String]) -> Result<(), TableError> {
        self.end_source()?;
        let find = |wanted: &str| super::headings::find(headings, wanted);
        let named = |wanted: &str| {
            find(wanted).ok_or_else(|| TableError::NoSuchHeading {
                source_name: name.to_owned(),
                column: wanted.to_owned(),
                found: headings.to_vec(),
            })
        };
        let columns = self.plan.columns.iter();
        let asides = self.portion.asides.iter();
        self.places = Places {
            columns: columns
                .map(|one| one.headings.iter().find_map(|heading| find(heading)))
                .collect(),
            ids: self.plan.id_column.as_deref().map(named).transpose()?,
            asides: asides
                .map(|aside| named(&aside.heading).map(Some))
                .collect::<Result<_, _>>()?,
        };
        self.portion.begin(&self.places);
        let columns = self.plan.columns.iter().zip(&self.places.columns);
        let without = columns.filter(|(_, at)| at.is_none());
        self.sources.push(Source {
            name: name.to_owned(),
            records: 0,
            without: without.map(|(one, _)| one.name.clone()).collect(),
            ids: None,
        });
        for (found, place) in self.found.iter_mut().zip(&self.places.columns) {
            *found |= place.is_some();
        }
        self.seen.extend(headings.iter().cloned());
        Ok(())
    }

    /// Adds records of the source begun last.
    ///
    /// # Errors
    /// When there is no room.
    pub fn records(
        &mut self,
        rows: &[impl Cells + Sync],
        threads: usize,
    ) -> Result<(), TableError> {
        if self.sources.is_empty() {
            return Ok(());
        }
        if threads <= 1 || rows.len() < WORTH_A_THREAD {
            return rows.iter().try_for_each(|row| self.portion.record(row));
        }
        let take = |some: &[_]| {
            let mut portion = self.portion();
            some.iter().try_for_each(|row| portion.record(row))?;
            Ok(portion)
        };
        let take = &take;
        let taken: Vec<Result<Portion, TableError>> = thread::scope(|scope| {
            let running: Vec<_> = rows
                .chunks(rows.len().div_ceil(threads))
                .map(|some| scope.spawn(move || take(some)))
                .collect();
            let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        taken
            .into_iter()
            .try_for_each(|portion| self.join(portion?))
    }

    /// What takes some records of the source begun last apart from the others: see [`Builder::join`].
    pub fn portion(&self) -> Portion {
        let mut portion = Portion::new(self.plan, self.asides);
        portion.begin(&self.places);
        portion
    }

    /// Adds what was taken apart from the others behind what was added before.
    ///
    /// # Errors
    /// When there is no room.
    pub fn join(&mut self, portion: Portion) -> Result<(), TableError> {
        self.portion.join(portion)
    }

    /// Counts the records of the source begun last, and looks whether each has an id of its own.
    fn end_source(&mut self) -> Result<(), TableError> {
        let before: u32 = self.sources.iter().map(|source| source.records).sum();
        let Some(source) = self.sources.last_mut() else {
            return Ok(());
        };
        source.records = self.portion.records - before;
        let Some(column) = self.plan.id_column.clone() else {
            return Ok(());
        };
        let mut ids = std::mem::take(&mut self.portion.ids);
        ids.settle();
        let source_name = source.name.clone();
        if let Some((record, _)) = (1..).zip(ids.all()).find(|(_, id)| id.is_empty()) {
            return Err(TableError::NoId {
                source_name,
                column,
                record,
            });
        }
        if let Some((first, second)) = ids.twice() {
            return Err(TableError::Duplicate {
                source_name,
                column,
                id: ids.get(first).to_owned(),
                first,
                second,
            });
        }
        source.ids = Some(ids);
        Ok(())
    }

    /// The table, complete.
    ///
    /// # Errors
    /// When a column of the plan is in none of the sources, or in the last one two records have one id.
    pub fn finish(mut self, threads: usize) -> Result<Table, TableError> {
        self.end_source()?;
        let mut columns = self.plan.columns.iter().zip(&self.found);
        let missing = columns.find(|(_, found)| !**found && !self.sources.is_empty());
        if let Some((one, _)) = missing {
            self.seen.sort();
            self.seen.dedup();
            return Err(TableError::NoColumn {
                name: one.name.clone(),
                wanted: one.headings.clone(),
                found: self.seen,
            });
        }
        let Portion {
            lanes,
            mut statements,
            asides,
            records,
            ..
        } = self.portion;
        statements.settle();
        let settled = settled(lanes, &statements, threads);
        let mut columns = Vec::with_capacity(self.plan.columns.len());
        let mut values = Vec::with_capacity(settled.len());
        for (lane, (own, held)) in settled.into_iter().enumerate() {
            values.push(own);
            columns.extend(held.into_iter().map(|(place, counts)| {
                let blank = counts.first().copied().unwrap_or_default();
                let held = Held {
                    values: lane,
                    counts,
                    told: records - blank,
                };
                (place, held)
            }));
        }
        columns.sort_by_key(|(place, _)| *place);
        let mut asides = asides.into_iter();
        Ok(Table {
            columns: columns.into_iter().map(|(_, held)| held).collect(),
            statements,
            values,
            sources: self.sources,
            truth: self.asides.truth.and_then(|_| asides.next()),
            groups: asides.collect(),
            records,
        })
    }
}

/// The values of columns that share them; and for each column, by its place, how many records tell each of them.
type Settled = (Values, Vec<(usize, Vec<u32>)>);

/// Tells of all values what can be told, and counts them, each thread those of some columns.
fn settled(lanes: Vec<Lane>, statements: &Statements, threads: usize) -> Vec<Settled> {
    let settle = |lane: Lane| {
        let mut values = lane.values;
        let count = |column: &super::portion::Filling| {
            let counts = statements.counts(column.place, values.texts.len() + 1);
            (column.place, counts)
        };
        let counts = lane.columns.iter().map(count).collect();
        values.settle();
        (values, counts)
    };
    let threads = match statements.count() as usize {
        few if few < WORTH_A_THREAD => 1,
        _ => threads.max(1),
    };
    // The longest lists of values first.
    let mut waiting: Vec<(usize, Lane)> = lanes.into_iter().enumerate().collect();
    waiting.sort_by_key(|(_, lane)| lane.values.texts.len());
    let waiting = std::sync::Mutex::new(waiting);
    let run = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().map(|mut waiting| waiting.pop());
            let Ok(Some((place, lane))) = next else {
                return done;
            };
            done.push((place, settle(lane)));
        }
    };
    let mut done: Vec<(usize, Settled)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, settled)| settled).collect()
}
