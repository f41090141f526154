//! A record's history as the page tells it.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_store::{Author, Said};
use serde::Serialize;

use super::rules::{self, Step};
use super::samples;
use crate::shell::differences::Difference;
use crate::shell::{Ctx, DayTyped, Errors, Names, Page, Pagination};
use crate::words;

/// What was read of a record's history.
pub(super) struct Told {
    /// Everyone who ever changed it.
    pub(super) authors: BTreeSet<Author>,
    /// Whose changes are wanted; empty for everyone's.
    pub(super) person: String,
    /// Changes of which field are wanted; empty for all.
    pub(super) field: String,
    /// How many of the newest changes were looked through, when not all were.
    pub(super) searched: Option<u64>,
    /// Where the page stands in the whole.
    pub(super) list: Pagination,
    /// The changes of the page.
    pub(super) steps: Vec<Step>,
}

impl Told {
    /// Everything in which ids may stand.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let lines = self.steps.iter().flat_map(|step| &step.differences);
        let said = lines.flat_map(|line| [line.before.as_str(), line.after.as_str()]);
        let authors = self.authors.iter();
        said.chain(authors.flat_map(|author| [author.actor.as_str(), author.agency.as_str()]))
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HistoryPage {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) withheld: bool,
    pub(super) people: Vec<Choice>,
    pub(super) fields: Vec<Choice>,
    pub(super) chosen: Vec<Chosen>,
    pub(super) entries: Vec<EntryShown>,
    pub(super) list: Pagination,
    pub(super) pages_href: String,
    /// How many of the newest changes were looked through, when not all were.
    pub(super) searched: Option<u64>,
    pub(super) day: DayTyped,
    pub(super) known: Option<Known>,
    pub(super) errors: Errors,
}

/// One thing to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) selected: bool,
}

/// A filter that is on, and the button that takes it away.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Chosen {
    pub(super) text: String,
    pub(super) value: String,
}

/// One change.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EntryShown {
    pub(super) title: String,
    pub(super) by: String,
    pub(super) when: String,
    pub(super) datetime: String,
    pub(super) purpose: String,
    pub(super) reason: Option<String>,
    pub(super) first: bool,
    pub(super) lines: Vec<Difference>,
}

/// What the record said at the end of a day.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Known {
    pub(super) day: String,
    pub(super) recorded: bool,
    pub(super) said: Vec<Line>,
}

impl Known {
    /// What was said then; `None` when the record was not yet there.
    pub(super) fn new(day: String, said: Option<Vec<Said>>) -> Self {
        Self {
            day,
            recorded: said.is_some(),
            said: said.into_iter().flatten().map(Line::from).collect(),
        }
    }

    /// Everything said, in which ids may stand.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.said.iter().map(|line| line.words.as_str())
    }
}

/// One thing said.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) label: String,
    pub(super) words: String,
}

impl From<Said> for Line {
    fn from(said: Said) -> Self {
        Self {
            label: said.label.to_owned(),
            words: said.words,
        }
    }
}

impl HistoryPage {
    pub(super) fn at(title: String, href: String, withheld: bool) -> Self {
        Self {
            title,
            pages_href: String::new(),
            searched: None,
            href,
            withheld,
            people: Vec::new(),
            fields: Vec::new(),
            chosen: Vec::new(),
            entries: Vec::new(),
            list: Pagination::of(1, 0),
            day: DayTyped::default(),
            known: None,
            errors: Errors::default(),
        }
    }

    /// Tells what was read, and what there is to choose from.
    pub(super) fn tell(&mut self, ctx: &Ctx, names: &Names, said: &[Said], told: Told) {
        self.people = people(&told, names);
        self.fields = fields(&told, said);
        let on = |name: &str, choices: &[Choice]| {
            choices.iter().find(|one| one.selected).map(|one| Chosen {
                text: one.text.clone(),
                value: name.to_owned(),
            })
        };
        self.chosen = [on("person", &self.people), on("field", &self.fields)]
            .into_iter()
            .flatten()
            .collect();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("person", &told.person)
            .append_pair("field", &told.field)
            .finish();
        self.pages_href = format!("{}/history?{query}&page=", self.href);
        self.searched = told.searched;
        let shown = told.steps.into_iter();
        self.entries = shown.map(|step| EntryShown::of(ctx, names, step)).collect();
        self.list = told.list;
        if let Some(known) = &mut self.known {
            for line in &mut known.said {
                line.words = names.tell(&line.words);
            }
        }
    }
}

impl EntryShown {
    fn of(ctx: &Ctx, names: &Names, step: Step) -> Self {
        let Step {
            version,
            mut differences,
        } = step;
        for one in &mut differences {
            one.before = names.tell(&one.before);
            one.after = names.tell(&one.after);
        }
        let about = ctx
            .app
            .capabilities()
            .iter()
            .flat_map(|capability| &capability.actions)
            .find(|action| action.name == version.action)
            .map_or(version.action.as_str(), |action| action.about);
        let purposes = &ctx.app.practice().purposes;
        let purpose = purposes
            .iter()
            .find(|one| one.code.as_str() == version.purpose);
        Self {
            title: words::sentence(about),
            by: rules::author(&version.author, names),
            when: words::moment(version.recorded_at),
            datetime: version.recorded_at.to_string(),
            purpose: purpose.map_or(version.purpose, |one| one.title.clone()),
            reason: version.reason,
            first: version.version == 1,
            lines: differences,
        }
    }
}

/// Everyone who made a change, by name.
fn people(told: &Told, names: &Names) -> Vec<Choice> {
    let people: BTreeMap<String, &str> = told
        .authors
        .iter()
        .map(|author| (rules::author(author, names), author.actor.as_str()))
        .collect();
    people
        .into_iter()
        .map(|(text, value)| Choice {
            selected: value == told.person,
            value: value.to_owned(),
            text,
        })
        .collect()
}

/// Everything the record tells of, by its label.
fn fields(told: &Told, said: &[Said]) -> Vec<Choice> {
    let changed = told.steps.iter().flat_map(|step| &step.differences);
    let labels: BTreeSet<&str> = changed
        .map(|one| one.label.as_str())
        .chain(said.iter().map(|said| said.label))
        .collect();
    labels
        .into_iter()
        .map(|label| Choice {
            value: label.to_owned(),
            text: label.to_owned(),
            selected: label == told.field,
        })
        .collect()
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "history/history.html";

    fn title(&self) -> String {
        "History of a record".to_owned()
    }

    fn samples() -> Vec<Self> {
        samples::pages()
    }
}
