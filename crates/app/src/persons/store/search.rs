//! Finding persons by their search keys.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{PersonId, SubjectId};
use clearpicture_linkage::children::Shared;
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait,
    Select,
};

use super::super::keys::{of_shared, of_sign};
use super::super::types::SeePerson;
use super::super::wanted::{Clue, Nearness, farthest, nearness, spare};
use super::protection::whose_whereabouts_are_withheld;
use super::rows::still_told;
use super::tables::{member, row, subject_key};
use super::{ASKED_AT_ONCE, read_id, unreadable};

/// The most blocks that one question names.
const BLOCKS_AT_ONCE: usize = 50;

/// A child who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::persons) struct Found {
    /// Who.
    pub(in crate::persons) person: PersonId,
    /// How near they come to what was looked for.
    pub(in crate::persons) near: Nearness,
}

/// Children who were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::persons) struct Search {
    /// Who, the nearest first.
    pub(in crate::persons) found: Vec<Found>,
    /// Whether not all were looked at who may fit: there may be more.
    pub(in crate::persons) stopped: bool,
}

/// The persons in scope who fit one of `readings`, the nearest first. Once `enough` are found no farther ones are looked for.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(in crate::persons) async fn found(
    store: &Store,
    scope: &Scope<SeePerson>,
    readings: &[Vec<Clue>],
    enough: usize,
) -> Result<Search, StoreFault> {
    let mut nearest: BTreeMap<PersonId, Nearness> = BTreeMap::new();
    let mut stopped = false;
    for clues in readings {
        let fitting = Fitting::of(store, scope, clues).await?;
        let pool = fitting.pool();
        let mut here = BTreeMap::new();
        for some in pool.chunks(ASKED_AT_ONCE) {
            if here.len() >= enough {
                stopped = true;
                break;
            }
            let near = fitting.persons(store, scope, some).await?;
            here.extend(allowed(store, scope, near).await?);
        }
        for (person, near) in here {
            let best = nearest.entry(person).or_insert_with(|| near.clone());
            if near < *best {
                *best = near;
            }
        }
    }
    let found = nearest.into_iter();
    let mut found: Vec<Found> = found.map(|(person, near)| Found { person, near }).collect();
    let nearest = found.iter().map(|one| one.near.cost).min();
    let farthest = farthest(nearest.unwrap_or_default());
    found.retain(|one| one.near.cost <= farthest);
    found.sort_by(|a, b| a.near.cost.cmp(&b.near.cost).then(a.person.cmp(&b.person)));
    Ok(Search { found, stopped })
}

/// Which subjects fit which clue, and by which of its ways.
struct Fitting<'c> {
    clues: &'c [Clue],
    /// For each clue the subjects that fit it, each with the nearest way.
    subjects: Vec<BTreeMap<String, usize>>,
}

/// A clue that no more subjects fit is worth looking at every one of them, whatever else they fit.
const FEW: usize = 400;

impl<'c> Fitting<'c> {
    async fn of(
        store: &Store,
        scope: &Scope<SeePerson>,
        clues: &'c [Clue],
    ) -> Result<Self, StoreFault> {
        let mut subjects = Vec::with_capacity(clues.len());
        for clue in clues {
            let mut ways: BTreeMap<String, usize> = BTreeMap::new();
            for (place, way) in clue.ways.iter().enumerate() {
                ways.entry(of_sign(store, &way.sign)).or_insert(place);
            }
            let keys: Vec<&String> = ways.keys().collect();
            let mut fitting: BTreeMap<String, usize> = BTreeMap::new();
            for some in keys.chunks(BLOCKS_AT_ONCE) {
                let Some(select) = any_of(some.iter().map(|key| having(key))) else {
                    continue;
                };
                for row in store.brought_within(scope, select).await? {
                    let Some((key, subject)) = row.id.split_once(':') else {
                        continue;
                    };
                    let Some(way) = ways.get(key).copied() else {
                        continue;
                    };
                    let best = fitting.entry(subject.to_owned()).or_insert(way);
                    *best = way.min(*best);
                }
            }
            leave_out_withheld(store, scope, clue, &mut fitting).await?;
            subjects.push(fitting);
        }
        Ok(Self { clues, subjects })
    }

