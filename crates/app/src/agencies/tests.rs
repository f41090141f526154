//! The rules of the forms.

use clearpicture_kernel::Code;
use clearpicture_store::Record as _;

use super::rules::{AgencyTyped, Ending, reason};
use super::types::Agency;
use crate::shell::Errors;

fn typed() -> AgencyTyped {
    AgencyTyped {
        code: "fenby".to_owned(),
        name: "Fenby High".to_owned(),
        kind: "education".to_owned(),
        ..AgencyTyped::default()
    }
}

#[test]
fn what_a_form_shows_is_read_again_unchanged() {
    for agency in Agency::samples() {
        let mut errors = Errors::default();
        let read = AgencyTyped::of(&agency, 1).read(agency.code.clone(), &mut errors);
        assert_eq!((read, errors), (Some(agency), Errors::default()));
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let mut errors = Errors::default();
    let wrong = AgencyTyped {
        code: "Not a code".to_owned(),
        ..AgencyTyped::default()
    };
    assert_eq!(wrong.new_agency(&mut errors), None);
    let fields: Vec<&str> = errors.by_field.keys().map(String::as_str).collect();
    assert_eq!(fields, ["code", "kind", "name"]);

    let mut errors = Errors::default();
    let wrong = AgencyTyped {
        duty_number: "ring us".to_owned(),
        ..typed()
    };
    assert_eq!(wrong.new_agency(&mut errors), None);
    assert!(errors.by_field.contains_key("duty_number"));
}

#[test]
fn a_new_agency_takes_part() {
    let mut errors = Errors::default();
    let sent = AgencyTyped {
        active: "no".to_owned(),
        ..typed()
    };
    let agency = sent.new_agency(&mut errors).expect("an agency");
    assert!(agency.active);
    assert_eq!(agency.code, Code::parse("fenby").expect("a code"));
}

#[test]
fn ending_needs_a_reason_and_other_changes_do_not() {
    let told = |text: &str, was, is| {
        let mut errors = Errors::default();
        let reason = reason(text, Ending::between(was, is), &mut errors);
        (reason.map(String::from), errors.is_empty())
    };
    assert_eq!(told(" ", true, false), (None, false));
    assert_eq!(told("", false, true), (None, false));
    assert_eq!(told("", true, true), (None, true));
    assert_eq!(
        told("closed", true, false),
        (Some("closed".to_owned()), true)
    );
}
