//! What policy adds to a list: the register's own queries for one page, within a
//! scope, beside the same queries without the condition of the scope.

use std::str::FromStr as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clearpicture_access::Caller;
use clearpicture_app::feeds::{AddFeed, Feed, FeedId, SeeFeed};
use clearpicture_app::grants::{AddBar, Involve};
use clearpicture_kernel::{AgencyId, Passage, Timestamp, TypedId as _};
use clearpicture_store::{Grant, GrantId, Record, Relation, Store};
use sea_orm::{
    Condition, EntityTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::report::{against, note};
use crate::stage::{Stage, feed, purpose};
use crate::statistics::{Timings, millis};

const BUDGET_MILLIS: f64 = 2.0;
const AGENCIES: usize = 40;
const FEEDS_OF_EACH: usize = 2_500;
/// Feeds that the reader is barred from.
const BARRED: usize = 5;
const PER_PAGE: u64 = 50;
const ROUNDS: usize = 60;

type Row = <Feed as Record>::Row;
type Column = <Row as EntityTrait>::Column;

pub(crate) async fn run(address: &str) -> anyhow::Result<()> {
    let stage = Stage::open(address).await?;
    let caller = stage.worker(stage.agency(), "practitioner")?;
    fill(&stage, &caller).await?;
    let purpose = purpose()?;
    let store = &stage.store;

    let (mut within_scope, mut bare) = (Parts::default(), Parts::default());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let total = bare
            .time(
                store,
                started,
                Row::find(),
                Row::find().count(store.reader()),
            )
            .await?;
        ensure!(total == 100_000, "{total} feeds were counted");
        let started = Instant::now();
        let scope = store
            .scope::<SeeFeed>(&stage.access, &caller, &purpose)
            .await?;
        let select = store.select(&scope);
        let everything = Condition::all();
        let total = within_scope
            .time(store, started, select, store.count(&scope, &everything))
            .await?;
        ensure!(total == 99_995, "{total} feeds were counted in the scope");
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
    /// Asks for `total` and the first page of `select`, which were being prepared since `started`; gives the total.
    async fn time<E>(
        &mut self,
        store: &Store,
        started: Instant,
        select: Select<Row>,
        total: impl Future<Output = Result<u64, E>>,
    ) -> anyhow::Result<u64>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let scope = started.elapsed();
        let select = select
            .order_by_asc(column("agency_id")?)
            .order_by_asc(column("name")?);
        let total = total.await?;
        let count = started.elapsed();
        let rows = select.limit(PER_PAGE).all(store.reader()).await?;
        let whole = started.elapsed();
        ensure!(rows.len() == 50, "{} feeds were listed", rows.len());
        self.0.push([scope, count - scope, whole - count, whole]);
        Ok(total)
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

/// Adds a hundred thousand feeds by the product's own write path, bars `reader` from a few of them, and makes grants
/// for a colleague on a quarter.
async fn fill(stage: &Stage, reader: &Caller) -> anyhow::Result<()> {
    let governance = stage.worker(stage.agency(), "information-governance")?;
    let colleague = stage.worker(stage.agency(), "practitioner")?;
    for number in 0..AGENCIES {
        let agency = stage.agency();
        let manager = stage.worker(agency, "manager")?;
        let mut changes = Vec::with_capacity(2 * FEEDS_OF_EACH);
        for feed_number in 0..FEEDS_OF_EACH {
            let (id, feed) = (stage.feed_id(), feed(agency, feed_number)?);
            let permit = stage.permit::<AddFeed>(&manager, &id, &feed, 0)?;
            changes.push(stage.store.prepare_add(&permit, &feed, None).await?);
            let grant_id = GrantId::fresh(stage.store.ambient());
            if number == 0 && feed_number < BARRED {
                let bar = grant(reader, &id, agency, Relation::Barred)?;
                let permit = stage.permit::<AddBar>(&governance, &grant_id, &bar, 0)?;
                changes.push(stage.store.prepare_add(&permit, &bar, None).await?);
            } else if feed_number % 4 == 0 {
                let involved = grant(&colleague, &id, agency, Relation::Involved)?;
                let permit = stage.permit::<Involve>(&manager, &grant_id, &involved, 0)?;
                changes.push(stage.store.prepare_add(&permit, &involved, None).await?);
            }
        }
        stage.store.commit(changes).await?;
    }
    Ok(())
}

fn grant(
    holder: &Caller,
    on: &FeedId,
    owner: AgencyId,
    relation: Relation,
) -> anyhow::Result<Grant> {
    let holder = holder.identity.holder().context("a worker holds grants")?;
    Ok(Grant {
        holder,
        on_record: on.record_id(),
        owner: Some(owner),
        relation,
        reason: Passage::parse("A relative works in that team.")?,
        starts_at: Timestamp::UNIX_EPOCH,
        ends_at: None,
        reached: clearpicture_store::Reached::default(),
    })
}
