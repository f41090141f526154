//! What is typed is text, wherever it is shown.

use crate::support::TestApp;
use crate::support::northwater::{northwater, person};

const SCRIPT: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn script_in_every_text_field_is_harmless() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let mut pages = Vec::new();
    let agency_fields = ["name", "code", "kind", "duty_number", "active", "reason"];
    let worker_fields = [
        "name",
        "email",
        "phone",
        "roles[]",
        "teams[]",
        "vetted_day",
        "vetted_month",
        "vetted_year",
        "trained_day",
        "trained_month",
        "trained_year",
        "active",
        "reason",
    ];
    for (path, names) in [
        ("/agencies/new", &agency_fields[..]),
        ("/people/new", &worker_fields[..]),
        (&format!("/agencies/{agency}/edit"), &agency_fields[..]),
    ] {
        let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, SCRIPT)).collect();
        fields.push(("version", "1"));
        let reply = wren.post(path, &fields).await;
        assert_eq!(reply.status, 422, "{path}");
        pages.push(reply);
    }
    let named = [
        ("version", "1"),
        ("name", SCRIPT),
        ("kind", "council"),
        ("reason", SCRIPT),
    ];
    assert_eq!(
        wren.post(&format!("/agencies/{agency}/edit"), &named)
            .await
            .status,
        303
    );
    let team = [("version", "0"), ("name", SCRIPT)];
    wren.post(&format!("/agencies/{agency}/teams/new"), &team)
        .await;
    let added = wren
        .post(
            "/people/new",
            &person("0", SCRIPT, "amal.osei@northwater.example"),
        )
        .await;
    let person_page = added.location().to_owned();
    let query: String = url::form_urlencoded::byte_serialize(SCRIPT.as_bytes()).collect();
    for path in [
        "/agencies".to_owned(),
        format!("/agencies/{agency}"),
        format!("/agencies/{agency}/edit"),
        format!("/agencies/{agency}/history"),
        format!("/agencies/{agency}/history?person={query}&field={query}&as-at={query}"),
        "/people".to_owned(),
        format!("/people?agency={query}"),
        person_page.clone(),
        format!("{person_page}/edit"),
        format!("{person_page}/history?day={query}&month={query}&year={query}"),
    ] {
        let page = wren.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        pages.push(page);
    }
    for page in pages {
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
}
