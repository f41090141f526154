//! *I work with this child*: who is told of whom, who may end it, and what leaves on paper.

use clearpicture_store::Relation;
use sea_orm::ConnectionTrait as _;

use crate::children::{Borough, at_school, in_care, look, pictures};
use crate::support::{Reply, Visitor};

const NO_DAY: [&str; 3] = ["", "", ""];

/// One child of two agencies, and the path of their picture.
async fn one_child() -> (Borough, String) {
    let borough = Borough::with(
        &[in_care("1", "Leanne", "Okafor", "2014-07-28")],
        &[at_school("9", "Leane", "Okafor", "2014-07-28")],
    )
    .await;
    borough.link().await;
    let (_, mut finds) = borough.comes("finds", "practitioner").await;
    let path = pictures(&look(&mut finds, "Okafor", NO_DAY).await).remove(0);
    (borough, path)
}

async fn says(visitor: &mut Visitor, path: &str, reason: &str, phone: &str, told: &str) -> String {
    let page = format!("{path}/involved");
    visitor.get(&page).await;
    let fields = [
        ("does", "begin"),
        ("reason", reason),
        ("phone", phone),
        ("told", told),
    ];
    let reply = visitor.post(&page, &fields).await;
    if reply.status == 303 {
        visitor.get(path).await.words()
    } else {
        reply.words()
    }
}

#[tokio::test]
async fn whoever_works_with_a_child_says_so_sees_whom_to_ring_and_is_told_to_the_others() {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut ewa) = borough.comes_from_school("ewa", "practitioner").await;
    let before = amal.get(&path).await;
    assert!(before.words().contains("I work with this child"));
    assert!(!before.words().contains("Robin Ashdown"));
    assert!(!before.text.contains("tel:01632960555"));

    let wrong = says(&mut amal, &path, "Mine", "no number", "").await;
    for part in ["There is a problem", "too short", "Choose who is told"] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    let why = "I am her social worker.";
    let words = says(&mut amal, &path, why, "01632 960777", "agencies").await;
    assert!(words.contains("You work with this child since"), "{words}");
    assert!(words.contains("Robin Ashdown"), "{words}");
    let picture = amal.get(&path).await;
    assert!(picture.text.contains("href=\"tel:01632960555\""));

    // Somebody of the school is told that the council works with her, and neither name nor number.
    let words = ewa.get(&path).await.words();
    assert!(
        words.contains("northwater council no duty number is recorded works with the child now"),
        "{words}"
    );
    assert!(
        !words.contains("Amal Example") && !words.contains("960777"),
        "{words}"
    );
    assert!(!words.contains(why), "{words}");
    // Once she works with her too, she is told both.
    let words = says(&mut ewa, &path, "I am her form tutor.", "", "agencies").await;
    assert!(words.contains("Amal Example"), "{words}");
    assert!(
        ewa.get(&path)
            .await
            .text
            .contains("href=\"tel:01632960777\"")
    );
    assert!(amal.get(&path).await.words().contains("Ewa Example"));
}

#[tokio::test]
async fn a_service_that_must_not_be_named_is_told_to_nobody_of_another_agency() {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut ewa) = borough.comes_from_school("ewa", "practitioner").await;
    says(&mut ewa, &path, "I am her form tutor.", "", "agencies").await;
    let before = ewa.get(&path).await.words();
    says(
        &mut amal,
        &path,
        "She comes to the clinic.",
        "01632 960777",
        "nobody",
    )
    .await;
    let after = ewa.get(&path).await.words();
    assert_eq!(before, after, "nothing on the page is otherwise");
    let own = amal.get(&path).await.words();
    assert!(own.contains("You work with this child since"), "{own}");
    let (_, mut ivo) = borough.comes("ivo", "practitioner").await;
    let words = ivo.get(&path).await.words();
    assert!(
        !words.contains("Amal Example"),
        "who is not involved gets no name: {words}"
    );
}

