//! One's own account: readiness, sessions, password, and what one is here for.

use clearpicture_kernel::{Code, Timestamp, WorkerId};
use serde::{Deserialize, Serialize};

use super::check;
use super::device::Approach;
use super::pages::go;
use super::password;
use super::rules::password_problem;
use super::store::credential_of;
use super::system::System;
use super::types::{ChangePassword, Credential, CredentialId, SeeSignIn};
use crate::shell::session::{self, Stage};
use crate::shell::{Answer, Choice, Ctx, Errors, Failure, Guest, Page, Posted};
use crate::words;

/// One's own account.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AccountPage {
    name: String,
    role: String,
    agency: String,
    not_ready: Option<String>,
    password_set: Option<String>,
    code_set: Option<String>,
    sessions: Vec<SessionLine>,
    errors: Errors,
}

#[derive(Debug, Clone, Serialize)]
struct SessionLine {
    began: String,
    used: String,
    this: bool,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "sign_in/account.html";

    fn title(&self) -> String {
        "My account".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |this| SessionLine {
            began: "today, 08:31".to_owned(),
            used: "today, 14:02".to_owned(),
            this,
        };
        let ready = Self {
            name: "Amal Osei".to_owned(),
            role: "practitioner".to_owned(),
            agency: "Northwater Council".to_owned(),
            not_ready: None,
            password_set: Some("3 May 2026, 09:12".to_owned()),
            code_set: Some("3 May 2026, 09:14".to_owned()),
            sessions: vec![line(true), line(false)],
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("current", "This is not your password");
        let unready = Self {
            not_ready: Some("Your vetting is out of date or not recorded.".to_owned()),
            password_set: None,
            code_set: None,
            errors,
            ..ready.clone()
        };
        vec![ready, unready]
    }
}

/// What the form that changes the password sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PasswordForm {
    current: String,
    password: String,
    password_again: String,
}

fn worker(ctx: &Ctx) -> Result<WorkerId, Failure> {
    let worker = ctx.caller().identity.worker();
    worker.ok_or(Failure::Refused(Vec::new()))
}

/// The caller's own credential, in their own scope.
async fn own(ctx: &Ctx) -> Result<Option<(CredentialId, Credential)>, Failure> {
    let scope = ctx
        .store()
        .scope::<SeeSignIn>(ctx.app.access(), ctx.caller(), &ctx.purpose())
        .await?;
    let Some(id) = credential_of(ctx.store(), &scope, worker(ctx)?).await? else {
        return Ok(None);
    };
    let permit = ctx.permit::<SeeSignIn>(&id).await?;
    Ok(Some((id, ctx.store().load(&permit).await?)))
}

async fn page(ctx: &Ctx, guest: &Guest, errors: Errors) -> Answer {
    let now = ctx.now();
    let own = own(ctx).await?;
    let proofs = own.as_ref().and_then(|(_, credential)| credential.proofs());
    let moment = |set: fn(&super::types::Proofs) -> Timestamp| {
        proofs.map(|proofs| words::moment(set(proofs)))
    };
    let began = guest
        .visit
        .session
        .as_ref()
        .map(|session| session.created_at);
    let sessions = session::of_worker(ctx.store(), worker(ctx)?).await?;
    ctx.page(&AccountPage {
        name: ctx.who().name.reveal().to_owned(),
        role: ctx.who().role.clone(),
        agency: ctx.who().agency.clone(),
        not_ready: ctx.who().not_ready.clone(),
        password_set: moment(|proofs| proofs.password_set_at),
        code_set: moment(|proofs| proofs.code_set_at),
        sessions: sessions
            .into_iter()
            .map(|(created, seen)| SessionLine {
                began: words::recent(created, now),
                used: words::recent(seen, now),
                this: Some(created) == began,
            })
            .collect(),
        errors,
    })
}

pub(super) async fn show(ctx: Ctx, guest: Guest) -> Answer {
    page(&ctx, &guest, Errors::default()).await
}

