//! Each rule by a small household.

use super::super::{Attention, Held, Standing};
use super::*;
use crate::level::Level;

fn standing(linked: &Linked, row: u32) -> Standing {
    let found = linked
        .clusters
        .iter()
        .find(|cluster| cluster.members.contains(&RecordIndex(row)));
    found
        .expect("every record is in a cluster")
        .standing
        .clone()
}

fn needs(reason: Attention) -> Standing {
    Standing::NeedsAttention(BTreeSet::from([reason]))
}

fn is_held(linked: &Linked, a: u32, b: u32, because: Held) -> bool {
    linked
        .held_apart
        .iter()
        .any(|held| (held.evidence.a.0, held.evidence.b.0, held.because) == (a, b, because))
}

#[test]
fn two_children_of_one_file_who_differ_by_first_name_alone_stay_two() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (1, "Damian", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0], [1]]);
    assert!(is_held(&linked, 0, 1, Held::OneSource));
}

#[test]
fn twins_whom_both_sources_know_are_joined_by_their_names() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (1, "Damian", "Okoro", "2011-12-13", "male", HOME),
        (2, "Damian", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0, 3], [1, 2]]);
    assert_eq!(standing(&linked, 0), Standing::Settled);
}

#[test]
fn where_one_source_knows_twins_a_third_name_joins_neither() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (1, "Damian", "Okoro", "2011-12-13", "male", HOME),
        (2, "Leo", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0], [1], [2]]);
    assert!(is_held(&linked, 0, 2, Held::TwoChildren));
}

#[test]
fn each_others_only_candidates_join_unchecked_and_the_words_say_so() {
    let rows = [
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Damian", "Okoro", "2011-12-13", "male", HOME),
    ];
    let linked = linked(&records(&rows));
    assert_eq!(persons(&linked), [[0, 1]]);
    assert_eq!(standing(&linked, 0), needs(Attention::OnlyCandidate));
    let words = explained(&linked, &rows, 0, 1).to_string();
    assert!(
        words.starts_with(
            "The given names differ: Martin and Damian. Everything else agrees: family name, date of birth, sex and address. \
             They were joined, unchecked: neither source knows another child"
        ),
        "{words}"
    );
    let evidence = linked.joined.first().expect("a pair");
    let outcome = linked.outcome(RecordIndex(0), RecordIndex(1));
    let explanation = explain(evidence, outcome, model(), None);
    for shown in [
        explanation.to_string(),
        format!("{explanation:?}"),
        format!("{:?}", records(&rows)),
        format!("{:?}", Written::of(&facts(rows[0]))),
    ] {
        assert!(!shown.to_lowercase().contains("martin"), "{shown}");
        assert!(!shown.contains("2011"), "{shown}");
    }
}

#[test]
fn an_only_candidate_gives_way_to_the_same_name_at_another_address() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Damian", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", AWAY),
    ]));
    assert_eq!(persons(&linked), [vec![0, 2], vec![1]]);
    assert!(is_held(&linked, 0, 1, Held::OtherCandidate));
}

#[test]
fn two_names_that_both_stand_in_further_sources_are_two_children() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Damian", "Okoro", "2011-12-13", "male", HOME),
        (3, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (4, "Damian", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0, 2], [1, 3]]);
    assert!(is_held(&linked, 0, 1, Held::BothNamesElsewhere));
}

#[test]
fn twins_of_different_sex_and_siblings_of_different_age_stay_apart() {
    for (born, sex) in [
        ("2011-12-13", "female"),
        ("2011-12-14", "male"),
        ("2010-02-03", "male"),
    ] {
        let linked = linked(&records(&[
            (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
            (2, "Amara", "Okoro", born, sex, HOME),
        ]));
        assert_eq!(persons(&linked), [[0], [1]], "{born} {sex}");
    }
}

#[test]
fn a_brother_and_a_sister_whose_names_are_alike_stay_apart() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martina", "Okoro", "2011-12-13", "female", HOME),
    ]));
    assert_eq!(persons(&linked), [[0], [1]]);
    assert!(is_held(&linked, 0, 1, Held::NameAndSexDiffer));
}

