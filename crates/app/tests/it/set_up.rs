//! Setting up a sign-in with a code, and recovering one by two people.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::WorkerId;

use crate::support::{PASSWORD, Reply, TestApp, Visitor, a_worker};

const AMAL: &str = "amal@northwater.example";
const NEXT: &str = "plum ladder fourteen crow";

/// A new worker, and those who answer for them.
struct Cast {
    test: TestApp,
    amal: WorkerId,
    admin: WorkerId,
    manager: WorkerId,
    second: WorkerId,
    elsewhere: WorkerId,
}

impl Cast {
    async fn new() -> Self {
        let test = TestApp::start().await;
        let own = test.agency("northwater-council").await;
        let other = test.agency("lighthouse").await;
        Self {
            amal: test.worker(a_worker("amal").of(own)).await,
            admin: test
                .worker(a_worker("ada").of(own).role("administrator"))
                .await,
            manager: test
                .worker(a_worker("morgan").of(own).role("manager"))
                .await,
            second: test.worker(a_worker("nia").of(own).role("manager")).await,
            elsewhere: test
                .worker(
                    a_worker("eli")
                        .of(other)
                        .role("administrator")
                        .and_role("manager"),
                )
                .await,
            test,
        }
    }

    async fn comes(&self, worker: WorkerId) -> Visitor {
        self.test.signed_in(worker, Stage::Full).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/people/{}/set-up{rest}", self.amal)
    }

    async fn asks(&self, visitor: &mut Visitor) -> Reply {
        let reason = [("reason", "Rang from the duty desk: telephone stolen.")];
        visitor.post(&self.path("/ask"), &reason).await
    }

    async fn confirms(&self, visitor: &mut Visitor) -> Reply {
        let reason = [("reason", "Spoke to Amal face to face <b>today</b>.")];
        visitor.post(&self.path("/confirm"), &reason).await
    }
}

/// The set-up code on a page.
fn code_on(page: &Reply) -> String {
    let words = page.words();
    let code = words
        .split(' ')
        .find(|word| word.len() == 19 && word.matches('-').count() == 3);
    code.unwrap_or_else(|| panic!("no code on {words}"))
        .to_owned()
}

/// The secret for a device on a page, without spaces.
fn secret_on(page: &Reply) -> String {
    let strong = page.text.split("<strong>").nth(1).expect("a secret");
    strong
        .split("</strong>")
        .next()
        .unwrap_or_default()
        .replace(' ', "")
}

async fn sets_up(visitor: &mut Visitor, code: &str, password: &str) -> Reply {
    visitor.get("/set-up").await;
    let form = [
        ("email", AMAL),
        ("set_up_code", code),
        ("password", password),
        ("password_again", password),
    ];
    visitor.post("/set-up", &form).await
}

async fn finishes(test: &TestApp, visitor: &mut Visitor) -> Reply {
    let page = visitor.get("/set-up/device").await;
    let code = test.code(&secret_on(&page));
    visitor
        .post("/set-up/device", &[("code", code.as_str())])
        .await
}

#[tokio::test]
async fn a_new_person_sets_up_with_a_code_from_one_administrator() {
    let cast = Cast::new().await;
    let mut admin = cast.comes(cast.admin).await;
    assert!(
        admin
            .get(&cast.path(""))
            .await
            .words()
            .contains("No set-up code has been given out yet")
    );
    let code = code_on(&admin.post(&cast.path(""), &[]).await);
    let mut amal = cast.test.visitor();
    let weak = sets_up(&mut amal, &code, "northwater amal").await;
    assert!(weak.words().contains("harder to guess"), "{}", weak.words());
    let first = sets_up(&mut amal, &code.to_lowercase().replace('-', " "), NEXT).await;
    assert_eq!(first.location(), "/set-up/device");
    let page = amal.get("/set-up/device").await;
    assert!(page.text.contains("<svg width=\"220\""));
    for refused in [" style=", "data:", "<style"] {
        assert!(!page.text.contains(refused), "{refused}");
    }
    let wrong = amal.post("/set-up/device", &[("code", "000000")]).await;
    assert!(wrong.words().contains("This is not the code"));
    let before = cast.test.newest_entry().await;
    assert_eq!(finishes(&cast.test, &mut amal).await.location(), "/");
    assert_eq!(cast.test.actions_since(before).await, ["sign-in.set-up"]);
    assert!(amal.get("/").await.words().contains("Amal Example"));
    let again = sets_up(&mut cast.test.visitor(), &code, NEXT).await;
    assert!(
        again.words().contains("is not right"),
        "a code is good once"
    );
}

