//! Parting what was joined wrongly, so that everything is as it was before.

use std::collections::BTreeMap;

use clearpicture_access::Permit;
use clearpicture_kernel::{Passage, PersonId, SubjectId};

use super::bars::follow;
use super::breach::Parted;
use super::decide::{self, Says};
use super::follow::{Decided, Followed, fault, keep};
use super::rules::Persons;
use super::run::Linking;
use super::store::Two;
use super::types::{Sureness, Verdict};
use crate::persons::{self, PartPerson, Person, Subject};
use crate::shell::{Ctx, Failure};

/// Takes `subject` out of the person of `permit`, notes that it is none of the others, and links all of them anew. Gives a
/// pair by which it can be taken back.
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
) -> Result<(Followed, Two), Failure> {
    let _turn = decide::turn().await;
    let person = ctx.store().load(permit).await?;
    let members = person.members.clone();
    let others = members.iter().filter(|member| **member != subject);
    let pairs = others.map(|other| (subject.min(*other), subject.max(*other)));
    let pairs: Vec<(SubjectId, SubjectId)> = pairs.collect();
    let first = pairs.first().copied().ok_or(Failure::NotFound)?;
    let parted = Parted::of(permit.resource(), &person, pairs.clone());
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
    let stand = [members.clone()];
    let mut about = members;
    for pair in pairs {
        let says = Says {
            pair,
            verdict: Verdict::NotSame,
            confidence: Sureness::Certain,
            reason: reason.clone(),
            sides: None,
            asked_of: None,
        };
        let ready = decide::prepare(ctx, &says, &stand).await?;
        about.extend(ready.about(&says));
        prepared.push(ready.change);
    }
    decide::may_decide_about(ctx, &about).await?;
    for (changed, person) in standing.changes(&wanted) {
        let permit = permits.get(&changed).unwrap_or(permit);
        let change = ctx.store().prepare_change(permit, &person, Some(reason));
        prepared.push(change.await?);
    }
    // Whoever is barred from what was one child is barred from both.
    let linking = Linking::new(ctx.store(), ctx.app.access()).map_err(fault)?;
    prepared.extend(follow(&linking, &standing, &wanted).await.map_err(fault)?);
    // Whoever is left, and whoever was taken out, may belong to others.
    let decided = Decided::now(ctx, about);
    let followed = keep(ctx, prepared, parted.as_slice(), &decided).await?;
    Ok((followed, first))
}
