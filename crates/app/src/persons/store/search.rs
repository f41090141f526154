//! Finding persons by their search keys.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{PersonId, SubjectId};
use clearpicture_linkage::children::Shared;
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, QueryTrait as _,
};

use super::super::keys::of_shared;
use super::super::types::SeePerson;
use super::tables::{member, row, subject_key};
use super::{ASKED_AT_ONCE, read_id};

/// The persons in scope who can be found by every one of `wanted`, each a list of keys of which one is enough, the
/// best first: those found by most first keys. At most `most` of them, and how many there are.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(in crate::persons) async fn found(
    store: &Store,
    scope: &Scope<SeePerson>,
    wanted: &[Vec<String>],
    most: usize,
) -> Result<(Vec<PersonId>, u64), StoreFault> {
    let mut subjects: Option<BTreeMap<String, usize>> = None;
    for alternatives in wanted {
        let select =
            subject_key::Entity::find().filter(subject_key::Column::Digest.is_in(alternatives));
        let mut here: BTreeMap<String, usize> = BTreeMap::new();
        for row in store.brought_within(scope, select).await? {
            let exact = usize::from(alternatives.first() == Some(&row.digest));
            let best = here.entry(row.subject_id).or_default();
            *best = exact.max(*best);
        }
        subjects = Some(match subjects {
            None => here,
            Some(before) => before
                .into_iter()
                .filter_map(|(id, exact)| here.get(&id).map(|more| (id, exact + more)))
                .collect(),
        });
    }
    let subjects = subjects.unwrap_or_default();
    let ids: Vec<&String> = subjects.keys().collect();
    let mut ranked: BTreeMap<String, usize> = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let some = some.iter().map(|id| id.as_str());
        let select = member::Entity::find().filter(member::Column::SubjectId.is_in(some));
        for row in store.brought_within(scope, select).await? {
            let exact = subjects.get(&row.subject_id).copied().unwrap_or_default();
            let best = ranked.entry(row.person_id).or_default();
            *best = exact.max(*best);
        }
    }
    // Only now is it asked which of them the caller may know of.
    let mut allowed: Vec<(usize, PersonId)> = Vec::new();
    let persons: Vec<&String> = ranked.keys().collect();
    for some in persons.chunks(ASKED_AT_ONCE) {
        let some = some.iter().map(|id| id.as_str());
        let rows = store
            .select(scope)
            .filter(row::Column::Id.is_in(some))
            .all(store.reader())
            .await?;
        for row in rows {
            let exact = ranked.get(&row.id).copied().unwrap_or_default();
            allowed.push((exact, read_id(&row.id)?));
        }
    }
    allowed.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.cmp(y)));
    let total = allowed.len() as u64;
    let best = allowed.into_iter().take(most).map(|(_, id)| id).collect();
    Ok((best, total))
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
    let mut found = BTreeSet::new();
    for block in blocks {
        let mut parts: Vec<&Shared> = block.iter().collect();
        parts.sort_by_key(|part| commonness(part));
        let Some((rarest, others)) = parts.split_first() else {
            continue;
        };
        let rarest = of_shared(store, rarest);
        let mut select = subject_key::Entity::find()
            .filter(subject_key::Column::Digest.eq(rarest.as_str()))
            .select_only()
            .column(subject_key::Column::Id);
        for other in others {
            let has = has_too(store.backend(), &rarest, &of_shared(store, other));
            select = select.filter(Expr::exists(has));
        }
        let select = store.brought_as::<SeePerson, _, TheirKey>(scope, select);
        for row in select.await? {
            let subject = row.id.split_once(':').map_or("", |(subject, _)| subject);
            found.insert(read_id(subject)?);
        }
    }
    Ok(found)
}

/// A key of a subject: whose it is and which, with a colon between.
#[derive(Debug, FromQueryResult)]
struct TheirKey {
    id: String,
}

/// Whether the subject that has the key `first` has `other` too.
fn has_too(backend: DbBackend, first: &str, other: &str) -> SelectStatement {
    let key = Alias::new("other");
    let id = || Expr::col((key.clone(), subject_key::Column::Id));
    let wanted = || {
        let of_first = Expr::col((subject_key::Entity, subject_key::Column::Id));
        Func::cust("replace").args([of_first, Expr::val(first), Expr::val(other)])
    };
    let mut has = Query::select();
    has.expr(Expr::val(1))
        .from_as(subject_key::Entity, key.clone());
    match backend {
        // Both keys are looked for in the index of digests, where all who have one stand together, in order. An id that
        // is equal would be looked for in the table, on a page of its own for each.
        DbBackend::Sqlite => has
            .and_where(Expr::col((key.clone(), subject_key::Column::Digest)).eq(other))
            .and_where(id().gte(wanted()))
            .and_where(id().lte(wanted())),
        _ => has.and_where(id().eq(wanted())),
    };
    has
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
