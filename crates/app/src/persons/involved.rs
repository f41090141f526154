//! *I work with this child*: said with a reason, told to the agencies that know the child, listed for the information
//! governance lead, and ended by whoever said it.
//!
//! It is a grant of involvement like any other. Whoever is involved is shown workers' names and numbers; everybody else
//! who may open the picture sees the agency and its duty number, and of a service that must not be named nothing at all
//! (safety rules 17 and 19).

use axum::http::StatusCode;
use clearpicture_access::{AccessClass, Grants, Kind as _, Permit};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Passage, PersonId, PhoneNumber, TypedId as _};
use clearpicture_store::{Grant, GrantId, Reached, Record as _, Relation};
use serde::{Deserialize, Serialize};

use super::called::of_one_child;
use super::claims::Claimed;
use super::picture::{LIST, moved};
use super::said::{RingRow, Said};
use super::store;
use super::types::{Person, SeePerson, Telling};
use crate::grants::{self, Leave, SeeInvolvement, WorkWith};
use crate::history::Shown as _;
use crate::shell::form::{Choice, not_taken};
use crate::shell::{Answer, Ctx, Errors, Failure, Number, Page, Permitted, Posted};
use crate::workers::{self, Colleague, ListWorkers, SeeWorker};
use crate::{agencies, words};

/// Somebody who says here that they work with the child.
struct Work {
    id: GrantId,
    grant: Grant,
    colleague: Colleague,
    /// Whether it is the reader.
    own: bool,
}

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct WorkForm {
    /// `begin` or `end`.
    #[serde(default)]
    does: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    phone: String,
    /// `agencies` or `nobody`.
    #[serde(default)]
    told: String,
}

/// Everybody who says that they work with the child, as far as the reader is told of them.
async fn all(ctx: &Ctx, permit: &Permit<SeePerson>) -> Result<Vec<Work>, Failure> {
    let scope = ctx.scope::<SeeInvolvement>().await?;
    let record = &permit.resource().id;
    let found = grants::working_with(ctx.store(), &scope, record).await?;
    let people = ctx.scope::<ListWorkers>().await?;
    let holders = found.iter().map(|(_, grant)| grant.holder.to_string());
    let colleagues = workers::at_work(ctx.store(), &people, holders).await?;
    let me = ctx.caller().identity.holder();
    let agency = ctx.caller().agency;
    let work = found.into_iter().filter_map(|(id, grant)| {
        // Whoever may no longer sign in rings nobody back.
        let colleague = colleagues.get(grant.holder.as_str())?.clone();
        let is_told = !grant.reached.silent || Some(colleague.agency) == agency;
        is_told.then(|| Work {
            own: Some(&grant.holder) == me.as_ref(),
            id,
            grant,
            colleague,
        })
    });
    Ok(work.collect())
}

/// Who says here that they work with the child, to ring; and since when the reader does, if they do.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn to_ring(
    ctx: &Ctx,
    permit: &Permit<SeePerson>,
    said: &Said,
    withheld: bool,
) -> Result<(Vec<RingRow>, Option<String>), Failure> {
    // The name and the number of whoever works with a child tell where the child is.
    let is_involved = permit.resource().grants.involved && !withheld;
    let today = day_of(ctx.now());
    let all = all(ctx, permit).await?;
    let since = |work: &Work| words::day(day_of(work.grant.starts_at), today);
    let own = all.iter().find(|work| work.own).map(since);
    let rows = all.iter().map(|work| {
        let colleague = &work.colleague;
        let role = workers::roles_in_words(ctx.app.practice(), &colleague.roles);
        let duty = Number::of_duty_desk(said.duty_number(colleague.agency));
        let phone = work.grant.reached.phone.as_ref();
        let direct = phone.filter(|_| is_involved).and_then(|phone| {
            let of = if work.own { "you" } else { &colleague.name };
            Number::of(of, phone.reveal())
        });
        let person = match (work.own, is_involved) {
            (true, _) => "You".to_owned(),
            (false, true) => format!("{}, {role}", colleague.name),
            (false, false) => words::sentence(&role),
        };
        RingRow {
            who: said.agency(colleague.agency).to_owned(),
            state: "works with the child now".to_owned(),
            tone: "done",
            since: format!("Since {}", since(work)),
            people: vec![person],
            numbers: duty.into_iter().chain(direct).collect(),
            backwards: false,
            by: format!("said here on {}", since(work)),
            end_href: end_href(ctx, work),
        }
    });
    Ok((rows.collect(), own))
}

