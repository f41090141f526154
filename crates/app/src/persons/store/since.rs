//! What was said since an entry of history, row by row: for what is counted.

use std::collections::BTreeSet;

use clearpicture_access::Scope;
use clearpicture_kernel::Timestamp;
use clearpicture_store::{Onward, Store, StoreFault};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::super::types::{SeePerson, Telling};
use super::known::{of_laying, open};
use super::tables::{laid, subject, told};
use super::{ASKED_AT_ONCE, unreadable};

/// What rows of files said that tell of one of `kinds`, in the order in which their layings were laid, each with the number and moment of the entry
/// that laid it; and the last row of all. For what is counted.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(in crate::persons) async fn tellings_since(
    store: &Store,
    scope: &Scope<SeePerson>,
    onward: &Onward,
    kinds: &[&str],
) -> Result<Since, StoreFault> {
    let mut since = Since::default();
    let mut from = onward.clone();
    while since.answered < onward.most {
        let Some(laid) = next_laid(store, scope, &from).await? else {
            break;
        };
        let select = of_laying(&laid, from.row.take())
            .filter(any_kind(kinds))
            .order_by_asc(told::Column::Id)
            .limit(onward.most - since.answered);
        let told = store.brought_within(scope, select).await?;
        since.answered += u64::try_from(told.len()).unwrap_or_default();
        let last = told.last().map(|row| row.id.clone());
        if since.answered >= onward.most {
            since.last = Some((laid.seq, last));
        }
        let ids: BTreeSet<&str> = told.iter().map(|row| row.subject_id.as_str()).collect();
        let mut subjects = Vec::new();
        for some in ids.into_iter().collect::<Vec<_>>().chunks(ASKED_AT_ONCE) {
            let select =
                subject::Entity::find().filter(subject::Column::Id.is_in(some.iter().copied()));
            subjects.extend(store.brought_within(scope, select).await?);
        }
        let at = store.recorded_at([laid.seq]).await?;
        let at = *at
            .get(&laid.seq)
            .ok_or_else(|| unreadable(&laid.load_id, &"no entry of history laid its rows"))?;
        let places: Vec<i64> = told.iter().map(|row| place(&row.id)).collect();
        let tellings = open(store, &subjects, told, std::slice::from_ref(&laid)).await?;
        for (place, (_, telling)) in places.into_iter().zip(tellings) {
            since.tellings.push(Dated {
                seq: laid.seq,
                place,
                at,
                telling,
            });
        }
        from.after = laid.seq;
    }
    Ok(since)
}

/// That a row tells, or once told, of one of these kinds.
fn any_kind(kinds: &[&str]) -> Condition {
    let all = kinds.iter();
    all.fold(Condition::any(), |any, kind| {
        any.add(told::Column::Kinds.contains(format!(" {kind} ")))
    })
}

/// What rows of files said since an entry.
#[derive(Debug, Default)]
pub(in crate::persons) struct Since {
    /// Each row.
    pub(in crate::persons) tellings: Vec<Dated>,
    /// How many that is.
    pub(in crate::persons) answered: u64,
    /// The last of all, where there may be more.
    pub(in crate::persons) last: Option<(i64, Option<String>)>,
}

/// What a row said, and when it was known.
#[derive(Debug)]
pub(in crate::persons) struct Dated {
    /// The entry that laid it.
    pub(in crate::persons) seq: i64,
    /// Its place in what that entry laid.
    pub(in crate::persons) place: i64,
    /// When that was.
    pub(in crate::persons) at: Timestamp,
    /// What it said.
    pub(in crate::persons) telling: Telling,
}

/// The place of a row in its laying.
fn place(id: &str) -> i64 {
    let place = id
        .rsplit_once(':')
        .and_then(|(_, place)| place.parse().ok());
    place.unwrap_or_default()
}

/// The laying that is being read, or the next one.
async fn next_laid(
    store: &Store,
    scope: &Scope<SeePerson>,
    from: &Onward,
) -> Result<Option<laid::Model>, StoreFault> {
    let begun = match from.row {
        Some(_) => laid::Column::Seq.gte(from.after),
        None => laid::Column::Seq.gt(from.after),
    };
    let select = laid::Entity::find()
        .filter(begun)
        .filter(laid::Column::Seq.lte(from.to))
        .order_by_asc(laid::Column::Seq)
        .limit(1);
    Ok(store
        .brought_within(scope, select)
        .await?
        .into_iter()
        .next())
}
