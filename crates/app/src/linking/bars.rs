//! Bars and involvements follow the subjects: whoever was barred from one of two persons is barred from the one that
//! they become (safety rule 15), in the same change.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Adds;
use clearpicture_kernel::{Passage, RecordId, TypedId as _};
use clearpicture_store::{Grant, GrantId, Prepared, Relation};

use super::rules::Persons;
use super::run::{LinkFault, Linking};
use crate::grants::{self, AddBar, Involve, SeeGrant};
use crate::persons::Standing;

/// The grants that have to be made beside `persons`: those in force on one that is empty, on the one it is part of. One
/// that somebody made on an empty person since the last run is among them.
pub(super) async fn follow(
    linking: &Linking<'_>,
    persons: &Persons,
) -> Result<Vec<Prepared>, LinkFault> {
    let into: BTreeMap<RecordId, RecordId> = persons
        .0
        .iter()
        .filter_map(|(id, person)| match person.standing {
            Standing::Empty { into } => Some((id.record_id(), into.record_id())),
            Standing::Alone | Standing::Joined { .. } => None,
        })
        .collect();
    let all: BTreeSet<&RecordId> = into.iter().flat_map(|(from, to)| [from, to]).collect();
    let scope = linking.scope::<SeeGrant>().await?;
    let standing = grants::in_force_on(linking.store, &scope, all).await?;
    let has = |holder: &RecordId, record: &RecordId, relation: Relation| {
        standing.iter().any(|grant| {
            grant.holder == *holder && grant.on_record == *record && grant.relation == relation
        })
    };
    let mut prepared = Vec::new();
    let mut made = BTreeSet::new();
    for grant in &standing {
        let Some(record) = into.get(&grant.on_record) else {
            continue;
        };
        let relation = grant.relation;
        let new = made.insert((grant.holder.clone(), record.clone(), relation.word()));
        if has(&grant.holder, record, relation) || !new {
            continue;
        }
        prepared.extend(match relation {
            Relation::Barred => Some(copy::<AddBar>(linking, grant, record).await?),
            Relation::Involved => Some(copy::<Involve>(linking, grant, record).await?),
            // It was given for that one record, for three hours.
            Relation::BreakGlass => None,
        });
    }
    Ok(prepared)
}

async fn copy<A: Adds<On = Grant>>(
    linking: &Linking<'_>,
    grant: &Grant,
    record: &RecordId,
) -> Result<Prepared, LinkFault> {
    let reason = format!(
        "It stood on {}, which is part of this person now. {}",
        grant.on_record,
        grant.reason.as_str()
    );
    let reason = Passage::parse(&reason).unwrap_or_else(|_| grant.reason.clone());
    let copy = Grant {
        on_record: record.clone(),
        reason,
        starts_at: linking.store.ambient().now(),
        ..grant.clone()
    };
    let id = GrantId::fresh(linking.store.ambient());
    linking.prepare_add::<A>(&id, &copy).await
}
