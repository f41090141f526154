//! Ending what somebody holds on a child: on every record of the child at once, since what is left on one of them follows
//! into the picture again when records are linked next.

use std::collections::BTreeSet;

use clearpicture_access::{Action, Changes};
use clearpicture_kernel::{Passage, RecordId};
use clearpicture_store::{Grant, Prepared, Relation};

use super::store::held_on;
use crate::shell::{Ctx, Failure};

/// Ends, in one change, every grant of one relation that one holder has on any of these records, as far as the caller
/// may do `A` to it.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else was first, [`Failure::Fault`] when the database fails; nothing is ended then.
pub async fn end_all<A>(
    ctx: &Ctx,
    held: (Relation, &RecordId),
    records: &BTreeSet<RecordId>,
    reason: &Passage,
) -> Result<(), Failure>
where
    A: Changes + Action<On = Grant>,
{
    let scope = ctx.scope::<A>().await?;
    let mut changes: Vec<Prepared> = Vec::new();
    for (id, _) in held_on(ctx.store(), &scope, held, records).await? {
        let permit = ctx.permit::<A>(&id).await?;
        let mut grant = ctx.store().load(&permit).await?;
        grant.ends_at = Some(ctx.now());
        let change = ctx.store().prepare_change(&permit, &grant, Some(reason));
        changes.push(change.await?);
    }
    if !changes.is_empty() {
        ctx.store().commit(changes).await?;
    }
    Ok(())
}
