//! A colleague's sign-in, set up by one administrator and recovered by two people together.

use clearpicture_access::{Action, Permit};
use clearpicture_kernel::{Passage, WorkerId};
use serde::{Deserialize, Serialize};

use super::make::{self, fresh_code};
use super::pages::Nothing;
use super::rules::{Refusal, code_digest};
use super::store::{credential_of, devices};
use super::system::System;
use super::types::{
    AskRecovery, ConfirmRecovery, Credential, CredentialId, CredentialState, FollowAgency,
    IssueSetUp, IssueSetUpAgain, ManageSignIn, SeeSignIn,
};
use crate::shell::session;
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted};
use crate::words;
use crate::workers::{self, ListWorkers};

/// How a colleague's sign-in stands, and what the reader can do about it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct StandingPage {
    name: String,
    path: String,
    standing: String,
    asked: Option<String>,
    may_issue: bool,
    may_ask: bool,
    may_confirm: bool,
    /// Why the reader cannot confirm what was asked.
    why_not: Option<String>,
    reason: String,
    errors: Errors,
}

impl Page for StandingPage {
    const TEMPLATE: &'static str = "sign_in/standing.html";

    fn title(&self) -> String {
        "A colleague's sign-in".to_owned()
    }

    fn samples() -> Vec<Self> {
        let new = Self {
            name: "Amal Osei".to_owned(),
            path: "/people/worker_00000000000000000000000001/set-up".to_owned(),
            standing: "No set-up code has been given out yet.".to_owned(),
            asked: None,
            may_issue: true,
            may_ask: false,
            may_confirm: false,
            why_not: None,
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("reason", "Why: this is empty");
        let ready = Self {
            standing: "Set up. Password changed on 3 May 2026, 09:12.".to_owned(),
            may_issue: false,
            may_ask: true,
            errors,
            ..new.clone()
        };
        let asked = Self {
            asked: Some("Wren O'Hara asked today, 14:02.".to_owned()),
            may_confirm: true,
            may_ask: false,
            errors: Errors::default(),
            ..ready.clone()
        };
        let mine = Self {
            may_confirm: false,
            why_not: Some(Refusal::SamePerson.to_string()),
            ..asked.clone()
        };
        vec![new, ready, asked, mine]
    }
}

/// What asking and confirming send.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReasonForm {
    reason: String,
}

/// A set-up code, shown once.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CodeGivenPage {
    name: String,
    path: String,
    code: String,
    until: String,
}

impl Page for CodeGivenPage {
    const TEMPLATE: &'static str = "sign_in/code_given.html";

    fn title(&self) -> String {
        "Set-up code".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            name: "Amal Osei".to_owned(),
            path: "/people/worker_00000000000000000000000001".to_owned(),
            code: "K7QM-2R9T-XW4P-H3VD".to_owned(),
            until: "24 November 2026, 14:02".to_owned(),
        }]
    }
}

type Door = Permitted<ManageSignIn>;

fn me(ctx: &Ctx) -> Result<WorkerId, Failure> {
    let me = ctx.caller().identity.worker();
    me.ok_or(Failure::Refused(Vec::new()))
}

/// A credential as it was found.
struct Held {
    id: CredentialId,
    version: u32,
    credential: Credential,
}

impl Held {
    /// What lets it be changed, if nobody changed it since: of two who act on one at once the second would undo unseen what
    /// the first did.
    async fn permit<A>(&self, ctx: &Ctx) -> Result<Permit<A>, Failure>
    where
        A: Action<On = Credential>,
    {
        let permit = ctx.permit::<A>(&self.id).await?;
        match permit.resource().version == self.version {
            true => Ok(permit),
            false => Err(Failure::Conflict),
        }
    }
}

