//! Sign-in slows, and never locks out (safety rule 18).

use clearpicture_app::state::Serving;

use crate::support::{PASSWORD, Reply, SECRET, TestApp, Visitor, a_worker};

const AMAL: &str = "amal@northwater.example";

/// Amal, who can sign in; addresses are told by `x-forwarded-for`.
async fn amal() -> TestApp {
    let test = TestApp::serving(Serving {
        behind_proxy: true,
        ..Serving::default()
    })
    .await;
    let agency = test.agency("northwater-council").await;
    let worker = test.worker(a_worker("amal").of(agency)).await;
    test.ready_account(worker).await;
    test
}

fn from(test: &TestApp, address: &str) -> Visitor {
    test.visitor().with_header("x-forwarded-for", address)
}

async fn tries(visitor: &mut Visitor, email: &str, password: &str) -> Reply {
    visitor.get("/sign-in").await;
    let form = [("email", email), ("password", password)];
    visitor.post("/sign-in", &form).await
}

fn wait(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 429, "{}", reply.words());
    let seconds = reply.headers.get("retry-after").expect("how long");
    seconds.to_str().expect("plain").parse().expect("a number")
}

#[tokio::test]
async fn wrong_passwords_wait_longer_and_longer_and_never_for_ever() {
    let test = amal().await;
    let mut stranger = from(&test, "192.0.2.1");
    for _ in 0..3 {
        assert_eq!(tries(&mut stranger, AMAL, "wrong").await.status, 200);
    }
    for expected in [1, 2, 4, 8, 15, 15] {
        let slowed = tries(&mut stranger, AMAL, PASSWORD).await;
        assert_eq!(wait(&slowed), expected);
        assert!(
            slowed.words().contains("Nothing is locked"),
            "{}",
            slowed.words()
        );
        test.pass_seconds(i64::try_from(expected).expect("small"));
        assert_eq!(tries(&mut stranger, AMAL, "wrong").await.status, 200);
    }
    test.pass_seconds(15);
    assert_eq!(
        tries(&mut stranger, AMAL, PASSWORD).await.status,
        303,
        "the right one is let on"
    );
}

#[tokio::test]
async fn strangers_failures_never_hold_up_a_known_device() {
    let test = amal().await;
    let mut amal = from(&test, "198.51.100.7");
    test.sign_in(&mut amal, AMAL).await;
    amal.post("/sign-out", &[]).await;
    // From the same address too, as behind one office's router.
    for address in ["192.0.2.1", "198.51.100.7"] {
        let mut stranger = from(&test, address);
        for _ in 0..3 {
            tries(&mut stranger, AMAL, "wrong").await;
        }
        wait(&tries(&mut stranger, AMAL, "wrong").await);
    }
    assert_eq!(tries(&mut amal, AMAL, PASSWORD).await.status, 303);
    // Nor does a new device at another address wait.
    assert_eq!(
        tries(&mut from(&test, "203.0.113.9"), AMAL, PASSWORD)
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn one_address_that_tries_many_accounts_is_slowed() {
    let test = amal().await;
    let mut stranger = from(&test, "192.0.2.1");
    for number in 0..20 {
        let email = format!("nobody{number}@northwater.example");
        assert_eq!(tries(&mut stranger, &email, "wrong").await.status, 200);
    }
    assert_eq!(wait(&tries(&mut stranger, AMAL, "wrong").await), 1);
    test.pass_minutes(61);
    assert_eq!(
        tries(&mut stranger, AMAL, "wrong").await.status,
        200,
        "forgotten after an hour"
    );
}

#[tokio::test]
async fn claims_before_our_own_proxys_are_not_believed() {
    let test = amal().await;
    for number in 0..3 {
        let mut stranger = from(&test, &format!("10.0.0.{number}, 192.0.2.1"));
        assert_eq!(tries(&mut stranger, AMAL, "wrong").await.status, 200);
    }
    wait(&tries(&mut from(&test, "10.0.0.9, 192.0.2.1"), AMAL, "wrong").await);
}

#[tokio::test]
async fn guessed_codes_of_strangers_share_one_long_wait() {
    let test = amal().await;
    let mut known = from(&test, "198.51.100.7");
    test.sign_in(&mut known, AMAL).await;
    known.post("/sign-out", &[]).await;
    test.pass_minutes(1);
    let mut longest = 0;
    for number in 0..14 {
        let mut stranger = from(&test, &format!("192.0.2.{number}"));
        tries(&mut stranger, AMAL, PASSWORD).await;
        let reply = stranger.post("/sign-in/code", &[("code", "000000")]).await;
        if reply.status == 429 {
            longest = wait(&reply);
            test.pass_seconds(i64::try_from(longest).expect("small"));
            stranger.post("/sign-in/code", &[("code", "000000")]).await;
        }
    }
    assert_eq!(longest, 300);
    tries(&mut known, AMAL, PASSWORD).await;
    let code = test.code(SECRET);
    let done = known
        .post("/sign-in/code", &[("code", code.as_str())])
        .await;
    assert_eq!(done.status, 303, "a known device waits for none of it");
}

#[tokio::test]
async fn many_at_once_are_hardly_better_than_one() {
    let test = amal().await;
    let mut checked = 0;
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut stranger = from(&test, "192.0.2.1");
        guesses.spawn(async move { tries(&mut stranger, AMAL, "wrong").await.status });
    }
    while let Some(status) = guesses.join_next().await {
        checked += u32::from(status.expect("answered") == 200);
    }
    assert_eq!(checked, 3);
}
