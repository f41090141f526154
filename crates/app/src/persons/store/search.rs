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

use super::super::keys::of_shared;
use super::super::types::SeePerson;
use super::tables::{member, row, subject_key};
use super::{ASKED_AT_ONCE, read_id, unreadable};

/// The most blocks that one question names.
const BLOCKS_AT_ONCE: usize = 50;

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
        let mut here: BTreeMap<String, usize> = BTreeMap::new();
        for (place, key) in alternatives.iter().enumerate() {
            let exact = usize::from(place == 0);
            for row in store.brought_within(scope, having(key)).await? {
                let best = here.entry(whose(&row)?.to_owned()).or_default();
                *best = exact.max(*best);
            }
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
    let each = blocks.iter().filter_map(|block| {
        let mut parts: Vec<&Shared> = block.iter().collect();
        parts.sort_by_key(|part| commonness(part));
        let keys = parts.into_iter().map(|part| of_shared(store, part));
        having_all(store.backend(), keys)
    });
    let each: Vec<Select<subject_key::Entity>> = each.collect();
    let mut found = BTreeSet::new();
    for some in each.chunks(BLOCKS_AT_ONCE) {
        let Some((first, others)) = some.split_first() else {
            continue;
        };
        let mut select = first.clone();
        for other in others {
            let other = other.clone().into_query();
            QueryTrait::query(&mut select).union(UnionType::All, other);
        }
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
fn having(key: &str) -> Select<subject_key::Entity> {
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
