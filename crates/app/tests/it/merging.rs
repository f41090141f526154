//! What goes wrong elsewhere when records are merged, each as a journey that shows it cannot here: a screen that shows what
//! is hidden elsewhere, records left without a person, a list nobody can work through, files that crawl. And an undo that
//! does not undo.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use clearpicture_access::{Action, Caller, Purpose, Scope};
use clearpicture_app::linking::{
    AddLinkQuestion, LinkQuestion, LinkQuestionId, SeeLinkQuestion, Stake,
};
use clearpicture_app::persons::{self, Person, SeePerson};
use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::{Code, PersonId, SubjectId, TypedId as _};
use clearpicture_store::{Record, Relation};
use serde_json::json;

use crate::children::{Borough, at_school, in_care, look, pictures, version};
use crate::linking::{answer, first_pair, in_doubt};
use crate::support::{Visitor, a_worker};

const NO_DAY: [&str; 3] = ["", "", ""];

fn linkage() -> (Caller, Purpose) {
    let purpose = Purpose {
        code: Code::parse("data-exchange").expect("a code"),
        marked: false,
    };
    (Caller::system("linkage"), purpose)
}

async fn scope<A: Action>(borough: &Borough) -> Scope<A>
where
    A::On: Record,
{
    let (caller, purpose) = linkage();
    let app = &borough.test.app;
    let scope = app.store().scope::<A>(app.access(), &caller, &purpose);
    scope.await.expect("a scope")
}

/// Who is one person, and what is asked about whom.
type State = (BTreeMap<String, Person>, BTreeSet<String>);

async fn state(borough: &Borough) -> State {
    let store = borough.test.store();
    let persons = store.all_within(&scope::<SeePerson>(borough).await).await;
    let persons = persons.expect("read").into_iter();
    let questions = scope::<SeeLinkQuestion>(borough).await;
    let questions = store.all_within(&questions).await.expect("read");
    let open = questions.into_iter().filter(|(_, question)| question.open);
    (
        persons
            .map(|(resource, person)| (resource.id.to_string(), person))
            .collect(),
        open.map(|(_, question)| format!("{question:?}")).collect(),
    )
}

/// Whose record each of these is now.
pub(crate) async fn persons_of(
    borough: &Borough,
    of: &[SubjectId],
) -> BTreeMap<SubjectId, PersonId> {
    let scope = scope::<SeePerson>(borough).await;
    let of = of.iter().copied().collect();
    let persons = persons::persons_of(borough.test.store(), &scope, &of).await;
    persons.expect("read")
}

/// Everybody whom a source knows.
pub(crate) async fn everybody(borough: &Borough) -> Vec<SubjectId> {
    let scope = scope::<SeePerson>(borough).await;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let some = persons::known_after(borough.test.store(), &scope, after).await;
        let Some((last, known)) = some.expect("read") else {
            return all;
        };
        all.extend(known.into_iter().map(|known| known.subject.id));
        after = Some(last);
    }
}

/// Where these two are decided about.
async fn href(borough: &Borough, a: SubjectId, b: SubjectId) -> String {
    let person = persons_of(borough, &[a, b]).await[&a];
    format!("/links/{person}?a={}&b={}", a.min(b), a.max(b))
}

async fn says(borough: &Borough, grace: &mut Visitor, (a, b): (SubjectId, SubjectId), says: &str) {
    let href = href(borough, a, b).await;
    let page = grace.get(&href).await;
    assert_eq!(page.status, 200, "{href}");
    let seen = version(&page);
    let reply = answer(grace, &href, [says, "likely", "Somebody was rung."], &seen).await;
    assert_eq!(reply.status, 303, "{}", reply.words());
}

