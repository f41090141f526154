//! The two pages.

use clearpicture_kernel::{AgencyId, TypedId as _};
use serde::Serialize;

use super::rules::allowed;
use crate::shell::ctx::may_at_all;
use crate::shell::{Answer, Ctx, Page};

/// The home page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HomePage {
    name: String,
    role: String,
    agency: String,
    not_ready: Option<String>,
    sections: Vec<SectionLine>,
}

#[derive(Debug, Clone, Serialize)]
struct SectionLine {
    title: String,
    href: String,
    about: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home/home.html";

    fn title(&self) -> String {
        "Home".to_owned()
    }

    fn samples() -> Vec<Self> {
        let ready = Self {
            name: "Amal Osei".to_owned(),
            role: "practitioner".to_owned(),
            agency: "Northwater Council".to_owned(),
            not_ready: None,
            sections: vec![SectionLine {
                title: "Feeds".to_owned(),
                href: "/feeds".to_owned(),
                about: "See what each agency sends.".to_owned(),
            }],
        };
        let unready = Self {
            not_ready: Some("Your vetting is out of date or not recorded.".to_owned()),
            sections: Vec::new(),
            ..ready.clone()
        };
        vec![ready, unready]
    }
}

/// Words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    sentence.push('.');
    sentence
}

pub(super) async fn home(ctx: Ctx) -> Answer {
    let who = ctx.who();
    let sections = ctx.app.sections();
    ctx.page(&HomePage {
        name: who.name.reveal().to_owned(),
        role: who.role.clone(),
        agency: who.agency.clone(),
        not_ready: who.not_ready.clone(),
        sections: sections
            .into_iter()
            .filter(|section| may_at_all(&ctx.app, who, &ctx.purpose(), section.action))
            .map(|section| SectionLine {
                title: section.title.to_owned(),
                href: section.href.to_owned(),
                about: sentence(section.action.about),
            })
            .collect(),
    })
}

/// What one's role lets one do.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AccessPage {
    role: String,
    purpose: String,
    not_ready: Option<String>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Serialize)]
struct Part {
    id: String,
    title: String,
    actions: Vec<ActionLine>,
}

#[derive(Debug, Clone, Serialize)]
struct ActionLine {
    about: String,
    own: &'static str,
    other: &'static str,
    partnership: &'static str,
}

impl Page for AccessPage {
    const TEMPLATE: &'static str = "home/access.html";

    fn title(&self) -> String {
        "What my role lets me do".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |own, other| ActionLine {
            about: "See an agency and its duty number".to_owned(),
            own,
            other,
            partnership: "No",
        };
        let ready = Self {
            role: "practitioner".to_owned(),
            purpose: "work with a child or family".to_owned(),
            not_ready: None,
            parts: vec![Part {
                id: "agencies".to_owned(),
                title: "Agencies and teams".to_owned(),
                actions: vec![line("Yes", "Yes"), line("Where it is yours", "No")],
            }],
        };
        let unready = Self {
            not_ready: Some("Your training is out of date or not recorded.".to_owned()),
            parts: Vec::new(),
            ..ready.clone()
        };
        vec![ready, unready]
    }
}

pub(super) async fn access(ctx: Ctx) -> Answer {
    let own = ctx.caller().agency;
    // Any agency but one's own stands for all the others: policies know no agency by name.
    let other = AgencyId::parse("agency_00000000000000000000000000").ok();
    let purpose = ctx.purpose();
    let says = |action, owner| allowed(ctx.app.access(), action, ctx.caller(), &purpose, owner);
    let parts = ctx.app.capabilities().iter();
    let parts = parts.filter(|capability| !capability.actions.is_empty());
    ctx.page(&AccessPage {
        role: ctx.who().role.clone(),
        purpose: ctx.purpose_code().title.clone(),
        not_ready: ctx.who().not_ready.clone(),
        parts: parts
            .map(|capability| Part {
                id: capability.name.to_owned(),
                title: capability.title.to_owned(),
                actions: capability
                    .actions
                    .iter()
                    .map(|action| ActionLine {
                        about: sentence(action.about),
                        own: says(*action, own),
                        other: says(*action, other),
                        partnership: says(*action, None),
                    })
                    .collect(),
            })
            .collect(),
    })
}
