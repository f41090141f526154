//! What people type is theirs: it is in no line of the log, and on no page is it anything but text.
//!
//! A marker is planted in every text field of every form and every call that changes something, and
//! in the query of every page: taken, refused, second at a form, and while the database fails.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_app::capability::Route;
use clearpicture_app::tokens::ApiScope;
use clearpicture_kernel::WorkerId;
use sea_orm::ConnectionTrait as _;

use super::forms::somebody;
use super::ground::{Ground, System, agencies, is_write};
use super::leaves_history::{attribute, fields, form_for};
use crate::support::{Log, Reply};

/// What no line of the log may hold, whatever stands round it. Its `u`, `l` and `i` are in no reference
/// that is drawn by chance, so that none can be mistaken for it.
const MARK: &str = "zqulix7";
/// The mark as free text, which breaks out of whatever it is put into, if it can.
const TEXT: &str = "Zqulix7\"'--></title></textarea><script>zqulix7()</script>";
/// The mark where an address is asked for.
const EMAIL: &str = "zqulix7@planted.example";
/// What a page would hold if the text were more than text.
const HARM: [&str; 2] = ["<script>zqulix7", "Zqulix7\"'"];
/// Routes whose form stands neither on their own page nor on one above it, each with its reason.
const NO_PAGE: [(&str, &str); 6] = [
    (
        "/loads/{id}/correct",
        "shown for a value in which something was found; `files.rs` types into it",
    ),
    (
        "/links/readings/{id}",
        "shown for two records of which the reader knows; `linking_quality.rs` answers it",
    ),
    (
        "/links/{id}",
        "shown for two records that its address names; `linking.rs` types into it",
    ),
    (
        "/sign-out-everywhere",
        "a button without a field, on the page of one's account",
    ),
    (
        "/sign-in/code",
        "shown to someone whose password was right a moment ago",
    ),
    (
        "/set-up/device",
        "shown to someone whose set-up code was right a moment ago",
    ),
];

/// What came of everything that was sent.
#[derive(Default)]
struct Seen {
    statuses: BTreeMap<u16, u32>,
    as_text: u32,
}

impl Seen {
    fn look_at(&mut self, what: &str, reply: &Reply) {
        *self.statuses.entry(reply.status).or_default() += 1;
        let kind = reply.headers.get("content-type");
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            return;
        }
        for harm in HARM {
            assert!(
                !reply.text.contains(harm),
                "{what}: `{harm}` in {}",
                reply.text
            );
        }
        self.as_text += u32::from(reply.text.contains("&lt;script&gt;zqulix7()"));
    }

    #[track_caller]
    fn met(&self, statuses: &[u16]) {
        for status in statuses {
            assert!(
                self.statuses.contains_key(status),
                "no {status}: {:?}",
                self.statuses
            );
        }
    }
}

/// The names of the fields into which someone types, in the form on a page that is sent to `path`.
fn typed_in(page: &str, path: &str) -> Option<BTreeMap<String, &'static str>> {
    let form = form_for(page, path)?;
    let mut typed = BTreeMap::new();
    for tag in form.split('<') {
        let tag = tag.split('>').next().unwrap_or_default();
        let kind = attribute(tag, "type").unwrap_or_else(|| "text".to_owned());
        let asks = match kind.as_str() {
            _ if tag.starts_with("textarea") => TEXT,
            "text" | "tel" | "password" | "search" if tag.starts_with("input") => TEXT,
            "email" => EMAIL,
            _ => continue,
        };
        if let Some(name) = attribute(tag, "name") {
            typed.insert(name, asks);
        }
    }
    Some(typed)
}

/// Where people type into the form of a route: the page itself or one above it. Every name of the
/// body that the route takes, when no page has the form.
async fn names(
    ground: &Ground,
    worker: WorkerId,
    route: &Route,
    path: &str,
) -> BTreeMap<String, &'static str> {
    let mut page = Some(path);
    while let Some(at) = page.filter(|at| !at.is_empty()) {
        let pages = [
            ground.comes(worker).await.get(at).await,
            ground.test.visitor().get(at).await,
        ];
        if let Some(names) = pages.iter().find_map(|page| typed_in(&page.text, path)) {
            return names;
        }
        page = at.rsplit_once('/').map(|(above, _)| above);
    }
    let tried = url::form_urlencoded::parse(route.tried.unwrap_or_default().as_bytes());
    let tried = tried.map(|(name, _)| (name.into_owned(), TEXT));
    let bare = NO_PAGE.iter().filter(|(known, _)| *known == route.path);
    tried
        .chain(bare.map(|_| ("code".to_owned(), TEXT)))
        .collect()
}

/// Sends the form of a route, with the mark in every field at once, and in each alone; and once more as it was.
async fn plant(ground: &Ground, worker: WorkerId, route: &Route, path: &str, seen: &mut Seen) {
    let typed = names(ground, worker, route, path).await;
    let whole: BTreeSet<&String> = typed.keys().collect();
    let each = typed.keys().map(|name| BTreeSet::from([name]));
    let mut before = None;
    for marked in std::iter::once(whole).chain(each) {
        let mut visitor = ground.comes(worker).await;
        let mut sent = fields(&mut visitor, route, path).await;
        sent.retain(|(name, _)| !marked.contains(name));
        sent.extend(
            marked
                .iter()
                .map(|name| ((*name).clone(), typed[*name].to_owned())),
        );
        for fields in [&sent, before.as_ref().unwrap_or(&sent)] {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
            let reply = visitor.post(path, &fields).await;
            seen.look_at(path, &reply);
            if reply.status == 303 {
                visitor = ground.comes(worker).await;
            }
        }
        before = Some(sent);
    }
}

