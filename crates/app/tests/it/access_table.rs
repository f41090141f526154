//! Who may do what, as one table that is read and approved: persona by action.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clearpicture_access::{AccessClass, ActionSpec, Caller, Grants, Identity, Sensitivity};
use clearpicture_app::App;
use clearpicture_kernel::{AgencyId, Code, TypedId as _, WorkerId};

use crate::support::TestApp;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/access.txt");

/// The situations of one cell, in order, each with the letter that says it is allowed.
const SITUATIONS: [(char, Whose, Sensitivity, Grants); 6] = [
    ('o', Whose::Own, Sensitivity::Ordinary, Grants::NONE),
    ('r', Whose::Own, Sensitivity::Restricted, Grants::NONE),
    ('s', Whose::Own, Sensitivity::Sensitive, Grants::NONE),
    ('O', Whose::Other, Sensitivity::Ordinary, Grants::NONE),
    (
        'i',
        Whose::Other,
        Sensitivity::Restricted,
        Grants {
            involved: true,
            break_glass: false,
            barred: false,
        },
    ),
    (
        'g',
        Whose::Other,
        Sensitivity::Restricted,
        Grants {
            involved: false,
            break_glass: true,
            barred: false,
        },
    ),
];

#[derive(Clone, Copy)]
enum Whose {
    Own,
    Other,
}

fn agency(last: char) -> AgencyId {
    AgencyId::parse(&format!("agency_0000000000000000000000000{last}")).expect("an id")
}

fn persona(app: &App, name: &str, roles: &[&str], ready: bool) -> (String, Caller, Code) {
    let roles: BTreeSet<Code> = roles
        .iter()
        .map(|role| Code::parse(role).expect("a code"))
        .collect();
    let purpose = app
        .practice()
        .first_purpose(&roles)
        .map(|purpose| purpose.code.clone());
    let caller = Caller {
        identity: Identity::Worker(WorkerId::fresh(app.ambient())),
        agency: Some(agency('1')),
        teams: BTreeSet::new(),
        roles,
        ready,
    };
    let exchange = Code::parse("data-exchange").expect("a code");
    (name.to_owned(), caller, purpose.unwrap_or(exchange))
}

fn personas(app: &App) -> Vec<(String, Caller, Code)> {
    let mut all: Vec<_> = app
        .practice()
        .roles
        .iter()
        .map(|role| persona(app, role.code.as_str(), &[role.code.as_str()], true))
        .collect();
    all.push(persona(
        app,
        "practitioner, not ready",
        &["practitioner"],
        false,
    ));
    all.push(persona(app, "no role", &[], true));
    all.push(persona(app, "token feeds:read", &["api-feeds-read"], true));
    all.push(persona(
        app,
        "token feeds:write",
        &["api-feeds-write"],
        true,
    ));
    all.push(persona(
        app,
        "token loads:write",
        &["api-loads-write"],
        true,
    ));
    all
}

fn cell(app: &App, caller: &Caller, purpose: &Code, action: ActionSpec) -> String {
    let Some(purpose) = app
        .practice()
        .purpose(purpose)
        .map(|purpose| purpose.purpose())
    else {
        return "?".to_owned();
    };
    let allowed: String = SITUATIONS
        .iter()
        .filter(|(_, whose, sensitivity, grants)| {
            let owner = match whose {
                Whose::Own => agency('1'),
                Whose::Other => agency('2'),
            };
            let class = AccessClass {
                sensitivity: *sensitivity,
                ..AccessClass::ordinary(action.kind.name, Some(owner))
            };
            app.access()
                .would_allow(action, caller, &purpose, &class, *grants)
        })
        .map(|(letter, ..)| *letter)
        .collect();
    if allowed.is_empty() {
        "-".to_owned()
    } else {
        allowed
    }
}

/// The table as it is approved. Run with `CLEARPICTURE_APPROVE=1` to write it anew, then read the change.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "reads, or on request writes, the approved table"
)]
async fn everyone_may_do_what_the_approved_table_says_and_nothing_else() {
    let app = TestApp::start().await.app;
    let personas = personas(&app);
    let mut table = String::from(
        "Who may do what. Own agency's record: o ordinary, r restricted, s sensitive.\n\
         Another agency's: O ordinary; i restricted and involved; g restricted and the glass broken.\n",
    );
    let actions: BTreeSet<ActionSpec> = app
        .capabilities()
        .iter()
        .flat_map(|one| one.actions.iter().copied())
        .collect();
    for action in &actions {
        let _ = write!(table, "\n{} ({})\n", action.name, action.about);
        for (name, caller, purpose) in &personas {
            let _ = writeln!(
                table,
                "  {name:<24} {}",
                cell(&app, caller, purpose, *action)
            );
        }
    }
    if std::env::var_os("CLEARPICTURE_APPROVE").is_some() {
        std::fs::create_dir_all(Path::new(GOLDEN).parent().expect("a folder")).expect("made");
        std::fs::write(GOLDEN, &table).expect("written");
    }
    let approved = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(
        approved == table,
        "access has changed: read the difference, and if it is meant, run this test with CLEARPICTURE_APPROVE=1\n{}",
        difference(&approved, &table)
    );
}

/// A bar outranks every permission, of every persona, for every action.
#[tokio::test]
async fn nobody_passes_a_bar() {
    let app = TestApp::start().await.app;
    let barred = Grants {
        involved: true,
        break_glass: true,
        barred: true,
    };
    for (name, caller, purpose) in personas(&app) {
        let purpose = app
            .practice()
            .purpose(&purpose)
            .expect("a purpose")
            .purpose();
        for action in app.capabilities().iter().flat_map(|one| &one.actions) {
            for sensitivity in [
                Sensitivity::Ordinary,
                Sensitivity::Restricted,
                Sensitivity::Sensitive,
            ] {
                let class = AccessClass {
                    sensitivity,
                    ..AccessClass::ordinary(action.kind.name, Some(agency('1')))
                };
                assert!(
                    !app.access()
                        .would_allow(*action, &caller, &purpose, &class, barred),
                    "{name} may {}",
                    action.name
                );
            }
        }
    }
}

fn difference(approved: &str, now: &str) -> String {
    let known: BTreeSet<&str> = approved.lines().collect();
    let found: BTreeSet<&str> = now.lines().collect();
    let gone = known.difference(&found).map(|line| format!("- {line}"));
    let new = found.difference(&known).map(|line| format!("+ {line}"));
    gone.chain(new).collect::<Vec<_>>().join("\n")
}

use std::path::Path;
