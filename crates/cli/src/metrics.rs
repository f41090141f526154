//! Metrics for Prometheus, on a listener of their own: they are for those who
//! run the server, and nothing of the pages can be reached there.

use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::outcome::Stop;
use crate::serve::bind;
use crate::shutdown::Stopping;

/// Upper ends of the classes in which answering times are counted, in seconds.
const SECONDS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1.0, 5.0,
];
/// How often what was counted is gathered, whether or not anyone asks.
const GATHERED: Duration = Duration::from_secs(10);

/// Starts counting, and serves the counts at `/metrics` until it is time to stop.
pub(crate) async fn serve(address: &str, stopping: Stopping) -> Result<(), Stop> {
    let listener = bind(address, "metrics_listen").await?;
    let handle = recorder().map_err(|error| Stop::fault(error.to_string()))?;
    tracing::info!(address = %listener.local_addr()?, "metrics are served");
    tokio::spawn(gather(handle.clone(), stopping.clone()));
    tokio::spawn(answer(listener, handle, stopping));
    Ok(())
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()
}

async fn answer(listener: TcpListener, handle: PrometheusHandle, stopping: Stopping) {
    let page = get(move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response() }
    });
    let router = Router::new().route("/metrics", page);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopping.wanted());
    if let Err(error) = served.await {
        tracing::error!(%error, "metrics are served no more");
    }
}

async fn gather(handle: PrometheusHandle, stopping: Stopping) {
    let mut due = tokio::time::interval(GATHERED);
    let stop = stopping.wanted();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = due.tick() => handle.run_upkeep(),
            () = &mut stop => return,
        }
    }
}