#[tokio::test]
async fn the_merge_screen_shows_no_data_that_is_hidden_elsewhere() {
    let care = [in_care("1", "Leanne", "Okafor", "2014-07-28")];
    let borough = Borough::with(&care, &[]).await;
    // The same child, whose whereabouts health must not tell.
    let bundle = json!({
        "resourceType": "Bundle",
        "entry": [{ "resource": {
            "resourceType": "Patient",
            "id": "p1",
            "meta": { "security": [{ "code": "R" }] },
            "name": [{ "use": "usual", "given": ["Leanne"], "family": "Okafor" }],
            "birthDate": "2014-07-28",
            "gender": "female",
            "address": [{ "use": "home", "line": ["9 Hidden Row"], "postalCode": "XN1 9ZZ" }],
        }}],
    });
    let outcome = borough.health_tells(&bundle).await;
    assert_eq!(
        (outcome.joined, outcome.attention, outcome.held_apart),
        (0, 0, 0),
        "never a candidate: {outcome:?}"
    );
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut iris) = borough.comes("iris", "information-governance").await;
    let open = pictures(&look(&mut grace, "Okafor", NO_DAY).await);
    assert_eq!(open.len(), 1);
    let (persons, _) = state(&borough).await;
    let members = |wanted: bool| {
        let mut persons = persons.values().filter(|person| person.protected == wanted);
        let person = persons.next().expect("a person");
        *person.members.first().expect("a member")
    };
    let (known, hidden) = (members(false), members(true));

    // Somebody who may know of both says they are one; for everyone else the child is gone, whatever page they try.
    let council = borough.test.agency("northwater-council").await;
    let keeper = a_worker("keeper").of(council).role("manager");
    let keeper = borough
        .test
        .worker(keeper.and_role("protected-identities"))
        .await;
    let mut keeper = borough.test.signed_in(keeper, Stage::Full).await;
    for joined in [false, true] {
        if joined {
            says(&borough, &mut keeper, (known, hidden), "same").await;
        }
        let (a, b) = (known.min(hidden), known.max(hidden));
        let of_both = persons_of(&borough, &[a, b]).await;
        for visitor in [&mut grace, &mut iris] {
            for person in of_both.values() {
                let pair = format!("/links/{person}?a={a}&b={b}");
                assert_eq!(visitor.get(&pair).await.status, 404, "joined: {joined}");
                let tried = answer(visitor, &pair, ["same", "certain", "I know."], "0").await;
                assert_eq!(tried.status, 404, "joined: {joined}");
            }
            for page in ["/links", "/breaches", "/children"] {
                let text = visitor.get(page).await.text;
                assert!(!text.contains("Hidden Row"), "{page}");
                assert!(!text.contains(&hidden.to_string()), "{page}");
            }
            let found = look(visitor, "Okafor", NO_DAY).await;
            assert_eq!(
                pictures(&found).len(),
                usize::from(!joined),
                "{}",
                found.words()
            );
        }
    }
    let words = keeper
        .get(&href(&borough, known, hidden).await)
        .await
        .words();
    assert!(words.contains("9 Hidden Row"), "{words}");
}

#[tokio::test]
async fn a_merge_orphans_no_record_and_parting_gives_each_back() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let pair = first_pair(&grace.get("/links").await).expect("a pair");
    let (worker, mut amal) = borough.comes("amal", "practitioner").await;
    let ids: Vec<SubjectId> = pair
        .split(['=', '&'])
        .filter_map(|id| SubjectId::parse(id).ok())
        .collect();
    says(&borough, &mut grace, (ids[0], ids[1]), "not-same").await;
    let apart = state(&borough).await;
    // Whatever stands on the one that will be empty: somebody works with it, and its address was written down.
    let own: Vec<PersonId> = persons_of(&borough, &ids).await.into_values().collect();
    let (into, empty) = (own[0].min(own[1]), own[0].max(own[1]));
    for id in &own {
        borough
            .stands(worker, &id.to_string(), Relation::Involved)
            .await;
    }
    says(&borough, &mut grace, (ids[0], ids[1]), "same").await;

    let moved = amal.get(&format!("/children/{empty}")).await;
    assert!(
        moved.text.contains(&format!("/children/{into}")),
        "the address of before leads on: {}",
        moved.words()
    );
    let picture = amal.get(&format!("/children/{into}")).await.words();
    for told in ["Martina", "Leonie", "Robin Ashdown", "Saltway High School"] {
        assert!(picture.contains(told), "{told}: {picture}");
    }
    for id in &own {
        for page in ["history", "why"] {
            let reply = grace.get(&format!("/children/{id}/{page}")).await;
            assert_eq!(reply.status, 200, "{page} of {id}");
        }
        let looked = grace.get(&format!("/looked/{id}")).await;
        assert_eq!(looked.status, 200, "who looked at {id}");
    }
    let (persons, _) = state(&borough).await;
    let members: Vec<&SubjectId> = persons.values().flat_map(|one| &one.members).collect();
    assert_eq!(
        members.len(),
        2,
        "each record belongs to one person: {members:?}"
    );

    says(&borough, &mut grace, (ids[0], ids[1]), "not-same").await;
    assert_eq!(state(&borough).await, apart, "each has its own again");
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("rebuilt.db").display());
    let address = address.parse().expect("an address");
    let rebuilt = borough.test.store().rebuild_into(&address);
    rebuilt.await.expect("identical");
}

