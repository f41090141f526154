//! How far a decision about a link goes, and whom somebody asks who is not sure.

use clearpicture_kernel::{PersonId, SubjectId};

use crate::children::{Borough, at_school, in_care};
use crate::linking::nothing_more;
use crate::merging::{everybody, persons_of};
use crate::support::{Reply, TestApp, Visitor};

/// Twins whom both agencies know: two persons of two records each, and nothing in doubt.
async fn twins() -> (Borough, Vec<(PersonId, Vec<SubjectId>)>) {
    twins_in(TestApp::start().await).await
}

async fn twins_in(test: TestApp) -> (Borough, Vec<(PersonId, Vec<SubjectId>)>) {
    let rows = |row: fn(&str, &str, &str, &str) -> String| {
        let twins = ["Martina", "Damaris"];
        twins.map(|given| row(given, given, "Okoro", "2011-12-13"))
    };
    let borough = Borough::of(test, &rows(in_care), &rows(at_school)).await;
    let outcome = borough.link().await;
    assert_eq!((outcome.persons, outcome.joined), (2, 2), "{outcome:?}");
    let all = everybody(&borough).await;
    let mut of: std::collections::BTreeMap<PersonId, Vec<SubjectId>> = Default::default();
    for (subject, person) in persons_of(&borough, &all).await {
        of.entry(person).or_default().push(subject);
    }
    // Joined, they are the person of the earliest record.
    let mut of: Vec<_> = of.into_iter().collect();
    of.sort_by_key(|(_, subjects)| subjects.iter().min().copied());
    (borough, of)
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

/// What a page offers for every record of the two.
fn every_record(page: &Reply) -> String {
    let value = page.text.split("value=\"children-").nth(1);
    let value = value.and_then(|rest| rest.split('"').next());
    format!("children-{}", value.expect("more than the two"))
}

/// What is said of every record of the two children of a pair.
async fn send_wide(visitor: &mut Visitor, href: &str, verdict: &str, reason: &str) -> Reply {
    let scope = every_record(&visitor.get(href).await);
    let says = [
        ("verdict", verdict),
        ("sureness", "certain"),
        ("scope", &scope),
        ("reason", reason),
    ];
    send(visitor, href, &says).await
}

const OPEN: [(&str, &str); 2] = [("verdict", "open"), ("reason", "The wrong two.")];

/// Every pair of one record of each.
fn across(one: &PersonId, ones: &[SubjectId], others: &[SubjectId]) -> Vec<String> {
    let pairs = ones
        .iter()
        .flat_map(|a| others.iter().map(move |b| (*a, *b)));
    pairs.map(|(a, b)| href(one, a, b)).collect()
}

#[tokio::test]
async fn one_decision_tells_every_record_of_two_children_apart_and_is_taken_back_whole() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    let main = href(one, ones[0], others[1]);
    let page = grace.get(&main).await;
    assert!(
        page.words().contains("How far does it go?"),
        "{}",
        page.words()
    );
    let before = borough.test.newest_entry().await;
    let apart = |scope: &'static str| {
        [
            ("verdict", "not-same"),
            ("sureness", "certain"),
            ("reason", "Twins."),
            ("scope", scope),
        ]
    };
    // Whoever was shown other records is told, and nothing is kept.
    let stale = send(&mut grace, &main, &apart("children-0123456789abcdef")).await;
    assert_eq!(stale.status, 409);
    let wrong = send(&mut grace, &main, &apart("everything")).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.words().contains("choose how far it goes"),
        "{}",
        wrong.words()
    );
    assert!(borough.test.actions_since(before).await.is_empty());

    let kept = send_wide(&mut grace, &main, "not-same", "Twins: both were met.").await;
    assert_eq!(kept.status, 303, "{}", kept.words());
    for pair in across(one, ones, others) {
        let words = grace.get(&pair).await.words();
        assert!(words.contains("Twins: both were met."), "{words}");
        assert!(
            words.contains("Every record of both, as they stood"),
            "{words}"
        );
        let elsewhere = words.contains("The decision, which can be taken back there");
        assert_eq!(elsewhere, pair != main, "{words}");
        assert!(!words.contains("I am not sure, and ask"), "{words}");
    }
    nothing_more(borough.link().await);

    assert_eq!(send(&mut grace, &main, &OPEN).await.status, 303);
    for pair in across(one, ones, others) {
        let words = grace.get(&pair).await.words();
        assert!(!words.contains("Twins: both were met."), "{words}");
        assert_eq!(
            words.contains("Taken back: not decided"),
            pair == main,
            "{words}"
        );
    }
    let outcome = borough.link().await;
    nothing_more(outcome);
    assert_eq!(outcome.persons, 2);
}