    /// The subjects of whom some person may be made who fits enough, the nearest first: those who fit most clues
    /// themselves, and all who fit one that few do, since another agency's record of the same child may fit the rest.
    fn pool(&self) -> Vec<String> {
        let mut met: BTreeMap<&str, (usize, u32)> = BTreeMap::new();
        for (clue, fitting) in self.clues.iter().zip(&self.subjects) {
            for (subject, way) in fitting {
                let (missing, cost) = met.entry(subject).or_insert((self.clues.len(), 0));
                *missing -= 1;
                *cost += clue.ways.get(*way).map_or(0, |way| u32::from(way.cost));
            }
        }
        let rare: BTreeSet<&str> = self
            .subjects
            .iter()
            .filter(|fitting| fitting.len() <= FEW)
            .flat_map(|fitting| fitting.keys().map(String::as_str))
            .collect();
        let spare = spare(self.clues);
        let mut pool: Vec<_> = met
            .into_iter()
            .filter(|(subject, (missing, _))| *missing <= spare || rare.contains(subject))
            .map(|(subject, (missing, cost))| (missing, cost, subject))
            .collect();
        pool.sort_unstable();
        pool.into_iter()
            .map(|(_, _, subject)| subject.to_owned())
            .collect()
    }

    /// The persons of these subjects who fit enough, with how near each comes by all that is told of them.
    async fn persons(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        subjects: &[String],
    ) -> Result<BTreeMap<String, Nearness>, StoreFault> {
        let of_them = Query::select()
            .column(member::Column::PersonId)
            .from(member::Entity)
            .and_where(member::Column::SubjectId.is_in(subjects.iter().map(String::as_str)))
            .to_owned();
        let select = member::Entity::find().filter(member::Column::PersonId.in_subquery(of_them));
        let mut of_person: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in store.brought_within(scope, select).await? {
            of_person
                .entry(row.person_id)
                .or_default()
                .push(row.subject_id);
        }
        // Whoever was told of by a file alone that was taken back is told of by nobody.
        let members: Vec<String> = of_person.values().flatten().cloned().collect();
        let mut told = BTreeSet::new();
        for some in members.chunks(ASKED_AT_ONCE) {
            told.extend(still_told(store, scope, some).await?);
        }
        for members in of_person.values_mut() {
            members.retain(|id| told.contains(id));
        }
        of_person.retain(|_, members| !members.is_empty());
        let near = |members: &Vec<String>| {
            let fit = |fitting: &BTreeMap<String, usize>| {
                members
                    .iter()
                    .filter_map(|id| fitting.get(id))
                    .min()
                    .copied()
            };
            let fits: Vec<Option<usize>> = self.subjects.iter().map(fit).collect();
            nearness(self.clues, &fits)
        };
        let persons = of_person.into_iter();
        Ok(persons
            .filter_map(|(person, members)| Some((person, near(&members)?)))
            .collect())
    }
}

/// Leaves out whoever fits a clue by where they are and of whom that is for keepers alone: to be found by an address would
/// tell it.
async fn leave_out_withheld(
    store: &Store,
    scope: &Scope<SeePerson>,
    clue: &Clue,
    fitting: &mut BTreeMap<String, usize>,
) -> Result<(), StoreFault> {
    let is_of_place = |way: usize| {
        let way = clue.ways.get(way);
        way.is_none_or(|way| way.sign.is_whereabouts())
    };
    let by_place = fitting.iter().filter(|(_, way)| is_of_place(**way));
    let by_place: Result<BTreeSet<SubjectId>, _> = by_place.map(|(id, _)| read_id(id)).collect();
    let by_place = by_place?;
    if by_place.is_empty() || scope.caller().is_product() {
        return Ok(());
    }
    for withheld in whose_whereabouts_are_withheld(store, &by_place).await? {
        fitting.remove(&withheld.to_string());
    }
    Ok(())
}

/// Those of these persons whom the caller may know of: only now is it asked.
async fn allowed(
    store: &Store,
    scope: &Scope<SeePerson>,
    near: BTreeMap<String, Nearness>,
) -> Result<BTreeMap<PersonId, Nearness>, StoreFault> {
    let ids: Vec<&String> = near.keys().collect();
    let mut allowed = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let some = some.iter().map(|id| id.as_str());
        let select = store.select(scope).filter(row::Column::Id.is_in(some));
        for row in select.all(store.reader()).await? {
            if let Some(near) = near.get(&row.id) {
                allowed.insert(read_id(&row.id)?, near.clone());
            }
        }
    }
    Ok(allowed)
}

/// All rows that one of these finds.
fn any_of(
    selects: impl IntoIterator<Item = Select<subject_key::Entity>>,
) -> Option<Select<subject_key::Entity>> {
    let mut selects = selects.into_iter();
    let mut all = selects.next()?;
    for other in selects {
        QueryTrait::query(&mut all).union(UnionType::All, other.into_query());
    }
    Some(all)
}

