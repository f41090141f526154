//! Durable writes with their history beside a bare loop of the same statements
//! on the same disk: the row put in place and an entry inserted with a body as
//! long, each pair in a transaction of its own.
//!
//! The bare loop checks nothing, seals nothing and chains nothing. What the
//! store does besides, it has to earn back by committing together what waits
//! together.

mod bare;

use std::time::{Duration, Instant};

use clearpicture_access::Caller;
use clearpicture_app::feeds::{AddFeed, EditFeed, Feed, FeedId};
use clearpicture_kernel::Passage;
use tokio::task::JoinSet;

use bare::Bare;

use crate::report::{against, note};
use crate::stage::{Stage, feed};
use crate::statistics::middle;

const BUDGET_PERCENT: f64 = 70.0;
const WRITERS: usize = 20;
const ROUNDS: usize = 5;
/// How long one round of the bare loop should last.
const ROUND: Duration = Duration::from_secs(2);
const REASON: &str = "The agency told us on the telephone.";

/// Writes to the empty databases at `ours` and `bare`, in turn.
pub(crate) async fn run(ours: &str, bare: &str) -> anyhow::Result<()> {
    let stage = Stage::open(ours).await?;
    Stage::open(bare).await?.close().await?;
    let kind = format!("{:?}", stage.store.backend());
    for (connections, how) in bare::ways(bare) {
        let bare = Bare::connect(bare, connections).await?;
        let many = compare(&stage, &bare, WRITERS).await?;
        against(
            &format!("durable writes with history, {kind}, {WRITERS} writers: of bare"),
            &many.percent(),
            "≥ 70%",
            many.ratio.0 >= BUDGET_PERCENT,
        )?;
        note(&format!("  {how}"), &many.rates())?;
        let one = compare(&stage, &bare, 1).await?;
        note("  one writer: of bare", &one.percent())?;
        note(&format!("  {how}"), &one.rates())?;
    }
    stage.close().await
}

/// The rates of both, and ours as a percentage of the bare one, round by round: middle, least and most.
struct Compared {
    ours: (f64, f64, f64),
    bare: (f64, f64, f64),
    ratio: (f64, f64, f64),
}

impl Compared {
    fn percent(&self) -> String {
        let (middle, least, most) = self.ratio;
        format!("{middle:.0}% ({least:.0} to {most:.0})")
    }

    fn rates(&self) -> String {
        format!("{:.0}/s, bare {:.0}/s", self.ours.0, self.bare.0)
    }
}

async fn compare(stage: &Stage, bare: &Bare, writers: usize) -> anyhow::Result<Compared> {
    let mut our_pens = pens(stage, writers)?;
    let mut bare_pens = pens(stage, writers)?;
    for pen in &mut our_pens {
        pen.begin(stage).await?;
    }
    // A first round of each, not counted, tells how many writes last long enough.
    let each = 50;
    let took = bare.round(stage, &mut bare_pens, each).await?;
    round(stage, &mut our_pens, each).await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of writes, kept within bounds"
    )]
    let each = (each as f64 * ROUND.div_duration_f64(took)).clamp(20.0, 20_000.0) as usize;

    let writes = (writers * each) as f64;
    let (mut ours_rates, mut bare_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = writes / bare.round(stage, &mut bare_pens, each).await?.as_secs_f64();
        let ours = writes / round(stage, &mut our_pens, each).await?.as_secs_f64();
        ours_rates.push(ours);
        bare_rates.push(bare);
        ratios.push(100.0 * ours / bare);
    }
    Ok(Compared {
        ours: middle(&ours_rates),
        bare: middle(&bare_rates),
        ratio: middle(&ratios),
    })
}

/// A writer, and the one feed that it changes again and again.
struct Pen {
    caller: Caller,
    id: FeedId,
    feed: Feed,
    version: u32,
}

fn pens(stage: &Stage, writers: usize) -> anyhow::Result<Vec<Pen>> {
    let agency = stage.agency();
    (0..writers)
        .map(|number| {
            Ok(Pen {
                caller: stage.worker(agency, "analyst")?,
                id: stage.feed_id(),
                feed: feed(agency, number)?,
                version: 0,
            })
        })
        .collect()
}

impl Pen {
    /// Adds the feed.
    async fn begin(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let permit = stage.permit::<AddFeed>(&self.caller, &self.id, &self.feed, 0)?;
        stage.store.add(&permit, &self.feed, None).await?;
        self.version = 1;
        Ok(())
    }
}

/// Every pen makes `each` changes by permits made beforehand; how long that took.
async fn round(stage: &Stage, pens: &mut [Pen], each: usize) -> anyhow::Result<Duration> {
    let reason = Passage::parse(REASON)?;
    let mut ready = Vec::with_capacity(pens.len());
    for pen in pens {
        let mut permits = Vec::with_capacity(each);
        for _ in 0..each {
            let permit = stage.permit::<EditFeed>(&pen.caller, &pen.id, &pen.feed, pen.version)?;
            permits.push(permit);
            pen.version += 1;
        }
        ready.push((permits, pen.feed.clone()));
    }
    let mut writers = JoinSet::new();
    let started = Instant::now();
    for (permits, feed) in ready {
        let (store, reason) = (stage.store.clone(), reason.clone());
        writers.spawn(async move {
            for permit in permits {
                store.change(&permit, &feed, Some(&reason)).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    Ok(started.elapsed())
}
