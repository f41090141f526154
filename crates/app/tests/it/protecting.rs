//! Where a protected child is: one source's restriction hides it on every record that may be the same child, at once and
//! before anybody decides, from everyone but the keeper; and nothing ends it but the keeper's word (safety rule 7).

use clearpicture_app::shell::session::Stage;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::children::{Borough, at_school, in_care, look, pictures, version};
use crate::linking::{answer, person_of};
use crate::support::{Reply, TestApp, Visitor, a_worker};

const NO_DAY: [&str; 3] = ["", "", ""];
/// What other agencies tell of where the child is.
const PLACES: [&str; 6] = [
    "1 Mill Lane",
    "XN1 2AB",
    "Saltway",
    "Robin Ashdown",
    "01632 960555",
    "9 Hidden Row",
];

fn child() -> (String, String) {
    (
        in_care("C1", "Leanne", "Okafor", "2014-07-28"),
        at_school("S1", "Leanne", "Okafor", "2014-07-28"),
    )
}

/// The child as health knows them, with these labels.
fn patient(labels: &Value, family: &str) -> Value {
    json!({
        "resourceType": "Bundle",
        "entry": [{ "resource": {
            "resourceType": "Patient",
            "id": "p1",
            "meta": { "security": labels },
            "name": [{ "use": "usual", "given": ["Leanne"], "family": family }],
            "birthDate": "2014-07-28",
            "gender": "female",
            "address": [{ "use": "home", "line": ["9 Hidden Row"], "postalCode": "XN1 9ZZ" }],
        }}],
    })
}

fn restricted() -> Value {
    patient(&json!([{ "code": "R" }]), "Okafor")
}

async fn keeper_of(borough: &Borough) -> Visitor {
    let council = borough.test.agency("northwater-council").await;
    let keeper = a_worker("keeper").of(council);
    let keeper = keeper.role("protected-identities");
    let keeper = borough.test.worker(keeper).await;
    borough.test.signed_in(keeper, Stage::Full).await
}

/// Every page of a child that somebody finds by name, and those that these lead to.
async fn every_page(visitor: &mut Visitor, name: &str) -> Vec<(String, Reply)> {
    let found = look(visitor, name, NO_DAY).await;
    let open = pictures(&found);
    let mut pages = vec![("/children".to_owned(), found)];
    for picture in open {
        let id = picture.trim_start_matches("/children/").to_owned();
        let mut next = vec![
            picture.clone(),
            format!("{picture}/why"),
            format!("{picture}/history"),
            format!("/links/{id}"),
            format!("/looked/{id}"),
        ];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(path) = next.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let page = visitor.get(&path).await;
            for href in page.text.split("href=\"/links/person_").skip(1) {
                let href = href.split('"').next().expect("an end");
                next.push(format!("/links/person_{}", href.replace("&amp;", "&")));
            }
            pages.push((path, page));
        }
    }
    pages
}

/// That no page shows where the child is, and how many children are found.
async fn sees_no_place(visitor: &mut Visitor, name: &str) -> usize {
    let pages = every_page(visitor, name).await;
    for (path, page) in &pages {
        for place in PLACES {
            assert!(
                !page.text.contains(place),
                "{place} on {path}: {}",
                page.words()
            );
        }
        for shout in [
            "rotected",
            "estricted",
            "withheld",
            "eeper",
            "may be a child who",
        ] {
            assert!(
                !page.text.contains(shout),
                "{shout} on {path}: {}",
                page.words()
            );
        }
    }
    pictures(&pages[0].1).len()
}

async fn sees_places(visitor: &mut Visitor, name: &str) {
    let pages = every_page(visitor, name).await;
    let all: String = pages.iter().map(|(_, page)| page.text.as_str()).collect();
    for place in &PLACES[..3] {
        assert!(all.contains(place), "{place}");
    }
}

#[tokio::test]
async fn one_sources_restriction_hides_where_every_likely_match_is_at_once() {
    hides(TestApp::start().await).await;
}

#[tokio::test]
async fn and_on_postgresql() {
    hides(TestApp::on_postgres().await).await;
}

