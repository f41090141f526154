//! Adding a person who signs in, and changing a person's record.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use clearpicture_kernel::{AgencyId, Passage, TeamId, TypedId as _, WorkerId};
use clearpicture_store::{Prepared, WriteError};
use serde::Serialize;

use super::rules::{Known, MAY, MAY_NOT, WorkerTyped, changes_standing};
use super::types::{AddWorker, EditWorker, Worker};
use crate::agencies;
use crate::grants::{Involvement, prepare_involvement};
use crate::history::Shown as _;
use crate::practice::Practice;
use crate::shell::conflict::{self, Conflict, Edit, Saved};
use crate::shell::form::not_taken;
use crate::shell::{
    Allowed, Answer, Choice, Ctx, Errors, Failure, Page, Permitted, Posted, session,
};

/// What is said when someone else signs in with the address.
const EMAIL_TAKEN: &str = "E-mail: another person signs in with this address";
/// What is said when the reason is missing.
const SAY_WHY: &str = "Say why roles, vetting, training or signing in change";
/// What is said to someone who changes their own roles or readiness.
const NOT_ONES_OWN: &str =
    "Your own roles, vetting, training and signing in are for another administrator to change";

/// An empty form for a person of the caller's own agency.
pub(super) async fn new(allowed: Allowed<AddWorker>) -> Answer {
    let ctx = allowed.ctx;
    let teams = teams_of(&ctx, ctx.agency()?, &BTreeSet::new()).await?;
    WorkerForm::of(ctx.app.practice(), None, &teams, WorkerTyped::default()).answer(&ctx)
}

/// Adds the person that the form tells of, to the caller's own agency.
pub(super) async fn add(allowed: Allowed<AddWorker>, Posted(typed): Posted<WorkerTyped>) -> Answer {
    let ctx = allowed.ctx;
    let agency = ctx.agency()?;
    let teams = teams_of(&ctx, agency, &BTreeSet::new()).await?;
    let mut errors = Errors::default();
    let read = typed.read(known(&ctx, agency, &ids_of(&teams)), &mut errors);
    let form = WorkerForm::of(ctx.app.practice(), None, &teams, typed);
    let Some(worker) = read else {
        return form.wrong(&ctx, errors);
    };
    let id = WorkerId::fresh(ctx.app.ambient());
    let changes = with_own_record(&ctx, id, &worker).await?;
    match ctx.store().commit(changes).await {
        Ok(_) => ctx.done(&Worker::href(&id), "The person was added.").await,
        Err(WriteError::Taken) => {
            errors.add("email", EMAIL_TAKEN);
            form.wrong(&ctx, errors)
        }
        Err(other) => Err(other.into()),
    }
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
    let own = prepare_involvement(&ctx.app, ctx.caller(), &ctx.purpose(), own).await?;
    Ok(vec![person, own])
}

/// The form of a person who is there.
pub(super) async fn open(opened: Permitted<EditWorker>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let worker = ctx.store().load(&permit).await?;
    let teams = teams_of(&ctx, worker.agency, &worker.teams).await?;
    let typed = WorkerTyped::of(&worker, permit.resource().version);
    WorkerForm::of(ctx.app.practice(), Some((id, &worker)), &teams, typed).answer(&ctx)
}

/// Changes the person's record to what the form says.
pub(super) async fn save(
    opened: Permitted<EditWorker>,
    Posted(typed): Posted<WorkerTyped>,
) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let now = ctx.store().load(&permit).await?;
    let teams = teams_of(&ctx, now.agency, &now.teams).await?;
    let mut errors = Errors::default();
    let read = typed.read(known(&ctx, now.agency, &ids_of(&teams)), &mut errors);
    let reason = reason(
        &ctx,
        id,
        &typed.reason,
        read.as_ref().map(|it| (&now, it)),
        &mut errors,
    );
    let version = typed.version;
    let form = WorkerForm::of(ctx.app.practice(), Some((id, &now)), &teams, typed);
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

