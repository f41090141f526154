//! Signing in and out, and everything that must not come of it.

use clearpicture_app::shell::session::{IDLE_MINUTES, LONGEST_HOURS, Stage};
use clearpicture_kernel::WorkerId;

use crate::support::{PASSWORD, Reply, SECRET, TestApp, Visitor, a_worker};

const AMAL: &str = "amal@northwater.example";

/// Amal, who can sign in.
async fn amal() -> (TestApp, WorkerId) {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let worker = test.worker(a_worker("amal").of(agency)).await;
    test.ready_account(worker).await;
    (test, worker)
}

/// Types an address and a password at the door.
async fn tries(visitor: &mut Visitor, email: &str, password: &str) -> Reply {
    visitor.get("/sign-in").await;
    let form = [("email", email), ("password", password)];
    visitor.post("/sign-in", &form).await
}

/// A page without what differs from visitor to visitor.
fn comparable(reply: &Reply, visitor: &Visitor, email: &str) -> (u16, String) {
    let text = reply.text.replace(&visitor.csrf(), "(token)");
    (reply.status, text.replace(email, "(email)"))
}

async fn is_signed_in(visitor: &mut Visitor) -> bool {
    visitor.get("/account").await.status == 200
}

#[tokio::test]
async fn a_password_and_a_code_let_someone_in() {
    let (test, _) = amal().await;
    let mut visitor = test.visitor();
    let asked = visitor.get("/account").await;
    assert_eq!(asked.location(), "/sign-in?next=%2Faccount");
    let before = visitor.cookie("clearpicture").map(ToOwned::to_owned);
    let form = [
        ("email", " Amal@Northwater.example "),
        ("password", PASSWORD),
        ("next", "/account"),
    ];
    let half = visitor.post("/sign-in", &form).await;
    assert_eq!(half.location(), "/sign-in/code?next=%2Faccount");
    assert_eq!(
        visitor.get("/account").await.status,
        303,
        "the password alone opens nothing"
    );
    let half_cookie = visitor.cookie("clearpicture").map(ToOwned::to_owned);
    assert_eq!(visitor.get(half.location()).await.status, 200);
    let code = test.code(SECRET);
    let done = visitor
        .post(
            "/sign-in/code",
            &[("code", code.as_str()), ("next", "/account")],
        )
        .await;
    assert_eq!((done.status, done.location()), (303, "/account"));
    let page = visitor.get("/account").await;
    assert!(
        page.words().contains("Amal Example, practitioner"),
        "{}",
        page.words()
    );
    let after = visitor.cookie("clearpicture").map(ToOwned::to_owned);
    assert_ne!(before, half_cookie);
    assert_ne!(half_cookie, after, "every step has a token of its own");
    let cookies: Vec<_> = done.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 2, "the session and the device");
    for cookie in cookies {
        let cookie = cookie.to_str().expect("plain");
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    }
}

#[tokio::test]
async fn nothing_tells_whether_an_account_is_there() {
    let (test, _) = amal().await;
    let agency = test.agency("northwater-council").await;
    let gone = test.worker(a_worker("gone").of(agency).inactive()).await;
    let new = test.worker(a_worker("new").of(agency)).await;
    assert_ne!(gone, new);
    let mut pages = Vec::new();
    for email in [
        AMAL,
        "nobody@northwater.example",
        "gone@northwater.example",
        "new@northwater.example",
    ] {
        let mut visitor = test.visitor();
        let reply = tries(&mut visitor, email, "not the right password").await;
        pages.push(comparable(&reply, &visitor, email));
    }
    assert!(pages[0].1.contains("is not right"));
    assert!(
        pages.iter().all(|page| *page == pages[0]),
        "one answer to all four"
    );
}

