//! What linkage in a database bears: stand-in birth dates, one number given to two children, a model of a newer release.

use std::path::Path;
use std::time::{Duration, Instant};

use clearpicture_app::practice::Practice;
use serde_json::json;

use crate::children::{Borough, at_school, in_care};

/// A name unlike others in sound, for each number.
fn family(number: usize) -> String {
    const PARTS: [&str; 12] = [
        "ba", "ko", "mi", "ru", "sa", "te", "lo", "ni", "pa", "gu", "fe", "wi",
    ];
    let parts = [number % 12, number / 12 % 12, number / 144 % 12];
    parts.map(|part| PARTS[part]).concat()
}

#[tokio::test]
async fn a_birth_date_that_stands_in_for_thousands_is_linked_in_bounded_time() {
    const CHILDREN: usize = 1_500;
    let rows = |row: fn(&str, &str, &str, &str) -> String| -> Vec<String> {
        let one = |place: usize| {
            let given = ["Amara", "Leah", "Tessa", "Zofia", "Musa"][place % 5];
            let told = row(&format!("{place}"), given, &family(place), "2010-01-01");
            told.replace("1 Mill Lane", &format!("{place} Mill Lane"))
        };
        (0..CHILDREN).map(one).collect()
    };
    let borough = Borough::with(&rows(in_care), &rows(at_school)).await;
    let begun = Instant::now();
    let outcome = borough.link().await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(60), "it took {took:?}");
    let children = u64::try_from(CHILDREN).expect("few");
    assert!(
        outcome.persons >= children && outcome.joined >= children * 9 / 10,
        "each is one child to both: {outcome:?}"
    );
    // All who share it hang together, so that whoever arrives costs as much as a run over them, and no more.
    let mut more = rows(at_school);
    let new = at_school("new", "Noor", "Castellan", "2010-01-01");
    more.push(new.replace("1 Mill Lane", "9 Other Row"));
    let begun = Instant::now();
    let outcome = borough.schools_tell(&more).await;
    assert_eq!(outcome.joined, 0, "{outcome:?}");
    let one = begun.elapsed();
    assert!(one < Duration::from_secs(20), "one more took {one:?}");
}

#[tokio::test]
async fn one_number_given_to_two_children_makes_them_no_one_child() {
    let patient = |id: &str, given: &str, family: &str, born: &str, line: &str| {
        json!({ "resource": {
            "resourceType": "Patient",
            "id": id,
            "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919" }],
            "name": [{ "use": "usual", "given": [given], "family": family }],
            "birthDate": born,
            "gender": "female",
            "address": [{ "use": "home", "line": [line], "postalCode": "XN1 2AB" }],
        }})
    };
    let borough = Borough::with(&[], &[]).await;
    for twins in [false, true] {
        let born = if twins { "2014-07-28" } else { "2011-02-03" };
        let family = if twins { "Okafor" } else { "Reed" };
        let bundle = json!({
            "resourceType": "Bundle",
            "entry": [
                patient(&format!("{twins}1"), "Leanne", "Okafor", "2014-07-28", "1 Mill Lane"),
                patient(&format!("{twins}2"), "Beatrice", family, born, "1 Mill Lane"),
            ],
        });
        let outcome = borough.health_tells(&bundle).await;
        assert_eq!(
            (outcome.joined, outcome.parted),
            (usize::from(twins) as u64, 0),
            "{outcome:?}"
        );
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "nothing else waits for this thread"
)]
fn a_model_of_a_newer_release_stops_the_start_and_says_so() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
    let folder = tempfile::tempdir().expect("a folder");
    copy(&shipped, folder.path());
    Practice::read(folder.path()).expect("the copy is whole");
    let file = folder.path().join("linkage/children.toml");
    let model = std::fs::read_to_string(&file).expect("read");
    let newer = model.replace("format = 1", "format = 2");
    assert_ne!(model, newer);
    std::fs::write(&file, newer).expect("written");
    let refused = Practice::read(folder.path()).expect_err("a newer format");
    let words = refused.to_string();
    for part in [
        "children.toml",
        "of format 2",
        "use the release that made it",
    ] {
        assert!(words.contains(part), "no `{part}` in: {words}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing else waits for this thread"
)]
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("read") {
        let entry = entry.expect("read");
        let at = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &at);
        } else {
            std::fs::copy(entry.path(), at).expect("copied");
        }
    }
}
