//! Parting what was joined wrongly, so that everything is as it was before.

use std::collections::BTreeMap;

use clearpicture_access::Permit;
use clearpicture_kernel::{Passage, PersonId, SubjectId};

use super::decide::{self, Says};
use super::rules::Persons;
use super::types::{Sureness, Verdict};
use crate::persons::{self, PartPerson, Person, Subject};
use crate::shell::{Ctx, Failure};

/// Takes `subject` out of the person of `permit`, and notes that it is none of the others.
///
/// # Errors
/// [`Failure::NotFound`] when the subject is not one of several there; [`Failure::Conflict`] when somebody changed one
/// of the persons first.
pub(super) async fn part(
    ctx: &Ctx,
    permit: &Permit<PartPerson>,
    id: PersonId,
    subject: SubjectId,
    reason: &Passage,
) -> Result<(), Failure> {
    let person = ctx.store().load(permit).await?;
    let members = person.members.clone();
    let subjects: BTreeMap<SubjectId, Subject> =
        persons::subjects_of(ctx.store(), permit, &members)
            .await?
            .into_iter()
            .map(|subject| (subject.id, subject))
            .collect();
    // The own persons of the others are empty, and one of them will not be.
    let mut permits = BTreeMap::new();
    let mut standing: Vec<(PersonId, Person)> = vec![(id, person)];
    for own in subjects.values().map(|subject| subject.own_person) {
        if own != id {
            let permit = ctx.permit::<PartPerson>(&own).await?;
            standing.push((own, ctx.store().load(&permit).await?));
            permits.insert(own, permit);
        }
    }
    let standing = Persons::standing(standing);
    let clusters = standing.without(id, subject);
    if clusters.is_empty() {
        return Err(Failure::NotFound);
    }
    let wanted = Persons::made_of(&subjects, &clusters);
    let mut prepared = Vec::new();
    for other in members.iter().filter(|member| **member != subject) {
        let says = Says {
            pair: (subject.min(*other), subject.max(*other)),
            verdict: Verdict::NotSame,
            confidence: Sureness::Certain,
            reason: reason.clone(),
        };
        prepared.push(decide::prepare(ctx, &says, None).await?);
    }
    for (changed, person) in standing.changes(&wanted) {
        let permit = permits.get(&changed).unwrap_or(permit);
        let change = ctx.store().prepare_change(permit, &person, Some(reason));
        prepared.push(change.await?);
    }
    ctx.store().commit(prepared).await?;
    Ok(())
}
