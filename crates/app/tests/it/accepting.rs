//! What follows when a file is accepted follows for certain: the decision and the job that takes the file in are one change.

use sea_orm::ConnectionTrait as _;

use crate::children::{Borough, at_school, in_care, look, pictures, version};

#[tokio::test]
async fn a_file_is_accepted_with_the_job_that_takes_it_in_or_not_at_all() {
    let school = [at_school("a", "Amara", "Okoro", "2011-12-13")];
    let borough = Borough::with(&[], &school).await;
    let care = [in_care("1", "Amara", "Okoro", "2011-12-13")];
    let id = borough.care_sends(&care).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let page = format!("/loads/{id}");
    let take = |version: &str| {
        [
            ("version", version.to_owned()),
            ("decision", "take".to_owned()),
            ("day", "21".to_owned()),
            ("month", "11".to_owned()),
            ("year", "2026".to_owned()),
        ]
    };
    let behind = borough.test.behind().await;
    // No job can be asked for: as if the server were gone between the two.
    let gone = "CREATE TRIGGER gone BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'gone'); END";
    behind.execute_unprepared(gone).await.expect("gone");
    let seen = version(&ann.get(&page).await);
    let decide = format!("{page}/decide");
    let form = take(&seen);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, of)| (*name, of.as_str())).collect();
    assert_eq!(ann.post(&decide, &form).await.status, 500);
    let back = "DROP TRIGGER gone";
    behind.execute_unprepared(back).await.expect("back");

    // It waits as it did, so that it can be accepted again.
    let waits = ann.get(&page).await;
    assert_eq!(version(&waits), seen);
    let accepted = ann.post(&decide, &form).await;
    assert_eq!(accepted.status, 303, "{}", accepted.words());
    // And nothing else is needed for it to be taken in and linked.
    borough.does("link-what-is-new").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let found = look(&mut grace, "Okoro", ["", "", ""]).await;
    let found = pictures(&found);
    assert_eq!(found.len(), 1, "{found:?}");
    let picture = grace.get(&found[0]).await.words();
    assert!(picture.contains("2 sources, which agree"), "{picture}");
}
