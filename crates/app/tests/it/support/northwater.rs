//! Northwater Council, its administrator, and the forms she fills in.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::{AgencyId, WorkerId};

use super::{TestApp, Visitor, a_worker};

/// Northwater Council with its administrator, who is signed in.
pub(crate) async fn northwater(test: &TestApp) -> (AgencyId, WorkerId, Visitor) {
    let agency = test.agency("northwater-council").await;
    let wren = a_worker("wren").of(agency).role("administrator");
    let wren = test.worker(wren).await;
    let visitor = test.signed_in(wren, Stage::Full).await;
    (agency, wren, visitor)
}

/// The version that the form on a page carries.
pub(crate) fn version(text: &str) -> String {
    let rest = text.split("name=\"version\" value=\"").nth(1);
    let version = rest.and_then(|rest| rest.split('"').next());
    version.expect("the form carries a version").to_owned()
}

#[track_caller]
pub(crate) fn assert_holds(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "no `{part}` in: {words}");
    }
}

/// The fields of Northwater Council's form.
pub(crate) fn council<'a>(version: &'a str, number: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("version", version),
        ("name", "Northwater"),
        ("kind", "council"),
        ("duty_number", number),
    ]
}

/// The fields of a person's form.
pub(crate) fn person<'a>(
    version: &'a str,
    name: &'a str,
    email: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", version),
        ("name", name),
        ("email", email),
        ("phone", "01632 960123"),
        ("roles[]", "practitioner"),
        ("vetted_day", "31"),
        ("vetted_month", "March"),
        ("vetted_year", "2027"),
        ("trained_day", "30"),
        ("trained_month", "9"),
        ("trained_year", "2027"),
        ("active", "yes"),
    ]
}
