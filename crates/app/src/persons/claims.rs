//! What the sources claim of one child, side by side: what agrees stands once, what differs stands with who says it.

use std::collections::BTreeMap;

use clearpicture_kernel::fact::{Confidence, Contact};
use clearpicture_kernel::{Address, Date, Fact, PersonName, Says};

use super::types::Telling;

/// One value, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim<T> {
    /// The value.
    pub(super) value: T,
    /// Who says so: the places of the tellings.
    pub(super) by: Vec<usize>,
    /// Whether every source that says so gave reason to doubt it.
    pub(super) doubted: bool,
}

/// What is claimed of one thing, most widely claimed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims<T>(pub(super) Vec<Claim<T>>);

impl<T: Ord + Clone> Claims<T> {
    fn gather(said: impl IntoIterator<Item = (T, usize, Confidence)>) -> Self {
        let mut by_value: BTreeMap<T, Claim<T>> = BTreeMap::new();
        for (value, by, confidence) in said {
            let doubted = confidence == Confidence::Doubted;
            let claim = by_value.entry(value.clone()).or_insert(Claim {
                value,
                by: Vec::new(),
                doubted: true,
            });
            claim.doubted &= doubted;
            if !claim.by.contains(&by) {
                claim.by.push(by);
            }
        }
        let mut claims: Vec<Claim<T>> = by_value.into_values().collect();
        claims.sort_by_key(|claim| (claim.doubted, usize::MAX - claim.by.len()));
        Self(claims)
    }

    /// Whether the sources disagree.
    pub(super) fn differ(&self) -> bool {
        self.0.len() > 1
    }

    /// What most say.
    pub(super) fn first(&self) -> Option<&T> {
        self.0.first().map(|claim| &claim.value)
    }
}

/// A service that works or worked with the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    /// Who says so: the place of the telling.
    pub(super) by: usize,
    /// The organisation.
    pub(super) organisation: Option<String>,
    /// Where it stands.
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

/// Everything that the sources claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) names: Claims<String>,
    pub(super) born: Claims<Date>,
    pub(super) sexes: Claims<String>,
    pub(super) addresses: Claims<Vec<String>>,
    pub(super) numbers: Claims<(String, String)>,
    pub(super) services: Vec<Service>,
}

impl Claimed {
    /// Lays what is told side by side. What a source no longer tells of who somebody is counts only where no source
    /// tells any more.
    pub(super) fn of(tellings: &[Telling]) -> Self {
        let all_ended = tellings.iter().all(|telling| telling.ended);
        let facts = || {
            tellings
                .iter()
                .enumerate()
                .filter(move |(_, telling)| all_ended || !telling.ended)
                .flat_map(|(by, telling)| telling.facts.iter().map(move |fact| (by, fact)))
        };
        let said = |by: usize, fact: &Fact| (by, fact.confidence);
        let every = tellings.iter().enumerate();
        let mut services: Vec<Service> = every
            .flat_map(|(by, telling)| {
                let services = telling.facts.iter();
                services.filter_map(move |fact| service(by, telling, fact))
            })
            .collect();
        services.sort_by_key(|service| {
            let is_past = service.state != "current" || service.told_until.is_some();
            (is_past, service.organisation.clone(), service.since)
        });
        Self {
            names: Claims::gather(facts().filter_map(|(by, fact)| {
                let (by, confidence) = said(by, fact);
                Some((name(fact)?, by, confidence))
            })),
            born: Claims::gather(facts().filter_map(|(by, fact)| match &fact.says {
                Says::Born { on } => Some((on.reveal(), by, fact.confidence)),
                _ => None,
            })),
            sexes: Claims::gather(facts().filter_map(|(by, fact)| match &fact.says {
                Says::Sex { code } => Some((code.to_string(), by, fact.confidence)),
                _ => None,
            })),
            addresses: Claims::gather(facts().filter_map(|(by, fact)| match &fact.says {
                Says::Address { at } => Some((lines(at), by, fact.confidence)),
                _ => None,
            })),
            numbers: Claims::gather(facts().filter_map(|(by, fact)| match &fact.says {
                Says::Identifier { scheme, value } => {
                    Some(((scheme.to_string(), value.to_string()), by, fact.confidence))
                }
                _ => None,
            })),
            services,
        }
    }
}

