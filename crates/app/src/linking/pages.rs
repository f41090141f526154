//! Why these are one child, and parting what was joined wrongly.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::{Passage, SubjectId, TypedId as _};
use clearpicture_linkage::Level;
use clearpicture_linkage::children::{
    self, Attention, Comparison, Explanation, Model, Outcome, RecordIndex, Standing as Linkage,
    Written, explain,
};
use serde::{Deserialize, Serialize};

use super::follow::Followed;
use super::pair;
use super::part;
use super::review::href;
use super::store::{Evidence, evidence};
use crate::agencies;
use crate::persons::{self, Known, PartPerson, Person, SeePerson, SeeProtection, Standing};
use crate::shell::form::{Choice, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted};

const ABOVE: [(&str, &str); 1] = [("Children", "/children")];

/// Why several sources' records are taken for one child.
#[derive(Debug, Clone, Serialize)]
pub(super) struct WhyPage {
    id: String,
    version: u32,
    standing: String,
    checked: bool,
    doubts: Vec<&'static str>,
    links: Vec<LinkShown>,
    may_part: bool,
    choices: Vec<Choice>,
    reason: String,
    errors: Errors,
}

/// One link, explained.
#[derive(Debug, Clone, Serialize)]
struct LinkShown {
    /// Where the two are looked at side by side.
    href: String,
    one: String,
    other: String,
    agreement: String,
    would_change: String,
    evidence: Vec<EvidenceShown>,
    start: String,
    total: String,
}

/// What one comparison says for or against.
#[derive(Debug, Clone, Serialize)]
struct EvidenceShown {
    of: &'static str,
    level: &'static str,
    bits: String,
    speaks_for: bool,
}

impl Page for WhyPage {
    const TEMPLATE: &'static str = "linking/why.html";

    fn title(&self) -> String {
        "Why these are one child".to_owned()
    }

    fn samples() -> Vec<Self> {
        let source = |subject: &str, name: &str| Choice::new(subject, name, "");
        let link = LinkShown {
            href: "/links/person_1?a=subject_1&b=subject_2".to_owned(),
            one: "Involvement of children's social care, Northwater Council, record 12".to_owned(),
            other: "Involvement of schools, Northwater <Schools>, record 4".to_owned(),
            agreement: "The given names are alike: Leanne and Leane. Everything else agrees."
                .to_owned(),
            would_change: "If either source told of both names, they would not be joined."
                .to_owned(),
            evidence: vec![
                EvidenceShown {
                    of: noun(Comparison::Family),
                    level: Level::Same.words(),
                    bits: bits(8_200),
                    speaks_for: true,
                },
                EvidenceShown {
                    of: noun(Comparison::Given),
                    level: Level::Different.words(),
                    bits: bits(-4_100),
                    speaks_for: false,
                },
            ],
            start: bits(-13_000),
            total: bits(22_000),
        };
        let full = Self {
            id: "person_1".to_owned(),
            version: 2,
            standing: "Joined by the system, and somebody must look".to_owned(),
            checked: false,
            doubts: vec![Attention::NamesAlike.words()],
            links: vec![link],
            may_part: true,
            choices: vec![source("subject_1", "One"), source("subject_2", "Other")],
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut refused = full.clone();
        refused
            .errors
            .add("subject", "Choose the record that is someone else's");
        refused.errors.add("reason", "Say why");
        let alone = Self {
            standing: Standing::Alone.words(),
            doubts: Vec::new(),
            links: Vec::new(),
            may_part: false,
            choices: vec![source("subject_1", "One")],
            ..full.clone()
        };
        let checked = Self {
            checked: true,
            may_part: false,
            ..full.clone()
        };
        vec![full, refused, alone, checked]
    }
}

/// A parting as typed.
#[derive(Debug, Deserialize)]
pub(super) struct PartForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    subject: String,
    reason: String,
}

/// `GET /children/{id}/why`
pub(super) async fn why(at: Permitted<SeePerson>) -> Answer {
    let page = page(&at, "").await?;
    at.ctx.page_under(&page, &ABOVE)
}

/// `POST /children/{id}/why`
pub(super) async fn part(at: Permitted<PartPerson>, Posted(form): Posted<PartForm>) -> Answer {
    let ctx = &at.ctx;
    if form.version != at.permit.resource().version {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let subject =
        SubjectId::parse(&form.subject).map_err(|_| "choose the record that is someone else's");
    let subject = errors.take("subject", "Record", subject);
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let (Some(subject), Some(reason)) = (subject, reason) else {
        let seen = Permitted {
            ctx: ctx.clone(),
            id: at.id,
            permit: ctx.permit::<SeePerson>(&at.id).await?,
        };
        let page = WhyPage {
            reason: form.reason,
            errors,
            ..page(&seen, &form.subject).await?
        };
        return ctx.page_under(&page, &ABOVE);
    };
    let (followed, pair) = part::part(ctx, &at.permit, at.id, subject, &reason).await?;
    let result = pair::after(ctx, at.id, pair).await?;
    ctx.done(&result, parted_notice(followed)).await
}

/// What whoever parted records is told, where that can be taken back.
pub(super) const fn parted_notice(followed: Followed) -> &'static str {
    match (followed.at_once, followed.breach) {
        (true, true) => {
            "They are two children again, and no run will join them. Others had opened the joined picture: a link below leads to who. The information governance lead has 72 hours from now to assess whether it was a breach; tell them today. If it was a mistake, take it back below."
        }
        (true, false) => {
            "They are two children again, and no run will join them. Nobody but you had opened the joined picture, so that no breach is to be assessed. If it was a mistake, take it back below."
        }
        (false, true) => {
            "Your decision is kept, and the picture follows within minutes. Others had opened the joined picture: a link below leads to who. The information governance lead has 72 hours from now to assess whether it was a breach; tell them today. If it was a mistake, take it back below."
        }
        (false, false) => {
            "Your decision is kept, and the picture follows within minutes. Nobody but you had opened the joined picture, so that no breach is to be assessed."
        }
    }
}

