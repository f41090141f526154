//! Bars on children, through all that linkage does to them: for the barred the child is not there, whichever of its records
//! they ask for; nobody learns of a bar that names them; and what a reader is told they count is their own or nobody's.

use std::collections::BTreeSet;

use clearpicture_app::capability::Door;
use clearpicture_kernel::{PersonId, SubjectId, TypedId as _};
use clearpicture_store::Relation;

use crate::children::{Borough, NO_DAY, at_school, in_care, look, pictures, version};
use crate::linking::answer;
use crate::merging::{everybody, persons_of};
use crate::support::{Reply, Visitor};

const REASON: &str = "A cousin of the family.";

/// One child as two agencies know them, joined, and another whom nobody is barred from.
async fn joined() -> (Borough, [SubjectId; 2]) {
    let borough = Borough::with(
        &[
            in_care("1", "Leanne", "Okafor", "2014-07-28"),
            in_care("2", "Maja", "Nowak", "2012-01-05"),
        ],
        &[at_school("8", "Leanne", "Okafor", "2014-07-28")],
    )
    .await;
    borough.link().await;
    let (_, mut amal) = borough.comes("amal", "manager").await;
    let found = pictures(&look(&mut amal, "Okafor", NO_DAY).await);
    assert_eq!(found.len(), 1);
    let joined: PersonId = id(&found[0]);
    let all = everybody(&borough).await;
    let of = persons_of(&borough, &all).await;
    let members: Vec<SubjectId> = all.into_iter().filter(|one| of[one] == joined).collect();
    (borough, members.try_into().expect("two records"))
}

fn id(picture: &str) -> PersonId {
    PersonId::parse(picture.trim_start_matches("/children/")).expect("an id")
}

/// Bars somebody from the picture, as the lead does: the person is looked for in the directory.
async fn bars(lead: &mut Visitor, picture: &PersonId, who: &str) -> Reply {
    let page = lead.get(&format!("/children/{picture}")).await;
    let begin = format!("/bars/new?record={picture}");
    assert!(page.text.contains(&begin), "a bar begins on the picture");
    assert_eq!(lead.get(&begin).await.status, 200);
    let record = picture.to_string();
    let found = lead
        .post("/bars/find", &[("record", &record), ("who", who)])
        .await;
    let person = found
        .text
        .split("name=\"person\" type=\"radio\" value=\"")
        .nth(1);
    let person = person.and_then(|rest| rest.split('"').next());
    let person = person.unwrap_or_else(|| panic!("nobody found: {}", found.words()));
    let form = [
        ("record", &*record),
        ("who", who),
        ("person", person),
        ("reason", REASON),
    ];
    let barred = lead.post("/bars/new", &form).await;
    assert_eq!(barred.location(), "/bars", "{}", barred.words());
    barred
}

/// Every page and every form of a person, as the capabilities say of themselves, and those that name one otherwise.
fn routes_of_persons() -> Vec<(bool, &'static str)> {
    let capabilities = clearpicture_app::capabilities();
    let routes = capabilities.iter().flat_map(|one| &one.routes);
    let of_persons = routes.filter(|route| match route.door {
        Door::Action(action) => action.kind.name == "person" && route.path.contains("{id}"),
        Door::Public | Door::SignedIn => false,
    });
    let derived = of_persons.map(|route| (route.is_write(), route.path));
    let others = [
        (false, "/looked/{id}"),
        (false, "/break-glass/new?record={id}"),
    ];
    derived.chain(others).collect()
}

/// Every page of a person answers as for one that is not there.
async fn is_not_there(visitor: &mut Visitor, person: &PersonId, when: &str) {
    let never = "person_00000000000000000000000009";
    let routes = routes_of_persons();
    assert!(routes.len() > 9, "{routes:?}");
    for (writes, path) in routes {
        let person = path.replace("{id}", &person.to_string());
        let absent = path.replace("{id}", never);
        let (barred, absent) = match writes {
            true => (
                visitor.post(&person, &[]).await,
                visitor.post(&absent, &[]).await,
            ),
            false => (visitor.get(&person).await, visitor.get(&absent).await),
        };
        assert_eq!((barred.status, absent.status), (404, 404), "{when}: {path}");
        assert_eq!(barred.text, absent.text, "{when}: {path}");
    }
    let found = look(visitor, "Okafor", NO_DAY).await;
    assert_eq!(pictures(&found), Vec::<String>::new(), "{when}");
}

