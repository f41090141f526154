//! All that is held, laid out as it is compared, for learning how good its links are.

use std::collections::BTreeMap;

use clearpicture_kernel::SubjectId;
use clearpicture_linkage::children::{self, Band, Before, Model, RecordIndex, Records};
use clearpicture_linkage::columns::{Common, Table};

use super::held::{Held, THREADS, records};
use super::run::{LinkFault, Linking};

/// Every record that is held, and the person that was made of it.
pub(super) struct LaidOut<'h> {
    held: &'h Held,
    linking: &'h Linking<'h>,
    model: &'h Model,
    records: Records<'h>,
    index_of: BTreeMap<SubjectId, RecordIndex>,
    table: Table,
    persons: Vec<u32>,
}

/// Numbers of persons as if no record were joined with another, from the last number down.
fn each_alone(records: usize) -> Vec<u32> {
    (0..=u32::MAX).rev().take(records).collect()
}

impl Held {
    /// All that is held, as `model` compares it.
    pub(super) fn laid_out<'h>(
        &'h self,
        linking: &'h Linking<'h>,
        model: &'h Model,
    ) -> Result<LaidOut<'h>, LinkFault> {
        let (records, index_of) = records(&self.known.iter().collect::<Vec<_>>(), model);
        let table = records.table(THREADS)?;
        let mut persons = each_alone(self.known.len());
        for (number, cluster) in (0..).zip(self.persons.clusters()) {
            for member in &cluster.members {
                let index = index_of.get(member).map(|index| index.0 as usize);
                if let Some(person) = index.and_then(|index| persons.get_mut(index)) {
                    *person = number;
                }
            }
        }
        Ok(LaidOut {
            held: self,
            linking,
            model,
            records,
            index_of,
            table,
            persons,
        })
    }
}

impl LaidOut<'_> {
    /// For each record the number of its person.
    pub(super) fn persons(&self) -> &[u32] {
        &self.persons
    }

    /// Where a subject stands among the records.
    pub(super) fn place_of(&self, subject: SubjectId) -> Option<usize> {
        Some(self.index_of.get(&subject)?.0 as usize)
    }

    /// Goes through every pair that may be one child; see [`children::frame`].
    pub(super) fn frame(
        &self,
        each: impl FnMut(RecordIndex, RecordIndex, Band),
    ) -> Result<(), LinkFault> {
        self.common(|common| {
            children::frame(
                &self.records,
                &self.table,
                &self.persons,
                common,
                THREADS,
                each,
            )
        })
        .map_err(LinkFault::from)
    }

    /// Of each record whether it tells too little to be joined with anybody.
    pub(super) fn poor(&self) -> Vec<bool> {
        self.common(|common| children::poor(&self.table, self.model, common))
    }

    /// Which part of the pairs of one child is compared at all.
    pub(super) fn blocking_recall(&self, truth: &[u32]) -> Result<Option<f64>, LinkFault> {
        Ok(children::blocking_recall(
            &self.table,
            self.model,
            truth,
            THREADS,
        )?)
    }

    /// For each record the number of the person that would be made of it anew, by thresholds moved by so many thousandths
    /// of a bit: what people decided stands, and nothing else that was joined before.
    pub(super) fn persons_at(&self, by: i32) -> Result<Vec<u32>, LinkFault> {
        let moved = self.model.moved(by);
        let (records, _) = records(&self.held.known.iter().collect::<Vec<_>>(), &moved);
        let before = Before {
            joined: std::collections::BTreeSet::new(),
            ..self.held.before(self.linking, &self.index_of)
        };
        let linked =
            self.common(|common| children::link(&records, &self.table, &before, common, THREADS))?;
        let mut persons = each_alone(self.persons.len());
        for (number, cluster) in (0..).zip(&linked.clusters) {
            for member in &cluster.members {
                if let Some(person) = persons.get_mut(member.0 as usize) {
                    *person = number;
                }
            }
        }
        Ok(persons)
    }

    fn common<T>(&self, with: impl FnOnce(Common<'_>) -> T) -> T {
        let digest = |column: &str, value: &str| self.linking.digest(column, value);
        with(Common::As(&self.held.frequencies, &digest))
    }
}
