//! The server's jobs: done by the runner, and seen by an administrator.

use clearpicture_app::jobs::run_jobs;
use clearpicture_app::shell::session::Stage;
use clearpicture_store::JobState;
use tokio::sync::watch;

use crate::support::{TestApp, a_worker};

#[tokio::test]
async fn the_declared_jobs_are_done_and_an_administrator_sees_them() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let amal = a_worker("amal").of(agency).role("administrator");
    let amal = test.worker(amal).await;
    let other = test.worker(a_worker("wren").of(agency)).await;

    let mut administrator = test.signed_in(amal, Stage::Full).await;
    let page = administrator.get("/jobs").await;
    assert!(page.words().contains("It has not run yet."));

    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(run_jobs(test.app.clone(), stopping));
    // Others are asked for by what people do.
    let declared = test.app.jobs().filter(|job| job.every.is_some()).count();
    let waited = std::time::Instant::now();
    let done = async || test.store().jobs(Some(JobState::Done), 50).await;
    for _ in 0..20_000 {
        if done().await.expect("read").len() >= declared {
            break;
        }
        let late = waited.elapsed() > std::time::Duration::from_secs(20);
        assert!(!late, "not done: {:?}", test.store().jobs(None, 50).await);
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    running.await.expect("the runner stops");

    let page = administrator.get("/jobs").await;
    let said = page.words();
    for words in ["Seal history every minute", "seals set", "no folder is set"] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
    let asked_for = test.app.jobs().count() - declared;
    let not_yet = said.matches("It has not run yet.").count();
    assert_eq!(not_yet, asked_for, "{said}");
    let mut practitioner = test.signed_in(other, Stage::Full).await;
    assert_eq!(practitioner.get("/jobs").await.status, 403);
}
