//! No page shows an id: people and records are named, as far as the reader may know them, or told by their kind.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use clearpicture_kernel::{Code, RecordId};

use super::ground::{Ground, agencies};
use crate::bars::Told;
use crate::support::{Reply, Visitor};

/// What is read by machines, and why. Whoever adds one says here why.
const FOR_MACHINES: [(&str, &str); 1] = [(
    "/feeds.csv",
    "a file by which another system keeps its own register in step",
)];

#[tokio::test]
async fn no_page_shows_an_id() {
    let mut ground = Ground::sown().await;
    let all = ground.roles();
    let each = all.iter().map(std::slice::from_ref);
    let together: Vec<&[Code]> = each.chain([&*all]).collect();
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut pages = 0;
    for (number, roles) in together.into_iter().enumerate() {
        let [(_, own), _] = agencies();
        let worker = ground.worker(&format!("reader{number}x"), own, roles).await;
        let mut visitor = ground.comes(worker).await;
        for route in ground.routes() {
            let for_machines = FOR_MACHINES.iter().any(|(path, _)| *path == route.path);
            if route.method != Method::GET || route.is_api() || for_machines {
                continue;
            }
            for path in ground.paths(&route) {
                pages += look_at(&mut visitor, &path, route.path, &mut shown).await;
            }
        }
    }
    assert!(pages > 300, "only {pages} pages were tried");
    assert_eq!(shown, BTreeMap::new(), "of {pages} pages these show an id");
}

/// Of pages that a sown record cannot have, such as a joined child, a breach and who looked.
#[tokio::test]
async fn no_page_about_what_has_happened_shows_an_id() {
    let mut told = Told::of_a_joined_and_parted_child().await;
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut pages = 0;
    for path in told.paths.clone() {
        pages += look_at(&mut told.lead, &path, &path, &mut shown).await;
    }
    assert!(pages > 10, "only {pages} pages were there");
    assert_eq!(shown, BTreeMap::new(), "of {pages} pages these show an id");
}

async fn look_at(
    visitor: &mut Visitor,
    path: &str,
    route: &str,
    shown: &mut BTreeMap<String, BTreeSet<String>>,
) -> usize {
    let reply = visitor.get(path).await;
    let kind = reply.headers.get("content-type");
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if reply.status != 200 || !is_page {
        return 0;
    }
    for id in ids_in(&reply) {
        shown.entry(route.to_owned()).or_default().insert(id);
    }
    1
}

/// The ids that somebody reads, or has read aloud to them: in no tag but as a label.
fn ids_in(reply: &Reply) -> BTreeSet<String> {
    let mut read = String::new();
    for piece in reply.text.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        read.push_str(text);
        read.push(' ');
        for label in ["aria-label=\"", "title=\"", "alt=\"", "placeholder=\""] {
            let said = tag
                .split(label)
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            read.push_str(said.unwrap_or_default());
            read.push(' ');
        }
    }
    let words = read
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'));
    let ids = words.filter(|word| RecordId::parse(word).is_ok());
    ids.map(ToOwned::to_owned).collect()
}
