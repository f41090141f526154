//! Opening a record for three hours, with a reason; and the list of who did.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use clearpicture_kernel::Passage;
use clearpicture_store::{Grant, GrantId, Relation};
use serde::{Deserialize, Serialize};

use super::looked::Tier;
use super::records::{Found, find};
use super::rules::{self, WayIn};
use super::shown::{GrantShown, Holder, Listed, RecordShown, Records, grants_shown};
use crate::grants::{self, BreakGlass, SeeGrant, SeeOwnGrant, Which};
use crate::shell::form::not_taken;
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Pagination, Posted, Scoped};
use crate::words;

/// Which record is to be opened.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    record: String,
}

/// What was sent to open it.
#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    record: String,
    reason: String,
}

/// Asks for the reason.
pub(super) async fn ask(ctx: Ctx, Query(asked): Query<Asked>) -> Answer {
    let found = find(&ctx, &asked.record).await?;
    match found.standing(&ctx).way_in() {
        WayIn::Open => Ok(Redirect::to(&found.href()?).into_response()),
        WayIn::Glass => ask_page(&ctx, &found, "", Errors::default()).await,
        WayIn::Closed | WayIn::None => Err(found.refusal(&ctx)),
    }
}

/// Opens the record to the caller, and goes on to it.
pub(super) async fn open(ctx: Ctx, Posted(sent): Posted<Reason>) -> Answer {
    let found = find(&ctx, &sent.record).await?;
    match found.standing(&ctx).way_in() {
        WayIn::Open => return Ok(Redirect::to(&found.href()?).into_response()),
        WayIn::Glass => {}
        WayIn::Closed | WayIn::None => return Err(found.refusal(&ctx)),
    }
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Reason", rules::reason(&sent.reason)) else {
        let page = ask_page(&ctx, &found, &sent.reason, errors).await;
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let href = found.href()?;
    let grant = broken(&ctx, found, reason)?;
    let id = GrantId::fresh(ctx.app.ambient());
    let permit = ctx.permit_add::<BreakGlass>(&id, &grant)?;
    let why = grant.reason.clone();
    ctx.store().add(&permit, &grant, Some(&why)).await?;
    ctx.done(&href, &until_words(&grant)).await
}

/// Everyone who broke the glass, open ones first.
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeGrant>,
    Query(asked): Query<Listed>,
) -> Answer {
    let (rows, list) = grants::of_relation(
        ctx.store(),
        &scope,
        Which::all(Relation::BreakGlass),
        asked.page,
    )
    .await?;
    let holder = match Tier::of(&ctx, None).names {
        true => Holder::Named,
        false => Holder::OfAgency,
    };
    let page = ListPage {
        grants: grants_shown::<SeeGrant>(&ctx, &rows, holder).await?,
        list,
        own: false,
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// The times the caller broke the glass.
pub(super) async fn mine(
    Scoped { ctx, scope }: Scoped<SeeOwnGrant>,
    Query(asked): Query<Listed>,
) -> Answer {
    let (rows, list) = grants::of_holder(ctx.store(), &scope, asked.page).await?;
    ctx.page(&ListPage {
        grants: grants_shown::<SeeOwnGrant>(&ctx, &rows, Holder::Named).await?,
        list,
        own: true,
    })
}

/// The grant that opens `found` to the caller from now on.
fn broken(ctx: &Ctx, found: Found, reason: Passage) -> Result<Grant, Failure> {
    let now = ctx.now();
    Ok(Grant {
        holder: ctx.caller().identity.holder().ok_or(Failure::NotFound)?,
        on_record: found.resource.id,
        owner: found.resource.class.owner,
        relation: Relation::BreakGlass,
        reason,
        starts_at: now,
        ends_at: Some(rules::whole_again(now)),
        reached: clearpicture_store::Reached::default(),
    })
}

fn until_words(grant: &Grant) -> String {
    let until = grant
        .ends_at
        .map(|end| words::recent(end, grant.starts_at))
        .unwrap_or_default();
    format!(
        "This record is open to you until {until}. The information governance lead can see why."
    )
}

async fn ask_page(ctx: &Ctx, found: &Found, reason: &str, errors: Errors) -> Answer {
    let id = found.resource.id.as_str();
    ctx.page(&AskPage {
        id: id.to_owned(),
        record: Records::of(ctx, [id]).await?.shown(id),
        purpose: ctx.purpose_code().title.clone(),
        reason: reason.to_owned(),
        errors,
    })
}

/// The form that asks for the reason.
#[derive(Debug, Serialize)]
pub(super) struct AskPage {
    id: String,
    record: RecordShown,
    purpose: String,
    reason: String,
    errors: Errors,
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "governance/break_glass.html";

    fn title(&self) -> String {
        "Break the glass".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("reason", "Reason: this is empty");
        let page = |reason: &str, errors| Self {
            id: "worker_00000000000000000000000001".to_owned(),
            record: RecordShown::sample(),
            purpose: "work with a child or family".to_owned(),
            reason: reason.to_owned(),
            errors,
        };
        vec![
            page("", Errors::default()),
            page("<script>x</script>", errors),
        ]
    }
}

/// Who broke the glass, or the times one did so oneself.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    grants: Vec<GrantShown>,
    list: Pagination,
    own: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/break_glass_list.html";

    fn title(&self) -> String {
        if self.own {
            "When you broke the glass".to_owned()
        } else {
            "Who broke the glass".to_owned()
        }
    }

    fn samples() -> Vec<Self> {
        let page = |grants, own| Self {
            grants,
            list: Pagination::of(1, 120),
            own,
        };
        vec![
            page(GrantShown::samples(), false),
            page(GrantShown::samples(), true),
            page(Vec::new(), false),
            page(Vec::new(), true),
        ]
    }
}
