//! Bars: for the barred person the record does not exist (safety rule 15).

use axum::extract::Query;
use clearpicture_kernel::{Passage, RecordId, TypedId as _, WorkerId};
use clearpicture_store::{Grant, GrantId, Relation};
use serde::{Deserialize, Serialize};

use super::records::{Found, find};
use super::rules;
use super::shown::{GrantShown, Listed, People, RecordShown, grants_shown};
use crate::grants::{self, AddBar, LiftGrant, SeeGrant};
use crate::shell::form::number;
use crate::shell::{
    Allowed, Answer, Ctx, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped,
};
use crate::words;
use crate::workers::{self, ListWorkers};

const ABOVE: [(&str, &str); 2] = [("Governance", "/governance"), ("Bars", "/bars")];

/// A bar as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct BarForm {
    person: String,
    record: String,
    reason: String,
}

/// The lifting of a bar as typed.
#[derive(Debug, Deserialize)]
pub(super) struct LiftForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    reason: String,
}

/// Every bar, those in force first.
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeGrant>,
    Query(asked): Query<Listed>,
) -> Answer {
    let (rows, list) =
        grants::of_relation(ctx.store(), &scope, Relation::Barred, asked.page).await?;
    let bars = grants_shown::<SeeGrant>(&ctx, &rows).await?;
    ctx.page_under(&ListPage { bars, list }, &[("Governance", "/governance")])
}

/// The form for a new bar.
pub(super) async fn new(Allowed { ctx, .. }: Allowed<AddBar>) -> Answer {
    new_page(&ctx, BarForm::default(), Errors::default())
}

/// Bars a person from a record from now on.
pub(super) async fn add(
    Allowed { ctx, .. }: Allowed<AddBar>,
    Posted(form): Posted<BarForm>,
) -> Answer {
    let mut errors = Errors::default();
    let person = person(&ctx, &form.person).await?;
    let person = errors.take("person", "Person", person);
    let record = match find(&ctx, &form.record).await {
        Err(Failure::NotFound) => Err("no record has this id"),
        found => Ok(found?),
    };
    let record = errors.take("record", "Record", record);
    let reason = errors.take("reason", "Reason", rules::reason(&form.reason));
    let (Some(person), Some(record), Some(reason)) = (person, record, reason) else {
        return new_page(&ctx, form, errors);
    };
    let bar = bar(&ctx, person, record, reason);
    let permit = ctx.permit_add::<AddBar>(&GrantId::fresh(ctx.app.ambient()), &bar)?;
    let why = bar.reason.clone();
    ctx.store().add(&permit, &bar, Some(&why)).await?;
    ctx.done(
        "/bars",
        "The bar is in force. For that person the record is not there.",
    )
    .await
}

/// The form that lifts a bar.
pub(super) async fn ask_lift(opened: Permitted<LiftGrant>) -> Answer {
    let bar = load_bar(&opened).await?;
    lift_page(&opened, &bar, "", Errors::default()).await
}

/// Lifts a bar from now on.
pub(super) async fn lift(opened: Permitted<LiftGrant>, Posted(form): Posted<LiftForm>) -> Answer {
    let mut bar = load_bar(&opened).await?;
    if !opened.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Reason", rules::reason(&form.reason)) else {
        return lift_page(&opened, &bar, &form.reason, errors).await;
    };
    let ctx = &opened.ctx;
    bar.ends_at = Some(ctx.now());
    ctx.store()
        .change(&opened.permit, &bar, Some(&reason))
        .await?;
    ctx.done("/bars", "The bar is lifted.").await
}

/// The person meant by an id or a work e-mail address.
async fn person(ctx: &Ctx, typed: &str) -> Result<Result<RecordId, &'static str>, Failure> {
    let scope = ctx
        .store()
        .scope::<ListWorkers>(ctx.app.access(), ctx.caller(), &ctx.purpose())
        .await?;
    let typed = typed.trim();
    let found = match WorkerId::parse(typed) {
        Ok(id) => workers::name_of(ctx.store(), &scope, id).await?.map(|_| id),
        Err(_) => workers::by_email(ctx.store(), &scope, &typed.to_lowercase()).await?,
    };
    Ok(found
        .map(|id| id.record_id())
        .ok_or("nobody who signs in has this id or e-mail address"))
}

/// The bar in force; a grant of any other relation, or one that is over, is not to be lifted here.
async fn load_bar(opened: &Permitted<LiftGrant>) -> Result<Grant, Failure> {
    let grant = opened.ctx.store().load(&opened.permit).await?;
    if grant.relation == Relation::Barred && grant.ends_at.is_none() {
        Ok(grant)
    } else {
        Err(Failure::NotFound)
    }
}

fn bar(ctx: &Ctx, person: RecordId, record: Found, reason: Passage) -> Grant {
    Grant {
        holder: person,
        on_record: record.resource.id,
        owner: record.resource.class.owner,
        relation: Relation::Barred,
        reason,
        starts_at: ctx.now(),
        ends_at: None,
    }
}

fn new_page(ctx: &Ctx, form: BarForm, errors: Errors) -> Answer {
    ctx.page_under(&NewPage { form, errors }, &ABOVE)
}

async fn lift_page(
    opened: &Permitted<LiftGrant>,
    bar: &Grant,
    reason: &str,
    errors: Errors,
) -> Answer {
    let ctx = &opened.ctx;
    let people = People::of(ctx, [bar.holder.to_string()]).await?;
    let page = LiftPage {
        id: opened.id.to_string(),
        version: opened.permit.resource().version,
        who: people.name(bar.holder.as_str()),
        record: RecordShown::of(&ctx.app, bar.on_record.as_str()),
        why: bar.reason.to_string(),
        since: words::recent(bar.starts_at, ctx.now()),
        reason: reason.to_owned(),
        errors,
    };
    ctx.page_under(&page, &ABOVE)
}

/// Every bar.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    bars: Vec<GrantShown>,
    list: Pagination,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/bars.html";

    fn title(&self) -> String {
        "Bars".to_owned()
    }

    fn samples() -> Vec<Self> {
        [GrantShown::samples(), Vec::new()]
            .into_iter()
            .map(|bars| Self {
                bars,
                list: Pagination::of(2, 120),
            })
            .collect()
    }
}

/// The form for a new bar.
#[derive(Debug, Serialize)]
pub(super) struct NewPage {
    form: BarForm,
    errors: Errors,
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "governance/bar_new.html";

    fn title(&self) -> String {
        "Bar a person from a record".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        for field in ["person", "record", "reason"] {
            errors.add(field, "This is <b>missing</b>");
        }
        let form = BarForm {
            person: "<i>wren@lighthouse.example".to_owned(),
            record: "feed".to_owned(),
            reason: "x".to_owned(),
        };
        vec![
            Self {
                form: BarForm::default(),
                errors: Errors::default(),
            },
            Self { form, errors },
        ]
    }
}

/// The form that lifts a bar.
#[derive(Debug, Serialize)]
pub(super) struct LiftPage {
    id: String,
    version: u32,
    who: String,
    record: RecordShown,
    why: String,
    since: String,
    reason: String,
    errors: Errors,
}

impl Page for LiftPage {
    const TEMPLATE: &'static str = "governance/bar_lift.html";

    fn title(&self) -> String {
        "Lift a bar".to_owned()
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
                why: "A relative of the family.".to_owned(),
                since: "18 November, 14:02".to_owned(),
                reason: String::new(),
                errors,
            })
            .collect()
    }
}
