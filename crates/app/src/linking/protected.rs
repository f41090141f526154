//! Protected children, to keepers alone: each beside whoever may be the same child, and the lifting of a protection.
//!
//! Whether two are one child is decided where every pair is, side by side. What a keeper decides here reaches everybody: "two
//! children" shows again where the other is, "one child" makes of both one protected person.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_kernel::{Passage, PersonId, SubjectId};
use clearpicture_linkage::children::{Comparison, Written};
use serde::{Deserialize, Serialize};

use super::follow::{Decided, keep};
use super::pages::{bits, source_names};
use super::review::href;
use crate::persons::{
    self, Because, Known, LiftProtection, Protection, ProtectionId, ProtectionRow, SeePerson,
    SeeProtection,
};
use crate::shell::form::{not_taken, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped};

/// Where protected children stand.
pub(super) const LIST: (&str, &str) = ("Protected children", "/protected");

/// Who is protected, and who may be one of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ProtectedPage {
    children: Vec<ChildShown>,
    list: Pagination,
}

/// Somebody protected, beside whoever may be the same child.
#[derive(Debug, Clone, Serialize)]
struct ChildShown {
    one: Side,
    lift: String,
    others: Vec<OtherShown>,
}

/// Somebody who may be one who is protected.
#[derive(Debug, Clone, Serialize)]
struct OtherShown {
    side: Side,
    weight: String,
    pair: String,
}

/// What tells who one of them is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Side {
    href: String,
    name: String,
    born: String,
    address: String,
    sources: Vec<String>,
}

impl Page for ProtectedPage {
    const TEMPLATE: &'static str = "linking/protected.html";

    fn title(&self) -> String {
        LIST.0.to_owned()
    }

    fn samples() -> Vec<Self> {
        let side = |name: &str, address: &str| Side {
            href: "/children/person_1".to_owned(),
            name: name.to_owned(),
            born: "3 May 2011".to_owned(),
            address: address.to_owned(),
            sources: vec!["Patients (FHIR R4), Northwater <Health>, record 12".to_owned()],
        };
        let child = |others| ChildShown {
            one: side("Ada <Okafor>", ""),
            lift: "/protected/protection_1".to_owned(),
            others,
        };
        let other = OtherShown {
            side: side("Aida Okafor", "1 Mill Lane, Fenby"),
            weight: bits(18_400),
            pair: "/links/person_2?a=subject_1&b=subject_2".to_owned(),
        };
        vec![
            Self {
                children: vec![
                    child(vec![other.clone(), other.clone()]),
                    child(vec![other]),
                    child(Vec::new()),
                ],
                list: Pagination::of(1, 2),
            },
            Self {
                children: Vec::new(),
                list: Pagination::of(1, 0),
            },
        ]
    }
}

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: u64,
}

/// `GET /protected`
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeProtection>,
    Query(asked): Query<Asked>,
) -> Answer {
    let seen = ctx.scope::<SeePerson>().await?;
    ctx.store().note_list(&seen, "protected").await?;
    let (rows, list) = persons::protected(ctx.store(), &scope, &seen, asked.page).await?;
    let own: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let mut held = persons::held_beside(ctx.store(), &scope, &seen, &own).await?;
    held.retain(|one| one.may_be.is_some_and(|whom| own.contains(&whom)));
    let others = held.iter().map(|one| one.subject);
    let all: BTreeSet<SubjectId> = own.iter().copied().chain(others).collect();
    let told = Told::of(&ctx, &all).await?;
    let children = rows.iter().map(|row| ChildShown {
        one: told.side(&[row.subject]),
        lift: lift_href(&row.id),
        others: told.others(row.subject, &held),
    });
    let children = children.collect();
    ctx.page(&ProtectedPage { children, list })
}

/// Where a protection is lifted.
fn lift_href(id: &ProtectionId) -> String {
    format!("{}/{id}", LIST.1)
}

/// What tells who some subjects are, to a keeper.
struct Told {
    known: BTreeMap<SubjectId, Known>,
    sources: BTreeMap<SubjectId, String>,
    persons: BTreeMap<SubjectId, PersonId>,
}

impl Told {
    async fn of(ctx: &Ctx, all: &BTreeSet<SubjectId>) -> Result<Self, Failure> {
        let keeper = ctx.scope::<SeeProtection>().await?;
        let seen = ctx.scope::<SeePerson>().await?;
        let known = persons::known_subjects_to(ctx.store(), &seen, &keeper, all).await?;
        Ok(Self {
            sources: source_names(ctx, &known).await?,
            persons: persons::persons_of(ctx.store(), &seen, all).await?,
            known: known.into_iter().map(|one| (one.subject.id, one)).collect(),
        })
    }

    /// What is told of one child as these subjects, the likeliest first.
    fn side(&self, subjects: &[SubjectId]) -> Side {
        let known: Vec<&Known> = subjects
            .iter()
            .filter_map(|one| self.known.get(one))
            .collect();
        let value = |of: &[Comparison]| {
            let mut all: Vec<String> = Vec::new();
            for known in &known {
                let written = Written::of(known.facts());
                let words: Vec<String> = of.iter().filter_map(|one| written.value(*one)).collect();
                let words = words.join(" ");
                if !words.is_empty() && !all.contains(&words) {
                    all.push(words);
                }
            }
            all.join(" or ")
        };
        let person = subjects.first().and_then(|one| self.persons.get(one));
        Side {
            href: person.map_or(String::new(), |id| format!("/children/{id}")),
            name: value(&[Comparison::Given, Comparison::Family]),
            born: value(&[Comparison::Born]),
            address: value(&[Comparison::Address]),
            sources: subjects
                .iter()
                .filter_map(|one| self.sources.get(one).cloned())
                .collect(),
        }
    }