/// Where the reader ends what another says, if they may; their own they end from the picture.
fn end_href(ctx: &Ctx, work: &Work) -> Option<String> {
    let class = work.grant.class(&work.id);
    let may = !work.own && ctx.may_pass("/involvements/{id}/end", &class, Grants::NONE);
    may.then(|| format!("/involvements/{}/end", work.id))
}

/// Whether the page is offered to the reader.
pub(super) fn is_offered(ctx: &Ctx) -> bool {
    let class = AccessClass::ordinary(Grant::NAME, None);
    ctx.may_with::<WorkWith>(&class, Grants::NONE)
}

/// `GET /children/{id}/involved`
pub(super) async fn ask(at: Permitted<SeePerson>) -> Answer {
    let person = at.ctx.store().load(&at.permit).await?;
    if let Some(moved) = moved(&at.ctx, &person).await? {
        return Ok(moved);
    }
    let form = WorkForm {
        phone: own_number(&at.ctx).await?,
        ..WorkForm::default()
    };
    page(&at, &person, form, Errors::default()).await
}

/// `POST /children/{id}/involved`
pub(super) async fn say(at: Permitted<SeePerson>, Posted(form): Posted<WorkForm>) -> Answer {
    // What is said of an empty person is said of nobody: the picture is elsewhere.
    let person = at.ctx.store().load(&at.permit).await?;
    if let Some(moved) = moved(&at.ctx, &person).await? {
        return Ok(moved);
    }
    match form.does.as_str() {
        "begin" => begin(&at, &person, form).await,
        "end" => end(&at, &person, form).await,
        _ => Err(Failure::Malformed(
            "The form does not say whether it begins or ends.".to_owned(),
        )),
    }
}

async fn begin(at: &Permitted<SeePerson>, person: &Person, form: WorkForm) -> Answer {
    let ctx = &at.ctx;
    let href = Person::href(&at.id);
    if all(ctx, &at.permit).await?.iter().any(|work| work.own) {
        return ctx
            .done(&href, "It is said already that you work with this child.")
            .await;
    }
    let mut errors = Errors::default();
    let reason = errors.take("reason", "Reason", grants::reason(&form.reason));
    let phone = errors.take_optional("phone", "Number", &form.phone, PhoneNumber::parse);
    let silent = match form.told.as_str() {
        "agencies" => is_silent(ctx).await?,
        "nobody" => true,
        _ => {
            errors.add("told", "Choose who is told");
            false
        }
    };
    let holder = ctx.caller().identity.holder();
    let (Some(reason), true, Some(holder)) = (reason, errors.is_empty(), holder) else {
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            page(at, person, form, errors).await,
        );
    };
    let grant = Grant {
        holder,
        on_record: at.permit.resource().id.clone(),
        owner: ctx.caller().agency,
        relation: Relation::Involved,
        reason,
        starts_at: ctx.now(),
        ends_at: None,
        reached: Reached { phone, silent },
    };
    let permit = ctx.permit_add::<WorkWith>(&GrantId::fresh(ctx.app.ambient()), &grant)?;
    let why: Passage = grant.reason.clone();
    ctx.store().add(&permit, &grant, Some(&why)).await?;
    let told = if silent {
        "Other agencies are not told."
    } else {
        "The agencies that know the child see it on this page."
    };
    ctx.done(&href, &format!("You work with this child. {told}"))
        .await
}

/// Ends it on every record of the child: what is left on one of them would follow into the picture again.
async fn end(at: &Permitted<SeePerson>, person: &Person, form: WorkForm) -> Answer {
    let ctx = &at.ctx;
    let href = Person::href(&at.id);
    let mine = all(ctx, &at.permit).await?;
    let Some(work) = mine.into_iter().find(|work| work.own) else {
        return ctx
            .done(&href, "You are not listed as working with this child.")
            .await;
    };
    let mut errors = Errors::default();
    let reason = errors.take("reason", "Reason", grants::reason(&form.reason));
    let Some(reason) = reason else {
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            page(at, person, form, errors).await,
        );
    };
    let records = of_one_child(ctx, at.id).await?;
    let records = records.iter().map(PersonId::record_id).collect();
    let held = (Relation::Involved, &work.grant.holder);
    grants::end_all::<Leave>(ctx, held, &records, &reason).await?;
    ctx.done(&href, "You no longer work with this child.").await
}

