//! What is said of subjects: of each row of each source the newest that was laid.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Permit, Scope};
use clearpicture_kernel::{Fact, PersonId, SubjectId};
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::super::protection::SeeProtection;
use super::super::types::{SeePerson, Telling};
use super::protection::{Marked, told_to};
use super::remake::FactsOf;
use super::rows::{
    TheirId, facts_of, laid_for, layings, newest, of_laying, open, told_again, told_of,
};
use super::tables::{laid, member, row, subject, told, undone};
use super::{ASKED_AT_ONCE, Subject, read_id, read_subject};

/// All that its sources say of one subject, what they no longer tell first, and then in the order of the days of which
/// they tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The subject.
    pub subject: Subject,
    /// Each row that stands.
    pub tellings: Vec<Telling>,
    /// Whether where they are must not be told, since a source said so once and no keeper has lifted it.
    pub protected: bool,
    /// Whether whereabouts of their person are shown to keepers alone, and were left out of the tellings.
    pub withheld: bool,
    /// Whether they are shown to keepers alone, and whoever asks is one.
    pub for_keepers: bool,
}

impl Known {
    /// Every fact.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.tellings.iter().flat_map(|telling| &telling.facts)
    }

    /// Whether where they are must not be told.
    pub const fn is_protected(&self) -> bool {
        self.protected
    }

    /// Leaves out of every fact where they are.
    pub(super) fn leave_out_whereabouts(&mut self) {
        for telling in &mut self.tellings {
            let facts = std::mem::take(&mut telling.facts).into_iter();
            telling.facts = facts.filter_map(Fact::without_whereabouts).collect();
        }
    }
}

/// What tells who one subject is, without who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The subject.
    pub subject: SubjectId,
    /// Every fact, in the order in which [`Known::facts`] tells them.
    pub facts: Vec<Fact>,
    /// Whether where they are must not be told, since a source said so once and no keeper has lifted it.
    pub protected: bool,
}

/// Whether facts say that where somebody is must not be told.
pub(super) fn protects<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> bool {
    facts.into_iter().any(Fact::protects)
}

/// What is said of the person of `permit`, whose members are `members`; nothing of where they are, where that is withheld.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn known(
    store: &Store,
    permit: &Permit<SeePerson>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    let mut known = all_known(store, permit, members).await?;
    told_to(store, permit.caller(), None, &mut known).await?;
    Ok(known)
}

/// The same, and to a keeper all of it.
///
/// # Errors
/// As [`known`].
pub async fn known_to(
    store: &Store,
    permit: &Permit<SeePerson>,
    keeper: &Scope<SeeProtection>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    let mut known = all_known(store, permit, members).await?;
    told_to(store, permit.caller(), Some(keeper), &mut known).await?;
    Ok(known)
}

async fn all_known(
    store: &Store,
    permit: &Permit<SeePerson>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    let subjects = subject::Entity::find().filter(subject::Column::Id.is_in(&ids));
    let subjects = store.brought(permit, subjects).await?;
    let told = store.brought(permit, told_of(&ids)).await?;
    let loads = store.brought(permit, laid_for(&told)).await?;
    gather(store, &subjects, newest(told), &loads).await
}

/// What tells who each of these persons in scope is and on which school's roll, with the code of how its subjects came
/// together.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(in crate::persons) async fn known_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, (String, Vec<Known>)>, StoreFault> {
    known_of_to(store, scope, None, persons).await
}

