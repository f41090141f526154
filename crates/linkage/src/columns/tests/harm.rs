//! Files that are not as they should be, and records that must not join.

use super::*;
use crate::columns::{Glance, propose, train, with_blocks};

fn one(rows: Vec<Vec<String>>) -> [Rows<'static>; 1] {
    [("one", &HEADINGS, rows)]
}

#[test]
fn no_record_and_one_record_are_linked_to_nobody() {
    let plan = plan(PEOPLE);
    for count in [0, 1] {
        let some = rows(&[["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"]]);
        let table = table(&plan, &one(some.into_iter().take(count).collect())).expect("a table");
        let linking = linked(&table, &plan);
        assert_eq!((linking.persons.count(), linking.compared), (count, 0));
        assert!(train(&table, &plan, 2).is_ok());
    }
}

#[test]
fn ids_that_stand_twice_or_not_at_all_are_refused_with_where() {
    let plan = plan(PEOPLE);
    let row = |id: &'static str| [id, "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"];
    let twice = table(&plan, &one(rows(&[row("7"), row("8"), row("7")]))).expect_err("twice");
    assert!(
        twice
            .to_string()
            .contains("records 1 and 3 both have the id `7`"),
        "{twice}"
    );
    let none = table(&plan, &one(rows(&[row("7"), row(" ")]))).expect_err("none");
    assert!(
        none.to_string().contains("record 2 has nothing in `id`"),
        "{none}"
    );
}

#[test]
fn a_column_that_no_file_has_is_refused_and_one_that_a_file_lacks_is_told() {
    let plan = plan(PEOPLE);
    let without: Vec<&str> = HEADINGS
        .iter()
        .copied()
        .filter(|one| *one != "born")
        .collect();
    let row = || {
        vec![
            ["1", "Martin", "Okoro", "m", "12 Mill Lane"]
                .map(str::to_owned)
                .to_vec(),
        ]
    };
    let error =
        table(&plan, &[("a", &without, row()), ("b", &without, row())]).expect_err("no file");
    assert!(
        error.to_string().contains("no file has a column `born`"),
        "{error}"
    );

    let whole = rows(&[["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"]]);
    let table =
        table(&plan, &[("a", &without, row()), ("b", &HEADINGS, whole)]).expect("one has it");
    let lacking: Vec<_> = table
        .sources()
        .iter()
        .map(|source| source.without.len())
        .collect();
    assert_eq!(lacking, [1, 0]);
}

