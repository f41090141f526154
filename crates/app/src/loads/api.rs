//! Files over the API: an agency's own system sends them in, and asks what became of them.

use axum::Json;
use axum::body::Body;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use clearpicture_kernel::Line;
use futures_util::TryStreamExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::intake::Intake;
use super::send::failure;
use super::types::{AddLoad, Load, LoadId, SeeLoad};
use super::work;
use crate::api::Described;
use crate::capability::Route;
use crate::shell::upload::LARGEST_FILE;
use crate::shell::{Allowed, Answer, Failure, Permitted};

/// The routes, for the capability's list.
pub(super) fn routes() -> [Route; 2] {
    [
        Route::post::<AddLoad, _>("/api/v1/loads", send)
            .takes_up_to(LARGEST_FILE)
            .described(Described::takes::<FileBytes, LoadSeen>())
            .tried(r#"{"Id": "1"}"#),
        Route::get::<SeeLoad, _>("/api/v1/loads/{id}", show)
            .described(Described::gives::<LoadSeen>()),
    ]
}

/// The file itself, as `application/octet-stream`; its name stands in the query, as `file`.
#[derive(Debug, JsonSchema)]
#[expect(
    dead_code,
    reason = "the shape of the description alone: bytes are taken as they come"
)]
struct FileBytes(Vec<u8>);

/// A file that was sent in.
#[derive(Debug, Serialize, JsonSchema)]
struct LoadSeen {
    id: String,
    version: u32,
    file: String,
    sha256: String,
    /// `receiving`, `received`, `refused`, `waiting`, `accepted`, `taken`, `declined`, `other-sender`, `taking-back` or
    /// `taken-back`.
    state: String,
    source: Option<String>,
    /// The day of which it tells, as YYYY-MM-DD.
    as_of: Option<String>,
    rows: Option<u64>,
    new: Option<u64>,
    changed: Option<u64>,
    unchanged: Option<u64>,
    ended: Option<u64>,
    quarantined: Option<u64>,
    findings: Vec<ProblemSeen>,
}

/// A problem, and how often it was found.
#[derive(Debug, Serialize, JsonSchema)]
struct ProblemSeen {
    code: String,
    severity: String,
    message: String,
    count: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SendQuery {
    file: String,
}

impl LoadSeen {
    fn of(id: LoadId, version: u32, load: &Load) -> Self {
        let counts = load.counts.as_ref();
        let effect = load.state.effect();
        let findings = load
            .problems()
            .into_iter()
            .map(|(problem, count)| ProblemSeen {
                code: problem.code().to_owned(),
                severity: problem.severity().to_string(),
                message: problem.message().to_owned(),
                count,
            });
        Self {
            id: id.to_string(),
            version,
            file: load.file.to_string(),
            sha256: load.digest.to_string(),
            state: load.state.code().to_owned(),
            source: load.source.as_ref().map(ToString::to_string),
            as_of: load.as_of.map(|day| day.to_string()),
            rows: counts.map(|counts| counts.rows),
            new: effect.map(|effect| effect.new),
            changed: effect.map(|effect| effect.changed),
            unchanged: effect.map(|effect| effect.unchanged),
            ended: effect.map(|effect| effect.ended),
            quarantined: counts.map(|counts| counts.quarantined),
            findings: findings.collect(),
        }
    }
}

/// `POST /api/v1/loads?file=NAME`
pub(super) async fn send(
    allowed: Allowed<AddLoad>,
    Query(query): Query<SendQuery>,
    body: Body,
) -> Answer {
    let ctx = &allowed.ctx;
    let agency = ctx.agency()?;
    let name = if query.file.is_empty() {
        "file"
    } else {
        &query.file
    };
    let name = Line::parse(name)
        .map_err(|error| Failure::Malformed(format!("The file's name: {error}.")))?;
    let app = &ctx.app;
    let far = std::sync::Arc::new(|_| {});
    let intake = Intake::new(app.store(), app.access(), app.practice(), far)
        .map_err(|fault| failure(&fault))?
        .sent_by(ctx.caller().clone(), ctx.purpose())
        .followed_by(work::reading);
    let bytes = body.into_data_stream().map_err(std::io::Error::other);
    let id = intake
        .receive(agency, &name, bytes)
        .await
        .map_err(|fault| failure(&fault))?;
    let permit = ctx.permit::<SeeLoad>(&id).await?;
    let load = ctx.store().load(&permit).await?;
    let seen = LoadSeen::of(id, permit.resource().version, &load);
    Ok((StatusCode::CREATED, Json(seen)).into_response())
}

/// `GET /api/v1/loads/{id}`
pub(super) async fn show(at: Permitted<SeeLoad>) -> Answer {
    let load = at.ctx.store().load(&at.permit).await?;
    let seen = LoadSeen::of(at.id, at.permit.resource().version, &load);
    Ok(Json(seen).into_response())
}