#[tokio::test]
async fn a_code_is_for_one_person_for_three_days_and_the_last_one_counts() {
    let cast = Cast::new().await;
    let mut admin = cast.comes(cast.admin).await;
    let first = code_on(&admin.post(&cast.path(""), &[]).await);
    let second = code_on(&admin.post(&cast.path(""), &[]).await);
    let unknown = sets_up(&mut cast.test.visitor(), &first, NEXT).await;
    assert!(unknown.words().contains("is not right"));
    let mut amal = cast.test.visitor();
    sets_up(&mut amal, &second, NEXT).await;
    // While Amal fetches a device, the administrator gives out another code.
    let third = code_on(&admin.post(&cast.path(""), &[]).await);
    assert_eq!(
        finishes(&cast.test, &mut amal).await.status,
        403,
        "the older code's set-up is over"
    );
    cast.test.pass_minutes(72 * 60);
    let late = sets_up(&mut cast.test.visitor(), &third, NEXT).await;
    assert!(late.words().contains("too old"));
}

#[tokio::test]
async fn codes_are_given_out_in_ones_own_agency_by_administrators_only() {
    let cast = Cast::new().await;
    for (worker, expected) in [(cast.manager, 403), (cast.elsewhere, 422), (cast.amal, 403)] {
        let mut visitor = cast.comes(worker).await;
        let reply = visitor.post(&cast.path(""), &[]).await;
        assert_eq!(reply.status, expected, "{}", reply.words());
    }
    let mut elsewhere = cast.comes(cast.elsewhere).await;
    assert_eq!(elsewhere.get(&cast.path("")).await.status, 422);
    assert_eq!(cast.asks(&mut elsewhere).await.status, 422);
    assert_eq!(cast.confirms(&mut elsewhere).await.status, 422);
}

#[tokio::test]
async fn a_recovery_takes_two_different_people_and_ends_the_old_ways_in() {
    let cast = Cast::new().await;
    cast.test.ready_account(cast.amal).await;
    let mut old = cast.test.visitor();
    cast.test.sign_in(&mut old, AMAL).await;
    let mut admin = cast.comes(cast.admin).await;
    let mut manager = cast.comes(cast.manager).await;
    let alone = admin.post(&cast.path(""), &[]).await;
    assert_eq!(
        alone.status, 422,
        "one administrator alone gives no code to who is set up"
    );
    assert_eq!(
        cast.confirms(&mut admin).await.status,
        422,
        "nobody has asked"
    );
    let empty = manager.post(&cast.path("/ask"), &[("reason", " ")]).await;
    assert!(empty.text.contains("govuk-error-summary"));
    assert_eq!(cast.asks(&mut manager).await.status, 303);
    assert_eq!(
        old.get("/account").await.status,
        200,
        "asking changes nothing"
    );
    let same = cast.confirms(&mut manager).await;
    assert_eq!(same.status, 422);
    assert!(
        same.words().contains("A second manager or administrator"),
        "{}",
        same.words()
    );
    let page = admin.get(&cast.path("")).await;
    assert!(
        page.words().contains("Morgan Example asked today"),
        "{}",
        page.words()
    );
    let code = code_on(&cast.confirms(&mut admin).await);
    assert_eq!(
        old.get("/account").await.status,
        303,
        "every session has ended"
    );
    old.get("/sign-in").await;
    let form = [("email", AMAL), ("password", PASSWORD)];
    assert_eq!(
        old.post("/sign-in", &form).await.status,
        200,
        "the old password opens nothing"
    );
    assert_eq!(
        admin.post(&cast.path(""), &[]).await.status,
        422,
        "nor may one person replace the code"
    );
    let mut amal = cast.test.visitor();
    sets_up(&mut amal, &code, NEXT).await;
    assert_eq!(finishes(&cast.test, &mut amal).await.location(), "/");
}

