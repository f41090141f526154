//! A list, its count, a search and an export hold exactly the records that policy allows, one by one.

use std::collections::BTreeSet;

use clearpicture_access::{Caller, Effect, Purpose};
use clearpicture_app::capability::{Listed, Route, Shows};
use clearpicture_app::tokens::ApiScope;
use clearpicture_kernel::{Passage, RecordId, Timestamp, TypedId as _};
use clearpicture_store::{Grant, GrantId, Relation};

use super::ground::{Ground, Known, action_of, agencies, is_write};
use crate::support::{Reply, Visitor};

/// What can stand between a caller and a record: grants, each in force or over.
const STANDINGS: [&[(Relation, bool)]; 6] = [
    &[],
    &[(Relation::Involved, true)],
    &[(Relation::BreakGlass, true)],
    &[(Relation::BreakGlass, false), (Relation::Barred, false)],
    &[(Relation::Barred, true)],
    &[
        (Relation::Involved, true),
        (Relation::BreakGlass, true),
        (Relation::Barred, true),
    ],
];

/// A list that must say what it holds.
struct List {
    route: Route,
    listed: Listed,
}

/// Every list; and a route that may be one and does not say so is a failure.
fn lists(ground: &Ground) -> Vec<List> {
    let kinds: BTreeSet<&str> = ground
        .test
        .app
        .kept()
        .map(|kept| kept.record.kind)
        .collect();
    let mut lists = Vec::new();
    for route in ground.routes() {
        let reads = action_of(&route)
            .is_some_and(|action| action.effect == Effect::See && kinds.contains(action.kind.name));
        match route.shows {
            Some(Shows::List(listed)) => {
                assert!(
                    reads,
                    "{route:?} lists records behind no action that sees them"
                );
                lists.push(List { route, listed });
            }
            Some(Shows::NoList(why)) => {
                assert!(!why.trim().is_empty(), "{route:?} shows no list: say why");
            }
            None => assert!(
                !reads || route.has_record() || is_write(&route),
                "{route:?} may list records: say `.lists(…)`, or `.lists_nothing(\"why\")`"
            ),
        }
    }
    lists
}

#[tokio::test]
async fn every_list_count_search_and_export_holds_what_policy_allows() {
    let mut ground = Ground::sown().await;
    let lists = lists(&ground);
    let mut seen = BTreeSet::new();
    for (number, role) in ground.roles().into_iter().enumerate() {
        for (place, agency) in agencies() {
            for turn in 0..STANDINGS.len() {
                let name = format!("{place}{number}t{turn}x");
                let worker = ground
                    .worker(&name, agency, std::slice::from_ref(&role))
                    .await;
                stand(&mut ground, &worker.record_id(), turn, &lists).await;
                let (caller, purpose) = ground.caller(worker).await;
                for list in lists.iter().filter(|list| !list.route.is_api()) {
                    let visitor = ground.comes(worker).await;
                    if check(&ground, list, &caller, &purpose, visitor).await > 0 {
                        seen.insert(list.route.path);
                    }
                }
            }
        }
    }
    assert_seen(lists.iter().filter(|list| !list.route.is_api()), &seen);
}

#[tokio::test]
async fn every_list_of_the_api_holds_what_policy_allows() {
    let mut ground = Ground::sown().await;
    let lists = lists(&ground);
    let mut seen = BTreeSet::new();
    for scope in ApiScope::ALL {
        for (place, agency) in agencies() {
            for turn in 0..STANDINGS.len() {
                let name = format!("System {place} {turn} {}", scope.code());
                let system = ground.system(&name, agency, &[scope]).await;
                let holder = system.caller.identity.holder().expect("a token");
                stand(&mut ground, &holder, turn, &lists).await;
                for list in lists.iter().filter(|list| list.route.is_api()) {
                    let visitor = ground.calls(&system);
                    let shown = check(&ground, list, &system.caller, &system.purpose, visitor);
                    if shown.await > 0 {
                        seen.insert(list.route.path);
                    }
                }
            }
        }
    }
    assert_seen(lists.iter().filter(|list| list.route.is_api()), &seen);
}

/// A list that nobody ever saw a record in was not tried at all.
fn assert_seen<'a>(lists: impl Iterator<Item = &'a List>, seen: &BTreeSet<&str>) {
    for list in lists {
        let path = list.route.path;
        assert!(
            seen.contains(path),
            "nobody sees anything in {path}: its kind needs samples that someone may see"
        );
    }
}