#[test]
fn a_date_of_birth_that_differs_by_more_than_a_slip_is_looked_at() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2014-02-05", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0, 1]]);
    assert_eq!(standing(&linked, 0), needs(Attention::BirthDatesDiffer));
}

#[test]
fn twins_who_share_a_first_name_stay_two() {
    let linked = linked(&records(&[
        (1, "Musa Ali", "Okoro", "2011-12-13", "male", HOME),
        (1, "Musa Hassan", "Okoro", "2011-12-13", "male", HOME),
        (2, "Musa Hassan", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [vec![0], vec![1, 2]]);
}

#[test]
fn a_child_twice_in_one_file_is_one_and_somebody_must_look() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (1, "MARTIN", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", AWAY),
    ]));
    assert_eq!(persons(&linked), [[0, 1, 2]]);
    assert_eq!(standing(&linked, 0), needs(Attention::TwiceInSource));
}

#[test]
fn nothing_is_chosen_between_equals() {
    let linked = linked(&records(&[
        (1, "Martin", "Okoro", "2011-12-13", "male", AWAY),
        (
            2,
            "Martin",
            "Okoro",
            "2011-12-13",
            "male",
            "1 A Road\nZZ2 2BB",
        ),
        (
            2,
            "Martin",
            "Okoro",
            "2011-12-13",
            "female",
            "2 B Road\nZZ3 3CC",
        ),
        (3, "Lena", "Abara", "2012-01-05", "female", HOME),
        (
            4,
            "Lena",
            "Abara",
            "2012-01-05",
            "female",
            "3 C Road\nZZ4 4DD",
        ),
        (
            4,
            "Lena",
            "Abara",
            "2012-01-05",
            "female",
            "4 D Road\nZZ5 5EE",
        ),
    ]));
    assert!(
        persons(&linked).contains(&vec![3]),
        "{:?}",
        persons(&linked)
    );
    assert!(is_held(&linked, 3, 4, Held::OtherCandidate));
    assert!(is_held(&linked, 3, 5, Held::OtherCandidate));
}

#[test]
fn a_shared_number_joins_two_names_unchecked_and_a_differing_one_parts_the_same_name() {
    let rows: [Row<'_>; 2] = [
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Damian", "Abara", "2011-12-13", "male", HOME),
    ];
    let with = |rows: [Row<'_>; 2], numbers: [&str; 2]| {
        let all = rows.into_iter().zip(numbers).map(|(row, value)| {
            let mut facts = facts(row);
            facts.push(number(value));
            (row.0, facts)
        });
        linked(&open(all))
    };
    let same = with(rows, ["999 000 0018", "9990000018"]);
    assert_eq!(standing(&same, 0), needs(Attention::IdentifierOnly));
    let differs = with(
        [rows[0], (2, "Martin", "Okoro", "2011-12-13", "male", HOME)],
        ["9990000018", "9990000026"],
    );
    assert_eq!(persons(&differs), [[0], [1]]);
    assert!(is_held(&differs, 0, 1, Held::IdentifiersDiffer));
}

#[test]
fn a_return_without_names_joins_by_its_number_and_the_day_and_a_twin_has_another_number() {
    let with = |born: [&str; 2], numbers: [&str; 2]| {
        let all = (1..).zip(born.into_iter().zip(numbers));
        linked(&open(all.map(|(source, (born, value))| {
            let given = if source == 1 { "Martin" } else { "" };
            let family = if source == 1 { "Okoro" } else { "" };
            let mut facts = facts((source, given, family, born, "male", HOME));
            facts.push(number(value));
            (source, facts)
        })))
    };
    let day = "2011-12-13";
    let same = with([day, day], ["9990000018", "9990000018"]);
    assert_eq!(standing(&same, 0), Standing::Settled);
    assert_eq!(persons(&same), [[0, 1]]);
    let another_day = with([day, "2009-05-04"], ["9990000018", "9990000018"]);
    assert_ne!(standing(&another_day, 0), Standing::Settled);
    let twin = with([day, day], ["9990000018", "9990000026"]);
    assert_eq!(persons(&twin), [[0], [1]]);
}

