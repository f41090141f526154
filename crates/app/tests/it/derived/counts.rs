//! What a reader is told they count is their own, or nobody's: the same for everybody. Beside a colleague of the same roles
//! and agency, whoever is barred from a child finds the same numbers on every page, but on those that list what is theirs;
//! and there as many as are listed.

use std::collections::BTreeSet;

use axum::http::Method;
use clearpicture_app::capability::Shows;

use crate::bars::Told;
use crate::support::Reply;

/// Pages whose numbers are the reader's own: each lists what it counts, and a test of its own compares it with policy.
const OWN: [(&str, &str); 4] = [
    ("/links", "pairs of which the reader may know both children"),
    (
        "/breaches",
        "pictures of which the reader may know every child",
    ),
    (
        "/governance",
        "how much of the pages below it is the reader's to do",
    ),
    (
        "/look-ups",
        "look-ups of records of which the reader may know",
    ),
];

#[tokio::test]
async fn every_number_is_the_readers_own_or_nobodys() {
    let mut told = Told::of_a_joined_and_parted_child().await;
    let capabilities = told.borough.test.app.capabilities().to_vec();
    let routes = capabilities.iter().flat_map(|one| &one.routes);
    let own: BTreeSet<&str> = OWN.iter().map(|(path, _)| *path).collect();
    let mut tried = 0;
    let mut differ = BTreeSet::new();
    for route in routes {
        let is_list = matches!(route.shows, Some(Shows::List(_)));
        if route.method != Method::GET || route.is_api() || route.has_record() || is_list {
            continue;
        }
        let theirs = told.barred.get(route.path).await;
        let others = told.lead.get(route.path).await;
        assert_eq!(theirs.status, others.status, "{route:?}");
        let kind = theirs.headers.get("content-type");
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            // A file carries its reader's name; figures know no reader.
            continue;
        }
        tried += usize::from(theirs.status == 200);
        if numbers(&theirs) != numbers(&others) {
            differ.insert(route.path);
        }
    }
    assert!(tried > 15, "only {tried} pages were tried");
    let neither: BTreeSet<_> = differ.difference(&own).collect();
    assert_eq!(neither, BTreeSet::new(), "these differ and list nothing");
}

/// The numbers on a page, in their order.
fn numbers(page: &Reply) -> Vec<String> {
    let words = page.words();
    let numbers = words.split(|letter: char| !letter.is_ascii_digit());
    numbers
        .filter(|number| !number.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}