#[tokio::test]
async fn one_decision_makes_one_child_of_all_records_and_taking_it_back_makes_two_again() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (other, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    // Each source holds two of them, which no rule would ever join.
    let main = href(one, ones[0], others[1]);
    let kept = send_wide(&mut grace, &main, "same", "One child under two names.").await;
    assert_eq!(kept.status, 303, "{}", kept.words());
    let all = everybody(&borough).await;
    let of = persons_of(&borough, &all).await;
    assert!(of.values().all(|person| person == one), "{of:?}");
    let outcome = borough.link().await;
    nothing_more(outcome);
    assert_eq!(
        (outcome.persons, outcome.attention),
        (1, 0),
        "checked, and no question"
    );
    assert!(!grace.get("/links").await.text.contains("/links/person_"));
    // Nobody asks about what is decided.
    let page = grace.get(&main).await.words();
    assert!(!page.contains("I am not sure, and ask"), "{page}");
    let asks = [("verdict", "asked"), ("reason", "Is it?")];
    let refused = send(&mut grace, &main, &asks).await;
    assert_eq!(refused.status, 422, "{}", refused.words());
    assert!(
        refused.words().contains("take it back first"),
        "{}",
        refused.words()
    );

    assert_eq!(send(&mut grace, &main, &OPEN).await.status, 303);
    let back = persons_of(&borough, &all).await;
    for (person, members) in [(one, ones), (other, others)] {
        for member in members {
            assert_eq!(back[member], *person, "as they stood");
        }
    }
    nothing_more(borough.link().await);
}

#[tokio::test]
async fn what_was_said_of_two_records_by_themselves_stands_beside_a_wider_decision() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    let own = href(one, ones[1], others[1]);
    let apart = [
        ("verdict", "not-same"),
        ("sureness", "certain"),
        ("reason", "The school told us."),
    ];
    assert_eq!(send(&mut grace, &own, &apart).await.status, 303);
    // So nobody says of all of them that they are one child.
    let wide = href(one, ones[0], others[0]);
    let before = borough.test.newest_entry().await;
    let refused = send_wide(&mut grace, &wide, "same", "One child.").await;
    assert_eq!(refused.status, 422, "{}", refused.words());
    assert!(
        refused.words().contains("decided otherwise"),
        "{}",
        refused.words()
    );
    assert!(borough.test.actions_since(before).await.is_empty());
    // Two wider decisions stand, each by itself; taking one back leaves the other, and what was said of the two.
    let other_wide = href(one, ones[0], others[1]);
    for (href, reason) in [(&wide, "Twins."), (&other_wide, "Two birth certificates.")] {
        let kept = send_wide(&mut grace, href, "not-same", reason).await;
        assert_eq!(kept.status, 303, "{}", kept.words());
    }
    assert_eq!(send(&mut grace, &wide, &OPEN).await.status, 303);
    let third = href(one, ones[1], others[0]);
    let words = grace.get(&third).await.words();
    assert!(words.contains("Two birth certificates."), "{words}");
    let words = grace.get(&own).await.words();
    assert!(words.contains("The school told us."), "{words}");
    nothing_more(borough.link().await);
}

