//! Taking connections, and giving up on those that never ask.
//!
//! As `axum::serve` does it, with three things more: whoever sends the head of a
//! request, or its body, a byte at a time loses the connection, whether or not a
//! proxy stands in front; and a request that names no host, or two, is refused,
//! since a proxy and this server could take it for two different ones.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::paced::{Pace, Paced};

/// How long the head of a request may take, counted from the answer before it: longer than proxies keep
/// an idle connection (nginx 60 seconds), so that none of them sends into one that is just being closed.
pub(crate) const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Serves `router` to whoever connects until `stop`, and then until the last of them is answered.
pub(crate) async fn serve(
    mut listener: TcpListener,
    router: Router,
    head_within: Duration,
    pace: Pace,
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
            let router = router.clone();
            async move {
                if !names_one_host(request.headers()) {
                    return Ok(which_host());
                }
                let mut request = request.map(|body| Body::new(Paced::new(body, pace)));
                request.extensions_mut().insert(ConnectInfo(from));
                router.oneshot(request).await
            }
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

/// Whether a request says once whom it is for, and what it says is one host.
fn names_one_host(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b",/@\\?#".contains(byte);
    let is_host = |host: &HeaderValue| !host.is_empty() && host.as_bytes().iter().all(is_plain);
    matches!((hosts.next(), hosts.next()), (Some(host), None) if is_host(host))
}

fn which_host() -> Response {
    let mut response = (
        StatusCode::BAD_REQUEST,
        "A request names one host, once, in its header Host.\n",
    )
        .into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
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
    const BRISK: Pace = Pace {
        patience: SOON,
        bytes_per_second: 1024,
    };

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
        let served = tokio::spawn(serve(listener, router, SOON, BRISK, stopped));
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

    #[tokio::test]
    async fn a_body_sent_a_byte_at_a_time_loses_its_connection() {
        let takes = axum::routing::post(|body: Result<String, _>| async {
            body.map_or_else(
                |_: axum::extract::rejection::StringRejection| 0,
                |body| body.len(),
            )
            .to_string()
        });
        let running = running(Router::new().route("/", takes)).await;
        let began = Instant::now();
        let head =
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4000\r\n\r\n";
        let mut slow = TcpStream::connect(running.address).await.expect("taken");
        slow.write_all(head.as_bytes()).await.expect("sent");
        let mut drip = tokio::time::interval(Duration::from_millis(20));
        let mut sent = 0;
        while slow.write_all(b"x").await.is_ok() {
            drip.tick().await;
            sent += 1;
            assert!(began.elapsed() < 10 * SOON, "the connection is still there");
        }
        assert!(began.elapsed() >= SOON && sent < 4000);
        // One that stalls a while and goes on is taken whole.
        let mut stalls = TcpStream::connect(running.address).await.expect("taken");
        stalls.write_all(head.as_bytes()).await.expect("sent");
        for _ in 0..4 {
            tokio::time::sleep(SOON / 2).await;
            stalls.write_all(&[b'x'; 1000]).await.expect("sent");
        }
        let answer = rest(&mut stalls).await;
        assert!(answer.ends_with("4000"), "{answer}");
        running.stop.send(()).expect("running");
        running.served.await.expect("it ends");
    }

    #[tokio::test]
    async fn a_request_names_one_host_once() {
        let running = running(Router::new().route("/", get(|| async { "here" }))).await;
        for (hosts, status) in [
            ("host: x\r\n", "200"),
            ("host: northwater.example:8080\r\n", "200"),
            ("host: [::1]:8080\r\n", "200"),
            ("", "400"),
            ("host: x\r\nhost: y\r\n", "400"),
            ("host: x\r\nHost: x\r\n", "400"),
            ("host: \r\n", "400"),
            ("host: x, y\r\n", "400"),
            ("host: x/y\r\n", "400"),
        ] {
            let mut one = TcpStream::connect(running.address).await.expect("taken");
            let asked = format!("GET / HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
            one.write_all(asked.as_bytes()).await.expect("sent");
            let answer = rest(&mut one).await;
            assert_eq!(answer.get(9..12), Some(status), "{hosts:?}: {answer}");
        }
        running.stop.send(()).expect("running");
        running.served.await.expect("it ends");
    }
}
