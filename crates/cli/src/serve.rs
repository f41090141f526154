//! The server: pages, health, metrics, jobs, and an end that loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use clearpicture_app::App;
use clearpicture_app::jobs::run_jobs;
use clearpicture_app::shell::session;
use clearpicture_app::state::Serving;
use clearpicture_store::{Store, Writer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connections::{self, HEAD_WITHIN};
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::paced::PACE;
use crate::settings::Settings;
use crate::shutdown::Stopping;
use crate::{metrics, say};

/// How long requests that were taken may last once it is time to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(20);
/// How long jobs, and then the last changes, may last after that.
const LAST_WORK: Duration = Duration::from_secs(10);
/// What every page of a demonstration says.
const DEMO: &str = "Demonstration. Every person, agency and place here is invented.";

/// The command `serve`.
pub(crate) async fn run(settings: Settings) -> Result<(), Stop> {
    let opened = installation::open(&settings, Footing::Begin).await?;
    serve(&settings, opened).await
}

/// Serves an open installation until a signal says stop.
pub(crate) async fn serve(settings: &Settings, opened: Opened) -> Result<(), Stop> {
    // A database that may only be read is told by the first write, before anyone is served.
    session::sweep(&opened.store).await?;
    let stopping = Stopping::on_signals()?;
    let listener = bind(&settings.listen, "--listen").await?;
    let address = listener.local_addr()?;
    warn_if_open(settings, address);
    if let Some(place) = &settings.metrics_listen {
        metrics::serve(place, stopping.clone()).await?;
    }
    let app = opened.app(serving(settings, &opened.store).await?)?;
    let router = router(&app);
    let jobs = tokio::spawn(run_jobs(app.clone(), stopping.told()));
    let Opened { store, writer, .. } = opened;
    drop((app, store));

    say::answer(&format!("ready: http://{address}"))?;
    let stop = stopping.clone().wanted();
    let served = connections::serve(listener, router, HEAD_WITHIN, PACE, stop);
    let late = async {
        stopping.clone().wanted().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        () = served => {}
        () = late => tracing::warn!("some requests were still running and were cut off"),
    }
    finish(jobs, writer).await
}

/// Waits until the job at hand is finished and every change that was taken is durable.
async fn finish(jobs: JoinHandle<()>, writer: Writer) -> Result<(), Stop> {
    let last_work = async {
        // A job that panicked has said so in the log.
        let _ = jobs.await;
        writer.finished().await
    };
    match tokio::time::timeout(LAST_WORK, last_work).await {
        Ok(finished) => finished?,
        // What was acknowledged is durable; what was cut off was not acknowledged.
        Err(_) => tracing::warn!("some work was still running and was cut off"),
    }
    tracing::info!("stopped: every change that was taken is durable");
    Ok(())
}

/// Binds `address`, which `option` named.
pub(crate) async fn bind(address: &str, option: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there: stop it, or choose another port"
            }
            std::io::ErrorKind::PermissionDenied => {
                "this user may not listen there: choose a port above 1023"
            }
            _ => "write an address of this machine and a port, such as 127.0.0.1:8080",
        };
        Stop::fault(format!(
            "cannot listen on `{address}` ({error}): {advice}, with {option}"
        ))
    })
}

/// How the application is served, by the settings and by what the database says of itself.
async fn serving(settings: &Settings, store: &Store) -> Result<Serving, Stop> {
    let origin = store.origin().await?;
    let demo = origin.is_some_and(|origin| origin.is_demonstration());
    Ok(Serving {
        secure: settings.is_secure(),
        behind_proxy: settings.behind_proxy,
        seals: settings.seals_folder.clone(),
        demo: demo.then(|| DEMO.to_owned()),
    })
}

/// Passwords must not cross a network in the clear.
fn warn_if_open(settings: &Settings, address: SocketAddr) {
    if !address.ip().is_loopback() && !settings.is_secure() {
        tracing::warn!(
            %address,
            "other machines can reach this without HTTPS: put a proxy with HTTPS in front, and set `public_url`"
        );
    }
}

/// The pages, with health beside them: outside their layers, so that a probe meets no session and leaves no line.
fn router(app: &App) -> Router {
    Router::new()
        .route(
            "/health/live",
            get(|| async { health(StatusCode::OK, "live") }),
        )
        .route("/health/ready", get(ready))
        .with_state(app.store().clone())
        .merge(clearpicture_app::shell::router(app))
}

async fn ready(State(store): State<Store>) -> impl IntoResponse {
    match store.ping().await {
        Ok(()) => health(StatusCode::OK, "ready"),
        Err(fault) => {
            tracing::error!(%fault, "the database does not answer");
            health(
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the database does not answer",
            )
        }
    }
}

fn health(status: StatusCode, words: &'static str) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], words)
}
