//! The directory: who is who, in what role, at which agency.

use std::collections::BTreeSet;

use axum::extract::Query;
use clearpicture_access::{AccessClass, Grants, Kind as _, Sensitivity};
use clearpicture_kernel::{AgencyId, Code, TypedId as _};
use serde::{Deserialize, Serialize};

use super::first::has_nobody_but;
use super::rules::{role_titles, split};
use super::store::{self, Wanted, row};
use super::types::{AddWorker, ListWorkers, SeeWorker, Worker};
use crate::agencies;
use crate::shell::{Answer, Choice, Ctx, Failure, Names, Page, Pagination, Scoped};

/// What the directory's address asks for. It names agencies, never people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    agency: String,
    former: String,
    page: u64,
    remove: String,
}

impl Asked {
    /// The filters that stand after one was taken away.
    fn wanted(&self) -> Wanted<'_> {
        let agency = AgencyId::parse(&self.agency).is_ok() && self.remove != "agency";
        Wanted {
            agency: agency.then_some(self.agency.as_str()),
            former: self.former == "yes" && self.remove != "former",
        }
    }
}

/// One page of the people who sign in.
pub(super) async fn list(opened: Scoped<ListWorkers>, Query(asked): Query<Asked>) -> Answer {
    let Scoped { ctx, scope } = opened;
    let wanted = asked.wanted();
    let (rows, list) = store::directory(ctx.store(), &scope, wanted, asked.page).await?;
    let scope = ctx.scope::<SeeWorker>().await?;
    let ids = rows.iter().map(|row| row.id.clone());
    let open = store::that_open(ctx.store(), &scope, ids).await?;
    let names = Names::of(&ctx, rows.iter().map(|row| row.agency_id.as_str())).await?;
    let people = rows
        .into_iter()
        .map(|row| PersonLine::of(&ctx, row, &open, &names))
        .collect();
    ctx.page(&DirectoryPage {
        people,
        list,
        agencies: agency_choices(&ctx, wanted.agency.unwrap_or_default()).await?,
        former: vec![former(wanted.former)],
        chosen: wanted.agency.is_some() || wanted.former,
        pages_href: pages_href(wanted),
        add_href: add_href(&ctx, wanted.agency).await?,
    })
}

/// Where a person is added: to the reader's own agency, or as the first of one that has nobody.
async fn add_href(ctx: &Ctx, agency: Option<&str>) -> Result<Option<String>, Failure> {
    let own = ctx.caller().agency;
    if !ctx.may_with::<AddWorker>(&class(own), Grants::NONE) {
        return Ok(None);
    }
    let other = agency.and_then(|agency| AgencyId::parse(agency).ok());
    let Some(other) = other.filter(|other| own != Some(*other)) else {
        return Ok(Some("/people/new".to_owned()));
    };
    let takes_part = agencies::taking_part(ctx.store(), other).await?.is_some();
    let is_new = takes_part && has_nobody_but(ctx, other, None).await?;
    Ok(is_new.then(|| format!("/people/new?agency={other}")))
}

/// The most people among whom one is chosen.
const CHOSEN_AMONG: u64 = 20;

/// The people in whose name or e-mail address these words stand, to choose one of: with role and agency, which tell two of
/// one name apart.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn colleagues(ctx: &Ctx, words: &str, chosen: &str) -> Result<Vec<Choice>, Failure> {
    let scope = ctx.scope::<ListWorkers>().await?;
    let rows = store::called(ctx.store(), &scope, words, CHOSEN_AMONG).await?;
    let names = Names::of(ctx, rows.iter().map(|row| row.agency_id.as_str())).await?;
    let choice = |row: row::Model| {
        let roles = split(&row.roles, Code::parse);
        let roles = role_titles(ctx.app.practice(), &roles).join(", ");
        let agency = names.get(&row.agency_id).unwrap_or_default();
        let former = if row.active { "" } else { "; may not sign in" };
        let hint = format!("{roles}, {agency}; {}{former}", row.email);
        Choice::new(row.id, row.name, chosen).hinted(hint)
    };
    Ok(rows.into_iter().map(choice).collect())
}

