//! Adding a person who signs in, and changing a person's record.

use std::collections::BTreeSet;

use axum::extract::Query;
use clearpicture_access::Caller;
use clearpicture_kernel::{AgencyId, Code, Passage, TeamId, TypedId as _, WorkerId};
use clearpicture_store::{Prepared, WriteError};
use serde::Deserialize;

use super::first;
use super::form::{Extent, WorkerForm};
use super::rules::{Known, WorkerTyped, changes_standing, may_not_give};
use super::types::{AddWorker, EditWorker, Worker};
use crate::agencies;
use crate::grants::{Involvement, prepare_involvement};
use crate::history::Shown as _;
use crate::shell::conflict::{self, Edit, Saved};
use crate::shell::{Allowed, Answer, Ctx, Errors, Failure, Permitted, Posted, session};

/// What is said when someone else signs in with the address.
const EMAIL_TAKEN: &str = "E-mail: another person signs in with this address";
/// What is said when the reason is missing.
const SAY_WHY: &str = "Say why roles, vetting, training or signing in change";
/// What is said to someone who changes their own roles or readiness.
const NOT_ONES_OWN: &str =
    "Your own roles, vetting, training and signing in are for another administrator to change";

/// Of which agency the new person is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedOf {
    agency: String,
}

/// An empty form for a person of the caller's own agency, or for the first of another.
pub(super) async fn new(allowed: Allowed<AddWorker>, Query(asked): Query<AskedOf>) -> Answer {
    let ctx = allowed.ctx;
    let agency = first::agency_served(&ctx, &asked.agency).await?;
    let typed = WorkerTyped::serving(asked.agency);
    new_form(&ctx, agency, typed).await?.answer(&ctx)
}

/// Adds the person that the form tells of, to the caller's own agency or as the first of another.
pub(super) async fn add(allowed: Allowed<AddWorker>, Posted(typed): Posted<WorkerTyped>) -> Answer {
    let ctx = allowed.ctx;
    let agency = first::agency_served(&ctx, &typed.agency).await?;
    let is_own = ctx.caller().agency == Some(agency);
    let teams = teams_of(&ctx, agency, &BTreeSet::new()).await?;
    let mut errors = Errors::default();
    let read = typed.read(known(&ctx, agency, &ids_of(&teams)), &mut errors);
    if let Some(worker) = &read {
        check_roles(&ctx, &BTreeSet::new(), worker, &mut errors);
        if let Some(wrong) = first::wrong_roles(worker).filter(|_| !is_own) {
            errors.add("roles", wrong);
        }
    }
    let form = new_form(&ctx, agency, typed).await?;
    let (Some(worker), true) = (read, errors.is_empty()) else {
        return form.wrong(&ctx, errors);
    };
    let id = WorkerId::fresh(ctx.app.ambient());
    let changes = with_own_record(&ctx, id, &worker).await?;
    match ctx.store().commit(changes).await {
        Ok(_) if is_own => ctx.done(&Worker::href(&id), "The person was added.").await,
        // Their record is their own agency's from now on; what is left to do is to let them in.
        Ok(_) => {
            let notice = "The person was added. Give them a set-up code, so that they can sign in and add the others.";
            ctx.done(&format!("{}/set-up", Worker::href(&id)), notice)
                .await
        }
        Err(WriteError::Taken) => {
            errors.add("email", EMAIL_TAKEN);
            form.wrong(&ctx, errors)
        }
        Err(other) => Err(other.into()),
    }
}

async fn new_form(ctx: &Ctx, agency: AgencyId, typed: WorkerTyped) -> Result<WorkerForm, Failure> {
    let teams = teams_of(ctx, agency, &BTreeSet::new()).await?;
    let form = WorkerForm::of(ctx.app.practice(), None, &teams, typed);
    if ctx.caller().agency == Some(agency) {
        return Ok(form);
    }
    let name = agencies::name_of(ctx.store(), Some(agency)).await?;
    Ok(form.first_of(name))
}

/// A new person, and that they are involved with their own record, so that they may open it.
async fn with_own_record(
    ctx: &Ctx,
    id: WorkerId,
    worker: &Worker,
) -> Result<Vec<Prepared>, Failure> {
    let permit = ctx.permit_add::<AddWorker>(&id, worker)?;
    let person = ctx.store().prepare_add(&permit, worker, None).await?;
    let own = Involvement::own(id, worker.agency).map_err(|fault| Failure::fault(&fault))?;
    // That their own record is theirs follows from its being theirs: whoever adds them has no say in it.
    let system = Caller::system("set-up");
    let own = prepare_involvement(&ctx.app, &system, &ctx.purpose(), own).await?;
    Ok(vec![person, own])
}

