//! The table of protections: who is protected, whom that holds, and what of them may be told.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Caller, Scope};
use clearpicture_kernel::{SubjectId, TypedId as _};
use clearpicture_store::{Store, StoreFault};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use super::super::protection::{Protection, ProtectionId, SeeProtection};
use super::super::types::{Person, SeePerson};
use super::known::Known;
use super::search::subjects_in;
use super::tables::{member, protection, row};
use super::{ASKED_AT_ONCE, read_id, unreadable};
use crate::shell::Pagination;
use crate::shell::page::PER_PAGE;

/// Which of some subjects a keeper's word or a source protects.
#[derive(Debug, Default)]
pub(super) struct Marked(BTreeMap<SubjectId, bool>);

impl Marked {
    /// What is kept of these.
    pub(super) async fn of(
        store: &Store,
        subjects: impl IntoIterator<Item = SubjectId>,
    ) -> Result<Self, StoreFault> {
        let ids: BTreeSet<String> = subjects.into_iter().map(|id| id.to_string()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let mut marked = BTreeMap::new();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let select = protection::Entity::find()
                .filter(protection::Column::SubjectId.is_in(some))
                .filter(protection::Column::MayBe.eq(""));
            for row in select.all(store.latest()).await? {
                marked.insert(read_id(&row.subject_id)?, row.in_force);
            }
        }
        Ok(Self(marked))
    }

    /// Whether one was ever protected.
    pub(super) fn knows(&self, subject: SubjectId) -> bool {
        self.0.contains_key(&subject)
    }

    /// Whether one is protected, of whom the sources say so now or not: what is kept counts, whatever they say.
    pub(super) fn protects(&self, subject: SubjectId, say_so: bool) -> bool {
        self.0.get(&subject).copied().unwrap_or(say_so)
    }
}

/// Those of these subjects of whom whereabouts may be told to keepers alone: whoever belongs to one person with somebody
/// protected, or with somebody who may be.
async fn withheld(
    store: &Store,
    subjects: impl Iterator<Item = SubjectId>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let ids: BTreeSet<String> = subjects.map(|id| id.to_string()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut withheld = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let of = member::Entity::find().filter(member::Column::SubjectId.is_in(some));
        let of = of.all(store.latest()).await?;
        let persons: BTreeSet<&str> = of.iter().map(|row| row.person_id.as_str()).collect();
        let all = member::Entity::find().filter(member::Column::PersonId.is_in(persons));
        let all = all.all(store.latest()).await?;
        let members = all.iter().map(|row| row.subject_id.as_str());
        let members: BTreeSet<&str> = members.chain(some.iter().map(String::as_str)).collect();
        let members: Vec<&str> = members.into_iter().collect();
        let mut held: BTreeSet<String> = BTreeSet::new();
        for some in members.chunks(ASKED_AT_ONCE) {
            let select = protection::Entity::find()
                .select_only()
                .column(protection::Column::SubjectId)
                .filter(protection::Column::SubjectId.is_in(some.iter().copied()))
                .filter(protection::Column::InForce.eq(true))
                .distinct();
            let rows = select.into_model::<Held>().all(store.latest()).await?;
            held.extend(rows.into_iter().map(|row| row.subject_id));
        }
        let is_held = |row: &&member::Model| held.contains(&row.subject_id);
        let persons: BTreeSet<&str> = all
            .iter()
            .filter(is_held)
            .map(|row| row.person_id.as_str())
            .collect();
        for row in all
            .iter()
            .filter(|row| persons.contains(row.person_id.as_str()))
        {
            withheld.insert(read_id(&row.subject_id)?);
        }
        for id in some.iter().filter(|id| held.contains(*id)) {
            withheld.insert(read_id(id)?);
        }
    }
    Ok(withheld)
}

#[derive(Debug, FromQueryResult)]
struct Held {
    subject_id: String,
}

/// What of these may be told to whoever asks: to the product itself, and to a keeper who proves it by `keeper`, all; to
/// everybody else nothing of where somebody is who is protected or may be.
pub(super) async fn told_to(
    store: &Store,
    caller: &Caller,
    keeper: Option<&Scope<SeeProtection>>,
    known: &mut [Known],
) -> Result<(), StoreFault> {
    if caller.is_product() {
        return Ok(());
    }
    let withheld = withheld(store, known.iter().map(|known| known.subject.id)).await?;
    let is_keeper = keeper.is_some_and(|scope| !scope.plain().is_empty());
    for known in known {
        let is_for_keepers = withheld.contains(&known.subject.id);
        known.for_keepers = is_for_keepers && is_keeper;
        known.withheld = is_for_keepers && !is_keeper;
        if known.withheld {
            known.leave_out_whereabouts();
        }
    }
    Ok(())
}

/// Those of these persons in whose pictures whereabouts are told to keepers alone.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn whose_whereabouts_are_withheld(
    store: &Store,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let withheld = withheld(store, subjects.iter().copied()).await?;
    Ok(&withheld & subjects)
}

