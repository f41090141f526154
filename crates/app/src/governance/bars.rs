//! Bars: for the barred person the record does not exist (safety rule 15).
//!
//! A bar begins at the record, such as a child's picture, and the person is chosen from the directory: nobody types an
//! id. One on a child stands on every record of the child at once, and is lifted from all of them.

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_kernel::{Passage, PersonId, RecordId, TypedId as _, WorkerId};
use clearpicture_store::{Grant, GrantId, Reached, Relation};
use serde::{Deserialize, Serialize};

use super::bar_pages::{ChoosePage, LiftPage, ListPage, NewPage};
use super::records::{Found, find, of_one_child};
use super::rules;
use super::shown::{Holder, Listed, People, Records, grants_shown};
use crate::grants::{self, AddBar, LiftGrant, SeeGrant, Which};
use crate::persons::{self, SeePerson};
use crate::shell::form::{not_taken, number};
use crate::shell::{Allowed, Answer, Ctx, Errors, Failure, Permitted, Posted, Scoped};
use crate::words;
use crate::workers::{self, ListWorkers};

const ABOVE: [(&str, &str); 2] = [("Governance", "/governance"), ("Bars", "/bars")];
/// How often it is asked anew which records are one child's: linkage may join others while a bar is made.
const TRIES: usize = 3;
/// The longest text that somebody is looked for by.
const LONGEST: usize = 200;

/// From which record.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    record: String,
}

/// Who is looked for.
#[derive(Debug, Deserialize)]
pub(super) struct FindForm {
    record: String,
    #[serde(default)]
    who: String,
}

/// A bar as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct BarForm {
    pub(super) record: String,
    /// Whom they were looked for by.
    #[serde(default)]
    pub(super) who: String,
    #[serde(default)]
    pub(super) person: String,
    #[serde(default)]
    pub(super) reason: String,
}

/// The lifting of a bar as typed.
#[derive(Debug, Deserialize)]
pub(super) struct LiftForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    reason: String,
}

/// Where a bar from a record begins.
pub(super) fn href(record: &RecordId) -> String {
    format!("/bars/new?record={record}")
}

/// The bars that are listed: of a child one, however many records it stands on, and none on a child of whom the reader
/// may not know.
pub(super) async fn listed(ctx: &Ctx) -> Result<Which, Failure> {
    let seen = ctx.scope::<SeePerson>().await?;
    let pictures = persons::pictures_seen(ctx.store(), &seen);
    Ok(Which::all(Relation::Barred).but_of(PersonId::PREFIX, pictures))
}

