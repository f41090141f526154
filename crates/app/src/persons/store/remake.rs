//! Making the search keys of whoever is held already, when facts give other keys than they did.
//!
//! Keys are brought, and so are never taken away: those that nothing gives any more find somebody by what they were
//! called before, which is right. Nobody who is held is left unfound without a word: a row says that all have the keys of
//! this edition, and as long as it is missing the job `make-search-keys` goes through them.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::SubjectId;
use clearpicture_store::{Batch, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::super::keys;
use super::super::types::SeePerson;
use super::known::facts_after;
use super::search::{having, key_id};
use super::tables::{laid, subject_key};
use super::{ASKED_AT_ONCE, read_id};

/// Whether everyone who is held has the keys of this edition; also while nobody is held.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn keys_are_made(store: &Store, scope: &Scope<SeePerson>) -> Result<bool, StoreFault> {
    let made = having(&keys::of_edition(store)).limit(1);
    if !store.brought_within(scope, made).await?.is_empty() {
        return Ok(true);
    }
    is_empty(store, scope).await
}

/// Puts into a batch the keys that the next few hundred subjects lack; gives the last of them, `None` after the last of all.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn bring_keys(
    store: &Store,
    scope: &Scope<SeePerson>,
    batch: &mut Batch,
    after: Option<SubjectId>,
) -> Result<Option<SubjectId>, StoreFault> {
    let Some((last, facts)) = facts_after(store, scope, after).await? else {
        return Ok(None);
    };
    let of_one = |(subject, facts): (&String, &Vec<_>)| {
        let keys = keys::of_facts(store, facts);
        keys.iter()
            .map(|key| key_id(key, subject))
            .collect::<Vec<_>>()
    };
    let wanted: BTreeSet<String> = facts.iter().flat_map(of_one).collect();
    let ids: Vec<&String> = wanted.iter().collect();
    let mut standing = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let some = some.iter().map(|id| id.as_str());
        let select = subject_key::Entity::find().filter(subject_key::Column::Id.is_in(some));
        let rows = store.brought_within(scope, select).await?;
        standing.extend(rows.into_iter().map(|row| row.id));
    }
    for id in wanted.difference(&standing) {
        add(batch, id.clone());
    }
    read_id(&last).map(Some)
}

/// Puts into a batch that everyone has the keys of this edition. `by` tells who says so from others who do at once.
pub fn bring_edition(store: &Store, batch: &mut Batch, by: &str) {
    add(batch, key_id(&keys::of_edition(store), by));
}

/// Whether nothing was ever laid.
pub(super) async fn is_empty(store: &Store, scope: &Scope<SeePerson>) -> Result<bool, StoreFault> {
    let any = laid::Entity::find().limit(1);
    Ok(store.brought_within(scope, any).await?.is_empty())
}

fn add(batch: &mut Batch, id: String) {
    batch.add(subject_key::ActiveModel {
        id: Set(id),
        seq: NotSet,
    });
}

/// Facts by the subjects of whom they are told.
pub(super) type FactsOf = BTreeMap<String, Vec<clearpicture_kernel::Fact>>;
