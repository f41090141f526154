//! Finding a child by whatever is at hand, as near as it was typed, and coming back to what was found.

use clearpicture_app::linking::Outcome;
use clearpicture_store::Relation;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::children::{Borough, at_school, in_care, look, pictures};
use crate::support::{Reply, Visitor};

const NO_DAY: [&str; 3] = ["", "", ""];

/// A patient as health tells of one, at `1 Mill Lane`.
fn patient(id: &str, [given, family, born]: [&str; 3], nhs: &str, phone: &str) -> Value {
    json!({ "resource": {
        "resourceType": "Patient",
        "id": id,
        "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs }],
        "name": [{ "use": "usual", "given": [given], "family": family }],
        "birthDate": born,
        "gender": "female",
        "telecom": [{ "system": "phone", "value": phone }],
        "address": [{ "use": "home", "line": ["Flat 2", "7 Weir Road", "Fenby", "XN3 4CD"] }],
    }})
}

fn bundle(patients: &[Value]) -> Value {
    json!({ "resourceType": "Bundle", "entry": patients })
}

/// Some children as their agencies know them, linked.
async fn borough() -> (Borough, Outcome) {
    let borough = Borough::with(
        &[
            in_care("1", "Megan Grace", "Hall", "2014-04-22"),
            in_care("2", "Aoife", "O'Dwyer", "2012-06-14"),
            in_care("3", "Çağrı", "Kılıç", "2012-06-13"),
            in_care("4", "Rowan", "Ashby", "2011-03-09"),
        ],
        &[at_school("9", "Meghan", "Hall", "2014-04-22")],
    )
    .await;
    borough
        .health_tells(&bundle(&[patient(
            "p1",
            ["Megan", "Hall", "2014-04-22"],
            "9990000018",
            "01632 960101",
        )]))
        .await;
    borough
        .census_tells(&["77,X999200100001,22-Apr-2014,Hall,Megan,F,02-Sep-2024"])
        .await;
    let outcome = borough.link().await;
    (borough, outcome)
}

/// The children found, as the exact and the near ones.
fn found(reply: &Reply) -> (Vec<String>, Vec<String>) {
    let (exact, near) = match reply.text.split_once("id=\"near\"") {
        Some((exact, near)) => (exact.to_owned(), near.to_owned()),
        None => (reply.text.clone(), String::new()),
    };
    let of = |text: String| {
        let status = reply.status;
        let headers = reply.headers.clone();
        pictures(&Reply {
            status,
            headers,
            text,
        })
    };
    (of(exact), of(near))
}

#[tokio::test]
async fn whatever_is_at_hand_finds_the_child() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let megan = pictures(&look(&mut amal, "Megan Hall", NO_DAY).await);
    assert_eq!(megan.len(), 1, "one child of four agencies");
    for typed in [
        "Hall Megan Grace",
        "999 000 0018",
        "9990000018",
        "X999200100001",
        "XN3 4CD",
        "xn34cd",
        "hall xn1 2ab",
        "01632 960101",
        "+44 1632 960101",
        "01632960101 Hall",
        "7 Weir Road",
        "Flat 2, 7 Weir Rd, Fenby",
        "7 Weir Road Fenby",
        "Weir Road",
        "Megan 22/4/2014",
        "Hall 22 4 2014",
    ] {
        let (exact, near) = found(&look(&mut amal, typed, NO_DAY).await);
        assert_eq!((exact, near.len()), (megan.clone(), 0), "{typed}");
    }
}

#[tokio::test]
async fn near_matches_stand_after_exact_ones_and_say_why() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let megan = pictures(&look(&mut amal, "Megan Hall", NO_DAY).await);
    for (typed, born, why) in [
        ("Megan Hall", ["21", "4", "2014"], "born a day later"),
        ("Hall", ["23", "4", "2014"], "born a day earlier"),
        ("Meg Hall", NO_DAY, "Megan is another form of Meg"),
        ("M Hall", NO_DAY, "begins with M"),
        ("Megan H", NO_DAY, "begins with H"),
        ("Megan Rose Hall", NO_DAY, "no name “Rose” is told"),
        ("Maygan Hall", NO_DAY, "sounds like Maygan"),
        ("Megan Hall", ["1", "1", "2013"], "another date of birth"),
        ("Zoe Hall", ["22", "4", "2014"], "no name “Zoe” is told"),
    ] {
        let reply = look(&mut amal, typed, born).await;
        let (exact, near) = found(&reply);
        assert_eq!(exact.len(), 0, "{typed} {born:?}: {}", reply.words());
        assert_eq!(near, megan, "{typed} {born:?}: {}", reply.words());
        assert!(reply.words().contains(why), "{why}: {}", reply.words());
    }
    let swapped = look(&mut amal, "Ashby", ["3", "9", "2011"]).await;
    assert!(
        swapped
            .words()
            .contains("day and month the other way round"),
        "{}",
        swapped.words()
    );
    assert_eq!(found(&swapped).1.len(), 1);
    // One whose name is told so stands before one whose name only sounds so.
    borough
        .care_tells(&[
            in_care("1", "Megan Grace", "Hall", "2014-04-22"),
            in_care("2", "Aoife", "O'Dwyer", "2012-06-14"),
            in_care("3", "Çağrı", "Kılıç", "2012-06-13"),
            in_care("4", "Rowan", "Ashby", "2011-03-09"),
            in_care("5", "Rowan", "Ashbee", "2010-01-05"),
            in_care("6", "Megan", "Hall", "2009-11-02"),
        ])
        .await;
    // Whoever is found as typed is not to be looked for among namesakes who were born on other days.
    let born = look(&mut amal, "Megan Hall", ["22", "4", "2014"]).await;
    assert_eq!(
        found(&born),
        (megan.clone(), Vec::new()),
        "{}",
        born.words()
    );
    let both = look(&mut amal, "Ashby", NO_DAY).await;
    let (exact, near) = found(&both);
    assert_eq!((exact.len(), near.len()), (1, 1), "{}", both.words());
    assert!(
        both.words().contains("1 child, and 1 nearly so"),
        "{}",
        both.words()
    );
}

