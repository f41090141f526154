//! Judging links by a known truth: of invented children, or of records that were matched by hand.

use std::collections::BTreeMap;

use clearpicture_access::Access;
use clearpicture_kernel::SubjectId;
use clearpicture_kernel::day::day_of;
use clearpicture_linkage::children::Band;
use clearpicture_linkage::quality::{ByHeading, Grouping, Quality, by_group, of_pairs, of_persons};
use clearpicture_store::Store;

use super::estimate;
use super::groups::{By, Groups};
use super::store::{answered, samples};
use super::types::{Drawing, SeeLinkReading, SeeLinkSample};
use crate::linking::laid::LaidOut;
use crate::linking::run::{LinkFault, Linking};
use crate::persons::{self, SeePerson, TheirKey};
use crate::practice::Practice;

/// Whose a subject is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key by which an agency knows the subject; nothing when no such file was taken in.
    pub subject: Option<TheirKey>,
    /// Who that is, by any name that is theirs alone.
    pub person: String,
}

/// Which subjects are of one person.
pub type Truth = [Row];

/// Why links cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum TruthFault {
    /// None of its rows is held.
    #[error(
        "none of the {0} rows of the truth is held: it names files as they were taken in, and the key that each has for a child"
    )]
    Unknown(usize),
    /// It contradicts itself.
    #[error("the truth says that the key `{0}` is of two persons")]
    Twice(String),
    /// What is held cannot be read.
    #[error(transparent)]
    Link(#[from] LinkFault),
}

/// How good links are by a truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The records that are held.
    pub records: u64,
    /// How many of them the truth tells of.
    pub told: u64,
    /// How many rows of the truth are not held.
    pub not_held: u64,
    /// How many records tell too little to be joined with anybody.
    pub poor: u64,
    /// Of pairs of records.
    pub pairs: Quality,
    /// Of persons: right is who has all of a child's records, and no other's.
    pub persons: Quality,
    /// Of pairs at other thresholds, in thousandths of a bit from the model's: links made anew, with what people decided.
    pub thresholds: Vec<(i32, Quality)>,
    /// Which part of the pairs of one child is compared at all; nothing when there are none.
    pub blocking_recall: Option<f64>,
    /// Of pairs by ethnic group, sex and age, as any record of the child tells them.
    pub by: Vec<ByHeading>,
}

/// Judges the links that stand.
///
/// # Errors
/// [`TruthFault`] when the truth fits nothing that is held, or contradicts itself.
pub async fn judge(
    store: &Store,
    access: &Access,
    practice: &Practice,
    truth: &Truth,
) -> Result<Judged, TruthFault> {
    let linking = Linking::new(store, access)?;
    let whose = whose(&linking, truth).await?;
    let today = day_of(linking.store.ambient().now());
    let mut own = Vec::new();
    let laid = linking.lay_out(&practice.linkage, |known| {
        own.push(Groups::of(practice, today, known.facts()));
    });
    let laid = laid.await?;
    let (told, not_held) = told(&laid, &whose);
    if told.iter().all(|person| *person == 0) {
        return Err(TruthFault::Unknown(truth.len()));
    }
    let poor = laid.poor();
    let groupings = groupings(&own, &told);
    let by = groupings.iter();
    let by = by.map(|grouping| by_group(&told, laid.persons(), &poor, grouping));
    let mut thresholds = Vec::new();
    for at in Band::THRESHOLDS {
        thresholds.push((at, of_pairs(&told, &laid.persons_at(at)?)));
    }
    Ok(Judged {
        records: told.len() as u64,
        told: told.iter().filter(|person| **person != 0).count() as u64,
        not_held,
        poor: poor.iter().filter(|poor| **poor).count() as u64,
        pairs: of_pairs(&told, laid.persons()),
        persons: of_persons(&told, laid.persons()),
        thresholds,
        blocking_recall: laid.blocking_recall(&told)?,
        by: by.collect(),
    })
}

/// What the newest sample that is drawn tells, as far as it was read; nothing when there is none.
///
/// # Errors
/// [`LinkFault`] when the database fails.
pub async fn read_so_far(
    store: &Store,
    access: &Access,
) -> Result<Option<estimate::Told>, LinkFault> {
    let linking = Linking::new(store, access)?;
    let scope = linking.scope::<SeeLinkSample>().await?;
    let readings = linking.scope::<SeeLinkReading>().await?;
    for id in samples(store, &scope).await? {
        let found = store.some_within(&scope, &[id]).await?;
        if let Some((_, sample)) = found
            .into_iter()
            .find(|(_, one)| one.state == Drawing::Drawn)
        {
            let answered = answered(store, &readings, id).await?;
            return Ok(Some(estimate::told(&sample, &answered)));
        }
    }
    Ok(None)
}

/// Whose subject each row of the truth is of: numbers of persons, from 1.
async fn whose(
    linking: &Linking<'_>,
    truth: &Truth,
) -> Result<Vec<(Option<SubjectId>, u32)>, TruthFault> {
    let scope = linking.scope::<SeePerson>().await?;
    let keys: Vec<TheirKey> = truth.iter().filter_map(|row| row.subject.clone()).collect();
    let found = persons::known_by(linking.store, &scope, &keys).await;
    let found = found.map_err(LinkFault::from)?;
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut of_subject: BTreeMap<SubjectId, u32> = BTreeMap::new();
    let mut whose = Vec::with_capacity(truth.len());
    for Row { subject, person } in truth {
        let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
        let number = *numbers.entry(person).or_insert(next);
        let known = subject.as_ref().and_then(|key| found.get(key)).copied();
        if let (Some(known), Some(subject)) = (known, subject)
            && *of_subject.entry(known).or_insert(number) != number
        {
            return Err(TruthFault::Twice(subject.key.clone()));
        }
        whose.push((known, number));
    }
    Ok(whose)
}

/// For each record the number of its person, 0 where that is not told; and how many rows of the truth are not held.
fn told(laid: &LaidOut<'_>, whose: &[(Option<SubjectId>, u32)]) -> (Vec<u32>, u64) {
    let (mut told, mut not_held) = (vec![0; laid.len()], 0);
    for (subject, person) in whose {
        let place = subject.and_then(|subject| laid.place_of(subject));
        match place.and_then(|place| told.get_mut(place)) {
            Some(of) => *of = *person,
            None => not_held += 1,
        }
    }
    (told, not_held)
}

/// By what records are told apart: as any record of their child tells it.
fn groupings(own: &[Groups], told: &[u32]) -> Vec<Grouping> {
    let mut of_person: BTreeMap<u32, Groups> = BTreeMap::new();
    for (person, groups) in told.iter().zip(own).filter(|(person, _)| **person != 0) {
        let known = of_person.entry(*person).or_insert_with(Groups::not_told);
        *known = Groups::of_pair(known, groups);
    }
    let each = || {
        told.iter()
            .zip(own)
            .map(|(person, own)| of_person.get(person).unwrap_or(own))
    };
    let by = |by: By| {
        let mut groups: Vec<String> = each().map(|groups| groups.by(by).to_owned()).collect();
        groups.sort();
        groups.dedup();
        let place = |groups: &[String], group: &str| {
            let place = groups.binary_search_by(|one| one.as_str().cmp(group));
            u32::try_from(place.unwrap_or_default()).unwrap_or_default()
        };
        Grouping {
            heading: by.heading().to_owned(),
            of: each().map(|one| place(&groups, one.by(by))).collect(),
            groups,
        }
    };
    By::ALL.map(by).to_vec()
}
