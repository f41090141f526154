//! How far a decision about a link goes, and whom somebody asks who is not sure.

use clearpicture_kernel::{PersonId, SubjectId};

use crate::children::{Borough, at_school, in_care};
use crate::linking::nothing_more;
use crate::merging::{everybody, persons_of};
use crate::support::{Reply, Visitor};

/// Twins whom both agencies know: two persons of two records each, and nothing in doubt.
async fn twins() -> (Borough, Vec<(PersonId, Vec<SubjectId>)>) {
    let rows = |row: fn(&str, &str, &str, &str) -> String| {
        let twins = ["Martina", "Damaris"];
        twins.map(|given| row(given, given, "Okoro", "2011-12-13"))
    };
    let borough = Borough::with(&rows(in_care), &rows(at_school)).await;
    let outcome = borough.link().await;
    assert_eq!((outcome.persons, outcome.joined), (2, 2), "{outcome:?}");
    let all = everybody(&borough).await;
    let mut of: std::collections::BTreeMap<PersonId, Vec<SubjectId>> = Default::default();
    for (subject, person) in persons_of(&borough, &all).await {
        of.entry(person).or_default().push(subject);
    }
    (borough, of.into_iter().collect())
}

fn href(person: &PersonId, a: SubjectId, b: SubjectId) -> String {
    format!("/links/{person}?a={}&b={}", a.min(b), a.max(b))
}

/// Sends what is said of a pair, as its page asks for it.
async fn send(visitor: &mut Visitor, href: &str, says: &[(&str, &str)]) -> Reply {
    let page = visitor.get(href).await;
    assert_eq!(page.status, 200, "{href}: {}", page.words());
    let (path, which) = href.split_once('?').expect("a pair");
    let (a, b) = which.split_once('&').expect("two");
    let version = crate::children::version(&page);
    let mut form = vec![
        ("a", a.trim_start_matches("a=")),
        ("b", b.trim_start_matches("b=")),
        ("version", &version),
    ];
    form.extend(says);
    visitor.post(path, &form).await
}

#[tokio::test]
async fn one_decision_tells_every_record_of_two_children_apart_and_is_taken_back_whole() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    let href = href(one, ones[0], others[1]);
    let page = grace.get(&href).await;
    assert!(
        page.words().contains("How far does it go?"),
        "{}",
        page.words()
    );
    let apart = [
        ("verdict", "not-same"),
        ("sureness", "certain"),
        ("reason", "Twins: both were met."),
    ];
    // Whoever was shown other numbers of records is told, and nothing is kept.
    let before = borough.test.newest_entry().await;
    let stale = [&apart[..], &[("scope", "children-5")]].concat();
    assert_eq!(send(&mut grace, &href, &stale).await.status, 409);
    let wrong = [&apart[..], &[("scope", "everything")]].concat();
    let wrong = send(&mut grace, &href, &wrong).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.words().contains("choose how far it goes"),
        "{}",
        wrong.words()
    );
    assert!(borough.test.actions_since(before).await.is_empty());

    let every = [&apart[..], &[("scope", "children-4")]].concat();
    let kept = send(&mut grace, &href, &every).await;
    assert_eq!(kept.status, 303, "{}", kept.words());
    let added = borough.test.actions_since(before).await;
    let decisions = added.iter().filter(|one| *one == "link-decisions.add");
    assert_eq!(
        decisions.count(),
        4,
        "each record of one with each of the other: {added:?}"
    );
    // Each pair says so by itself.
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let pair = self::href(one, ones[a], others[b]);
        let words = grace.get(&pair).await.words();
        assert!(words.contains("Twins: both were met."), "{words}");
        let is_main = (a, b) == (0, 1);
        assert_eq!(
            words.contains("Every record of both, as they stood"),
            is_main,
            "{words}"
        );
    }
    nothing_more(borough.link().await);

    let before = borough.test.newest_entry().await;
    let open = [("verdict", "open"), ("reason", "The wrong two.")];
    assert_eq!(send(&mut grace, &href, &open).await.status, 303);
    let changed = borough.test.actions_since(before).await;
    let decisions = changed.iter().filter(|one| *one == "link-decisions.change");
    assert_eq!(decisions.count(), 4, "{changed:?}");
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let pair = self::href(one, ones[a], others[b]);
        let words = grace.get(&pair).await.words();
        assert!(words.contains("Taken back: not decided"), "{words}");
    }
    let outcome = borough.link().await;
    nothing_more(outcome);
    assert_eq!(outcome.persons, 2);
}

