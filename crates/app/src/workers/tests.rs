//! The rules of the form, and what dates tell.

use std::collections::BTreeSet;
use std::path::Path;

use clearpicture_kernel::{AgencyId, Code, TeamId, TypedId as _};
use clearpicture_store::Record as _;
use jiff::civil::date;

use super::rules::{Known, WorkerTyped, changes_standing, mark, role_titles, roles_in_words};
use super::types::Worker;
use crate::practice::Practice;
use crate::shell::Errors;

fn practice() -> Practice {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
    Practice::read(&folder).expect("the shipped practice")
}

fn agency() -> AgencyId {
    AgencyId::parse("agency_00000000000000000000000001").expect("an id")
}

fn team() -> TeamId {
    TeamId::parse("team_00000000000000000000000001").expect("an id")
}

fn sample() -> Worker {
    Worker::samples().pop().expect("a sample")
}

fn read(typed: &WorkerTyped) -> (Option<Worker>, Errors) {
    let mut errors = Errors::default();
    let teams = BTreeSet::from([team()]);
    let practice = practice();
    let known = Known {
        agency: agency(),
        practice: &practice,
        teams: &teams,
    };
    (typed.read(known, &mut errors), errors)
}

fn fields(errors: &Errors) -> Vec<&str> {
    errors.by_field.keys().map(String::as_str).collect()
}

#[test]
fn what_a_form_shows_is_read_again_unchanged() {
    for mut worker in Worker::samples() {
        worker.teams.insert(team());
        let (again, errors) = read(&WorkerTyped::of(&worker, 1));
        assert_eq!((again, errors), (Some(worker), Errors::default()));
    }
}

#[test]
fn everything_missing_is_told_at_once() {
    let (worker, errors) = read(&WorkerTyped::default());
    assert_eq!(worker, None);
    assert_eq!(fields(&errors), ["email", "name", "roles"]);
}

#[test]
fn roles_and_teams_of_other_lists_are_refused() {
    let mut typed = WorkerTyped::of(&sample(), 1);
    typed.roles.push("owner-of-everything".to_owned());
    typed
        .teams
        .push("team_00000000000000000000000002".to_owned());
    let (worker, errors) = read(&typed);
    assert_eq!(worker, None);
    assert_eq!(fields(&errors), ["roles", "teams"]);
}

#[test]
fn an_impossible_day_is_told_beside_its_field() {
    let form = "name=A&email=a%40b.example&roles%5B%5D=manager";
    let typed: WorkerTyped = serde_json::from_value(serde_json::json!({
        "version": "0", "name": "A B", "email": "a@b.example", "roles": ["manager"],
        "vetted_day": "31", "vetted_month": "2", "vetted_year": "2027",
    }))
    .expect(form);
    let (worker, errors) = read(&typed);
    assert_eq!(worker, None);
    let told = errors.by_field.get("vetted_day").map(String::as_str);
    assert_eq!(told, Some("Vetted until: there is no 31 February in 2027"));
}

#[test]
fn what_someone_may_do_is_roles_readiness_and_signing_in() {
    let before = sample();
    let renamed = Worker {
        phone: None,
        ..before.clone()
    };
    assert!(!changes_standing(&before, &renamed));
    for changed in [
        Worker {
            active: false,
            ..before.clone()
        },
        Worker {
            vetted_until: None,
            ..before.clone()
        },
        Worker {
            trained_until: None,
            ..before.clone()
        },
        Worker {
            roles: BTreeSet::new(),
            ..before.clone()
        },
    ] {
        assert!(changes_standing(&before, &changed));
    }
}

#[test]
fn readiness_is_told_in_words_and_not_by_colour_alone() {
    let today = date(2026, 11, 21);
    let told = |last| {
        let mark = mark("Vetting", last, today);
        format!("{} ({})", mark.text, mark.tone)
    };
    assert_eq!(told(None), "Vetting not recorded (breach)");
    assert_eq!(
        told(Some(date(2026, 11, 20))),
        "Vetting out of date since 20 November 2026 (breach)"
    );
    assert_eq!(
        told(Some(today)),
        "Vetting ends soon: 21 November 2026 (due)"
    );
    assert_eq!(
        told(Some(date(2026, 12, 22))),
        "Vetting in date until 22 December 2026 (done)"
    );
}

#[test]
fn a_role_that_the_practice_no_longer_has_keeps_its_code() {
    let roles = ["manager", "night-owl"].map(|code| Code::parse(code).expect("a code"));
    assert_eq!(
        role_titles(&practice(), &roles.into()),
        ["Manager", "night-owl"]
    );
    let as_kept = ["manager", "night-owl"].map(str::to_owned);
    assert_eq!(roles_in_words(&practice(), &as_kept), "manager, night-owl");
}
