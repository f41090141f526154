//! What came of reading a file, kept for whoever looks at it again.
//!
//! A file of a million rows takes seconds to read. Its findings are shown on a page, taken away as a workbook and as text, and
//! asked for by whoever puts a value right: read once for all of them, and one file at a time, so that nobody's looking holds
//! up everybody else's work. One that was begun is read to its end, whoever stays to see it: so nobody gets several read at
//! once by leaving. It lies in memory alone, and only the last few.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use clearpicture_kernel::Digest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::examine::Examined;
use super::intake::LoadFault;
use super::types::LoadId;

/// So many files' readings are kept.
const KEPT: usize = 4;

/// What tells one reading from another: a version of a load, of a file of these bytes.
pub(super) type Which = (LoadId, u32, Digest);

static READINGS: Mutex<VecDeque<(Which, Arc<Examined>)>> = Mutex::new(VecDeque::new());
static ONE_AT_A_TIME: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// The reading of a version of a load, made by `read` where it is not kept.
///
/// # Errors
/// [`LoadFault`] of `read`; then nothing is kept.
pub(super) async fn of(
    which: Which,
    read: impl Future<Output = Result<Examined, LoadFault>> + Send + 'static,
) -> Result<Arc<Examined>, LoadFault> {
    if let Some(kept) = kept(&which) {
        return Ok(kept);
    }
    let turn = turn().await?;
    // Whoever waited may have waited for this very one.
    if let Some(kept) = kept(&which) {
        return Ok(kept);
    }
    to_its_end(turn, async move {
        let made = Arc::new(read.await?);
        let mut all = all();
        all.push_front((which, Arc::clone(&made)));
        all.truncate(KEPT);
        Ok(made)
    })
    .await
}

/// A reading that nobody asks for twice, in its turn.
///
/// # Errors
/// [`LoadFault`] of `read`.
pub(super) async fn once(
    read: impl Future<Output = Result<Examined, LoadFault>> + Send + 'static,
) -> Result<Examined, LoadFault> {
    to_its_end(turn().await?, read).await
}

async fn turn() -> Result<OwnedSemaphorePermit, LoadFault> {
    let turn = Arc::clone(&ONE_AT_A_TIME).acquire_owned().await;
    turn.map_err(|error| LoadFault::Own(error.to_string()))
}

/// Reads to the end, whether or not whoever asked waits for it; the turn is over no sooner.
async fn to_its_end<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    read: impl Future<Output = Result<T, LoadFault>> + Send + 'static,
) -> Result<T, LoadFault> {
    let reading = tokio::spawn(async move {
        let done = read.await;
        drop(turn);
        done
    });
    let done = reading.await;
    done.map_err(|error| LoadFault::Own(error.to_string()))?
}

fn kept(which: &Which) -> Option<Arc<Examined>> {
    let mut all = all();
    let place = all.iter().position(|(one, _)| one == which)?;
    let found = all.remove(place)?;
    let kept = Arc::clone(&found.1);
    all.push_front(found);
    Some(kept)
}

fn all() -> MutexGuard<'static, VecDeque<(Which, Arc<Examined>)>> {
    READINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use clearpicture_ingest::Asked;
    use clearpicture_kernel::Ambient;

    use super::*;

    fn examined() -> Examined {
        Examined::of(Cursor::new(b"a,b\n1,2\n"), &[], &Asked::default(), |_| {}).unwrap()
    }

    #[tokio::test]
    async fn a_file_is_read_once_however_many_ask_at_once() {
        let which = (LoadId::fresh(&Ambient::system()), 2, Digest::ZERO);
        let reads = Arc::new(AtomicUsize::new(0));
        let read = || {
            let reads = Arc::clone(&reads);
            async move {
                reads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(examined())
            }
        };
        let (one, two, three) =
            tokio::join!(of(which, read()), of(which, read()), of(which, read()));
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        // Another version is another reading, and what failed is not kept.
        let failed = of((which.0, 3, which.2), async { Err(LoadFault::Refused) }).await;
        assert!(failed.is_err());
        of((which.0, 3, which.2), read()).await.unwrap();
        assert_eq!(reads.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn whoever_leaves_midway_has_nobody_read_beside() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let goes_on = Arc::new(Semaphore::new(0));
        let read = || {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            let goes_on = Arc::clone(&goes_on);
            async move {
                let at_once = now.fetch_add(1, Ordering::Relaxed) + 1;
                most.fetch_max(at_once, Ordering::Relaxed);
                goes_on.acquire().await.unwrap().forget();
                now.fetch_sub(1, Ordering::Relaxed);
                Ok(examined())
            }
        };
        let which = (LoadId::fresh(&Ambient::system()), 1, Digest::ZERO);
        let mut leaves = Box::pin(of(which, read()));
        while now.load(Ordering::Relaxed) == 0 {
            tokio::select! {
                biased;
                _ = &mut leaves => panic!("nobody let it go on"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(leaves);
        let next = tokio::spawn(once(read()));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        goes_on.add_permits(2);
        next.await.unwrap().unwrap();
        assert_eq!(most.load(Ordering::Relaxed), 1);
        assert!(kept(&which).is_some(), "what was read is kept all the same");
    }

    #[tokio::test]
    async fn only_the_last_few_are_kept() {
        let first = (LoadId::fresh(&Ambient::system()), 1, Digest::ZERO);
        of(first, async { Ok(examined()) }).await.unwrap();
        for version in 2..=5 {
            let other = (first.0, version, first.2);
            of(other, async { Ok(examined()) }).await.unwrap();
        }
        assert!(kept(&first).is_none());
    }
}