async fn hides(test: TestApp) {
    let (care, school) = child();
    let borough = Borough::of(test, &[care], &[school]).await;
    let (_, mut amal) = borough.comes_from_school("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    sees_places(&mut amal, "Okafor").await;
    let places = ["1 Mill Lane", "XN1 2AB"];
    for place in places {
        let found = look(&mut amal, place, NO_DAY).await;
        assert_eq!(pictures(&found).len(), 2, "{place}: {}", found.words());
    }
    // Nobody has linked anything yet: the file itself is enough.
    borough.health_sends_in(&restricted()).await;
    for visitor in [&mut amal, &mut grace] {
        assert_eq!(sees_no_place(visitor, "Okafor").await, 2);
        // To be found by a place would tell it as well.
        for place in places {
            let found = look(visitor, place, NO_DAY).await;
            assert_eq!(pictures(&found).len(), 0, "{place}: {}", found.words());
        }
    }
    // Joined meanwhile, and by a run over everything: no difference.
    borough.link().await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
    borough.link().await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
    // Parted again: nor does that.
    let picture = pictures(&look(&mut grace, "Okafor", NO_DAY).await).remove(0);
    let why = grace.get(&format!("{picture}/why")).await;
    let subject = why.text.split("value=\"subject_").nth(1).expect("a choice");
    let subject = format!("subject_{}", subject.split('"').next().expect("an end"));
    let seen = version(&why);
    let fields = [
        ("version", seen.as_str()),
        ("subject", &subject),
        ("reason", "Two girls."),
    ];
    let parted = grace.post(&format!("{picture}/why"), &fields).await;
    assert_eq!(parted.status, 303, "{}", parted.words());
    for visitor in [&mut amal, &mut grace] {
        assert_eq!(sees_no_place(visitor, "Okafor").await, 2);
    }
    // A keeper sees both sides, and where either is.
    let mut keeper = keeper_of(&borough).await;
    let queue = keeper.get("/protected").await;
    let words = queue.words();
    for told in [
        "Leanne Okafor",
        "9 Hidden Row",
        "1 Mill Lane",
        "28 July 2014",
    ] {
        assert!(words.contains(told), "{told}: {words}");
    }
    sees_places(&mut keeper, "Okafor").await;
    // Their own list tells as much, and marks who it is that nobody else is told of.
    let found = look(&mut keeper, "Okafor", NO_DAY).await;
    let words = found.words();
    for told in ["Saltway High School", "Fenby, XN1"] {
        assert!(words.contains(told), "{told}: {words}");
    }
    let marked = words.matches("protected, or may be: keepers alone see where");
    assert_eq!(marked.count(), pictures(&found).len(), "{words}");
    let pages = every_page(&mut keeper, "Okafor").await;
    let who_else = pages
        .iter()
        .filter(|(path, _)| path.starts_with("/links/person_") && !path.contains('?'));
    for (path, page) in who_else {
        let words = page.words();
        assert!(words.contains("may be the same child"), "{path}: {words}");
    }
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn children_who_arrive_later_are_held_before_anybody_can_see_them() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut amal) = borough.comes_from_school("amal", "practitioner").await;
    borough.health_sends_in(&restricted()).await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 0);
    let (care, school) = child();
    borough.care_sends_in(&[care]).await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
    // As another agency mistypes them.
    let mistyped = at_school("S1", "Leane", "Okafor", "2014-07-28");
    borough
        .schools_send_in(&[mistyped, school.replacen("S1", "S2", 1)])
        .await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 3);
    borough.link().await;
    sees_no_place(&mut amal, "Okafor").await;
    // Whoever is like them in nothing but the place is shown as before.
    borough
        .care_sends_in(&[
            in_care("C1", "Leanne", "Okafor", "2014-07-28"),
            in_care("C2", "Bram", "Vale", "2011-02-03"),
        ])
        .await;
    let bram = every_page(&mut amal, "Vale").await;
    assert!(
        bram.iter()
            .any(|(_, page)| page.text.contains("1 Mill Lane"))
    );
}

/// Where the keeper decides about the first pair of their queue.
async fn first_of(keeper: &mut Visitor) -> String {
    let queue = keeper.get("/protected").await;
    crate::linking::first_pair(&queue).expect("a pair")
}

async fn says(keeper: &mut Visitor, href: &str, verdict: &str) {
    let page = keeper.get(href).await;
    assert_eq!(page.status, 200, "{href}");
    let seen = version(&page);
    let says = [verdict, "certain", "The refuge was rung."];
    let reply = answer(keeper, href, says, &seen).await;
    assert_eq!(reply.status, 303, "{}", reply.words());
}

