//! Setting up one's own sign-in with a code: a password, then a device that shows codes.
//!
//! Nothing is recorded until the device has shown a code: until then what was
//! chosen lies sealed in a passing table, under the visitor's own token.

use clearpicture_kernel::{Digest, WorkerId};
use serde::{Deserialize, Serialize};

use super::code::{self, Picture};
use super::device::{Approach, Device};
use super::pages::{go, let_in};
use super::password;
use super::rules::password_problem;
use super::store::{forget_pending, keep_pending, pending, use_up};
use super::system::System;
use super::throttle::{self, Try};
use super::types::{Credential, CredentialId, FinishSetUp};
use crate::shell::session::{self, Token};
use crate::shell::{Answer, Errors, Failure, Guest, Page, Posted};
use crate::state::App;
use crate::workers::Account;

/// The first page: the code one was given, and a password.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SetUpPage {
    email: String,
    set_up_code: String,
    errors: Errors,
}

/// What it sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SetUpForm {
    email: String,
    set_up_code: String,
    password: String,
    password_again: String,
}

/// The one answer to an unknown address and to a code that is wrong, used or too old.
const WRONG: &str =
    "The e-mail address or the set-up code is not right, or the code is too old. Ask for another";

impl Page for SetUpPage {
    const TEMPLATE: &'static str = "sign_in/set_up.html";

    fn title(&self) -> String {
        "Set up your sign-in".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("set_up_code", WRONG);
        let clean = Self {
            email: String::new(),
            set_up_code: String::new(),
            errors: Errors::default(),
        };
        let wrong = Self {
            email: "amal.osei@northwater.example".to_owned(),
            errors,
            ..clean.clone()
        };
        vec![clean, wrong]
    }
}

/// What was chosen on the first page.
#[derive(Serialize, Deserialize)]
struct Chosen {
    worker: WorkerId,
    /// The version of the credential that the code was good for.
    version: u32,
    password_phc: String,
    code_secret: String,
}

pub(super) async fn set_up_page(guest: Guest) -> Answer {
    guest.page(&SetUpPage {
        email: String::new(),
        set_up_code: String::new(),
        errors: Errors::default(),
    })
}

pub(super) async fn set_up(
    guest: Guest,
    approach: Approach,
    Posted(form): Posted<SetUpForm>,
) -> Answer {
    let app = &guest.app;
    let mut errors = Errors::default();
    let invited = invited(app, &approach, &form).await?;
    match &invited {
        None => errors.add("set_up_code", WRONG),
        Some((account, _)) => check_password(app, account, &form, &mut errors),
    }
    let Some((account, version)) = invited.filter(|_| errors.is_empty()) else {
        return guest.page(&SetUpPage {
            email: form.email,
            set_up_code: form.set_up_code,
            errors,
        });
    };
    let chosen = Chosen {
        worker: account.worker,
        version,
        password_phc: password::hash(app.ambient(), &form.password).await?,
        code_secret: code::fresh_secret(app.ambient()),
    };
    let token = Token::fresh(app.ambient());
    keep(app, &token, &chosen).await?;
    go(&guest, &token, "/set-up/device")
}

/// The account that this code was given out for, and the version of its credential.
async fn invited(
    app: &App,
    approach: &Approach,
    form: &SetUpForm,
) -> Result<Option<(Account, u32)>, Failure> {
    let email = form.email.trim().to_lowercase();
    let device = Device::Strange;
    let counted = throttle::count(app.store(), Try::SetUp, &email, approach, device).await?;
    let door = System::at_the_door(app)?;
    let Some(account) = door.account_by_email(&email).await? else {
        return Ok(None);
    };
    let Some((id, credential)) = door.credential(account.worker).await? else {
        return Ok(None);
    };
    if !credential.takes_code(&form.set_up_code, app.ambient().now()) {
        return Ok(None);
    }
    counted.forgive(app.store()).await?;
    let permit = door.permit::<FinishSetUp>(&id).await?;
    Ok(Some((account, permit.resource().version)))
}