#[tokio::test]
async fn nobody_takes_back_what_is_about_a_child_of_whom_they_may_not_know() {
    let (borough, persons) = twins().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    let main = href(one, ones[0], ones[1]);
    let pair = href(one, ones[0], others[0]);
    assert_eq!(
        send_wide(&mut grace, &pair, "same", "One child.")
            .await
            .status,
        303
    );
    // One record turns out to be somebody else's, and is parted.
    let why = format!("/children/{one}/why");
    let page = grace.get(&why).await;
    let version = crate::children::version(&page);
    let subject = others[1].to_string();
    let form = [
        ("version", version.as_str()),
        ("subject", &subject),
        ("reason", "A cousin's."),
    ];
    assert_eq!(grace.post(&why, &form).await.status, 303);
    let apart = persons_of(&borough, &[others[1]]).await[&others[1]];
    assert_ne!(apart, *one);
    let (cousin, mut ines) = borough.comes("ines", "manager").await;
    borough
        .stands(
            cousin,
            &apart.to_string(),
            clearpicture_store::Relation::Barred,
        )
        .await;
    let before = borough.test.newest_entry().await;
    assert_eq!(ines.get(&main).await.status, 200);
    let refused = send(&mut ines, &pair, &OPEN).await;
    assert_eq!(refused.status, 404, "{}", refused.words());
    assert!(borough.test.actions_since(before).await.is_empty());
    // Whoever may decide about all of them does.
    assert_eq!(send(&mut grace, &pair, &OPEN).await.status, 303);
    nothing_more(borough.link().await);
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

#[tokio::test]
async fn two_who_say_otherwise_at_once_leave_no_page_that_says_both() {
    Box::pin(otherwise_at_once(TestApp::start().await)).await;
}

#[tokio::test]
async fn two_who_say_otherwise_at_once_leave_no_page_that_says_both_on_postgresql() {
    Box::pin(otherwise_at_once(TestApp::on_postgres().await)).await;
}

async fn otherwise_at_once(test: TestApp) {
    let (borough, persons) = twins_in(test).await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut ewa) = borough.comes("ewa", "manager").await;
    let [(one, ones), (_, others)] = &persons[..] else {
        panic!("{persons:?}");
    };
    // Of every record of both, from two pages: each is shown before either decides.
    let (hers, theirs) = (href(one, ones[0], others[0]), href(one, ones[1], others[1]));
    let (her_page, their_page) = (grace.get(&hers).await, ewa.get(&theirs).await);
    let form = |page: &Reply, href: &str, verdict: &str, reason: &str| {
        let ids = href.split(['=', '&', '?']).collect::<Vec<&str>>();
        let named = [
            ("a", ids[2]),
            ("b", ids[4]),
            ("version", &crate::children::version(page)),
            ("verdict", verdict),
            ("sureness", "certain"),
            ("scope", &every_record(page)),
            ("reason", reason),
        ];
        named.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let apart = form(&her_page, &hers, "not-same", "Both were met.");
    let same = form(&their_page, &theirs, "same", "One birth certificate.");
    let path = format!("/links/{one}");
    let sent = |fields: [(String, String); 7]| {
        let path = path.clone();
        async move |visitor: &mut Visitor| {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            visitor.post(&path, &fields).await.status
        }
    };
    let (apart, same) = (sent(apart), sent(same));
    let (apart, same) = tokio::join!(apart(&mut grace), same(&mut ewa));
    let mut statuses = [apart, same];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "one decides, and the other is told");
    for pair in across(one, ones, others) {
        let mut pages = Vec::new();
        for person in [one, &persons[1].0] {
            let which = pair.split_once('?').expect("a pair").1;
            let page = grace.get(&format!("/links/{person}?{which}")).await;
            pages.extend((page.status == 200).then(|| page.words()));
        }
        assert!(!pages.is_empty(), "{pair}");
        for words in pages {
            let both =
                ["Both were met.", "One birth certificate."].map(|says| words.contains(says));
            assert!(both[0] != both[1], "{words}");
        }
    }
    nothing_more(borough.link().await);
    borough.test.store().verify().await.expect("whole");
}
