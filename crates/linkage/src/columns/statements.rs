//! What records say: each different statement once, however many records make it.
//!
//! A list that comes anew each term says the same of most children. What follows from what is said (keys, levels, weights)
//! is found once for all records that say it.

use hashbrown::HashTable;

use super::texts::{Full, mix};

/// The statements of all records: for each column of the plan the number of a value, 0 where none is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Statements {
    width: usize,
    codes: Vec<u32>,
    /// For each record its statement.
    of: Vec<u32>,
    /// The records, those of one statement together and in order, and where those of each end.
    records: Vec<u32>,
    ends: Vec<u32>,
    /// The number of each, and half of its hash, while records come.
    places: HashTable<(u32, u32)>,
}

/// Where a statement of this mark is looked for.
const fn place(mark: u32) -> u64 {
    (mark as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Statements {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Adds a record that says this.
    pub(super) fn push(&mut self, said: &[u32]) -> Result<(), Full> {
        let number = self.number(said)?;
        self.of.push(number);
        Ok(())
    }

    /// Adds the records of others behind the own ones. `code` tells for a column the number here of a value there.
    pub(super) fn join(
        &mut self,
        others: &Self,
        code: impl Fn(usize, u32) -> u32,
    ) -> Result<(), Full> {
        let mut numbers = Vec::with_capacity(others.ends.len());
        let mut said = Vec::with_capacity(self.width);
        for other in 0..others.count() {
            let codes = others.said(other).iter().enumerate();
            said.clear();
            said.extend(codes.map(|(column, there)| code(column, *there)));
            numbers.push(self.number(&said)?);
        }
        let number = |other: &u32| numbers.get(*other as usize).copied().unwrap_or_default();
        self.of.extend(others.of.iter().map(number));
        Ok(())
    }

    /// The number of a statement, which is kept if it is new.
    fn number(&mut self, said: &[u32]) -> Result<u32, Full> {
        let pairs = said.chunks(2).map(|two| match two {
            [one, other] => u64::from(*one) << 32 | u64::from(*other),
            [one] => u64::from(*one),
            _ => 0,
        });
        let mark = (pairs.fold(0, mix) >> 32) as u32;
        let (codes, width) = (&self.codes, self.width);
        let is_it = |(own, number): &(u32, u32)| *own == mark && get(codes, width, *number) == said;
        if let Some((_, number)) = self.places.find(place(mark), is_it) {
            return Ok(*number);
        }
        let number = u32::try_from(self.ends.len()).map_err(|_| Full)?;
        self.codes.extend_from_slice(said);
        self.ends.push(0);
        self.places
            .insert_unique(place(mark), (mark, number), |(mark, _)| place(*mark));
        Ok(number)
    }

    /// Puts the records of each statement together; no more come.
    pub(super) fn settle(&mut self) {
        self.places = HashTable::new();
        self.codes.shrink_to_fit();
        let ends = &mut self.ends;
        for number in &self.of {
            if let Some(count) = ends.get_mut(*number as usize) {
                *count += 1;
            }
        }
        let mut total = 0;
        for end in ends.iter_mut() {
            // Where each begins, till its records are filled in.
            total += std::mem::replace(end, total);
        }
        self.records = vec![0; self.of.len()];
        for (record, number) in (0..).zip(&self.of) {
            if let Some(next) = ends.get_mut(*number as usize)
                && let Some(slot) = self.records.get_mut(*next as usize)
            {
                *slot = record;
                *next += 1;
            }
        }
    }

    /// How many bytes they take, settled.
    pub(super) fn bytes(&self) -> usize {
        let lists = [&self.codes, &self.of, &self.records, &self.ends];
        lists
            .map(|list| size_of::<u32>() * list.capacity())
            .iter()
            .sum()
    }

    /// How many different ones there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    /// For each value of a column how many records tell it.
    pub(super) fn counts(&self, column: usize, values: usize) -> Vec<u32> {
        let mut counts = vec![0_u32; values];
        for statement in 0..self.count() {
            let code = self.said(statement).get(column).copied();
            let records = u32::try_from(self.records(statement).len()).unwrap_or(u32::MAX);
            if let Some(count) = counts.get_mut(code.unwrap_or_default() as usize) {
                *count += records;
            }
        }
        counts
    }

    /// What is said: column by column.
    pub(super) fn said(&self, statement: u32) -> &[u32] {
        get(&self.codes, self.width, statement)
    }

    /// The statement of a record.
    pub(super) fn of(&self, record: u32) -> u32 {
        self.of.get(record as usize).copied().unwrap_or_default()
    }

    /// The records that make a statement, in order.
    pub(super) fn records(&self, statement: u32) -> &[u32] {
        let end = |place: usize| self.ends.get(place).copied().unwrap_or_default() as usize;
        let place = statement as usize;
        let start = place.checked_sub(1).map_or(0, end);
        self.records.get(start..end(place)).unwrap_or_default()
    }

    /// How many pairs of records make two statements, or one.
    pub(super) fn pairs(&self, x: u32, y: u32) -> u64 {
        let count = |statement: u32| self.records(statement).len() as u64;
        match x == y {
            true => pairs_of(count(x)),
            false => count(x) * count(y),
        }
    }
}

/// How many pairs so many make.
pub(crate) const fn pairs_of(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

fn get(codes: &[u32], width: usize, statement: u32) -> &[u32] {
    let start = statement as usize * width;
    codes.get(start..start + width).unwrap_or_default()
}