/// The same, and to a keeper all of it.
///
/// # Errors
/// As [`known_of`].
pub(in crate::persons) async fn known_of_to(
    store: &Store,
    scope: &Scope<SeePerson>,
    keeper: Option<&Scope<SeeProtection>>,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, (String, Vec<Known>)>, StoreFault> {
    let ids: Vec<String> = persons.iter().map(ToString::to_string).collect();
    let select = store.select(scope).filter(row::Column::Id.is_in(&ids));
    let rows = select.all(store.reader()).await?;
    let allowed: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let select = member::Entity::find().filter(member::Column::PersonId.is_in(allowed));
    let members = store.brought_within(scope, select).await?;
    let subject_ids: Vec<String> = members.iter().map(|row| row.subject_id.clone()).collect();
    let select = subject::Entity::find().filter(subject::Column::Id.is_in(&subject_ids));
    let subjects = store.brought_within(scope, select).await?;
    let tells = Condition::any()
        .add(told::Column::Identifies.eq(true))
        .add(told::Column::Kinds.contains(" enrolment "));
    let told = store
        .brought_within(scope, told_of(&subject_ids).filter(tells))
        .await?;
    let loads = store.brought_within(scope, laid_for(&told)).await?;
    let mut of_subject: BTreeMap<String, Known> = BTreeMap::new();
    let mut all_known = gather(store, &subjects, newest(told), &loads).await?;
    told_to(store, scope.caller(), keeper, &mut all_known).await?;
    for known in all_known {
        of_subject.insert(known.subject.id.to_string(), known);
    }
    let mut found = BTreeMap::new();
    for row in rows {
        found.insert(read_id(&row.id)?, (row.state, Vec::new()));
    }
    for member in members {
        let person = read_id::<PersonId>(&member.person_id)?;
        if let (Some((_, all)), Some(known)) = (
            found.get_mut(&person),
            of_subject.remove(&member.subject_id),
        ) {
            all.push(known);
        }
    }
    Ok(found)
}

/// The last of the subjects in scope that follow `after` in the order of their ids, a few hundred at once, and what tells
/// who each of them is of whom anything does; nothing when none follows. For linkage: so all are gone through, however many.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn known_after(
    store: &Store,
    scope: &Scope<SeePerson>,
    after: Option<SubjectId>,
) -> Result<Option<(SubjectId, Vec<Known>)>, StoreFault> {
    let mut select = subject::Entity::find()
        .order_by_asc(subject::Column::Id)
        .limit(u64::try_from(ASKED_AT_ONCE).unwrap_or(u64::MAX));
    if let Some(after) = after {
        select = select.filter(subject::Column::Id.gt(after.to_string()));
    }
    let subjects = store.brought_within(scope, select).await?;
    let Some(last) = subjects.last() else {
        return Ok(None);
    };
    let ids: Vec<String> = subjects.iter().map(|row| row.id.clone()).collect();
    let told = told_of(&ids).filter(told::Column::Identifies.eq(true));
    let told = newest(store.brought_within(scope, told).await?);
    let loads = store.brought_within(scope, laid_for(&told)).await?;
    let mut known = gather(store, &subjects, told, &loads).await?;
    told_to(store, scope.caller(), None, &mut known).await?;
    Ok(Some((read_id(&last.id)?, known)))
}

/// The last of the subjects in scope that follow `after` in the order of their ids, a few hundred at once, and all that ever
/// told who each of them is; nothing when none follows.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(super) async fn facts_after(
    store: &Store,
    scope: &Scope<SeePerson>,
    after: Option<SubjectId>,
) -> Result<Option<(String, FactsOf)>, StoreFault> {
    let mut select = subject::Entity::find()
        .order_by_asc(subject::Column::Id)
        .limit(u64::try_from(ASKED_AT_ONCE).unwrap_or(u64::MAX));
    if let Some(after) = after {
        select = select.filter(subject::Column::Id.gt(after.to_string()));
    }
    let subjects = store.brought_within(scope, select).await?;
    let ids: Vec<String> = subjects.into_iter().map(|row| row.id).collect();
    let Some(last) = ids.last().cloned() else {
        return Ok(None);
    };
    let told = told_of(&ids).filter(told::Column::Identifies.eq(true));
    let told = store.brought_within(scope, told).await?;
    let mut all = FactsOf::new();
    for some in told.chunks(ASKED_AT_ONCE) {
        let keys = some.iter().map(|row| row.key_id.as_str());
        store.fetch_keys(keys).await?;
        for row in some {
            let facts = facts_of(store, row).await?;
            all.entry(row.subject_id.clone()).or_default().extend(facts);
        }
    }
    Ok(Some((last, all)))
}

