//! A call sent twice under one `Idempotency-Key` is done once and answered the same again.
//!
//! The key is claimed before the call runs. When the answer is kept, the same
//! call gets it again; another call under the same key is refused. A call whose
//! answer was never kept, because the server was stopped in between, is refused
//! with the advice to look before sending it under a new key: doing it twice
//! silently would be worse than asking.
//!
//! A file is handed on as it comes, so what it holds is known once it has come: then its digest is kept with the key, and a
//! second file under the key is read to its end and compared before anything is answered. What is kept is a digest under
//! the deployment's key, and the answer sealed.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use clearpicture_kernel::Digest;
use clearpicture_store::StoreFault;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::{StreamExt as _, TryStreamExt as _};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use crate::jobs::Work;
use crate::shell::Failure;
use crate::shell::router::LARGEST_BODY;
use crate::shell::upload::LARGEST_FILE;
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
    let is_file = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/octet-stream");
    let call = Call {
        app: &app,
        id,
        path: parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
    };
    if is_file {
        call.file(parts, body, next).await
    } else {
        call.plain(parts, body, next).await
    }
}

/// A call under a key.
struct Call<'a> {
    app: &'a App,
    id: String,
    path: String,
}

impl Call<'_> {
    /// What tells one call from another: a digest that nobody without the deployment's key can make.
    fn asks(&self, body: &Digest) -> String {
        let parts = [self.path.as_str(), &body.to_string()];
        self.app.store().keyed_digest("idempotency", &parts)
    }

    async fn plain(&self, parts: Parts, body: Body, next: Next) -> Result<Response, Failure> {
        let body = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let asked = self.asks(&Digest::of_parts(&[&body]));
        if !self.claim(&asked).await? {
            return self.known(&asked).await;
        }
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        self.keep(&asked, response).await
    }

    async fn file(&self, parts: Parts, body: Body, next: Next) -> Result<Response, Failure> {
        if !self.claim("").await? {
            self.first_is_answered().await?;
            let mut bytes = body.into_data_stream();
            let (mut hasher, mut came) = (Sha256::new(), 0_usize);
            while let Some(some) = bytes.next().await {
                let some = some.map_err(|_| Failure::TooLarge)?;
                came = came.saturating_add(some.len());
                if came > LARGEST_FILE {
                    return Err(Failure::TooLarge);
                }
                hasher.update(&some);
            }
            return self.known(&self.asks(&digest_of(hasher)?)).await;
        }
        let hasher = Arc::new(Mutex::new(Sha256::new()));
        let seen = Arc::clone(&hasher);
        let bytes = body.into_data_stream().inspect_ok(move |some: &Bytes| {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .update(some);
        });
        let response = next
            .run(Request::from_parts(parts, Body::from_stream(bytes)))
            .await;
        let hasher = hasher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.keep(&self.asks(&digest_of(hasher)?), response).await
    }

    /// Whether this call is the first under its key.
    async fn claim(&self, asked: &str) -> Result<bool, StoreFault> {
        let row = row::ActiveModel {
            id: Set(self.id.clone()),
            request: Set(asked.to_owned()),
            status: Set(RUNNING),
            content_type: Set(String::new()),
            body: Set(Vec::new()),
            created_at: Set(self.app.ambient().now().as_microsecond()),
        };
        self.app.store().scratch::<row::Entity>()?.add(row).await
    }

    async fn found(&self) -> Result<row::Model, Failure> {
        let scratch = self.app.store().scratch::<row::Entity>()?;
        let found = scratch.one(row::Entity::find_by_id(&self.id)).await?;
        found.ok_or(Failure::Conflict)
    }

    /// Refuses while the first call under this key was not answered: what it holds may not have come yet.
    async fn first_is_answered(&self) -> Result<(), Failure> {
        match self.found().await?.status {
            RUNNING => Err(not_answered()),
            _ => Ok(()),
        }
    }

    /// The answer that was given under this key.
    async fn known(&self, asked: &str) -> Result<Response, Failure> {
        let found = self.found().await?;
        // A file that is on its way has told nothing yet to compare with.
        if found.request != asked && !found.request.is_empty() {
            return Err(Failure::Rule(
                "This Idempotency-Key was used for another call: use a new key for each."
                    .to_owned(),
            ));
        }
        if found.status == RUNNING {
            return Err(not_answered());
        }
        let context = self.context();
        let body = self.app.store().open_small(&context, &found.body).await?;
        let status = u16::try_from(found.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = (status.unwrap_or(StatusCode::OK), body).into_response();
        if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        Ok(response)
    }

    /// To what the sealed answer is bound.
    fn context(&self) -> String {
        format!("idempotency_key/{}", self.id)
    }

    /// Keeps a done call's answer; a call that was not done may be sent again under its key.
    async fn keep(&self, asked: &str, response: Response) -> Result<Response, Failure> {
        let scratch = self.app.store().scratch::<row::Entity>()?;
        if !response.status().is_success() {
            scratch
                .remove(|rows| rows.filter(row::Column::Id.eq(&self.id)))
                .await?;
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body: Bytes = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| Failure::fault(&"an answer was too large to keep"))?;
        let sealed = self.app.store().seal_small(&self.context(), &body).await?;
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
                rows.col_expr(row::Column::Request, asked.to_owned().into())
                    .col_expr(row::Column::Status, status.into())
                    .col_expr(row::Column::ContentType, kind.into())
                    .col_expr(row::Column::Body, sealed.into())
                    .filter(row::Column::Id.eq(&self.id))
            })
            .await?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

fn not_answered() -> Failure {
    Failure::Rule("The first call under this Idempotency-Key has not been answered. Look whether it was done before sending it under a new key.".to_owned())
}

fn digest_of(hasher: Sha256) -> Result<Digest, Failure> {
    Digest::from_slice(&hasher.finalize()).ok_or_else(|| Failure::fault(&"a digest"))
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