/// The subjects that share all parts of one of these blocks, whoever else does. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn sharing(
    store: &Store,
    scope: &Scope<SeePerson>,
    blocks: &BTreeSet<Vec<Shared>>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let each = blocks.iter().filter_map(|block| {
        let mut parts: Vec<&Shared> = block.iter().collect();
        parts.sort_by_key(|part| commonness(part));
        let keys = parts.into_iter().map(|part| of_shared(store, part));
        having_all(store.backend(), keys)
    });
    let each: Vec<Select<subject_key::Entity>> = each.collect();
    let mut found = BTreeSet::new();
    for some in each.chunks(BLOCKS_AT_ONCE) {
        let Some(select) = any_of(some.iter().cloned()) else {
            continue;
        };
        for row in store.brought_within(scope, select).await? {
            found.insert(read_id(whose(&row)?)?);
        }
    }
    Ok(found)
}

/// The id that a key of a subject has.
pub(super) fn key_id(key: &str, subject: &str) -> String {
    format!("{key}:{subject}")
}

/// Whose key it is.
fn whose(key: &subject_key::Model) -> Result<&str, StoreFault> {
    let subject = key.id.split_once(':').map(|(_, subject)| subject);
    subject.ok_or_else(|| unreadable(&key.id, &"it names no subject"))
}

/// The keys of all who have `key`.
pub(super) fn having(key: &str) -> Select<subject_key::Entity> {
    subject_key::Entity::find()
        .filter(subject_key::Column::Id.gt(format!("{key}:")))
        .filter(subject_key::Column::Id.lt(format!("{key};")))
}

/// The last of these keys of all who have every one of them: whoever has the first is asked for the next, and so on.
fn having_all(
    backend: DbBackend,
    keys: impl IntoIterator<Item = String>,
) -> Option<Select<subject_key::Entity>> {
    let mut keys = keys.into_iter();
    let mut before = keys.next()?;
    let mut select = having(&before);
    for next in keys {
        let id = || Expr::col((subject_key::Entity, subject_key::Column::Id));
        let theirs = Func::cust("replace").args([id(), Expr::val(before), Expr::val(&next)]);
        let theirs = select.select_only().expr(theirs).into_query();
        let have = match backend {
            DbBackend::Sqlite => id().in_subquery(theirs),
            // PostgreSQL would now and then read every key there is, rather than look for each of those.
            _ => {
                let theirs = SimpleExpr::SubQuery(None, Box::new(theirs.into()));
                Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [id(), theirs])
            }
        };
        select = subject_key::Entity::find().filter(have);
        before = next;
    }
    Some(select)
}

/// What few share first.
const fn commonness(part: &Shared) -> u8 {
    match part {
        Shared::Number(_) => 0,
        Shared::Lives(_) => 1,
        Shared::Born(_) => 2,
        Shared::Sounds(..) => 3,
        Shared::Sound(_) => 4,
        Shared::BornIn(_) => 5,
    }
}

/// The persons to whom these subjects belong now, whether or not the caller may know of them.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn persons_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<SubjectId, PersonId>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = member::Entity::find().filter(member::Column::SubjectId.is_in(some));
        for row in store.brought_within(scope, select).await? {
            found.insert(read_id(&row.subject_id)?, read_id(&row.person_id)?);
        }
    }
    Ok(found)
}

/// All subjects of the persons to whom these belong now, whether or not the caller may know of them.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn together_with(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let of = persons_of(store, scope, subjects).await?;
    let persons: BTreeSet<String> = of.into_values().map(|person| person.to_string()).collect();
    let persons: Vec<String> = persons.into_iter().collect();
    let mut found = BTreeSet::new();
    for some in persons.chunks(ASKED_AT_ONCE) {
        let select = member::Entity::find().filter(member::Column::PersonId.is_in(some));
        for row in store.brought_within(scope, select).await? {
            found.insert(read_id(&row.subject_id)?);
        }
    }
    Ok(found)
}

/// A query for the subjects of the persons in scope.
pub fn subjects_in(store: &Store, scope: &Scope<SeePerson>) -> SelectStatement {
    let persons = store
        .select(scope)
        .select_only()
        .column(row::Column::Id)
        .into_query();
    Query::select()
        .column(member::Column::SubjectId)
        .from(member::Entity)
        .and_where(member::Column::PersonId.in_subquery(persons))
        .to_owned()
}