async fn of_both(borough: &Borough, [a, b]: [SubjectId; 2]) -> (PersonId, PersonId) {
    let of = persons_of(borough, &[a, b]).await;
    (of[&a], of[&b])
}

/// All persons that the records ever made: their own ones, told by parting them.
async fn parts(borough: &Borough, grace: &mut Visitor, of: [SubjectId; 2]) -> [PersonId; 2] {
    let (joined, _) = of_both(borough, of).await;
    let why = format!("/children/{joined}/why");
    let seen = version(&grace.get(&why).await);
    let form = [
        ("version", &*seen),
        ("subject", &*of[1].to_string()),
        ("reason", "Two children of one name."),
    ];
    let parted = grace.post(&why, &form).await;
    assert_eq!(parted.status, 303, "{}", parted.words());
    let (a, b) = of_both(borough, of).await;
    assert_ne!(a, b, "parted");
    [a, b]
}

#[tokio::test]
async fn a_bar_holds_for_every_record_of_a_joined_child_and_for_both_once_they_are_parted() {
    let (borough, of) = joined().await;
    let (_, mut lead) = borough.comes("iris", "information-governance").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut cousin) = borough.comes("ines", "manager").await;
    let (person, _) = of_both(&borough, of).await;
    bars(&mut lead, &person, "ines exam").await;
    is_not_there(&mut cousin, &person, "joined").await;

    // Whichever of the two is the empty one is closed as well: the parting tells which.
    let both = parts(&borough, &mut grace, of).await;
    for one in &both {
        is_not_there(&mut cousin, one, "parted").await;
        assert_eq!(grace.get(&format!("/children/{one}")).await.status, 200);
    }
    assert_eq!(borough.link().await.joined, 0);
    for one in &both {
        is_not_there(&mut cousin, one, "linked again").await;
    }
    // The lead sees a bar on each, lifts that of the one whom it was not meant for, and no run brings it back.
    let listed = lead.get("/bars").await;
    assert!(listed.words().contains("2 bars"), "{}", listed.words());
    let lift = lifts(&listed);
    assert_eq!(lift.len(), 2);
    let form = [("version", "1"), ("reason", "It is another child.")];
    assert_eq!(lead.post(&lift[0], &form).await.location(), "/bars");
    borough.link().await;
    let mut open = 0;
    for one in &both {
        let status = cousin.get(&format!("/children/{one}")).await.status;
        open += usize::from(status == 200);
    }
    assert_eq!(open, 1, "one of the two is open again");
}

#[tokio::test]
async fn the_empty_records_of_a_barred_child_are_closed_and_lead_nowhere() {
    let (borough, of) = joined().await;
    let (_, mut lead) = borough.comes("iris", "information-governance").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let both = parts(&borough, &mut grace, of).await;
    take_back(&mut grace, &both, of).await;
    let (person, other) = of_both(&borough, of).await;
    assert_eq!(person, other, "joined again");
    let empty = if both[0] == person { both[1] } else { both[0] };
    let (_, mut cousin) = borough.comes("ines", "manager").await;
    let leads_on = cousin.get(&format!("/children/{empty}")).await;
    assert!(leads_on.text.contains(&person.to_string()));

    bars(&mut lead, &person, "ines").await;
    for one in [person, empty] {
        is_not_there(&mut cousin, &one, "barred while joined").await;
    }
    // For the lead it is one bar, and lifting it opens all.
    let listed = lead.get("/bars").await;
    assert!(listed.words().contains("1 bar "), "{}", listed.words());
    assert!(lead.get("/governance").await.words().contains("1 in force"));
    let form = [("version", "1"), ("reason", "She has moved away.")];
    let lift = lifts(&listed);
    assert_eq!(lead.post(&lift[0], &form).await.location(), "/bars");
    for one in [person, empty] {
        assert_eq!(cousin.get(&format!("/children/{one}")).await.status, 200);
    }
}

