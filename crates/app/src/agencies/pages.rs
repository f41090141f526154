//! The list of agencies, and the page of one.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use clearpicture_access::Resource;
use clearpicture_kernel::{AgencyId, TeamId, TypedId as _};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde::{Deserialize, Serialize};

use super::store::{self, agency_row, team_row};
use super::types::{
    AddAgency, AddTeam, Agency, AgencyKind, EditAgency, EditTeam, SeeAgency, SeeTeam, Team,
};
use crate::history::Shown;
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Number, Page, Pagination, Permitted, Scoped};

impl Shown for Agency {
    fn title(&self) -> String {
        self.name.to_string()
    }

    fn href(id: &AgencyId) -> String {
        format!("/agencies/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("Agencies", "/agencies")
    }
}

impl Shown for Team {
    fn title(&self) -> String {
        self.name.to_string()
    }

    fn href(id: &TeamId) -> String {
        format!("/teams/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("Agencies", "/agencies")
    }
}

/// What agencies and teams are called.
pub(super) fn called(
    ctx: Ctx,
    ids: BTreeSet<String>,
) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>> {
    async move {
        let scope = ctx.scope::<SeeTeam>().await?;
        let (teams, others): (Vec<String>, Vec<String>) =
            ids.into_iter().partition(|id| TeamId::parse(id).is_ok());
        let mut names = store::team_names(ctx.store(), &scope, teams).await?;
        let agencies = store::names(ctx.store()).await?;
        names.extend(others.into_iter().filter_map(|id| {
            let name = agencies.get(&AgencyId::parse(&id).ok()?)?;
            Some((id, name.clone()))
        }));
        Ok(names)
    }
    .boxed()
}

/// What the list's address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: u64,
}

/// The agencies of the partnership.
pub(super) async fn list(opened: Scoped<SeeAgency>, Query(asked): Query<Asked>) -> Answer {
    let Scoped { ctx, scope } = opened;
    let (rows, list) = store::page_of(ctx.store(), &scope, asked.page).await?;
    let teams = store::team_counts(ctx.store(), &ctx.scope::<SeeTeam>().await?).await?;
    let line = |row: agency_row::Model| AgencyLine {
        href: format!("/agencies/{}", row.id),
        kind: kind_words(&row.kind),
        teams: teams.get(&row.id).copied().unwrap_or_default(),
        name: row.name,
        duty_number: Number::of_duty_desk(&row.duty_number),
        active: row.active,
    };
    ctx.page(&AgenciesPage {
        agencies: rows.into_iter().map(line).collect(),
        list,
        may_add: ctx.may::<AddAgency>(None),
    })
}

/// One agency: first of all the number to ring.
pub(super) async fn show(opened: Permitted<SeeAgency>) -> Answer {
    let Permitted { ctx, id, permit } = opened;
    let agency = ctx.store().load(&permit).await?;
    let scope = ctx.scope::<SeeTeam>().await?;
    let teams = store::teams_of(ctx.store(), &scope, id).await?;
    let may_edit_teams = ctx.may::<EditTeam>(Some(id));
    let page = AgencyPage {
        href: Agency::href(&id),
        people_href: format!("/people?agency={id}"),
        actions: actions(&ctx, permit.resource(), id),
        may_add_team: ctx.may::<AddTeam>(Some(id)),
        teams: teams
            .into_iter()
            .map(|row| TeamLine::of(row, may_edit_teams))
            .collect(),
        name: agency.name.to_string(),
        code: agency.code.to_string(),
        kind: agency.kind.words(),
        duty_number: agency
            .duty_number
            .and_then(|number| Number::of_duty_desk(number.reveal())),
        active: agency.active,
    };
    ctx.page_under(&page, &[Agency::list()])
}

fn actions(ctx: &Ctx, resource: &Resource, id: AgencyId) -> Vec<Link> {
    let link = |title: &str, part: &str| Link {
        title: title.to_owned(),
        href: format!("/agencies/{id}/{part}"),
    };
    let edit = ctx.may_with::<EditAgency>(&resource.class, resource.grants);
    edit.then(|| link("Change", "edit"))
        .into_iter()
        .chain([link("History", "history")])
        .collect()
}

fn kind_words(code: &str) -> &'static str {
    AgencyKind::from_code(code).map_or("", AgencyKind::words)
}

/// The page of all agencies.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AgenciesPage {
    agencies: Vec<AgencyLine>,
    list: Pagination,
    may_add: bool,
}

#[derive(Debug, Clone, Serialize)]
struct AgencyLine {
    href: String,
    name: String,
    kind: &'static str,
    duty_number: Option<Number>,
    teams: i64,
    active: bool,
}

/// The page of one agency.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AgencyPage {
    href: String,
    people_href: String,
    name: String,
    code: String,
    kind: &'static str,
    duty_number: Option<Number>,
    active: bool,
    teams: Vec<TeamLine>,
    actions: Vec<Link>,
    may_add_team: bool,
}

#[derive(Debug, Clone, Serialize)]
struct TeamLine {
    name: String,
    active: bool,
    edit_href: Option<String>,
    history_href: String,
}

impl TeamLine {
    fn of(row: team_row::Model, may_edit: bool) -> Self {
        Self {
            edit_href: may_edit.then(|| format!("/teams/{}/edit", row.id)),
            history_href: format!("/teams/{}/history", row.id),
            name: row.name,
            active: row.active,
        }
    }
}

impl Page for AgenciesPage {
    const TEMPLATE: &'static str = "agencies/list.html";

    fn title(&self) -> String {
        "Agencies".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |name: &str, duty_number: &str, active| AgencyLine {
            href: "/agencies/1".to_owned(),
            name: name.to_owned(),
            kind: AgencyKind::Council.words(),
            duty_number: Number::of_duty_desk(duty_number),
            teams: 3,
            active,
        };
        vec![
            Self {
                agencies: vec![
                    line("Northwater <b>Council</b>", "01632 960001", true),
                    line("Lighthouse", "", false),
                ],
                list: Pagination::of(2, 120),
                may_add: true,
            },
            Self {
                agencies: Vec::new(),
                list: Pagination::of(1, 0),
                may_add: false,
            },
            Self {
                agencies: Vec::new(),
                list: Pagination::of(1, 0),
                may_add: true,
            },
        ]
    }
}

impl Page for AgencyPage {
    const TEMPLATE: &'static str = "agencies/agency.html";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn samples() -> Vec<Self> {
        let team = |active, edit: Option<&str>| TeamLine {
            name: "Exploitation <i>team</i>".to_owned(),
            active,
            edit_href: edit.map(ToOwned::to_owned),
            history_href: "/teams/1/history".to_owned(),
        };
        let full = Self {
            href: "/agencies/1".to_owned(),
            people_href: "/people?agency=1".to_owned(),
            name: "Northwater Council".to_owned(),
            code: "northwater".to_owned(),
            kind: AgencyKind::Council.words(),
            duty_number: Number::of_duty_desk("01632 960001"),
            active: true,
            teams: vec![team(true, Some("/teams/1/edit")), team(false, None)],
            actions: vec![Link {
                title: "Change".to_owned(),
                href: "/agencies/1/edit".to_owned(),
            }],
            may_add_team: true,
        };
        let bare = Self {
            duty_number: None,
            active: false,
            teams: Vec::new(),
            may_add_team: false,
            ..full.clone()
        };
        vec![full, bare]
    }
}