#[tokio::test]
async fn a_code_is_refused_only_when_used_twice_in_one_account() {
    let (test, _) = amal().await;
    let agency = test.agency("northwater-council").await;
    let wren = test.worker(a_worker("wren").of(agency)).await;
    test.ready_account(wren).await;
    let mut first = test.visitor();
    assert_eq!(test.sign_in(&mut first, AMAL).await.location(), "/account");
    let code = test.code(SECRET);
    let mut second = test.visitor();
    tries(&mut second, AMAL, PASSWORD).await;
    let again = second
        .post("/sign-in/code", &[("code", code.as_str())])
        .await;
    assert!(again.words().contains("has been used"), "{}", again.words());
    assert!(!is_signed_in(&mut second).await);
    let mut other = test.visitor();
    tries(&mut other, "wren@northwater.example", PASSWORD).await;
    let fine = other
        .post("/sign-in/code", &[("code", code.as_str())])
        .await;
    assert_eq!(
        fine.location(),
        "/",
        "the same digits in another account are another code"
    );
    test.pass_seconds(30);
    let next = test.code(SECRET);
    assert_eq!(
        second
            .post("/sign-in/code", &[("code", next.as_str())])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a_wrong_code_is_told_with_a_way_on() {
    let (test, _) = amal().await;
    let mut visitor = test.visitor();
    tries(&mut visitor, AMAL, PASSWORD).await;
    for wrong in ["not a code", "", "<script>alert(1)</script>"] {
        let reply = visitor.post("/sign-in/code", &[("code", wrong)]).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text.contains("govuk-error-summary"));
        assert!(reply.text.contains("Error: Enter your code"));
        assert!(!reply.text.contains("<script>alert"));
    }
    test.pass_minutes(11);
    let late = visitor.get("/sign-in/code").await;
    assert!(
        late.location().starts_with("/sign-in?next="),
        "the password is asked again after ten minutes"
    );
}

#[tokio::test]
async fn a_planted_session_is_worth_nothing() {
    let (test, _) = amal().await;
    let planted = "A".repeat(43);
    let mut victim = test.visitor();
    victim.take_cookie("clearpicture", &planted);
    victim.take_cookie("clearpicture-device", &planted);
    assert_eq!(test.sign_in(&mut victim, AMAL).await.location(), "/account");
    assert_ne!(victim.cookie("clearpicture"), Some(planted.as_str()));
    assert_ne!(victim.cookie("clearpicture-device"), Some(planted.as_str()));
    let mut attacker = test.visitor();
    attacker.take_cookie("clearpicture", &planted);
    assert!(!is_signed_in(&mut attacker).await);
    assert!(is_signed_in(&mut victim).await);
}

#[tokio::test]
async fn forms_come_from_their_own_page_or_not_at_all() {
    let (test, worker) = amal().await;
    let mut amal = test.signed_in(worker, Stage::Full).await;
    let mut other = test.visitor();
    other.get("/sign-in").await;
    for token in [
        None,
        Some("forged".to_owned()),
        Some(other.csrf()),
        Some(String::new()),
    ] {
        let mut fields = vec![];
        if let Some(token) = &token {
            fields.push(("csrf_token", token.as_str()));
        }
        for path in [
            "/sign-out",
            "/sign-out-everywhere",
            "/purpose",
            "/account/password",
            "/sign-in",
        ] {
            let reply = amal.post_bare(path, &fields).await;
            assert_eq!(reply.status, 403, "{path} takes {token:?}");
        }
    }
    let mut elsewhere = test
        .signed_in(worker, Stage::Full)
        .await
        .with_header("sec-fetch-site", "cross-site");
    assert_eq!(elsewhere.post("/sign-out", &[]).await.status, 403);
    assert!(is_signed_in(&mut amal).await);
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_after_twelve_hours_anyway() {
    let (test, worker) = amal().await;
    let mut idle = test.signed_in(worker, Stage::Full).await;
    test.pass_minutes(IDLE_MINUTES);
    assert!(is_signed_in(&mut idle).await);
    test.pass_minutes(IDLE_MINUTES + 1);
    assert!(!is_signed_in(&mut idle).await);
    let mut busy = test.signed_in(worker, Stage::Full).await;
    for _ in 0..LONGEST_HOURS * 3 {
        test.pass_minutes(20);
        assert!(is_signed_in(&mut busy).await);
    }
    test.pass_minutes(1);
    assert!(!is_signed_in(&mut busy).await);
}

#[tokio::test]
async fn signing_out_ends_one_session_and_everywhere_ends_all() {
    let (test, worker) = amal().await;
    let mut desk = test.signed_in(worker, Stage::Full).await;
    let mut phone = test.signed_in(worker, Stage::Full).await;
    let mut car = test.signed_in(worker, Stage::Full).await;
    let old = desk.cookie("clearpicture").expect("a session").to_owned();
    assert_eq!(desk.post("/sign-out", &[]).await.location(), "/sign-in");
    assert!(!is_signed_in(&mut desk).await);
    desk.take_cookie("clearpicture", &old);
    assert!(
        !is_signed_in(&mut desk).await,
        "the old token is worth nothing"
    );
    assert!(is_signed_in(&mut phone).await);
    phone.post("/sign-out-everywhere", &[]).await;
    assert!(!is_signed_in(&mut phone).await);
    assert!(!is_signed_in(&mut car).await);
}

#[tokio::test]
async fn signing_in_leads_nowhere_but_here() {
    let (test, _) = amal().await;
    for elsewhere in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/a\r\nset-cookie: b=c",
    ] {
        test.pass_minutes(1);
        let mut visitor = test.visitor();
        let query: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        let page = visitor.get(&format!("/sign-in?next={query}")).await;
        assert!(
            page.text.contains("name=\"next\" value=\"/\""),
            "{elsewhere}"
        );
        let form = [("email", AMAL), ("password", PASSWORD), ("next", elsewhere)];
        let half = visitor.post("/sign-in", &form).await;
        assert_eq!(half.location(), "/sign-in/code?next=%2F");
        let code = test.code(SECRET);
        let form = [("code", code.as_str()), ("next", elsewhere)];
        let done = visitor.post("/sign-in/code", &form).await;
        assert_eq!((done.status, done.location()), (303, "/"));
        assert!(
            done.headers
                .get_all("set-cookie")
                .iter()
                .all(|c| !c.as_bytes().starts_with(b"b="))
        );
    }
}

#[tokio::test]
async fn what_is_typed_is_shown_harmless() {
    let (test, _) = amal().await;
    let mut visitor = test.visitor();
    for nasty in [
        "\"><script>alert(1)</script>",
        "a@b.example\r\nset-cookie: x=y",
        "{{ 7 * 7 }}",
        &"x".repeat(10_000),
    ] {
        let reply = tries(&mut visitor, nasty, nasty).await;
        assert!(matches!(reply.status, 200 | 429), "{}", reply.status);
        assert!(!reply.text.contains("<script>alert"));
        assert!(!reply.text.contains("value=\"49\""));
        assert!(reply.headers.get("x-frame-options").is_some());
        test.pass_minutes(1);
    }
    let reply = tries(&mut visitor, &"x".repeat(300_000), "y").await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn changing_the_password_ends_other_sessions_and_asks_for_the_old_one() {
    let (test, worker) = amal().await;
    let mut amal = test.visitor();
    test.sign_in(&mut amal, AMAL).await;
    let mut elsewhere = test.signed_in(worker, Stage::Full).await;
    let form = |current, password, again| {
        [
            ("current", current),
            ("password", password),
            ("password_again", again),
        ]
    };
    let next = "plum ladder fourteen crow";
    for (fields, says) in [
        (form("wrong", next, next), "This is not your password"),
        (
            form(PASSWORD, "password1234", "password1234"),
            "harder to guess",
        ),
        (
            form(PASSWORD, "amal example 2026", "amal example 2026"),
            "harder to guess",
        ),
        (form(PASSWORD, "short", "short"), "12 characters or more"),
        (
            form(PASSWORD, next, "plum ladder fourteen cow"),
            "are not the same",
        ),
    ] {
        let reply = amal.post("/account/password", &fields).await;
        assert!(reply.words().contains(says), "{says}: {}", reply.words());
    }
    let before = test.newest_entry().await;
    let done = amal
        .post("/account/password", &form(PASSWORD, next, next))
        .await;
    assert_eq!(done.location(), "/account");
    assert_eq!(
        test.actions_since(before).await,
        ["sign-in.change-password"]
    );
    let page = amal.get("/account").await;
    assert!(
        page.words().contains("Your password was changed"),
        "{}",
        page.words()
    );
    assert!(!is_signed_in(&mut elsewhere).await);
    let old = tries(&mut test.visitor(), AMAL, PASSWORD).await;
    assert_eq!(old.status, 200);
    assert_eq!(tries(&mut test.visitor(), AMAL, next).await.status, 303);
}

#[tokio::test]
async fn a_purpose_is_one_of_the_roles_own() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let worker = test
        .worker(a_worker("amal").of(agency).role("manager"))
        .await;
    let mut amal = test.signed_in(worker, Stage::Full).await;
    assert!(
        amal.get("/purpose")
            .await
            .words()
            .contains("Supervision of a team")
    );
    for not_ours in ["audit", "no-such", "", "<b>"] {
        let reply = amal.post("/purpose", &[("purpose", not_ours)]).await;
        assert!(
            reply.words().contains("Choose what you are here for"),
            "{not_ours}"
        );
    }
    assert_eq!(
        amal.post("/purpose", &[("purpose", "supervision")])
            .await
            .location(),
        "/"
    );
    assert!(
        amal.get("/")
            .await
            .text
            .contains("<strong>supervision of a team")
    );
}
