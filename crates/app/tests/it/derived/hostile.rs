//! Addresses and headers that nobody sends by mistake: no route is led astray by them.

use super::forms::somebody;
use super::ground::{Ground, is_write};
use crate::support::{Reply, Visitor};

/// What could stand where an id stands.
const TRICKS: [&str; 12] = [
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f",
    "..%5c..",
    "%00",
    "%ff%fe",
    "%3Cscript%3E",
    "'%20or%201=1--",
    "feed_",
    "feed_0000000000000000000000000%31%00",
    "worker_00000000000000000000000001%0d%0aX-Injected:%20yes",
];

/// Answers that hold nothing: no page of a record, and no failure of ours.
fn holds_nothing(reply: &Reply) -> bool {
    matches!(reply.status, 400 | 403 | 404 | 405)
}

async fn sends(visitor: &mut Visitor, write: bool, path: &str) -> Reply {
    if write {
        visitor
            .post(path, &[("version", "1"), ("reason", "Because of this.")])
            .await
    } else {
        visitor.get(path).await
    }
}

#[tokio::test]
async fn no_route_is_led_astray_by_its_path() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    let mut visitor = ground.comes(worker).await;
    let before = ground.test.newest_entry().await;
    for route in ground.routes() {
        let write = is_write(&route);
        if route.is_api() {
            continue;
        }
        if route.has_record() {
            let long = "0".repeat(5_000);
            for trick in TRICKS.iter().copied().chain([&*long]) {
                let path = route.path.replace("{id}", trick);
                let reply = sends(&mut visitor, write, &path).await;
                assert!(holds_nothing(&reply), "{path}: {}", reply.status);
            }
        }
        for path in ground
            .paths(&route)
            .into_iter()
            .filter(|path| path.len() > 1)
        {
            for odd in [
                format!("{path}/"),
                format!("/{path}"),
                format!("{path}/.."),
                format!("{path}%00"),
                format!("{path}%2f"),
            ] {
                let reply = sends(&mut visitor, write, &odd).await;
                assert!(holds_nothing(&reply), "{odd}: {}", reply.status);
            }
        }
    }
    assert_eq!(
        ground.test.newest_entry().await,
        before,
        "something was changed"
    );
}

#[tokio::test]
async fn no_query_breaks_a_page_or_puts_a_header_in_its_answer() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    let injected = "%0d%0aX-Injected:%20yes";
    let names = [
        "next", "record", "agency", "state", "person", "field", "as-at", "week", "look", "remove",
        "former",
    ];
    let query = names.map(|name| format!("{name}={injected}")).join("&");
    for route in ground.routes().into_iter().filter(|route| !is_write(route)) {
        for path in ground.paths(&route) {
            let mut visitor = ground.comes(worker).await;
            for query in [
                &query,
                "page=-1",
                "page=99999999999999999999",
                "page=18446744073709551615",
                "page=x&page=y",
                "%ff=%00",
            ] {
                let reply = visitor.get(&format!("{path}?{query}")).await;
                assert!(reply.status < 500, "{path}?{query}: {}", reply.status);
                assert!(reply.headers.get("x-injected").is_none(), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn no_field_puts_a_header_in_an_answer_and_no_host_is_believed() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    for route in ground.routes().into_iter().filter(|route| !route.is_api()) {
        for path in ground.paths(&route) {
            let mut visitor = ground
                .comes(worker)
                .await
                .with_header("host", "evil.example")
                .with_header("x-forwarded-host", "evil.example")
                .with_header("x-forwarded-proto", "gopher")
                .with_header("x-original-url", "/people/new");
            let reply = if is_write(&route) {
                let tried = route.tried.unwrap_or_default();
                let names = url::form_urlencoded::parse(tried.as_bytes());
                let names: Vec<String> = names
                    .map(|(name, _)| name.into_owned())
                    .chain(["next".to_owned()])
                    .collect();
                let nasty = "\r\nX-Injected: yes\r\n\r\n<p>";
                let fields: Vec<(&str, &str)> = names.iter().map(|name| (&**name, nasty)).collect();
                visitor.post(&path, &fields).await
            } else {
                visitor.get(&path).await
            };
            assert!(reply.status < 500, "{path}: {}", reply.status);
            assert!(reply.headers.get("x-injected").is_none(), "{path}");
            assert!(
                !reply.location().contains("evil") && !reply.text.contains("evil.example"),
                "{path}"
            );
            assert!(
                reply.location().is_empty() || reply.location().starts_with('/'),
                "{path}: {}",
                reply.location()
            );
        }
    }
}
