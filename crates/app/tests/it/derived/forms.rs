//! What every form and every call that changes something refuses: another's token, too much, nonsense.

use clearpicture_app::capability::{Door, Route};
use clearpicture_app::shell::router::LARGEST_BODY;
use clearpicture_app::tokens::ApiScope;
use clearpicture_kernel::WorkerId;

use super::ground::{Ground, agencies, is_write};
use crate::support::{FORM, Visitor};

/// Bodies that no page sends.
const NONSENSE: [&[u8]; 8] = [
    b"",
    b"&&=&=&",
    b"%ff%fe=%c3%28&%00=%00",
    b"version=-1&look=-1&page=-1&day=99",
    b"version=99999999999999999999&look=99999999999999999999",
    b"version=1&version=2&version[]=3&reason[]=x&name[]=y",
    b"{\"version\": 1}",
    b"\xff\xfe\x00\x01",
];

/// Somebody in every role, so that no form refuses them for being who they are.
pub(super) async fn somebody(ground: &mut Ground) -> WorkerId {
    let (roles, [(_, own), _]) = (ground.roles(), agencies());
    ground.worker("everything", own, &roles).await
}

fn forms(ground: &Ground) -> Vec<Route> {
    let writes = ground.routes().into_iter().filter(is_write);
    writes.filter(|route| !route.is_api()).collect()
}

/// A form with a record's id may be refused for that record's sake first.
fn may_be_refused(route: &Route) -> bool {
    route.has_record() && route.door != Door::Public
}

#[tokio::test]
async fn no_form_takes_a_forged_missing_or_replayed_token() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    let twin = ground.comes(worker).await.csrf();
    let mut left = ground.comes(worker).await;
    let ended = left.csrf();
    assert_eq!(left.post("/sign-out", &[]).await.status, 303);
    let stranger = {
        let mut stranger = ground.test.visitor();
        stranger.get("/sign-in").await;
        stranger.csrf()
    };
    let tokens = [
        ("no token", None),
        ("an empty token", Some(String::new())),
        ("a forged token", Some("0".repeat(64))),
        ("a stranger's token", Some(stranger)),
        ("the token of another session", Some(twin)),
        ("the token of a session that is over", Some(ended)),
    ];
    let before = ground.test.newest_entry().await;
    for route in forms(&ground) {
        for path in ground.paths(&route) {
            let mut visitor = ground.comes(worker).await;
            for (what, token) in &tokens {
                let mut body: Vec<(String, String)> =
                    url::form_urlencoded::parse(route.tried.unwrap_or_default().as_bytes())
                        .into_owned()
                        .collect();
                body.extend(
                    token
                        .iter()
                        .map(|token| ("csrf_token".to_owned(), token.clone())),
                );
                let body: Vec<(&str, &str)> = body.iter().map(|(k, v)| (&**k, &**v)).collect();
                let reply = visitor.post_bare(&path, &body).await;
                let refused =
                    reply.status == 403 || (may_be_refused(&route) && reply.status == 404);
                assert!(refused, "{path} takes {what}: {}", reply.status);
            }
            let mut elsewhere = ground
                .comes(worker)
                .await
                .with_header("sec-fetch-site", "cross-site");
            let reply = elsewhere.post(&path, &[]).await;
            assert!(
                matches!(reply.status, 403 | 404),
                "{path} takes a form of another site"
            );
        }
    }
    assert_eq!(
        ground.test.newest_entry().await,
        before,
        "something was changed"
    );
}

#[tokio::test]
async fn nothing_takes_more_than_the_largest_body() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    let calls = calls(&mut ground).await;
    let before = ground.test.newest_entry().await;
    // One that takes files hands them on as they come, and holds none of them.
    let held = |route: &Route| route.largest_body.is_none();
    for route in forms(&ground).into_iter().filter(held) {
        for path in ground.paths(&route) {
            let mut visitor = ground.comes(worker).await;
            let long = "x".repeat(LARGEST_BODY);
            let reply = visitor.post(&path, &[("reason", &long)]).await;
            let refused = may_be_refused(&route) && matches!(reply.status, 403 | 404);
            assert!(reply.status == 413 || refused, "{path}: {}", reply.status);
        }
    }
    for (route, path, mut system) in calls.into_iter().filter(|(route, ..)| held(route)) {
        let body = format!("{{\"name\": \"{}\"}}", "x".repeat(LARGEST_BODY));
        let reply = system
            .post_body(&path, "application/json", body.into_bytes())
            .await;
        assert_eq!(reply.status, 413, "{route:?}");
    }
    assert_eq!(
        ground.test.newest_entry().await,
        before,
        "something was changed"
    );
}

#[tokio::test]
async fn nonsense_is_refused_and_breaks_nothing() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    for route in forms(&ground) {
        for path in ground.paths(&route) {
            let mut visitor = ground.comes(worker).await;
            for body in NONSENSE {
                for kind in [
                    "application/json",
                    "text/plain",
                    "multipart/form-data; boundary=x",
                ] {
                    let reply = visitor.post_body(&path, kind, body.to_vec()).await;
                    let refused = may_be_refused(&route) && matches!(reply.status, 403 | 404);
                    assert!(
                        reply.status == 400 || refused,
                        "{path} takes {kind}: {}",
                        reply.status
                    );
                }
                let token = format!("csrf_token={}&", visitor.csrf());
                let body = [token.as_bytes(), body].concat();
                let reply = visitor.post_body(&path, FORM, body).await;
                assert!(reply.status < 500, "{path}: {}", reply.status);
                if reply.status == 303 {
                    // It was taken (or signed someone out): the next needs a session of its own.
                    visitor = ground.comes(worker).await;
                }
            }
        }
    }
    let calls = calls(&mut ground).await;
    let before = ground.test.newest_entry().await;
    // A file of nonsense is kept like any other, and refused once it is read.
    let is_file = |route: &Route| route.largest_body.is_some();
    for (route, path, mut system) in calls.into_iter().filter(|(route, ..)| !is_file(route)) {
        for body in NONSENSE {
            let reply = system
                .post_body(&path, "application/json", body.to_vec())
                .await;
            assert!(
                (400..500).contains(&reply.status),
                "{route:?}: {}",
                reply.status
            );
        }
    }
    assert_eq!(
        ground.test.newest_entry().await,
        before,
        "something was changed"
    );
}

/// Every call of the API that changes something, with a system that may make it.
async fn calls(ground: &mut Ground) -> Vec<(Route, String, Visitor)> {
    let [(_, own), _] = agencies();
    let mut calls = Vec::new();
    for route in ground
        .routes()
        .into_iter()
        .filter(|route| is_write(route) && route.is_api())
    {
        let system = ground
            .system(&format!("{route:?}"), own, &ApiScope::ALL)
            .await;
        for path in ground.paths(&route) {
            let system = ground.calls(&system).with_header("idempotency-key", &path);
            calls.push((route.clone(), path, system));
        }
    }
    assert!(!calls.is_empty(), "the API changes nothing");
    calls
}