/// What tells who these subjects are, each of them, also one of whom nothing tells that any more; nothing of where they are,
/// where that is withheld. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn known_subjects(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    let mut known = identified(store, scope, None, subjects, newest).await?;
    let told: BTreeSet<SubjectId> = known.iter().map(|known| known.subject.id).collect();
    let others: BTreeSet<SubjectId> = subjects.difference(&told).copied().collect();
    if !others.is_empty() {
        let mut others = untold(store, scope, &others).await?;
        told_to(store, scope.caller(), None, &mut others).await?;
        known.append(&mut others);
    }
    Ok(known)
}

/// The same, and to a keeper all of it.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn known_subjects_to(
    store: &Store,
    scope: &Scope<SeePerson>,
    keeper: &Scope<SeeProtection>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    identified(store, scope, Some(keeper), subjects, newest).await
}

/// What tells who these subjects are, without who says so: the little that is needed to compare many. For linkage, and
/// for the product alone.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn described(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Described>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut all = BTreeMap::new();
    if !scope.caller().is_product() {
        return Ok(Vec::new());
    }
    let marked = Marked::of(store, subjects.iter().copied()).await?;
    for some in ids.chunks(ASKED_AT_ONCE) {
        let told = told_of(some).filter(told::Column::Identifies.eq(true));
        let mut told = newest(store.brought_within(scope, told).await?);
        told.sort_by_cached_key(|row| (!row.ended, row.as_of.clone(), row.seq, row.record));
        let keys = told.iter().map(|row| row.key_id.as_str());
        store.fetch_keys(keys).await?;
        for row in &told {
            let subject = read_id(&row.subject_id)?;
            let facts = facts_of(store, row).await?;
            let described = all.entry(subject).or_insert_with(|| Described {
                subject,
                facts: Vec::new(),
                protected: false,
            });
            described.protected |= !row.ended && protects(&facts);
            described.facts.extend(facts);
        }
    }
    for described in all.values_mut() {
        described.protected = marked.protects(described.subject, described.protected);
    }
    Ok(all.into_values().collect())
}

/// What ever told who those of these subjects are of whom something was corrected since. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn corrected(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    identified(store, scope, None, subjects, told_again).await
}

/// Subjects of whom nothing tells who they are. Whoever was protected once is so whatever is told.
async fn untold(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Known>, StoreFault> {
    let marked = Marked::of(store, subjects.iter().copied()).await?;
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = subject::Entity::find().filter(subject::Column::Id.is_in(some));
        for model in store.brought_within(scope, select).await? {
            let subject = read_subject(&model)?;
            all.push(Known {
                protected: marked.protects(subject.id, false),
                subject,
                tellings: Vec::new(),
                withheld: false,
                for_keepers: false,
            });
        }
    }
    Ok(all)
}

async fn identified(
    store: &Store,
    scope: &Scope<SeePerson>,
    keeper: Option<&Scope<SeeProtection>>,
    subjects: &BTreeSet<SubjectId>,
    of_rows: impl Fn(Vec<told::Model>) -> Vec<told::Model>,
) -> Result<Vec<Known>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(ASKED_AT_ONCE) {
        let told = told_of(some).filter(told::Column::Identifies.eq(true));
        let told = of_rows(store.brought_within(scope, told).await?);
        if told.is_empty() {
            continue;
        }
        let loads = store.brought_within(scope, laid_for(&told)).await?;
        let select = subject::Entity::find().filter(subject::Column::Id.is_in(some));
        let subjects = store.brought_within(scope, select).await?;
        all.extend(gather(store, &subjects, told, &loads).await?);
    }
    told_to(store, scope.caller(), keeper, &mut all).await?;
    Ok(all)
}