#[test]
fn a_record_between_two_children_joins_neither() {
    let row = |source| (source, "Martin", "Okoro", "2011-12-13", "male", HOME);
    let all = [(1, Some("9990000018")), (2, None), (3, Some("9990000026"))];
    let linked = linked(&open(all.map(|(source, value)| {
        let mut facts = facts(row(source));
        facts.extend(value.map(number));
        (source, facts)
    })));
    assert_eq!(persons(&linked), [[0], [1], [2]]);
    assert!(is_held(&linked, 0, 2, Held::IdentifiersDiffer));
    assert!(is_held(&linked, 0, 1, Held::Contradiction));
    assert!(is_held(&linked, 1, 2, Held::Contradiction));
    assert_eq!(standing(&linked, 1), needs(Attention::Contradiction));
}

#[test]
fn whom_people_call_one_child_in_every_pair_are_one_whatever_speaks_against_it() {
    // A new number, a new name and a second record in one source: as with a child who was adopted.
    let rows: [(Row<'_>, Option<&str>); 4] = [
        (
            (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
            Some("9990000018"),
        ),
        (
            (1, "Joel", "Vale", "2011-12-13", "male", AWAY),
            Some("9990000026"),
        ),
        (
            (2, "Martin", "Okoro", "2011-12-13", "male", HOME),
            Some("9990000018"),
        ),
        ((2, "Joel", "Vale", "2011-12-13", "male", AWAY), None),
    ];
    let all = open(rows.map(|(row, value)| {
        let mut facts = facts(row);
        facts.extend(value.map(number));
        (row.0, facts)
    }));
    let every = |skipped: Option<(u32, u32)>| {
        let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| (a, b)));
        pairs
            .filter(|pair| Some(*pair) != skipped)
            .map(|(a, b)| (RecordIndex(a), RecordIndex(b)))
            .collect()
    };
    let same = Before {
        same: every(None),
        ..Before::default()
    };
    let linked = link_by(&all, &same, 1);
    assert_eq!(persons(&linked), [[0, 1, 2, 3]]);
    assert_eq!(standing(&linked, 0), Standing::Settled);
    // One pair that people tell apart contradicts it, and that is shown.
    let torn = Before {
        same: every(Some((1, 2))),
        apart: BTreeSet::from([(RecordIndex(1), RecordIndex(2))]),
        ..Before::default()
    };
    let linked = link_by(&all, &torn, 1);
    assert_eq!(standing(&linked, 0), needs(Attention::DecisionsConflict));
}

#[test]
fn a_protected_record_is_never_one_of_a_pair() {
    let row = (1, "Martin", "Okoro", "2011-12-13", "male", HOME);
    let linked = linked(&kept(
        model(),
        [
            (1, Shield::Protected, facts(row)),
            (2, Shield::Open, facts(row)),
        ],
    ));
    assert!(linked.joined.is_empty());
    assert!(linked.held_apart.is_empty());
    assert_eq!(persons(&linked), [[0], [1]]);
    assert_eq!(standing(&linked, 0), Standing::Settled);
}

#[test]
fn a_doubted_value_neither_joins_nor_parts() {
    let mut doubted = facts((1, "Martin", "Okoro", "2001-01-01", "male", HOME));
    doubted[1].confidence = Confidence::Doubted;
    let stated = facts((2, "Martin", "Okoro", "2011-12-13", "male", HOME));
    let (seen, _) = compared(&open([(1, doubted), (2, stated)]), 0, 1);
    assert_eq!(seen.born, Level::NotTold);
}

