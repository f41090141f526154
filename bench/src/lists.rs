//! What policy adds to a list: the register's own queries for one page, within a
//! scope, beside the same queries without the condition of the scope.

use std::str::FromStr as _;
use std::time::{Duration, Instant};

use clearpicture_app::feeds::{AddFeed, Feed, SeeFeed};
use clearpicture_kernel::AgencyId;
use clearpicture_store::{Record, Store};
use sea_orm::{EntityTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _, Select};

use crate::report::{against, note};
use crate::stage::{Stage, feed, purpose};
use crate::statistics::{Timings, millis};

const BUDGET_MILLIS: f64 = 2.0;
const AGENCIES: usize = 40;
const FEEDS_OF_EACH: usize = 2_500;
const PER_PAGE: u64 = 50;
const ROUNDS: usize = 60;

type Row = <Feed as Record>::Row;
type Column = <Row as EntityTrait>::Column;

pub(crate) async fn run(address: &str) -> anyhow::Result<()> {
    let stage = Stage::open(address).await?;
    let own = fill(&stage).await?;
    let caller = stage.worker(own, "practitioner")?;
    let purpose = purpose()?;
    let store = &stage.store;

    let (mut within_scope, mut bare) = (Parts::default(), Parts::default());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        bare.time(store, started, Row::find()).await?;
        let started = Instant::now();
        let scope = store
            .scope::<SeeFeed>(&stage.access, &caller, &purpose)
            .await?;
        let select = store.select(&scope);
        within_scope.time(store, started, select).await?;
    }

    let extra = within_scope.median(Part::Whole) - bare.median(Part::Whole);
    against(
        &format!(
            "list of 50 of 100,000 under policy, {:?}: over bare",
            store.backend()
        ),
        &format!("{extra:+.2} ms"),
        "≤ 2 ms",
        extra <= BUDGET_MILLIS,
    )?;
    for (what, part) in [
        ("finding the scope", Part::Scope),
        ("the count", Part::Count),
        ("the rows", Part::Rows),
    ] {
        let (ours, bare) = (within_scope.median(part), bare.median(part));
        note(
            &format!("  {what}"),
            &format!("{ours:.2} ms, bare {bare:.2} ms"),
        )?;
    }
    stage.close().await
}

/// What a page of the list waits for.
#[derive(Clone, Copy)]
enum Part {
    Scope,
    Count,
    Rows,
    Whole,
}

/// The time each part took, round after round.
#[derive(Default)]
struct Parts(Vec<[Duration; 4]>);

impl Parts {
    /// Asks for the count and the first page of `select`, which was being prepared since `started`.
    async fn time(
        &mut self,
        store: &Store,
        started: Instant,
        select: Select<Row>,
    ) -> anyhow::Result<()> {
        let scope = started.elapsed();
        let select = select
            .order_by_asc(column("agency_id")?)
            .order_by_asc(column("name")?);
        let total = select.clone().count(store.reader()).await?;
        let count = started.elapsed();
        let rows = select.limit(PER_PAGE).all(store.reader()).await?;
        let whole = started.elapsed();
        anyhow::ensure!(total == 100_000, "{total} feeds were counted");
        anyhow::ensure!(rows.len() == 50, "{} feeds were listed", rows.len());
        self.0.push([scope, count - scope, whole - count, whole]);
        Ok(())
    }

    fn median(&self, part: Part) -> f64 {
        let of = |&[scope, count, rows, whole]: &[Duration; 4]| match part {
            Part::Scope => scope,
            Part::Count => count,
            Part::Rows => rows,
            Part::Whole => whole,
        };
        millis(Timings::new(self.0.iter().map(of).collect()).median())
    }
}

fn column(name: &str) -> anyhow::Result<Column> {
    Column::from_str(name).map_err(|_| anyhow::anyhow!("the register has no column `{name}`"))
}

/// Adds a hundred thousand feeds by the product's own write path; gives one of the agencies.
async fn fill(stage: &Stage) -> anyhow::Result<AgencyId> {
    let mut own = stage.agency();
    for _ in 0..AGENCIES {
        own = stage.agency();
        let manager = stage.worker(own, "manager")?;
        let mut changes = Vec::with_capacity(FEEDS_OF_EACH);
        for number in 0..FEEDS_OF_EACH {
            let (id, feed) = (stage.feed_id(), feed(own, number)?);
            let permit = stage.permit::<AddFeed>(&manager, &id, &feed, 0)?;
            changes.push(stage.store.prepare_add(&permit, &feed, None).await?);
        }
        stage.store.commit(changes).await?;
    }
    Ok(own)
}