    /// Whoever may be one who is protected, each child once, the likeliest first.
    fn others(&self, whom: SubjectId, held: &[ProtectionRow]) -> Vec<OtherShown> {
        let mut by_person: Vec<(Option<&PersonId>, Vec<&ProtectionRow>)> = Vec::new();
        for row in held.iter().filter(|row| row.may_be == Some(whom)) {
            let person = self.persons.get(&row.subject);
            match by_person.iter_mut().find(|(known, _)| *known == person) {
                Some((_, rows)) => rows.push(row),
                None => by_person.push((person, vec![row])),
            }
        }
        let other = |(person, rows): (Option<&PersonId>, Vec<&ProtectionRow>)| {
            let (person, best) = (person?, rows.first()?);
            let subjects: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
            let (a, b) = (best.subject.min(whom), best.subject.max(whom));
            Some(OtherShown {
                side: self.side(&subjects),
                weight: bits(i32::try_from(best.weight).unwrap_or_default()),
                pair: href(person, a, b),
            })
        };
        by_person.into_iter().filter_map(other).collect()
    }
}

/// The form that lifts a protection.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LiftPage {
    action: String,
    version: u32,
    one: Side,
    /// Whether it is one that is lifted here, and is in force.
    open: bool,
    /// Whether it is so since they may be somebody who is protected.
    may_be: bool,
    reason: String,
    errors: Errors,
}

impl Page for LiftPage {
    const TEMPLATE: &'static str = "linking/lift.html";

    fn title(&self) -> String {
        match self.open {
            true => "Lift a protection",
            false => "A protection",
        }
        .to_owned()
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            action: "/protected/protection_1".to_owned(),
            version: 1,
            one: Side {
                href: "/children/person_1".to_owned(),
                name: "Ada <Okafor>".to_owned(),
                born: "3 May 2011".to_owned(),
                address: String::new(),
                sources: vec!["Patients (FHIR R4), Northwater Health, record 12".to_owned()],
            },
            open: true,
            may_be: false,
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut wrong = clean.clone();
        wrong.errors.add("reason", "Why: this is empty");
        let shut = |may_be| Self {
            open: false,
            may_be,
            ..clean.clone()
        };
        vec![shut(true), shut(false), clean, wrong]
    }
}

/// The lifting of a protection as typed.
#[derive(Debug, Deserialize)]
pub(super) struct LiftForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    reason: String,
}

/// `GET /protected/{id}`
pub(super) async fn ask(at: Permitted<LiftProtection>) -> Answer {
    let protection = load(&at).await?;
    let page = lift_page(&at, &protection).await?;
    at.ctx.page_under(&page, &[LIST])
}

/// `POST /protected/{id}`
pub(super) async fn lift(at: Permitted<LiftProtection>, Posted(form): Posted<LiftForm>) -> Answer {
    let ctx = &at.ctx;
    let protection = load(&at).await?;
    if !is_lifted_here(&protection) {
        return Err(Failure::NotFound);
    }
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let Some(reason) = errors.take("reason", "Why", Passage::parse(&form.reason)) else {
        let page = LiftPage {
            reason: form.reason,
            errors,
            ..lift_page(&at, &protection).await?
        };
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &[LIST]),
        );
    };
    let lifted = Protection {
        in_force: false,
        ..protection
    };
    let change = ctx
        .store()
        .prepare_change(&at.permit, &lifted, Some(&reason));
    let decided = Decided::now(ctx, BTreeSet::from([protection.subject]));
    keep(ctx, vec![change.await?], &[], &decided).await?;
    ctx.done(
        LIST.1,
        "The protection is lifted: the child is there for everyone whose role allows it, and is linked as every other.",
    )
    .await
}

/// A protection of somebody whom the reader may know of.
async fn load(at: &Permitted<LiftProtection>) -> Result<Protection, Failure> {
    let protection = at.ctx.store().load(&at.permit).await?;
    let seen = at.ctx.scope::<SeePerson>().await?;
    let subject = BTreeSet::from([protection.subject]);
    let persons = persons::persons_of(at.ctx.store(), &seen, &subject).await?;
    for person in persons.values() {
        at.ctx.permit::<SeePerson>(person).await?;
    }
    Ok(protection)
}

/// Whoever may be another is decided about beside them.
fn is_lifted_here(protection: &Protection) -> bool {
    protection.in_force && protection.because == Because::Told
}

async fn lift_page(
    at: &Permitted<LiftProtection>,
    protection: &Protection,
) -> Result<LiftPage, Failure> {
    let told = Told::of(&at.ctx, &BTreeSet::from([protection.subject])).await?;
    Ok(LiftPage {
        action: lift_href(&at.id),
        version: at.permit.resource().version,
        one: told.side(&[protection.subject]),
        open: is_lifted_here(protection),
        may_be: protection.in_force && protection.because.whom().is_some(),
        reason: String::new(),
        errors: Errors::default(),
    })
}