fn name(fact: &Fact) -> Option<String> {
    let Says::Name { given, family } = &fact.says else {
        return None;
    };
    let words: Vec<&str> = [given, family]
        .into_iter()
        .flatten()
        .map(PersonName::reveal)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn lines(at: &Address) -> Vec<String> {
    at.reveal().map(ToOwned::to_owned).collect()
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

/// How old someone born on `born` is on `today`; `None` before the birth.
pub(super) fn age(born: Date, today: Date) -> Option<i16> {
    let years = today.year() - born.year();
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    let age = if had_birthday { years } else { years - 1 };
    (born <= today).then_some(age)
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::fact::Valid;
    use clearpicture_kernel::{AgencyId, Code, DateOfBirth, SubjectId, TypedId as _};
    use jiff::civil::date;

    use super::*;

    fn telling(facts: Vec<Fact>) -> Telling {
        Telling {
            subject: SubjectId::parse("subject_00000000000000000000000001").unwrap(),
            agency: AgencyId::parse("agency_00000000000000000000000001").unwrap(),
            source: Code::parse("involvement-csc").unwrap(),
            load: "load_00000000000000000000000001".to_owned(),
            row: 1,
            seq: 1,
            as_of: date(2026, 10, 1),
            ended: false,
            key: "1".to_owned(),
            facts,
        }
    }

    fn fact(says: Says, confidence: Confidence) -> Fact {
        Fact {
            says,
            valid: Valid::default(),
            confidence,
        }
    }

    fn named(given: &str, confidence: Confidence) -> Fact {
        let name = |text: &str| PersonName::parse(text).ok();
        fact(
            Says::Name {
                given: name(given),
                family: name("Okafor"),
            },
            confidence,
        )
    }

    fn born(day: Date) -> Fact {
        let on = DateOfBirth::new(day);
        fact(Says::Born { on }, Confidence::Stated)
    }

    #[test]
    fn what_agrees_stands_once_and_what_differs_with_who_says_it() {
        let day = date(2014, 7, 28);
        let claimed = Claimed::of(&[
            telling(vec![named("Ada", Confidence::Stated), born(day)]),
            telling(vec![named("Aida", Confidence::Stated), born(day)]),
        ]);
        assert!(claimed.names.differ());
        assert!(!claimed.born.differ());
        assert_eq!(claimed.born.0[0].by, [0, 1]);
        assert_eq!(claimed.names.0[1].value, "Aida Okafor");
        assert_eq!(claimed.names.0[1].by, [1]);
    }

    #[test]
    fn a_doubted_value_comes_last_and_says_so() {
        let claimed = Claimed::of(&[
            telling(vec![named("Ada", Confidence::Doubted)]),
            telling(vec![named("Aida", Confidence::Stated)]),
        ]);
        assert_eq!(claimed.names.first().unwrap(), "Aida Okafor");
        assert!(claimed.names.0[1].doubted);
    }

    #[test]
    fn days_that_run_backwards_are_marked_and_stay() {
        let says = Says::Involvement {
            state: Code::parse("historic").unwrap(),
            organisation: None,
            last_contact: Some(date(2019, 8, 24)),
            contact: None,
        };
        let mut involvement = fact(says, Confidence::Stated);
        involvement.valid.from = Some(date(2022, 2, 17));
        let claimed = Claimed::of(&[telling(vec![involvement])]);
        assert!(claimed.services[0].backwards);
    }

    #[test]
    fn what_a_source_no_longer_tells_gives_way_to_what_another_tells_still() {
        let gone = Telling {
            ended: true,
            ..telling(vec![named("Ada", Confidence::Stated)])
        };
        let alone = Claimed::of(std::slice::from_ref(&gone));
        assert_eq!(alone.names.first().unwrap(), "Ada Okafor");
        let beside = Claimed::of(&[gone, telling(vec![named("Aida", Confidence::Stated)])]);
        assert_eq!(beside.names.0.len(), 1);
        assert_eq!(beside.names.first().unwrap(), "Aida Okafor");
    }

    #[test]
    fn age_counts_birthdays() {
        assert_eq!(age(date(2012, 3, 9), date(2026, 3, 8)), Some(13));
        assert_eq!(age(date(2012, 3, 9), date(2026, 3, 9)), Some(14));
        assert_eq!(age(date(2012, 2, 29), date(2026, 2, 28)), Some(13));
        assert_eq!(age(date(2027, 1, 1), date(2026, 2, 28)), None);
    }
}