/// The colleague's credential, moved along first if they have changed agency.
async fn credential(
    ctx: &Ctx,
    worker: WorkerId,
    permit: &Permit<ManageSignIn>,
) -> Result<Option<Held>, Failure> {
    is_for_them_to_do(ctx, worker, permit).await?;
    follow(ctx, worker, permit).await?;
    let scope = ctx
        .store()
        .scope::<SeeSignIn>(ctx.app.access(), ctx.caller(), &ctx.purpose())
        .await?;
    let Some(id) = credential_of(ctx.store(), &scope, worker).await? else {
        return Ok(None);
    };
    let permit = ctx.permit::<SeeSignIn>(&id).await?;
    Ok(Some(Held {
        id,
        version: permit.resource().version,
        credential: ctx.store().load(&permit).await?,
    }))
}

/// Of another agency an administrator lets in the first person alone, while there is nobody else.
async fn is_for_them_to_do(
    ctx: &Ctx,
    worker: WorkerId,
    at: &Permit<ManageSignIn>,
) -> Result<(), Failure> {
    let Some(agency) = at.resource().class.owner else {
        return Err(Failure::NotFound);
    };
    let is_own = ctx.caller().agency == Some(agency);
    if is_own || workers::has_nobody_but(ctx, agency, Some(worker)).await? {
        return Ok(());
    }
    Err(Failure::Rule(
        "The sign-ins of that agency are for its own managers and administrators.".to_owned(),
    ))
}

async fn follow(ctx: &Ctx, worker: WorkerId, at: &Permit<ManageSignIn>) -> Result<(), Failure> {
    let door = System::at_the_door(&ctx.app)?;
    if let Some((id, credential)) = door.credential(worker).await?
        && let Some(agency) = at.resource().class.owner
        && credential.agency != agency
    {
        let permit = door.permit::<FollowAgency>(&id).await?;
        let credential = Credential {
            agency,
            ..credential
        };
        ctx.store().change(&permit, &credential, None).await?;
    }
    Ok(())
}

async fn page(door: &Door, reason: String, errors: Errors) -> Answer {
    let Permitted { ctx, id, permit } = door;
    let name = ctx.store().load(permit).await?.name.reveal().to_owned();
    let found = credential(ctx, *id, permit).await?;
    let found = found.map(|held| held.credential);
    let class = &permit.resource().class;
    let grants = permit.resource().grants;
    let fresh = found.as_ref().is_none_or(Credential::was_never_set_up);
    let asked = found
        .as_ref()
        .and_then(|found| found.waiting_recovery(ctx.now()));
    let asked = match asked {
        Some(asked) => Some(asked_in_words(ctx, asked.by, asked.at).await?),
        None => None,
    };
    let confirm = match &found {
        Some(found) => found.may_confirm(me(ctx)?, ctx.now()),
        None => Err(Refusal::NotAsked),
    };
    let may_confirm = confirm.is_ok() && ctx.may_with::<ConfirmRecovery>(class, grants);
    ctx.page_under(
        &StandingPage {
            name,
            path: format!("/people/{id}/set-up"),
            standing: found.as_ref().map_or_else(
                || "No set-up code has been given out yet.".to_owned(),
                |found| standing(found, ctx),
            ),
            may_issue: fresh && ctx.may_with::<IssueSetUp>(class, grants),
            may_ask: !fresh
                && asked.is_none()
                && me(ctx)? != *id
                && ctx.may_with::<AskRecovery>(class, grants),
            may_confirm,
            why_not: confirm
                .err()
                .filter(|_| asked.is_some())
                .map(|why| why.to_string()),
            asked,
            reason,
            errors,
        },
        &[
            ("People", "/people"),
            ("Their record", &format!("/people/{id}")),
        ],
    )
}

async fn asked_in_words(
    ctx: &Ctx,
    by: WorkerId,
    at: clearpicture_kernel::Timestamp,
) -> Result<String, Failure> {
    let scope = ctx
        .store()
        .scope::<ListWorkers>(ctx.app.access(), ctx.caller(), &ctx.purpose())
        .await?;
    let name = workers::name_of(ctx.store(), &scope, by).await?;
    Ok(format!(
        "{} asked {}.",
        name.unwrap_or_else(|| "A colleague".to_owned()),
        words::recent(at, ctx.now())
    ))
}