/// Takes back what was decided about two records.
async fn take_back(grace: &mut Visitor, both: &[PersonId; 2], [a, b]: [SubjectId; 2]) {
    let pair = format!("/links/{}?a={}&b={}", both[0], a.min(b), a.max(b));
    let seen = version(&grace.get(&pair).await);
    let reply = answer(grace, &pair, ["open", "", "It was a mistake."], &seen).await;
    assert_eq!(reply.status, 303, "{}", reply.words());
}

#[tokio::test]
async fn a_bar_follows_a_child_who_is_joined_as_files_arrive_and_whatever_is_taken_back() {
    let borough = Borough::with(&[in_care("1", "Leanne", "Okafor", "2014-07-28")], &[]).await;
    let (_, mut lead) = borough.comes("iris", "information-governance").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut cousin) = borough.comes("ines", "manager").await;
    let found = pictures(&look(&mut grace, "Okafor", NO_DAY).await);
    bars(&mut lead, &id(&found[0]), "ines").await;
    // The same child is told of by schools: joined at once, and closed at once.
    let outcome = borough
        .schools_tell(&[at_school("8", "Leanne", "Okafor", "2014-07-28")])
        .await;
    assert_eq!(outcome.joined, 1);
    let of: [SubjectId; 2] = everybody(&borough).await.try_into().expect("two");
    let (person, _) = of_both(&borough, of).await;
    is_not_there(&mut cousin, &person, "joined as it came").await;
    let both = parts(&borough, &mut grace, of).await;
    for one in &both {
        is_not_there(&mut cousin, one, "parted").await;
    }
    take_back(&mut grace, &both, of).await;
    for one in &both {
        is_not_there(&mut cousin, one, "taken back").await;
    }
    assert!(lead.get("/bars").await.words().contains("1 bar "));
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn a_bar_kept_on_one_record_alone_holds_for_both_once_they_are_parted() {
    let (borough, of) = joined().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (cousin, mut ines) = borough.comes("ines", "manager").await;
    let (person, _) = of_both(&borough, of).await;
    borough
        .stands(cousin, &person.to_string(), Relation::Barred)
        .await;
    for one in parts(&borough, &mut grace, of).await {
        is_not_there(&mut ines, &one, "parted").await;
    }
}

#[tokio::test]
async fn nobody_sees_or_lifts_a_bar_that_names_them_and_another_lead_does() {
    let (borough, of) = joined().await;
    let (_, mut iris) = borough.comes("iris", "information-governance").await;
    let (_, mut omar) = borough.comes("omar", "information-governance").await;
    let (_, mut amal) = borough.comes("amal2", "practitioner").await;
    let (person, _) = of_both(&borough, of).await;
    // Somebody else is barred from the child as well, and the child was looked up: neither is told to whoever is barred.
    bars(&mut iris, &person, "amal2").await;
    amal.get("/children").await;
    bars(&mut iris, &person, "omar").await;
    let listed = iris.get("/bars").await;
    assert!(listed.words().contains("2 bars"), "{}", listed.words());
    for lift in lifts(&listed) {
        assert_eq!(omar.get(&lift).await.status, 404, "{lift}");
        let form = [("version", "1"), ("reason", "I want to see the child.")];
        assert_eq!(omar.post(&lift, &form).await.status, 404, "{lift}");
    }
    let theirs = omar.get("/bars").await;
    assert!(
        theirs.words().contains("Nobody is barred"),
        "{}",
        theirs.words()
    );
    assert!(!theirs.text.contains(&person.to_string()));
    assert!(omar.get("/governance").await.words().contains("0 in force"));
    is_not_there(&mut omar, &person, "a lead").await;
    // And a bar from the child is begun by nobody for whom the child is not there, as of one that is not.
    let never = "person_00000000000000000000000009";
    for record in [&*person.to_string(), never] {
        let begun = omar.get(&format!("/bars/new?record={record}")).await;
        assert_eq!(begun.status, 404, "{record}");
        let form = [
            ("record", record),
            ("who", "x"),
            ("person", "x"),
            ("reason", REASON),
        ];
        assert_eq!(omar.post("/bars/new", &form).await.status, 404, "{record}");
        let form = [("record", record), ("who", "x")];
        assert_eq!(omar.post("/bars/find", &form).await.status, 404, "{record}");
    }
    for lift in lifts(&listed) {
        let form = [("version", "1"), ("reason", "It is over now, she says.")];
        assert_eq!(iris.post(&lift, &form).await.location(), "/bars");
    }
    assert_eq!(omar.get(&format!("/children/{person}")).await.status, 200);
    // Once lifted, what named them is still not theirs to read.
    let theirs = omar.get("/bars").await.words();
    assert!(
        theirs.contains("1 bar ") && !theirs.contains("Omar"),
        "{theirs}"
    );
}

