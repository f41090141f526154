//! Bars and involvements follow the children (safety rule 15).
//!
//! A bar is about a child, and stands on every person that the child's records are, were until this change, or gave up:
//! the one picture, and the empty ones that lead to it. So whoever is barred from one of two persons is barred from the
//! one that they become, and from both when they are parted again: which of the two it was meant for is for the
//! information governance lead to say, who lifts the other. Involvement only opens, and goes to the joined person alone.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Adds;
use clearpicture_kernel::{Passage, PersonId, RecordId, TypedId as _};
use clearpicture_store::{Grant, GrantId, Prepared, Relation};

use super::rules::{Persons, one_child};
use super::run::{LinkFault, Linking};
use crate::grants::{self, AddBar, Involve, SeeGrant};
use crate::persons::Standing;

/// What a grant that followed says of itself, after its reason.
const FOLLOWED: &str = "It came from a record that stood as one child with this one.";

/// The grants that have to be made beside a change from `before` to `after`. One that somebody made on an empty person
/// since the last run is among them.
pub(super) async fn follow(
    linking: &Linking<'_>,
    before: &Persons,
    after: &Persons,
) -> Result<Vec<Prepared>, LinkFault> {
    let children: Vec<BTreeSet<RecordId>> = one_child([before, after])
        .into_iter()
        .filter(|persons| persons.len() > 1)
        .map(|persons| persons.iter().map(PersonId::record_id).collect())
        .collect();
    let of: BTreeMap<&RecordId, &BTreeSet<RecordId>> = children
        .iter()
        .flat_map(|persons| persons.iter().map(move |person| (person, persons)))
        .collect();
    let scope = linking.scope::<SeeGrant>().await?;
    let standing = grants::in_force_on(linking.store, &scope, of.keys().copied()).await?;
    let mut there: BTreeSet<(RecordId, RecordId, &str)> = standing
        .iter()
        .map(|grant| {
            (
                grant.holder.clone(),
                grant.on_record.clone(),
                grant.relation.word(),
            )
        })
        .collect();
    let mut prepared = Vec::new();
    for grant in &standing {
        let Some(child) = of.get(&grant.on_record) else {
            continue;
        };
        for record in *child {
            let relation = grant.relation;
            let follows = match relation {
                Relation::Barred => true,
                Relation::Involved => leads_to(after, &grant.on_record, record),
                // It was given for that one record, for three hours.
                Relation::BreakGlass => false,
            };
            let new = (grant.holder.clone(), record.clone(), relation.word());
            if !follows || !there.insert(new) {
                continue;
            }
            prepared.push(match relation {
                Relation::Barred => copy::<AddBar>(linking, grant, record).await?,
                Relation::Involved | Relation::BreakGlass => {
                    copy::<Involve>(linking, grant, record).await?
                }
            });
        }
    }
    Ok(prepared)
}

/// Whether a person is empty, and part of another.
fn leads_to(persons: &Persons, from: &RecordId, to: &RecordId) -> bool {
    let from = PersonId::parse(from.as_str()).ok();
    let person = from.and_then(|from| persons.0.get(&from));
    person.is_some_and(|person| match person.standing {
        Standing::Empty { into } => into.record_id() == *to,
        Standing::Alone | Standing::Joined { .. } => false,
    })
}

async fn copy<A: Adds<On = Grant>>(
    linking: &Linking<'_>,
    grant: &Grant,
    record: &RecordId,
) -> Result<Prepared, LinkFault> {
    let said = grant.reason.as_str();
    let reason = match said.ends_with(FOLLOWED) {
        true => grant.reason.clone(),
        false => Passage::parse(&format!("{said} {FOLLOWED}")).unwrap_or(grant.reason.clone()),
    };
    let copy = Grant {
        on_record: record.clone(),
        reason,
        starts_at: linking.store.ambient().now(),
        ..grant.clone()
    };
    let id = GrantId::fresh(linking.store.ambient());
    linking.prepare_add::<A>(&id, &copy).await
}