#[test]
fn what_people_decided_wins_over_everything() {
    let rows = [
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Zofia", "Nowak", "2014-01-02", "female", AWAY),
    ];
    let records = records(&rows);
    let pair = |a, b| BTreeSet::from([(RecordIndex(a), RecordIndex(b))]);
    let apart = Before {
        apart: pair(0, 1),
        ..Before::default()
    };
    let parted = link_by(&records, &apart, 1);
    assert_eq!(persons(&parted), [[0], [1], [2]]);
    assert!(is_held(&parted, 0, 1, Held::Decided));
    let same = Before {
        same: pair(0, 2),
        ..Before::default()
    };
    let joined = link_by(&records, &same, 1);
    // The source knows two children, so what looks like one gives way to what was decided.
    assert_eq!(persons(&joined), [vec![0, 2], vec![1]]);
    assert_eq!(standing(&joined, 0), Standing::Settled);
    assert!(is_held(&joined, 0, 1, Held::OtherCandidate));
}

#[test]
fn decisions_that_contradict_one_another_join_nobody_and_are_told() {
    let rows = [
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Marek", "Nowak", "2014-01-02", "male", AWAY),
        (3, "Zofia", "Abara", "2009-03-04", "female", AWAY),
    ];
    let pair = |a, b| (RecordIndex(a), RecordIndex(b));
    let before = Before {
        same: BTreeSet::from([pair(0, 1), pair(1, 2)]),
        apart: BTreeSet::from([pair(0, 2)]),
        ..Before::default()
    };
    let linked = link_by(&records(&rows), &before, 1);
    assert_eq!(persons(&linked), [[0], [1], [2]]);
    assert!(is_held(&linked, 0, 1, Held::DecisionsConflict));
    assert_eq!(standing(&linked, 1), needs(Attention::DecisionsConflict));
}

#[test]
fn forms_of_one_name_join_and_give_way_where_a_source_knows_twins() {
    let alone = linked(&records(&[
        (1, "Robert", "Okoro", "2011-12-13", "male", HOME),
        (2, "Bob", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&alone), [[0, 1]]);
    assert_eq!(standing(&alone, 0), Standing::Settled);
    let twins = linked(&records(&[
        (1, "Robert", "Okoro", "2011-12-13", "male", HOME),
        (1, "Martin", "Okoro", "2011-12-13", "male", HOME),
        (2, "Bob", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert!(is_held(&twins, 0, 2, Held::TwoChildren));
}

#[test]
fn ten_children_of_one_home_stay_ten() {
    let names = [
        ("Amara", "Okoro"),
        ("Bela", "Kovacs"),
        ("Carla", "Mendes"),
        ("Dara", "Singh"),
        ("Ewan", "Frost"),
        ("Femi", "Adeyemi"),
        ("Gita", "Rao"),
        ("Hanna", "Berg"),
        ("Iris", "Vale"),
        ("Jonah", "Pike"),
    ];
    let rows: Vec<Row<'_>> = names
        .iter()
        .flat_map(|(given, family)| {
            [1, 2].map(|source| (source, *given, *family, "2009-05-04", "female", HOME))
        })
        .collect();
    let linked = linked(&records(&rows));
    assert_eq!(persons(&linked).len(), 10);
    assert!(persons(&linked).iter().all(|rows| rows.len() == 2));
}

#[test]
fn newborns_without_a_name_are_not_taken_for_their_twin() {
    let linked = linked(&records(&[
        (1, "", "Okoro", "2011-12-13", "male", HOME),
        (1, "", "Okoro", "2011-12-13", "male", HOME),
        (2, "Martin", "Okoro", "2011-12-13", "male", HOME),
    ]));
    assert_eq!(persons(&linked), [[0], [1], [2]]);
}