#[tokio::test]
async fn a_keeper_says_that_they_are_two_and_it_is_shown_again_until_that_is_taken_back() {
    let (care, _) = child();
    let borough = Borough::with(&[care], &[]).await;
    borough.health_sends_in(&restricted()).await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let mut keeper = keeper_of(&borough).await;
    let href = first_of(&mut keeper).await;
    let pair = keeper.get(&href).await.words();
    for told in ["1 Mill Lane", "9 Hidden Row"] {
        assert!(pair.contains(told), "both sides, with evidence: {pair}");
    }
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
    says(&mut keeper, &href, "not-same").await;
    let open = every_page(&mut amal, "Okafor").await;
    assert!(
        open.iter()
            .any(|(_, page)| page.text.contains("1 Mill Lane"))
    );
    assert!(crate::linking::first_pair(&keeper.get("/protected").await).is_none());
    // No run and no file of the same holds them again.
    borough.link().await;
    borough.health_sends_in(&restricted()).await;
    let open = every_page(&mut amal, "Okafor").await;
    assert!(
        open.iter()
            .any(|(_, page)| page.text.contains("1 Mill Lane"))
    );
    says(&mut keeper, &href, "open").await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
}

#[tokio::test]
async fn a_keeper_says_that_they_are_one_and_the_whole_child_is_protected() {
    let (care, school) = child();
    let borough = Borough::with(&[care], &[school]).await;
    borough.link().await;
    borough.health_sends_in(&restricted()).await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let mut keeper = keeper_of(&borough).await;
    let href = first_of(&mut keeper).await;
    says(&mut keeper, &href, "same").await;
    for _ in 0..2 {
        assert_eq!(sees_no_place(&mut amal, "Okafor").await, 0);
        let picture = pictures(&look(&mut keeper, "Okafor", NO_DAY).await);
        assert_eq!(picture.len(), 1, "one picture of all three");
        let words = keeper.get(&picture[0]).await.words();
        for told in ["9 Hidden Row", "1 Mill Lane", "Saltway High School"] {
            assert!(words.contains(told), "{told}: {words}");
        }
        borough.link().await;
    }
    // Taken back, they are two again, and where the other is is held again.
    let person = pictures(&look(&mut keeper, "Okafor", NO_DAY).await).remove(0);
    let person = person.trim_start_matches("/children/");
    let href = href.replace(person_of(&href), person);
    says(&mut keeper, &href, "open").await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
}

#[tokio::test]
async fn nobody_ends_work_with_a_child_of_whom_they_may_not_know() {
    let (care, school) = child();
    let borough = Borough::with(&[care], &[school]).await;
    borough.link().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let picture = pictures(&look(&mut grace, "Okafor", NO_DAY).await).remove(0);
    let form = format!("{picture}/involved");
    let fields = [
        ("does", "begin"),
        ("reason", "I am her social worker."),
        ("told", "agencies"),
    ];
    assert_eq!(amal.get(&form).await.status, 200);
    assert_eq!(amal.post(&form, &fields).await.status, 303);
    let page = grace.get(&picture).await;
    let id = page.text.split("href=\"/involvements/").nth(1);
    let id = id.and_then(|rest| rest.split('/').next()).expect("a way");
    let end = format!("/involvements/{id}/end");
    assert_eq!(grace.get(&end).await.status, 200);
    borough.health_tells(&restricted()).await;
    let mut keeper = keeper_of(&borough).await;
    let href = first_of(&mut keeper).await;
    says(&mut keeper, &href, "same").await;
    assert_eq!(grace.get(&end).await.status, 404);
    let fields = [("version", "1"), ("reason", "He has left the team.")];
    assert_eq!(grace.post(&end, &fields).await.status, 404);
}

