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
use super::store::{Which, asked_about, count_waiting, tables::question, waiting};
use super::types::SeeLinkDecision;
use crate::agencies;
use crate::persons::{self, Known, SeePerson, SeeProtection};
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Page, Pagination, Scoped};

/// What looking at one pair takes, as far as nobody has measured it: for saying how much work is left.
const MINUTES_EACH: u64 = 4;

const ASKED_OF_US: &str = "/links?asked=us";

pub(super) const QUEUE: (&str, &str) = ("Links to check", "/links");

/// The pairs that wait.
#[derive(Debug, Clone, Serialize)]
pub(super) struct QueuePage {
    /// Whether they are those of one child alone.
    of_child: bool,
    questions: Vec<QuestionLine>,
    list: Pagination,
    left: String,
    /// Whether they are those alone that the reader's agency is asked.
    asked: bool,
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
    /// Who is asked, if somebody asks.
    asked: String,
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
        let title = match (self.of_child, self.asked) {
            (true, _) => "Who else this may be",
            (false, true) => "Links your agency is asked about",
            (false, false) => QUEUE.0,
        };
        title.to_owned()
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
                "Involvement of children's social care, record 12",
            ),
            other: side("Aida Okafor", "Involvement of schools, record 4"),
            why: Attention::NamesAlike.words(),
            joined: true,
            stake: Stake::Harm.words(),
            tone: "breach",
            asked: String::new(),
        };
        let apart = QuestionLine {
            joined: false,
            why: Held::TwoChildren.words(),
            stake: Stake::Record.words(),
            tone: "neutral",
            asked: "your agency is asked".to_owned(),
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
            asked: false,
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
                asked: false,
                actions: vec![asked_link(2), quality_link()],
            },
            Self {
                of_child: false,
                questions: Vec::new(),
                list: Pagination::of(1, 0),
                left: left(0),
                asked: true,
                actions: vec![all_link()],
            },
            Self {
                of_child: false,
                questions: Vec::new(),
                list: Pagination::of(1, 0),
                left: left(0),
                asked: false,
                actions: Vec::new(),
            },
        ]
    }
}

/// Which page of the queue.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: u64,
    /// `us` for those alone that the reader's agency is asked.
    #[serde(default)]
    asked: String,
}

/// `GET /links`
pub(super) async fn list(
    Scoped { ctx, .. }: Scoped<SeeLinkDecision>,
    Query(asked): Query<Asked>,
) -> Answer {
    let agency = ctx.caller().agency;
    let which = match (asked.asked.as_str(), agency) {
        ("us", Some(agency)) => Which::AskedOf(agency),
        _ => Which::All,
    };
    ctx.page(&page(&ctx, which, asked.page).await?)
}

/// The pairs that wait of the child of `permit`: who else this may be.
pub(super) async fn of_child(ctx: &Ctx, permit: &Permit<SeePerson>) -> Answer {
    let person = ctx.store().load(permit).await?;
    let href = format!("/children/{}", permit.resource().id);
    let mut page = page(ctx, Which::About(&person.members), 1).await?;
    page.hold(ctx, &person.members).await?;
    ctx.page_under(&page, &[("The child's picture", &href)])
}

async fn page(ctx: &Ctx, which: Which<'_>, page: u64) -> Result<QueuePage, Failure> {
    let store = ctx.store();
    let scope = ctx.scope::<SeeLinkQuestion>().await?;
    let seen = ctx.scope::<SeePerson>().await?;
    store.note_list(&seen, "links").await?;
    let (rows, list) = waiting(store, &scope, &seen, which, page).await?;
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
    let names = agencies::names(store).await?;
    let of_no_school = agencies::names_of_no_school(store).await?;
    let own = ctx.caller().agency;
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
            asked: match asked.get(&(*a, *b)) {
                None => String::new(),
                Some(None) => "somebody asks".to_owned(),
                Some(Some(agency)) if own == Some(*agency) => "your agency is asked".to_owned(),
                Some(Some(agency)) => {
                    let withheld = [a, b].map(|id| known.get(id).is_none_or(|one| one.withheld));
                    let names = match withheld.contains(&true) {
                        true => &of_no_school,
                        false => &names,
                    };
                    format!(
                        "{} is asked",
                        names.get(agency).map_or("an agency", String::as_str)
                    )
                }
            },
        })
    };
    let questions = rows.iter().zip(&pairs).filter_map(line).collect();
    let mut actions = Vec::new();
    match (which, own) {
        (Which::All, Some(own)) => {
            let asked = Which::AskedOf(own);
            let asked = count_waiting(store, &scope, &seen, asked).await?;
            actions.extend((asked > 0).then(|| asked_link(asked)));
        }
        (Which::AskedOf(_), _) => actions.push(all_link()),
        (Which::All | Which::About(_), _) => {}
    }
    if matches!(which, Which::All) && ctx.may::<SeeLinkSample>(None) {
        actions.push(quality_link());
    }
    Ok(QueuePage {
        of_child: matches!(which, Which::About(_)),
        asked: matches!(which, Which::AskedOf(_)),
        questions,
        left: left(list.total),
        list,
        actions,
    })
}

impl QueuePage {
    /// Puts first, for a keeper, who may be one child with one of these, since somebody is protected.
    async fn hold(&mut self, ctx: &Ctx, members: &BTreeSet<SubjectId>) -> Result<(), Failure> {
        let keeper = ctx.scope::<SeeProtection>().await?;
        let seen = ctx.scope::<SeePerson>().await?;
        let held = persons::held_beside(ctx.store(), &keeper, &seen, members).await?;
        let pairs = held.iter().filter_map(|one| {
            let whom = one.may_be?;
            Some((one.subject.min(whom), one.subject.max(whom)))
        });
        let pairs: BTreeSet<(SubjectId, SubjectId)> = pairs.collect();
        let all: BTreeSet<SubjectId> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let known = persons::known_subjects(ctx.store(), &seen, &all).await?;
        let sources = source_names(ctx, &known).await?;
        let known: BTreeMap<SubjectId, &Known> =
            known.iter().map(|one| (one.subject.id, one)).collect();
        let of = persons::persons_of(ctx.store(), &seen, &all).await?;
        let side = |id: &SubjectId| Side::of(known.get(id).copied(), sources.get(id));
        let lines = pairs.iter().filter_map(|(a, b)| {
            Some(QuestionLine {
                href: href(of.get(a)?, *a, *b),
                one: side(a),
                other: side(b),
                why: "one of them is protected, and the other may be the same child",
                joined: false,
                stake: "where a child is",
                tone: "breach",
                asked: String::new(),
            })
        });
        let lines: Vec<QuestionLine> = lines.collect();
        if !lines.is_empty() {
            self.list = Pagination::of(1, self.list.total + lines.len() as u64);
            self.left = left(self.list.total);
            self.questions.splice(0..0, lines);
        }
        Ok(())
    }
}

fn link((title, href): (&str, &str)) -> Link {
    Link {
        title: title.to_owned(),
        href: href.to_owned(),
    }
}

fn quality_link() -> Link {
    link(QUALITY)
}

fn all_link() -> Link {
    link(("All pairs that wait", QUEUE.1))
}

/// To the pairs that the reader's agency is asked.
fn asked_link(pairs: u64) -> Link {
    link((&format!("Asked of your agency ({pairs})"), ASKED_OF_US))
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