#[tokio::test]
async fn what_was_said_of_two_records_by_themselves_stands_beside_a_wider_decision() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    let own = href(one, ones[1], others[1]);
    let apart = |reason: &'static str, scope: &'static str| {
        [
            ("verdict", "not-same"),
            ("sureness", "certain"),
            ("reason", reason),
            ("scope", scope),
        ]
    };
    let first = send(&mut grace, &own, &apart("The school told us.", "records")).await;
    assert_eq!(first.status, 303, "{}", first.words());
    let wide = href(one, ones[0], others[0]);
    let second = send(&mut grace, &wide, &apart("Twins.", "children-4")).await;
    assert_eq!(second.status, 303, "{}", second.words());
    let words = grace.get(&own).await.words();
    assert!(words.contains("The school told us."), "{words}");
    // Taking the wider one back leaves it too.
    let open = [("verdict", "open"), ("reason", "The wrong two.")];
    assert_eq!(send(&mut grace, &wide, &open).await.status, 303);
    let words = grace.get(&own).await.words();
    assert!(words.contains("The school told us."), "{words}");
    assert!(words.contains("They are two"), "{words}");
}

#[tokio::test]
async fn an_agency_is_asked_and_finds_what_it_is_asked_about() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut sofia) = borough.comes_from_school("sofia", "manager").await;
    let (person, records) = &persons[0];
    // Settled, so that linkage itself asks nothing.
    let href = href(person, records[0], records[1]);
    let empty = sofia.get("/links?asked=us").await.words();
    assert!(
        empty.contains("Your agency is asked about no pair"),
        "{empty}"
    );
    let page = grace.get(&href).await;
    let mut options = page.text.split("<option value=\"").skip(1);
    let schools = options.find(|one| one.contains("chools"));
    let schools = schools.and_then(|one| one.split('"').next());
    let schools = schools.expect("the schools").to_owned();
    let says = [
        ("verdict", "asked"),
        ("ask", &schools),
        ("reason", "Is this the one in year 7?"),
    ];
    let kept = send(&mut grace, &href, &says).await;
    assert_eq!(kept.status, 303, "{}", kept.words());
    let told = grace.get(kept.location()).await.words();
    assert!(told.contains("the agency you named is asked"), "{told}");
    assert!(
        told.contains("is asked. Is this the one in year 7?"),
        "{told}"
    );
    // Now it waits, though linkage has no doubt; and every run leaves it there.
    nothing_more(borough.link().await);
    for visitor in [&mut grace, &mut sofia] {
        let queue = visitor.get("/links").await;
        assert!(
            queue.words().contains("Somebody is not sure, and asks"),
            "{}",
            queue.words()
        );
    }
    let theirs = sofia.get("/links").await.words();
    assert!(theirs.contains("Asked of your agency (1)"), "{theirs}");
    assert!(theirs.contains("your agency is asked"), "{theirs}");
    let ours = grace.get("/links").await.words();
    assert!(!ours.contains("Asked of your agency"), "{ours}");
    let asked = sofia.get("/links?asked=us").await;
    assert!(asked.text.contains("/links/person_"), "{}", asked.words());
    assert!(
        !grace
            .get("/links?asked=us")
            .await
            .text
            .contains("/links/person_")
    );

    // Whoever knows answers, and nothing waits any more.
    let answer = [
        ("verdict", "same"),
        ("sureness", "certain"),
        ("reason", "It is."),
    ];
    assert_eq!(send(&mut sofia, &href, &answer).await.status, 303);
    for path in ["/links", "/links?asked=us"] {
        let left = sofia.get(path).await;
        assert!(!left.text.contains("/links/person_"), "{}", left.words());
    }
    nothing_more(borough.link().await);
    let words = sofia.get(&href).await.words();
    assert!(words.contains("It is."), "{words}");
}

#[tokio::test]
async fn an_agency_that_tells_of_neither_is_not_asked() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (person, records) = &persons[0];
    let href = href(person, records[0], records[1]);
    let before = borough.test.newest_entry().await;
    for of in ["agency_00000000000000000000000001", "the school"] {
        let asks = [("verdict", "asked"), ("ask", of), ("reason", "Who is it?")];
        let wrong = send(&mut grace, &href, &asks).await;
        assert_eq!(wrong.status, 422, "{}", wrong.words());
        let words = wrong.words();
        assert!(words.contains("choose whom to ask"), "{words}");
    }
    assert!(borough.test.actions_since(before).await.is_empty());
}