/// Calls the API with the mark in every text of the body that it takes.
async fn call(ground: &Ground, system: &System, route: &Route, seen: &mut Seen) {
    let body: serde_json::Value =
        serde_json::from_str(route.tried.unwrap_or("{}")).expect("a body in JSON");
    let fields = body.as_object().expect("an object");
    for (number, path) in ground.paths(route).into_iter().enumerate() {
        for (field, value) in fields {
            let mut marked = fields.clone();
            if value.is_string() {
                marked.insert(field.clone(), TEXT.into());
            }
            let key = format!("{MARK}-{number}-{field}");
            let mut system = ground.calls(system).with_header("idempotency-key", &key);
            let body = serde_json::to_vec(&marked).expect("JSON");
            seen.look_at(
                &path,
                &system.post_body(&path, "application/json", body).await,
            );
        }
    }
}

/// Opens every page, with the mark in its query as well.
async fn open(ground: &Ground, worker: WorkerId, seen: &mut Seen) {
    let mark: String = url::form_urlencoded::byte_serialize(TEXT.as_bytes()).collect();
    let asked = [
        "next", "record", "agency", "state", "person", "field", "as-at", "week", "look", "remove",
        "former", "day", "month", "year", "page",
    ];
    let query = asked.map(|name| format!("{name}={mark}")).join("&");
    for route in ground.routes().into_iter().filter(|route| !is_write(route)) {
        for path in ground.paths(&route) {
            for path in [
                path.clone(),
                format!("{path}?{query}"),
                format!("{path}/{mark}"),
            ] {
                seen.look_at(&path, &ground.comes(worker).await.get(&path).await);
            }
        }
    }
}

/// Plants everywhere, and opens every page afterwards.
async fn walk(ground: &Ground, worker: WorkerId, system: &System, seen: &mut Seen) {
    for route in ground.routes().into_iter().filter(is_write) {
        if route.is_api() {
            call(ground, system, &route, seen).await;
        } else {
            for path in ground.paths(&route) {
                plant(ground, worker, &route, &path, seen).await;
            }
        }
    }
    open(ground, worker, seen).await;
}

#[tokio::test]
async fn what_people_type_is_in_no_log_and_is_only_text_on_every_page() {
    let log = Log::start();
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    let [(_, own), _] = agencies();
    let system = ground.system("Case system", own, &ApiScope::ALL).await;
    let mut seen = Seen::default();
    walk(&ground, worker, &system, &mut seen).await;
    seen.met(&[200, 303, 404, 409, 422]);
    assert!(
        seen.as_text > 50,
        "the mark is hardly anywhere: {}",
        seen.as_text
    );

    // The same while nothing can be written.
    let behind = ground.test.behind().await;
    behind
        .execute_unprepared("ALTER TABLE history_entry RENAME TO gone")
        .await
        .expect("renamed");
    let mut seen = Seen::default();
    walk(&ground, worker, &system, &mut seen).await;
    seen.met(&[500]);

    let log = log.text().to_lowercase();
    for known in ["request answered", "a request failed", "sqlx"] {
        assert!(log.contains(known), "the log has no `{known}`");
    }
    let leaks: Vec<&str> = log.lines().filter(|line| line.contains(MARK)).collect();
    assert!(leaks.is_empty(), "{}: {:#?}", leaks.len(), leaks.first());
}

#[tokio::test]
async fn the_fields_of_every_form_are_known() {
    let mut ground = Ground::sown().await;
    let worker = somebody(&mut ground).await;
    for (path, why) in NO_PAGE {
        let there = ground.routes().iter().any(|route| route.path == path);
        assert!(
            there && !why.is_empty(),
            "{path} is gone: take it off NO_PAGE"
        );
    }
    assert!(typed_in("<form action=\"/x\"><input name=\"y\"></form>", "/x").is_some());
    for route in ground.routes().into_iter().filter(is_write) {
        if route.is_api() || NO_PAGE.iter().any(|(path, _)| *path == route.path) {
            continue;
        }
        // A form that is shown later, such as a confirmation: the body it takes names its fields.
        let mut found = route.tried.is_some();
        for path in ground.paths(&route) {
            let mut page = Some(&*path);
            while let (Some(at), false) = (page.filter(|at| !at.is_empty()), found) {
                let pages = [
                    ground.comes(worker).await.get(at).await,
                    ground.test.visitor().get(at).await,
                ];
                found = pages
                    .iter()
                    .any(|page| form_for(&page.text, &path).is_some());
                page = at.rsplit_once('/').map(|(above, _)| above);
            }
        }
        assert!(
            found,
            "{route:?}: no page has its form, so no field of it was tried"
        );
    }
}
