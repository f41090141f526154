//! Signing in: a password and a one-time code, how they are set up, changed and
//! recovered, and one's own account (capability 32).
//!
//! It serves everyone who signs in, at two in the morning too: wrong tries slow
//! whoever makes them and lock out nobody (safety rule 18; how is told in
//! `throttle.rs`). A lost password or device is recovered by two different
//! managers or administrators of the person's own agency; a new person's first
//! code is given out by one administrator.
//!
//! It never tells whether an account is there: an unknown address, a wrong
//! password and a closed account get one page, after the same work. Passwords
//! are kept as argon2id hashes inside bodies sealed under the person's own key,
//! and never in a table, a log or words.

mod account;
mod check;
mod code;
mod device;
mod first;
mod make;
mod pages;
mod password;
mod recover;
mod rules;
mod set_up;
mod store;
mod sweep;
mod system;
#[cfg(test)]
mod tests;
mod throttle;
mod types;

use clearpicture_access::Action as _;
use clearpicture_access::ActionSpec;

use crate::capability::{Capability, Door, Kept, Processing, Regime, Route};
use crate::shell::{PageSpec, session};

pub use code::good_code;
pub use first::{GivenCode, anyone_set_up, give_first_code};
pub use make::{AccountFault, set_up_account};
pub use rules::Refusal;
pub use types::{
    AskRecovery, ChangePassword, ConfirmRecovery, Credential, CredentialId, IssueSetUp,
    ManageSignIn, SeeSignIn,
};

/// The capability.
pub fn capability() -> Capability {
    let mut migrations = session::migrations();
    migrations.extend(store::migrations());
    Capability {
        needs: &["workers"],
        actions: actions(),
        records: vec![Kept::of::<Credential, SeeSignIn>(Processing {
            about: "How each person proves who they are: a password's hash, the secret behind their codes, when each was set, and how they were recovered.",
            controllers: "The worker's own agency, jointly with the safeguarding partners.",
            lawful_basis: "Public task, and security of processing: UK GDPR articles 6(1)(e) and 32.",
            regime: Regime::General,
            recipients: "Nobody sees a hash or a secret. When they were set: the worker, and managers and administrators of their agency.",
            retention: "With the worker's own record; the same key seals both.",
            copies: "The database and its backups.",
        })],
        migrations,
        routes: routes(),
        pages: vec![
            PageSpec::of::<pages::SignInPage>(),
            PageSpec::of::<pages::CodePage>(),
            PageSpec::of::<account::AccountPage>(),
            PageSpec::of::<account::PurposePage>(),
            PageSpec::of::<set_up::SetUpPage>(),
            PageSpec::of::<set_up::DevicePage>(),
            PageSpec::of::<recover::StandingPage>(),
            PageSpec::of::<recover::CodeGivenPage>(),
        ],
        jobs: vec![sweep::job()],
        ..Capability::new("sign_in", "Signing in", include_str!("policy.cedar"))
    }
}

fn actions() -> Vec<ActionSpec> {
    vec![
        types::CheckSignIn::SPEC,
        SeeSignIn::SPEC,
        IssueSetUp::SPEC,
        types::IssueSetUpAgain::SPEC,
        AskRecovery::SPEC,
        ConfirmRecovery::SPEC,
        types::MakeSignIn::SPEC,
        types::FinishSetUp::SPEC,
        ChangePassword::SPEC,
        types::FollowAgency::SPEC,
        ManageSignIn::SPEC,
        types::OwnSignIn::SPEC,
    ]
}

fn routes() -> Vec<Route> {
    use Door::{Public, SignedIn};
    vec![
        Route::read("/sign-in", Public, pages::sign_in_page),
        Route::write("/sign-in", Public, pages::sign_in),
        Route::read("/sign-in/code", Public, pages::code_page),
        Route::write("/sign-in/code", Public, pages::code),
        Route::write("/sign-out", Public, pages::sign_out),
        Route::write("/sign-out-everywhere", SignedIn, pages::sign_out_everywhere),
        Route::read("/set-up", Public, set_up::set_up_page),
        Route::write("/set-up", Public, set_up::set_up),
        Route::read("/set-up/device", Public, set_up::device_page),
        Route::write("/set-up/device", Public, set_up::finish),
        Route::read("/account", SignedIn, account::show),
        Route::write("/account/password", SignedIn, account::change_password),
        Route::read("/purpose", SignedIn, account::purpose_page),
        Route::write("/purpose", SignedIn, account::choose_purpose),
        Route::get::<ManageSignIn, _>("/people/{id}/set-up", recover::show),
        Route::post::<ManageSignIn, _>("/people/{id}/set-up", recover::issue)
            .tried("")
            .leaves::<types::IssueSetUpAgain>(),
        Route::post::<ManageSignIn, _>("/people/{id}/set-up/ask", recover::ask)
            .tried("reason=Her+device+was+lost.")
            .leaves::<AskRecovery>(),
        Route::post::<ManageSignIn, _>("/people/{id}/set-up/confirm", recover::confirm)
            .tried("reason=She+came+to+the+desk.")
            .leaves::<ConfirmRecovery>(),
    ]
}