#[tokio::test]
async fn nothing_that_a_source_says_later_ends_a_protection_and_a_keeper_does() {
    let (care, _) = child();
    let borough = Borough::with(&[care], &[]).await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut ada) = borough.comes("ada", "analyst").await;
    borough.health_tells(&restricted()).await;
    let later = [
        json!([{ "code": "U" }]),
        json!([]),
        json!([{ "code": "N" }, { "code": "U" }]),
    ];
    for labels in later {
        // The family moved to another name: what is told is new, and the mark is gone.
        borough.health_tells(&patient(&labels, "Okaforr")).await;
        borough.health_tells(&patient(&labels, "Okafor")).await;
        borough.link().await;
        assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1, "{labels}");
    }
    let mut keeper = keeper_of(&borough).await;
    let queue = keeper.get("/protected").await;
    let lift = queue
        .text
        .split("href=\"/protected/")
        .nth(1)
        .expect("a way to lift it");
    let lift = format!("/protected/{}", lift.split('"').next().expect("an end"));
    for visitor in [&mut amal, &mut grace, &mut ada] {
        assert!([403, 404].contains(&visitor.get("/protected").await.status));
        assert_eq!(visitor.get(&lift).await.status, 404);
        let fields = [("version", "1"), ("reason", "I know.")];
        assert_eq!(visitor.post(&lift, &fields).await.status, 404);
    }
    let form = keeper.get(&lift).await;
    let seen = version(&form);
    let refused = keeper
        .post(&lift, &[("version", &seen), ("reason", "")])
        .await;
    assert_eq!(refused.status, 422, "a reason is asked for");
    let lifted = keeper
        .post(
            &lift,
            &[("version", &seen), ("reason", "The court has lifted it.")],
        )
        .await;
    assert_eq!(lifted.status, 303, "{}", lifted.words());
    sees_both(&mut amal).await;
    borough.link().await;
    sees_both(&mut amal).await;
    let history = keeper.get(&format!("{lift}/history")).await.words();
    assert!(history.contains("The court has lifted it."), "{history}");
    // A source that says it anew protects anew.
    borough.health_tells(&restricted()).await;
    assert_eq!(sees_no_place(&mut amal, "Okafor").await, 1);
}

/// That the child is there, with what both sources say of where they are.
async fn sees_both(visitor: &mut Visitor) {
    let pages = every_page(visitor, "Okafor").await;
    let all: String = pages.iter().map(|(_, page)| page.text.as_str()).collect();
    for place in ["1 Mill Lane", "9 Hidden Row"] {
        assert!(all.contains(place), "{place}");
    }
}

#[tokio::test]
async fn the_keepers_list_is_there_for_keepers_alone() {
    let (care, _) = child();
    let borough = Borough::with(&[care], &[]).await;
    borough.health_tells(&restricted()).await;
    let roles = borough.test.app.practice().roles.iter();
    let roles: Vec<String> = roles.map(|role| role.code.to_string()).collect();
    for role in roles {
        let (_, mut visitor) = borough.comes(&format!("one-{role}"), &role).await;
        let page = visitor.get("/protected").await;
        let home = visitor.get("/").await;
        let is_keeper = role == "protected-identities";
        assert_eq!(page.text.contains("Leanne"), is_keeper, "{role}");
        assert_eq!(home.text.contains("/protected"), is_keeper, "{role}");
    }
}

/// How often values of files were shown, as the read log tells.
async fn values_shown(borough: &Borough) -> usize {
    let behind = borough.test.behind().await;
    let rows = "SELECT looker FROM read_log WHERE record_id = 'list:values of a file'";
    let rows = sea_orm::Statement::from_string(behind.get_database_backend(), rows);
    behind.query_all_raw(rows).await.expect("read").len()
}

/// Social care's row of a child with a day and a telephone number that cannot be.
fn wrong(key: &str, family: &str, born: &str) -> String {
    let row = in_care(key, "Leanne", family, born);
    row.replacen("2026-09-01", "2026-02-31", 1)
        .replacen("01632 960555", "01632 96055X", 1)
}

/// The page of what was found in a file, without its address.
async fn findings_of(visitor: &mut Visitor, id: &str) -> String {
    let page = visitor.get(&format!("/loads/{id}/findings")).await;
    assert_eq!(page.status, 200, "{}", page.words());
    page.text.replace(id, "")
}

