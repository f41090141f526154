//! Who says that they work with which child, and why: for the information governance lead, who can end it; so can a
//! manager of the same agency.

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_kernel::RecordId;
use clearpicture_store::{Grant, Reached, Relation};
use serde::{Deserialize, Serialize};

use super::records::of_one_child;
use super::rules;
use super::shown::{GrantShown, Holder, Listed, People, RecordShown, Records, grants_shown};
use crate::grants::{self, LiftGrant, SeeGrant, Which};
use crate::persons::{self, SeePerson};
use crate::shell::form::{not_taken, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped};
use crate::words;

/// Where all of them stand.
const LIST: &str = "/involvements";
const ABOVE: [(&str, &str); 2] = [
    ("Governance", "/governance"),
    ("Who works with which child", LIST),
];

/// The end of an involvement as typed.
#[derive(Debug, Deserialize)]
pub(super) struct EndForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    reason: String,
}

/// Every involvement with a child whom the reader may know, those that go on first.
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeGrant>,
    Query(asked): Query<Listed>,
) -> Answer {
    let which = listed(&ctx).await?;
    let (rows, list) = grants::of_relation(ctx.store(), &scope, which, asked.page).await?;
    let page = ListPage {
        involvements: grants_shown::<SeeGrant>(&ctx, &rows, Holder::Named).await?,
        list,
        may_end: ctx.may::<LiftGrant>(None),
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// The involvements that are listed: those with children whom the reader may know.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn listed(ctx: &Ctx) -> Result<Which, Failure> {
    let seen = ctx.scope::<SeePerson>().await?;
    let pictures = persons::pictures_seen(ctx.store(), &seen);
    Ok(Which::all(Relation::Involved).only_of(pictures))
}

/// The form that ends one.
pub(super) async fn ask_end(opened: Permitted<LiftGrant>) -> Answer {
    let involvement = load(&opened).await?;
    end_page(&opened, &involvement, "", Errors::default()).await
}

/// Ends one from now on, on every record of the child.
pub(super) async fn end(opened: Permitted<LiftGrant>, Posted(form): Posted<EndForm>) -> Answer {
    let involvement = load(&opened).await?;
    let ctx = &opened.ctx;
    let records = of_one_child(ctx, &involvement.on_record).await?;
    if !opened.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Reason", rules::reason(&form.reason)) else {
        let page = end_page(&opened, &involvement, &form.reason, errors).await;
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let held = (Relation::Involved, &involvement.holder);
    grants::end_all::<LiftGrant>(ctx, held, &records, &reason).await?;
    let picture = picture(ctx, &involvement.on_record);
    ctx.done(
        picture.as_deref().unwrap_or(LIST),
        "It is ended. They no longer count as working with the child.",
    )
    .await
}

/// Where somebody goes on who does not read the list: to the record that it is about.
fn picture(ctx: &Ctx, record: &RecordId) -> Option<String> {
    if ctx.may::<SeeGrant>(None) {
        return None;
    }
    let kept = ctx.app.kept_with(record.prefix());
    kept.and_then(|kept| kept.href(record.as_str()))
}

/// The involvement that goes on; a grant of any other relation, or one that is over, is not to be ended here.
async fn load(opened: &Permitted<LiftGrant>) -> Result<Grant, Failure> {
    let grant = opened.ctx.store().load(&opened.permit).await?;
    if grant.relation == Relation::Involved && grant.ends_at.is_none() {
        Ok(grant)
    } else {
        Err(Failure::NotFound)
    }
}

async fn end_page(
    opened: &Permitted<LiftGrant>,
    involvement: &Grant,
    reason: &str,
    errors: Errors,
) -> Answer {
    let ctx = &opened.ctx;
    // Of a child of whom the reader may not know they end nothing.
    of_one_child(ctx, &involvement.on_record).await?;
    let picture = picture(ctx, &involvement.on_record);
    let people = People::of(ctx, [involvement.holder.to_string()]).await?;
    let record = involvement.on_record.as_str();
    let page = EndPage {
        id: opened.id.to_string(),
        version: opened.permit.resource().version,
        who: people.name(involvement.holder.as_str()),
        record: Records::of(ctx, [record]).await?.shown(record),
        why: involvement.reason.to_string(),
        since: words::recent(involvement.starts_at, ctx.now()),
        told: told(&involvement.reached),
        back: picture.clone().unwrap_or_else(|| LIST.to_owned()),
        reason: reason.to_owned(),
        errors,
    };
    match &picture {
        Some(href) => ctx.page_under(&page, &[("Whom it is about", href)]),
        None => ctx.page_under(&page, &ABOVE),
    }
}

fn told(reached: &Reached) -> &'static str {
    if reached.silent {
        "Nobody of another agency"
    } else {
        "The agencies that know the child"
    }
}

/// Every involvement with a child.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    involvements: Vec<GrantShown>,
    list: Pagination,
    /// Whether the reader ends them, or only reads of them.
    may_end: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/involvements.html";

    fn title(&self) -> String {
        "Who works with which child".to_owned()
    }

    fn samples() -> Vec<Self> {
        [GrantShown::samples(), Vec::new()]
            .into_iter()
            .map(|involvements| Self {
                may_end: !involvements.is_empty(),
                involvements,
                list: Pagination::of(2, 120),
            })
            .collect()
    }
}

/// The form that ends one.
#[derive(Debug, Serialize)]
pub(super) struct EndPage {
    id: String,
    version: u32,
    who: String,
    record: RecordShown,
    why: String,
    since: String,
    told: &'static str,
    /// Where it is left as it is: the list, or the picture.
    back: String,
    reason: String,
    errors: Errors,
}

impl Page for EndPage {
    const TEMPLATE: &'static str = "governance/involvement_end.html";

    fn title(&self) -> String {
        "End somebody’s work with a child".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut wrong = Errors::default();
        wrong.add("reason", "Reason: this is empty");
        [Errors::default(), wrong]
            .into_iter()
            .map(|errors| Self {
                id: "grant_00000000000000000000000001".to_owned(),
                version: 1,
                who: "Wren <i>O'Hara</i>".to_owned(),
                record: RecordShown::sample(),
                why: "She comes to us <every> Tuesday.".to_owned(),
                since: "18 November, 14:02".to_owned(),
                told: told(&Reached::default()),
                back: "/children/person_1".to_owned(),
                reason: String::new(),
                errors,
            })
            .collect()
    }
}
