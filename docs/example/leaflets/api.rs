//! The stock for agencies' own systems.

use axum::Json;
use axum::response::IntoResponse as _;
use schemars::JsonSchema;
use serde::Serialize;

use super::store;
use super::types::SeeLeaflet;
use crate::shell::{Answer, Scoped};

/// The first page of the stock.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Stock {
    total: u64,
    leaflets: Vec<InStock>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct InStock {
    id: String,
    title: String,
    left: i64,
}

pub(super) async fn list(Scoped { ctx, scope }: Scoped<SeeLeaflet>) -> Answer {
    let (rows, page) = store::page(ctx.store(), &scope, 1).await?;
    let leaflets = rows.into_iter().map(|row| InStock {
        id: row.id,
        title: row.title,
        left: row.left_over,
    });
    Ok(Json(Stock {
        total: page.total,
        leaflets: leaflets.collect(),
    })
    .into_response())
}
