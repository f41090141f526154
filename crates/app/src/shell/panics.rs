//! A handler that stops in the middle still answers: the error page, with a reference.
//!
//! Nothing of ours is written to panic, but a library may, on a bad day. What a
//! panic says may quote a record, so its words go nowhere: the log has one line,
//! with the reference that the person sees and the place in the source.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::FutureExt as _;

use super::failure::Failure;

tokio::task_local! {
    /// Where the request that is being answered stopped.
    static STOPPED_AT: RefCell<Option<String>>;
}

/// Tells of a panic, for `std::panic::set_hook`: where, and never what.
///
/// One inside a request is told together with its reference, once the request is answered.
pub fn tell_of_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let noted = STOPPED_AT.try_with(|at| at.replace(Some(place.clone())));
    if noted.is_err() {
        tracing::error!(
            panic.place = place,
            "a part of the program stopped, which is a fault of ours"
        );
    }
}

/// Turns a panic further in into a failure, which is logged once and shown with a reference.
pub(super) async fn catch_panics(request: Request, next: Next) -> Response {
    let answered = async {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answer.map_err(|_| STOPPED_AT.with(RefCell::take).unwrap_or_default())
    };
    match STOPPED_AT.scope(RefCell::new(None), answered).await {
        Ok(response) => response,
        Err(place) => {
            Failure::fault(&format_args!("the handler stopped at {place}")).into_response()
        }
    }
}
