//! Taking connections, and giving up on those that never ask.
//!
//! As `axum::serve` does it, with one thing more: whoever sends the head of a
//! request a byte at a time loses the connection, whether or not a proxy stands
//! in front.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// How long the head of a request may take, counted from the answer before it: longer than proxies keep
/// an idle connection (nginx 60 seconds), so that none of them sends into one that is just being closed.
pub(crate) const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Serves `router` to whoever connects until `stop`, and then until the last of them is answered.
pub(crate) async fn serve(
    mut listener: TcpListener,
    router: Router,
    head_within: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_within);
    let taken = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, from) = tokio::select! {
            // It waits by itself while the system has no room for another.
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let router = router.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().oneshot(request)
        });
        let answered = taken.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async {
            // A connection that breaks off, or never asks, is the visitor's own affair.
            let _ = answered.await;
        });
    }
    drop(listener);
    taken.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, oneshot};

    use super::*;

    const SOON: Duration = Duration::from_millis(500);

    struct Running {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        served: tokio::task::JoinHandle<()>,
    }

    async fn running(router: Router) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            stopped.await.expect("told");
        };
        let served = tokio::spawn(serve(listener, router, SOON, stopped));
        Running {
            address,
            stop,
            served,
        }
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut rest = Vec::new();
        // One that was cut off has said all it will.
        let _ = stream.read_to_end(&mut rest).await;
        String::from_utf8(rest).expect("text")
    }

    #[tokio::test]
    async fn a_head_sent_a_byte_at_a_time_loses_its_connection() {
        let running = running(Router::new().route("/", get(|| async { "here" }))).await;
        let began = Instant::now();
        let mut slow = TcpStream::connect(running.address).await.expect("taken");
        let mut drip = tokio::time::interval(Duration::from_millis(20));
        slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx: ")
            .await
            .expect("sent");
        while slow.write_all(b"x").await.is_ok() {
            drip.tick().await;
            assert!(began.elapsed() < 20 * SOON, "the connection is still there");
        }
        assert!(began.elapsed() >= SOON);
        // Silence from the first byte on loses it as well.
        let mut silent = TcpStream::connect(running.address).await.expect("taken");
        assert_eq!(rest(&mut silent).await, "");
        // Meanwhile everyone else is answered, one request after another on one connection.
        let mut other = TcpStream::connect(running.address).await.expect("taken");
        let twice = "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        other.write_all(twice.as_bytes()).await.expect("sent");
        assert_eq!(rest(&mut other).await.matches("here").count(), 2);
        running.stop.send(()).expect("running");
        running.served.await.expect("it ends");
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_a_head_and_a_stop_waits_for_it() {
        let (asked, answer) = (
            std::sync::Arc::new(Notify::new()),
            std::sync::Arc::new(Notify::new()),
        );
        let (told, waits) = (asked.clone(), answer.clone());
        let page = get(
            move |ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
                told.notify_one();
                waits.notified().await;
                format!("for {from}")
            },
        );
        let running = running(Router::new().route("/", page)).await;
        let mut visitor = TcpStream::connect(running.address).await.expect("taken");
        visitor
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .expect("sent");
        asked.notified().await;
        let longer = tokio::time::timeout(2 * SOON, visitor.readable()).await;
        assert!(longer.is_err(), "it was not cut off while it waited");
        running.stop.send(()).expect("running");
        answer.notify_one();
        let from = visitor.local_addr().expect("an address");
        assert!(rest(&mut visitor).await.ends_with(&format!("for {from}")));
        running.served.await.expect("it ends");
        assert!(TcpStream::connect(running.address).await.is_err());
    }
}