#[tokio::test]
async fn findings_of_a_protected_and_of_an_open_child_are_the_same_but_for_the_row() {
    let borough = Borough::with(&[], &[]).await;
    borough.health_sends_in(&restricted()).await;
    let born = ["2014-07-28", "2011-02-03"];
    let rows = [wrong("C1", "Okafor", born[0]), wrong("C2", "Vale", born[1])];
    let id = borough.care_sends(&rows).await.to_string();
    let (_, mut ada) = borough.comes("ada", "analyst").await;
    assert_eq!(values_shown(&borough).await, 0);
    let text = findings_of(&mut ada, &id).await;
    assert!(text.contains("2026-02-31"), "other days are shown: {text}");
    assert!(!text.contains("01632 96055X"), "no number is: {text}");
    assert_eq!(values_shown(&borough).await, 1, "the read log tells");
    let row = |number: u8| {
        let rows = text.split("<div class=\"govuk-summary-list__row\">");
        let of = format!("row {} of the sheet", number + 1);
        let own = rows.filter(|row| row.contains(&of));
        let own = own.map(|row| {
            let row = row.split("</div>").next().unwrap_or_default();
            row.replace(&of, "")
                .replace(&format!("row={number}&"), "row=&")
        });
        own.collect::<Vec<_>>()
    };
    assert!(row(1).len() > 1, "{text}");
    assert_eq!(row(1), row(2));
    // A keeper sees what stands there.
    let council = borough.test.agency("northwater-council").await;
    let both = a_worker("both").of(council).role("protected-identities");
    let both = borough.test.worker(both.and_role("analyst")).await;
    let mut both = borough.test.signed_in(both, Stage::Full).await;
    assert!(findings_of(&mut both, &id).await.contains("01632 96055X"));
}

#[tokio::test]
async fn what_is_not_shown_is_put_right_alike_for_every_row_and_nothing_else_is() {
    let borough = Borough::with(&[], &[]).await;
    borough.health_sends_in(&restricted()).await;
    let born = "2014-02-31";
    let rows = [
        wrong("C1", "Okafor", "2014-07-28"),
        wrong("C2", "Vale", born),
    ];
    let id = borough.care_sends(&rows).await;
    let (_, mut ada) = borough.comes("ada", "analyst").await;
    let correct = format!("/loads/{id}/correct");
    let at = |row: u8, column: &str| {
        let column = column.replace(' ', "+");
        format!("{correct}?row={row}&table=&column={column}")
    };
    let day = "Date Of Most Recent Interaction";
    let forms = [ada.get(&at(1, day)).await, ada.get(&at(2, day)).await];
    for form in &forms {
        assert_eq!(form.status, 200, "{}", form.words());
        assert!(form.text.contains("2026-02-31"), "{}", form.words());
    }
    let born = ada.get(&at(2, "Date Of Birth")).await;
    assert_eq!(born.status, 200, "{}", born.words());
    assert!(!born.text.contains("2014-02-31"), "{}", born.words());
    assert!(born.words().contains("is not shown"), "{}", born.words());
    let seen = version(&forms[0]);
    let fields = |row, column| {
        [
            ("version", seen.as_str()),
            ("row", row),
            ("table", ""),
            ("column", column),
            ("text", "2026-02-28"),
            ("reason", "The front door confirmed it."),
        ]
    };
    for (row, column) in [("2", "First Name"), ("2", "Cms Id"), ("3", day)] {
        let tried = ada.post(&correct, &fields(row, column)).await;
        assert_eq!(tried.status, 404, "{row}, {column}");
    }
    // Of whoever may be protected as of everybody.
    let put_right = ada.post(&correct, &fields("1", day)).await;
    assert_eq!(put_right.status, 303, "{}", put_right.words());
    let history = ada.get(&format!("/loads/{id}/history")).await.words();
    assert!(
        history.contains("The front door confirmed it."),
        "{history}"
    );
}

#[tokio::test]
async fn who_is_restricted_is_put_right_in_no_file() {
    let borough = Borough::with(&[], &[]).await;
    let council = borough.test.agency("northwater-council").await;
    let both = a_worker("both").of(council).role("protected-identities");
    let both = borough.test.worker(both.and_role("analyst")).await;
    let mut both = borough.test.signed_in(both, Stage::Full).await;
    let health = borough.test.agency("northwater-health").await.to_string();
    let file = patient(&json!([{ "code": "nobody knows" }]), "Okafor").to_string();
    let sent = [("agency", health.as_str()), ("file", file.as_str())];
    let sent = both.post("/loads/new", &sent).await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let load = sent.location().to_owned();
    borough.does("read-file").await;
    let report = both.get(&format!("{load}/report.csv")).await;
    assert!(report.text.contains("confidentiality"), "{}", report.text);
    let findings = both.get(&format!("{load}/findings")).await;
    assert!(findings.text.contains("confidentiality"));
    assert!(!findings.text.contains("column=confidentiality"));
    let correct = format!("{load}/correct");
    let form = format!("{correct}?row=1&table=&column=confidentiality");
    assert_eq!(both.get(&form).await.status, 404);
    let seen = version(&both.get(&load).await);
    let fields = [
        ("version", seen.as_str()),
        ("row", "1"),
        ("table", ""),
        ("column", "confidentiality"),
        ("text", "U"),
        ("reason", "They said so."),
    ];
    assert_eq!(both.post(&correct, &fields).await.status, 404);
}

