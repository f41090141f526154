//! Work on all threads.

use std::panic::resume_unwind;
use std::thread;

/// Does all of the work on so many threads, each taking every so-manieth piece of it, and gives what each came to.
pub(super) fn spread<T: Sync, R: Send + Default>(
    work: &[T],
    threads: usize,
    each: impl Fn(&T, &mut R) + Sync,
) -> Vec<R> {
    let threads = threads.max(1);
    let each = &each;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    let mut so_far = R::default();
                    for one in work.iter().skip(thread).step_by(threads) {
                        each(one, &mut so_far);
                    }
                    so_far
                })
            })
            .collect();
        let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}
