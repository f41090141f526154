//! The page that shows a record's history.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use clearpicture_access::{Action, Permit, Resource, Sees};
use clearpicture_kernel::Date;
use clearpicture_kernel::day::{as_at_cut_off, day_of};
use clearpicture_store::{Record, Said};
use serde::{Deserialize, Serialize};

use super::rules::{self, Step};
use crate::shell::differences::Difference;
use crate::shell::page::PER_PAGE;
use crate::shell::{Answer, Ctx, DayTyped, Errors, Failure, Names, Page, Pagination, Permitted};
use crate::words;

/// A kind of record whose history has a page.
pub trait Shown: Record {
    /// What the record is called, for the heading.
    fn title(&self) -> String;

    /// Where the record's own page is.
    fn href(id: &Self::Id) -> String;

    /// The title and address of the list it stands in.
    fn list() -> (&'static str, &'static str);

    /// The labels whose words this reader may not see, though they may see the record.
    fn withheld(ctx: &Ctx, resource: &Resource) -> &'static [&'static str] {
        let _ = (ctx, resource);
        &[]
    }
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    person: String,
    field: String,
    page: u64,
    remove: String,
    #[serde(rename = "as-at")]
    as_at: String,
    day: String,
    month: String,
    year: String,
}

/// The history of the record `{id}`, whatever its kind.
///
/// # Errors
/// [`Failure`] when the caller may not see the record, or the database fails.
pub async fn show<A>(opened: Permitted<A>, Query(asked): Query<Asked>) -> Answer
where
    A: Sees,
    A::On: Shown,
{
    let Permitted { ctx, id, permit } = opened;
    let record = ctx.store().load(&permit).await?;
    let withheld = A::On::withheld(&ctx, permit.resource());
    let mut versions = ctx.store().history(&permit).await?;
    for version in &mut versions {
        version.said = rules::without(std::mem::take(&mut version.said), withheld);
    }
    let mut page = HistoryPage::at(record.title(), A::On::href(&id), !withheld.is_empty());
    page.day = DayTyped {
        day: asked.day.clone(),
        month: asked.month.clone(),
        year: asked.year.clone(),
    };
    let today = day_of(ctx.now());
    if let Some(day) = rules::day_asked(&asked.as_at, &page.day, today, &mut page.errors) {
        page.known = Some(known_on(&ctx, &permit, day, withheld).await?);
        page.day = DayTyped::of(Some(day));
    }
    let said = versions
        .iter()
        .flat_map(|version| &version.said)
        .map(|said| said.words.as_str());
    let actors = versions
        .iter()
        .flat_map(|v| [v.actor.as_str(), v.actor_agency.as_str()]);
    let names = Names::of(&ctx, said.chain(actors)).await?;
    page.tell(&ctx, &names, rules::steps(versions), &asked);
    let (title, href) = (page.title.clone(), page.href.clone());
    ctx.page_under(&page, &[A::On::list(), (&title, &href)])
}

/// What the record said at the end of `day`.
async fn known_on<A>(
    ctx: &Ctx,
    permit: &Permit<A>,
    day: Date,
    withheld: &[&str],
) -> Result<Known, Failure>
where
    A: Action,
    A::On: Record,
{
    let record = ctx.store().load_as_at(permit, as_at_cut_off(day)).await?;
    Ok(Known {
        day: words::full_day(day),
        recorded: record.is_some(),
        said: record.map_or_else(Vec::new, |record| {
            rules::without(record.say(), withheld)
                .into_iter()
                .map(Line::from)
                .collect()
        }),
    })
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HistoryPage {
    title: String,
    href: String,
    withheld: bool,
    people: Vec<Choice>,
    fields: Vec<Choice>,
    chosen: Vec<Chosen>,
    entries: Vec<EntryShown>,
    list: Pagination,
    pages_href: String,
    day: DayTyped,
    known: Option<Known>,
    errors: Errors,
}

/// One thing to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Choice {
    value: String,
    text: String,
    selected: bool,
}

/// A filter that is on, and the button that takes it away.
#[derive(Debug, Clone, Serialize)]
struct Chosen {
    text: String,
    value: String,
}

/// One change.
#[derive(Debug, Clone, Serialize)]
struct EntryShown {
    title: String,
    by: String,
    when: String,
    datetime: String,
    purpose: String,
    reason: Option<String>,
    first: bool,
    lines: Vec<Difference>,
}

/// What the record said at the end of a day.
#[derive(Debug, Clone, Serialize)]
struct Known {
    day: String,
    recorded: bool,
    said: Vec<Line>,
}

