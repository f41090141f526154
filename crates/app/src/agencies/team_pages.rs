//! Adding a team to an agency, and changing one.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use clearpicture_kernel::{AgencyId, TeamId, TypedId as _};
use serde::Serialize;

use super::rules::{self, ENDED, Ending, STILL, TeamTyped};
use super::store;
use super::types::{AddTeam, Agency, EditTeam, SeeAgency, SeeTeam};
use crate::history::Shown as _;
use crate::shell::conflict::{self, Conflict, Edit, Saved};
use crate::shell::form::not_taken;
use crate::shell::{Answer, Choice, Ctx, Errors, Failure, Page, Permitted, Posted};

/// A team has no page but its agency's.
pub(super) async fn show(opened: Permitted<SeeTeam>) -> Answer {
    let Permitted { ctx, permit, .. } = opened;
    let team = ctx.store().load(&permit).await?;
    Ok(Redirect::to(&Agency::href(&team.agency)).into_response())
}

/// An empty form for a team of the agency `{id}`.
pub(super) async fn new(opened: Permitted<SeeAgency>) -> Answer {
    let Permitted { ctx, id, .. } = opened;
    if !ctx.may::<AddTeam>(Some(id)) {
        return Err(Failure::Refused(Vec::new()));
    }
    TeamForm::of(&ctx, id, None, TeamTyped::default())
        .await?
        .answer(&ctx)
}

/// Adds a team to the agency `{id}`.
pub(super) async fn add(opened: Permitted<SeeAgency>, Posted(typed): Posted<TeamTyped>) -> Answer {
    let Permitted {
        ctx, id: agency, ..
    } = opened;
    let mut errors = Errors::default();
    let Some(team) = typed.read(agency, &mut errors) else {
        return TeamForm::of(&ctx, agency, None, typed)
            .await?
            .wrong(&ctx, errors);
    };
    let id = TeamId::fresh(ctx.app.ambient());
    let permit = ctx.permit_add::<AddTeam>(&id, &team)?;
    ctx.store().add(&permit, &team, None).await?;
    ctx.done(&Agency::href(&agency), "The team was added.")
        .await
}

/// The form of a team that is there.
pub(super) async fn open(opened: Permitted<EditTeam>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let team = ctx.store().load(&permit).await?;
    let typed = TeamTyped::of(&team, permit.resource().version);
    TeamForm::of(&ctx, team.agency, Some(id), typed)
        .await?
        .answer(&ctx)
}

/// Changes the team to what the form says.
pub(super) async fn save(opened: Permitted<EditTeam>, Posted(typed): Posted<TeamTyped>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let now = ctx.store().load(&permit).await?;
    let mut errors = Errors::default();
    let read = typed.read(now.agency, &mut errors);
    let ending = Ending::between(now.active, typed.active != ENDED);
    let reason = rules::reason(&typed.reason, ending, &mut errors);
    let version = typed.version;
    let form = TeamForm::of(&ctx, now.agency, Some(id), typed).await?;
    let (Some(yours), true) = (read, errors.is_empty()) else {
        return form.wrong(&ctx, errors);
    };
    let edit = Edit {
        version,
        now: &now,
        yours: &yours,
        reason: reason.as_ref(),
    };
    let done = Agency::href(&now.agency);
    match conflict::save(&ctx, &id, &permit, edit).await? {
        Saved::Done => ctx.done(&done, "The team was changed.").await,
        Saved::Same => ctx.done(&done, conflict::NOTHING_CHANGED).await,
        Saved::Taken => Err(Failure::Conflict),
        Saved::Conflict(both) => form.both(&ctx, both),
    }
}

/// The form of a team, new or changed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TeamForm {
    action: String,
    agency: String,
    agency_href: String,
    is_new: bool,
    typed: TeamTyped,
    standing: Vec<Choice>,
    errors: Errors,
    conflict: Option<Conflict>,
}

impl TeamForm {
    async fn of(
        ctx: &Ctx,
        agency: AgencyId,
        there: Option<TeamId>,
        typed: TeamTyped,
    ) -> Result<Self, Failure> {
        let name = store::name_of(ctx.store(), Some(agency)).await?;
        Ok(Self::named(name, agency, there, typed))
    }

    fn named(name: String, agency: AgencyId, there: Option<TeamId>, typed: TeamTyped) -> Self {
        let standing = [(STILL, "Yes"), (ENDED, "No longer")]
            .map(|(value, text)| Choice::new(value, text, &typed.active));
        let agency_href = Agency::href(&agency);
        Self {
            action: match there {
                Some(id) => format!("/teams/{id}/edit"),
                None => format!("{agency_href}/teams/new"),
            },
            agency: name,
            agency_href,
            is_new: there.is_none(),
            typed,
            standing: standing.into(),
            errors: Errors::default(),
            conflict: None,
        }
    }

    fn answer(&self, ctx: &Ctx) -> Answer {
        ctx.page_under(self, &[Agency::list(), (&self.agency, &self.agency_href)])
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

impl Page for TeamForm {
    const TEMPLATE: &'static str = "agencies/team_form.html";

    fn title(&self) -> String {
        if self.is_new {
            "Add a team"
        } else {
            "Change a team"
        }
        .to_owned()
    }

    fn samples() -> Vec<Self> {
        let ids = (
            AgencyId::parse("agency_00000000000000000000000001"),
            TeamId::parse("team_00000000000000000000000001"),
        );
        let (Ok(agency), Ok(team)) = ids else {
            return Vec::new();
        };
        let mut errors = Errors::default();
        errors.add("name", "Name: this is empty");
        errors.add("reason", "Say why it ends or begins again");
        let form = |there| {
            Self::named(
                "Northwater <b>".to_owned(),
                agency,
                there,
                TeamTyped::default(),
            )
        };
        let conflict = Some(Conflict {
            version: 4,
            lines: Vec::new(),
        });
        vec![
            form(None),
            Self {
                errors: errors.clone(),
                ..form(None)
            },
            Self {
                errors,
                conflict,
                ..form(Some(team))
            },
        ]
    }
}
