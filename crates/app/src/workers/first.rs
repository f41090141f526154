//! The first person of an agency. An agency keeps its own people; one that has just come has nobody who could, so an
//! administrator of another adds the first, who is its administrator and adds the others.

use clearpicture_access::{Caller, Purpose};
use clearpicture_kernel::{AgencyId, Code, WorkerId};

use super::store::others_of;
use super::types::{ListWorkers, Worker};
use crate::agencies;
use crate::shell::ctx::id_in_path;
use crate::shell::{Ctx, Failure};

/// The role of whoever adds people.
const ADMINISTRATOR: &str = "administrator";

/// Whether an agency has nobody, now or formerly, but for this person.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn has_nobody_but(
    ctx: &Ctx,
    agency: AgencyId,
    but: Option<WorkerId>,
) -> Result<bool, Failure> {
    // Counted by the product itself: whom the caller may know of makes no difference to it.
    let system = Caller::system("sign-in");
    let purpose = Purpose {
        code: Code::parse("administration").map_err(|fault| Failure::fault(&fault))?,
        marked: false,
    };
    let store = ctx.store();
    let scope = store.scope::<ListWorkers>(ctx.app.access(), &system, &purpose);
    let scope = scope.await?;
    Ok(others_of(store, &scope, agency, but).await? == 0)
}

/// The agency that a new person serves: the caller's own, or one of which nobody is.
///
/// # Errors
/// [`Failure::Rule`] when it is another that has people.
pub(super) async fn agency_served(ctx: &Ctx, asked: &str) -> Result<AgencyId, Failure> {
    let own = ctx.agency()?;
    if asked.is_empty() {
        return Ok(own);
    }
    let agency = id_in_path::<AgencyId>(asked)?;
    if agency == own {
        return Ok(own);
    }
    let name = agencies::taking_part(ctx.store(), agency).await?;
    if name.is_none() {
        return Err(Failure::NotFound);
    }
    if has_nobody_but(ctx, agency, None).await? {
        return Ok(agency);
    }
    Err(Failure::Rule(
        "That agency has people already: its own administrators add the others.".to_owned(),
    ))
}

/// What is wrong with the roles of a person who is the first of their agency.
pub(super) fn wrong_roles(worker: &Worker) -> Option<&'static str> {
    let adds_people = worker
        .roles
        .iter()
        .any(|role| role.as_str() == ADMINISTRATOR);
    (!adds_people)
        .then_some("Roles: the first person of an agency is its administrator, who adds the others")
}
