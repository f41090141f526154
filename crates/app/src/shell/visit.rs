//! Who is visiting: found once per request, before any handler runs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use clearpicture_access::Caller;
use clearpicture_kernel::{Code, PersonName};
use clearpicture_store::StoreFault;

use super::failure::Failure;
use super::session::{self, Session, Stage, Token};
use crate::practice::PurposeCode;
use crate::state::App;

/// Someone who signed in, or an agency's system with its token.
#[derive(Debug, Clone)]
pub struct Who {
    /// Who, as decisions know them.
    pub caller: Caller,
    /// Their name.
    pub name: PersonName,
    /// Their roles, in words.
    pub role: String,
    /// Their agency's name.
    pub agency: String,
    /// What stands between them and records about people, in words: vetting or training out of date.
    pub not_ready: Option<String>,
}

/// One request's visitor.
#[derive(Debug)]
pub struct Visit {
    /// The secret in their cookie, or a fresh one that they will be given.
    pub token: Token,
    /// The session that the token belongs to, whatever its stage.
    pub session: Option<Session>,
    /// Who they are, once signed in.
    pub who: Option<Who>,
    /// Why they are here, once signed in.
    pub purpose: Option<PurposeCode>,
    /// The path asked for.
    pub path: String,
    given: bool,
}

/// The cookie's name: over HTTPS the browser itself holds it to this host and path.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-clearpicture"
    } else {
        "clearpicture"
    }
}

/// The header that gives `token` to the browser.
pub(crate) fn cookie(token: &Token, secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{flags}",
        cookie_name(secure),
        token.cookie_text()
    ))
    .ok()
}

/// The value of the cookie called `name`.
pub(crate) fn cookie_in<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn token_in(headers: &HeaderMap, secure: bool) -> Option<Token> {
    cookie_in(headers, cookie_name(secure)).and_then(Token::from_cookie)
}

/// Finds out who is visiting and hands it on.
pub(crate) async fn find_visitor(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let visit = match visit(&app, request.headers().clone(), path).await {
        Ok(visit) => Arc::new(visit),
        Err(fault) => return Failure::from(fault).into_response(),
    };
    request.extensions_mut().insert(Arc::clone(&visit));
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Arc::clone(&visit));
    let answered_with_token = response.headers().contains_key(header::SET_COOKIE);
    if !visit.given
        && !answered_with_token
        && !visit.path.starts_with("/api/")
        && let Some(cookie) = cookie(&visit.token, app.serving().secure)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn visit(app: &App, headers: HeaderMap, path: String) -> Result<Visit, StoreFault> {
    if path.starts_with("/api/") {
        return token_visit(app, &headers, path).await;
    }
    let Some(token) = token_in(&headers, app.serving().secure) else {
        return Ok(Visit {
            token: Token::fresh(app.ambient()),
            session: None,
            who: None,
            purpose: None,
            path,
            given: false,
        });
    };
    let session = session::find(app.store(), &token).await?;
    let who = match &session {
        Some(session) if session.stage == Stage::Full => {
            (app.identify().worker)(app.clone(), session.worker).await?
        }
        _ => None,
    };
    let purpose = who.as_ref().and_then(|who| {
        let chosen = session
            .as_ref()
            .and_then(|session| session.purpose.as_ref());
        purpose_of(app, who, chosen)
    });
    Ok(Visit {
        token,
        session,
        who,
        purpose,
        path,
        given: true,
    })
}

/// The purpose chosen, if the roles held still allow it, or else the first.
fn purpose_of(app: &App, who: &Who, chosen: Option<&Code>) -> Option<PurposeCode> {
    let roles = &who.caller.roles;
    chosen
        .and_then(|code| {
            app.practice()
                .purposes_for(roles)
                .find(|purpose| purpose.code == *code)
        })
        .or_else(|| app.practice().first_purpose(roles))
        .cloned()
}

async fn token_visit(app: &App, headers: &HeaderMap, path: String) -> Result<Visit, StoreFault> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|value| value.trim().to_owned());
    let who = match bearer {
        Some(bearer) => (app.identify().token)(app.clone(), bearer).await?,
        None => None,
    };
    let purpose = who
        .as_ref()
        .and_then(|_| Code::parse("data-exchange").ok())
        .and_then(|code| app.practice().purpose(&code).cloned());
    Ok(Visit {
        token: Token::fresh(app.ambient()),
        session: None,
        who,
        purpose,
        path,
        given: true,
    })
}