/// The form of a person, new or changed.
#[derive(Clone, Serialize)]
pub(super) struct WorkerForm {
    action: String,
    /// The person's name and where their record is; `None` for a new person.
    back: Option<(String, String)>,
    typed: WorkerTyped,
    roles: Vec<Choice>,
    teams: Vec<Choice>,
    standing: Vec<Choice>,
    errors: Errors,
    conflict: Option<Conflict>,
}

impl WorkerForm {
    fn of(
        practice: &Practice,
        there: Option<(WorkerId, &Worker)>,
        teams: &[(TeamId, String)],
        typed: WorkerTyped,
    ) -> Self {
        let roles = practice.roles.iter().map(|role| {
            ticked(&typed.roles, role.code.as_str(), &role.title).hinted(role.about.as_str())
        });
        let teams = teams
            .iter()
            .map(|(id, name)| ticked(&typed.teams, &id.to_string(), name));
        Self::with(there, roles.collect(), teams.collect(), typed)
    }

    fn with(
        there: Option<(WorkerId, &Worker)>,
        roles: Vec<Choice>,
        teams: Vec<Choice>,
        typed: WorkerTyped,
    ) -> Self {
        let back = there.map(|(id, worker)| (worker.title(), Worker::href(&id)));
        let standing = [(MAY, "Yes"), (MAY_NOT, "No")]
            .map(|(value, text)| Choice::new(value, text, &typed.active));
        Self {
            action: match &back {
                Some((_, href)) => format!("{href}/edit"),
                None => "/people/new".to_owned(),
            },
            back,
            roles,
            teams,
            standing: standing.into(),
            typed,
            errors: Errors::default(),
            conflict: None,
        }
    }

    fn answer(&self, ctx: &Ctx) -> Answer {
        let mut above = vec![Worker::list()];
        if let Some((name, href)) = &self.back {
            above.push((name, href));
        }
        ctx.page_under(self, &above)
    }

    /// The form again, with what is wrong.
    fn wrong(self, ctx: &Ctx, errors: Errors) -> Answer {
        let again = Self { errors, ..self };
        not_taken(StatusCode::UNPROCESSABLE_ENTITY, again.answer(ctx))
    }

    /// The form again, with both texts.
    fn both(mut self, ctx: &Ctx, both: Conflict) -> Answer {
        self.typed.version = both.version;
        self.conflict = Some(both);
        not_taken(StatusCode::CONFLICT, self.answer(ctx))
    }
}

/// A tick box, ticked when `value` is among those typed.
fn ticked(typed: &[String], value: &str, text: &str) -> Choice {
    let chosen = typed.iter().find(|one| *one == value);
    Choice::new(value, text, chosen.map_or("", String::as_str))
}

impl Page for WorkerForm {
    const TEMPLATE: &'static str = "workers/form.html";

    fn title(&self) -> String {
        match self.back {
            Some(_) => "Change a person’s record".to_owned(),
            None => "Add a person".to_owned(),
        }
    }

    fn samples() -> Vec<Self> {
        use clearpicture_store::Record as _;
        let id = WorkerId::parse("worker_00000000000000000000000001").ok();
        let worker = Worker::samples().pop();
        let there = id.zip(worker.as_ref());
        let typed = worker
            .as_ref()
            .map(|worker| WorkerTyped::of(worker, 3))
            .unwrap_or_default();
        let mut errors = Errors::default();
        for field in [
            "name",
            "email",
            "phone",
            "roles",
            "teams",
            "vetted_day",
            "trained_day",
            "reason",
        ] {
            errors.add(field, "This is <b>empty</b>");
        }
        let roles = vec![Choice::new("manager", "Manager", "manager").hinted("Answers for a team")];
        let teams = vec![Choice::new("team_1", "Night <i>team</i>", "")];
        let new = Self::with(None, roles.clone(), Vec::new(), WorkerTyped::default());
        let change = Self::with(there, roles, teams, typed);
        vec![
            Self {
                errors: errors.clone(),
                ..new.clone()
            },
            new,
            Self {
                conflict: Some(Conflict::sample()),
                ..change.clone()
            },
            Self { errors, ..change },
        ]
    }
}
