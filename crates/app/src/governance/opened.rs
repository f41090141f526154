//! All that one person opened, for the information governance lead: asked where somebody is thought to look where they have
//! no business to.
//!
//! It is about openings and never about work done, leaves a row in the read log each time, and is in no file (safety rules 14
//! and 16).

use axum::extract::{Path, Query};
use clearpicture_access::{AccessClass, Kind as _};
use clearpicture_kernel::{TypedId as _, WorkerId};
use clearpicture_store::{LookUp, Looked, Relation};
use serde::Serialize;

use super::looked::Tier;
use super::shown::{Listed, RecordShown, Records, purpose_shown};
use super::types::SeeLookUpsOf;
use crate::shell::page::PER_PAGE;
use crate::shell::{Allowed, Answer, Ctx, Failure, Page, Pagination};
use crate::words;
use crate::workers::{self, ListWorkers};

/// `GET /people/{id}/opened`
pub(super) async fn show(
    Allowed { ctx, .. }: Allowed<SeeLookUpsOf>,
    Path(id): Path<String>,
    Query(asked): Query<Listed>,
) -> Answer {
    let id = WorkerId::parse(&id).map_err(|_| Failure::NotFound)?;
    let people = ctx.scope::<ListWorkers>().await?;
    let name = workers::name_of(ctx.store(), &people, id).await?;
    let name = name.ok_or(Failure::NotFound)?;
    let whole = AccessClass::ordinary(LookUp::NAME, None);
    let access = ctx.app.access();
    let scope = access.scope::<SeeLookUpsOf>(ctx.caller(), &ctx.purpose(), [&whole]);
    let (store, who, marked) = (ctx.store(), id.record_id(), Tier::of(&ctx, None).marked);
    store.note_list(&scope, "opened-by-one-person").await?;
    let total = store.count_looks_by(&scope, &who, marked).await?;
    let list = Pagination::of(asked.page, total);
    let looks = store.looks_by(&scope, &who, marked, (list.offset(), PER_PAGE));
    let looks = looks.await?;
    let page = OpenedPage {
        name,
        looks: lines(&ctx, &looks).await?,
        prints: store.count_prints_by(&scope, &who, marked).await?,
        list,
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

async fn lines(ctx: &Ctx, looks: &[Looked]) -> Result<Vec<OpenedLine>, Failure> {
    let opened = looks.iter().filter(|look| look.list().is_none());
    let records = Records::of(ctx, opened.map(|look| look.record.as_str())).await?;
    let line = |look: &Looked| OpenedLine {
        when: words::recent(look.looked_at, ctx.now()),
        record: records.of_look(look),
        purpose: purpose_shown(&ctx.app, &look.purpose),
        involved: look.through == Some(Relation::Involved),
        broke_glass: look.through == Some(Relation::BreakGlass),
        printed: look.printed,
    };
    Ok(looks.iter().map(line).collect())
}

/// One opening.
#[derive(Debug, Clone, Serialize)]
struct OpenedLine {
    when: String,
    record: RecordShown,
    purpose: String,
    involved: bool,
    broke_glass: bool,
    printed: bool,
}

/// All that one person opened.
#[derive(Debug, Serialize)]
pub(super) struct OpenedPage {
    name: String,
    looks: Vec<OpenedLine>,
    list: Pagination,
    /// How many of them are prints.
    prints: u64,
}

impl Page for OpenedPage {
    const TEMPLATE: &'static str = "governance/opened.html";

    fn title(&self) -> String {
        "All that this person opened".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |record, involved| OpenedLine {
            when: "today, 02:10".to_owned(),
            record,
            purpose: "work with a child or family".to_owned(),
            involved,
            broke_glass: !involved,
            printed: involved,
        };
        let page = |looks, total, prints| Self {
            name: "Wren <i>O'Hara</i>".to_owned(),
            looks,
            list: Pagination::of(1, total),
            prints,
        };
        vec![
            page(
                vec![
                    line(RecordShown::sample(), true),
                    line(RecordShown::sample_without_page(), false),
                ],
                120,
                2,
            ),
            page(Vec::new(), 0, 0),
        ]
    }
}
