//! Linking as children arrive, and what people decide about links.

use clearpicture_app::linking::Outcome;
use clearpicture_store::Relation;
use sea_orm::ConnectionTrait as _;

use crate::children::{Borough, at_school, in_care, version};
use crate::support::{Reply, TestApp, Visitor};

/// Children who are hard to tell apart: twins, brothers and sisters, names mistyped, two of one name.
pub(crate) fn hard(count: usize) -> Vec<(String, String, String)> {
    const GIVEN: [&str; 10] = [
        "Amara", "Amina", "Leah", "Lea", "Tessa", "Bea", "Beatrice", "Zofia", "Sofia", "Musa Ali",
    ];
    const FAMILY: [&str; 7] = [
        "Okoro",
        "Okora",
        "Nowak",
        "Vale",
        "Frost",
        "Berg",
        "Vale-Frost",
    ];
    (0..count)
        .map(|place| {
            let given = GIVEN[place * 7 % 10].to_owned();
            let family = FAMILY[place * 3 % 7].to_owned();
            let born = format!(
                "20{:02}-0{}-1{}",
                8 + place % 5,
                1 + place % 3,
                place * 5 % 4
            );
            (given, family, born)
        })
        .collect()
}

pub(crate) fn nothing_more(outcome: Outcome) {
    assert_eq!((outcome.joined, outcome.parted), (0, 0), "{outcome:?}");
}

#[tokio::test]
async fn whoever_arrives_is_linked_as_a_run_over_everything_would() {
    arrive(TestApp::start().await).await;
}

#[tokio::test]
async fn whoever_arrives_is_found_on_postgresql_too() {
    arrive(TestApp::on_postgres().await).await;
}

async fn arrive(test: TestApp) {
    let borough = Borough::of(test, &[], &[]).await;
    let children = hard(60);
    let care: Vec<String> = (0..)
        .zip(&children)
        .map(|(place, (given, family, born))| in_care(&format!("C{place}"), given, family, born))
        .collect();
    let school: Vec<String> = (0..)
        .zip(&children)
        .map(|(place, (given, family, born))| at_school(&format!("S{place}"), given, family, born))
        .collect();
    borough.care_tells(&care[..40]).await;
    borough.schools_tell(&school[20..]).await;
    borough.link().await;
    // Each file holds all that its source told so far, as files do. What is told of four children more is linked alone.
    for more in (0..20).step_by(4) {
        let outcome = borough.care_tells(&care[..44 + more]).await;
        assert!(outcome.subjects < 80, "{outcome:?}");
        borough.schools_tell(&school[16 - more..]).await;
    }
    nothing_more(borough.link().await);
}

#[tokio::test]
async fn a_correction_heals_whom_it_held_apart_and_whom_it_joined() {
    let martin = "Martina";
    let care = |twin_born: &str| {
        vec![
            in_care("1", martin, "Okoro", "2011-12-13"),
            in_care("2", "Damaris", "Okoro", twin_born),
        ]
    };
    let others = |row: fn(&str, &str, &str, &str) -> String| {
        let children = hard(5).into_iter().enumerate();
        children.map(move |(place, (given, family, born))| {
            row(&format!("o{place}"), &given, &family, &born)
        })
    };
    let care = |twin_born: &str| {
        care(twin_born)
            .into_iter()
            .chain(others(in_care))
            .collect::<Vec<_>>()
    };
    let mut school = vec![at_school("a", "Leonie", "Okoro", "2011-12-13")];
    school.extend(others(at_school));
    let borough = Borough::with(&care("2011-12-13"), &school).await;
    // Care knows twins, so another name at school is neither's.
    borough.link().await;
    // One of them was born two years before: now there is one child that it can be, and somebody must look.
    let healed = borough.care_tells(&care("2009-12-13")).await;
    assert_eq!((healed.joined, healed.attention), (1, 1), "{healed:?}");
    assert!(healed.subjects < 10, "{healed:?}");
    nothing_more(borough.link().await);
    // And back: the join is undone as it was made.
    let parted = borough.care_tells(&care("2011-12-13")).await;
    assert_eq!((parted.joined, parted.parted), (0, 1), "{parted:?}");
    nothing_more(borough.link().await);
}

/// One child whom two agencies may know by two names: joined, and somebody must look.
pub(crate) async fn in_doubt() -> Borough {
    let care = [in_care("1", "Martina", "Okoro", "2011-12-13")];
    let school = [at_school("a", "Leonie", "Okoro", "2011-12-13")];
    let borough = Borough::with(&care, &school).await;
    let outcome = borough.link().await;
    assert_eq!((outcome.joined, outcome.attention), (1, 1), "{outcome:?}");
    borough
}

/// Where the first pair of the queue is decided about; nothing when none waits.
pub(crate) fn first_pair(queue: &Reply) -> Option<String> {
    let mut hrefs = queue.text.split("href=\"").skip(1);
    let href = hrefs.find(|rest| rest.starts_with("/links/person_"))?;
    Some(href.split('"').next()?.replace("&amp;", "&"))
}

