//! The list of tokens, one token, and taking its access away.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{AgencyId, Passage, TypedId as _};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde::{Deserialize, Serialize};

use super::store::{labels, page_of, row};
use super::types::{ApiScope, RevokeToken, SeeToken, Token, TokenId};
use crate::agencies;
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped};
use crate::words;

const LIST: (&str, &str) = ("API tokens", "/tokens");

/// What tokens are called.
pub(super) fn called(
    ctx: Ctx,
    ids: BTreeSet<String>,
) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>> {
    async move {
        let scope = ctx.scope::<SeeToken>().await?;
        let own = ids.into_iter().filter(|id| TokenId::parse(id).is_ok());
        Ok(labels(ctx.store(), &scope, own.collect()).await?)
    }
    .boxed()
}

/// The tokens that the reader may see.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TokensPage {
    tokens: Vec<TokenLine>,
    list: Pagination,
}

/// One line of the list.
#[derive(Debug, Clone, Serialize)]
struct TokenLine {
    href: String,
    label: String,
    agency: String,
    may: String,
    made: String,
    active: bool,
}

/// One token.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TokenPage {
    id: String,
    version: u32,
    label: String,
    agency: String,
    may: String,
    made: String,
    active: bool,
    can_revoke: bool,
    reason: String,
    errors: Errors,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    page: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RevokeForm {
    version: String,
    reason: String,
}

/// `GET /tokens`
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeToken>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (rows, list) = page_of(ctx.store(), &scope, query.page.unwrap_or(1)).await?;
    let names = agencies::names(ctx.store()).await?;
    let line = |row: row::Model| TokenLine {
        href: format!("/tokens/{}", row.id),
        agency: AgencyId::parse(&row.agency_id)
            .ok()
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_default(),
        may: in_words(&row.scopes),
        made: words::recent(microseconds(row.made_at), ctx.now()),
        label: row.label,
        active: row.active,
    };
    let tokens = rows.into_iter().map(line).collect();
    ctx.page(&TokensPage { tokens, list })
}

/// `GET /tokens/{id}`
pub(super) async fn show(at: Permitted<SeeToken>) -> Answer {
    let token = at.ctx.store().load(&at.permit).await?;
    let version = at.permit.resource().version;
    let page = token_page(&at.ctx, &at.id, version, &token).await?;
    at.ctx.page_under(&page, &[LIST])
}

/// `POST /tokens/{id}/revoke`
pub(super) async fn revoke(at: Permitted<RevokeToken>, Posted(form): Posted<RevokeForm>) -> Answer {
    let mut token = at.ctx.store().load(&at.permit).await?;
    if form.version.parse() != Ok(at.permit.resource().version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let Some(reason) = reason else {
        let version = at.permit.resource().version;
        let page = token_page(&at.ctx, &at.id, version, &token).await?;
        let reason = form.reason;
        return at.ctx.page_under(
            &TokenPage {
                reason,
                errors,
                ..page
            },
            &[LIST],
        );
    };
    token.active = false;
    at.ctx
        .store()
        .change(&at.permit, &token, Some(&reason))
        .await?;
    let notice = format!("“{}” can call no more.", token.label);
    at.ctx.done("/tokens", &notice).await
}

async fn token_page(
    ctx: &Ctx,
    id: &TokenId,
    version: u32,
    token: &Token,
) -> Result<TokenPage, Failure> {
    Ok(TokenPage {
        id: id.to_string(),
        version,
        label: token.label.to_string(),
        agency: agencies::name_of(ctx.store(), Some(token.agency)).await?,
        may: token.scopes_in_words(),
        made: words::recent(token.made_at, ctx.now()),
        active: token.active,
        can_revoke: token.active && ctx.may::<RevokeToken>(Some(token.agency)),
        reason: String::new(),
        errors: Errors::default(),
    })
}

fn in_words(scopes: &str) -> String {
    scopes
        .split(' ')
        .filter_map(|code| Some(ApiScope::from_code(code)?.words()))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Page for TokensPage {
    const TEMPLATE: &'static str = "tokens/list.html";

    fn title(&self) -> String {
        "API tokens".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |label: &str, active| TokenLine {
            href: "/tokens/token_00000000000000000000000001".to_owned(),
            label: label.to_owned(),
            agency: "Northwater Council".to_owned(),
            may: "read the feed register".to_owned(),
            made: "18 November, 09:20".to_owned(),
            active,
        };
        vec![
            Self {
                tokens: vec![
                    line("Nightly feed report", true),
                    line("Old <b>system", false),
                ],
                list: Pagination::of(1, 120),
            },
            Self {
                tokens: Vec::new(),
                list: Pagination::of(1, 0),
            },
        ]
    }
}

impl Page for TokenPage {
    const TEMPLATE: &'static str = "tokens/token.html";

    fn title(&self) -> String {
        self.label.clone()
    }

    fn samples() -> Vec<Self> {
        let works = Self {
            id: "token_00000000000000000000000001".to_owned(),
            version: 1,
            label: "Nightly feed report".to_owned(),
            agency: "Northwater Council".to_owned(),
            may: "read the feed register".to_owned(),
            made: "18 November, 09:20".to_owned(),
            active: true,
            can_revoke: true,
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("reason", "Why: this is empty");
        let refused = Self {
            errors,
            ..works.clone()
        };
        let revoked = Self {
            active: false,
            can_revoke: false,
            ..works.clone()
        };
        vec![works, refused, revoked]
    }
}