/// Takes the last file that came back, by hand.
async fn takes_the_last_back(borough: &Borough) {
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let list = ann.get("/loads").await;
    let last = list
        .text
        .split("href=\"/loads/load_")
        .nth(1)
        .expect("a file");
    let last = format!("/loads/load_{}", last.split('"').next().expect("an end"));
    let form = ann.get(&format!("{last}/take-back")).await;
    let seen = version(&form);
    let why = [
        ("version", seen.as_str()),
        ("reason", "It is the wrong month."),
    ];
    let said = ann.post(&format!("{last}/take-back"), &why).await;
    assert_eq!(said.status, 303, "{}", said.words());
    borough.does("take-file-back").await;
    let words = ann.get(&last).await.words();
    assert!(words.contains("Taken back"), "{words}");
}

#[tokio::test]
async fn a_file_that_is_taken_back_leaves_the_protection_that_it_brought() {
    let (care, _) = child();
    let borough = Borough::with(&[care], &[]).await;
    let (_, mut amal) = borough.comes_from_school("amal", "practitioner").await;
    borough.test.pass_seconds(1);
    borough.health_tells(&restricted()).await;
    assert_eq!(is_shown_no_place(&mut amal, "Okafor").await, 1);
    takes_the_last_back(&borough).await;
    borough.link().await;
    assert_eq!(is_shown_no_place(&mut amal, "Okafor").await, 1);
    // Told anew without the mark.
    borough.health_tells(&patient(&json!([]), "Okafor")).await;
    borough.link().await;
    assert_eq!(is_shown_no_place(&mut amal, "Okafor").await, 1);
}

#[tokio::test]
async fn whoever_was_protected_before_that_was_kept_stays_so_and_is_held_around() {
    let (care, school) = child();
    let borough = Borough::with(&[care], &[school]).await;
    let (_, mut amal) = borough.comes_from_school("amal", "practitioner").await;
    borough.health_tells(&restricted()).await;
    let behind = borough.test.behind().await;
    let forget = || async {
        let all = "DELETE FROM protection";
        behind.execute_unprepared(all).await.expect("forgotten");
    };
    is_shown_no_place(&mut amal, "Okafor").await;
    forget().await;
    sees_care(&mut amal).await;
    // The source says so still.
    borough.link().await;
    is_shown_no_place(&mut amal, "Okafor").await;
    // It does not any more, and the person is protected.
    borough.health_tells(&patient(&json!([]), "Okafor")).await;
    forget().await;
    sees_care(&mut amal).await;
    borough.does("keep-protections").await;
    is_shown_no_place(&mut amal, "Okafor").await;
    borough.link().await;
    is_shown_no_place(&mut amal, "Okafor").await;
    let mut keeper = keeper_of(&borough).await;
    let queue = keeper.get("/protected").await.words();
    assert!(queue.contains("9 Hidden Row"), "{queue}");
}

/// That where other sources say the child is can be seen.
async fn sees_care(visitor: &mut Visitor) {
    let pages = every_page(visitor, "Okafor").await;
    let all: String = pages.iter().map(|(_, page)| page.text.as_str()).collect();
    assert!(
        all.contains("1 Mill Lane"),
        "it is shown while nothing is kept"
    );
}

/// That no page shows where the child is, and how many children are found.
async fn is_shown_no_place(visitor: &mut Visitor, name: &str) -> usize {
    let pages = every_page(visitor, name).await;
    for (path, page) in &pages {
        let shown = PLACES.iter().find(|place| page.text.contains(**place));
        assert_eq!(shown, None, "{path}: {}", page.words());
    }
    pictures(&pages[0].1).len()
}