pub(super) async fn change_password(
    ctx: Ctx,
    guest: Guest,
    approach: Approach,
    Posted(form): Posted<PasswordForm>,
) -> Answer {
    let worker = worker(&ctx)?;
    let errors = wrong_with(&ctx, &approach, worker, &form).await?;
    if !errors.is_empty() {
        return page(&ctx, &guest, errors).await;
    }
    let (id, credential) = own(&ctx).await?.ok_or(Failure::NotFound)?;
    let permit = ctx.permit::<ChangePassword>(&id).await?;
    let phc = password::hash(ctx.app.ambient(), &form.password).await?;
    let credential = credential.with_password(phc, ctx.now());
    ctx.store().change(&permit, &credential, None).await?;
    // Whoever may have had the old password is out; this visitor goes on under a fresh token.
    session::end_everywhere(ctx.store(), worker).await?;
    let token = session::begin(ctx.store(), worker, Stage::Full).await?;
    session::set_purpose(ctx.store(), &token, &ctx.purpose().code).await?;
    let notice = "Your password was changed. Every other session of yours has ended.";
    session::set_notice(ctx.store(), &token, notice).await?;
    go(&guest, &token, "/account")
}

/// What is wrong with the change asked for.
async fn wrong_with(
    ctx: &Ctx,
    approach: &Approach,
    worker: WorkerId,
    form: &PasswordForm,
) -> Result<Errors, Failure> {
    let mut errors = Errors::default();
    let account = System::at_the_door(&ctx.app)?.account(worker).await?;
    let account = account.ok_or(Failure::SignInFirst)?;
    let email = account.email.reveal();
    if check::password(&ctx.app, approach, email, &form.current).await? != Some(worker) {
        errors.add("current", "This is not your password");
    }
    let known = [
        account.name.reveal(),
        email,
        &ctx.app.practice().partnership,
    ];
    if let Some(problem) = password_problem(&form.password, &known) {
        errors.add("password", problem);
    } else if form.password != form.password_again {
        errors.add("password_again", "The two new passwords are not the same");
    }
    Ok(errors)
}

/// The page where one says what one is here for.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PurposePage {
    purposes: Vec<Choice>,
    errors: Errors,
}

/// What it sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PurposeForm {
    #[serde(default)]
    purpose: String,
}

impl Page for PurposePage {
    const TEMPLATE: &'static str = "sign_in/purpose.html";

    fn title(&self) -> String {
        "What are you here for?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("purpose", "Choose what you are here for");
        let purposes = vec![
            Choice::new(
                "work-with-a-child",
                "Work with a child",
                "work-with-a-child",
            ),
            Choice::new("supervision", "Supervision", "work-with-a-child"),
        ];
        vec![
            Self {
                purposes: purposes.clone(),
                errors: Errors::default(),
            },
            Self { purposes, errors },
        ]
    }
}

pub(super) async fn purpose_page(ctx: Ctx) -> Answer {
    ctx.page(&purposes(&ctx, Errors::default()))
}

fn purposes(ctx: &Ctx, errors: Errors) -> PurposePage {
    let now = ctx.purpose_code().code.as_str();
    let purposes = ctx.app.practice().purposes_for(&ctx.caller().roles);
    PurposePage {
        purposes: purposes
            .map(|purpose| {
                let choice = Choice::new(purpose.code.as_str(), capital(&purpose.title), now);
                if purpose.marked {
                    choice.hinted("What you look at for this is shown to named roles only")
                } else {
                    choice
                }
            })
            .collect(),
        errors,
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

pub(super) async fn choose_purpose(ctx: Ctx, Posted(form): Posted<PurposeForm>) -> Answer {
    let chosen = Code::parse(&form.purpose).ok().and_then(|code| {
        ctx.app
            .practice()
            .purposes_for(&ctx.caller().roles)
            .find(|purpose| purpose.code == code)
    });
    let Some(chosen) = chosen else {
        let mut errors = Errors::default();
        errors.add("purpose", "Choose what you are here for");
        return ctx.page(&purposes(&ctx, errors));
    };
    session::set_purpose(ctx.store(), ctx.token(), &chosen.code).await?;
    let notice = format!(
        "You are here for {}. What you open is noted with it.",
        chosen.title
    );
    ctx.done("/", &notice).await
}
