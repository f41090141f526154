//! The person of whom most agencies tell: a picture worth opening first.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::PersonId;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::super::types::SeePerson;
use super::read_id;
use super::tables::{member, row, subject};

/// Who tells of one person.
#[derive(Default)]
struct Tells<'a> {
    agencies: BTreeSet<&'a str>,
    subjects: usize,
}

/// The person in scope of whom most agencies tell, with the fewest records among those, and the oldest among those;
/// `None` when several sources tell of nobody in scope.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn most_widely_known(
    store: &Store,
    scope: &Scope<SeePerson>,
) -> Result<Option<PersonId>, StoreFault> {
    let select = store
        .select(scope)
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::State.eq("joined"));
    let joined: Vec<String> = select.into_tuple().all(store.reader()).await?;
    let mut tells: BTreeMap<&str, Tells<'_>> = joined
        .iter()
        .map(|id| (id.as_str(), Tells::default()))
        .collect();
    let agencies: BTreeMap<String, String> = store
        .brought_within(scope, subject::Entity::find())
        .await?
        .into_iter()
        .map(|subject| (subject.id, subject.agency_id))
        .collect();
    let members = store.brought_within(scope, member::Entity::find()).await?;
    for member in &members {
        let of = tells.get_mut(member.person_id.as_str());
        if let Some((of, agency)) = of.zip(agencies.get(&member.subject_id)) {
            of.agencies.insert(agency);
            of.subjects += 1;
        }
    }
    let best = tells
        .into_iter()
        .max_by_key(|(id, of)| {
            let fewest = std::cmp::Reverse(of.subjects);
            (of.agencies.len(), fewest, std::cmp::Reverse(*id))
        })
        .map(|(id, _)| id);
    best.map(read_id).transpose()
}