/// The person from whose side a pair is decided about.
pub(crate) fn person_of(href: &str) -> &str {
    let path = href.split('?').next().expect("a path");
    path.trim_start_matches("/links/")
}

/// Posts an answer to the pair at `href`, as the page at hand asks for it.
pub(crate) async fn answer(
    visitor: &mut Visitor,
    href: &str,
    says: [&str; 3],
    version: &str,
) -> Reply {
    let (path, query) = href.split_once('?').expect("a query");
    let parts = query.split('&').filter_map(|part| part.split_once('='));
    let ids: Vec<&str> = parts.map(|(_, id)| id).collect();
    let [verdict, sureness, reason] = says;
    let fields = [
        ("a", ids[0]),
        ("b", ids[1]),
        ("version", version),
        ("verdict", verdict),
        ("sureness", sureness),
        ("reason", reason),
    ];
    visitor.post(path, &fields).await
}

#[tokio::test]
async fn a_pair_in_doubt_waits_and_is_told_side_by_side() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let queue = grace.get("/links").await;
    for part in [
        "Martina Okoro",
        "Leonie Okoro",
        "the given names differ, and everything else agrees",
        "about 4 minutes of work",
    ] {
        assert!(
            queue.words().to_lowercase().contains(&part.to_lowercase()),
            "{part}: {}",
            queue.words()
        );
    }
    let href = first_pair(&queue).expect("a pair");
    let page = grace.get(&href).await;
    for part in [
        "They are joined until somebody decides",
        "Martina and Leonie",
        "Together",
    ] {
        assert!(page.words().contains(part), "{part}: {}", page.words());
    }
    let empty = answer(&mut grace, &href, ["", "", ""], "0").await;
    assert_eq!(empty.status, 422, "{}", empty.words());
    for part in ["choose what you think", "There is a problem"] {
        assert!(empty.words().contains(part), "{part}: {}", empty.words());
    }
}

#[tokio::test]
async fn a_pair_is_asked_about_decided_and_taken_back() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    grace.get(&href).await;

    // Not sure: it goes on waiting, with the question beside it.
    let asked = answer(
        &mut grace,
        &href,
        ["asked", "", "Does the school know two?"],
        "0",
    )
    .await;
    assert_eq!(asked.status, 303, "{}", asked.words());
    assert!(grace.get("/links").await.words().contains("somebody asks"));
    let page = grace.get(&href).await;
    assert!(
        page.words().contains("Does the school know two?"),
        "{}",
        page.words()
    );

    // One child: the picture counts as checked, and nothing waits any more.
    let seen = version(&page);
    let same = answer(
        &mut grace,
        &href,
        ["same", "certain", "Rang the school."],
        &seen,
    )
    .await;
    assert_eq!(same.status, 303, "{}", same.words());
    assert_eq!(first_pair(&grace.get("/links").await), None);
    let picture = format!("/children/{}", person_of(&href));
    let words = grace.get(&picture).await.words();
    assert!(words.contains("Joined, and checked by a person"), "{words}");
    nothing_more(borough.link().await);

    // Taken back: as if it had never been said.
    let page = grace.get(&href).await;
    let back = answer(
        &mut grace,
        &href,
        ["open", "", "It was another school."],
        &version(&page),
    )
    .await;
    assert_eq!(back.status, 303, "{}", back.words());
    assert_eq!(first_pair(&grace.get("/links").await), Some(href.clone()));
    let words = grace.get(&picture).await.words();
    assert!(words.contains("somebody must look"), "{words}");

    // Two children: parted at once, and whoever saw the joined picture is told.
    let page = grace.get(&href).await;
    let before = borough.test.newest_entry().await;
    let apart = answer(
        &mut grace,
        &href,
        ["not-same", "likely", "Cousins."],
        &version(&page),
    )
    .await;
    assert_eq!(apart.status, 303, "{}", apart.words());
    assert_eq!(apart.location().split('?').nth(1), href.split('?').nth(1));
    let actions = borough.test.actions_since(before).await;
    for action in ["link-decisions.change", "persons.link"] {
        assert!(actions.contains(&action.to_owned()), "{actions:?}");
    }
    assert_eq!(first_pair(&grace.get("/links").await), None);
    let outcome = borough.link().await;
    assert_eq!((outcome.joined, outcome.persons), (0, 2), "{outcome:?}");
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn two_who_decide_at_once_do_not_overrule_one_another() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut ewa) = borough.comes("ewa", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    grace.get(&href).await;
    ewa.get(&href).await;
    let first = answer(
        &mut grace,
        &href,
        ["same", "certain", "Rang the school."],
        "0",
    )
    .await;
    assert_eq!(first.status, 303, "{}", first.words());
    let second = answer(&mut ewa, &href, ["not-same", "certain", "Cousins."], "0").await;
    assert_eq!(second.status, 409, "{}", second.words());
}

