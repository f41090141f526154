//! What holds for every route, derived from the capabilities: nothing can be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use clearpicture_access::{
    Access, AccessClass, ActionSpec, Adds, Effect, Grants, PolicyText, Purpose, Resource,
};
use clearpicture_app::capability::{Door, Route};
use clearpicture_app::shell::session::Stage;
use clearpicture_app::{agencies, feeds, grants, tokens, workers};
use clearpicture_kernel::{AgencyId, Code, RecordId, TypedId as _, WorkerId};
use clearpicture_store::{GrantId, Record};

use crate::support::{TestApp, a_worker};

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

/// Policies that allow everything, for planting records; the application's own decide about them.
fn everything_allowed(test: &TestApp) -> Access {
    let actions: Vec<ActionSpec> = test
        .app
        .capabilities()
        .iter()
        .flat_map(|one| one.actions.iter().copied())
        .collect();
    let text = PolicyText::new("test", "@id(\"all\") permit (principal, action, resource);");
    Access::new(actions, &[text]).expect("valid")
}

/// Plants the first sample of a kind, and says what policies may know of it.
async fn plant<A>(
    test: &TestApp,
    access: &Access,
    id: <A::On as Record>::Id,
) -> (RecordId, AccessClass)
where
    A: Adds,
    A::On: Record,
{
    // The last sample is the most delicate: of grants, the bar.
    let record = A::On::samples().into_iter().next_back().expect("a sample");
    let class = record.class(&id);
    let resource = Resource {
        id: id.record_id(),
        version: 0,
        class: class.clone(),
        grants: Grants::NONE,
    };
    let caller = clearpicture_access::Caller::system("set-up");
    let permit = access
        .permit::<A>(&caller, resource, &purpose("administration"))
        .expect("all is allowed");
    test.store()
        .add(&permit, &record, None)
        .await
        .expect("planted");
    (id.record_id(), class)
}

fn purpose(code: &str) -> Purpose {
    Purpose {
        code: Code::parse(code).expect("a code"),
        marked: false,
    }
}

/// One record of every kind that a route is about.
async fn planted(test: &TestApp) -> BTreeMap<&'static str, (RecordId, AccessClass)> {
    let access = everything_allowed(test);
    let ambient = test.app.ambient();
    let own = AgencyId::parse("agency_00000000000000000000000001").expect("an id");
    BTreeMap::from([
        (
            "agency",
            plant::<agencies::AddAgency>(test, &access, own).await,
        ),
        (
            "team",
            plant::<agencies::AddTeam>(test, &access, clearpicture_kernel::TeamId::fresh(ambient))
                .await,
        ),
        (
            "worker",
            plant::<workers::AddWorker>(test, &access, WorkerId::fresh(ambient)).await,
        ),
        (
            "feed",
            plant::<feeds::AddFeed>(test, &access, feeds::FeedId::fresh(ambient)).await,
        ),
        (
            "grant",
            plant::<grants::AddBar>(test, &access, GrantId::fresh(ambient)).await,
        ),
        (
            "token",
            plant::<tokens::AddToken>(test, &access, tokens::TokenId::fresh(ambient)).await,
        ),
    ])
}

fn routes(test: &TestApp) -> Vec<Route> {
    test.app
        .capabilities()
        .iter()
        .flat_map(|one| one.routes.iter().cloned())
        .collect()
}

#[tokio::test]
async fn every_route_refuses_a_stranger() {
    let test = TestApp::start().await;
    let public: BTreeSet<&str> = PUBLIC.iter().map(|(path, _)| *path).collect();
    for route in routes(&test) {
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
        let reply = if route.method == Method::GET {
            stranger.get(&path).await
        } else {
            stranger.post(&path, &[]).await
        };
        if route.is_api() {
            assert_eq!(reply.status, 401, "{route:?}");
        } else {
            assert_eq!(reply.status, 303, "{route:?}");
            assert!(reply.location().starts_with("/sign-in?next="), "{route:?}");
        }
    }
}

