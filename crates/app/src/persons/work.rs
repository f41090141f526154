//! Who works with a child, as sources tell it, and how it stands on one day.
//!
//! The state that a page shows and the sentence of the chronology both come from here, so that the two never
//! contradict each other.

use clearpicture_kernel::fact::Contact;
use clearpicture_kernel::{Date, Fact, Says};
use jiff::ToSpan as _;

use super::types::Telling;

/// A service that has not been in touch for so many months is no longer taken at its word that it works with the child.
const IN_TOUCH_MONTHS: i32 = 6;

/// A service that works or worked with the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    /// Who says so: the place of the telling.
    pub(super) by: usize,
    /// The organisation.
    pub(super) organisation: Option<String>,
    /// What the source says of it: `current`, `historic`, or nothing that tells.
    pub(super) state: String,
    /// The first day.
    pub(super) since: Option<Date>,
    /// The last day; `None` while it goes on or is not told.
    pub(super) until: Option<Date>,
    /// The day from which its source no longer told of it.
    pub(super) told_until: Option<Date>,
    /// Whether the days run backwards, so that neither can be relied on.
    pub(super) backwards: bool,
    /// The last contact.
    pub(super) last_contact: Option<Date>,
    /// Whom to ring.
    pub(super) contact: Option<Contact>,
}

/// How a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// It works with the child.
    Now,
    /// It is said to, and was last in touch on a day long past.
    OutOfTouch(Date),
    /// Whether it does is not told.
    Untold,
    /// It did, until a day where that is told.
    Over(Option<Date>),
    /// Its source no longer tells of it since a day.
    Dropped(Date),
}

impl Service {
    /// Every service that is told of: those that work with the child first.
    pub(super) fn all(tellings: &[Telling]) -> Vec<Self> {
        let mut services: Vec<Self> = tellings
            .iter()
            .enumerate()
            .flat_map(|(by, telling)| {
                let services = telling.facts.iter();
                services.filter_map(move |fact| service(by, telling, fact))
            })
            .collect();
        services.sort_by_key(|service| {
            let is_past = service.told_until.is_some() || service.until.is_some();
            (
                is_past,
                service.state != "current",
                service.organisation.clone(),
                service.since,
            )
        });
        services
    }

    /// How it stands on a day. A last day that is told counts whatever the source calls it.
    pub(super) fn stands(&self, today: Date) -> Work {
        if let Some(day) = self.told_until {
            return Work::Dropped(day);
        }
        if let Some(day) = self.until.filter(|day| *day <= today) {
            return Work::Over(Some(day));
        }
        match self.state.as_str() {
            "current" => match self.last_contact {
                Some(day) if is_long_past(day, today) => Work::OutOfTouch(day),
                _ => Work::Now,
            },
            "historic" => Work::Over(None),
            // A last day to come says that it goes on until then.
            _ if self.until.is_some() => Work::Now,
            _ => Work::Untold,
        }
    }
}

fn is_long_past(day: Date, today: Date) -> bool {
    today
        .checked_sub(IN_TOUCH_MONTHS.months())
        .is_ok_and(|limit| day < limit)
}

fn service(by: usize, telling: &Telling, fact: &Fact) -> Option<Service> {
    let told_until = telling.ended.then_some(telling.as_of);
    match &fact.says {
        Says::Involvement {
            state,
            organisation,
            last_contact,
            contact,
        } => Some(Service {
            by,
            organisation: organisation.as_ref().map(ToString::to_string),
            state: state.to_string(),
            since: fact.valid.from,
            until: fact.valid.to,
            told_until,
            backwards: fact.valid.is_backwards() || begins_after(fact.valid.from, *last_contact),
            last_contact: *last_contact,
            contact: contact.clone(),
        }),
        Says::Enrolment { school, .. } => Some(Service {
            by,
            organisation: school.as_ref().map(ToString::to_string),
            state: match fact.valid.to {
                None => "current",
                Some(_) => "historic",
            }
            .to_owned(),
            since: fact.valid.from,
            until: fact.valid.to,
            told_until,
            backwards: fact.valid.is_backwards(),
            last_contact: None,
            contact: None,
        }),
        _ => None,
    }
}

fn begins_after(from: Option<Date>, contact: Option<Date>) -> bool {
    matches!((from, contact), (Some(from), Some(contact)) if contact < from)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told(state: &str, until: Option<Date>, last_contact: Option<Date>) -> Service {
        Service {
            by: 0,
            organisation: None,
            state: state.to_owned(),
            since: Some(date(2024, 1, 8)),
            until,
            told_until: None,
            backwards: false,
            last_contact,
            contact: None,
        }
    }

    #[test]
    fn a_last_day_that_is_told_ends_it_whatever_the_source_calls_it() {
        let today = date(2026, 11, 30);
        for state in ["current", "historic", "not-specified"] {
            let day = date(2026, 9, 22);
            let ended = told(state, Some(day), None);
            assert_eq!(ended.stands(today), Work::Over(Some(day)), "{state}");
        }
        assert_eq!(
            told("not-specified", None, None).stands(today),
            Work::Untold
        );
        let to_come = told("not-specified", Some(date(2026, 12, 24)), None);
        assert_eq!(to_come.stands(today), Work::Now);
    }

    #[test]
    fn who_was_last_in_touch_years_ago_does_not_stand_as_working_with_the_child() {
        let today = date(2026, 11, 30);
        let touched = |day| told("current", None, Some(day)).stands(today);
        assert_eq!(
            touched(date(2023, 5, 3)),
            Work::OutOfTouch(date(2023, 5, 3))
        );
        assert_eq!(touched(date(2026, 5, 30)), Work::Now);
        assert_eq!(
            touched(date(2026, 5, 29)),
            Work::OutOfTouch(date(2026, 5, 29))
        );
        assert_eq!(told("current", None, None).stands(today), Work::Now);
    }
}
