//! Whatever changes something leaves an entry in history, under its own action.

use clearpicture_app::capability::Route;
use clearpicture_app::tokens::ApiScope;
use clearpicture_kernel::{Code, WorkerId};

use super::ground::{Ground, action_of, agencies, is_write};
use super::lists::plain;
use crate::support::Visitor;

/// Routes that change no record, or cannot be tried alone, each with its reason. This list may
/// only shrink, and no switch writes it anew.
const EXEMPT: [(&str, &str); 12] = [
    (
        "/links/readings/{id}",
        "needs a pair of records that was drawn; `linking_quality.rs` looks for its entry",
    ),
    (
        "/links/{id}",
        "needs two records that linkage compared; `linking.rs` looks for its entry",
    ),
    (
        "/loads/{id}/correct",
        "needs a file in which something was found; `protecting.rs` looks for its entry",
    ),
    (
        "/children/{id}/why",
        "needs a person whom linkage joined; `children.rs` looks for its entry",
    ),
    (
        "/sign-in",
        "it begins a session, and sessions are no records",
    ),
    ("/sign-in/code", "it carries a session on"),
    ("/sign-out", "it ends a session"),
    ("/sign-out-everywhere", "it ends sessions"),
    (
        "/purpose",
        "it changes a session; each entry names the purpose",
    ),
    ("/set-up", "what is chosen waits for the second page"),
    (
        "/set-up/device",
        "needs the first page's cookie; `set_up.rs` looks for its entry",
    ),
    (
        "/account/password",
        "needs the password itself; `sign_in.rs` looks for its entry",
    ),
];

