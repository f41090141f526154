//! Drawing lots from a seed. The stream is ChaCha's, which its crate promises to keep; how a number is made of it is
//! our own few lines, so that no release of a library can change what a seed gives.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// A source of lots.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The lots of `seed` for the use that `stream` numbers: no two uses share one.
    pub(crate) fn of(seed: u64, stream: u64) -> Self {
        let mut lots = ChaCha8Rng::seed_from_u64(seed);
        lots.set_stream(stream);
        Self(lots)
    }

    /// A number below `bound`; 0 when there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// Whether it is one of the `rate` in a thousand to whom it happens.
    pub(crate) fn happens(&mut self, rate: u64) -> bool {
        self.below(1_000) < rate
    }

    /// One of `all`; nothing of none.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.below(all.len() as u64);
        all.get(usize::try_from(place).ok()?)
    }

    /// One word of `all`; empty of none.
    pub(crate) fn word<'a>(&mut self, all: &[&'a str]) -> &'a str {
        self.pick(all).copied().unwrap_or_default()
    }
}
