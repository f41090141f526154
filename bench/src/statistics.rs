//! What many timings come to.

use std::time::Duration;

/// Timings, in order of length.
pub(crate) struct Timings(Vec<Duration>);

impl Timings {
    pub(crate) fn new(mut timings: Vec<Duration>) -> Self {
        timings.sort_unstable();
        Self(timings)
    }

    /// The shortest time that `share` of all do not exceed (nearest rank).
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank within the list, from a share between 0 and 1"
        )]
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        let last = self.0.len().saturating_sub(1);
        let found = self.0.get(rank.saturating_sub(1).min(last));
        found.copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.quantile(0.5)
    }
}

/// The middle one of `numbers`, the smallest and the largest.
pub(crate) fn middle(numbers: &[f64]) -> (f64, f64, f64) {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (
        at(sorted.len() / 2),
        at(0),
        at(sorted.len().saturating_sub(1)),
    )
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A duration in microseconds.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let timings = Timings::new((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(timings.median(), Duration::from_millis(50));
        assert_eq!(timings.quantile(0.99), Duration::from_millis(99));
        assert_eq!(timings.quantile(1.0), Duration::from_millis(100));
        assert_eq!(Timings::new(Vec::new()).median(), Duration::ZERO);
    }
}