#[tokio::test]
async fn whoever_said_it_ends_it_and_so_does_the_lead_who_sees_all_but_what_they_are_barred_from() {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut ewa) = borough.comes_from_school("ewa", "practitioner").await;
    says(&mut amal, &path, "I am her social worker.", "", "agencies").await;
    says(&mut ewa, &path, "I am her form tutor.", "", "nobody").await;
    let (ida, mut lead) = borough.comes("ida", "information-governance").await;
    let list = lead.get("/involvements").await;
    for part in [
        "2 people and children",
        "I am her social worker.",
        "I am her form tutor.",
    ] {
        assert!(list.words().contains(part), "{part}: {}", list.words());
    }
    let entry = borough.test.newest_entry().await;
    let end = [("does", "end"), ("reason", "Another team took over.")];
    amal.get(&format!("{path}/involved")).await;
    let ended = amal.post(&format!("{path}/involved"), &end).await;
    assert_eq!(ended.status, 303, "{}", ended.words());
    let actions = borough.test.actions_since(entry).await;
    assert!(actions.contains(&"grants.leave".to_owned()), "{actions:?}");
    assert!(!amal.get(&path).await.words().contains("Robin Ashdown"));

    // Nobody ends another's from the picture: there is no form for it, and the lead's own page is theirs alone.
    let href = list
        .text
        .split("href=\"/involvements/")
        .filter_map(|rest| rest.split_once("/end\""))
        .map(|(id, _)| format!("/involvements/{id}/end"))
        .collect::<Vec<_>>();
    let refused = amal.get(&href[0]).await;
    assert!([403, 404].contains(&refused.status), "{}", refused.status);
    for href in &href {
        let page = lead.get(href).await;
        if page.status == 200 {
            let fields = [("version", "1"), ("reason", "She left the school.")];
            let ended = lead.post(href, &fields).await;
            assert_eq!(ended.status, 303, "{}", ended.words());
        }
    }
    assert!(!ewa.get(&path).await.words().contains("Robin Ashdown"));

    let id = path.trim_start_matches("/children/");
    borough.stands(ida, id, Relation::Barred).await;
    let list = lead.get("/involvements").await;
    assert!(!list.words().contains("form tutor"), "{}", list.words());
}

/// One child of two agencies whom nothing has joined yet: the path of the picture that stays, and of the one that will be
/// empty.
async fn two_records() -> (Borough, String, String) {
    let borough = Borough::with(
        &[in_care("1", "Leanne", "Okafor", "2014-07-28")],
        &[at_school("9", "Leane", "Okafor", "2014-07-28")],
    )
    .await;
    let (_, mut finds) = borough.comes("finds", "practitioner").await;
    let mut both = pictures(&look(&mut finds, "Okafor", NO_DAY).await);
    both.sort();
    let [stays, empties] = <[String; 2]>::try_from(both).expect("two records");
    (borough, stays, empties)
}

/// Where a page leads to the end of somebody's work with a child.
fn ends(page: &Reply) -> Vec<String> {
    let links = page.text.split("href=\"/involvements/").skip(1);
    let ids = links.filter_map(|rest| rest.split_once("/end\""));
    ids.map(|(id, _)| format!("/involvements/{id}/end"))
        .collect()
}

#[tokio::test]
async fn what_was_ended_comes_back_with_no_run_whoever_ended_it() {
    for lead_ends_it in [false, true] {
        let (borough, stays, empties) = two_records().await;
        let (_, mut amal) = borough.comes("amal", "practitioner").await;
        says(
            &mut amal,
            &empties,
            "I am her social worker.",
            "",
            "agencies",
        )
        .await;
        assert_eq!(borough.link().await.joined, 1);
        let words = amal.get(&stays).await.words();
        assert!(words.contains("You work with this child since"), "{words}");
        let ended = if lead_ends_it {
            let (_, mut lead) = borough.comes("ida", "information-governance").await;
            let href = ends(&lead.get("/involvements").await).remove(0);
            lead.get(&href).await;
            let fields = [("version", "1"), ("reason", "Another team took over.")];
            let ended = lead.post(&href, &fields).await;
            assert_eq!(ended.location(), "/involvements", "{}", ended.words());
            ended
        } else {
            let page = format!("{stays}/involved");
            amal.get(&page).await;
            let fields = [("does", "end"), ("reason", "Another team took over.")];
            amal.post(&page, &fields).await
        };
        assert_eq!(ended.status, 303, "{}", ended.words());
        for run in 0..2 {
            let words = amal.get(&stays).await.words();
            assert!(
                !words.contains("You work with this child") && !words.contains("Robin Ashdown"),
                "by the lead: {lead_ends_it}, after {run} runs: {words}"
            );
            borough.link().await;
        }
        borough.test.store().verify().await.expect("whole");
    }
}

#[tokio::test]
async fn every_page_of_an_emptied_record_leads_on_and_nowhere_for_whoever_may_not_know_of_the_picture()
 {
    const PAGES: [&str; 3] = ["", "/picture.pdf", "/involved"];
    let (borough, stays, empties) = two_records().await;
    borough.link().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    for page in PAGES {
        let moved = amal.get(&format!("{empties}{page}")).await;
        assert_eq!(moved.status, 200, "{page}");
        assert!(moved.text.contains(&format!("href=\"{stays}\"")), "{page}");
        let words = moved.words();
        assert!(words.contains("Open the joined picture"), "{page}: {words}");
    }
    // Nobody says it of a record that is nobody's picture.
    let words = says(&mut amal, &empties, "I am her tutor.", "", "agencies").await;
    assert!(words.contains("Open the joined picture"), "{words}");
    borough.link().await;
    let words = amal.get(&stays).await.words();
    assert!(!words.contains("You work with this child"), "{words}");

    let (cousin, mut ines) = borough.comes("ines", "practitioner").await;
    let id = stays.trim_start_matches("/children/");
    borough.stands(cousin, id, Relation::Barred).await;
    for page in PAGES {
        let moved = ines.get(&format!("{empties}{page}")).await;
        assert_eq!(moved.status, 404, "{page}");
        assert!(!moved.text.contains(id), "{page}");
    }
}

