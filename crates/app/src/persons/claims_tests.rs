use clearpicture_kernel::fact::Valid;
use clearpicture_kernel::{DateOfBirth, SubjectId, TypedId as _};
use jiff::civil::date;

use super::*;

fn told_by(agency: char, source: &str, facts: Vec<Fact>) -> Telling {
    Telling {
        subject: SubjectId::parse("subject_00000000000000000000000001").unwrap(),
        agency: AgencyId::parse(&format!("agency_0000000000000000000000000{agency}")).unwrap(),
        source: Code::parse(source).unwrap(),
        load: "load_00000000000000000000000001".to_owned(),
        row: 1,
        seq: 1,
        as_of: date(2026, 10, 1),
        ended: false,
        key: "1".to_owned(),
        facts,
    }
}

fn telling(facts: Vec<Fact>) -> Telling {
    told_by('1', "involvement-csc", facts)
}

fn fact(says: Says, confidence: Confidence) -> Fact {
    Fact {
        says,
        valid: Valid::default(),
        confidence,
    }
}

fn named(given: &str, confidence: Confidence) -> Fact {
    let name = |text: &str| PersonName::parse(text).ok();
    fact(
        Says::Name {
            given: name(given),
            family: name("Okafor"),
        },
        confidence,
    )
}

fn born(day: Date) -> Fact {
    let on = DateOfBirth::new(day);
    fact(Says::Born { on }, Confidence::Stated)
}

fn lives(text: &str, from: Option<Date>) -> Fact {
    let at = Address::parse(text).unwrap();
    Fact {
        valid: Valid::since(from),
        ..fact(Says::Address { at }, Confidence::Stated)
    }
}

#[test]
fn what_agrees_stands_once_and_what_differs_with_who_says_it() {
    let day = date(2014, 7, 28);
    let claimed = Claimed::of(&[
        telling(vec![named("Ada", Confidence::Stated), born(day)]),
        telling(vec![named("Aida", Confidence::Stated), born(day)]),
    ]);
    assert!(claimed.names.differ());
    assert!(!claimed.born.differ());
    assert_eq!(claimed.born.0[0].by, [0, 1]);
    assert!(
        claimed
            .names
            .0
            .iter()
            .any(|claim| claim.value == "Aida Okafor" && claim.by == [1])
    );
}

#[test]
fn capitals_accents_and_a_middle_name_that_one_leaves_out_are_no_difference() {
    let claimed = Claimed::of(&[
        telling(vec![named("zoë", Confidence::Stated)]),
        telling(vec![named("ZOE MARIE", Confidence::Stated)]),
        telling(vec![named("Miss Zoe", Confidence::Stated)]),
    ]);
    assert!(!claimed.names.differ(), "{:?}", claimed.names);
    assert_eq!(claimed.names.0[0].by, [0, 1, 2]);
}

#[test]
fn a_doubted_value_comes_last_and_says_so() {
    let claimed = Claimed::of(&[
        telling(vec![named("Ada", Confidence::Doubted)]),
        telling(vec![named("Aida", Confidence::Stated)]),
    ]);
    assert_eq!(claimed.names.first().unwrap(), "Aida Okafor");
    assert!(claimed.names.0[1].doubted);
}

#[test]
fn addresses_differ_only_where_both_tell_the_same_thing_otherwise() {
    // What differs in each is left out or written otherwise by one of the two.
    for (one, other) in [
        ("12 Mill Lane\nFenby\nZN1 2AB", "12 Mill Ln, Fenby, zn12ab"),
        ("12 Mill Lane\nFenby\nZN1 2AB", "12 Mill Lane\nFenby"),
        ("12 Mill Lane\nFenby\nZN1 2AB", "ZN1 2AB"),
        ("12 Mill Lane\nZN1 2AB", "12 Mill Lane\nFenby\nZN1 2AB"),
    ] {
        let claimed = Claimed::of(&[
            told_by('1', "involvement-csc", vec![lives(one, None)]),
            told_by('2', "fhir-patient", vec![lives(other, None)]),
        ]);
        assert!(!claimed.homes.differ(), "{one} and {other}");
        assert_eq!(claimed.homes.0[0].by, [0, 1]);
    }
    for (one, other) in [
        ("12 Mill Lane\nFenby\nZN1 2AB", "ZN1 2AC"),
        (
            "12 Mill Lane\nFenby\nZN1 2AB",
            "14 Mill Lane\nFenby\nZN1 2AB",
        ),
        ("12 Mill Lane\nFenby", "12 Weir Road\nFenby"),
    ] {
        let claimed = Claimed::of(&[
            told_by('1', "involvement-csc", vec![lives(one, None)]),
            told_by('2', "police-missing", vec![lives(other, None)]),
        ]);
        assert!(claimed.homes.differ(), "{one} and {other}");
    }
}

