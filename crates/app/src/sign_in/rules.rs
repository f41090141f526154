//! What may follow from what, without clock, chance or database.

use clearpicture_kernel::{AgencyId, Digest, Timestamp, WorkerId};
use jiff::SignedDuration;

use super::types::{AskedRecovery, Credential, CredentialState, Invitation, InvitedFor, Proofs};

/// How long a set-up code can be used.
pub(super) const SET_UP_HOURS: i64 = 72;
/// How long a recovery waits for a second person.
pub(super) const RECOVERY_HOURS: i64 = 72;
/// The fewest characters of a password.
pub(super) const SHORTEST_PASSWORD: usize = 12;
/// The most characters of a password.
pub(super) const LONGEST_PASSWORD: usize = 200;

/// Why something about a sign-in cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The second person is the first.
    #[error(
        "You asked for this recovery yourself. A second manager or administrator has to confirm it."
    )]
    SamePerson,
    /// It is their own.
    #[error("This is your own sign-in. Two other managers or administrators can recover it.")]
    OwnSignIn,
    /// Nobody asked, or it was too long ago.
    #[error("Nobody has asked for this recovery in the last three days. Ask for it first.")]
    NotAsked,
    /// Someone asked already.
    #[error("Someone has asked for this recovery already. Somebody else has to confirm it.")]
    AlreadyAsked,
    /// There is nothing to recover.
    #[error(
        "This person has never set up their sign-in. An administrator can give them another code."
    )]
    NeverSetUp,
    /// Only two people together can give out a code.
    #[error("This person has set up their sign-in before. Two people have to recover it together.")]
    SetUpBefore,
}

/// What is kept of a set-up code: worth nothing for anyone else.
pub(super) fn code_digest(worker: WorkerId, code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            // Crockford's alphabet: what is easily misread is read as it was meant.
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    Digest::of_parts(&[
        b"clearpicture.set-up",
        worker.to_string().as_bytes(),
        plain.as_bytes(),
    ])
    .to_string()
}

fn invitation(code_digest: String, because: InvitedFor, now: Timestamp) -> CredentialState {
    CredentialState::Invited(Invitation {
        code_digest,
        expires_at: now + SignedDuration::from_hours(SET_UP_HOURS),
        because,
    })
}

impl Credential {
    /// The credential of a new person who was given a set-up code.
    pub(super) fn invited(
        worker: WorkerId,
        agency: AgencyId,
        code_digest: String,
        now: Timestamp,
    ) -> Self {
        Self {
            worker,
            agency,
            state: invitation(code_digest, InvitedFor::First, now),
            recovery: None,
        }
    }

    /// The same with another first code.
    pub(super) fn invite_again(self, code_digest: String, now: Timestamp) -> Result<Self, Refusal> {
        if !self.was_never_set_up() {
            return Err(Refusal::SetUpBefore);
        }
        Ok(Self {
            state: invitation(code_digest, InvitedFor::First, now),
            ..self
        })
    }

    /// From when the set-up code that was given out is worth nothing.
    pub(super) const fn code_expires_at(&self) -> Option<Timestamp> {
        match &self.state {
            CredentialState::Invited(invitation) => Some(invitation.expires_at),
            CredentialState::Ready(_) => None,
        }
    }

    /// Whether nobody has ever signed in with it.
    pub(super) const fn was_never_set_up(&self) -> bool {
        matches!(
            &self.state,
            CredentialState::Invited(Invitation {
                because: InvitedFor::First,
                ..
            })
        )
    }

    /// The recovery that waits for a second person at `now`.
    pub(super) fn waiting_recovery(&self, now: Timestamp) -> Option<&AskedRecovery> {
        let longest = SignedDuration::from_hours(RECOVERY_HOURS);
        self.recovery
            .as_ref()
            .filter(|asked| now < asked.at + longest)
    }

    /// Notes that `by` asks for a recovery; nothing changes for the person yet.
    pub(super) fn ask_recovery(self, by: WorkerId, now: Timestamp) -> Result<Self, Refusal> {
        if by == self.worker {
            return Err(Refusal::OwnSignIn);
        }
        if self.was_never_set_up() {
            return Err(Refusal::NeverSetUp);
        }
        if self.waiting_recovery(now).is_some() {
            return Err(Refusal::AlreadyAsked);
        }
        Ok(Self {
            recovery: Some(AskedRecovery { by, at: now }),
            ..self
        })
    }

