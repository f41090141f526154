//! Work on all threads.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Each thread takes about so many times some of the work: few enough to cost nothing, and enough that all end together.
const TIMES: usize = 64;

/// Does all of the work on so many threads, each taking what comes next, and gives what each came to. Which thread did
/// what differs from run to run.
pub(super) fn spread<T: Sync, R: Send + Default>(
    work: &[T],
    threads: usize,
    each: impl Fn(&T, &mut R) + Sync,
) -> Vec<R> {
    let threads = threads.max(1);
    let at_once = work.len().div_ceil(threads * TIMES).max(1);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut so_far = R::default();
        loop {
            let from = next.fetch_add(at_once, Ordering::Relaxed);
            let some = work.get(from..).unwrap_or_default();
            if some.is_empty() {
                return so_far;
            }
            for one in some.iter().take(at_once) {
                each(one, &mut so_far);
            }
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = vec![run()];
        let others = others.into_iter().map(thread::ScopedJoinHandle::join);
        done.extend(others.map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))));
        done
    })
}
