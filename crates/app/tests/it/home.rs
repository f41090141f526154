//! The home page, and the page that says what one's role lets one do.

use clearpicture_app::shell::session::Stage;

use crate::support::{TestApp, a_worker};

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in() {
    let test = TestApp::start().await;
    assert_eq!(
        test.visitor().get("/").await.location(),
        "/sign-in?next=%2F"
    );
}

#[tokio::test]
async fn home_says_what_stands_in_the_way_and_what_can_be_used() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let ready = test.worker(a_worker("amal").of(agency)).await;
    let unready = test.worker(a_worker("wren").of(agency).unvetted()).await;
    let page = test.signed_in(ready, Stage::Full).await.get("/").await;
    assert!(page.words().contains("Feeds"), "{}", page.words());
    assert!(!page.words().contains("out of date"));
    let page = test.signed_in(unready, Stage::Full).await.get("/").await;
    assert!(
        page.words()
            .contains("Your vetting is out of date or not recorded")
    );
    assert!(page.words().contains("Ask whoever manages accounts"));
}

#[tokio::test]
async fn the_table_of_access_is_policys() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let row = |page: &str, about: &str| {
        let rest = page.split(about).nth(1).unwrap_or_default();
        rest.split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let about = "Give a new person their first set-up code.";
    for (name, role, expected) in [
        // In another agency the first person alone.
        ("ada", "administrator", "Yes Yes"),
        ("amal", "practitioner", "No No"),
    ] {
        let worker = test.worker(a_worker(name).of(agency).role(role)).await;
        let page = test
            .signed_in(worker, Stage::Full)
            .await
            .get("/access")
            .await;
        assert_eq!(row(&page.words(), about), expected, "{role}");
    }
}
