//! A call sent twice under one `Idempotency-Key` is done once and answered the same again.
//!
//! The key is claimed before the call runs. When the answer is kept, the same
//! call gets it again; another call under the same key is refused. A call whose
//! answer was never kept, because the server was stopped in between, is refused
//! with the advice to look before sending it under a new key: doing it twice
//! silently would be worse than asking.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use clearpicture_kernel::Digest;
use clearpicture_store::StoreFault;
use futures_util::future::{BoxFuture, FutureExt as _};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::jobs::Work;
use crate::shell::Failure;
use crate::shell::router::LARGEST_BODY;
use crate::shell::visit::Visit;
use crate::state::App;

/// Keys are remembered for two days.
const KEPT_MICROS: i64 = 2 * 24 * 3600 * 1_000_000;
/// The status of a call that has not been answered yet.
const RUNNING: i64 = 0;

/// The layer round every route: it only acts on API calls that change something.
pub(crate) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    let changes = request.method() == Method::POST && request.uri().path().starts_with("/api/");
    if !changes {
        return next.run(request).await;
    }
    match answer_once(app, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answer_once(app: App, request: Request, next: Next) -> Result<Response, Failure> {
    let visit = request.extensions().get::<Arc<Visit>>().cloned();
    let who = visit.as_ref().and_then(|visit| visit.who.as_ref());
    let caller = who.ok_or(Failure::SignInFirst)?.caller.identity.to_string();
    let key = request
        .headers()
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok())
        .filter(|key| (1..=200).contains(&key.len()))
        .ok_or_else(|| {
            Failure::Malformed(
                "Every POST needs an Idempotency-Key header of 1 to 200 characters.".to_owned(),
            )
        })?;
    let id = Digest::of_parts(&[
        b"clearpicture.idempotency",
        caller.as_bytes(),
        key.as_bytes(),
    ])
    .to_string();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().as_bytes();
    // A file is handed on as it comes: of what it holds, only the length it says tells one call from another.
    let header = |name: header::HeaderName| {
        parts
            .headers
            .get(name)
            .map_or(b"".as_slice(), HeaderValue::as_bytes)
    };
    let is_file = header(header::CONTENT_TYPE) == b"application/octet-stream";
    let (body, asked) = if is_file {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let asked = Digest::of_parts(&[path, query, header(header::CONTENT_LENGTH)]);
        (body, asked.to_string())
    } else {
        let body = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let asked = Digest::of_parts(&[path, &body]);
        (Body::from(body), asked.to_string())
    };
    if !claim(&app, &id, &asked).await? {
        return known(&app, &id, &asked).await;
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    keep(&app, &id, response).await
}

/// Whether this call is the first under its key.
async fn claim(app: &App, id: &str, asked: &str) -> Result<bool, StoreFault> {
    let row = row::ActiveModel {
        id: Set(id.to_owned()),
        request: Set(asked.to_owned()),
        status: Set(RUNNING),
        content_type: Set(String::new()),
        body: Set(Vec::new()),
        created_at: Set(app.ambient().now().as_microsecond()),
    };
    app.store().scratch::<row::Entity>()?.add(row).await
}

/// The answer that was given under this key.
async fn known(app: &App, id: &str, asked: &str) -> Result<Response, Failure> {
    let scratch = app.store().scratch::<row::Entity>()?;
    let found = scratch
        .one(row::Entity::find_by_id(id))
        .await?
        .ok_or(Failure::Conflict)?;
    if found.request != asked {
        return Err(Failure::Rule(
            "This Idempotency-Key was used for another call: use a new key for each.".to_owned(),
        ));
    }
    if found.status == RUNNING {
        return Err(Failure::Rule("The first call under this Idempotency-Key has not been answered. Look whether it was done before sending it under a new key.".to_owned()));
    }
    let status = u16::try_from(found.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = (status.unwrap_or(StatusCode::OK), found.body).into_response();
    if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

/// Keeps a done call's answer; a call that was not done may be sent again under its key.
async fn keep(app: &App, id: &str, response: Response) -> Result<Response, Failure> {
    let scratch = app.store().scratch::<row::Entity>()?;
    if !response.status().is_success() {
        scratch
            .remove(|rows| rows.filter(row::Column::Id.eq(id)))
            .await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body: Bytes = to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| Failure::fault(&"an answer was too large to keep"))?;
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let (status, kind) = (
        i64::from(parts.status.as_u16()),
        kind.unwrap_or_default().to_owned(),
    );
    scratch
        .change(|rows| {
            rows.col_expr(row::Column::Status, status.into())
                .col_expr(row::Column::ContentType, kind.into())
                .col_expr(row::Column::Body, body.to_vec().into())
                .filter(row::Column::Id.eq(id))
        })
        .await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Forgets keys that are old.
pub(super) fn sweep(app: App, _: Work) -> BoxFuture<'static, Result<String, String>> {
    async move {
        let old = app.ambient().now().as_microsecond() - KEPT_MICROS;
        let removed = async {
            app.store()
                .scratch::<row::Entity>()?
                .remove(|rows| rows.filter(row::Column::CreatedAt.lt(old)))
                .await
        };
        let removed = removed.await.map_err(|fault| fault.to_string())?;
        Ok(format!("{removed} keys forgotten"))
    }
    .boxed()
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_key")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) request: String,
        pub(super) status: i64,
        pub(super) content_type: String,
        pub(super) body: Vec<u8>,
        pub(super) created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
