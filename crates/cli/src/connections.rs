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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
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
        let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
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

    /// What scanners and smugglers send, and whether it may reach a page at all.
    type Raw = (&'static str, String, bool);

    fn raw_heads() -> Vec<Raw> {
        let get = |line: &str, headers: &str| format!("{line}\r\nhost: x\r\n{headers}\r\n");
        let line = "GET / HTTP/1.1";
        let long = format!("x: {}\r\n", "y".repeat(1 << 20));
        let numbered = (0..200).map(|number| format!("x-{number}: y\r\n"));
        let many: String = numbered.collect();
        let absolute = |host: &str| get(&format!("GET http://{host}/ HTTP/1.1"), "");
        let http_2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned();
        let tls = "\u{16}\u{3}\u{1}\0\u{5}hello".to_owned();
        vec![
            ("line feeds alone", format!("{line}\nhost: x\n\n"), true),
            ("a folded header", get(line, "x: a\r\n b\r\n"), false),
            ("a blank before the colon", get(line, "x : a\r\n"), false),
            ("a nought in a header", get(line, "x: a\0b\r\n"), false),
            (
                "a nought in the address",
                get("GET /\0 HTTP/1.1", ""),
                false,
            ),
            ("HTTP/0.9", "GET /\r\n".to_owned(), false),
            ("another version", get("GET / HTTP/9.9", ""), false),
            ("the absolute form", absolute("x"), true),
            ("the absolute form of another host", absolute("y"), true),
            ("a method that is none", get("G@T / HTTP/1.1", ""), false),
            ("a tunnel", get("CONNECT y:443 HTTP/1.1", ""), true),
            ("a head of a megabyte", get(line, &long), false),
            ("two hundred headers", get(line, &many), false),
            ("the greeting of HTTP/2", http_2, false),
            ("the greeting of TLS", tls, false),
        ]
    }

    fn raw_bodies() -> Vec<Raw> {
        let post = |headers: &str, body: &str| {
            format!("POST / HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n{body}")
        };
        let length = |length: &str| post(&format!("content-length: {length}"), "ab");
        let coded = |coding: &str, body: &str| {
            let body = format!("{body}0\r\n\r\n");
            post(&format!("transfer-encoding: {coding}"), &body)
        };
        let two = post("content-length: 1\r\ncontent-length: 2", "ab");
        let next = "0\r\n\r\nGET /next HTTP/1.1\r\nhost: x\r\n\r\n";
        let both = post("content-length: 6\r\ntransfer-encoding: chunked", next);
        let beyond_all = length("99999999999999999999999");
        let endless = post("transfer-encoding: chunked", "2\r\nab\r\n");
        vec![
            ("a length and chunks", both, true),
            ("two lengths", two, false),
            ("two lengths in one", length("1, 2"), false),
            ("a length with a sign", length("+2"), false),
            ("a length below nought", length("-1"), false),
            ("a length beyond all", beyond_all, false),
            ("a coding that is none", coded("xchunked", ""), false),
            (
                "chunks, coded otherwise",
                coded("chunked, identity", ""),
                false,
            ),
            ("a bad chunk", coded("chunked", "zz\r\nab\r\n"), false),
            (
                "a chunk beyond all",
                coded("chunked", "fffffffffffffffff\r\nab"),
                false,
            ),
            (
                "a chunk longer than it says",
                coded("chunked", "1\r\nab\r\n"),
                false,
            ),
            ("chunks without an end", endless, false),
        ]
    }

    #[tokio::test]
    async fn what_is_no_plain_request_gets_no_ones_page_ends_in_time_and_stops_nobody() {
        let reached = Arc::new(AtomicUsize::new(0));
        let count = reached.clone();
        let page = move |headers: HeaderMap, _: String| {
            count.fetch_add(1, Ordering::Relaxed);
            let is_in = headers.get(header::COOKIE).is_some_and(|one| one == "in");
            async move {
                if is_in {
                    "a visitor's own page"
                } else {
                    "sign in"
                }
            }
        };
        let running = running(Router::new().fallback(page)).await;
        let address = running.address;
        let asks = async |bytes: &[u8]| {
            let mut one = TcpStream::connect(address).await.expect("taken");
            // It may have hung up before all of it was sent.
            let _ = one.write_all(bytes).await;
            rest(&mut one).await
        };
        let plain = "GET / HTTP/1.1\r\nhost: x\r\ncookie: in\r\nconnection: close\r\n\r\n";
        for (what, sent, may_reach) in raw_heads().into_iter().chain(raw_bodies()) {
            let before = reached.load(Ordering::Relaxed);
            let answer = tokio::time::timeout(10 * SOON, asks(sent.as_bytes())).await;
            let answer = answer.unwrap_or_else(|_| panic!("{what}: the connection is still there"));
            assert!(!answer.contains("own page"), "{what}: {answer}");
            let is_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
            let came = reached.load(Ordering::Relaxed) - before;
            assert!(
                may_reach || (came == 0 && is_refused),
                "{what}: {came} {answer}"
            );
            let own = asks(plain.as_bytes()).await;
            assert!(own.ends_with("a visitor's own page"), "after {what}: {own}");
        }
        running.stop.send(()).expect("running");
        running.served.await.expect("it ends");
    }
}
