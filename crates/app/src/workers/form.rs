//! The form of a person who signs in: whole, or for another agency's person the guarded roles alone.

use axum::http::StatusCode;
use clearpicture_kernel::{TeamId, TypedId as _, WorkerId};
use serde::Serialize;

use super::rules::{MAY, MAY_NOT, WorkerTyped};
use super::types::Worker;
use crate::history::Shown as _;
use crate::practice::{Practice, Role};
use crate::shell::conflict::Conflict;
use crate::shell::form::not_taken;
use crate::shell::{Answer, Choice, Ctx, Errors, Page};

/// How much of a person's record someone changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: they keep the people of this agency.
    Whole,
    /// Guarded roles alone: the person works for another agency, which keeps the rest.
    GuardedRoles,
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
    guarded_roles_only: bool,
    /// The name of the other agency whose first person it is.
    first_of: Option<String>,
    errors: Errors,
    conflict: Option<Conflict>,
}

impl WorkerForm {
    pub(super) fn of(
        practice: &Practice,
        there: Option<(WorkerId, &Worker)>,
        teams: &[(TeamId, String)],
        typed: WorkerTyped,
    ) -> Self {
        let choice = |role: &Role| {
            let mut about = role.about.clone();
            if !role.given_by.is_empty() {
                about.push_str(" Given only by: ");
                about.push_str(&practice.givers(role));
                about.push('.');
            }
            ticked(&typed.roles, role.code.as_str(), &role.title).hinted(about)
        };
        let roles = practice.roles.iter().map(choice);
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
            guarded_roles_only: false,
            first_of: None,
            typed,
            errors: Errors::default(),
            conflict: None,
        }
    }

    /// The form for the first person of another agency.
    pub(super) fn first_of(self, agency: String) -> Self {
        Self {
            first_of: Some(agency),
            ..self
        }
    }

    /// The form with what `extent` leaves to change.
    pub(super) fn showing(mut self, extent: Extent, practice: &Practice) -> Self {
        if extent == Extent::GuardedRoles {
            self.guarded_roles_only = true;
            let guarded = |one: &Choice| {
                practice
                    .roles
                    .iter()
                    .any(|role| one.value == role.code.as_str() && !role.given_by.is_empty())
            };
            self.roles.retain(guarded);
        }
        self
    }

    pub(super) fn answer(&self, ctx: &Ctx) -> Answer {
        let mut above = vec![Worker::list()];
        if let Some((name, href)) = &self.back {
            above.push((name, href));
        }
        ctx.page_under(self, &above)
    }

    /// The form again, with what is wrong.
    pub(super) fn wrong(self, ctx: &Ctx, errors: Errors) -> Answer {
        let again = Self { errors, ..self };
        not_taken(StatusCode::UNPROCESSABLE_ENTITY, again.answer(ctx))
    }

    /// The form again, with both texts.
    pub(super) fn both(mut self, ctx: &Ctx, both: Conflict) -> Answer {
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
            new.clone().first_of("Fenby <i>High</i>".to_owned()),
            new,
            Self {
                conflict: Some(Conflict::sample()),
                ..change.clone()
            },
            Self {
                guarded_roles_only: true,
                errors: errors.clone(),
                ..change.clone()
            },
            Self { errors, ..change },
        ]
    }
}
