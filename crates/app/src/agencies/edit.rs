//! Adding an agency, and changing one.

use axum::http::StatusCode;
use clearpicture_kernel::{AgencyId, TypedId as _};
use clearpicture_store::{Record as _, WriteError};
use serde::Serialize;

use super::rules::{self, AgencyTyped, ENDED, Ending, STILL};
use super::types::{AddAgency, Agency, AgencyKind, EditAgency};
use crate::history::Shown as _;
use crate::shell::conflict::{self, Conflict, Edit, Saved};
use crate::shell::form::not_taken;
use crate::shell::{Allowed, Answer, Choice, Ctx, Errors, Page, Permitted, Posted};

/// What is said when another agency has the code.
const CODE_TAKEN: &str = "Code: another agency has this code";

/// What is said to someone who ends their own agency's part: nobody of it could sign in to undo it.
const OWN_AGENCY: &str = "You work for this agency, and nobody of it could sign in any more. An administrator of another agency can say that it no longer takes part";

/// An empty form.
pub(super) async fn new(allowed: Allowed<AddAgency>) -> Answer {
    AgencyForm::of(None, AgencyTyped::default()).answer(&allowed.ctx)
}

/// Adds the agency that the form tells of.
pub(super) async fn add(allowed: Allowed<AddAgency>, Posted(typed): Posted<AgencyTyped>) -> Answer {
    let ctx = allowed.ctx;
    let mut errors = Errors::default();
    let Some(agency) = typed.new_agency(&mut errors) else {
        return AgencyForm::of(None, typed).wrong(&ctx, errors);
    };
    let id = AgencyId::fresh(ctx.app.ambient());
    let permit = ctx.permit_add::<AddAgency>(&id, &agency)?;
    match ctx.store().add(&permit, &agency, None).await {
        Ok(_) => ctx.done(&Agency::href(&id), "The agency was added.").await,
        Err(WriteError::Taken) => {
            errors.add("code", CODE_TAKEN);
            AgencyForm::of(None, typed).wrong(&ctx, errors)
        }
        Err(other) => Err(other.into()),
    }
}

/// The form of an agency that is there.
pub(super) async fn open(opened: Permitted<EditAgency>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let agency = ctx.store().load(&permit).await?;
    let typed = AgencyTyped::of(&agency, permit.resource().version);
    AgencyForm::of(Some((id, &agency)), typed).answer(&ctx)
}

/// Changes the agency to what the form says.
pub(super) async fn save(
    opened: Permitted<EditAgency>,
    Posted(typed): Posted<AgencyTyped>,
) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let now = ctx.store().load(&permit).await?;
    let mut errors = Errors::default();
    let read = typed.read(now.code.clone(), &mut errors);
    let ending = Ending::between(now.active, typed.active != ENDED);
    if ending == Ending::Changes && ctx.caller().agency == Some(id) {
        errors.add("active", OWN_AGENCY);
    }
    let reason = rules::reason(&typed.reason, ending, &mut errors);
    let version = typed.version;
    let form = AgencyForm::of(Some((id, &now)), typed);
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
        Saved::Done => {
            ctx.done(&Agency::href(&id), "The agency was changed.")
                .await
        }
        Saved::Same => {
            ctx.done(&Agency::href(&id), conflict::NOTHING_CHANGED)
                .await
        }
        Saved::Taken => {
            errors.add("code", CODE_TAKEN);
            form.wrong(&ctx, errors)
        }
        Saved::Conflict(both) => form.both(&ctx, both),
    }
}

/// The form of an agency, new or changed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AgencyForm {
    action: String,
    /// Where the agency is; `None` for a new one.
    back: Option<(String, String)>,
    typed: AgencyTyped,
    kinds: Vec<Choice>,
    standing: Vec<Choice>,
    errors: Errors,
    conflict: Option<Conflict>,
}

impl AgencyForm {
    fn of(there: Option<(AgencyId, &Agency)>, typed: AgencyTyped) -> Self {
        let back = there.map(|(id, agency)| (agency.name.to_string(), Agency::href(&id)));
        let kinds = AgencyKind::ALL.map(|kind| Choice::new(kind.code(), kind.words(), &typed.kind));
        let standing = [(STILL, "Yes"), (ENDED, "No longer")]
            .map(|(value, text)| Choice::new(value, text, &typed.active));
        Self {
            action: match &back {
                Some((_, href)) => format!("{href}/edit"),
                None => "/agencies/new".to_owned(),
            },
            back,
            typed,
            kinds: kinds.into(),
            standing: standing.into(),
            errors: Errors::default(),
            conflict: None,
        }
    }

    fn answer(&self, ctx: &Ctx) -> Answer {
        let mut above = vec![Agency::list()];
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

impl Page for AgencyForm {
    const TEMPLATE: &'static str = "agencies/form.html";

    fn title(&self) -> String {
        match self.back {
            Some(_) => "Change an agency".to_owned(),
            None => "Add an agency".to_owned(),
        }
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        for field in ["name", "code", "kind", "duty_number", "active", "reason"] {
            errors.add(field, "This is empty");
        }
        let id = AgencyId::parse("agency_00000000000000000000000001").ok();
        let agency = Agency::samples().pop();
        let there = id.zip(agency.as_ref());
        let typed = agency.as_ref().map(|agency| AgencyTyped::of(agency, 3));
        let conflict = Some(Conflict::sample());
        vec![
            Self::of(None, AgencyTyped::default()),
            Self {
                errors: errors.clone(),
                ..Self::of(None, AgencyTyped::default())
            },
            Self {
                errors,
                conflict,
                ..Self::of(there, typed.clone().unwrap_or_default())
            },
            Self {
                conflict: Some(Conflict {
                    version: 4,
                    lines: Vec::new(),
                }),
                ..Self::of(there, typed.unwrap_or_default())
            },
        ]
    }
}
