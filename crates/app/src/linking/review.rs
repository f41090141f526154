//! The queue: pairs of records of which somebody must say whether they are one child.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use clearpicture_access::Permit;
use clearpicture_kernel::{PersonId, SubjectId, TypedId as _};
use clearpicture_linkage::children::{Attention, Comparison, Held, Written};
use serde::{Deserialize, Serialize};

use super::pages::source_names;
use super::quality::{QUALITY, SeeLinkSample};
use super::question::{SeeLinkQuestion, Stake, why};
use super::store::{asked_about, tables::question, waiting};
use super::types::SeeLinkDecision;
use crate::persons::{self, Known, SeePerson};
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Page, Pagination, Scoped};

/// What looking at one pair takes, as far as nobody has measured it: for saying how much work is left.
const MINUTES_EACH: u64 = 4;

pub(super) const QUEUE: (&str, &str) = ("Links to check", "/links");

/// The pairs that wait.
#[derive(Debug, Clone, Serialize)]
pub(super) struct QueuePage {
    /// Whether they are those of one child alone.
    of_child: bool,
    questions: Vec<QuestionLine>,
    list: Pagination,
    left: String,
    actions: Vec<Link>,
}

/// One pair.
#[derive(Debug, Clone, Serialize)]
struct QuestionLine {
    href: String,
    one: Side,
    other: Side,
    why: &'static str,
    joined: bool,
    stake: &'static str,
    tone: &'static str,
    asked: bool,
}

/// One record of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Side {
    name: String,
    born: String,
    source: String,
}

impl Page for QueuePage {
    const TEMPLATE: &'static str = "linking/queue.html";

    fn title(&self) -> String {
        match self.of_child {
            true => "Who else this may be".to_owned(),
            false => QUEUE.0.to_owned(),
        }
    }

    fn samples() -> Vec<Self> {
        let side = |name: &str, source: &str| Side {
            name: name.to_owned(),
            born: "3 May 2011".to_owned(),
            source: source.to_owned(),
        };
        let line = QuestionLine {
            href: "/links/person_1?a=subject_1&b=subject_2".to_owned(),
            one: side(
                "Ada <Okafor>",
                "Involvement of children's social care, row 12",
            ),
            other: side("Aida Okafor", "Involvement of schools, row 4"),
            why: Attention::NamesAlike.words(),
            joined: true,
            stake: Stake::Harm.words(),
            tone: "breach",
            asked: false,
        };
        let apart = QuestionLine {
            joined: false,
            why: Held::TwoChildren.words(),
            stake: Stake::Record.words(),
            tone: "neutral",
            asked: true,
            other: Side {
                name: String::new(),
                ..line.other.clone()
            },
            ..line.clone()
        };
        let child = Self {
            of_child: true,
            questions: vec![apart.clone()],
            list: Pagination::of(1, 1),
            left: left(1),
            actions: Vec::new(),
        };
        let nobody = Self {
            questions: Vec::new(),
            list: Pagination::of(1, 0),
            left: left(0),
            ..child.clone()
        };
        vec![
            child,
            nobody,
            Self {
                of_child: false,
                questions: vec![line, apart],
                list: Pagination::of(2, 120),
                left: left(120),
                actions: quality_link(),
            },
            Self {
                of_child: false,
                questions: Vec::new(),
                list: Pagination::of(1, 0),
                left: left(0),
                actions: Vec::new(),
            },
        ]
    }
}

/// Which page of the queue.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    page: u64,
}

/// `GET /links`
pub(super) async fn list(
    Scoped { ctx, .. }: Scoped<SeeLinkDecision>,
    Query(which): Query<Which>,
) -> Answer {
    ctx.page(&page(&ctx, None, which.page).await?)
}

/// The pairs that wait of the child of `permit`: who else this may be.
pub(super) async fn of_child(ctx: &Ctx, permit: &Permit<SeePerson>) -> Answer {
    let person = ctx.store().load(permit).await?;
    let href = format!("/children/{}", permit.resource().id);
    let page = page(ctx, Some(&person.members), 1).await?;
    ctx.page_under(&page, &[("The child's picture", &href)])
}

async fn page(
    ctx: &Ctx,
    about: Option<&BTreeSet<SubjectId>>,
    page: u64,
) -> Result<QueuePage, Failure> {
    let store = ctx.store();
    let scope = ctx.scope::<SeeLinkQuestion>().await?;
    let seen = ctx.scope::<SeePerson>().await?;
    store.note_list(&seen, "links").await?;
    let (rows, list) = waiting(store, &scope, &seen, about, page).await?;
    let mut pairs = Vec::with_capacity(rows.len());
    for row in &rows {
        pairs.push((subject(&row.a)?, subject(&row.b)?));
    }
    let subjects: BTreeSet<SubjectId> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let known = persons::known_subjects(store, &seen, &subjects).await?;
    let sources = source_names(ctx, &known).await?;
    let known: BTreeMap<SubjectId, &Known> =
        known.iter().map(|one| (one.subject.id, one)).collect();
    let persons = persons::persons_of(store, &seen, &subjects).await?;
    let asked = asked_about(ctx, &pairs).await?;
    let side = |id: &SubjectId| Side::of(known.get(id).copied(), sources.get(id));
    let line = |(row, (a, b)): (&question::Model, &(SubjectId, SubjectId))| {
        let person = persons.get(a)?;
        Some(QuestionLine {
            href: href(person, *a, *b),
            one: side(a),
            other: side(b),
            why: why(&row.because),
            joined: row.joined,
            stake: Stake::ranked(row.stake).words(),
            tone: Stake::ranked(row.stake).tone(),
            asked: asked.contains(&(*a, *b)),
        })
    };
    let questions = rows.iter().zip(&pairs).filter_map(line).collect();
    Ok(QueuePage {
        of_child: about.is_some(),
        questions,
        left: left(list.total),
        list,
        actions: match about.is_none() && ctx.may::<SeeLinkSample>(None) {
            true => quality_link(),
            false => Vec::new(),
        },
    })
}

fn quality_link() -> Vec<Link> {
    let (title, href) = QUALITY;
    vec![Link {
        title: title.to_owned(),
        href: href.to_owned(),
    }]
}

/// Where a pair is decided about, from the person of one of them.
pub(super) fn href(person: &PersonId, a: SubjectId, b: SubjectId) -> String {
    format!("/links/{person}?a={a}&b={b}")
}

pub(super) fn subject(text: &str) -> Result<SubjectId, Failure> {
    SubjectId::parse(text).map_err(|error| Failure::Fault(error.to_string()))
}

/// How much work that is.
fn left(questions: u64) -> String {
    match questions * MINUTES_EACH {
        0 => String::new(),
        minutes @ 1..60 => format!("about {minutes} minutes of work, at four minutes each"),
        minutes => format!(
            "about {} hours of work, at four minutes each",
            minutes.div_ceil(60)
        ),
    }
}

impl Side {
    fn of(known: Option<&Known>, source: Option<&String>) -> Self {
        let written = known.map(|known| Written::of(known.facts()));
        let value = |of| written.as_ref().and_then(|written| written.value(of));
        let names = [value(Comparison::Given), value(Comparison::Family)];
        let names: Vec<String> = names.into_iter().flatten().collect();
        Self {
            name: names.join(" "),
            born: value(Comparison::Born).unwrap_or_default(),
            source: source.cloned().unwrap_or_default(),
        }
    }
}