#[tokio::test]
async fn only_whoever_answers_for_links_decides_and_a_bar_hides_the_pair() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    assert_ne!(amal.get("/links").await.status, 200);
    let person = person_of(&href).to_owned();
    let picture = amal.get(&format!("/children/{person}")).await;
    assert!(
        picture.words().contains("Who else this may be"),
        "{}",
        picture.words()
    );
    let alike = amal.get(&format!("/links/{person}")).await;
    assert!(alike.words().contains("Leonie Okoro"), "{}", alike.words());
    let page = amal.get(&href).await;
    assert_eq!(page.status, 200, "whoever sees the child sees why");
    assert!(!page.text.contains("name=\"verdict\""), "{}", page.words());
    let tried = answer(&mut amal, &href, ["same", "certain", "I know her."], "0").await;
    assert!([403, 404].contains(&tried.status), "{}", tried.status);
    for role in ["analyst", "administrator"] {
        let (_, mut other) = borough.comes(role, role).await;
        assert_ne!(other.get("/links").await.status, 200, "{role}");
        assert_eq!(other.get(&href).await.status, 404, "{role}");
    }

    let (cousin, mut ines) = borough.comes("ines", "manager").await;
    let person = person_of(&href);
    borough.stands(cousin, person, Relation::Barred).await;
    let queue = ines.get("/links").await;
    assert_eq!(first_pair(&queue), None, "{}", queue.words());
    assert!(
        queue.words().contains("No pair waits for you"),
        "{}",
        queue.words()
    );
    assert_eq!(ines.get(&href).await.status, 404);
    let tried = answer(&mut ines, &href, ["same", "certain", "I know her."], "0").await;
    assert_eq!(tried.status, 404);
    assert!(first_pair(&grace.get("/links").await).is_some());
}

#[tokio::test]
async fn ids_that_do_not_belong_to_the_child_open_nothing() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    let (path, query) = href.split_once('?').expect("a query");
    let a = query
        .split('&')
        .next()
        .expect("one")
        .trim_start_matches("a=");
    let nobody = "subject_00000000000000000000000001";
    for query in [
        format!("a={a}&b={a}"),
        format!("a={a}&b={nobody}"),
        format!("a={nobody}&b={nobody}"),
        format!("a={a}&b=nonsense"),
    ] {
        let reply = grace.get(&format!("{path}?{query}")).await;
        assert_eq!(reply.status, 404, "{query}");
    }
}

#[tokio::test]
async fn twins_whom_both_sources_know_are_no_question() {
    let care = [
        in_care("1", "Martina", "Okoro", "2011-12-13"),
        in_care("2", "Damaris", "Okoro", "2011-12-13"),
    ];
    let school = [
        at_school("a", "Damaris", "Okoro", "2011-12-13"),
        at_school("b", "Martina", "Okoro", "2011-12-13"),
    ];
    let borough = Borough::with(&care, &school).await;
    assert_eq!(borough.link().await.joined, 2);
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let queue = grace.get("/links").await;
    assert_eq!(first_pair(&queue), None, "{}", queue.words());
}

#[tokio::test]
async fn a_decision_is_followed_though_the_server_is_killed_right_after_it() {
    let mut borough = in_doubt().await;
    let (worker, mut grace) = borough.comes("grace", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    grace.get(&href).await;
    // Nothing that follows can be written: as if the server were gone.
    let behind = borough.test.behind().await;
    let gone =
        "CREATE TRIGGER gone BEFORE INSERT ON link_run BEGIN SELECT RAISE(ABORT, 'gone'); END";
    behind.execute_unprepared(gone).await.expect("gone");
    let apart = answer(&mut grace, &href, ["not-same", "certain", "Cousins."], "0").await;
    assert_eq!(apart.status, 303, "{}", apart.words());
    let told = grace.get(apart.location()).await;
    assert!(
        told.words().contains("the picture follows within minutes"),
        "{}",
        told.words()
    );
    let picture = format!("/children/{}", person_of(&href));
    let joined = grace.get(&picture).await.words();
    assert!(
        joined.contains("Leonie"),
        "they still stand joined: {joined}"
    );

    behind
        .execute_unprepared("DROP TRIGGER gone")
        .await
        .expect("back");
    borough.test = borough.test.restarted().await;
    borough.test.pass_minutes(1);
    borough.does("link-after-a-decision").await;
    let mut grace = borough
        .test
        .signed_in(worker, clearpicture_app::shell::session::Stage::Full)
        .await;
    let parted = grace.get(&picture).await.words();
    assert!(!parted.contains("Leonie"), "{parted}");
    nothing_more(borough.link().await);
}

#[tokio::test]
async fn what_makes_sure_of_a_decision_that_was_followed_writes_nothing() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let href = first_pair(&grace.get("/links").await).expect("a pair");
    grace.get(&href).await;
    let apart = answer(&mut grace, &href, ["not-same", "certain", "Cousins."], "0").await;
    assert_eq!(apart.status, 303, "{}", apart.words());
    let before = borough.test.newest_entry().await;
    borough.test.pass_minutes(1);
    borough.does("link-after-a-decision").await;
    assert_eq!(borough.test.newest_entry().await, before);
}