#[tokio::test]
async fn a_manager_of_the_same_agency_ends_it_from_the_picture_and_comes_back_there() {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let (_, mut hope) = borough.comes_from_school("hope", "manager").await;
    let (_, mut ivo) = borough.comes("ivo", "practitioner").await;
    let page = format!("{path}/involved");
    let fields = [("does", "begin"), ("reason", "Mine"), ("told", "agencies")];
    amal.get(&page).await;
    assert_eq!(amal.post(&page, &fields).await.status, 422);
    let why = "I am her social worker.";
    says(&mut amal, &path, why, "", "agencies").await;
    let refused = amal.post(&page, &[("does", "end"), ("reason", "")]).await;
    assert_eq!(refused.status, 422, "{}", refused.words());
    for other in [&mut amal, &mut hope, &mut ivo] {
        assert_eq!(ends(&other.get(&path).await), [""; 0]);
    }
    let href = ends(&grace.get(&path).await).remove(0);
    let form = grace.get(&href).await;
    let words = form.words();
    for part in ["Amal Example", why, "Leave it as it is"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // No way leads to the list, which is not theirs to read.
    assert!(!form.text.contains("href=\"/involvements\""));
    assert!(!form.text.contains("href=\"/governance\""));
    assert!(form.text.contains(&format!("href=\"{path}\">Leave")));
    for other in [&mut hope, &mut ivo] {
        let refused = other.get(&href).await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
    let refused = grace.post(&href, &[("version", "1"), ("reason", "")]).await;
    assert_eq!(refused.status, 422, "{}", refused.words());
    let fields = [("version", "1"), ("reason", "He has left the team.")];
    let ended = grace.post(&href, &fields).await;
    assert_eq!(ended.location(), path, "{}", ended.words());
    let back = grace.get(ended.location()).await;
    assert_eq!(back.status, 200);
    assert_eq!(ends(&back), [""; 0]);
    assert!(!amal.get(&path).await.words().contains("Robin Ashdown"));
}

#[tokio::test]
async fn a_row_that_says_otherwise_than_history_lists_nobody() {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut ewa) = borough.comes_from_school("ewa", "practitioner").await;
    says(&mut amal, &path, "I am her social worker.", "", "agencies").await;
    let says_so = "said here on";
    assert!(ewa.get(&path).await.words().contains(says_so));
    let page = format!("{path}/involved");
    amal.get(&page).await;
    let fields = [("does", "end"), ("reason", "Another team took over.")];
    assert_eq!(amal.post(&page, &fields).await.status, 303);
    assert!(!ewa.get(&path).await.words().contains(says_so));
    let behind = borough.test.behind().await;
    let goes_on = "UPDATE access_grant SET ends_at = NULL WHERE ends_at IS NOT NULL";
    behind.execute_unprepared(goes_on).await.expect("altered");
    let picture = ewa.get(&path).await;
    assert_eq!(picture.status, 200);
    assert!(!picture.words().contains(says_so), "{}", picture.words());
}

#[tokio::test]
async fn the_print_is_a_tagged_document_with_reader_and_purpose_that_names_nobody_outside_and_leaves_a_row()
 {
    let (borough, path) = one_child().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    amal.get(&path).await;
    let print = amal.get(&format!("{path}/picture.pdf")).await;
    assert_eq!(print.status, 200);
    assert_eq!(print.headers["content-type"], "application/pdf");
    let name = print.headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"picture.pdf\"");
    for part in ["%PDF-", "StructTreeRoot", "pdfuaid:part"] {
        assert!(print.text.contains(part), "{part}");
    }
    let title = print.text.split("<dc:title>").nth(1).expect("a title");
    let title = title.split("</dc:title>").next().expect("its end");
    assert!(
        title.contains("picture") && !title.contains("Okafor"),
        "{title}"
    );
    amal.get(&format!("{path}/picture.pdf")).await;
    let id = path.trim_start_matches("/children/");
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let looked = grace.get(&format!("/looked/{id}")).await.words();
    assert_eq!(looked.matches("printed").count(), 2, "{looked}");
}