#[tokio::test]
async fn the_merge_list_stays_usable_with_100_000_pairs() {
    const WAIT: usize = 100_000;
    let children = 0..230_usize;
    let row = |place: usize| {
        let family = format!(
            "Vale{}",
            char::from(b'a' + u8::try_from(place % 26).expect("few"))
        );
        let born = format!(
            "20{:02}-0{}-{:02}",
            8 + place % 7,
            1 + place % 9,
            10 + place % 17
        );
        (format!("{place}"), "Amara".to_owned(), family, born)
    };
    let care: Vec<String> = children
        .clone()
        .map(row)
        .map(|(key, given, family, born)| in_care(&key, &given, &family, &born))
        .collect();
    let school: Vec<String> = children
        .map(|place| row(place + 5))
        .map(|(key, given, family, born)| at_school(&key, &given, &family, &born))
        .collect();
    let borough = Borough::with(&care, &school).await;
    borough.link().await;
    plant(&borough, WAIT).await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    grace.get("/links").await;
    let begun = Instant::now();
    let first = grace.get("/links").await;
    let page = grace.get("/links?page=2000").await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "two pages took {took:?}");
    for (page, shown) in [(&first, 50), (&page, 50)] {
        let words = page.words();
        assert!(
            words.contains("100,000 pairs") || words.contains("100000 pairs"),
            "{words}"
        );
        assert!(words.contains("bout 6667 hours of work"), "{words}");
        assert_eq!(page.text.matches("href=\"/links/person_").count(), shown);
    }
    // What would harm a child stands before everything else.
    assert!(first.text.contains("missing, or a concern"));
    assert!(!page.text.contains("missing, or a concern"));
    let pair = first_pair(&first).expect("a pair");
    let begun = Instant::now();
    let seen = version(&grace.get(&pair).await);
    let reply = answer(&mut grace, &pair, ["asked", "", "Who knows?"], &seen).await;
    assert_eq!(reply.status, 303, "{}", reply.words());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "deciding took {took:?}");
}

/// Puts so many questions about pairs of those who are held in the queue.
async fn plant(borough: &Borough, count: usize) {
    let (caller, purpose) = linkage();
    let app = &borough.test.app;
    let subjects = everybody(borough).await;
    assert!(subjects.len() * (subjects.len() - 1) / 2 >= count);
    let pairs = subjects.iter().enumerate().flat_map(|(place, a)| {
        let later = &subjects[place + 1..];
        later.iter().map(|b| (*a.min(b), *a.max(b)))
    });
    let asked = scope::<SeeLinkQuestion>(borough).await;
    let asked = app.store().all_within(&asked).await.expect("read");
    let asked: BTreeSet<_> = asked.iter().map(|(_, one)| (one.a, one.b)).collect();
    let open = state(borough).await.1.len();
    let pairs = pairs.filter(|pair| !asked.contains(pair));
    let mut changes = Vec::new();
    for (number, (a, b)) in pairs.take(count - open).enumerate() {
        let question = LinkQuestion {
            a,
            b,
            joined: false,
            because: Code::parse("two-children").expect("a code"),
            weight: 5_000,
            doubt: u32::try_from(number).expect("few"),
            stake: if number < 60 {
                Stake::Harm
            } else {
                Stake::Record
            },
            open: true,
        };
        let id = LinkQuestionId::fresh(app.ambient());
        let resource = question.to_add(&id);
        let permit = app
            .access()
            .permit::<AddLinkQuestion>(&caller, resource, &purpose);
        let permit = permit.expect("linkage asks");
        changes.push(
            app.store()
                .prepare_add(&permit, &question, None)
                .await
                .expect("ready"),
        );
        if changes.len() == 1_000 {
            let some = std::mem::take(&mut changes);
            app.store().commit(some).await.expect("asked");
        }
    }
    app.store().commit(changes).await.expect("asked");
}

