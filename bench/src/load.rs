//! An open loop: requests leave at fixed moments whether or not earlier ones
//! were answered, as people do, and each is timed from the moment it was due.
//! So a server that stalls cannot hide the requests it kept from being sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::Browser;
use crate::statistics::Timings;

/// Connections on which requests are sent; more than are ever under way at once while the server keeps up.
const CONNECTIONS: usize = 128;
/// After this long beyond the end, a rate counts as too high.
const LATE: Duration = Duration::from_secs(2);

/// What a load came to.
pub(crate) struct Loaded {
    pub(crate) timings: Timings,
    /// How many requests were due.
    pub(crate) due: u32,
    /// How many were answered before the end of waiting.
    pub(crate) answered: usize,
}

impl Loaded {
    /// Whether every request was answered, 99 of 100 of them within `limit`.
    pub(crate) fn within(&self, limit: Duration) -> bool {
        usize::try_from(self.due).is_ok_and(|due| due == self.answered)
            && self.timings.quantile(0.99) < limit
    }
}

/// Opens `path` `rate` times a second for so many seconds, each time as the next of `people`.
pub(crate) async fn open_loop(
    people: &[Browser],
    path: &str,
    rate: u32,
    seconds: u32,
) -> anyhow::Result<Loaded> {
    let mut browsers = Vec::with_capacity(CONNECTIONS);
    for person in people.iter().cycle().take(CONNECTIONS) {
        browsers.push(person.another().await?);
    }
    let due = rate * seconds;
    let next = Arc::new(AtomicU32::new(0));
    let begin = Instant::now() + Duration::from_millis(100);
    let end = begin + Duration::from_secs(u64::from(seconds)) + LATE;
    let mut senders = JoinSet::new();
    for browser in browsers {
        let next = Arc::clone(&next);
        let path = path.to_owned();
        let send = async move {
            let mut browser = browser;
            let mut timings = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let moment = begin + Duration::from_secs(1) * number / rate;
                if number >= due || Instant::now() > end {
                    return anyhow::Ok(timings);
                }
                tokio::time::sleep_until(moment).await;
                let reply = browser.get(&path).await?;
                ensure!(reply.status == 200, "{path} answered {}", reply.status);
                timings.push(moment.elapsed());
            }
        };
        senders.spawn(send);
    }
    let mut timings = Vec::new();
    while let Some(done) = senders.join_next().await {
        timings.append(&mut done??);
    }
    Ok(Loaded {
        due,
        answered: timings.len(),
        timings: Timings::new(timings),
    })
}

/// The highest rate at which 99 of 100 are answered within `limit`, to about a twentieth.
pub(crate) async fn highest_rate(
    people: &[Browser],
    path: &str,
    limit: Duration,
) -> anyhow::Result<u32> {
    const SECONDS: u32 = 10;
    const MOST: u32 = 20_000;
    let (mut good, mut bad) = (0, 200);
    while bad < MOST && open_loop(people, path, bad, SECONDS).await?.within(limit) {
        good = bad;
        bad *= 2;
    }
    while bad - good > bad / 20 {
        let middle = good.midpoint(bad);
        if open_loop(people, path, middle, SECONDS)
            .await?
            .within(limit)
        {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(good)
}