#[tokio::test]
async fn a_form_of_a_bar_that_is_not_taken_says_so_to_machines_too() {
    let (borough, of) = joined().await;
    let (person, _) = of_both(&borough, of).await;
    let (_, mut lead) = borough.comes("iris", "information-governance").await;
    borough.comes("ines", "manager").await;
    let record = person.to_string();
    lead.get(&format!("/bars/new?record={person}")).await;
    let nobody = [("record", &*record), ("who", " ")];
    let found = lead.post("/bars/find", &nobody).await;
    assert_eq!(found.status, 422, "{}", found.words());
    let nobody = [("record", &*record), ("who", "ines"), ("reason", REASON)];
    let barred = lead.post("/bars/new", &nobody).await;
    assert_eq!(barred.status, 422, "{}", barred.words());
    bars(&mut lead, &person, "ines").await;
    let lift = lifts(&lead.get("/bars").await).remove(0);
    lead.get(&lift).await;
    let lifted = lead.post(&lift, &[("version", "1"), ("reason", "")]).await;
    assert_eq!(lifted.status, 422, "{}", lifted.words());
}

#[tokio::test]
async fn a_barred_lead_is_told_of_no_look_up_of_the_child() {
    let (borough, of) = joined().await;
    let (person, _) = of_both(&borough, of).await;
    let (who, mut amal) = borough.comes("amal3", "practitioner").await;
    let at = format!("/children/{person}");
    assert_eq!(amal.get(&at).await.status, 200);
    let print = amal.get(&format!("{at}/picture.pdf")).await;
    assert_eq!(print.status, 200);
    borough.test.pass_minutes(7 * 24 * 60);
    let (_, mut iris) = borough.comes("iris", "information-governance").await;
    let (omar, mut other) = borough.comes("omar", "information-governance").await;
    borough
        .stands(omar, &person.to_string(), Relation::Barred)
        .await;
    let all = iris.get("/look-ups").await;
    assert!(all.words().contains("Leanne Okafor"), "{}", all.words());
    let theirs = other.get("/look-ups").await;
    assert!(!theirs.words().contains("Okafor"), "{}", theirs.words());
    let looks = |page: &Reply| -> BTreeSet<String> {
        let links = page.text.split("/look-ups/decide?look=").skip(1);
        links
            .filter_map(|rest| Some(rest.split('"').next()?.to_owned()))
            .collect()
    };
    for look in looks(&all).difference(&looks(&theirs)) {
        let decide = format!("/look-ups/decide?look={look}");
        assert_eq!(iris.get(&decide).await.status, 200);
        assert_eq!(other.get(&decide).await.status, 404);
    }
    assert!(looks(&theirs).len() < looks(&all).len());
    // Nor is a print told of, or counted.
    let opened = format!("/people/{who}/opened");
    let all = iris.get(&opened).await.words();
    assert!(all.contains("1 opening and 1 print "), "{all}");
    assert_eq!(all.matches("printed").count(), 1, "{all}");
    let theirs = other.get(&opened).await.words();
    assert!(theirs.contains("Nothing that you may know of"), "{theirs}");
}

