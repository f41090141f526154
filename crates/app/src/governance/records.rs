//! One record of whatever kind, found by its id, how a caller stands to it, and what is of one child with it.

use std::collections::BTreeSet;

use clearpicture_access::{ActionSpec, Grants, Resource};
use clearpicture_kernel::{PersonId, RecordId, TypedId as _};

use super::rules::Standing;
use crate::capability::Kept;
use crate::persons;
use crate::shell::{Ctx, Failure};

/// A record that is there; whether the caller may know of it is yet to be asked.
pub(super) struct Found {
    pub(super) kept: Kept,
    pub(super) resource: Resource,
}

/// The record with this id.
///
/// # Errors
/// [`Failure::NotFound`] when there is none.
pub(super) async fn find(ctx: &Ctx, id: &str) -> Result<Found, Failure> {
    let id = RecordId::parse(id.trim()).map_err(|_| Failure::NotFound)?;
    let kept = *ctx.app.kept_with(id.prefix()).ok_or(Failure::NotFound)?;
    let resource = (kept.resource)(ctx.store(), ctx.caller(), &id).await?;
    let resource = resource.ok_or(Failure::NotFound)?;
    Ok(Found { kept, resource })
}

/// The records on which a grant stands that is about what `record` is about: of a child, all of the child's.
///
/// # Errors
/// [`Failure::NotFound`] for whoever may not know of the child.
pub(super) async fn of_one_child(
    ctx: &Ctx,
    record: &RecordId,
) -> Result<BTreeSet<RecordId>, Failure> {
    let Ok(person) = PersonId::parse(record.as_str()) else {
        return Ok(BTreeSet::from([record.clone()]));
    };
    let all = persons::of_one_child(ctx, person).await?;
    Ok(all.iter().map(PersonId::record_id).collect())
}

impl Found {
    /// How the caller stands to the record. To a barred caller every answer is no.
    pub(super) fn standing(&self, ctx: &Ctx) -> Standing {
        let grants = self.resource.grants;
        let by_glass = Grants {
            break_glass: true,
            ..grants
        };
        let allows = |action: ActionSpec, grants| {
            let class = &self.resource.class;
            ctx.app
                .access()
                .would_allow(action, ctx.caller(), &ctx.purpose(), class, grants)
        };
        Standing {
            knows: allows(self.kept.known_by, grants),
            opens: allows(self.kept.opened_by, grants),
            opens_by_glass: allows(self.kept.opened_by, by_glass),
        }
    }

    /// Why the caller does not open it: for whoever may not know of it, it is not there.
    pub(super) fn refusal(&self, ctx: &Ctx) -> Failure {
        let Resource { class, grants, .. } = &self.resource;
        match ctx.refused(self.kept.opened_by, class, *grants, Vec::new()) {
            Failure::Refused(_) if !self.standing(ctx).knows => Failure::NotFound,
            failure => failure,
        }
    }

    /// The address of the record's page.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for a kind without pages.
    pub(super) fn href(&self) -> Result<String, Failure> {
        self.kept
            .href(self.resource.id.as_str())
            .ok_or(Failure::NotFound)
    }
}
