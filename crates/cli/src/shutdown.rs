//! Stopping: asked for by a signal, told to every part that runs.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::outcome::Stop;

/// Tells the parts that run to finish what they took and stop.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Listens for SIGTERM and SIGINT from now on.
    pub(crate) fn on_signals() -> Result<Self, Stop> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping: no new requests are taken");
            tell.send_replace(true);
            // A sender that is gone also means stop; it is kept for as long as anyone listens.
            tell.closed().await;
        });
        Ok(Self(told))
    }

    /// The news itself, for a part that looks at it between two pieces of work.
    pub(crate) fn told(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }

    /// Waits until it is time to stop.
    pub(crate) async fn wanted(mut self) {
        // An error means that the sender is gone, which is time to stop as well.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