#[test]
fn a_column_that_is_empty_or_the_same_in_every_row_neither_joins_nor_parts() {
    let people = [
        ["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
        ["2", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
        ["3", "Amara", "Patel", "2010-02-03", "f", "7 Hill Road"],
    ];
    let plan = plan(PEOPLE);
    for same in ["", "12 Mill Lane", "N/A"] {
        let changed =
            people.map(|[id, given, family, born, sex, _]| [id, given, family, born, sex, same]);
        let table = table(&plan, &one(rows(&changed))).expect("a table");
        assert_eq!(joined(&linked(&table, &plan)), [[0, 1]], "{same}");
    }
}

#[test]
fn a_stand_in_date_weighs_less_than_a_date_of_birth() {
    let plan = plan(PEOPLE);
    let mut all = Vec::new();
    for number in 0..400 {
        let born = if number % 2 == 0 {
            "1900-01-01".to_owned()
        } else {
            format!(
                "20{:02}-{:02}-{:02}",
                number % 18,
                number % 12 + 1,
                number % 28 + 1
            )
        };
        all.push(vec![
            number.to_string(),
            format!("Given{number}"),
            format!("Family{number}"),
            born,
            "m".to_owned(),
            String::new(),
        ]);
    }
    let table = table(&plan, &[("one", &HEADINGS, all)]).expect("a table");
    let linking = linked(&table, &plan);
    let worth = |a, b| {
        linking
            .looking()
            .parts(a, b)
            .get(2)
            .map(|(_, _, worth)| *worth)
    };
    let (stand_in, real) = (worth(0, 2), worth(1, 1));
    assert!(
        stand_in < Some(3_000) && real > Some(9_000),
        "{stand_in:?} {real:?}"
    );
}

#[test]
fn too_many_pairs_are_refused_with_how_many_and_which_values() {
    let mut plan = plan(PEOPLE);
    plan.pair_limit = 1_000;
    let all = (0..100).map(|number: u32| {
        vec![
            number.to_string(),
            "Martin".to_owned(),
            "Okoro".to_owned(),
            "1900-01-01".to_owned(),
            "m".to_owned(),
            String::new(),
        ]
    });
    let table = table(&plan, &[("one", &HEADINGS, all.collect())]).expect("a table");
    let error = link(&table, &plan, 2, None)
        .expect_err("too many")
        .to_string();
    assert!(
        error.contains("family.sound and born would compare 4950 pairs"),
        "{error}"
    );
    assert!(
        error.contains("`family okoro, born 19000101` (100 records)"),
        "{error}"
    );
    plan.blocks.clear();
    let error = link(&table, &plan, 2, None)
        .expect_err("too many")
        .to_string();
    assert!(
        error.contains("of everybody with everybody would compare 4950"),
        "{error}"
    );
}

#[test]
fn twins_never_join_not_even_by_way_of_a_third_record() {
    let plan = plan(PEOPLE);
    let table = table(
        &plan,
        &one(rows(&[
            ["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["2", "Damian", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["3", "", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["4", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["5", "Damian", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["6", "Damon", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
        ])),
    )
    .expect("a table");
    let linking = linked(&table, &plan);
    for person in joined(&linking) {
        assert!(
            !(person.contains(&0) || person.contains(&3))
                || !(person.contains(&1) || person.contains(&4)),
            "{person:?}"
        );
    }
    let of = |record: usize| linking.persons.of.get(record).copied();
    assert_eq!((of(0), of(1)), (of(3), of(4)));
}

#[test]
fn a_weak_bridge_between_two_persons_does_not_hold() {
    let mut plan = plan(PEOPLE);
    plan.join = 0;
    let table = table(
        &plan,
        &one(rows(&[
            ["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["2", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
            ["3", "Martin", "Okoro", "", "", ""],
            ["4", "Martin", "Okoro", "2009-05-29", "m", "7 Hill Road"],
            ["5", "Martin", "Okoro", "2009-05-29", "m", "7 Hill Road"],
        ])),
    )
    .expect("a table");
    let plan = Plan {
        blocks: Vec::new(),
        ..plan
    };
    let linking = linked(&table, &plan);
    let of = |record: usize| linking.persons.of.get(record).copied();
    assert_eq!((of(0), of(3)), (of(1), of(4)));
    assert_ne!(of(0), of(3));
    assert!(linking.persons.bridges > 0);
}

#[test]
fn a_proposal_leaves_out_what_tells_nothing_and_says_why() {
    let mut glance = Glance::default();
    let headings = [
        "rec id",
        "Surname",
        "surname again",
        "nothing",
        "always",
        "Date of birth",
        "truth",
        "full name",
        "Forename",
    ];
    glance.source(&headings.map(str::to_owned));
    for number in 0..200_u32 {
        let (given, family) = (
            format!("Given{}", number % 90),
            format!("Family{}", number % 70),
        );
        let row = vec![
            number.to_string(),
            family.clone(),
            family.clone(),
            String::new(),
            "yes".to_owned(),
            format!("{:02}/{:02}/2011", number % 28 + 1, number % 12 + 1),
            (number % 50).to_string(),
            format!("{given} {family}"),
            given,
        ];
        glance.record(&row).expect("room");
    }
    let proposal = propose(&glance, &["truth".to_owned()]).expect("something to compare");
    let names: Vec<&str> = proposal
        .plan
        .columns
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["surname", "date_of_birth", "forename"]);
    assert_eq!(proposal.plan.id_column.as_deref(), Some("rec id"));
    let doubts = proposal.doubts.join("\n");
    for says in [
        "`surname again`: it says what `Surname` says",
        "`nothing`: it is empty",
        "`always`: it is the same",
        "`full name`: it is made of",
    ] {
        assert!(doubts.contains(says), "{doubts}");
    }
    assert!(!doubts.contains("truth"), "{doubts}");
    let only = Glance::default();
    assert!(propose(&only, &[]).is_err());
    let table = table(
        &proposal.plan,
        &[(
            "one",
            &["rec id", "Surname", "Date of birth", "Forename"],
            Vec::new(),
        )],
    )
    .expect("a table");
    assert_eq!(with_blocks(&table, proposal.plan.clone(), 1), proposal.plan);
}