#[tokio::test]
async fn names_are_found_however_they_are_parted_or_accented() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let dwyer = pictures(&look(&mut amal, "O'Dwyer", NO_DAY).await);
    assert_eq!(dwyer.len(), 1);
    for typed in [
        "O Dwyer",
        "Dwyer",
        "ODwyer",
        "O’Dwyer",
        "Aoife Dwyer",
        "aoife o dwyer",
    ] {
        let (exact, near) = found(&look(&mut amal, typed, NO_DAY).await);
        assert_eq!([exact, near].concat(), dwyer, "{typed}");
    }
    let cagri = pictures(&look(&mut amal, "Çağrı Kılıç", NO_DAY).await);
    assert_eq!(cagri.len(), 1);
    for typed in [
        "KILIÇ",
        "Kilic",
        "kılıç",
        "KILIC",
        "Cagri",
        "ÇAĞRI",
        "Cagri Kilic",
        "Çağrı KILIÇ",
    ] {
        let (exact, near) = found(&look(&mut amal, typed, NO_DAY).await);
        assert_eq!((exact, near.len()), (cagri.clone(), 0), "{typed}");
    }
}

#[tokio::test]
async fn a_search_that_stopped_early_claims_no_number() {
    // More namesakes than are looked at at once, born on other days and living elsewhere, and one as typed.
    let others = (1..=505).map(|number| {
        let born = format!(
            "{}-{:02}-{:02}",
            2006 + number % 17,
            1 + number / 17 % 12,
            1 + number * 5 % 28
        );
        in_care(&number.to_string(), "Rowan", "Ashby", &born)
            .replace("1 Mill Lane", &format!("{number} Mill Lane"))
            .replace(
                "XN1 2AB",
                &format!("XN{} {}AB", 1 + number / 10, number % 10),
            )
    });
    let wanted = in_care("506", "Rowan", "Ashby", "2024-12-31");
    let rows: Vec<String> = others.chain([wanted]).collect();
    let borough = Borough::with(&rows, &[]).await;
    borough.link().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let reply = look(&mut amal, "Rowan Ashby", ["31", "12", "2024"]).await;
    assert_eq!(pictures(&reply).len(), 1, "{}", reply.words());
    assert!(
        reply.words().contains("At least 1 child"),
        "{}",
        reply.words()
    );
}

#[tokio::test]
async fn a_result_tells_age_sex_school_and_area_and_no_address() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let words = look(&mut amal, "Megan Hall", NO_DAY).await.words();
    for part in [
        "12 years",
        "Female",
        "Saltway High School",
        "Fenby, XN1",
        "Fenby, XN3",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let (_, found) = words.split_once("Known to").expect("a table");
    assert!(
        !found.contains("Mill Lane") && !found.contains("Weir Road"),
        "{found}"
    );
}