/// Elsewhere looking for duplicates cut taking in to 230 rows in half an hour.
#[tokio::test]
async fn looking_for_who_is_known_already_does_not_hold_a_file_up() {
    const ROWS: usize = 600;
    let child = |place: usize| {
        let given = ["Amara", "Leah", "Tessa", "Zofia", "Musa"][place % 5];
        let family = format!(
            "{}{}",
            ["Okoro", "Nowak", "Vale", "Frost", "Berg", "Lund", "Marsh"][place % 7],
            ["", "son", "ley", "wood"][place / 7 % 4]
        );
        let born = format!(
            "20{:02}-{:02}-{:02}",
            8 + place % 9,
            1 + place % 12,
            1 + place % 28
        );
        (given.to_owned(), family, born)
    };
    let rows = |row: fn(&str, &str, &str, &str) -> String| -> Vec<String> {
        let one = |place| {
            let (given, family, born) = child(place);
            row(&format!("{place}"), &given, &family, &born)
        };
        (0..ROWS).map(one).collect()
    };
    let borough = Borough::with(&rows(in_care), &[]).await;
    borough.link().await;
    let school = rows(at_school);
    let begun = Instant::now();
    let outcome = borough.schools_tell(&school).await;
    let took = begun.elapsed();
    assert!(outcome.joined > 0, "{outcome:?}");
    assert!(took < Duration::from_secs(60), "{ROWS} rows took {took:?}");
    // A single child among them takes a fraction of that.
    let mut more = school;
    more.push(at_school("new", "Noor", "Castellan", "2013-03-03"));
    let begun = Instant::now();
    let outcome = borough.schools_tell(&more).await;
    let one = begun.elapsed();
    assert!(outcome.subjects < 10, "{outcome:?}");
    assert!(one < took, "one took {one:?}, all took {took:?}");
}

#[tokio::test]
async fn what_was_decided_and_taken_back_is_exactly_as_before() {
    // One child to two agencies, twins, one doubtful, one in the stretch between joining and parting, strangers.
    let care = [
        in_care("1", "Leanne", "Okafor", "2014-07-28"),
        in_care("2", "Martina", "Okoro", "2011-12-13"),
        in_care("3", "Amina", "Vale", "2010-05-01"),
        in_care("4", "Amara", "Vale", "2010-05-01"),
        in_care("5", "Zofia", "Nowak", "2009-12-13"),
    ];
    let school = [
        at_school("a", "Leane", "Okafor", "2014-07-28"),
        at_school("b", "Leonie", "Okoro", "2011-12-13"),
        at_school("c", "Amina", "Vale", "2010-05-01"),
        at_school("d", "Amina", "Frost", "2010-01-05"),
        at_school("e", "Zofia", "Nowack", "2009-03-05"),
    ];
    let borough = Borough::with(&care, &school).await;
    borough.link().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let subjects = everybody(&borough).await;
    let before = state(&borough).await;
    for (place, a) in subjects.iter().enumerate() {
        for b in &subjects[place + 1..] {
            for verdict in ["same", "not-same", "asked"] {
                let pair = (*a.min(b), *a.max(b));
                says(&borough, &mut grace, pair, verdict).await;
                says(&borough, &mut grace, pair, "open").await;
                let after = state(&borough).await;
                assert_eq!(after, before, "{verdict} of {pair:?}");
            }
        }
    }
    borough.test.store().verify().await.expect("whole");
}