#[test]
fn what_a_source_told_before_it_told_otherwise_is_no_difference_now() {
    let (then, now) = (date(2023, 5, 3), date(2026, 5, 3));
    let claimed = Claimed::of(&[
        told_by(
            '1',
            "involvement-csc",
            vec![lives("12 Mill Lane\nZN1 2AB", None)],
        ),
        told_by('2', "police-missing", vec![lives("ZN9 9ZZ", Some(then))]),
        told_by('2', "police-missing", vec![lives("ZN1 2AB", Some(now))]),
    ]);
    assert!(!claimed.homes.differ(), "{:?}", claimed.homes);
    assert_eq!(claimed.homes.0[0].by, [0, 2]);
    assert_eq!(claimed.before.0[0].value.lines, ["ZN9 9ZZ"]);
    assert_eq!(claimed.before.0[0].value.told_for, Some(then));
}

#[test]
fn where_a_child_is_placed_stands_beside_the_family_s_address() {
    let placed = fact(
        Says::CareEpisode {
            began: None,
            legal_status: None,
            need: None,
            placement: Code::parse("k2").ok(),
            provider: None,
            ended: None,
            change: None,
            at: Address::parse("ZN5 5XY").ok(),
        },
        Confidence::Stated,
    );
    let claimed = Claimed::of(&[
        telling(vec![lives("12 Mill Lane\nZN1 2AB", None)]),
        told_by('1', "ssda903-episodes", vec![placed]),
    ]);
    assert!(!claimed.homes.differ());
    assert_eq!(claimed.placed.0[0].value.lines, ["ZN5 5XY"]);
}

#[test]
fn days_that_run_backwards_are_marked_and_stay() {
    let says = Says::Involvement {
        state: Code::parse("historic").unwrap(),
        organisation: None,
        last_contact: Some(date(2019, 8, 24)),
        contact: None,
    };
    let mut involvement = fact(says, Confidence::Stated);
    involvement.valid.from = Some(date(2022, 2, 17));
    let claimed = Claimed::of(&[telling(vec![involvement])]);
    assert!(claimed.services[0].backwards);
}

#[test]
fn what_a_source_no_longer_tells_gives_way_to_what_another_tells_still() {
    let gone = Telling {
        ended: true,
        ..telling(vec![named("Ada", Confidence::Stated)])
    };
    let alone = Claimed::of(std::slice::from_ref(&gone));
    assert_eq!(alone.names.first().unwrap(), "Ada Okafor");
    let beside = Claimed::of(&[gone, telling(vec![named("Aida", Confidence::Stated)])]);
    assert_eq!(beside.names.0.len(), 1);
    assert_eq!(beside.names.first().unwrap(), "Aida Okafor");
}

#[test]
fn nobody_is_nought_years_old() {
    let today = date(2026, 11, 30);
    for (born, words) in [
        (date(2014, 7, 28), "12 years"),
        (date(2025, 11, 30), "12 months"),
        (date(2024, 12, 1), "23 months"),
        (date(2026, 10, 30), "1 month"),
        (date(2026, 10, 31), "4 weeks"),
        (date(2026, 11, 23), "7 days"),
        (date(2026, 11, 29), "1 day"),
        (today, "born today"),
    ] {
        assert_eq!(age_words(born, today).as_deref(), Some(words), "{born}");
    }
    assert_eq!(age_words(date(2026, 12, 1), today), None);
}
