//! Linking as children arrive, and what people decide about links.

use clearpicture_app::linking::Outcome;

use crate::children::{Borough, at_school, in_care};

/// Children who are hard to tell apart: twins, brothers and sisters, names mistyped, two of one name.
fn hard(count: usize) -> Vec<(String, String, String)> {
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

fn nothing_more(outcome: Outcome) {
    assert_eq!((outcome.joined, outcome.parted), (0, 0), "{outcome:?}");
}

#[tokio::test]
async fn whoever_arrives_is_linked_as_a_run_over_everything_would() {
    let borough = Borough::with(&[], &[]).await;
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
