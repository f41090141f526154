//! What can go wrong with a request, and the page or problem it becomes.
//!
//! A handler returns a [`Failure`]; a layer round every route turns it into a
//! page in the product's own frame, or for the API into
//! `application/problem+json` (RFC 9457), each with a way on.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use clearpicture_access::Refused;
use clearpicture_store::{StoreFault, WriteError};

use super::ctx::frame;
pub use super::page::Typed;
use super::page::{ErrorPage, Link};
use super::visit::Visit;
use crate::state::App;

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// One has to sign in first.
    #[error("sign in first")]
    SignInFirst,
    /// It is not there, or not for this caller to know of.
    #[error("not found")]
    NotFound,
    /// Policy says no, with reasons that are safe to name.
    #[error("not allowed")]
    Refused(Vec<String>),
    /// Only vetting or training stands in the way, with what is missing of the two.
    #[error("vetting or training is not in date")]
    NotReady(String),
    /// The form came from elsewhere, or from before signing in.
    #[error("the form is out of date")]
    FormExpired,
    /// The request makes no sense.
    #[error("{0}")]
    Malformed(String),
    /// A form of this visitor's own page that does not fit; nothing of what was typed is lost.
    #[error("{problem}")]
    Unread {
        /// What does not fit.
        problem: String,
        /// What was typed, shown to them again.
        typed: Vec<Typed>,
    },
    /// More was sent than is taken.
    #[error("too large")]
    TooLarge,
    /// Too many in too short a time; seconds to wait.
    #[error("try again in {0} seconds")]
    Slower(u64),
    /// Someone else changed it first, and the caller sent no form that could show both.
    #[error("someone else changed it first")]
    Conflict,
    /// A rule said no, in words for the person who asked.
    #[error("{0}")]
    Rule(String),
    /// Ours; logged once, under this reference.
    #[error("a fault, reference {0}")]
    Fault(String),
}