/// One thing said.
#[derive(Debug, Clone, Serialize)]
struct Line {
    label: String,
    words: String,
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
    fn at(title: String, href: String, withheld: bool) -> Self {
        Self {
            title,
            pages_href: String::new(),
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

    /// Tells the steps that were asked for, one page of them.
    fn tell(&mut self, ctx: &Ctx, names: &Names, steps: Vec<Step>, asked: &Asked) {
        let [person, field] =
            [("person", &asked.person), ("field", &asked.field)].map(|(name, value)| {
                if asked.remove == name {
                    ""
                } else {
                    value.as_str()
                }
            });
        self.people = people(&steps, names, person);
        self.fields = fields(&steps, field);
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
        let steps: Vec<Step> = steps
            .into_iter()
            .filter(|step| rules::is_chosen(step, person, field))
            .collect();
        self.list = Pagination::of(asked.page, u64::try_from(steps.len()).unwrap_or(u64::MAX));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("person", person)
            .append_pair("field", field)
            .finish();
        self.pages_href = format!("{}/history?{query}&page=", self.href);
        let before = usize::try_from(self.list.offset()).unwrap_or(usize::MAX);
        let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
        let shown = steps.into_iter().skip(before).take(most);
        self.entries = shown.map(|step| EntryShown::of(ctx, names, step)).collect();
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
            by: rules::author(&version, names),
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
fn people(steps: &[Step], names: &Names, chosen: &str) -> Vec<Choice> {
    let people: BTreeMap<String, &str> = steps
        .iter()
        .map(|step| {
            (
                rules::author(&step.version, names),
                step.version.actor.as_str(),
            )
        })
        .collect();
    people
        .into_iter()
        .map(|(text, value)| Choice {
            selected: value == chosen,
            value: value.to_owned(),
            text,
        })
        .collect()
}

/// Everything that ever changed, by its label.
fn fields(steps: &[Step], chosen: &str) -> Vec<Choice> {
    let labels: BTreeSet<&str> = steps
        .iter()
        .flat_map(|step| &step.differences)
        .map(|one| one.label.as_str())
        .collect();
    labels
        .into_iter()
        .map(|label| Choice {
            value: label.to_owned(),
            text: label.to_owned(),
            selected: label == chosen,
        })
        .collect()
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "history/history.html";

    fn title(&self) -> String {
        "History of a record".to_owned()
    }

    #[expect(
        clippy::too_many_lines,
        reason = "samples that reach every branch of the page, in one list"
    )]
    fn samples() -> Vec<Self> {
        let line = |label: &str, before: &str, after: &str| Difference {
            label: label.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let entry = |first, reason: Option<&str>, lines| EntryShown {
            title: "Change an agency".to_owned(),
            by: "Wren O'Hara, Northwater Council".to_owned(),
            when: "21 November 2026, 14:02".to_owned(),
            datetime: "2026-11-21T14:02:00Z".to_owned(),
            purpose: "administration of accounts and agencies".to_owned(),
            reason: reason.map(ToOwned::to_owned),
            first,
            lines,
        };
        let empty = Self::at(
            "Northwater Council".to_owned(),
            "/agencies/1".to_owned(),
            false,
        );
        let known = |recorded, said| {
            Some(Known {
                day: "18 November 2026".to_owned(),
                recorded,
                said,
            })
        };
        let mut wrong = Errors::default();
        wrong.add("day", "As known on: there is no 31 February in 2026");
        vec![
            Self {
                people: vec![Choice {
                    value: "worker_1".to_owned(),
                    text: "Wren O'Hara".to_owned(),
                    selected: true,
                }],
                fields: vec![Choice {
                    value: "Name".to_owned(),
                    text: "Name".to_owned(),
                    selected: false,
                }],
                chosen: vec![Chosen {
                    text: "Wren O'Hara".to_owned(),
                    value: "person".to_owned(),
                }],
                entries: vec![
                    entry(
                        false,
                        Some("The desk <b>moved</b>."),
                        vec![
                            line("Duty number", "01632 960001", "01632 960002"),
                            line("Kind", "", "Police"),
                            line("Code", "x", ""),
                        ],
                    ),
                    entry(false, None, Vec::new()),
                    entry(true, None, vec![line("Name", "", "Northwater Council")]),
                ],
                list: Pagination::of(1, 120),
                known: known(
                    true,
                    vec![
                        Line {
                            label: "Name".to_owned(),
                            words: "Northwater".to_owned(),
                        },
                        Line {
                            label: "Duty number".to_owned(),
                            words: String::new(),
                        },
                    ],
                ),
                withheld: true,
                ..empty.clone()
            },
            Self {
                known: known(false, Vec::new()),
                errors: wrong,
                ..empty
            },
        ]
    }
}
