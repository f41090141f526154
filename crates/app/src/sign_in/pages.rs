//! The door: e-mail and password, then a code; and the ways out.

use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect};
use clearpicture_kernel::WorkerId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::check::{self, CodeAnswer};
use super::device::Approach;
use super::rules::local_path;
use crate::shell::session::{self, Stage, Token};
use crate::shell::visit::cookie;
use crate::shell::{Answer, Ctx, Errors, Failure, Guest, Page, Posted};

/// How long the code may come after the password.
const CODE_WITHIN_MINUTES: i64 = 10;

/// Where to go on to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NextQuery {
    next: String,
}

/// A form without fields.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Nothing {}

/// The first page: who, and the password.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SignInPage {
    email: String,
    next: String,
    errors: Errors,
}

/// What the first page sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SignInForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "sign_in/sign_in.html";

    fn title(&self) -> String {
        "Sign in".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("email", WRONG);
        let clean = Self {
            email: String::new(),
            next: "/".to_owned(),
            errors: Errors::default(),
        };
        let wrong = Self {
            email: "amal.osei@northwater.example".to_owned(),
            errors,
            ..clean.clone()
        };
        vec![clean, wrong]
    }
}

/// The one answer to an unknown address, a wrong password and a closed account.
const WRONG: &str = "The e-mail address or the password is not right";

pub(super) async fn sign_in_page(guest: Guest, Query(query): Query<NextQuery>) -> Answer {
    if guest.visit.who.is_some() {
        if guest.visit.purpose.is_none() {
            let words =
                "Your account holds no role yet. Ask whoever manages accounts in your agency.";
            return Err(Failure::Refused(vec![words.to_owned()]));
        }
        return Ok(Redirect::to(local_path(&query.next)).into_response());
    }
    guest.page(&SignInPage {
        email: String::new(),
        next: local_path(&query.next).to_owned(),
        errors: Errors::default(),
    })
}

pub(super) async fn sign_in(
    guest: Guest,
    approach: Approach,
    Posted(form): Posted<SignInForm>,
) -> Answer {
    let next = local_path(&form.next).to_owned();
    let found = check::password(&guest.app, &approach, &form.email, &form.password).await?;
    let Some(worker) = found else {
        let mut errors = Errors::default();
        errors.add("email", WRONG);
        return guest.page(&SignInPage {
            email: form.email,
            next,
            errors,
        });
    };
    session::end(guest.app.store(), &guest.visit.token).await?;
    let token = session::begin(guest.app.store(), worker, Stage::Password).await?;
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    go(&guest, &token, &format!("/sign-in/code?next={next}"))
}

/// The second page: a code from the device.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CodePage {
    next: String,
    errors: Errors,
}

/// What the second page sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CodeForm {
    code: String,
    #[serde(default)]
    next: String,
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "sign_in/code.html";

    fn title(&self) -> String {
        "Enter your code".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("code", CodePage::wrong(CodeAnswer::Wrong));
        let clean = Self {
            next: "/".to_owned(),
            errors: Errors::default(),
        };
        let wrong = Self {
            errors,
            ..clean.clone()
        };
        vec![clean, wrong]
    }
}

impl CodePage {
    const fn wrong(answer: CodeAnswer) -> &'static str {
        match answer {
            CodeAnswer::Used => {
                "This code has been used. Wait until your device shows the next one"
            }
            _ => "This is not the code. Enter the six digits that your device shows now",
        }
    }
}

/// Whose password was right a short while ago.
fn half_way(guest: &Guest) -> Result<WorkerId, Failure> {
    let now = guest.app.ambient().now();
    let longest = SignedDuration::from_mins(CODE_WITHIN_MINUTES);
    let session = guest.visit.session.as_ref();
    session
        .filter(|session| session.stage == Stage::Password && now < session.created_at + longest)
        .map(|session| session.worker)
        .ok_or(Failure::SignInFirst)
}

pub(super) async fn code_page(guest: Guest, Query(query): Query<NextQuery>) -> Answer {
    half_way(&guest)?;
    guest.page(&CodePage {
        next: local_path(&query.next).to_owned(),
        errors: Errors::default(),
    })
}

pub(super) async fn code(
    guest: Guest,
    approach: Approach,
    Posted(form): Posted<CodeForm>,
) -> Answer {
    let worker = half_way(&guest)?;
    let next = local_path(&form.next).to_owned();
    let answer = check::code(&guest.app, &approach, worker, &form.code).await?;
    if answer == CodeAnswer::Right {
        return let_in(&guest, &approach, worker, &next).await;
    }
    let mut errors = Errors::default();
    errors.add("code", CodePage::wrong(answer));
    guest.page(&CodePage { next, errors })
}

/// Signs `worker` in under a fresh token, and knows this device from now on.
pub(super) async fn let_in(
    guest: &Guest,
    approach: &Approach,
    worker: WorkerId,
    next: &str,
) -> Answer {
    session::end(guest.app.store(), &guest.visit.token).await?;
    let token = session::begin(guest.app.store(), worker, Stage::Full).await?;
    let device = approach.remember(&guest.app, worker).await?;
    let mut response = go(guest, &token, next)?;
    if let Some(device) = device {
        response.headers_mut().append(header::SET_COOKIE, device);
    }
    Ok(response)
}

/// Goes on to `href` with `token` as the visitor's own.
pub(super) fn go(guest: &Guest, token: &Token, href: &str) -> Answer {
    let cookie = cookie(token, guest.app.serving().secure);
    let cookie = cookie.ok_or_else(|| Failure::fault(&"the cookie cannot be written"))?;
    let mut response = Redirect::to(href).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

pub(super) async fn sign_out(guest: Guest, Posted(Nothing {}): Posted<Nothing>) -> Answer {
    session::end(guest.app.store(), &guest.visit.token).await?;
    go(&guest, &Token::fresh(guest.app.ambient()), "/sign-in")
}

pub(super) async fn sign_out_everywhere(
    ctx: Ctx,
    guest: Guest,
    Posted(Nothing {}): Posted<Nothing>,
) -> Answer {
    if let Some(worker) = ctx.caller().identity.worker() {
        session::end_everywhere(ctx.store(), worker).await?;
    }
    go(&guest, &Token::fresh(guest.app.ambient()), "/sign-in")
}