async fn page(at: &Permitted<SeePerson>, chosen: &str) -> Result<WhyPage, Failure> {
    let ctx = &at.ctx;
    let store = ctx.store();
    let person = store.load(&at.permit).await?;
    let keeper = ctx.scope::<SeeProtection>().await?;
    let known = persons::known_to(store, &at.permit, &keeper, &person.members).await?;
    let names = source_names(ctx, &known).await?;
    let told: BTreeMap<SubjectId, &Known> = known
        .iter()
        .map(|known| (known.subject.id, known))
        .collect();
    let doubts = doubts(&person);
    let mut links = Vec::new();
    let model = &ctx.app.practice().linkage;
    for found in evidence(store, &at.permit, &person.members).await? {
        if let (Some(one), Some(other)) = (told.get(&found.a), told.get(&found.b)) {
            let found = match one.withheld || other.withheld {
                true => found.without_place(),
                false => found,
            };
            let words = explained(&found, one, other, &doubts, model);
            links.push(LinkShown {
                href: href(&at.id, found.a, found.b),
                one: names.get(&found.a).cloned().unwrap_or_default(),
                other: names.get(&found.b).cloned().unwrap_or_default(),
                agreement: words.agreement,
                would_change: words.would_change.to_owned(),
                evidence: shown(&found.parts),
                start: bits(words.prior),
                total: bits(found.weight),
            });
        }
    }
    let resource = at.permit.resource();
    let may_part =
        person.members.len() > 1 && ctx.may_with::<PartPerson>(&resource.class, resource.grants);
    let choices = person.members.iter().map(|subject| {
        let name = names.get(subject).map_or("", String::as_str);
        Choice::new(subject.to_string(), name, chosen)
    });
    Ok(WhyPage {
        id: at.id.to_string(),
        version: resource.version,
        standing: person.standing.words(),
        checked: matches!(person.standing, Standing::Joined { checked: true, .. }),
        doubts: doubts.iter().map(|doubt| doubt.words()).collect(),
        links,
        may_part,
        choices: choices.collect(),
        reason: String::new(),
        errors: Errors::default(),
    })
}

fn doubts(person: &Person) -> BTreeSet<Attention> {
    match &person.standing {
        Standing::Joined { doubts, .. } => doubts
            .iter()
            .filter_map(|code| Attention::parse(code.as_str()))
            .collect(),
        Standing::Alone | Standing::Empty { .. } => BTreeSet::new(),
    }
}

/// What each subject's record is called: the source and the agency that last told of them, and which record of its file
/// that was where two would be called the same.
pub(super) async fn source_names(
    ctx: &Ctx,
    known: &[Known],
) -> Result<BTreeMap<SubjectId, String>, Failure> {
    let names = agencies::names(ctx.store()).await?;
    let of_no_school = agencies::names_of_no_school(ctx.store()).await?;
    let named = |known: &Known| {
        let agencies = if known.withheld {
            &of_no_school
        } else {
            &names
        };
        let telling = known.tellings.last()?;
        let source = ctx.app.practice().source_title(telling.source.as_str());
        let agency = agencies.get(&telling.agency).map_or("", String::as_str);
        Some((known.subject.id, format!("{source}, {agency}"), telling.row))
    };
    let named: Vec<(SubjectId, String, u64)> = known.iter().filter_map(named).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, name, _) in &named {
        *times.entry(name).or_default() += 1;
    }
    let told_apart = named.iter().map(|(id, name, row)| {
        let is_alone = times.get(name.as_str()) == Some(&1);
        let name = match is_alone {
            true => name.clone(),
            false => format!("{name}, record {row} of its file"),
        };
        (*id, name)
    });
    Ok(told_apart.collect())
}

fn explained(
    found: &Evidence,
    one: &Known,
    other: &Known,
    doubts: &BTreeSet<Attention>,
    model: &Model,
) -> Explanation {
    let evidence = children::Evidence {
        a: RecordIndex(0),
        b: RecordIndex(1),
        parts: found.parts.clone(),
        weight: found.weight,
    };
    let standing = if doubts.is_empty() {
        Linkage::Settled
    } else {
        Linkage::NeedsAttention(doubts.clone())
    };
    let written = (&Written::of(one.facts()), &Written::of(other.facts()));
    explain(&evidence, Outcome::Joined(&standing), model, Some(written))
}

fn shown(parts: &[(String, Level, i32)]) -> Vec<EvidenceShown> {
    parts
        .iter()
        .filter(|(_, level, _)| *level != Level::NotTold)
        .map(|(column, level, weight)| EvidenceShown {
            of: noun(Comparison::of(column)),
            level: level.words(),
            bits: bits(*weight),
            speaks_for: *weight >= 0,
        })
        .collect()
}

/// Thousandths of a bit as a reader adds them up: `+8.2`.
pub(super) fn bits(thousandths: i32) -> String {
    let tenths = (thousandths.abs() + 50) / 100;
    let sign = if thousandths < 0 { '−' } else { '+' };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

pub(super) const fn noun(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Given => "Given names",
        Comparison::Family => "Family name",
        Comparison::Born => "Date of birth",
        Comparison::Sex => "Sex",
        Comparison::Address => "Address",
        Comparison::Identifier => "Shared number",
    }
}
