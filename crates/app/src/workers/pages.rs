//! The record of one person who signs in.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{AccessClass, Grants, Resource};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, TeamId, TypedId as _, WorkerId};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde::Serialize;

use super::rules::{Mark, mark, role_titles};
use super::store;
use super::types::{EditWorker, ListWorkers, Readiness, SeeNumber, SeeWorker, Worker};
use crate::agencies;
use crate::history::Shown;
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Names, Number, Page, Permitted};

impl Shown for Worker {
    fn title(&self) -> String {
        self.name.reveal().to_owned()
    }

    fn href(id: &WorkerId) -> String {
        format!("/people/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("People", "/people")
    }

    fn withheld(ctx: &Ctx, resource: &Resource) -> &'static [&'static str] {
        if ctx.may_with::<SeeNumber>(&resource.class, resource.grants) {
            &[]
        } else {
            &["Telephone"]
        }
    }
}

/// What people who sign in are called.
pub(super) fn called(
    ctx: Ctx,
    ids: BTreeSet<String>,
) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>> {
    async move {
        let people = ids.into_iter().filter(|id| WorkerId::parse(id).is_ok());
        let scope = ctx.scope::<ListWorkers>().await?;
        Ok(store::names(ctx.store(), &scope, people).await?)
    }
    .boxed()
}

/// One person: their agency's duty number first, their own number only for those involved.
pub(super) async fn show(opened: Permitted<SeeWorker>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let worker = ctx.store().load(&permit).await?;
    let Resource { class, grants, .. } = permit.resource();
    let scope = ctx.scope::<agencies::SeeAgency>().await?;
    let agency = agencies::find(ctx.store(), &scope, worker.agency).await?;
    let teams: Vec<String> = worker.teams.iter().map(TeamId::to_string).collect();
    let names = Names::of(&ctx, teams.iter().map(String::as_str)).await?;
    let (agency, duty_number) = agency
        .map(|row| (row.name, row.duty_number))
        .unwrap_or_default();
    let page = WorkerPage {
        agency_href: agency_href(worker.agency),
        agency,
        duty_number: Number::of_duty_desk(&duty_number),
        phone: Phone::of(&worker, ctx.may_with::<SeeNumber>(class, *grants)),
        marks: marks(&ctx, &worker),
        roles: role_titles(ctx.app.practice(), &worker.roles),
        teams: teams.iter().map(|team| names.tell(team)).collect(),
        actions: actions(&ctx, permit.resource(), id),
        name: worker.name.reveal().to_owned(),
        email: worker.email.reveal().to_owned(),
        active: worker.active,
    };
    ctx.page_under(&page, &[Worker::list()])
}

fn agency_href(agency: AgencyId) -> String {
    format!("/agencies/{agency}")
}

fn marks(ctx: &Ctx, worker: &Worker) -> Vec<Mark> {
    let today = day_of(ctx.now());
    let ready = Readiness::at(ctx.now(), worker.vetted_until, worker.trained_until).is_ready();
    let (text, tone) = if ready {
        ("Ready to see records about people", "done")
    } else {
        ("May not see records about people", "breach")
    };
    vec![
        Mark {
            text: text.to_owned(),
            tone,
        },
        mark("Vetting", worker.vetted_until, today),
        mark("Training", worker.trained_until, today),
    ]
}

fn actions(ctx: &Ctx, resource: &Resource, id: WorkerId) -> Vec<Link> {
    let link = |title: &str, part: &str| Link {
        title: title.to_owned(),
        href: format!("/people/{id}/{part}"),
    };
    let Resource { class, grants, .. } = resource;
    let edit = ctx.may_with::<EditWorker>(class, *grants);
    let set_up = ctx.may_pass("/people/{id}/set-up", class, *grants);
    let look_ups = AccessClass::ordinary("look-up", None);
    let opened = ctx.may_pass("/people/{id}/opened", &look_ups, Grants::NONE);
    [
        edit.then(|| link("Change", "edit")),
        set_up.then(|| link("Set up or recover sign-in", "set-up")),
        Some(link("History", "history")),
        Some(Link {
            title: "Who has looked".to_owned(),
            href: format!("/looked/{id}"),
        }),
        opened.then(|| Link {
            title: "All that this person opened".to_owned(),
            href: format!("/people/{id}/opened"),
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The record of one person.
#[derive(Debug, Clone, Serialize)]
pub(super) struct WorkerPage {
    name: String,
    agency: String,
    agency_href: String,
    /// Nothing when none is recorded.
    duty_number: Option<Number>,
    email: String,
    phone: Phone,
    roles: Vec<String>,
    teams: Vec<String>,
    marks: Vec<Mark>,
    active: bool,
    actions: Vec<Link>,
}

/// What the page says of someone's own number.
#[derive(Debug, Clone, Serialize)]
struct Phone {
    number: Option<Number>,
    withheld: bool,
}

impl Phone {
    fn of(worker: &Worker, may_see: bool) -> Self {
        let number = worker.phone.as_ref().filter(|_| may_see);
        Self {
            number: number.and_then(|number| Number::of("own", number.reveal())),
            withheld: !may_see,
        }
    }
}

impl Page for WorkerPage {
    const TEMPLATE: &'static str = "workers/worker.html";

    fn title(&self) -> String {
        "A person’s record".to_owned()
    }

    fn samples() -> Vec<Self> {
        let tag = |text: &str, tone| Mark {
            text: text.to_owned(),
            tone,
        };
        let full = Self {
            name: "Wren <i>O'Hara</i>".to_owned(),
            agency: "Northwater <b>Council</b>".to_owned(),
            agency_href: "/agencies/1".to_owned(),
            duty_number: Number::of_duty_desk("01632 960001"),
            email: "wren@northwater.example".to_owned(),
            phone: Phone {
                number: Number::of("own", "01632 960123"),
                withheld: false,
            },
            roles: vec!["Manager".to_owned(), "Administrator".to_owned()],
            teams: vec!["Exploitation team".to_owned()],
            marks: vec![
                tag("Ready to see records about people", "done"),
                tag("Vetting ends soon: 3 December 2026", "due"),
                tag("Training out of date since 1 May 2026", "breach"),
            ],
            active: true,
            actions: vec![Link {
                title: "Change".to_owned(),
                href: "/people/1/edit".to_owned(),
            }],
        };
        let phone = |withheld| Phone {
            number: None,
            withheld,
        };
        let bare = Self {
            duty_number: None,
            phone: phone(false),
            teams: Vec::new(),
            active: false,
            ..full.clone()
        };
        let withheld = Self {
            phone: phone(true),
            ..full.clone()
        };
        vec![full, bare, withheld]
    }
}