/// Every bar that the reader may know of, those in force first.
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeGrant>,
    Query(asked): Query<Listed>,
) -> Answer {
    let which = listed(&ctx).await?;
    let (rows, list) = grants::of_relation(ctx.store(), &scope, which, asked.page).await?;
    let page = ListPage {
        bars: grants_shown::<SeeGrant>(&ctx, &rows, Holder::Named).await?,
        list,
        may_change: ctx.may::<AddBar>(None),
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// The form that looks for whom to bar; without a record, from where a bar begins.
pub(super) async fn new(
    Allowed { ctx, .. }: Allowed<AddBar>,
    Query(asked): Query<Asked>,
) -> Answer {
    if asked.record.is_empty() {
        return ctx.page_under(&NewPage, &ABOVE);
    }
    let form = BarForm {
        record: asked.record,
        ..BarForm::default()
    };
    choose_page(&ctx, form, Errors::default()).await
}

/// Looks for whom to bar.
pub(super) async fn look_for(
    Allowed { ctx, .. }: Allowed<AddBar>,
    Posted(form): Posted<FindForm>,
) -> Answer {
    let mut errors = Errors::default();
    if form.who.trim().is_empty() || form.who.len() > LONGEST {
        errors.add("who", "Type a name, or a work e-mail address");
    }
    let is_wrong = !errors.is_empty();
    let form = BarForm {
        record: form.record,
        who: form.who,
        ..BarForm::default()
    };
    let page = choose_page(&ctx, form, errors).await;
    match is_wrong {
        true => not_taken(StatusCode::UNPROCESSABLE_ENTITY, page),
        false => page,
    }
}

/// Bars a person from a record from now on.
pub(super) async fn add(
    Allowed { ctx, .. }: Allowed<AddBar>,
    Posted(form): Posted<BarForm>,
) -> Answer {
    let record = known(&ctx, &form.record).await?;
    let mut errors = Errors::default();
    let person = person(&ctx, &form.person).await?;
    let person = errors.take("person", "Who", person);
    let reason = errors.take("reason", "Reason", rules::reason(&form.reason));
    let (Some(person), Some(reason)) = (person, reason) else {
        let page = choose_page(&ctx, form, errors).await;
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    bar(&ctx, &person, &record, &reason).await?;
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

/// Lifts a bar from now on, from every record of the child.
pub(super) async fn lift(opened: Permitted<LiftGrant>, Posted(form): Posted<LiftForm>) -> Answer {
    let bar = load_bar(&opened).await?;
    if !opened.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Reason", rules::reason(&form.reason)) else {
        let page = lift_page(&opened, &bar, &form.reason, errors).await;
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let ctx = &opened.ctx;
    let records = of_one_child(ctx, &bar.on_record).await?;
    let held = (Relation::Barred, &bar.holder);
    grants::end_all::<LiftGrant>(ctx, held, &records, &reason).await?;
    ctx.done("/bars", "The bar is lifted.").await
}

/// Bars `holder` from every record of what `record` is about, but for those from which they are barred already.
async fn bar(
    ctx: &Ctx,
    holder: &RecordId,
    record: &Found,
    reason: &Passage,
) -> Result<(), Failure> {
    for _ in 0..TRIES {
        let scope = ctx.scope::<SeeGrant>().await?;
        let mut records = of_one_child(ctx, &record.resource.id).await?;
        let held = (Relation::Barred, holder);
        for (_, on_record) in grants::held_on(ctx.store(), &scope, held, &records).await? {
            records.retain(|record| record.as_str() != on_record);
        }
        let mut bars = Vec::new();
        for on_record in records {
            let bar = Grant {
                holder: holder.clone(),
                on_record,
                owner: record.resource.class.owner,
                relation: Relation::Barred,
                reason: reason.clone(),
                starts_at: ctx.now(),
                ends_at: None,
                reached: Reached::default(),
            };
            let permit = ctx.permit_add::<AddBar>(&GrantId::fresh(ctx.app.ambient()), &bar)?;
            let add = ctx.store().prepare_add(&permit, &bar, Some(reason));
            bars.push(add.await?);
        }
        if bars.is_empty() {
            return Ok(());
        }
        ctx.store().commit(bars).await?;
    }
    Ok(())
}

/// The record of this id, of which the caller may know; whether there is another they do not learn.
async fn known(ctx: &Ctx, id: &str) -> Result<Found, Failure> {
    let found = find(ctx, id).await?;
    match found.standing(ctx).knows {
        true => Ok(found),
        false => Err(Failure::NotFound),
    }
}

/// The person who was chosen.
async fn person(ctx: &Ctx, chosen: &str) -> Result<Result<RecordId, &'static str>, Failure> {
    const CHOOSE: &str = "choose one of those who were found";
    let Ok(id) = WorkerId::parse(chosen) else {
        return Ok(Err(CHOOSE));
    };
    let scope = ctx.scope::<ListWorkers>().await?;
    let name = workers::name_of(ctx.store(), &scope, id).await?;
    Ok(name.map(|_| id.record_id()).ok_or(CHOOSE))
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

async fn choose_page(ctx: &Ctx, form: BarForm, errors: Errors) -> Answer {
    let record = known(ctx, &form.record).await?;
    let id = record.resource.id.as_str();
    let found = match form.who.trim() {
        "" => None,
        who => Some(workers::colleagues(ctx, who, &form.person).await?),
    };
    let page = ChoosePage {
        record: Records::of(ctx, [id]).await?.shown(id),
        found,
        form,
        errors,
    };
    ctx.page_under(&page, &ABOVE)
}

async fn lift_page(
    opened: &Permitted<LiftGrant>,
    bar: &Grant,
    reason: &str,
    errors: Errors,
) -> Answer {
    let ctx = &opened.ctx;
    // Of a child of whom the reader may not know they lift nothing.
    of_one_child(ctx, &bar.on_record).await?;
    let people = People::of(ctx, [bar.holder.to_string()]).await?;
    let on_record = bar.on_record.as_str();
    let page = LiftPage {
        id: opened.id.to_string(),
        version: opened.permit.resource().version,
        who: people.name(bar.holder.as_str()),
        record: Records::of(ctx, [on_record]).await?.shown(on_record),
        why: bar.reason.to_string(),
        since: words::recent(bar.starts_at, ctx.now()),
        reason: reason.to_owned(),
        errors,
    };
    ctx.page_under(&page, &ABOVE)
}
