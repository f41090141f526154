//! Whoever a source restricts stays protected whatever else it says of them, and whatever it says wrongly.

use std::io::Cursor;

use clearpicture_ingest::{Asked, Heard, Profile, read};
use serde_json::{Value, json};

use crate::support::shipped;

/// Whether a patient with these labels is protected.
fn protects(labels: &Value) -> bool {
    let patient = json!({
        "resourceType": "Patient",
        "id": "p1",
        "meta": { "security": labels },
        "name": [{ "use": "usual", "given": ["Ada"], "family": "Marsh" }],
        "birthDate": "2014-07-28",
    });
    let (mut told, mut protects) = (0, false);
    let bytes = patient.to_string().into_bytes();
    let done = read(
        Cursor::new(bytes),
        &shipped(),
        &Asked::to_keep(),
        &mut |heard| {
            if let Heard::Told(one) = heard {
                told += 1;
                protects |= one.facts.iter().any(clearpicture_kernel::Fact::protects);
            }
        },
    );
    done.expect("read");
    assert_eq!(told, 1, "{labels}");
    protects
}

#[test]
fn any_restriction_among_a_patients_labels_protects_and_an_unknown_code_does() {
    let of = |codes: &[&str]| {
        let labels = codes.iter().map(|code| json!({ "code": code }));
        labels.collect::<Value>()
    };
    for open in [&["U"][..], &["N"], &["U", "U"], &["L", "U"], &[]] {
        assert!(!protects(&of(open)), "{open:?}");
    }
    let closed = [
        &["R"][..],
        &["V"],
        &["REDACTED"],
        &["S"],
        &["U", "R"],
        &["R", "U"],
        &["U", "S"],
        &["U", "U", "V"],
        &["anything"],
        &["#N/A"],
    ];
    for closed in closed {
        assert!(protects(&of(closed)), "{closed:?}");
    }
    assert!(
        protects(&json!([{ "code": "U" }, { "display": "restricted" }])),
        "a label without a code"
    );
}

#[test]
fn a_profile_by_which_protection_could_fail_open_is_refused() {
    let profile = |column: &str, fact: &str| {
        let text = format!(
            r#"
            name = "people"
            title = "People"
            format = "table"
            extract = "full"
            subjects = "people"
            [[table]]
            key = ["Id"]
            person = "Id"
            [[table.column]]
            name = "Id"
            type = "text"
            required = true
            [[table.column]]
            name = "Secret"
            {column}
            [[table.fact]]
            {fact}
            "#
        );
        Profile::parse("people.toml", &text).map(|_| ())
    };
    let protects = r#"says = "protection"
            with = { code = "Secret" }"#;
    let whole = r#"type = "code"
            means = "confidentiality"
            codes = { "U" = "unrestricted", "R" = "restricted" }"#;
    profile(whole, protects).expect("a whole profile");
    for (column, fact, because) in [
        (
            r#"type = "code"
            means = "confidentiality"
            codes = { "U" = "unrestricted", "R" = "restricted", "X" = "redacted" }"#,
            protects,
            "nothing else",
        ),
        (
            r#"type = "text"
            means = "confidentiality""#,
            protects,
            "of type code",
        ),
        (
            r#"type = "code"
            codes = { "U" = "unrestricted", "R" = "restricted" }"#,
            protects,
            "must protect",
        ),
        (
            whole,
            r#"says = "identifier"
            with = { scheme = { is = "own" }, value = "Id" }"#,
            "no fact `protection`",
        ),
    ] {
        let refused = profile(column, fact).expect_err(because).to_string();
        assert!(refused.contains(because), "{refused}");
    }
}