async fn agency_choices(ctx: &Ctx, chosen: &str) -> Result<Vec<Choice>, Failure> {
    let scope = ctx.scope::<agencies::SeeAgency>().await?;
    let rows = agencies::of_partnership(ctx.store(), &scope).await?;
    Ok(std::iter::once(Choice::new("", "All agencies", chosen))
        .chain(
            rows.into_iter()
                .map(|row| Choice::new(row.id, row.name, chosen)),
        )
        .collect())
}

fn former(chosen: bool) -> Choice {
    let chosen = if chosen { "yes" } else { "" };
    Choice::new("yes", "Also those who may no longer sign in", chosen)
}

fn pages_href(wanted: Wanted<'_>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(agency) = wanted.agency {
        query.append_pair("agency", agency);
    }
    if wanted.former {
        query.append_pair("former", "yes");
    }
    query.append_pair("page", "");
    format!("/people?{}", query.finish())
}

/// The access class of the records of one agency's people.
pub(super) fn class(agency: Option<AgencyId>) -> AccessClass {
    AccessClass {
        sensitivity: Sensitivity::Restricted,
        ..AccessClass::ordinary(Worker::NAME, agency)
    }
}

/// The directory.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DirectoryPage {
    people: Vec<PersonLine>,
    list: Pagination,
    agencies: Vec<Choice>,
    former: Vec<Choice>,
    chosen: bool,
    pages_href: String,
    add_href: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct PersonLine {
    name: String,
    /// The record, where the reader may open it.
    href: Option<String>,
    /// Where to ask, where policy would allow it with a reason.
    ask_href: Option<String>,
    roles: String,
    agency: String,
    agency_href: String,
    active: bool,
}

impl PersonLine {
    fn of(ctx: &Ctx, row: row::Model, open: &BTreeSet<String>, names: &Names) -> Self {
        let opens = open.contains(&row.id);
        let class = class(AgencyId::parse(&row.agency_id).ok());
        let asking = Grants {
            break_glass: true,
            ..Grants::NONE
        };
        let may_ask = !opens && ctx.may_with::<SeeWorker>(&class, asking);
        let roles = split(&row.roles, Code::parse);
        Self {
            href: opens.then(|| format!("/people/{}", row.id)),
            ask_href: may_ask.then(|| format!("/break-glass/new?record={}", row.id)),
            roles: role_titles(ctx.app.practice(), &roles).join(", "),
            agency: names.get(&row.agency_id).unwrap_or_default().to_owned(),
            agency_href: format!("/agencies/{}", row.agency_id),
            name: row.name,
            active: row.active,
        }
    }
}

impl Page for DirectoryPage {
    const TEMPLATE: &'static str = "workers/directory.html";

    fn title(&self) -> String {
        "People".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |name: &str, href: Option<&str>, ask: Option<&str>, active| PersonLine {
            name: name.to_owned(),
            href: href.map(ToOwned::to_owned),
            ask_href: ask.map(ToOwned::to_owned),
            roles: "Practitioner, Manager".to_owned(),
            agency: "Northwater Council".to_owned(),
            agency_href: "/agencies/1".to_owned(),
            active,
        };
        let full = Self {
            people: vec![
                line("Amal Osei", Some("/people/1"), None, true),
                line(
                    "Wren <i>O'Hara</i>",
                    None,
                    Some("/break-glass/new?record=2"),
                    true,
                ),
                line("Priya Lund", None, None, false),
            ],
            list: Pagination::of(2, 120),
            agencies: vec![Choice::new(
                "agency_1",
                "Northwater <b>Council</b>",
                "agency_1",
            )],
            former: vec![former(true)],
            chosen: true,
            pages_href: "/people?page=".to_owned(),
            add_href: Some("/people/new".to_owned()),
        };
        let nobody = Self {
            people: Vec::new(),
            list: Pagination::of(1, 0),
            add_href: None,
            ..full.clone()
        };
        let all = Self {
            chosen: false,
            ..full.clone()
        };
        let new_agency = Self {
            add_href: Some("/people/new?agency=agency_1".to_owned()),
            ..nobody.clone()
        };
        vec![full, nobody, new_agency, all]
    }
}
