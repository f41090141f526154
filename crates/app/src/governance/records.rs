//! One record of whatever kind, found by its id, and how a caller stands to it.

use clearpicture_access::{ActionSpec, Grants, Resource};
use clearpicture_kernel::RecordId;

use super::rules::Standing;
use crate::capability::Kept;
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