/// The number of the entry that laid a file last, or took one back; 0 before the first. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn laid_last(store: &Store, scope: &Scope<SeePerson>) -> Result<i64, StoreFault> {
    let newest = laid::Entity::find()
        .order_by_desc(laid::Column::Seq)
        .limit(1);
    let laid = store.brought_within(scope, newest).await?;
    let newest = undone::Entity::find()
        .order_by_desc(undone::Column::Seq)
        .limit(1);
    let undone = store.brought_within(scope, newest).await?;
    let laid = laid.first().map_or(0, |row| row.seq);
    Ok(undone.first().map_or(0, |row| row.seq).max(laid))
}

/// The kinds of facts that were ever told of each of these subjects. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn kinds_told(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<SubjectId, BTreeSet<String>>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut kinds: BTreeMap<SubjectId, BTreeSet<String>> = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = told::Entity::find()
            .filter(told::Column::SubjectId.is_in(some))
            .filter(told::Column::Laying.in_subquery(layings()))
            .select_only()
            .column(told::Column::SubjectId)
            .column(told::Column::Kinds)
            .distinct();
        for row in store
            .brought_as::<SeePerson, _, TheirKinds>(scope, select)
            .await?
        {
            let told = row.kinds.split_whitespace().map(str::to_owned);
            kinds
                .entry(read_id(&row.subject_id)?)
                .or_default()
                .extend(told);
        }
    }
    Ok(kinds)
}

#[derive(Debug, FromQueryResult)]
struct TheirKinds {
    subject_id: String,
    kinds: String,
}

/// The subjects of whom a load told who they are, in any of its layings, and of whom was told what was undone when it was
/// taken back. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn told_by(
    store: &Store,
    scope: &Scope<SeePerson>,
    load: &str,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let who_they_are = told::Column::Identifies.eq(true);
    subjects_by(store, scope, load, Condition::all().add(who_they_are)).await
}

/// The subjects of whom a load told anything, in any of its layings. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn told_of_by(
    store: &Store,
    scope: &Scope<SeePerson>,
    load: &str,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    subjects_by(store, scope, load, Condition::all()).await
}

async fn subjects_by(
    store: &Store,
    scope: &Scope<SeePerson>,
    load: &str,
    rows: Condition,
) -> Result<BTreeSet<SubjectId>, StoreFault> {
    let undone = Query::select()
        .column(undone::Column::Laying)
        .from(undone::Entity)
        .and_where(undone::Column::LoadId.eq(load))
        .to_owned();
    let concerned = Condition::any()
        .add(laid::Column::LoadId.eq(load))
        .add(laid::Column::Laying.in_subquery(undone));
    let layings = laid::Entity::find().filter(concerned);
    let mut subjects = BTreeSet::new();
    for laid in store.brought_within(scope, layings).await? {
        let select = of_laying(&laid, None)
            .filter(rows.clone())
            .select_only()
            .column(told::Column::SubjectId)
            .distinct();
        let select = store.brought_as::<SeePerson, _, TheirId>(scope, select);
        for row in select.await? {
            subjects.insert(read_id(&row.subject_id)?);
        }
    }
    Ok(subjects)
}

/// These rows by whom they are about.
async fn gather(
    store: &Store,
    subjects: &[subject::Model],
    told: Vec<told::Model>,
    loads: &[laid::Model],
) -> Result<Vec<Known>, StoreFault> {
    let mut of_subject: BTreeMap<SubjectId, Known> = BTreeMap::new();
    for (subject, telling) in open(store, subjects, told, loads).await? {
        let known = of_subject.entry(subject.id).or_insert_with(|| Known {
            subject,
            tellings: Vec::new(),
            protected: false,
            withheld: false,
            for_keepers: false,
        });
        known.tellings.push(telling);
    }
    let mut all: Vec<Known> = of_subject.into_values().collect();
    let marked = Marked::of(store, all.iter().map(|known| known.subject.id)).await?;
    for known in &mut all {
        let mut stand = known.tellings.iter().filter(|telling| !telling.ended);
        let say_so = stand.any(|telling| protects(&telling.facts));
        known.protected = marked.protects(known.subject.id, say_so);
        known
            .tellings
            .sort_by_key(|telling| (!telling.ended, telling.as_of, telling.seq, telling.row));
    }
    Ok(all)
}
