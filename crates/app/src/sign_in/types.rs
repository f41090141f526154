//! How one person proves who they are, and what can be done about it.

use clearpicture_access::{AccessClass, Kind, Sensitivity, actions};
use clearpicture_kernel::{AgencyId, Timestamp, TypedId as _, WorkerId, define_id};
use clearpicture_store::{Grant, KeyScope, Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::{READY, row};
use crate::words;
use crate::workers::Worker;

define_id!(
    CredentialId,
    "credential",
    "How one person proves who they are."
);

/// How one person proves who they are: sealed under their own key, and never said in words.
///
/// ```text
/// (nothing) ─issue─▶ Invited(First) ─set up─▶ Ready ─ask, confirm─▶ Invited(Recovery) ─set up─▶ Ready
///                     └─issue again─┘           └─change password─┘
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Whose it is.
    pub worker: WorkerId,
    /// The agency whose managers answer for it.
    pub agency: AgencyId,
    /// How far it has come.
    pub state: CredentialState,
    /// A recovery that one person asked for and no second has confirmed.
    pub recovery: Option<AskedRecovery>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(withheld)")
    }
}

/// How far a credential has come.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CredentialState {
    /// A set-up code was given out; nothing else lets the person in.
    Invited(Invitation),
    /// The person has a password and a device that shows codes.
    Ready(Proofs),
}

/// A set-up code, of which only the digest is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The digest of the code and its person.
    pub code_digest: String,
    /// From when it is worth nothing.
    pub expires_at: Timestamp,
    /// What it was given out for.
    pub because: InvitedFor,
}

/// What a set-up code was given out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvitedFor {
    /// A new person.
    First,
    /// Someone who lost their password or device.
    Recovery,
}

/// What lets a person in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofs {
    /// The password's argon2id hash, as a PHC string.
    pub password_phc: String,
    /// When the password was chosen.
    pub password_set_at: Timestamp,
    /// The secret behind the one-time codes, in base 32.
    pub code_secret: String,
    /// When the device that shows the codes was set.
    pub code_set_at: Timestamp,
}

/// A recovery that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRecovery {
    /// Who asked.
    pub by: WorkerId,
    /// When.
    pub at: Timestamp,
}

impl Kind for Credential {
    const NAME: &'static str = "credential";
    // It tells nothing of anyone's life, and whoever lets their vetting lapse may still change their password.
    const PERSONAL: bool = false;
}

actions! { pub on Credential:
    see CheckSignIn = "sign-in.check", "check a password and a code";
    see SeeSignIn = "sign-in.see", "see how someone's sign-in stands: never the password or the codes";
    add IssueSetUp = "sign-in.issue", "give a new person their first set-up code";
    change IssueSetUpAgain = "sign-in.issue-again", "give another code to a person who has not set up their sign-in yet";
    change AskRecovery = "sign-in.ask-recovery", "ask for a person's sign-in to be set up anew";
    change ConfirmRecovery = "sign-in.confirm-recovery", "confirm, as a second person, that a sign-in is set up anew";
    add MakeSignIn = "sign-in.make", "make a sign-in that is ready at once, for an example";
    change FinishSetUp = "sign-in.set-up", "choose a password and a device with a set-up code";
    change ChangePassword = "sign-in.change-password", "change one's own password";
    change FollowAgency = "sign-in.follow", "move a sign-in along when its person changes agency";
}

actions! { pub on Worker:
    see ManageSignIn = "sign-in.manage", "open the page where a colleague's sign-in is set up or recovered";
}

actions! { pub on Grant:
    add OwnSignIn = "sign-in.own", "note whose a new sign-in is";
}

impl Record for Credential {
    type Id = CredentialId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &CredentialId) -> AccessClass {
        AccessClass {
            sensitivity: Sensitivity::Restricted,
            ..AccessClass::ordinary(Self::NAME, Some(self.agency))
        }
    }

    fn key_scope(&self, _: &CredentialId) -> KeyScope {
        KeyScope::Subject(self.worker.record_id())
    }

    /// The hash and the secret stay in the sealed body: the row tells only whose it is and how it stands.
    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            worker_id: Set(self.worker.to_string()),
            state: Set(match &self.state {
                CredentialState::Invited(_) => "invited".to_owned(),
                CredentialState::Ready(_) => READY.to_owned(),
            }),
        }
    }

    fn say(&self) -> Vec<Said> {
        let mut said = match &self.state {
            CredentialState::Invited(invitation) => vec![
                Said::new("Can sign in", "not yet"),
                Said::new(
                    "Set-up code good until",
                    words::moment(invitation.expires_at),
                ),
            ],
            CredentialState::Ready(proofs) => vec![
                Said::new("Can sign in", "yes"),
                Said::new("Password changed on", words::moment(proofs.password_set_at)),
                Said::new("Code device set on", words::moment(proofs.code_set_at)),
            ],
        };
        let asked = self.recovery.as_ref().map(|asked| words::moment(asked.at));
        said.push(Said::new(
            "Recovery asked for on",
            asked.unwrap_or_default(),
        ));
        said
    }

    fn samples() -> Vec<Self> {
        let id = |text: &str| WorkerId::parse(text).ok();
        let agency = AgencyId::parse("agency_00000000000000000000000001").ok();
        let Some((agency, (worker, manager))) = agency.zip(
            id("worker_00000000000000000000000001").zip(id("worker_00000000000000000000000002")),
        ) else {
            return Vec::new();
        };
        let invited = Self {
            worker,
            agency,
            state: CredentialState::Invited(Invitation {
                code_digest: "0".repeat(64),
                expires_at: Timestamp::UNIX_EPOCH,
                because: InvitedFor::First,
            }),
            recovery: None,
        };
        let ready = Self {
            worker: manager,
            state: CredentialState::Ready(Proofs {
                password_phc: "$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxlc2FtcGxl$c2FtcGxl".to_owned(),
                password_set_at: Timestamp::UNIX_EPOCH,
                code_secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
                code_set_at: Timestamp::UNIX_EPOCH,
            }),
            recovery: Some(AskedRecovery {
                by: worker,
                at: Timestamp::UNIX_EPOCH,
            }),
            ..invited.clone()
        };
        vec![invited, ready]
    }
}
