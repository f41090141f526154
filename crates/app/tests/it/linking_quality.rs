//! Samples of pairs: drawn at random, read blind, and what they tell.

use std::collections::BTreeSet;

use clearpicture_app::linking::LinkFault;
use clearpicture_app::linking::quality::draw_waiting;
use clearpicture_store::Relation;
use sea_orm::ConnectionTrait as _;

use crate::children::{Borough, at_school, in_care, look, pictures, version};
use crate::support::{Reply, TestApp, Visitor};

const NAMES: [(&str, &str); 6] = [
    ("Amara", "Okoro"),
    ("Zofia", "Nowak"),
    ("Leah", "Frost"),
    ("Musa", "Berg"),
    ("Tessa", "Vale"),
    ("Bea", "Holt"),
];

/// Children whom both agencies know, alike but for one whose given name differs, and one whose day does.
async fn known_to_both() -> Borough {
    known_on(TestApp::start().await).await
}

async fn known_on(test: TestApp) -> Borough {
    let born = |place: usize| format!("2011-0{}-1{place}", 1 + place);
    let care: Vec<String> = (0..)
        .zip(NAMES)
        .map(|(place, (given, family))| in_care(&format!("C{place}"), given, family, &born(place)))
        .collect();
    let school: Vec<String> = (0..)
        .zip(NAMES)
        .map(|(place, (given, family))| match place {
            // Joined, and somebody must look.
            1 => at_school("S1", "Ivana", family, &born(place)),
            // Not joined: the days of birth are years apart, and the name is written otherwise.
            2 => at_school("S2", "Lea", family, "2015-09-28"),
            _ => at_school(&format!("S{place}"), given, family, &born(place)),
        })
        .collect();
    let borough = Borough::of(test, &care, &school).await;
    borough.link().await;
    borough
}

/// Asks for a sample.
async fn asked(visitor: &mut Visitor) {
    visitor.get("/links/quality").await;
    let asked = visitor.post("/links/quality", &[("wanted", "100")]).await;
    assert_eq!(asked.status, 303, "{}", asked.words());
    let waits = visitor.get("/links/quality").await.words();
    assert!(waits.contains("A sample is being drawn"), "{waits}");
}

/// Draws whatever was asked for, and says how many that was.
async fn draw(borough: &Borough) -> Result<u32, LinkFault> {
    let app = &borough.test.app;
    draw_waiting(app.store(), app.access(), app.practice()).await
}

/// Asks for a sample, and has it drawn.
async fn drawn(borough: &Borough, visitor: &mut Visitor) {
    asked(visitor).await;
    assert_eq!(draw(borough).await.expect("drawn"), 1);
}

/// Where the form of a page goes; nothing when it has none.
fn action(page: &Reply) -> Option<String> {
    let mut actions = page.text.split("action=\"").skip(1);
    let found = actions.find(|rest| rest.starts_with("/links/readings/"))?;
    Some(found.split('"').next()?.to_owned())
}

async fn says(visitor: &mut Visitor, page: &Reply, answer: &str) -> Reply {
    let action = action(page).expect("a form");
    let version = version(page);
    visitor
        .post(&action, &[("version", &version), ("answer", answer)])
        .await
}

/// Reads every pair that is left: as one child, but for the one who has another given name.
async fn read_all(visitor: &mut Visitor) -> usize {
    let mut read = 0;
    loop {
        let page = visitor.get("/links/readings").await;
        let words = page.words();
        if action(&page).is_none() {
            return read;
        }
        for part in ["joined", "Joined", "held apart", "bits", "Worth"] {
            assert!(
                !words.contains(part),
                "`{part}` tells how it stands: {words}"
            );
        }
        let is_one = !words.contains("Ivana");
        let said = says(visitor, &page, if is_one { "one" } else { "two" }).await;
        assert_eq!(said.status, 303, "{}", said.words());
        read += 1;
        assert!(read < 200, "it ends");
    }
}

