//! The router, made from the capabilities' routes, with the layers that stand round all of them.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use super::ctx::NoticeShown;
use super::failure::{Failure, show_failures};
use super::panics::catch_panics;
use super::visit::{Visit, find_visitor};
use super::{assets, session};
use crate::state::App;

/// The most bytes that a form or an API call may hold.
pub const LARGEST_BODY: usize = 256 * 1024;

/// Every page allows its own style, script, font and image, and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The headers of every answer.
const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    ),
    ("x-robots-tag", "noindex, nofollow"),
];

/// Answers every request of the product.
pub fn router(app: &App) -> Router {
    let mut pages = Router::new();
    for capability in app.capabilities() {
        for route in &capability.routes {
            pages = pages.route(route.path, route.answers.clone());
        }
    }
    let pages = pages
        .fallback(|| async { Failure::NotFound })
        .layer(from_fn(catch_panics))
        .layer(from_fn_with_state(app.clone(), crate::api::once))
        .layer(from_fn_with_state(app.clone(), take_shown_notice))
        .layer(from_fn_with_state(app.clone(), find_visitor))
        // Once more, for what stops on the way to a handler.
        .layer(from_fn(catch_panics))
        .layer(from_fn_with_state(app.clone(), show_failures))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(no_store));
    Router::new()
        .merge(assets::routes())
        .merge(pages)
        .layer(from_fn_with_state(app.clone(), safe_headers))
        .layer(from_fn(one_line_each))
        .with_state(app.clone())
}

/// A page about people is kept in no cache and in no browser history.
async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn safe_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if app.serving().secure {
        response.headers_mut().insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}

/// Takes a notice off the session once a page has shown it.
async fn take_shown_notice(State(app): State<App>, request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<std::sync::Arc<Visit>>().cloned();
    let response = next.run(request).await;
    if response.extensions().get::<NoticeShown>().is_some()
        && let Some(visit) = visit
        && let Err(fault) = session::set_notice(app.store(), &visit.token, "").await
    {
        return Failure::from(fault).into_response();
    }
    response
}

/// One line in the log for each request: the route, never the address with its ids and words.
async fn one_line_each(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let began = std::time::Instant::now();
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!("clearpicture_request_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    metrics::counter!("clearpicture_requests_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    tracing::info!(
        http.method = %method,
        http.route = route,
        http.status = status,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
    response
}