/// Gives `holder` a standing towards every sown record that stands in a list: another for each, and another each turn.
async fn stand(ground: &mut Ground, holder: &RecordId, turn: usize, lists: &[List]) {
    let kinds: BTreeSet<&str> = lists
        .iter()
        .filter_map(|list| action_of(&list.route).map(|action| action.kind.name))
        .collect();
    let sown = ground
        .known
        .iter()
        .filter(|one| one.is_sown() && kinds.contains(one.kind));
    let sown: Vec<(RecordId, _)> = sown.map(|one| (one.id.clone(), one.class.owner)).collect();
    let mut changes = Vec::new();
    for (number, (on_record, owner)) in sown.into_iter().enumerate() {
        for (relation, in_force) in STANDINGS[(number + turn) % STANDINGS.len()] {
            let id = GrantId::fresh(ground.test.app.ambient());
            let grant = Grant {
                holder: holder.clone(),
                on_record: on_record.clone(),
                owner,
                relation: *relation,
                reason: Passage::parse(&format!("Because of {id}.")).expect("a reason"),
                starts_at: Timestamp::UNIX_EPOCH,
                ends_at: (!in_force).then_some(Timestamp::UNIX_EPOCH),
                reached: clearpicture_store::Reached::default(),
            };
            let body = serde_json::to_value(grant).expect("a body");
            changes.push(ground.prepare("grant", &id.record_id(), body).await);
        }
    }
    ground.commit(changes).await;
}

/// Compares one list with policy, and says how many records it showed.
async fn check(
    ground: &Ground,
    list: &List,
    caller: &Caller,
    purpose: &Purpose,
    visitor: Visitor,
) -> usize {
    let action = action_of(&list.route).expect("a list behind an action");
    let kept = ground.kept(action.kind.name);
    let me = caller.identity.holder().expect("a person or a token");
    let held: Vec<&Known> = ground
        .of(kept.record.kind)
        .filter(|one| holds(&list.listed, one, &me))
        .collect();
    let mut allowed = BTreeSet::new();
    for record in &held {
        let resource = (kept.resource)(ground.test.store(), caller, &record.id).await;
        // For whoever is barred it is not there.
        let Some(resource) = resource.expect("read") else {
            continue;
        };
        let access = ground.test.app.access();
        if access.would_allow(action, caller, purpose, &resource.class, resource.grants) {
            allowed.insert(record.id.as_str());
        }
    }
    let (text, total) = read(list, visitor).await;
    let mut marks = BTreeSet::new();
    let shown: BTreeSet<&str> = held
        .iter()
        .filter(|record| {
            let mark = mark(&list.listed, record);
            assert!(
                marks.insert(mark),
                "{:?}: two records are called `{mark}`",
                list.route
            );
            text.contains(mark)
        })
        .map(|record| record.id.as_str())
        .collect();
    let (route, roles) = (&list.route, &caller.roles);
    assert_eq!(
        shown, allowed,
        "{route:?} as {roles:?} of {:?}",
        caller.agency
    );
    if let Some(total) = total {
        assert_eq!(total, allowed.len(), "the count of {route:?} as {roles:?}");
    }
    shown.len()
}

/// Whether a list is one that holds such a record at all.
fn holds(listed: &Listed, record: &Known, me: &RecordId) -> bool {
    listed.only.iter().all(|(label, words)| {
        let words = words.replace("{me}", me.as_str());
        record.says(label) == words
    })
}

/// What tells a record from others in a list.
fn mark<'a>(listed: &Listed, record: &'a Known) -> &'a str {
    match listed.by {
        Some(label) => record.says(label),
        None => record.id.as_str(),
    }
}

/// Everything that a list shows, page after page, and the count that it gives.
async fn read(list: &List, mut visitor: Visitor) -> (String, Option<usize>) {
    let mut text = String::new();
    let mut total = None;
    for page in 1.. {
        let path = format!("{}?{}&page={page}", list.route.path, list.listed.query);
        let reply = visitor.get(&path).await;
        if reply.status == 403 {
            return (String::new(), None);
        }
        assert_eq!(reply.status, 200, "{path}");
        text.push_str(&shown(&reply));
        total = count(&reply);
        // Fifty stand on a page.
        if total.is_none_or(|total| total <= page * 50) {
            break;
        }
    }
    (text, total)
}

/// What an answer shows: the main part of a page as it was sent and as it is read; or a file, or JSON.
fn shown(reply: &Reply) -> String {
    let kind = reply.headers["content-type"].to_str().expect("a kind");
    if !kind.starts_with("text/html") {
        return reply.text.replace("\"\"", "\"");
    }
    let main = reply.text.split("<main").nth(1).unwrap_or_default();
    format!("{main}\n{}", plain(&reply.words()))
}

/// The count of a list: above it on a page, `total` in JSON; an export has none.
fn count(reply: &Reply) -> Option<usize> {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(&reply.text) {
        let total = json["total"]
            .as_u64()
            .expect("an answer of the API gives its total");
        return usize::try_from(total).ok();
    }
    let line = reply.text.split("class=\"cp-list-line\"").nth(1);
    let number = line.and_then(|line| {
        line.split("<strong>")
            .nth(1)?
            .split(' ')
            .next()?
            .parse()
            .ok()
    });
    let page = reply.text.contains("<main");
    number.or(page.then_some(0))
}

/// Text without the escapes of HTML.
pub(super) fn plain(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (escape, letter)| {
        text.replace(escape, letter)
    })
}