#[tokio::test]
async fn every_form_refuses_what_did_not_come_from_its_own_page() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater").await;
    let mut roles = a_worker("all").of(agency);
    for role in &test.app.practice().roles {
        roles = roles.and_role(role.code.as_str());
    }
    let worker = test.worker(roles).await;
    for route in routes(&test) {
        if route.method != Method::POST || route.is_api() || route.has_record() {
            continue;
        }
        let mut visitor = test.signed_in(worker, Stage::Full).await;
        let forged = visitor
            .post_bare(route.path, &[("csrf_token", "0".repeat(64).as_str())])
            .await;
        assert_eq!(forged.status, 403, "{route:?} takes a forged token");
        let mut visitor = test.signed_in(worker, Stage::Full).await;
        let missing = visitor.post_bare(route.path, &[]).await;
        assert_eq!(missing.status, 403, "{route:?} takes no token at all");
    }
}

/// For every role, own agency and another, and for a barred person: the answer is the policy's.
#[tokio::test]
async fn every_route_about_a_record_answers_as_policy_says() {
    let test = TestApp::start().await;
    let records = planted(&test).await;
    let own = AgencyId::parse("agency_00000000000000000000000001").expect("an id");
    let other = test.agency("elsewhere").await;
    for (number, role) in test.app.practice().roles.clone().into_iter().enumerate() {
        for (place, agency) in [("own", own), ("other", other)] {
            let name = format!("{place}{number}");
            let worker = test
                .worker(a_worker(&name).of(agency).role(role.code.as_str()))
                .await;
            for route in routes(&test) {
                check_route(&test, &records, &route, worker, agency, &role.code).await;
            }
        }
    }
}

async fn check_route(
    test: &TestApp,
    records: &BTreeMap<&'static str, (RecordId, AccessClass)>,
    route: &Route,
    worker: WorkerId,
    agency: AgencyId,
    role: &Code,
) {
    let Door::Action(action) = route.door else {
        return;
    };
    if !route.has_record() || route.is_api() {
        return;
    }
    let Some(kind) = kind_in_path(route, action, records) else {
        panic!("{route:?} is about a record of no planted kind: plant one in `planted`");
    };
    let (id, class) = &records[kind];
    let roles = BTreeSet::from([role.clone()]);
    let purpose = test
        .app
        .practice()
        .first_purpose(&roles)
        .expect("a purpose")
        .purpose();
    let caller = clearpicture_access::Caller {
        identity: clearpicture_access::Identity::Worker(worker),
        agency: Some(agency),
        teams: BTreeSet::new(),
        roles,
        ready: true,
    };
    let may = |action: ActionSpec| {
        test.app
            .access()
            .would_allow(action, &caller, &purpose, class, Grants::NONE)
    };
    let known = test.app.known_by(kind).is_some_and(may);
    let expected: &[u16] = match (action.kind.name == kind && may(action), known) {
        // A page may hold forms that need a further action, decided with the record at hand.
        (true, _) if route.method == Method::POST && action.effect == Effect::See => {
            &[200, 303, 400, 403, 404, 409, 422, 429]
        }
        (true, _) => &[200, 303, 400, 409, 422, 429],
        (false, true) if action.kind.name == kind => &[403],
        (false, false) if action.kind.name == kind => &[404],
        // An action on another kind of record, decided with that record at hand.
        _ => &[200, 303, 400, 403, 404, 409, 422],
    };
    let mut visitor = test.signed_in(worker, Stage::Full).await;
    let path = route.path.replace("{id}", id.as_str());
    let reply = if route.method == Method::GET {
        visitor.get(&path).await
    } else {
        visitor.post(&path, &[]).await
    };
    assert!(
        expected.contains(&reply.status),
        "{route:?} as {role} of {agency}: {} instead of {expected:?}",
        reply.status
    );
}

/// The kind of the record in a path: what its first word says, or else what the action is done to.
fn kind_in_path<'a>(
    route: &Route,
    action: ActionSpec,
    records: &BTreeMap<&'a str, (RecordId, AccessClass)>,
) -> Option<&'a str> {
    let kind = match route.path.split('/').nth(1)? {
        "people" => "worker",
        "agencies" => "agency",
        _ => action.kind.name,
    };
    records.keys().copied().find(|known| *known == kind)
}
