//! Reading the form of a person who signs in, and what readiness their dates tell.

use std::collections::BTreeSet;

use clearpicture_kernel::{
    AgencyId, Code, Date, EmailAddress, PersonName, PhoneNumber, TeamId, TypedId as _,
};
use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::types::Worker;
use crate::practice::Practice;
use crate::shell::form::number;
use crate::shell::{DayTyped, Errors};
use crate::words;

/// Dates that end within this many days are marked, so that they can be renewed in time.
const SOON_DAYS: i32 = 30;

/// The form as typed. It names a person, so it has no debug form.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WorkerTyped {
    /// The version the form was opened on; 0 for a new person.
    #[serde(deserialize_with = "number")]
    pub(super) version: u32,
    /// The agency whose first person it is; empty for the caller's own.
    pub(super) agency: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) roles: Vec<String>,
    pub(super) teams: Vec<String>,
    vetted_day: String,
    vetted_month: String,
    vetted_year: String,
    trained_day: String,
    trained_month: String,
    trained_year: String,
    pub(super) active: String,
    pub(super) reason: String,
}

/// What the form sends for someone who may not sign in.
pub(super) const MAY_NOT: &str = "no";
/// What the form sends for someone who may sign in.
pub(super) const MAY: &str = "yes";

/// What the form's answers are checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The agency the person works for.
    pub(super) agency: AgencyId,
    /// The roles of the partnership.
    pub(super) practice: &'a Practice,
    /// The agency's teams.
    pub(super) teams: &'a BTreeSet<TeamId>,
}

impl WorkerTyped {
    /// An empty form for a person of the agency of this id; empty for the caller's own.
    pub(super) fn serving(agency: String) -> Self {
        Self {
            agency,
            ..Self::default()
        }
    }

    /// What the form shows of a person who is there.
    pub(super) fn of(worker: &Worker, version: u32) -> Self {
        let [vetted, trained] = [worker.vetted_until, worker.trained_until].map(DayTyped::of);
        let phone = worker.phone.as_ref();
        Self {
            version,
            agency: String::new(),
            name: worker.name.reveal().to_owned(),
            email: worker.email.reveal().to_owned(),
            phone: phone.map_or_else(String::new, |phone| phone.reveal().to_owned()),
            roles: worker.roles.iter().map(Code::to_string).collect(),
            teams: worker.teams.iter().map(TeamId::to_string).collect(),
            vetted_day: vetted.day,
            vetted_month: vetted.month,
            vetted_year: vetted.year,
            trained_day: trained.day,
            trained_month: trained.month,
            trained_year: trained.year,
            active: if worker.active { MAY } else { MAY_NOT }.to_owned(),
            reason: String::new(),
        }
    }

    /// The same from someone of another agency, who gives and takes away guarded roles: the rest stays as it is.
    pub(super) fn guarded_roles_of(self, now: &Worker, practice: &Practice) -> Self {
        let kept = now.roles.iter().filter(|code| !practice.is_guarded(code));
        let kept = kept.map(Code::to_string);
        let typed = self.roles.into_iter();
        let typed = typed.filter(|one| Code::parse(one).is_ok_and(|it| practice.is_guarded(&it)));
        Self {
            roles: typed.chain(kept).collect(),
            reason: self.reason,
            ..Self::of(now, self.version)
        }
    }

    /// The person as the form has them; otherwise what is wrong is noted.
    pub(super) fn read(&self, known: Known<'_>, errors: &mut Errors) -> Option<Worker> {
        let name = errors.take("name", "Name", PersonName::parse(&self.name));
        let email = errors.take("email", "E-mail", EmailAddress::parse(&self.email));
        let phone = errors.take_optional("phone", "Telephone", &self.phone, PhoneNumber::parse);
        let roles = self.read_roles(known.practice, errors);
        let teams = self.read_teams(known.teams, errors);
        let vetted = typed_day(&self.vetted_day, &self.vetted_month, &self.vetted_year);
        let vetted_until = errors.take("vetted_day", "Vetted until", vetted.read());
        let trained = typed_day(&self.trained_day, &self.trained_month, &self.trained_year);
        let trained_until = errors.take("trained_day", "Trained until", trained.read());
        let worker = Worker {
            agency: known.agency,
            name: name?,
            email: email?,
            phone,
            teams,
            roles,
            vetted_until: vetted_until?,
            trained_until: trained_until?,
            active: self.active != MAY_NOT,
        };
        errors.is_empty().then_some(worker)
    }

