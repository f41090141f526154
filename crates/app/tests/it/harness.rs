//! What the harness itself promises.

use clearpicture_app::shell::session::{IDLE_MINUTES, Stage};

use crate::support::{TestApp, a_worker};

#[tokio::test]
async fn a_visitor_keeps_the_cookie_that_was_given() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let worker = test.worker(a_worker("amal").of(agency)).await;
    let mut stranger = test.visitor();
    stranger.get("/no-such-page").await;
    assert!(stranger.cookie("clearpicture").is_some());
    let mut amal = test.signed_in(worker, Stage::Full).await;
    let page = amal.get("/no-such-page").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("Amal Example"), "{}", page.text);
    test.pass_minutes(IDLE_MINUTES + 1);
    assert!(
        !amal
            .get("/no-such-page")
            .await
            .text
            .contains("Amal Example")
    );
}
