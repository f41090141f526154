//! What a worker's record holds, and when it lets them see records about people.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Kind, Sensitivity, actions};
use clearpicture_kernel::day::as_at_cut_off;
use clearpicture_kernel::{
    AgencyId, Code, Date, EmailAddress, PersonName, PhoneNumber, TeamId, Timestamp, TypedId as _,
    WorkerId,
};
use clearpicture_store::{KeyScope, Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::words;

/// One person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// The agency they work for.
    pub agency: AgencyId,
    /// Their name.
    pub name: PersonName,
    /// Their work e-mail address, with which they sign in.
    pub email: EmailAddress,
    /// Their work telephone, shown to those involved only (safety rule 17).
    pub phone: Option<PhoneNumber>,
    /// The teams they belong to.
    pub teams: BTreeSet<TeamId>,
    /// The roles they hold.
    pub roles: BTreeSet<Code>,
    /// The last day on which their vetting counts.
    pub vetted_until: Option<Date>,
    /// The last day on which their training counts.
    pub trained_until: Option<Date>,
    /// Whether they may sign in.
    pub active: bool,
}

/// Whether someone's vetting and training let them see records about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Vetting is recorded and in date.
    pub vetted: bool,
    /// Training is recorded and in date.
    pub trained: bool,
}

impl Readiness {
    /// The readiness at `now` of someone whose vetting and training count until the ends of these days.
    pub fn at(now: Timestamp, vetted_until: Option<Date>, trained_until: Option<Date>) -> Self {
        let counts = |until: Option<Date>| until.is_some_and(|day| now < as_at_cut_off(day));
        Self {
            vetted: counts(vetted_until),
            trained: counts(trained_until),
        }
    }

    /// Whether nothing is missing.
    pub const fn is_ready(self) -> bool {
        self.vetted && self.trained
    }

    /// What is missing, in words for the worker; `None` when nothing is.
    pub const fn missing(self) -> Option<&'static str> {
        match (self.vetted, self.trained) {
            (true, true) => None,
            (false, true) => Some("Your vetting is out of date or not recorded."),
            (true, false) => Some("Your training is out of date or not recorded."),
            (false, false) => {
                Some("Your vetting and your training are out of date or not recorded.")
            }
        }
    }
}

impl Kind for Worker {
    const NAME: &'static str = "worker";
    const PERSONAL: bool = true;
}

actions! { pub on Worker:
    see ListWorkers = "workers.list", "see colleagues' names, roles and agencies";
    see SeeWorker = "workers.see", "open a colleague's record: contact, vetting, training";
    see SeeNumber = "workers.number", "see a colleague's own telephone number";
    add AddWorker = "workers.add", "add a person who signs in";
    change EditWorker = "workers.edit", "change a person's record, roles or readiness";
}

impl Record for Worker {
    type Id = WorkerId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &WorkerId) -> AccessClass {
        AccessClass {
            sensitivity: Sensitivity::Restricted,
            ..AccessClass::ordinary(Self::NAME, Some(self.agency))
        }
    }

    fn key_scope(&self, id: &WorkerId) -> KeyScope {
        KeyScope::Subject(id.record_id())
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let end = |day: Option<Date>| day.map(|day| as_at_cut_off(day).as_microsecond());
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            name: Set(self.name.reveal().to_owned()),
            email: Set(self.email.reveal().to_owned()),
            teams: Set(joined(&self.teams)),
            roles: Set(joined(&self.roles)),
            vetted_until: Set(end(self.vetted_until)),
            trained_until: Set(end(self.trained_until)),
            active: Set(self.active),
        }
    }

    fn say(&self) -> Vec<Said> {
        let day = |day: Option<Date>| day.map(words::full_day).unwrap_or_default();
        vec![
            Said::new("Name", self.name.reveal()),
            Said::new("E-mail", self.email.reveal()),
            Said::new(
                "Telephone",
                self.phone.as_ref().map_or("", |phone| phone.reveal()),
            ),
            Said::new(
                "Roles",
                self.roles
                    .iter()
                    .map(Code::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            Said::new("Teams", joined(&self.teams).replace(' ', ", ")),
            Said::new("Vetted until", day(self.vetted_until)),
            Said::new("Trained until", day(self.trained_until)),
            Said::new("May sign in", if self.active { "yes" } else { "no" }),
        ]
    }

    fn samples() -> Vec<Self> {
        let sample = |name: &str, email: &str, roles: &[&str]| {
            Some(Self {
                agency: AgencyId::parse("agency_00000000000000000000000001").ok()?,
                name: PersonName::parse(name).ok()?,
                email: EmailAddress::parse(email).ok()?,
                phone: PhoneNumber::parse("01632 960123").ok(),
                teams: BTreeSet::new(),
                roles: roles
                    .iter()
                    .filter_map(|role| Code::parse(role).ok())
                    .collect(),
                vetted_until: Some(jiff::civil::date(2099, 3, 31)),
                trained_until: Some(jiff::civil::date(2099, 9, 30)),
                active: true,
            })
        };
        [
            sample(
                "Amal Osei",
                "amal.osei@northwater.example",
                &["practitioner"],
            ),
            sample(
                "Wren <i>O'Hara</i>",
                "wren@lighthouse.example",
                &["manager", "administrator"],
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Ids or codes as one column holds them: separated by spaces.
fn joined<T: ToString>(items: &BTreeSet<T>) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn vetting_counts_to_the_end_of_its_last_day() {
        let last = Some(date(2026, 6, 30));
        let just_before = as_at_cut_off(date(2026, 6, 30)) - jiff::SignedDuration::from_secs(1);
        assert!(Readiness::at(just_before, last, last).is_ready());
        let just_after = as_at_cut_off(date(2026, 6, 30));
        assert!(!Readiness::at(just_after, last, last).is_ready());
        assert!(Readiness::at(just_before, last, None).missing().is_some());
    }
}
