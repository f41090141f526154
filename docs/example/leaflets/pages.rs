//! The stock as a list, and the form that adds to it.

use axum::extract::Query;
use clearpicture_kernel::{AgencyId, Line, TypedId as _};
use serde::{Deserialize, Serialize};

use super::rules::give_out;
use super::store;
use super::types::{AddLeaflet, GiveOutLeaflets, Leaflet, LeafletId, SeeLeaflet};
use crate::shell::form::number;
use crate::shell::{Allowed, Answer, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped};

const UNDER: &[(&str, &str)] = &[("Leaflets", "/leaflets")];

/// The stock.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    list: Pagination,
    leaflets: Vec<StockLine>,
    may_add: bool,
}

#[derive(Debug, Clone, Serialize)]
struct StockLine {
    id: String,
    version: i64,
    title: String,
    left: i64,
    may_give_out: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "leaflets/list.html";

    fn title(&self) -> String {
        "Leaflets".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |may_give_out| StockLine {
            id: "leaflet_00000000000000000000000001".to_owned(),
            version: 1,
            title: "Who to tell".to_owned(),
            left: 40,
            may_give_out,
        };
        let full = Self {
            list: Pagination::of(1, 120),
            leaflets: vec![line(true), line(false)],
            may_add: true,
        };
        let empty = Self {
            list: Pagination::of(1, 0),
            leaflets: Vec::new(),
            may_add: false,
        };
        vec![full, empty]
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    page: u64,
}

pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeLeaflet>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (rows, list) = store::page(ctx.store(), &scope, query.page).await?;
    let leaflets = rows.into_iter().map(|row| StockLine {
        may_give_out: ctx.may::<GiveOutLeaflets>(AgencyId::parse(&row.agency_id).ok()),
        id: row.id,
        version: row.version,
        title: row.title,
        left: row.left_over,
    });
    ctx.page(&ListPage {
        list,
        leaflets: leaflets.collect(),
        may_add: ctx.may::<AddLeaflet>(ctx.caller().agency),
    })
}

/// The form that adds a leaflet.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FormPage {
    form: LeafletForm,
    errors: Errors,
}

/// The form as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeafletForm {
    title: String,
    left: String,
}

impl LeafletForm {
    /// The leaflet that the form describes; or what is wrong, field by field.
    fn read(&self, agency: AgencyId) -> Result<Leaflet, Errors> {
        let mut errors = Errors::default();
        let title = errors.take("title", "Title", Line::parse(&self.title));
        let left = self.left.trim().parse();
        let left = errors.take("left", "How many", left.map_err(|_| "enter a whole number"));
        match (title, left) {
            (Some(title), Some(left)) => Ok(Leaflet {
                agency,
                title,
                left,
            }),
            _ => Err(errors),
        }
    }
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "leaflets/form.html";

    fn title(&self) -> String {
        "Add a leaflet".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut errors = Errors::default();
        errors.add("title", "Title: this is empty");
        let form = LeafletForm::default();
        let clean = Self {
            form: form.clone(),
            errors: Errors::default(),
        };
        vec![clean, Self { form, errors }]
    }
}

pub(super) async fn new(allowed: Allowed<AddLeaflet>) -> Answer {
    let page = FormPage {
        form: LeafletForm::default(),
        errors: Errors::default(),
    };
    allowed.ctx.page_under(&page, UNDER)
}

pub(super) async fn add(allowed: Allowed<AddLeaflet>, Posted(form): Posted<LeafletForm>) -> Answer {
    let ctx = allowed.ctx;
    let leaflet = match form.read(ctx.agency()?) {
        Ok(leaflet) => leaflet,
        Err(errors) => return ctx.page_under(&FormPage { form, errors }, UNDER),
    };
    let id = LeafletId::fresh(ctx.app.ambient());
    let permit = ctx.permit_add::<AddLeaflet>(&id, &leaflet)?;
    ctx.store().add(&permit, &leaflet, None).await?;
    ctx.done("/leaflets", "The leaflet was added.").await
}

/// Leaflets given out, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GiveOutForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    number: String,
}

pub(super) async fn given_out(
    door: Permitted<GiveOutLeaflets>,
    Posted(form): Posted<GiveOutForm>,
) -> Answer {
    if !door.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let Permitted { ctx, permit, .. } = &door;
    let leaflet = ctx.store().load(permit).await?;
    let number = form.number.trim().parse().unwrap_or_default();
    let after = give_out(&leaflet, number).map_err(|no| Failure::Rule(no.to_string()))?;
    ctx.store().change(permit, &after, None).await?;
    ctx.done("/leaflets", "What was given out is recorded.")
        .await
}