#[tokio::test]
async fn a_sample_is_drawn_read_blind_and_told_with_what_stands_otherwise() {
    let borough = known_to_both().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let empty = grace.get("/links/quality").await.words();
    assert!(empty.contains("Nobody has measured it yet"), "{empty}");
    for wrong in ["", "many", "99", "2001", "-5"] {
        let refused = grace.post("/links/quality", &[("wanted", wrong)]).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.words());
    }
    drawn(&borough, &mut grace).await;
    let unread = grace.get("/links/quality").await.words();
    assert!(unread.contains("0 of 6 pairs are read"), "{unread}");
    assert!(!unread.contains("By ethnic group"), "{unread}");
    assert!(!unread.contains("Stands otherwise"), "{unread}");

    let before = borough.test.newest_entry().await;
    assert_eq!(read_all(&mut grace).await, 6);
    let actions = borough.test.actions_since(before).await;
    let actions: BTreeSet<&str> = actions.iter().map(String::as_str).collect();
    assert_eq!(actions, BTreeSet::from(["link-readings.read"]));

    let told = grace.get("/links/quality").await.words();
    // Four of the five pairs that are one child are joined, and one that is joined was read as two.
    for part in [
        "80.0% of the pairs that are joined are one child",
        "80.0% of the pairs that are one child are joined",
        "Joined, and read as two children",
        "Apart, and read as one child",
        "By ethnic group",
        "By sex",
        "13 to 15",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Reading changed no link.
    let outcome = borough.link().await;
    assert_eq!((outcome.joined, outcome.parted), (0, 0), "{outcome:?}");
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn an_answer_can_be_changed_until_a_newer_sample_is_drawn() {
    let borough = known_to_both().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    drawn(&borough, &mut grace).await;
    let page = grace.get("/links/readings").await;
    let nothing = says(&mut grace, &page, "").await;
    assert_eq!(nothing.status, 422, "{}", nothing.words());
    let said = says(&mut grace, &page, "unclear").await;
    let next = grace.get(said.location()).await;
    let href = action(&page).expect("a form");
    assert!(next.text.contains(&href), "the last answer can be changed");
    let again = grace.get(&href).await;
    let changed = says(&mut grace, &again, "one").await;
    assert_eq!(changed.status, 303, "{}", changed.words());
    let stale = says(&mut grace, &again, "two").await;
    grace.get(stale.location()).await;
    let kept = grace.get(&href).await;
    assert!(kept.text.contains("value=\"one\" checked"), "{}", kept.text);

    borough.test.pass_minutes(1);
    drawn(&borough, &mut grace).await;
    let before = borough.test.newest_entry().await;
    let late = says(&mut grace, &kept, "two").await;
    assert_eq!(late.location(), "/links/quality");
    assert!(borough.test.actions_since(before).await.is_empty());
    let ended = grace.get("/links/quality").await.words();
    assert!(ended.contains("Samples"), "{ended}");
}

#[tokio::test]
async fn two_who_read_one_pair_at_once_are_told_whose_answer_stands() {
    let borough = known_to_both().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    drawn(&borough, &mut grace).await;
    let (_, mut ewa) = borough.comes("ewa", "manager").await;
    let page = grace.get("/links/readings").await;
    let href = action(&page).expect("a form");
    let same = ewa.get(&href).await;
    assert_eq!(says(&mut grace, &page, "one").await.status, 303);
    let second = says(&mut ewa, &same, "two").await;
    let next = ewa.get(second.location()).await;
    assert!(
        next.words().contains("Somebody else read that pair first"),
        "{}",
        next.words()
    );
    let kept = ewa.get(&href).await;
    assert!(kept.text.contains("value=\"one\" checked"), "{}", kept.text);
}

#[tokio::test]
async fn figures_are_for_analysts_and_pairs_for_those_who_may_know_both() {
    let borough = known_to_both().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    drawn(&borough, &mut grace).await;
    let page = grace.get("/links/readings").await;
    let href = action(&page).expect("a form");

    let (_, mut ann) = borough.comes("ann", "analyst").await;
    assert_eq!(ann.get("/links/quality").await.status, 200);
    for path in ["/links/readings", &href] {
        let page = ann.get(path).await;
        assert_eq!(action(&page), None, "{}", page.words());
        for (given, family) in NAMES {
            let words = page.words();
            assert!(!words.contains(given) && !words.contains(family), "{words}");
        }
    }
    let form = [("version", "1"), ("answer", "one")];
    assert!([403, 404].contains(&ann.post(&href, &form).await.status));

    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    for path in ["/links/quality", "/links/readings", &href] {
        assert_ne!(amal.get(path).await.status, 200, "{path}");
    }
    assert!([403, 404].contains(&amal.post(&href, &form).await.status));

    // Whoever is barred from one of two children reads no pair that either is in.
    let (cousin, mut ines) = borough.comes("ines", "manager").await;
    let found = grace.get("/links/readings").await.words();
    let (_, family) = NAMES
        .iter()
        .find(|(given, _)| found.contains(given))
        .expect("a name");
    let found = look(&mut grace, family, ["", "", ""]).await;
    for picture in pictures(&found) {
        let person = picture.trim_start_matches("/children/");
        borough.stands(cousin, person, Relation::Barred).await;
    }
    let barred = ines.get(&href).await;
    assert_eq!(action(&barred), None, "{}", barred.words());
    assert!(!barred.words().contains(family), "{}", barred.words());
    assert_eq!(ines.post(&href, &form).await.status, 404);
    let read = read_all(&mut ines).await;
    assert!(read > 0, "the others are hers to read");
    // How many are left is nobody's: what she is told is what anybody is told who has read all that they may.
    let left = ines.get("/links/readings").await.words();
    assert!(left.contains("No pair waits for you"), "{left}");
    let figures = ines.get("/links/quality").await.words();
    assert_eq!(figures, grace.get("/links/quality").await.words());
    let (_, mut tess) = borough.comes("tess", "manager").await;
    assert!(
        read_all(&mut tess).await > 0,
        "and hers are somebody else's"
    );
    assert_eq!(tess.get("/links/readings").await.words(), left);
}

#[tokio::test]
async fn two_servers_that_draw_at_once_draw_one_sample() {
    drawn_by_two(TestApp::start().await).await;
}

#[tokio::test]
async fn two_servers_draw_one_sample_from_postgresql_too() {
    drawn_by_two(TestApp::on_postgres().await).await;
}

async fn drawn_by_two(test: TestApp) {
    let borough = known_on(test).await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    asked(&mut grace).await;
    let (one, other) = tokio::join!(draw(&borough), draw(&borough));
    assert_eq!(one.expect("no fault") + other.expect("no fault"), 1);
    assert_eq!(draw(&borough).await.expect("no fault"), 0);
    assert_eq!(read_all(&mut grace).await, 6);
    let told = grace.get("/links/quality").await.words();
    let precise = "80.0% of the pairs that are joined are one child";
    assert!(told.contains(precise), "{told}");
}

#[tokio::test]
async fn a_sample_that_is_cut_short_is_drawn_whole_the_next_time() {
    let borough = known_to_both().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    asked(&mut grace).await;
    let behind = borough.test.behind().await;
    // Half of it is written, and then nothing more can be: as if the server were gone.
    let gone = "CREATE TRIGGER gone BEFORE INSERT ON link_reading WHEN (SELECT count(*) FROM link_reading) >= 3 \
                BEGIN SELECT RAISE(ABORT, 'gone'); END";
    behind.execute_unprepared(gone).await.expect("gone");
    let cut = draw(&borough).await;
    assert!(matches!(cut, Err(LinkFault::Write(_))), "{cut:?}");
    let waits = grace.get("/links/quality").await.words();
    assert!(waits.contains("A sample is being drawn"), "{waits}");
    let nothing = grace.get("/links/readings").await;
    assert_eq!(action(&nothing), None, "{}", nothing.words());
    let back = "DROP TRIGGER gone";
    behind.execute_unprepared(back).await.expect("back");
    assert_eq!(draw(&borough).await.expect("drawn"), 1);
    assert_eq!(read_all(&mut grace).await, 6);
}

#[tokio::test]
async fn a_sample_of_nobody_says_that_there_is_nothing_to_read() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    drawn(&borough, &mut grace).await;
    let told = grace.get("/links/quality").await;
    assert_eq!(told.status, 200);
    let words = told.words();
    assert!(words.contains("0 of 0 pairs are read"), "{words}");
    for wrong in ["NaN", "inf", "A sample is being drawn"] {
        assert!(!words.contains(wrong), "{words}");
    }
    let page = grace.get("/links/readings").await;
    assert_eq!((page.status, action(&page)), (200, None));
}