impl Failure {
    /// A fault of ours: logged here, once, and shown as a reference that can be quoted.
    pub fn fault(problem: &dyn std::fmt::Display) -> Self {
        let reference = clearpicture_kernel::id::encode(clearpicture_kernel::id::fresh(
            &clearpicture_kernel::Ambient::system(),
        ));
        let reference: String = reference.chars().skip(18).collect();
        tracing::error!(fault.reference = reference, fault.problem = %problem, "a request failed");
        Self::Fault(reference)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused(_) | Self::NotReady(_) | Self::FormExpired => StatusCode::FORBIDDEN,
            Self::Malformed(_) | Self::Unread { .. } => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slower(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Rule(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page that tells of it.
    #[expect(
        clippy::too_many_lines,
        reason = "the words of each failure, one after the other"
    )]
    fn page(&self) -> ErrorPage {
        let (title, what_happened, why, what_next) = match self {
            Self::SignInFirst => (
                "Sign in first",
                "This page is for people who have signed in.",
                None,
                "Sign in, and you will be taken back here.",
            ),
            Self::NotFound => (
                "There is nothing here",
                "The page is not there, or it is not for you.",
                None,
                "Check the address, or start from the home page. If you were sent this link, ask the person who sent it.",
            ),
            Self::Refused(reasons) => (
                "You may not do this",
                "Your role does not allow it for this record.",
                (!reasons.is_empty()).then(|| reasons.join(" ")),
                "If your work needs it, ask the information governance lead of your partnership.",
            ),
            Self::NotReady(missing) => (
                "Your vetting or training is not in date",
                "Your role allows this while both are in date.",
                Some(missing.clone()),
                "Ask whoever manages accounts in your agency to record the new date: it counts at once, and nothing else of your account has changed. If a child needs something now, ring the duty number.",
            ),
            Self::FormExpired => (
                "This form is out of date",
                "Nothing was saved.",
                Some(
                    "It was opened before you last signed in, or it did not come from this site."
                        .to_owned(),
                ),
                "Go back, open the form again and send it once more.",
            ),
            Self::Malformed(problem) => (
                "This could not be read",
                "Nothing was saved.",
                Some(problem.clone()),
                "Go back and try again.",
            ),
            Self::Unread { problem, typed } => (
                "This form was not taken",
                "Nothing was saved.",
                Some(problem.clone()),
                if typed.is_empty() {
                    "Open the page again and fill it in once more."
                } else {
                    "What you typed stands below: open the page again and copy it into the form."
                },
            ),
            Self::TooLarge => (
                "This is too large",
                "Nothing was saved.",
                Some("More was sent than this page takes.".to_owned()),
                "Send less at once.",
            ),
            Self::Slower(seconds) => (
                "Please wait a moment",
                "Too many tries came from here in a short time. Nothing is locked.",
                Some(format!("You can try again in {seconds} seconds.")),
                "Wait, then try again.",
            ),
            Self::Conflict => (
                "Someone else changed this first",
                "Nothing of yours was saved over it.",
                None,
                "Open it again to see what it says now.",
            ),
            Self::Rule(words) => (
                "This cannot be done as it stands",
                "Nothing was saved.",
                Some(words.clone()),
                "Go back, put it right and try again.",
            ),
            Self::Fault(_) => (
                "Something went wrong",
                "What you asked for was not done.",
                Some("The fault is ours, and it has been recorded.".to_owned()),
                "Try again in a minute. If it happens again, tell whoever runs this system and quote the reference.",
            ),
        };
        let home = Link {
            title: "Go to the home page".to_owned(),
            href: "/".to_owned(),
        };
        ErrorPage {
            title: title.to_owned(),
            what_happened: what_happened.to_owned(),
            why,
            what_next: what_next.to_owned(),
            reference: match self {
                Self::Fault(reference) => Some(reference.clone()),
                _ => None,
            },
            typed: match self {
                Self::Unread { typed, .. } => typed.clone(),
                _ => Vec::new(),
            },
            way_on: vec![home],
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.shown)
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        Self::fault(&fault)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Conflict { .. } => Self::Conflict,
            WriteError::Taken => Self::Rule("Another record already has this value.".to_owned()),
            WriteError::Stale { .. } => Self::Refused(Vec::new()),
            WriteError::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Turns failures into pages and problems, round every route.
pub(crate) async fn show_failures(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let failure = match response.extensions().get::<Arc<Failure>>() {
        Some(failure) => Arc::clone(failure),
        None => match plain_failure(&response) {
            Some(failure) => Arc::new(failure),
            None => return response,
        },
    };
    let mut shown = if path.starts_with("/api/") {
        problem(&failure)
    } else if *failure == Failure::SignInFirst {
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        Redirect::to(&format!("/sign-in?next={next}")).into_response()
    } else {
        let visit = response.extensions().get::<Arc<Visit>>().cloned();
        error_page(&app, visit.as_deref(), &failure)
    };
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        shown
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    if let Failure::Slower(seconds) = *failure {
        shown
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    shown
}

/// The failure behind an answer that a layer or extractor gave without one of ours.
fn plain_failure(response: &Response) -> Option<Failure> {
    let has_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        _ if has_page => None,
        StatusCode::NOT_FOUND => Some(Failure::NotFound),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Failure::TooLarge),
        StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Failure::Malformed(
            "The request was not of a kind this page takes.".to_owned(),
        )),
        status if status.is_server_error() => Some(Failure::fault(&status)),
        _ => None,
    }
}

fn error_page(app: &App, visit: Option<&Visit>, failure: &Failure) -> Response {
    let shell = frame(app, visit);
    match app.templates().render(&shell, &failure.page()) {
        Ok(html) => (failure.status(), Html(html)).into_response(),
        Err(fault) => {
            tracing::error!(problem = %fault, "the error page does not render");
            (
                failure.status(),
                "Something went wrong. Ring whoever runs this system.",
            )
                .into_response()
        }
    }
}

fn problem(failure: &Failure) -> Response {
    let page = failure.page();
    let status = failure.status();
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": page.title,
        "status": status.as_u16(),
        "detail": page.why.unwrap_or(page.what_happened),
    });
    if let (Some(reference), Some(fields)) = (page.reference, body.as_object_mut()) {
        fields.insert("reference".to_owned(), reference.into());
    }
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if *failure == Failure::SignInFirst {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
