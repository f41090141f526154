//! A body that has to keep up: whoever sends theirs too slowly loses the connection, however little they send.
//!
//! Each byte that comes buys a little patience, up to a bound; waiting spends it. So a body that stalls for a while and goes
//! on is taken, and one that drips is not. Only waiting for the sender counts: whoever reads slowly here costs them nothing.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// How slowly a body may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How long nothing at all may come.
    pub(crate) patience: Duration,
    /// The least rate over a longer time.
    pub(crate) bytes_per_second: u32,
}

/// The largest form that anybody may send takes two minutes at this rate, and half a minute of silence is longer than a
/// telephone takes to find its network again.
pub(crate) const PACE: Pace = Pace {
    patience: Duration::from_secs(30),
    bytes_per_second: 2 * 1024,
};

impl Pace {
    /// The patience that is left after so many bytes came.
    fn bought(self, left: Duration, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bought = Duration::from_secs(1).saturating_mul(bytes) / self.bytes_per_second.max(1);
        left.saturating_add(bought).min(self.patience)
    }
}

/// A body held to a pace.
pub(crate) struct Paced<B> {
    body: B,
    pace: Pace,
    left: Duration,
    /// Since when it is waited, and until when at most.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B> Paced<B> {
    pub(crate) const fn new(body: B, pace: Pace) -> Self {
        Self {
            body,
            pace,
            left: pace.patience,
            waits: None,
        }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some((since, _)) = this.waits.take() {
                    this.left = this.left.saturating_sub(since.elapsed());
                }
                if let Some(Ok(frame)) = &frame {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    this.left = this.pace.bought(this.left, bytes);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let left = this.left;
                let (_, until) = this
                    .waits
                    .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                ready!(until.as_mut().poll(context));
                Poll::Ready(Some(Err("the body came too slowly".into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_buy_patience_up_to_a_bound() {
        let second = Duration::from_secs(1);
        assert_eq!(PACE.bought(Duration::ZERO, 2 * 1024), second);
        assert_eq!(PACE.bought(29 * second, 1 << 30), 30 * second);
        // A byte in twenty seconds buys next to nothing.
        assert!(PACE.bought(Duration::ZERO, 1) < second / 1_000);
    }
}