/// Everybody whom a source protects and no keeper has let go. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn protected_subjects(
    store: &Store,
    scope: &Scope<SeeProtection>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let select = protection::Entity::find()
        .select_only()
        .column(protection::Column::SubjectId)
        .filter(protection::Column::MayBe.eq(""))
        .filter(protection::Column::InForce.eq(true));
    let rows = store
        .brought_as::<SeeProtection, _, Held>(scope, select)
        .await?;
    rows.iter().map(|row| read_id(&row.subject_id)).collect()
}

/// Those of these subjects of whom it was never kept that they are protected: no source and no keeper ever decided.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn never_kept(
    store: &Store,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let marked = Marked::of(store, subjects.iter().copied()).await?;
    let unkept = subjects.iter().filter(|subject| !marked.knows(**subject));
    Ok(unkept.copied().collect())
}

/// The members of each protected person of none of whom it was ever kept that they are protected: those of before it was.
/// For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn protected_and_never_kept(
    store: &Store,
    scope: &Scope<SeePerson>,
) -> Result<Vec<BTreeSet<SubjectId>>, StoreFault> {
    let persons = store
        .select(scope)
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::ClassId.eq(Person::protected_class().id().0))
        .into_query();
    let select = member::Entity::find().filter(member::Column::PersonId.in_subquery(persons));
    let mut of_person: BTreeMap<String, BTreeSet<SubjectId>> = BTreeMap::new();
    for one in store.brought_within(scope, select).await? {
        let members = of_person.entry(one.person_id).or_default();
        members.insert(read_id(&one.subject_id)?);
    }
    let marked = Marked::of(store, of_person.values().flatten().copied()).await?;
    let mut all: Vec<BTreeSet<SubjectId>> = of_person.into_values().collect();
    all.retain(|members| !members.iter().any(|subject| marked.knows(*subject)));
    Ok(all)
}

/// The protections of these subjects, and the holds on whoever may be one of them. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn protections_about<A: Action<On = Protection>>(
    store: &Store,
    scope: &Scope<A>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<ProtectionId>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        for column in [protection::Column::SubjectId, protection::Column::MayBe] {
            let select = protection::Entity::find().filter(column.is_in(some));
            let rows = store.brought_within(scope, select).await?;
            found.extend(rows.into_iter().map(|row| row.id));
        }
    }
    let read = |id: &String| ProtectionId::parse(id).map_err(|error| unreadable(id, &error));
    found.iter().map(read).collect()
}

/// One who is protected, or may be one who is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionRow {
    /// The protection.
    pub id: ProtectionId,
    /// Who.
    pub subject: SubjectId,
    /// Whom they may be.
    pub may_be: Option<SubjectId>,
    /// What that agreement is worth, in thousandths of a bit.
    pub weight: i64,
}

impl ProtectionRow {
    fn read(row: &protection::Model) -> Result<Self, StoreFault> {
        Ok(Self {
            id: read_id(&row.id)?,
            subject: read_id(&row.subject_id)?,
            may_be: match row.may_be.as_str() {
                "" => None,
                whom => Some(read_id(whom)?),
            },
            weight: row.weight,
        })
    }
}

/// One page of those in scope who are protected by a source, of whom the reader may know.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn protected(
    store: &Store,
    scope: &Scope<SeeProtection>,
    persons: &Scope<SeePerson>,
    page: u64,
) -> Result<(Vec<ProtectionRow>, Pagination), StoreFault> {
    let own = Condition::all()
        .add(protection::Column::SubjectId.in_subquery(subjects_in(store, persons)))
        .add(protection::Column::MayBe.eq(""))
        .add(protection::Column::InForce.eq(true));
    let page = Pagination::of(page, store.count(scope, &own).await?);
    let rows = store
        .select(scope)
        .filter(own)
        .order_by_asc(protection::Column::Id)
        .offset(page.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    let rows: Result<Vec<_>, _> = rows.iter().map(ProtectionRow::read).collect();
    Ok((rows?, page))
}

/// Those in scope who may be one of these, or whom one of these may be, the likeliest first; of both the reader may know.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn held_beside(
    store: &Store,
    scope: &Scope<SeeProtection>,
    persons: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<ProtectionRow>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut found: BTreeMap<String, protection::Model> = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        for column in [protection::Column::SubjectId, protection::Column::MayBe] {
            let select = store
                .select(scope)
                .filter(protection::Column::MayBe.ne(""))
                .filter(protection::Column::InForce.eq(true))
                .filter(protection::Column::SubjectId.in_subquery(subjects_in(store, persons)))
                .filter(protection::Column::MayBe.in_subquery(subjects_in(store, persons)))
                .filter(column.is_in(some));
            for row in select.all(store.reader()).await? {
                found.insert(row.id.clone(), row);
            }
        }
    }
    let rows: Result<Vec<_>, _> = found.values().map(ProtectionRow::read).collect();
    let mut rows = rows?;
    rows.sort_by_key(|row| (-row.weight, row.id));
    Ok(rows)
}