fn check_password(app: &App, account: &Account, form: &SetUpForm, errors: &mut Errors) {
    let known = [
        account.name.reveal(),
        account.email.reveal(),
        &app.practice().partnership,
    ];
    if let Some(problem) = password_problem(&form.password, &known) {
        errors.add("password", problem);
    } else if form.password != form.password_again {
        errors.add("password_again", "The two passwords are not the same");
    }
}

fn pending_key(token: &Token) -> String {
    Digest::of_parts(&[b"clearpicture.pending", token.cookie_text().as_bytes()]).to_string()
}

async fn keep(app: &App, token: &Token, chosen: &Chosen) -> Result<(), Failure> {
    let key = pending_key(token);
    let plain = serde_json::to_vec(chosen).map_err(|fault| Failure::fault(&fault))?;
    let sealed = app.store().seal_small(&key, &plain).await?;
    Ok(keep_pending(app.store(), &key, sealed).await?)
}

/// What this visitor chose on the first page.
async fn chosen(guest: &Guest) -> Result<Chosen, Failure> {
    let key = pending_key(&guest.visit.token);
    let sealed = pending(guest.app.store(), &key).await?;
    let sealed = sealed.ok_or(Failure::FormExpired)?;
    let plain = guest.app.store().open_small(&key, &sealed).await?;
    serde_json::from_slice(&plain).map_err(|fault| Failure::fault(&fault))
}

/// The second page: the secret for the device, and its first code.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DevicePage {
    picture: Option<Picture>,
    secret: String,
    errors: Errors,
}

/// What it sends.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DeviceForm {
    code: String,
}

impl Page for DevicePage {
    const TEMPLATE: &'static str = "sign_in/device.html";

    fn title(&self) -> String {
        "Set up your code device".to_owned()
    }

    fn samples() -> Vec<Self> {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let mut errors = Errors::default();
        errors.add("code", "This is not the code");
        vec![
            Self {
                picture: code::picture(secret, "amal.osei@northwater.example"),
                secret: code::in_groups(secret),
                errors: Errors::default(),
            },
            Self {
                picture: None,
                secret: code::in_groups(secret),
                errors,
            },
        ]
    }
}

async fn device(guest: &Guest, chosen: &Chosen, errors: Errors) -> Answer {
    let door = System::at_the_door(&guest.app)?;
    let account = door.account(chosen.worker).await?;
    let account = account.ok_or(Failure::FormExpired)?;
    guest.page(&DevicePage {
        picture: code::picture(&chosen.code_secret, account.email.reveal()),
        secret: code::in_groups(&chosen.code_secret),
        errors,
    })
}

pub(super) async fn device_page(guest: Guest) -> Answer {
    let chosen = chosen(&guest).await?;
    device(&guest, &chosen, Errors::default()).await
}

pub(super) async fn finish(
    guest: Guest,
    approach: Approach,
    Posted(form): Posted<DeviceForm>,
) -> Answer {
    let app = &guest.app;
    let chosen = chosen(&guest).await?;
    let Some(step) = code::step_of(&chosen.code_secret, &form.code, app.ambient().now()) else {
        let mut errors = Errors::default();
        let words = "This is not the code. Enter the six digits that your device shows now";
        errors.add("code", words);
        return device(&guest, &chosen, errors).await;
    };
    let worker = chosen.worker;
    record(app, chosen).await?;
    forget_pending(app.store(), &pending_key(&guest.visit.token)).await?;
    use_up(app.store(), worker, step).await?;
    session::end_everywhere(app.store(), worker).await?;
    let_in(&guest, &approach, worker, "/").await
}

/// Records what was chosen, if the code it was chosen with still stands.
async fn record(app: &App, chosen: Chosen) -> Result<(), Failure> {
    let door = System::at_the_door(app)?;
    let found: Option<(CredentialId, Credential)> = door.credential(chosen.worker).await?;
    let (id, credential) = found.ok_or(Failure::FormExpired)?;
    let permit = door.permit::<FinishSetUp>(&id).await?;
    if permit.resource().version != chosen.version || credential.proofs().is_some() {
        return Err(Failure::FormExpired);
    }
    let now = app.ambient().now();
    let credential = credential.set_up(chosen.password_phc, chosen.code_secret, now);
    app.store().change(&permit, &credential, None).await?;
    tracing::info!(worker.id = %chosen.worker, "a sign-in was set up");
    Ok(())
}