/// Whether a set-up code that was shown on a page is good.
async fn is_good(cast: &Cast, page: &Reply) -> bool {
    let mut amal = cast.test.visitor();
    let reply = sets_up(&mut amal, &code_on(page), NEXT).await;
    reply.status == 303 && reply.location() == "/set-up/device"
}

#[tokio::test]
async fn of_two_who_confirm_one_recovery_at_once_one_is_given_a_code() {
    for _ in 0..4 {
        let cast = Cast::new().await;
        cast.test.ready_account(cast.amal).await;
        let mut manager = cast.comes(cast.manager).await;
        let (mut one, mut other) = (cast.comes(cast.admin).await, cast.comes(cast.second).await);
        assert_eq!(cast.asks(&mut manager).await.status, 303);
        let before = cast.test.newest_entry().await;
        let (one, other) = tokio::join!(cast.confirms(&mut one), cast.confirms(&mut other));
        let (given, refused) = match one.status {
            200 => (one, other),
            _ => (other, one),
        };
        assert_eq!(given.status, 200, "{}", given.words());
        assert!(
            [409, 422].contains(&refused.status),
            "{}: {}",
            refused.status,
            refused.words()
        );
        let actions = cast.test.actions_since(before).await;
        assert_eq!(actions.len(), 1, "{actions:?}");
        assert!(is_good(&cast, &given).await);
    }
}

#[tokio::test]
async fn who_asks_for_a_recovery_while_another_confirms_one_undoes_nothing() {
    for _ in 0..4 {
        let cast = Cast::new().await;
        cast.test.ready_account(cast.amal).await;
        let mut manager = cast.comes(cast.manager).await;
        let (mut admin, mut second) = (cast.comes(cast.admin).await, cast.comes(cast.second).await);
        assert_eq!(cast.asks(&mut manager).await.status, 303);
        let (asked, confirmed) = tokio::join!(cast.asks(&mut second), cast.confirms(&mut admin));
        // Whoever asks first of all finds that it was asked already; whoever comes after, that there is a new code.
        assert!([303, 409, 422].contains(&asked.status), "{}", asked.words());
        assert_eq!(confirmed.status, 200, "{}", confirmed.words());
        assert!(is_good(&cast, &confirmed).await);
    }
}

#[tokio::test]
async fn nobody_recovers_their_own_sign_in() {
    let cast = Cast::new().await;
    cast.test.ready_account(cast.manager).await;
    let path = format!("/people/{}/set-up", cast.manager);
    let reason = [("reason", "I forgot.")];
    let mut manager = cast.comes(cast.manager).await;
    let mut admin = cast.comes(cast.admin).await;
    assert_eq!(
        manager.post(&format!("{path}/ask"), &reason).await.status,
        422
    );
    admin.post(&format!("{path}/ask"), &reason).await;
    assert_eq!(
        manager
            .post(&format!("{path}/confirm"), &reason)
            .await
            .status,
        422
    );
    cast.test.pass_minutes(25);
    assert!(
        manager
            .get(&path)
            .await
            .words()
            .contains("This is your own sign-in")
    );
}

#[tokio::test]
async fn a_set_up_belongs_to_the_visitor_who_began_it() {
    let cast = Cast::new().await;
    let mut admin = cast.comes(cast.admin).await;
    let code = code_on(&admin.post(&cast.path(""), &[]).await);
    let mut amal = cast.test.visitor();
    sets_up(&mut amal, &code, NEXT).await;
    let mut other = cast.test.visitor();
    other.get("/set-up").await;
    assert_eq!(other.get("/set-up/device").await.status, 403);
    cast.test.pass_minutes(21);
    assert_eq!(
        amal.get("/set-up/device").await.status,
        403,
        "left for too long, it is begun anew"
    );
}
