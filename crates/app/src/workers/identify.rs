//! Who a signed-in worker is now: read afresh for every request, so that a role
//! taken away, vetting run out or an agency that has left counts at once.

use clearpicture_access::{Caller, Identity, Purpose};
use clearpicture_kernel::{AgencyId, Code, PersonName, TeamId, Timestamp, TypedId as _, WorkerId};
use clearpicture_store::StoreFault;
use futures_util::future::{BoxFuture, FutureExt as _};

use super::rules::{role_titles, split};
use super::store::{row, row_of};
use super::types::{ListWorkers, Readiness};
use crate::agencies;
use crate::shell::visit::Who;
use crate::state::App;

/// Who `worker` is now; `None` when they may not sign in any more.
pub fn identify(app: App, worker: WorkerId) -> BoxFuture<'static, Result<Option<Who>, StoreFault>> {
    async move {
        let system = Caller::system("sign-in");
        let Ok(code) = Code::parse("administration") else {
            return Ok(None);
        };
        let purpose = Purpose {
            code,
            marked: false,
        };
        let scope = app
            .store()
            .scope::<ListWorkers>(app.access(), &system, &purpose)
            .await?;
        let Some(found) = row_of(app.store(), &scope, worker).await? else {
            return Ok(None);
        };
        let Ok(agency) = AgencyId::parse(&found.agency_id) else {
            return Ok(None);
        };
        let agency_name = agencies::taking_part(app.store(), agency).await?;
        Ok(agency_name.and_then(|name| who(&app, worker, &found, agency, name)))
    }
    .boxed()
}

fn who(
    app: &App,
    worker: WorkerId,
    row: &row::Model,
    agency: AgencyId,
    agency_name: String,
) -> Option<Who> {
    let now = app.ambient().now();
    let readiness = readiness(now, row);
    let roles = split(&row.roles, Code::parse);
    let titles = role_titles(app.practice(), &roles);
    Some(Who {
        name: PersonName::parse(&row.name).ok()?,
        role: titles.join(", ").to_lowercase(),
        agency: agency_name,
        not_ready: readiness.missing().map(ToOwned::to_owned),
        caller: Caller {
            identity: Identity::Worker(worker),
            agency: Some(agency),
            teams: split(&row.teams, TeamId::parse),
            roles,
            ready: readiness.is_ready(),
        },
    })
}

/// The readiness that a row tells: its columns hold the first moment that no longer counts.
fn readiness(now: Timestamp, row: &row::Model) -> Readiness {
    let counts = |end: Option<i64>| end.is_some_and(|end| now.as_microsecond() < end);
    Readiness {
        vetted: counts(row.vetted_until),
        trained: counts(row.trained_until),
    }
}
