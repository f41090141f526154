//! Someone who can write to the database, and has no key, tries to become someone else.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::Digest;
use sea_orm::ConnectionTrait as _;

use crate::support::{TestApp, a_worker};

#[tokio::test]
async fn a_role_raised_in_the_table_gains_nothing() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let amal = test.worker(a_worker("amal").of(agency)).await;
    let wren = test.worker(a_worker("wren").of(agency)).await;
    let mut browser = test.signed_in(amal, Stage::Full).await;
    let mut colleague = test.signed_in(wren, Stage::Full).await;
    assert_eq!(browser.get("/jobs").await.status, 403);
    let behind = test.behind().await;
    for raised in [
        "roles = 'administrator'",
        "vetted_until = 4000000000000000",
        "teams = 'team_00000000000000000000000001'",
        "agency_id = 'agency_00000000000000000000000009'",
    ] {
        let column = raised.split(' ').next().expect("a column");
        let aside =
            format!("CREATE TABLE aside AS SELECT {column} FROM worker WHERE id = '{amal}'");
        behind.execute_unprepared(&aside).await.expect("kept aside");
        let raise = format!("UPDATE worker SET {raised} WHERE id = '{amal}'");
        behind.execute_unprepared(&raise).await.expect("raised");
        for path in ["/jobs", "/", "/people"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 500, "{raised}: {path}");
            assert!(!page.text.contains("Amal Example"), "{raised}: {path}");
        }
        // Nobody else is kept from their work.
        assert_eq!(colleague.get("/").await.status, 200);
        let back = format!(
            "UPDATE worker SET {column} = (SELECT {column} FROM aside) WHERE id = '{amal}'"
        );
        behind.execute_unprepared(&back).await.expect("put back");
        behind
            .execute_unprepared("DROP TABLE aside")
            .await
            .expect("dropped");
        assert_eq!(browser.get("/").await.status, 200, "{raised}");
    }
}

#[tokio::test]
async fn a_session_planted_or_altered_in_the_table_opens_nothing() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let amal = test.worker(a_worker("amal").of(agency)).await;
    let wren = test
        .worker(a_worker("wren").of(agency).role("administrator"))
        .await;
    let behind = test.behind().await;

    // One's own session, made another's; then one that only knows the password, made a full one.
    for (stage, altered) in [
        (Stage::Full, format!("worker_id = '{wren}'")),
        (Stage::Password, "stage = 'full'".to_owned()),
        (Stage::Full, "created_at = created_at + 1".to_owned()),
        (Stage::Full, "proof = ''".to_owned()),
    ] {
        let mut browser = test.signed_in(amal, stage).await;
        let alter = format!("UPDATE session SET {altered}");
        behind.execute_unprepared(&alter).await.expect("altered");
        let page = browser.get("/").await;
        assert!(page.location().starts_with("/sign-in"), "{altered}");
        behind
            .execute_unprepared("DELETE FROM session")
            .await
            .expect("cleared");
    }

    // One planted under a token of the planter's own choosing, beside a row that the program made.
    test.signed_in(wren, Stage::Full).await;
    let token = "A".repeat(43);
    for id in [
        Digest::of_parts(&[b"clearpicture.session", token.as_bytes()]).to_string(),
        Digest::of(token.as_bytes()).to_string(),
    ] {
        let plant = format!(
            "INSERT INTO session SELECT '{id}', worker_id, stage, purpose, notice, created_at, seen_at, proof \
             FROM session LIMIT 1"
        );
        behind.execute_unprepared(&plant).await.expect("planted");
    }
    let mut planter = test.visitor();
    planter.take_cookie("clearpicture", &token);
    let page = planter.get("/jobs").await;
    assert!(page.location().starts_with("/sign-in"), "{}", page.text);
}

#[tokio::test]
async fn a_list_taken_as_a_file_leaves_a_row_each_time() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let amal = test.worker(a_worker("amal").of(agency)).await;
    let mut browser = test.signed_in(amal, Stage::Full).await;
    for _ in 0..2 {
        let file = browser.get("/feeds.csv").await;
        assert_eq!(file.status, 200);
        assert!(file.text.contains("Taken by Amal Example"), "{}", file.text);
    }
    let behind = test.behind().await;
    let rows =
        "SELECT looker FROM read_log WHERE record_id = 'list:feed-register' AND kind = 'feed'";
    let rows = behind
        .query_all_raw(sea_orm::Statement::from_string(
            behind.get_database_backend(),
            rows,
        ))
        .await
        .expect("read");
    assert_eq!(rows.len(), 2);
    for row in rows {
        let looker: String = row.try_get("", "looker").expect("text");
        assert_eq!(looker, amal.to_string());
    }
    let verified = test.store().verify().await.expect("whole");
    assert_eq!(verified.looks, 2);
}
