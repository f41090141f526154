//! Where somebody is: what of a fact tells it, and what is left of the fact without.
//!
//! Every kind of fact says so here, so that a new one cannot be added without somebody deciding it.

use crate::fact::{Fact, Says};

/// Numbers that name a place to whoever can read them: a pupil's number names the council and the school that gave it.
const NUMBERS_OF_PLACES: [&str; 1] = ["upn"];

impl Fact {
    /// What is left of the fact without the address, the school, the placement and whoever stands near to them; nothing
    /// where it says nothing else.
    #[must_use]
    pub fn without_whereabouts(self) -> Option<Self> {
        let says = match self.says {
            Says::Address { .. } | Says::Telephone { .. } | Says::Protection { .. } => return None,
            Says::Identifier { ref scheme, .. } if NUMBERS_OF_PLACES.contains(&scheme.as_str()) => {
                return None;
            }
            // The name, the number and the title of a worker tell where they work.
            Says::Involvement {
                state,
                organisation: _,
                last_contact,
                contact: _,
            } => Says::Involvement {
                state,
                organisation: None,
                last_contact,
                contact: None,
            },
            // What came of a contact is in the source's own words, which may be of any kind.
            Says::Contact { source, outcome: _ } => Says::Contact {
                source,
                outcome: None,
            },
            Says::CareEpisode {
                began,
                legal_status,
                need,
                placement: _,
                provider: _,
                ended: _,
                change: _,
                at: _,
            } => Says::CareEpisode {
                began,
                legal_status,
                need,
                placement: None,
                provider: None,
                ended: None,
                change: None,
                at: None,
            },
            Says::Enrolment {
                school: _,
                status,
                year_group,
            } => Says::Enrolment {
                school: None,
                status,
                year_group,
            },
            says @ (Says::Name { .. }
            | Says::Born { .. }
            | Says::Sex { .. }
            | Says::Identifier { .. }
            | Says::Ethnicity { .. }
            | Says::Disability { .. }
            | Says::Died { .. }
            | Says::Referral { .. }
            | Says::Assessment { .. }
            | Says::Factor { .. }
            | Says::Section47 { .. }
            | Says::Plan { .. }
            | Says::Review { .. }
            | Says::CareYear { .. }
            | Says::Missing { .. }
            | Says::Attendance { .. }
            | Says::Exclusion { .. }
            | Says::Concern { .. }) => says,
        };
        Some(Self { says, ..self })
    }
}

#[cfg(test)]
mod tests {
    use crate::code::Code;
    use crate::fact::{Confidence, Contact, Fact, Says, Valid};
    use crate::sensitive::{Address, EmailAddress, PersonName, PhoneNumber};
    use crate::text::Line;

    fn left(says: Says) -> Option<String> {
        let fact = Fact {
            says,
            valid: Valid::default(),
            confidence: Confidence::Stated,
        };
        let left = fact.without_whereabouts()?;
        Some(serde_json::to_string(&left.says).unwrap())
    }

    fn code(text: &str) -> Option<Code> {
        Code::parse(text).ok()
    }

    fn line(text: &str) -> Option<Line> {
        Line::parse(text).ok()
    }

    #[test]
    fn nothing_is_left_that_names_a_place() {
        let worker = Contact {
            name: PersonName::parse("Robin Ashdown").ok(),
            role: line("Pastoral lead at Saltway High"),
            phone: PhoneNumber::parse("01632 960555").ok(),
            email: EmailAddress::parse("office@saltway.example").ok(),
        };
        let all = [
            Says::Address {
                at: Address::parse("1 Mill Lane\nSaltway\nXN1 2AB").unwrap(),
            },
            Says::Identifier {
                scheme: code("upn").unwrap(),
                value: line("A123Saltway").unwrap(),
            },
            Says::Involvement {
                state: code("current").unwrap(),
                organisation: line("Saltway High School"),
                last_contact: None,
                contact: Some(worker),
            },
            Says::Contact {
                source: None,
                outcome: line("moved to Saltway"),
            },
            Says::CareEpisode {
                at: Address::parse("1 Mill Lane\nSaltway").ok(),
                began: None,
                legal_status: code("c2"),
                need: None,
                placement: code("saltway"),
                provider: code("saltway"),
                ended: code("saltway"),
                change: code("saltway"),
            },
            Says::Enrolment {
                school: line("Saltway High School"),
                status: None,
                year_group: line("7"),
            },
        ];
        for says in all {
            let kind = says.kind();
            let left = left(says).unwrap_or_default();
            for place in ["altway", "XN1", "Ashdown", "01632", "office"] {
                assert!(!left.contains(place), "{kind}: {left}");
            }
        }
    }

    #[test]
    fn what_tells_who_somebody_is_stays() {
        let says = Says::Identifier {
            scheme: code("nhs-number").unwrap(),
            value: line("9990000018").unwrap(),
        };
        assert!(left(says).unwrap().contains("9990000018"));
    }
}
