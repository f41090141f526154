//! The example's feed register: what each agency sends, could send, or will not.

use std::collections::BTreeMap;

use clearpicture_app::feeds::{AddFeed, Feed, FeedFacts, FeedId, Reasoned};
use clearpicture_kernel::{AgencyId, Code, Date, Line, Passage};

use crate::making::{Making, unknown, word};
use crate::outcome::Stop;

/// What happened to a feed, and how many days ago.
enum Told {
    Asked(i32),
    Refused(i32, &'static str),
    Unusable(i32, &'static str),
    Connected(i32),
}

/// One entry of the register.
struct Entry {
    agency: &'static str,
    name: &'static str,
    about: &'static str,
    contact: &'static str,
    basis: &'static str,
    schedule: &'static str,
    /// The sources whose files are of it.
    sources: &'static [&'static str],
    told: Told,
}

const REGISTER: [Entry; 11] = [
    Entry {
        agency: "northwater-council",
        name: "Children looked after",
        about: "Episodes of care, placements, missing episodes and reviews of every child looked after.",
        contact: "Head of children's performance",
        basis: "public-task",
        schedule: "monthly",
        sources: &[
            "ssda903-episodes",
            "ssda903-header",
            "ssda903-missing",
            "ssda903-reviews",
            "ssda903-oc2",
        ],
        told: Told::Connected(210),
    },
    Entry {
        agency: "northwater-council",
        name: "Children in need",
        about: "Referrals, assessments, plans and closures of children in need.",
        contact: "Head of children's performance",
        basis: "public-task",
        schedule: "monthly",
        sources: &["cin-census", "involvement-csc"],
        told: Told::Connected(190),
    },
    Entry {
        agency: "northwater-council",
        name: "School attendance",
        about: "Sessions missed, suspensions and moves of every pupil of the borough's schools.",
        contact: "Education data manager",
        basis: "public-task",
        schedule: "termly",
        sources: &["school-census-sessions", "school-census-exclusions"],
        told: Told::Unusable(
            40,
            "Pupils' numbers come without leading digits, so no child can be found by them.",
        ),
    },
    Entry {
        agency: "northwater-police",
        name: "Missing episodes",
        about: "Every child reported missing: when, from where, for how long, and the police's own assessment of risk.",
        contact: "Missing from home coordinator",
        basis: "law-enforcement",
        schedule: "weekly",
        sources: &["police-missing"],
        told: Told::Connected(120),
    },
    Entry {
        agency: "northwater-police",
        name: "Exploitation markers",
        about: "Children with a marker for sexual or criminal exploitation, with the date it was set and reviewed.",
        contact: "Child exploitation unit, detective inspector",
        basis: "law-enforcement",
        schedule: "weekly",
        sources: &["police-exploitation"],
        told: Told::Unusable(
            15,
            "Access was granted on a police machine only; nobody at the council can use it.",
        ),
    },
    Entry {
        agency: "northwater-health",
        name: "School nursing contacts",
        about: "That a child was seen by a school nurse, and when. No clinical notes.",
        contact: "Named nurse for safeguarding",
        basis: "public-task",
        schedule: "monthly",
        sources: &[],
        told: Told::Asked(65),
    },
    Entry {
        agency: "northwater-health",
        name: "Emergency department attendances",
        about: "Attendances of children after assault, self-harm or intoxication.",
        contact: "Information governance office",
        basis: "not-settled",
        schedule: "weekly",
        sources: &[],
        told: Told::Refused(
            30,
            "The trust asks for a signed data-sharing agreement first; its board meets next in the spring.",
        ),
    },
    Entry {
        agency: "northwater-health",
        name: "Children registered with health",
        about: "Every child registered with a practice of the borough: who they are, and where they live unless that is restricted. No clinical notes.",
        contact: "Information governance office",
        basis: "public-task",
        schedule: "monthly",
        sources: &["fhir-patient"],
        told: Told::Connected(80),
    },
    Entry {
        agency: "northwater-schools",
        name: "Pupils of the borough's schools",
        about: "Every pupil, the school they are at, and who answers for safeguarding there.",
        contact: "Education data manager",
        basis: "public-task",
        schedule: "termly",
        sources: &["involvement-education"],
        told: Told::Connected(150),
    },
    Entry {
        agency: "fenby-high",
        name: "Concerns of the school",
        about: "What the safeguarding lead has recorded about a child, where exploitation is suspected.",
        contact: "Designated safeguarding lead",
        basis: "public-task",
        schedule: "as-it-happens",
        sources: &[],
        told: Told::Asked(12),
    },
    Entry {
        agency: "lighthouse",
        name: "Young people supported",
        about: "How many young people the charity supports each month, by ward and age band.",
        contact: "Services manager",
        basis: "counts-only",
        schedule: "monthly",
        sources: &["lighthouse-clients", "counts-return"],
        told: Told::Connected(95),
    },
];

/// Adds the register to what is being made.
pub(super) async fn add(
    making: &mut Making<'_>,
    agencies: &BTreeMap<&'static str, AgencyId>,
    today: Date,
) -> Result<(), Stop> {
    for entry in &REGISTER {
        let agency = agencies.get(entry.agency).copied();
        let sources: Result<_, _> = entry.sources.iter().map(|code| Code::parse(code)).collect();
        let feed = Feed {
            agency: agency.ok_or_else(|| unknown(entry.agency))?,
            name: word(Line::parse(entry.name))?,
            about: word(Passage::parse(entry.about))?,
            contact: word(Line::parse(entry.contact))?,
            lawful_basis: word(Code::parse(entry.basis))?,
            controllers: word(Line::parse(
                "The agency, jointly with the safeguarding partners",
            ))?,
            schedule: word(Code::parse(entry.schedule))?,
            sources: word(sources)?,
            facts: facts(&entry.told, today)?,
        };
        let id = FeedId::fresh(making.ambient());
        making.add::<AddFeed>(&id, &feed).await?;
    }
    Ok(())
}

/// Every feed was asked for a month before what then happened.
fn facts(told: &Told, today: Date) -> Result<FeedFacts, Stop> {
    let (Told::Asked(days)
    | Told::Refused(days, _)
    | Told::Unusable(days, _)
    | Told::Connected(days)) = *told;
    let on = word(today.checked_sub(jiff::Span::new().days(days)))?;
    let before = word(on.checked_sub(jiff::Span::new().days(30)))?;
    let asked = FeedFacts::asked(before);
    Ok(match told {
        Told::Asked(_) => FeedFacts::asked(on),
        Told::Refused(_, why) => FeedFacts {
            refused: Some(Reasoned {
                on,
                why: word(Passage::parse(why))?,
            }),
            ..asked
        },
        Told::Unusable(_, why) => FeedFacts {
            granted_on: Some(on),
            obstacle: Some(Reasoned {
                on,
                why: word(Passage::parse(why))?,
            }),
            ..asked
        },
        Told::Connected(_) => FeedFacts {
            granted_on: Some(before),
            connected_on: Some(on),
            ..asked
        },
    })
}