    fn read_roles(&self, practice: &Practice, errors: &mut Errors) -> BTreeSet<Code> {
        let roles: BTreeSet<Code> = self
            .roles
            .iter()
            .filter_map(|typed| Code::parse(typed).ok())
            .filter(|code| practice.role(code).is_some())
            .collect();
        if roles.is_empty() {
            errors.add("roles", "Choose at least one role");
        } else if roles.len() < self.roles.len() {
            errors.add("roles", "Choose roles of the list");
        }
        roles
    }

    fn read_teams(&self, known: &BTreeSet<TeamId>, errors: &mut Errors) -> BTreeSet<TeamId> {
        let teams: BTreeSet<TeamId> = self
            .teams
            .iter()
            .filter_map(|typed| TeamId::parse(typed).ok())
            .filter(|team| known.contains(team))
            .collect();
        if teams.len() < self.teams.len() {
            errors.add("teams", "Choose teams of this person’s own agency");
        }
        teams
    }
}

fn typed_day(day: &str, month: &str, year: &str) -> DayTyped {
    DayTyped {
        day: day.to_owned(),
        month: month.to_owned(),
        year: year.to_owned(),
    }
}

/// Whether an edit changes what the person may do: their roles, their readiness, or signing in.
pub(super) fn changes_standing(before: &Worker, after: &Worker) -> bool {
    let standing = |worker: &Worker| {
        (
            worker.roles.clone(),
            worker.vetted_until,
            worker.trained_until,
            worker.active,
        )
    };
    standing(before) != standing(after)
}

/// Why the roles gained from `before` (none for a new person) to `after` are not for `giver` to give.
pub(super) fn may_not_give(
    practice: &Practice,
    giver: &BTreeSet<Code>,
    before: &BTreeSet<Code>,
    after: &BTreeSet<Code>,
) -> Option<String> {
    let mut gained = after.difference(before).filter_map(|it| practice.role(it));
    let closed = gained.find(|role| !role.is_given_by(giver))?;
    Some(format!(
        "“{}” can be given only by someone who holds the role {}. Save without it, and ask one of them to give it",
        closed.title,
        practice.givers(closed)
    ))
}

/// A state in words, with the tone that its tag has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) tone: &'static str,
}

/// How vetting or training (`what`) that counts until the end of `last` stands `today`.
pub(super) fn mark(what: &str, last: Option<Date>, today: Date) -> Mark {
    let Some(last) = last else {
        return Mark {
            text: format!("{what} not recorded"),
            tone: "breach",
        };
    };
    let day = words::full_day(last);
    let (text, tone) = if last < today {
        (format!("{what} out of date since {day}"), "breach")
    } else if last <= today.saturating_add(SOON_DAYS.days()) {
        (format!("{what} ends soon: {day}"), "due")
    } else {
        (format!("{what} in date until {day}"), "done")
    };
    Mark { text, tone }
}

/// The titles of the roles held, as they stand in the practice; a role it no longer has keeps its code.
pub(super) fn role_titles(practice: &Practice, roles: &BTreeSet<Code>) -> Vec<String> {
    let listed = practice
        .roles
        .iter()
        .filter(|role| roles.contains(&role.code));
    let gone = roles.iter().filter(|code| practice.role(code).is_none());
    listed
        .map(|role| role.title.clone())
        .chain(gone.map(Code::to_string))
        .collect()
}

/// The same of codes as a row holds them, as they stand in a sentence.
pub fn roles_in_words(practice: &Practice, codes: &[String]) -> String {
    let codes = codes.iter().filter_map(|code| Code::parse(code).ok());
    role_titles(practice, &codes.collect())
        .join(", ")
        .to_lowercase()
}

/// The codes or ids that one column holds, separated by spaces.
pub(super) fn split<T: Ord, E>(column: &str, parse: impl Fn(&str) -> Result<T, E>) -> BTreeSet<T> {
    column
        .split(' ')
        .filter_map(|one| parse(one).ok())
        .collect()
}