#[tokio::test]
async fn infants_are_told_apart_by_months_and_weeks() {
    let school = [
        at_school("1", "Noor", "Vale", "2026-06-14"),
        at_school("2", "Ada", "Vale", "2026-10-25"),
    ];
    let borough = Borough::with(&[], &school).await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let words = look(&mut amal, "Vale", NO_DAY).await.words();
    for part in ["5 months", "3 weeks"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// The address of what was found, as the browser keeps it.
async fn searched(visitor: &mut Visitor, name: &str) -> String {
    visitor.get("/children").await;
    let token = visitor.csrf();
    let fields = [
        ("csrf_token", token.as_str()),
        ("name", name),
        ("day", ""),
        ("month", ""),
        ("year", ""),
    ];
    let reply = visitor.post_bare("/children", &fields).await;
    assert_eq!(reply.status, 303, "{}", reply.words());
    reply.location().to_owned()
}

#[tokio::test]
async fn going_back_leads_to_what_was_found_and_nobody_else_can() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "practitioner").await;
    let address = searched(&mut amal, "Ashby").await;
    assert!(!address.to_lowercase().contains("ashby"), "{address}");
    let page = amal.get(&address).await;
    assert_eq!(pictures(&page).len(), 1, "{}", page.words());
    assert!(
        page.text.contains("value=\"Ashby\""),
        "what was typed stands in the form"
    );
    // The way back stands above the picture.
    let picture = amal.get(&pictures(&page)[0]).await;
    assert!(
        picture.text.contains(&format!("href=\"{address}\"")),
        "{}",
        picture.text
    );
    // Going back looks again: what was recorded meanwhile counts.
    assert_eq!(pictures(&amal.get(&address).await), pictures(&page));
    let theirs = grace.get(&address).await;
    assert!(pictures(&theirs).is_empty());
    assert!(!theirs.text.contains("Ashby"));
    assert!(
        theirs.words().contains("is forgotten"),
        "{}",
        theirs.words()
    );
    let own = grace.get(&pictures(&page)[0]).await;
    assert!(
        !own.text.contains("What you looked for"),
        "they looked for nothing"
    );
    // Nothing of it stands in the database in clear.
    let behind = borough.test.behind().await;
    let count = "SELECT count(*) AS n FROM saved_search WHERE CAST(body AS TEXT) LIKE '%Ashby%'";
    let count = sea_orm::Statement::from_string(behind.get_database_backend(), count);
    let row = behind
        .query_one_raw(count)
        .await
        .expect("asked")
        .expect("a row");
    assert_eq!(row.try_get::<i64>("", "n").expect("a number"), 0);
    // It is forgotten in the end.
    let late = "UPDATE saved_search SET made_at = made_at - 28900000000";
    behind.execute_unprepared(late).await.expect("made late");
    let late = amal.get(&address).await;
    assert!(late.words().contains("is forgotten"), "{}", late.words());
}

#[tokio::test]
async fn no_way_of_looking_finds_a_child_for_whoever_is_barred() {
    let (borough, _) = borough().await;
    let (cousin, mut ines) = borough.comes("ines", "practitioner").await;
    let megan = pictures(&look(&mut ines, "Megan Hall", NO_DAY).await);
    let id = megan[0].trim_start_matches("/children/").to_owned();
    borough.stands(cousin, &id, Relation::Barred).await;
    for (typed, born) in [
        ("Megan Hall", NO_DAY),
        ("Meg Hall", ["21", "4", "2014"]),
        ("9990000018", NO_DAY),
        ("X999200100001", NO_DAY),
        ("XN3 4CD", NO_DAY),
        ("01632 960101", NO_DAY),
        ("7 Weir Road", NO_DAY),
        ("", ["22", "4", "2014"]),
    ] {
        let reply = look(&mut ines, typed, born).await;
        assert!(!reply.text.contains(&id), "{typed}: {}", reply.words());
        assert!(
            reply.words().contains("Nobody was found"),
            "{typed}: {}",
            reply.words()
        );
    }
}

#[tokio::test]
async fn who_was_held_before_is_found_by_what_is_looked_for_now() {
    let (borough, _) = borough().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let by_phone = pictures(&look(&mut amal, "01632 960101", NO_DAY).await);
    assert_eq!(by_phone.len(), 1);
    // As a database was that another release filled: fewer keys, and nothing that says that they are these.
    let behind = borough.test.behind().await;
    for tampering in [
        "DROP TRIGGER subject_key_no_delete",
        "DELETE FROM subject_key",
    ] {
        behind.execute_unprepared(tampering).await.expect(tampering);
    }
    assert!(pictures(&look(&mut amal, "01632 960101", NO_DAY).await).is_empty());
    borough.does("make-search-keys").await;
    for typed in ["01632 960101", "Megan Hall", "7 Weir Road", "9990000018"] {
        assert_eq!(
            pictures(&look(&mut amal, typed, NO_DAY).await),
            by_phone,
            "{typed}"
        );
    }
    // The second time there is nothing to do.
    let before = borough.test.newest_entry().await;
    borough.link().await;
    assert_eq!(borough.test.newest_entry().await, before);
}

#[tokio::test]
async fn too_many_are_shown_in_part_with_how_to_narrow_them() {
    let rows: Vec<String> = (0..40)
        .map(|child| {
            let born = format!("20{:02}-03-{:02}", 8 + child % 10, 1 + child % 28);
            in_care(&child.to_string(), "Rowan", "Ashby", &born)
        })
        .collect();
    let borough = Borough::with(&rows, &[]).await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let reply = look(&mut amal, "Ashby", NO_DAY).await;
    let words = reply.words();
    assert!(words.contains("40 children"), "{words}");
    assert!(words.contains("The nearest 30 are shown"), "{words}");
    assert_eq!(pictures(&reply).len(), 30);
    let narrowed = look(&mut amal, "Ashby", ["1", "3", "2008"]).await;
    assert!(pictures(&narrowed).len() < 30);
}
