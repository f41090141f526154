//! Who the bearer of a token is: found afresh for every call, so that a token
//! taken away, or of an agency that has left, stops working at once.

use std::collections::BTreeSet;

use clearpicture_access::{Caller, Identity, Purpose};
use clearpicture_kernel::{AgencyId, Code, PersonName, RecordId, TypedId as _};
use clearpicture_store::StoreFault;
use futures_util::future::{BoxFuture, FutureExt as _};

use super::store::{row, with_digest};
use super::types::{ApiScope, Secret, SeeToken};
use crate::agencies;
use crate::shell::visit::Who;
use crate::state::App;

/// Who bears this secret; `None` for one that was never given out, or was taken away.
pub fn identify(app: App, bearer: String) -> BoxFuture<'static, Result<Option<Who>, StoreFault>> {
    async move {
        let (Some(secret), Ok(code)) = (Secret::parse(&bearer), Code::parse("data-exchange"))
        else {
            return Ok(None);
        };
        let purpose = Purpose {
            code,
            marked: false,
        };
        let system = Caller::system("sign-in");
        let scope = app
            .store()
            .scope::<SeeToken>(app.access(), &system, &purpose)
            .await?;
        let Some(found) = with_digest(app.store(), &scope, &secret.digest(app.store())).await?
        else {
            return Ok(None);
        };
        let Ok(agency) = AgencyId::parse(&found.agency_id) else {
            return Ok(None);
        };
        let agency_name = agencies::taking_part(app.store(), agency).await?;
        Ok(agency_name.and_then(|name| who(&found, agency, name)))
    }
    .boxed()
}

fn who(row: &row::Model, agency: AgencyId, agency_name: String) -> Option<Who> {
    Some(Who {
        name: PersonName::parse(&row.label).ok()?,
        role: "agency system".to_owned(),
        agency: agency_name,
        not_ready: None,
        caller: Caller {
            identity: Identity::Token(RecordId::parse(&row.id).ok()?),
            agency: Some(agency),
            teams: BTreeSet::new(),
            roles: row
                .scopes
                .split(' ')
                .filter_map(|code| ApiScope::from_code(code)?.role())
                .collect(),
            ready: true,
        },
    })
}
