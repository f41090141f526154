//! Time and chance as parameters.
//!
//! Rules take a [`Timestamp`]; things that need a fresh moment or fresh bytes
//! take an [`Ambient`]. Tests hand in a fixed clock and a counted source of
//! bytes, so that ids and dates inside snapshots stay the same.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;
use zeroize::Zeroize as _;

use crate::digest::Digest;

/// Something that tells the time.
pub trait Clock: Send + Sync {
    /// The present moment, cut to the microsecond, as the database keeps it.
    fn now(&self) -> Timestamp;
}

/// Something that gives bytes nobody can guess.
pub trait Random: Send + Sync {
    /// Fills `bytes` whole.
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the chance that one running program uses.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ambient {
    /// The machine's own clock and randomness.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// An ambient made of the given parts.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's clock"
        )]
        let now = Timestamp::now();
        microseconds(now.as_microsecond())
    }
}

/// A clock that a test, or a demonstration, sets by hand.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock standing at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.as_microsecond()))
    }

    /// Moves the clock to `at`, forwards or back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        microseconds(self.0.load(Ordering::SeqCst))
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

/// Bytes asked of the system at once. It answers a thousand about as fast as two dozen, and a file of a million rows
/// needs two dozen for each.
const DRAWN_AT_ONCE: usize = 1024;

thread_local! {
    /// Bytes that were drawn and not yet given out: the last of them next.
    static DRAWN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > DRAWN_AT_ONCE {
            return draw(bytes);
        }
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.len() < bytes.len() {
                drawn.resize(DRAWN_AT_ONCE, 0);
                draw(drawn);
            }
            let begins = drawn.len() - bytes.len();
            if let Some(fresh) = drawn.get_mut(begins..) {
                bytes.copy_from_slice(fresh);
                fresh.zeroize();
            }
            drawn.truncate(begins);
        });
    }
}

fn draw(bytes: &mut [u8]) {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key, token or id is safe, so going on would be worse"
    )]
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// Bytes that only look random: the same seed gives the same bytes. For tests.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// A source that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            drawn: AtomicU64::new(0),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(Digest::LEN) {
            let draw = self.drawn.fetch_add(1, Ordering::SeqCst);
            let digest = Digest::of_parts(&[&self.seed.to_be_bytes(), &draw.to_be_bytes()]);
            for (byte, fresh) in chunk.iter_mut().zip(digest.as_bytes()) {
                *byte = *fresh;
            }
        }
    }
}

/// The moment `micros` microseconds after 1 January 1970, or the nearest end of
/// the range that can be told.
pub fn microseconds(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
