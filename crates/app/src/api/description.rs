//! The API described by its own routes (OpenAPI 3.1).

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use schemars::{JsonSchema, Schema, schema_for};
use serde_json::{Map, Value, json};

use crate::capability::{Capability, Door, Route};
use crate::shell::Answer;
use crate::state::App;

/// What an API route takes and gives.
#[derive(Debug, Clone)]
pub struct Described {
    takes: Option<Schema>,
    gives: Schema,
}

impl Described {
    /// A call that gives a `G`.
    pub fn gives<G: JsonSchema>() -> Self {
        Self {
            takes: None,
            gives: schema_for!(G),
        }
    }

    /// A call that takes a `T` and gives a `G`.
    pub fn takes<T: JsonSchema, G: JsonSchema>() -> Self {
        Self {
            takes: Some(schema_for!(T)),
            ..Self::gives::<G>()
        }
    }
}

pub(super) async fn show(State(app): State<App>) -> Answer {
    Ok(Json(openapi(app.capabilities())).into_response())
}

/// The description of every API route of these capabilities.
pub fn openapi(capabilities: &[Capability]) -> Value {
    let mut paths = Map::new();
    for capability in capabilities {
        for route in capability.routes.iter().filter(|route| route.is_api()) {
            let Some(described) = &route.described else {
                continue;
            };
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            if let Some(methods) = path.as_object_mut() {
                let method = route.method.as_str().to_lowercase();
                methods.insert(method, operation(capability, route, described));
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Clear Picture",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "For agencies' own systems. Every call carries a bearer token; every POST an Idempotency-Key.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "paths": paths,
    })
}

fn operation(capability: &Capability, route: &Route, described: &Described) -> Value {
    let (name, about) = match route.door {
        Door::Action(action) => (action.name, action.about),
        Door::Public | Door::SignedIn => ("open", "open to all"),
    };
    let mut parameters = Vec::new();
    if route.has_record() {
        parameters.push(json!({
            "name": "id", "in": "path", "required": true, "schema": { "type": "string" },
        }));
    }
    if described.takes.is_some() {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
        }));
    }
    let mut operation = json!({
        "operationId": format!("{} {}", route.method, route.path),
        "summary": about,
        "description": format!("Needs the action `{name}`."),
        "tags": [capability.title],
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done.",
                "content": { "application/json": { "schema": described.gives } },
            },
            "default": {
                "description": "Not done, and why.",
                "content": { "application/problem+json": { "schema": { "type": "object" } } },
            },
        },
    });
    if let (Some(takes), Some(fields)) = (&described.takes, operation.as_object_mut()) {
        fields.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": { "application/json": { "schema": takes } } }),
        );
    }
    operation
}