/// Whether the caller's service is one that is never named.
async fn is_silent(ctx: &Ctx) -> Result<bool, Failure> {
    let Some(own) = ctx.caller().agency else {
        return Ok(false);
    };
    let silent = &ctx.app.practice().silent;
    for code in &silent.agencies {
        if agencies::by_code(ctx.store(), code.as_str()).await? == Some(own) {
            return Ok(true);
        }
    }
    let scope = ctx.scope::<agencies::SeeTeam>().await?;
    let teams = agencies::teams_of(ctx.store(), &scope, own).await?;
    let mine = &ctx.caller().teams;
    Ok(teams.iter().any(|team| {
        let is_mine = mine.iter().any(|one| one.to_string() == team.id);
        is_mine && silent.names_team(&team.name)
    }))
}

/// The number in the caller's own record; empty when there is none.
async fn own_number(ctx: &Ctx) -> Result<String, Failure> {
    let Some(worker) = ctx.caller().identity.worker() else {
        return Ok(String::new());
    };
    let Ok(permit) = ctx.permit::<SeeWorker>(&worker).await else {
        return Ok(String::new());
    };
    let record = ctx.store().load(&permit).await?;
    Ok(record
        .phone
        .map_or_else(String::new, |phone| phone.reveal().to_owned()))
}

/// What a child is called who is opened by `permit`.
async fn name(ctx: &Ctx, permit: &Permit<SeePerson>, person: &Person) -> Result<String, Failure> {
    let known = store::known(ctx.store(), permit, &person.members).await?;
    let tellings: Vec<Telling> = known.into_iter().flat_map(|known| known.tellings).collect();
    let name = Claimed::of(&tellings).names.first().cloned();
    Ok(name.unwrap_or_else(|| "A child whose name is not told".to_owned()))
}

async fn page(
    at: &Permitted<SeePerson>,
    person: &Person,
    form: WorkForm,
    errors: Errors,
) -> Answer {
    let ctx = &at.ctx;
    let own = all(ctx, &at.permit).await?;
    let own = own.into_iter().find(|work| work.own);
    let since = own.as_ref().map(|work| {
        let today = day_of(ctx.now());
        words::day(day_of(work.grant.starts_at), today)
    });
    let agency: Option<AgencyId> = ctx.caller().agency;
    let href = Person::href(&at.id);
    let page = WorkPage {
        child: name(ctx, &at.permit, person).await?,
        picture: href.clone(),
        agency: agencies::name_of(ctx.store(), agency).await?,
        since,
        why: own.map_or_else(String::new, |work| work.grant.reason.to_string()),
        told: told(&form.told),
        form,
        errors,
    };
    ctx.page_under(&page, &[LIST, ("A child’s picture", &href)])
}

fn told(chosen: &str) -> Vec<Choice> {
    vec![
        Choice::new("agencies", "The agencies that know this child", chosen).hinted(
            "They see your agency and its duty number. Your name and number are only for those who work with the child.",
        ),
        Choice::new("nobody", "Nobody of another agency", chosen).hinted(
            "For services that must not be named: sexual health, refuge, witness protection, mental health, the exploitation team.",
        ),
    ]
}

/// Saying that one works with the child, or no longer does.
#[derive(Debug, Clone, Serialize)]
pub(super) struct WorkPage {
    child: String,
    picture: String,
    agency: String,
    /// Since when one does; nothing when one does not.
    since: Option<String>,
    why: String,
    told: Vec<Choice>,
    form: WorkForm,
    errors: Errors,
}

impl Page for WorkPage {
    const TEMPLATE: &'static str = "persons/involved.html";

    fn title(&self) -> String {
        "I work with this child".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("reason", "Reason: this is empty");
        errors.add("phone", "Number: this is no number");
        errors.add("told", "Choose who is told");
        let page = |since: Option<&str>, errors| Self {
            child: "Ada <Okafor>".to_owned(),
            picture: "/children/person_1".to_owned(),
            agency: "Northwater <Council>".to_owned(),
            since: since.map(str::to_owned),
            why: "I am <her> social worker.".to_owned(),
            told: told("nobody"),
            form: WorkForm {
                reason: "<i>x".to_owned(),
                phone: "<b>1".to_owned(),
                ..WorkForm::default()
            },
            errors,
        };
        vec![
            page(None, Errors::default()),
            page(None, errors.clone()),
            page(Some("3 May"), Errors::default()),
            page(Some("3 May"), errors),
        ]
    }
}
