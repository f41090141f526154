//! Who gets through which route.

use std::collections::BTreeSet;

use clearpicture_access::{Effect, Grants};
use clearpicture_app::capability::{Door, Route};
use clearpicture_kernel::WorkerId;

use super::ground::{Ground, Known, action_of, agencies, is_write};
use crate::support::{Reply, TestApp, Visitor};

/// Routes that anybody may open. Whoever adds one says here why.
const PUBLIC: [(&str, &str); 6] = [
    ("/sign-in", "one cannot be signed in before signing in"),
    ("/sign-in/code", "the second step of signing in"),
    ("/set-up", "a new colleague has no password yet"),
    (
        "/set-up/device",
        "the second step of setting up, with the first one's secret in the cookie",
    ),
    ("/sign-out", "whoever is not signed in is signed out"),
    ("/api/v1/openapi.json", "a description, without data"),
];

#[tokio::test]
async fn every_route_refuses_a_stranger() {
    let test = TestApp::start().await;
    let public: BTreeSet<&str> = PUBLIC.iter().map(|(path, _)| *path).collect();
    let capabilities = test.app.capabilities().iter();
    for route in capabilities.flat_map(|one| &one.routes) {
        if route.door == Door::Public {
            assert!(
                public.contains(route.path),
                "{route:?} is open to all: say why in PUBLIC, or close it"
            );
            continue;
        }
        let path = route
            .path
            .replace("{id}", "feed_00000000000000000000000001");
        let mut stranger = test.visitor();
        let reply = if route.method == axum::http::Method::POST {
            stranger.post(&path, &[]).await
        } else {
            stranger.get(&path).await
        };
        if route.is_api() {
            assert_eq!(reply.status, 401, "{route:?}");
        } else {
            assert_eq!(reply.status, 303, "{route:?}");
            assert!(reply.location().starts_with("/sign-in?next="), "{route:?}");
        }
    }
}

/// For every role, own agency and another: the answer is the policy's, for every planted record.
#[tokio::test]
async fn every_route_about_a_record_answers_as_policy_says() {
    let mut ground = Ground::sown().await;
    for (number, role) in ground.roles().into_iter().enumerate() {
        for (place, agency) in agencies() {
            let name = format!("{place}{number}x");
            let worker = ground
                .worker(&name, agency, std::slice::from_ref(&role))
                .await;
            for route in ground.routes() {
                if route.has_record() && !route.is_api() {
                    check_route(&ground, &route, worker).await;
                }
            }
        }
    }
}

async fn check_route(ground: &Ground, route: &Route, worker: WorkerId) {
    let Some(kind) = action_of(route).and_then(|_| ground.kind_in_path(route)) else {
        return;
    };
    let sown = ground.of(kind).filter(|one| one.is_sown());
    let sown: Vec<&Known> = sown.collect();
    assert!(
        !sown.is_empty(),
        "{route:?} is about a kind of record that nobody keeps"
    );
    let mut missed = Vec::new();
    for record in &sown {
        let expected = expected(ground, route, worker, record).await;
        let mut visitor = ground.comes(worker).await;
        let path = route.path.replace("{id}", record.id.as_str());
        let reply = if is_write(route) {
            visitor.post(&path, &[]).await
        } else {
            visitor.get(&path).await
        };
        if reply.status == 404 {
            tells_nothing(&mut visitor, route, record, &reply).await;
        }
        if !expected.contains(&reply.status) {
            missed.push((record.id.as_str(), reply.status, expected));
        }
    }
    // A route may be about some of a kind only, such as bars: the others are not there for it.
    let others = missed.iter().all(|(_, status, _)| *status == 404);
    assert!(
        missed.is_empty() || (others && missed.len() < sown.len()),
        "{route:?} as {worker}: {missed:?}"
    );
}

/// One that must not be known of answers to the letter as one that never was.
async fn tells_nothing(visitor: &mut Visitor, route: &Route, record: &Known, reply: &Reply) {
    let prefix = record.id.as_str().split('_').next().unwrap_or_default();
    let never = format!("{prefix}_{}", "9".repeat(26));
    let path = route.path.replace("{id}", &never);
    let absent = if is_write(route) {
        visitor.post(&path, &[]).await
    } else {
        visitor.get(&path).await
    };
    assert_eq!(absent.status, 404, "{route:?}");
    assert_eq!(reply.text, absent.text, "{route:?}");
}

/// The statuses that policy allows an answer to have.
async fn expected(
    ground: &Ground,
    route: &Route,
    worker: WorkerId,
    record: &Known,
) -> &'static [u16] {
    let (caller, purpose) = ground.caller(worker).await;
    let action = action_of(route).expect("a route behind an action");
    let may = |action| {
        let access = ground.test.app.access();
        access.would_allow(action, &caller, &purpose, &record.class, Grants::NONE)
    };
    let known = may(ground.kept(record.kind).known_by);
    let same_kind = action.kind.name == record.kind;
    match (same_kind && may(action), known) {
        // A page may hold forms that need a further action, decided with the record at hand.
        (true, _) if is_write(route) && action.effect == Effect::See => {
            &[200, 303, 400, 403, 404, 409, 422, 429]
        }
        (true, _) => &[200, 303, 400, 409, 422, 429],
        (false, true) if same_kind => &[403],
        (false, false) if same_kind => &[404],
        // An action on another kind of record, decided with that record at hand.
        _ => &[200, 303, 400, 403, 404, 409, 422],
    }
}