/// Someone who tries.
struct Tries {
    worker: WorkerId,
    who: String,
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_its_action_in_history() {
    let mut ground = Ground::sown().await;
    let everyone = everyone(&mut ground).await;
    look_around(&ground, &everyone).await;
    for route in ground.routes().into_iter().filter(is_write) {
        if EXEMPT.iter().any(|(path, _)| *path == route.path) {
            assert!(
                route.tried.is_none(),
                "{route:?} is tried: take it off EXEMPT"
            );
            continue;
        }
        assert!(
            route.tried.is_some(),
            "{route:?} changes something: give a body that it takes with `.tried(…)`"
        );
        let wanted = route.leaves.or(action_of(&route));
        let wanted = wanted
            .unwrap_or_else(|| panic!("{route:?}: say what it `.leaves()`"))
            .name;
        let told = attempts(&mut ground, &route, &everyone, wanted).await;
        if let Err(told) = told {
            panic!(
                "{route:?} left no `{wanted}` in history:\n{}",
                told.join("\n")
            );
        }
    }
}

#[tokio::test]
async fn exempt_routes_are_routes() {
    let routes = Ground::sown().await.routes();
    for (path, why) in EXEMPT {
        let there = routes
            .iter()
            .any(|route| is_write(route) && route.path == path);
        assert!(
            there && !why.is_empty(),
            "{path} is gone: take it off EXEMPT"
        );
    }
}

/// Somebody in every role at once, and somebody in each, of the samples' own agency and of another.
async fn everyone(ground: &mut Ground) -> Vec<Tries> {
    let roles = ground.roles();
    let mut all = Vec::new();
    let each: Vec<Vec<Code>> = std::iter::once(roles.clone())
        .chain(roles.into_iter().map(|role| vec![role]))
        .collect();
    for (place, agency) in agencies() {
        for (number, roles) in each.iter().enumerate() {
            let worker = ground
                .worker(&format!("{place}{number}x"), agency, roles)
                .await;
            let who = format!("{roles:?} of the {place} agency");
            all.push(Tries { worker, who });
        }
    }
    all
}

/// Lets someone open every page of a record about a person, a week ago: look-ups are decided on later.
async fn look_around(ground: &Ground, everyone: &[Tries]) {
    let somebody = everyone.first().expect("somebody").worker;
    for kept in ground.test.app.kept().filter(|kept| kept.record.personal) {
        for record in ground.of(kept.record.kind).filter(|one| one.is_sown()) {
            if let Some(page) = kept.href(record.id.as_str()) {
                let reply = ground.comes(somebody).await.get(&page).await;
                assert_eq!(reply.status, 200, "{page}");
            }
        }
    }
    ground.test.pass_minutes(8 * 24 * 60);
}

/// Sends the route's body until somebody's call leaves `wanted` in history; or tells what came of each.
async fn attempts(
    ground: &mut Ground,
    route: &Route,
    everyone: &[Tries],
    wanted: &str,
) -> Result<(), Vec<String>> {
    let mut told = Vec::new();
    if route.is_api() {
        let (_, own) = agencies()[0];
        let name = format!("{route:?}");
        let system = ground.system(&name, own, &ApiScope::ALL).await;
        for (number, path) in ground.paths(route).into_iter().enumerate() {
            let before = ground.test.newest_entry().await;
            let mut system = ground
                .calls(&system)
                .with_header("idempotency-key", &number.to_string());
            let body = route.tried.unwrap_or_default().as_bytes().to_vec();
            let reply = system.post_body(&path, "application/json", body).await;
            if ground
                .test
                .actions_since(before)
                .await
                .iter()
                .any(|action| action == wanted)
            {
                return Ok(());
            }
            told.push(format!(
                "{path} as a system: {} {}",
                reply.status, reply.text
            ));
        }
        return Err(told);
    }
    for Tries { worker, who } in everyone {
        for path in ground.paths(route) {
            let before = ground.test.newest_entry().await;
            let mut visitor = ground.comes(*worker).await;
            let fields = fields(&mut visitor, route, &path).await;
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
            let reply = visitor.post(&path, &fields).await;
            let left = ground.test.actions_since(before).await;
            if left.iter().any(|action| action == wanted) {
                assert!(
                    matches!(reply.status, 200 | 303),
                    "{path}: {}",
                    reply.status
                );
                return Ok(());
            }
            told.push(format!(
                "{path} as {who}: {} {left:?} {}",
                reply.status,
                reply.words().chars().take(200).collect::<String>()
            ));
        }
    }
    Err(told)
}

/// What a browser would send: what the page's own form holds, and over it the route's body.
pub(super) async fn fields(
    visitor: &mut Visitor,
    route: &Route,
    path: &str,
) -> Vec<(String, String)> {
    let tried: Vec<(String, String)> =
        url::form_urlencoded::parse(route.tried.unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let mut page = Some(path);
    let mut held = Vec::new();
    while let Some(at) = page.filter(|at| !at.is_empty()) {
        let reply = visitor.get(at).await;
        if let Some(form) = form(&reply.text, path) {
            held = form;
            break;
        }
        page = at.rsplit_once('/').map(|(above, _)| above);
    }
    held.retain(|(name, _)| name != "csrf_token" && !tried.iter().any(|(known, _)| known == name));
    held.extend(tried);
    held
}

/// The fields of the form on a page that is sent to `path`: hidden and filled ones, and what is chosen.
fn form(page: &str, path: &str) -> Option<Vec<(String, String)>> {
    let form = form_for(page, path)?;
    let mut fields = Vec::new();
    for input in form.split("<input").skip(1) {
        let input = input.split('>').next().unwrap_or_default();
        let kind = attribute(input, "type").unwrap_or_default();
        let chosen = !matches!(&*kind, "radio" | "checkbox") || input.contains(" checked");
        if let (Some(name), true) = (attribute(input, "name"), chosen) {
            fields.push((name, attribute(input, "value").unwrap_or_default()));
        }
    }
    for area in form.split("<textarea").skip(1) {
        let (tag, rest) = area.split_once('>')?;
        let text = rest.split("</textarea>").next().unwrap_or_default();
        if let Some(name) = attribute(tag, "name") {
            fields.push((name, plain(text)));
        }
    }
    Some(fields)
}

/// The form on a page that is sent to `path`.
pub(super) fn form_for<'a>(page: &'a str, path: &str) -> Option<&'a str> {
    let forms = page.split("<form ").skip(1);
    let mut forms = forms.filter_map(|form| form.split("</form>").next());
    forms.find(|form| attribute(form, "action").as_deref() == Some(path))
}

/// An attribute of a tag.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    rest.split('"').next().map(plain)
}