    /// Whether `by` may confirm the recovery that waits.
    pub(super) fn may_confirm(&self, by: WorkerId, now: Timestamp) -> Result<(), Refusal> {
        let asked = self.waiting_recovery(now).ok_or(Refusal::NotAsked)?;
        if by == self.worker {
            return Err(Refusal::OwnSignIn);
        }
        if by == asked.by {
            return Err(Refusal::SamePerson);
        }
        Ok(())
    }

    /// The old password and device are worth nothing from now on; a new code is.
    pub(super) fn confirm_recovery(
        self,
        by: WorkerId,
        code_digest: String,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.may_confirm(by, now)?;
        Ok(Self {
            state: invitation(code_digest, InvitedFor::Recovery, now),
            recovery: None,
            ..self
        })
    }

    /// Whether this set-up code is the one given out, and still good.
    pub(super) fn takes_code(&self, code: &str, now: Timestamp) -> bool {
        match &self.state {
            CredentialState::Invited(invitation) => {
                now < invitation.expires_at
                    && invitation.code_digest == code_digest(self.worker, code)
            }
            CredentialState::Ready(_) => false,
        }
    }

    /// Ready, with a password and a device chosen at `now`.
    pub(super) fn set_up(self, password_phc: String, code_secret: String, now: Timestamp) -> Self {
        Self {
            state: CredentialState::Ready(Proofs {
                password_phc,
                password_set_at: now,
                code_secret,
                code_set_at: now,
            }),
            recovery: None,
            ..self
        }
    }

    /// The same with another password.
    pub(super) fn with_password(mut self, password_phc: String, now: Timestamp) -> Self {
        if let CredentialState::Ready(proofs) = &mut self.state {
            proofs.password_phc = password_phc;
            proofs.password_set_at = now;
        }
        self
    }

    /// What lets the person in, once they have set it up.
    pub(super) const fn proofs(&self) -> Option<&Proofs> {
        match &self.state {
            CredentialState::Ready(proofs) => Some(proofs),
            CredentialState::Invited(_) => None,
        }
    }
}

/// Letters and digits that must be left of a password without the words known of the person.
const LEAST_OF_ITS_OWN: usize = 8;

/// What is wrong with a password, in words for whoever chose it.
///
/// The commonest are refused, and those made of what is known of the person.
pub(super) fn password_problem(password: &str, known: &[&str]) -> Option<String> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return Some(format!(
            "Choose a password of {SHORTEST_PASSWORD} characters or more, such as four words that have nothing to do with each other"
        ));
    }
    if length > LONGEST_PASSWORD {
        return Some(format!(
            "Choose a password of {LONGEST_PASSWORD} characters or fewer"
        ));
    }
    let known: Vec<String> = known
        .iter()
        .flat_map(|words| words.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    let own = known.iter().fold(password.to_lowercase(), |rest, word| {
        rest.replace(word.as_str(), "")
    });
    if own.chars().filter(|c| c.is_alphanumeric()).count() < LEAST_OF_ITS_OWN {
        return Some("Choose a password that is harder to guess. This one is made of your name, your address or the partnership's name.".to_owned());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let judged = zxcvbn::zxcvbn(password, &known);
    if judged.score() >= zxcvbn::Score::Three {
        return None;
    }
    let feedback = judged.feedback();
    let why = feedback.and_then(zxcvbn::feedback::Feedback::warning);
    let how = feedback.and_then(|feedback| feedback.suggestions().first());
    let words: Vec<String> = ["Choose a password that is harder to guess.".to_owned()]
        .into_iter()
        .chain(why.map(|why| why.to_string()))
        .chain(how.map(ToString::to_string))
        .collect();
    Some(words.join(" "))
}

/// The path to go on to after signing in: within this site, or the home page.
pub(super) fn local_path(next: &str) -> &str {
    let plain = next.len() <= 2_000 && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let within = next.starts_with('/') && !next.starts_with("//");
    // Signing in leads to a page that is read, never back to the door.
    let door = next.starts_with("/sign-") || next.starts_with("/set-up");
    if plain && within && !door { next } else { "/" }
}

/// The seconds to wait after this many failures: none for the first `free`, then 1, 2, 4, up to `longest`.
pub(super) fn wait_after(failures: i64, free: i64, longest: i64) -> i64 {
    if failures < free {
        return 0;
    }
    let doublings = u32::try_from(failures - free).unwrap_or(u32::MAX).min(30);
    (1_i64 << doublings).min(longest)
}
