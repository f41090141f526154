//! Finding persons by their search keys.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::PersonId;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

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
