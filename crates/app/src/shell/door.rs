//! Extractors that open the door: a handler that takes one cannot run without its proof.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use clearpicture_access::{Action, Permit, Scope};
use clearpicture_store::Record;

use super::ctx::{Ctx, id_in_path, may_at_all};
use super::failure::Failure;
use crate::state::App;

/// The caller may do `A` to the record whose id is `{id}` in the path.
#[derive(Debug)]
pub struct Permitted<A: Action>
where
    A::On: Record,
{
    /// What the handler has at hand.
    pub ctx: Ctx,
    /// The record's id.
    pub id: <A::On as Record>::Id,
    /// The proof.
    pub permit: Permit<A>,
}

impl<A> FromRequestParts<App> for Permitted<A>
where
    A: Action,
    A::On: Record,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let ctx = Ctx::from_request_parts(parts, app).await?;
        let path = Path::<BTreeMap<String, String>>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(|_| Failure::NotFound)?;
        let id = id_in_path(path.get("id").ok_or(Failure::NotFound)?)?;
        let permit = ctx.permit::<A>(&id).await?;
        Ok(Self { ctx, id, permit })
    }
}

impl<A> Permitted<A>
where
    A: Action,
    A::On: Record,
{
    /// Whether the form was opened on the version that stands now.
    pub fn is_at(&self, version: u32) -> bool {
        self.permit.resource().version == version
    }
}

/// The records that the caller may do `A` to.
#[derive(Debug)]
pub struct Scoped<A: Action> {
    /// What the handler has at hand.
    pub ctx: Ctx,
    /// The scope.
    pub scope: Scope<A>,
}

impl<A> FromRequestParts<App> for Scoped<A>
where
    A: Action,
    A::On: Record,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let ctx = Ctx::from_request_parts(parts, app).await?;
        let scope = ctx.scope::<A>().await?;
        let nothing = scope.plain().is_empty()
            && scope.involved().is_empty()
            && scope.break_glass().is_empty();
        if nothing && !may_at_all(app, ctx.who(), &ctx.purpose(), A::SPEC) {
            return Err(ctx.refused_at_all(A::SPEC));
        }
        Ok(Self { ctx, scope })
    }
}

/// The caller may do `A` to something: to open a form that makes a record, or a page about no one record.
#[derive(Debug)]
pub struct Allowed<A: Action> {
    /// What the handler has at hand.
    pub ctx: Ctx,
    action: PhantomData<A>,
}

impl<A: Action> FromRequestParts<App> for Allowed<A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let ctx = Ctx::from_request_parts(parts, app).await?;
        if may_at_all(app, ctx.who(), &ctx.purpose(), A::SPEC) {
            Ok(Self {
                ctx,
                action: PhantomData,
            })
        } else {
            Err(ctx.refused_at_all(A::SPEC))
        }
    }
}
