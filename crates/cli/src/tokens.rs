//! `token add`: makes an API token and prints its secret, this once.

use std::collections::BTreeSet;

use clearpicture_access::{Access, Caller, Purpose};
use clearpicture_app::agencies;
use clearpicture_app::state;
use clearpicture_app::tokens::{AddToken, ApiScope, Secret, Token, TokenId};
use clearpicture_kernel::{Code, Line};
use clearpicture_store::{Record as _, Store};

use crate::installation::{self, Footing};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// What a token is for, when nobody says.
const LABEL: &str = "Made on the server";

/// The command.
pub(crate) async fn add(
    settings: &Settings,
    agency: &str,
    scopes: &[String],
    label: Option<&str>,
) -> Result<(), Stop> {
    let scopes = scopes_of(scopes)?;
    let label = Line::parse(label.unwrap_or(LABEL))
        .map_err(|error| Stop::misuse(format!("--label: {error}")))?;
    let opened = installation::open(settings, Footing::Existing).await?;
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let made = make(&opened.store, &access, agency, scopes, label).await;
    opened.close().await?;
    say::answer(made?.reveal())
}

async fn make(
    store: &Store,
    access: &Access,
    agency: &str,
    scopes: BTreeSet<ApiScope>,
    label: Line,
) -> Result<Secret, Stop> {
    let agency = agencies::by_code(store, agency).await?.ok_or_else(|| {
        Stop::misuse(format!(
            "no agency has the code `{agency}`: the page Agencies shows each agency's code"
        ))
    })?;
    let secret = Secret::fresh(store.ambient());
    let token = Token {
        agency,
        label,
        scopes,
        digest: secret.digest(store),
        made_at: store.ambient().now(),
        active: true,
    };
    let id = TokenId::fresh(store.ambient());
    let resource = token.to_add(&id);
    let purpose = Purpose {
        code: Code::parse("administration").map_err(|error| Stop::fault(error.to_string()))?,
        marked: false,
    };
    let permit = access
        .permit::<AddToken>(&Caller::system("command-line"), resource, &purpose)
        .map_err(|refused| Stop::fault(refused.to_string()))?;
    store.add(&permit, &token, None).await?;
    Ok(secret)
}

fn scopes_of(codes: &[String]) -> Result<BTreeSet<ApiScope>, Stop> {
    codes
        .iter()
        .map(|code| {
            ApiScope::from_code(code).ok_or_else(|| {
                let known: Vec<&str> = ApiScope::ALL.into_iter().map(ApiScope::code).collect();
                Stop::misuse(format!(
                    "`{code}` is no scope: write one of {}",
                    known.join(", ")
                ))
            })
        })
        .collect()
}
