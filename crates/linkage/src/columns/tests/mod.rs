//! Tables small enough to see, and published ones with the truth.

mod cases;
mod faults;
mod harm;
mod plans;
mod properties;
mod published;
mod rooms;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Asides, Builder, Linking, Plan, Room, Scratch, Table, TableError, least, link};

/// Records of two sources that a model without figures can be trained on.
pub(super) const PEOPLE: &str = include_str!("people.toml");

pub(super) fn plan(text: &str) -> Plan {
    Plan::read(text).expect("a plan")
}

/// A source: its name, its headings, and its rows.
pub(super) type Rows<'a> = (&'a str, &'a [&'a str], Vec<Vec<String>>);

pub(super) fn table(plan: &Plan, sources: &[Rows<'_>]) -> Result<Table, TableError> {
    table_with(plan, sources, Asides::default())
}

pub(super) fn table_with(
    plan: &Plan,
    sources: &[Rows<'_>],
    asides: Asides<'_>,
) -> Result<Table, TableError> {
    let mut builder = Builder::new(plan, asides);
    for (name, headings, rows) in sources {
        let headings: Vec<String> = headings.iter().map(|one| (*one).to_owned()).collect();
        builder.source(name, &headings)?;
        for row in rows {
            builder.records(std::slice::from_ref(row), 1)?;
        }
    }
    builder.finish(2)
}

/// Which records are one person, for each person of more than one.
pub(super) fn joined(linking: &Linking<'_>) -> Vec<Vec<u32>> {
    let mut persons = std::collections::BTreeMap::<u32, Vec<u32>>::new();
    for (record, person) in (0..).zip(&linking.persons.of) {
        persons.entry(*person).or_default().push(record);
    }
    persons
        .into_values()
        .filter(|records| records.len() > 1)
        .collect()
}

pub(super) fn linked<'t>(table: &'t Table, plan: &Plan) -> Linking<'t> {
    link(table, plan, 2, None).expect("few enough pairs")
}

pub(super) const HEADINGS: [&str; 6] = ["id", "given", "family", "born", "sex", "home"];

pub(super) fn rows(all: &[[&str; 6]]) -> Vec<Vec<String>> {
    all.iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect()
}

/// Scratch in memory, which breaks down once it has done so much.
#[derive(Debug)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    /// So many bytes have a place.
    places: usize,
    /// So many times they can be read.
    reads: Arc<AtomicUsize>,
}

impl Memory {
    /// A room beyond which scratch takes everything.
    pub(super) fn room(bytes: u64) -> Room {
        Self::breaking(bytes, usize::MAX, Arc::new(AtomicUsize::new(usize::MAX)))
    }

    pub(super) fn breaking(bytes: u64, places: usize, reads: Arc<AtomicUsize>) -> Room {
        let scratch = Box::new(Self {
            bytes: Vec::new(),
            places,
            reads,
        });
        Room { bytes, scratch }
    }
}

impl Scratch for Memory {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        match self.bytes.len() > self.places {
            true => Err(io::Error::other("no place")),
            false => Ok(()),
        }
    }

    fn read(&self, from: u64, bytes: &mut [u8]) -> io::Result<()> {
        let one_less = |reads: usize| reads.checked_sub(1);
        self.reads
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .map_err(|_| io::Error::other("not read"))?;
        let from = usize::try_from(from).expect("small");
        bytes.copy_from_slice(&self.bytes[from..from + bytes.len()]);
        Ok(())
    }
}
