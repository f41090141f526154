//! All that is held, laid out as it is compared: so little of each record that however many fit.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::{PersonId, SubjectId};
use clearpicture_linkage::children::{self, Band, Model, RecordIndex, Records, RecordsBuilder};
use clearpicture_linkage::columns::{Common, Frequencies};

use super::held::{Sources, placed, shield};
use super::run::{LinkFault, Linking};
use super::store;
use super::types::SeeLinkDecision;
use crate::persons::{self, Known, SeePerson};

/// How many threads compare: a run shares the server with those who work.
const THREADS: usize = 2;

/// Every record that is held, and the person that was made of it.
pub(super) struct LaidOut<'l> {
    linking: &'l Linking<'l>,
    model: &'l Model,
    /// Whose each record is, in order.
    subjects: Vec<SubjectId>,
    records: Records,
    frequencies: Frequencies,
    decided: store::Decided,
    persons: Vec<u32>,
}

impl Linking<'_> {
    /// All that is held, as `model` compares it. Each is shown to `each` as it is read, and no more is kept of it than that
    /// comparison needs.
    pub(super) async fn lay_out<'l>(
        &'l self,
        model: &'l Model,
        mut each: impl FnMut(&Known) + Send,
    ) -> Result<LaidOut<'l>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let (mut records, mut sources) = (RecordsBuilder::new(model)?, Sources::default());
        let (mut subjects, mut after) = (Vec::new(), None);
        let mut persons = Vec::new();
        let mut numbers: BTreeMap<PersonId, u32> = BTreeMap::new();
        while let Some((last, some)) =
            persons::known_after(self.store, &scope, after.take()).await?
        {
            let ids = some.iter().map(|known| known.subject.id).collect();
            let of = persons::persons_of(self.store, &scope, &ids).await?;
            for known in &some {
                let source = sources.of(&known.subject);
                let index = records.add(source, shield(known.is_protected()), known.facts())?;
                let id = known.subject.id;
                let person = of.get(&id).copied().unwrap_or(known.subject.own_person);
                // A person goes by the number of their first record.
                persons.push(*numbers.entry(person).or_insert(index.0));
                subjects.push(id);
                each(known);
            }
            after = Some(last);
        }
        let records = records.finish(THREADS)?;
        let digest = |column: &str, value: &str| self.digest(column, value);
        let frequencies = Frequencies::of(records.table(), &model.plan, &digest);
        let scope = self.scope::<SeeLinkDecision>().await?;
        Ok(LaidOut {
            linking: self,
            model,
            subjects,
            records,
            frequencies,
            decided: store::Decisions::all(self.store, &scope).await?.decided(),
            persons,
        })
    }
}

impl LaidOut<'_> {
    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.subjects.len()
    }

    /// For each record its person, as the number of that person's first record.
    pub(super) fn persons(&self) -> &[u32] {
        &self.persons
    }

    /// Where a subject stands among the records.
    pub(super) fn place_of(&self, subject: SubjectId) -> Option<usize> {
        self.subjects.binary_search(&subject).ok()
    }

    /// The subject behind a record's place.
    pub(super) fn subject_at(&self, index: RecordIndex) -> Option<SubjectId> {
        self.subjects.get(index.0 as usize).copied()
    }

    /// Goes through every pair that may be one child; see [`children::frame`].
    pub(super) fn frame(
        &self,
        each: impl FnMut(RecordIndex, RecordIndex, Band),
    ) -> Result<(), LinkFault> {
        let (records, model) = (&self.records, self.model);
        self.common(|common| children::frame(records, model, &self.persons, common, THREADS, each))
            .map_err(LinkFault::from)
    }

    /// Of each record whether it tells too little to be joined with anybody.
    pub(super) fn poor(&self) -> Vec<bool> {
        self.common(|common| children::poor(&self.records, self.model, common))
    }

    /// Which part of the pairs of one child is compared at all.
    pub(super) fn blocking_recall(&self, truth: &[u32]) -> Result<Option<f64>, LinkFault> {
        Ok(children::blocking_recall(
            &self.records,
            self.model,
            truth,
            THREADS,
        )?)
    }

    /// For each record the number of the person that would be made of it anew, by thresholds moved by so many thousandths
    /// of a bit: what people decided stands, and nothing else that was joined before.
    pub(super) fn persons_at(&self, by: i32) -> Result<Vec<u32>, LinkFault> {
        let moved = self.model.moved(by);
        let before = self.decided.placed(|subject| self.index_of(subject));
        self.common(|common| children::persons(&self.records, &moved, &before, common, THREADS))
            .map_err(LinkFault::from)
    }

    /// All subjects in shares of not many more than `about`, none of whom depends on one of another share; and how common
    /// values are among them all.
    pub(super) fn into_shares(
        self,
        about: usize,
    ) -> Result<(Vec<BTreeSet<SubjectId>>, Frequencies), LinkFault> {
        let places = (0..).map(RecordIndex).zip(&self.persons);
        let joined = places.map(|(place, person)| (RecordIndex(*person), place));
        let decided = self.decided.placed(|subject| self.index_of(subject));
        let asked = placed(&self.decided.asked, |subject| self.index_of(subject));
        let also = joined.chain(decided.same).chain(decided.apart).chain(asked);
        let shares = self.common(|common| {
            children::shares(&self.records, self.model, also, common, about, THREADS)
        })?;
        let whose = |share: Vec<RecordIndex>| {
            let subjects = share.into_iter();
            subjects
                .filter_map(|index| self.subject_at(index))
                .collect()
        };
        let shares = shares.into_iter().map(whose).collect();
        Ok((shares, self.frequencies))
    }

    fn index_of(&self, subject: SubjectId) -> Option<RecordIndex> {
        let place = u32::try_from(self.place_of(subject)?).ok()?;
        Some(RecordIndex(place))
    }

    fn common<T>(&self, with: impl FnOnce(Common<'_>) -> T) -> T {
        let digest = |column: &str, value: &str| self.linking.digest(column, value);
        with(Common::As(&self.frequencies, &digest))
    }
}
