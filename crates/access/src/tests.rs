//! What must never change about decisions, on a small set of actions.

use std::collections::BTreeSet;

use clearpicture_kernel::{AgencyId, Ambient, Code, TypedId as _, WorkerId};

use crate::{
    Access, AccessClass, Action as _, ActionSpec, Caller, Grants, Identity, Kind, PolicyText,
    Purpose, Resource, actions,
};

pub(crate) struct Kite;

impl Kind for Kite {
    const NAME: &'static str = "kite";
    const PERSONAL: bool = true;
}

actions! { pub(crate) on Kite:
    see SeeKite = "kites.see", "see a kite";
    change MendKite = "kites.mend", "mend a kite";
}

const POLICIES: &str = r#"
@id("own-agency-sees")
permit (principal, action == Action::"kites.see", resource)
when { principal.agency == resource.owner };

@id("glass")
permit (principal, action == Action::"kites.see", resource)
when { context.break_glass };

@id("menders-mend")
permit (principal, action == Action::"kites.mend", resource)
when { principal.roles.contains("mender") };
"#;

fn specs() -> Vec<ActionSpec> {
    vec![SeeKite::SPEC, MendKite::SPEC]
}

fn access(text: &str) -> Result<Access, crate::PolicyFault> {
    Access::new(specs(), &[PolicyText::new("kites/policy.cedar", text)])
}

fn caller(agency: AgencyId, roles: &[&str]) -> Caller {
    Caller {
        identity: Identity::Worker(WorkerId::fresh(&Ambient::system())),
        agency: Some(agency),
        teams: BTreeSet::new(),
        roles: roles
            .iter()
            .map(|role| Code::parse(role).expect("a code"))
            .collect(),
        ready: true,
    }
}

fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("administration").expect("a code"),
        marked: false,
    }
}

fn kite(owner: AgencyId, grants: Grants) -> Resource {
    Resource {
        id: owner.record_id(),
        version: 1,
        class: AccessClass::ordinary(Kite::NAME, Some(owner)),
        grants,
    }
}

#[test]
fn a_permit_follows_the_policies() {
    let access = access(POLICIES).expect("policies");
    let here = AgencyId::fresh(&Ambient::system());
    let there = AgencyId::fresh(&Ambient::system());
    let worker = caller(here, &[]);
    let permit = access
        .permit::<SeeKite>(&worker, kite(here, Grants::NONE), &purpose())
        .expect("own agency");
    assert_eq!(
        permit.grounds().deciding(),
        ["kites/policy.cedar:own-agency-sees"]
    );
    assert!(
        access
            .permit::<SeeKite>(&worker, kite(there, Grants::NONE), &purpose())
            .is_err()
    );
    assert!(
        access
            .permit::<MendKite>(&worker, kite(here, Grants::NONE), &purpose())
            .is_err()
    );
    let broke = Grants {
        break_glass: true,
        ..Grants::NONE
    };
    assert!(
        access
            .permit::<SeeKite>(&worker, kite(there, broke), &purpose())
            .is_ok()
    );
}

#[test]
fn a_bar_outranks_every_permission() {
    let access = access(POLICIES).expect("policies");
    let here = AgencyId::fresh(&Ambient::system());
    let worker = caller(here, &["mender"]);
    let barred = Grants {
        barred: true,
        involved: true,
        break_glass: true,
    };
    assert!(
        access
            .permit::<SeeKite>(&worker, kite(here, barred), &purpose())
            .is_err()
    );
    assert!(
        access
            .permit::<MendKite>(&worker, kite(here, barred), &purpose())
            .is_err()
    );
}

#[test]
fn whoever_is_not_ready_is_refused_and_told_why() {
    let access = access(POLICIES).expect("policies");
    let here = AgencyId::fresh(&Ambient::system());
    let worker = Caller {
        ready: false,
        ..caller(here, &[])
    };
    let refused = access
        .permit::<SeeKite>(&worker, kite(here, Grants::NONE), &purpose())
        .expect_err("not ready");
    assert_eq!(refused.shown.len(), 1);
}

#[test]
fn a_list_agrees_with_single_decisions() {
    let access = access(POLICIES).expect("policies");
    let here = AgencyId::fresh(&Ambient::system());
    let there = AgencyId::fresh(&Ambient::system());
    let classes = [here, there].map(|owner| AccessClass::ordinary(Kite::NAME, Some(owner)));
    let scope = access.scope::<SeeKite>(&caller(here, &[]), &purpose(), &classes);
    assert_eq!(
        scope.plain().iter().copied().collect::<Vec<_>>(),
        [classes[0].id()]
    );
    assert_eq!(
        scope.break_glass().iter().copied().collect::<Vec<_>>(),
        [classes[1].id()]
    );
    assert!(scope.involved().is_empty());
}

#[test]
fn a_policy_that_fails_while_evaluated_refuses_rather_than_being_skipped() {
    // Overflow is the one failure that strict validation cannot rule out.
    let broken = format!(
        "{POLICIES}\n@id(\"overflows\")\nforbid (principal, action, resource)\n\
         when {{ 9223372036854775807 + resource.sensitivity + 1 > 0 && !context.involved }};"
    );
    let access = access(&broken).expect("validation cannot see it");
    let here = AgencyId::fresh(&Ambient::system());
    let refused =
        access.permit::<SeeKite>(&caller(here, &[]), kite(here, Grants::NONE), &purpose());
    assert!(refused.is_err());
}

#[test]
fn a_mistake_is_told_with_file_and_line() {
    for (text, says) in [
        (
            "@id(\"x\")\npermit (principal, action, resource)\nwhen { resource.colour == \"red\" };",
            "kites/policy.cedar:3",
        ),
        (
            "@id(\"x\")\npermit (principal, action == Action::\"kites.fly\", resource);",
            "kites/policy.cedar:2",
        ),
        ("permit (principal action);", "kites/policy.cedar:1"),
        ("permit (principal, action, resource);", "needs a name"),
        (
            "@id(\"x\")\npermit (principal, action, resource);\n@id(\"x\")\nforbid (principal, action, resource);",
            "two policies",
        ),
    ] {
        let fault = access(text).expect_err(text).to_string();
        assert!(fault.contains(says), "{fault}");
    }
}

#[test]
fn classes_have_the_same_number_in_every_database() {
    let owner = AgencyId::parse("agency_00000000000000000000000001").expect("an id");
    assert_eq!(
        AccessClass::ordinary(Kite::NAME, Some(owner)).id(),
        AccessClass::ordinary(Kite::NAME, Some(owner)).id()
    );
    assert_ne!(
        AccessClass::ordinary(Kite::NAME, Some(owner)).id(),
        AccessClass::ordinary(Kite::NAME, None).id()
    );
}