fn standing(credential: &Credential, ctx: &Ctx) -> String {
    match &credential.state {
        CredentialState::Ready(proofs) => format!(
            "Set up. Password changed on {}, code device set on {}.",
            words::moment(proofs.password_set_at),
            words::moment(proofs.code_set_at)
        ),
        CredentialState::Invited(invitation) if ctx.now() < invitation.expires_at => format!(
            "A set-up code was given out and not used yet. It is good until {}.",
            words::moment(invitation.expires_at)
        ),
        CredentialState::Invited(_) => {
            "A set-up code was given out, and is too old to be used.".to_owned()
        }
    }
}

pub(super) async fn show(door: Door) -> Answer {
    page(&door, String::new(), Errors::default()).await
}

/// The page that shows a code once.
async fn given(door: &Door, code: String, credential: &Credential) -> Answer {
    let Permitted { ctx, id, permit } = door;
    let until = credential.code_expires_at();
    let until = until.map(words::moment).unwrap_or_default();
    let owner = permit.resource().class.owner;
    let is_own = owner.is_some() && owner == ctx.caller().agency;
    let page = CodeGivenPage {
        name: ctx.store().load(permit).await?.name.reveal().to_owned(),
        // Another agency's person is that agency's to look at.
        path: match is_own {
            true => format!("/people/{id}"),
            false => "/people".to_owned(),
        },
        code,
        until,
    };
    ctx.page_under(
        &page,
        &[("People", "/people"), ("Their record", &page.path)],
    )
}

fn refused(refusal: Refusal) -> Failure {
    Failure::Rule(refusal.to_string())
}

pub(super) async fn issue(door: Door, Posted(Nothing {}): Posted<Nothing>) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let code = fresh_code(ctx.app.ambient());
    let digest = code_digest(*id, &code);
    let credential = match credential(ctx, *id, permit).await? {
        Some(held) => {
            let permit = held.permit::<IssueSetUpAgain>(ctx).await?;
            let credential = held
                .credential
                .invite_again(digest, ctx.now())
                .map_err(refused)?;
            ctx.store().change(&permit, &credential, None).await?;
            credential
        }
        None => {
            let agency = permit.resource().class.owner.ok_or(Failure::NotFound)?;
            let credential = Credential::invited(*id, agency, digest, ctx.now());
            let fresh = CredentialId::fresh(ctx.app.ambient());
            let permit = ctx.permit_add::<IssueSetUp>(&fresh, &credential)?;
            let system = System::at_the_door(&ctx.app)?;
            make::add(ctx.store(), &system, &permit, &fresh, &credential).await?;
            credential
        }
    };
    given(&door, code, &credential).await
}

pub(super) async fn ask(door: Door, Posted(form): Posted<ReasonForm>) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let mut errors = Errors::default();
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let Some(reason) = reason else {
        return page(&door, form.reason, errors).await;
    };
    let found = credential(ctx, *id, permit).await?;
    let held = found.ok_or_else(|| refused(Refusal::NeverSetUp))?;
    let permit = held.permit::<AskRecovery>(ctx).await?;
    let credential = held
        .credential
        .ask_recovery(me(ctx)?, ctx.now())
        .map_err(refused)?;
    ctx.store()
        .change(&permit, &credential, Some(&reason))
        .await?;
    let notice = "Noted. A second manager or administrator of this agency can confirm it within three days. Until then nothing changes for this person.";
    ctx.done(&format!("/people/{id}/set-up"), notice).await
}

pub(super) async fn confirm(door: Door, Posted(form): Posted<ReasonForm>) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let mut errors = Errors::default();
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let Some(reason) = reason else {
        return page(&door, form.reason, errors).await;
    };
    let found = credential(ctx, *id, permit).await?;
    let held = found.ok_or_else(|| refused(Refusal::NotAsked))?;
    let permit = held.permit::<ConfirmRecovery>(ctx).await?;
    let code = fresh_code(ctx.app.ambient());
    let credential = held
        .credential
        .confirm_recovery(me(ctx)?, code_digest(*id, &code), ctx.now())
        .map_err(refused)?;
    ctx.store()
        .change(&permit, &credential, Some(&reason))
        .await?;
    session::end_everywhere(ctx.store(), *id).await?;
    devices::forget(ctx.store(), *id).await?;
    given(&door, code, &credential).await
}