#[tokio::test]
async fn a_protected_child_cannot_be_barred_by_whoever_may_not_know_of_them() {
    let borough = Borough::with(&[], &[]).await;
    let bundle = serde_json::json!({
        "resourceType": "Bundle",
        "entry": [{ "resource": {
            "resourceType": "Patient",
            "id": "p1",
            "meta": { "security": [{ "code": "R" }] },
            "name": [{ "use": "usual", "given": ["Noor"], "family": "Castellan" }],
            "birthDate": "2013-03-03",
            "gender": "female",
        }}],
    });
    borough.health_tells(&bundle).await;
    let of = persons_of(&borough, &everybody(&borough).await).await;
    let hidden = of.into_values().next().expect("a child").to_string();
    let (_, mut iris) = borough.comes("iris", "information-governance").await;
    let never = "person_00000000000000000000000009";
    let mut answers = Vec::new();
    for record in [&*hidden, never, "nothing", ""] {
        let new = iris.get(&format!("/bars/new?record={record}")).await;
        let form = [("record", record), ("who", "iris")];
        let found = iris.post("/bars/find", &form).await;
        let form = [("record", record), ("person", "x"), ("reason", REASON)];
        let barred = iris.post("/bars/new", &form).await;
        if !record.is_empty() {
            answers.push([new.text, found.text, barred.text]);
            assert_eq!((new.status, found.status, barred.status), (404, 404, 404));
        }
    }
    assert!(answers.iter().all(|one| *one == answers[0]), "{hidden}");
}

/// A child who was joined, seen, parted, looked into and barred from: everything that pages tell of children has happened.
pub(crate) struct Told {
    pub(crate) borough: Borough,
    pub(crate) lead: Visitor,
    /// A lead like the other, who is barred from the child.
    pub(crate) barred: Visitor,
    /// Where it is told.
    pub(crate) paths: Vec<String>,
}

impl Told {
    pub(crate) async fn of_a_joined_and_parted_child() -> Self {
        let (borough, of) = joined().await;
        let (person, _) = of_both(&borough, of).await;
        let (amal, mut visitor) = borough.comes("amal4", "practitioner").await;
        assert_eq!(
            visitor.get(&format!("/children/{person}")).await.status,
            200
        );
        borough.test.pass_minutes(7 * 24 * 60);
        let (_, mut grace) = borough.comes("grace", "manager").await;
        let both = parts(&borough, &mut grace, of).await;
        let (_, mut lead) = borough.comes("iris", "information-governance").await;
        let (omar, barred) = borough.comes("omar", "information-governance").await;
        bars(&mut lead, &both[0], "amal4").await;
        for one in &both {
            borough
                .stands(omar, &one.to_string(), Relation::Barred)
                .await;
        }
        let mut paths = vec![format!("/people/{amal}/opened"), format!("/looked/{amal}")];
        for one in &both {
            for path in [
                "/children/{id}",
                "/children/{id}/history",
                "/links/{id}",
                "/looked/{id}",
                "/bars/new?record={id}",
            ] {
                paths.push(path.replace("{id}", &one.to_string()));
            }
        }
        let lists = [
            "/bars",
            "/bars/new",
            "/breaches",
            "/look-ups",
            "/governance",
            "/break-glass",
        ];
        paths.extend(lists.map(ToOwned::to_owned));
        for (list, start) in [
            ("/breaches", "/breaches/breach_"),
            ("/bars", "/bars/grant_"),
            ("/look-ups", "/look-ups/decide?look="),
            ("/links", "/links/person_"),
        ] {
            let page = lead.get(list).await;
            let begins = format!("href=\"{start}");
            let links = page.text.split(&begins).skip(1);
            let links =
                links.filter_map(|rest| Some(format!("{start}{}", rest.split('"').next()?)));
            paths.extend(links.map(|link| link.replace("&amp;", "&")));
        }
        assert!(
            paths.iter().any(|path| path.starts_with("/breaches/")),
            "{paths:?}"
        );
        Self {
            borough,
            lead,
            barred,
            paths,
        }
    }
}

/// Where each bar of a list is lifted.
fn lifts(page: &Reply) -> Vec<String> {
    let links = page.text.split("href=\"/bars/grant_").skip(1);
    links
        .filter_map(|rest| Some(format!("/bars/grant_{}", rest.split('"').next()?)))
        .collect()
}
