//! Working through links to check: in the order of what is at stake, from one pair to the next, to the pictures and back.

use serde_json::json;

use crate::children::{Borough, at_school, in_care, look, pictures, version};
use crate::linking::{answer, first_pair, in_doubt, nothing_more};
use crate::merging::{everybody, persons_of};

const NO_DAY: [&str; 3] = ["", "", ""];

#[tokio::test]
async fn what_is_at_stake_is_what_any_source_of_either_picture_tells() {
    let borough = in_doubt().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let words = grace.get("/links").await.words();
    assert!(words.contains("nothing known"), "{words}");
    // The police's record is neither of the two of which it is asked, and is of the child.
    borough.police_tell("Martina", "Okoro", "13/12/2011").await;
    let all = everybody(&borough).await;
    assert_eq!(all.len(), 3);
    let words = grace.get("/links").await.words();
    assert!(words.contains("missing, or a concern"), "{words}");
    assert!(!words.contains("nothing known"), "{words}");
    nothing_more(borough.link().await);
    assert_eq!(grace.get("/links").await.words(), words);
}

#[tokio::test]
async fn a_pair_leads_to_both_pictures_and_to_the_next() {
    let care = [
        in_care("1", "Martina", "Okoro", "2011-12-13"),
        in_care("2", "Zofia", "Nowak", "2010-03-04").replace("1 Mill Lane", "7 Hill Road"),
    ];
    let school = [
        at_school("a", "Leonie", "Okoro", "2011-12-13"),
        at_school("b", "Katarzyna", "Nowak", "2010-03-04").replace("1 Mill Lane", "7 Hill Road"),
    ];
    let borough = Borough::with(&care, &school).await;
    let outcome = borough.link().await;
    assert_eq!(outcome.attention, 2, "{outcome:?}");
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let first = first_pair(&grace.get("/links").await).expect("a pair");
    let page = grace.get(&first).await;
    let picture = format!("href=\"/children/{}\"", crate::linking::person_of(&first));
    assert!(page.text.contains(&picture), "{}", page.text);
    assert!(page.words().contains("The next pair to check"));
    let second = first_pair(&page).expect("the next");
    assert_ne!(first, second);
    // After the last comes the first again, and from a pair that is decided there is a way on.
    assert_eq!(first_pair(&grace.get(&second).await), Some(first.clone()));
    let seen = version(&page);
    let apart = answer(
        &mut grace,
        &first,
        ["not-same", "certain", "Cousins."],
        &seen,
    )
    .await;
    assert_eq!(apart.status, 303, "{}", apart.words());
    let result = grace.get(apart.location()).await;
    assert_eq!(result.status, 200);
    let words = result.words();
    for says in [
        "Picture of the one: ",
        "Picture of the other: ",
        "Who had opened the joined picture",
        "Take it back",
    ] {
        assert!(words.contains(says), "{says}: {words}");
    }
    assert_eq!(result.text.matches("href=\"/children/person_").count(), 2);
    assert_eq!(first_pair(&result), Some(second.clone()));
    // Of the last that waits there is no next.
    assert_eq!(first_pair(&grace.get(&second).await), None);
}

#[tokio::test]
async fn a_parting_of_one_of_three_is_taken_back_whole_where_it_was_done() {
    let care = [in_care("1", "Leanne", "Okafor", "2014-07-28")];
    let school = [at_school("a", "Leanne", "Okafor", "2014-07-28")];
    let borough = Borough::with(&care, &school).await;
    let bundle = json!({
        "resourceType": "Bundle",
        "entry": [{ "resource": {
            "resourceType": "Patient",
            "id": "p1",
            "name": [{ "use": "usual", "given": ["Leanne"], "family": "Okafor" }],
            "birthDate": "2014-07-28",
            "gender": "female",
        }}],
    });
    borough.health_tells(&bundle).await;
    borough.link().await;
    let all = everybody(&borough).await;
    let of = || async {
        let persons = persons_of(&borough, &all).await;
        persons
            .into_values()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    assert_eq!((all.len(), of().await), (3, 1));
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let open = pictures(&look(&mut grace, "Okafor", NO_DAY).await);
    let why = format!("{}/why", open[0]);
    let page = grace.get(&why).await;
    let subject = all[2].to_string();
    let form = [
        ("version", version(&page)),
        ("subject", subject),
        ("reason", "Another Leanne.".to_owned()),
    ];
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let parted = grace.post(&why, &form).await;
    assert_eq!(parted.status, 303, "{}", parted.words());
    assert_eq!(of().await, 2);
    let result = parted.location().to_owned();
    let page = grace.get(&result).await;
    assert_eq!(page.status, 200, "{result}");
    let words = page.words();
    for says in [
        "They are two children again",
        "1 other pair",
        "Take it back",
    ] {
        assert!(words.contains(says), "{says}: {words}");
    }
    let back = answer(
        &mut grace,
        &result,
        ["open", "", "It was she."],
        &version(&page),
    )
    .await;
    assert_eq!(back.status, 303, "{}", back.words());
    assert_eq!(of().await, 1, "all three are one child again");
    nothing_more(borough.link().await);
    borough.test.store().verify().await.expect("whole");
}
