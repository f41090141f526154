//! The JSON API: how its routes describe themselves, and the rules every call follows.
//!
//! It serves agencies' own systems. Calls carry a bearer token and, when they
//! change something, an `Idempotency-Key`: a call sent twice under one key is
//! done once and answered the same again. Errors are `application/problem+json`.
//! The description at `/api/v1/openapi.json` is made from the routes, so it
//! cannot forget one. It never answers a browser's session: pages and API have
//! each their own way in.

mod description;
mod idempotency;

use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, integer, text};

use crate::capability::{Capability, Door, Route};
use crate::jobs::JobSpec;

pub use description::{Described, openapi};
pub(crate) use idempotency::once;

const KEYS: &str = "idempotency_key";

/// The capability.
pub fn capability() -> Capability {
    Capability {
        migrations: migrations(),
        routes: vec![Route::read(
            "/api/v1/openapi.json",
            Door::Public,
            description::show,
        )],
        jobs: vec![JobSpec {
            kind: "sweep-idempotency-keys",
            about: "Forgets the API's idempotency keys after two days.",
            every: Some(std::time::Duration::from_secs(3600)),
            long: false,
            run: idempotency::sweep,
        }],
        ..Capability::new("api", "API", "")
    }
}

/// The steps that make the table. Answers kept before the second lay there in clear: they are let go, and whoever sends a
/// call of before once more is answered anew.
fn migrations() -> Vec<Migration> {
    let columns = [
        text("id"),
        text("request"),
        integer("status"),
        text("content_type"),
        bytes("body"),
        integer("created_at"),
    ];
    let step = |number, step| Migration {
        release: "0.1",
        capability: "api",
        number,
        steps: vec![step],
    };
    let keys = Table::new(KEYS, TableClass::Ephemeral, &columns);
    vec![
        step(1, Step::Create(keys)),
        step(2, Step::Clear { table: KEYS }),
    ]
}
