//! The information governance lead's own page: what waits, and the ways on.

use clearpicture_store::Relation;
use serde::Serialize;

use super::{bars, breaches, involvements, look_ups};
use crate::grants::{self, SeeGrant, Which};
use crate::shell::{Answer, Page, Scoped};

/// What waits for the information governance lead.
pub(super) async fn show(Scoped { ctx, scope }: Scoped<SeeGrant>) -> Answer {
    let (sampled, undecided) = look_ups::undecided(&ctx).await?;
    let (to_assess, overdue) = breaches::waiting(&ctx).await?;
    ctx.page(&OverviewPage {
        open_glass: grants::count_open(ctx.store(), &scope, Which::all(Relation::BreakGlass))
            .await?,
        bars: grants::count_open(ctx.store(), &scope, bars::listed(&ctx).await?).await?,
        involvements: grants::count_open(ctx.store(), &scope, involvements::listed(&ctx).await?)
            .await?,
        sampled,
        undecided,
        to_assess,
        overdue,
    })
}

/// What waits for the information governance lead.
#[derive(Debug, Serialize)]
pub(super) struct OverviewPage {
    open_glass: u64,
    bars: u64,
    involvements: u64,
    sampled: usize,
    undecided: usize,
    to_assess: u64,
    overdue: u64,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "governance/overview.html";

    fn title(&self) -> String {
        "Information governance".to_owned()
    }

    fn samples() -> Vec<Self> {
        let page = |undecided, to_assess, overdue| Self {
            open_glass: 1,
            bars: 4,
            involvements: 12,
            sampled: 20,
            undecided,
            to_assess,
            overdue,
        };
        vec![page(6, 3, 1), page(0, 0, 0), page(0, 2, 0)]
    }
}