/// The form of a person who is there.
pub(super) async fn open(opened: Permitted<EditWorker>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let worker = ctx.store().load(&permit).await?;
    let teams = teams_of(&ctx, worker.agency, &worker.teams).await?;
    let typed = WorkerTyped::of(&worker, permit.resource().version);
    WorkerForm::of(ctx.app.practice(), Some((id, &worker)), &teams, typed)
        .showing(extent(&ctx, &worker), ctx.app.practice())
        .answer(&ctx)
}

/// Changes the person's record to what the form says.
pub(super) async fn save(
    opened: Permitted<EditWorker>,
    Posted(typed): Posted<WorkerTyped>,
) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let now = ctx.store().load(&permit).await?;
    let teams = teams_of(&ctx, now.agency, &now.teams).await?;
    let extent = extent(&ctx, &now);
    let typed = match extent {
        Extent::Whole => typed,
        Extent::GuardedRoles => typed.guarded_roles_of(&now, ctx.app.practice()),
    };
    let mut errors = Errors::default();
    let read = typed.read(known(&ctx, now.agency, &ids_of(&teams)), &mut errors);
    let reason = reason(
        &ctx,
        id,
        &typed.reason,
        read.as_ref().map(|it| (&now, it)),
        &mut errors,
    );
    if let Some(yours) = &read {
        check_roles(&ctx, &now.roles, yours, &mut errors);
    }
    let version = typed.version;
    let form = WorkerForm::of(ctx.app.practice(), Some((id, &now)), &teams, typed)
        .showing(extent, ctx.app.practice());
    let (Some(yours), true) = (read, errors.is_empty()) else {
        return form.wrong(&ctx, errors);
    };
    let edit = Edit {
        version,
        now: &now,
        yours: &yours,
        reason: reason.as_ref(),
    };
    match conflict::save(&ctx, &id, &permit, edit).await? {
        Saved::Done => changed(&ctx, id, &yours).await,
        Saved::Same => {
            ctx.done(&Worker::href(&id), conflict::NOTHING_CHANGED)
                .await
        }
        Saved::Taken => {
            errors.add("email", EMAIL_TAKEN);
            form.wrong(&ctx, errors)
        }
        Saved::Conflict(both) => form.both(&ctx, both),
    }
}

/// What follows a change: someone who may no longer sign in is signed out everywhere.
async fn changed(ctx: &Ctx, id: WorkerId, worker: &Worker) -> Answer {
    if !worker.active {
        session::end_everywhere(ctx.store(), id).await?;
    }
    ctx.done(&Worker::href(&id), "The person’s record was changed.")
        .await
}

/// Notes the roles that are not for the caller to give.
fn check_roles(ctx: &Ctx, held: &BTreeSet<Code>, worker: &Worker, errors: &mut Errors) {
    let giver = &ctx.caller().roles;
    if let Some(words) = may_not_give(ctx.app.practice(), giver, held, &worker.roles) {
        errors.add("roles", words);
    }
}

/// How much of a person's record the caller changes.
fn extent(ctx: &Ctx, worker: &Worker) -> Extent {
    if ctx.caller().agency == Some(worker.agency) {
        Extent::Whole
    } else {
        Extent::GuardedRoles
    }
}

/// The reason typed, which is asked where roles or readiness change, from before to after;
/// and nobody changes their own.
fn reason(
    ctx: &Ctx,
    id: WorkerId,
    text: &str,
    change: Option<(&Worker, &Worker)>,
    errors: &mut Errors,
) -> Option<Passage> {
    if change.is_some_and(|(before, after)| changes_standing(before, after)) {
        if ctx.caller().identity.worker() == Some(id) {
            errors.add("roles", NOT_ONES_OWN);
        } else if text.trim().is_empty() {
            errors.add("reason", SAY_WHY);
        }
    }
    errors.take_optional("reason", "Reason", text, Passage::parse)
}

fn known<'a>(ctx: &'a Ctx, agency: AgencyId, teams: &'a BTreeSet<TeamId>) -> Known<'a> {
    Known {
        agency,
        practice: ctx.app.practice(),
        teams,
    }
}

/// The agency's teams that still work, and those that the person belongs to.
async fn teams_of(
    ctx: &Ctx,
    agency: AgencyId,
    held: &BTreeSet<TeamId>,
) -> Result<Vec<(TeamId, String)>, Failure> {
    let scope = ctx.scope::<agencies::SeeTeam>().await?;
    let rows = agencies::teams_of(ctx.store(), &scope, agency).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let id = TeamId::parse(&row.id).ok()?;
            (row.active || held.contains(&id)).then_some((id, row.name))
        })
        .collect())
}

fn ids_of(teams: &[(TeamId, String)]) -> BTreeSet<TeamId> {
    teams.iter().map(|(id, _)| *id).collect()
}
