//! Journeys of those who keep agencies and teams.

use clearpicture_app::shell::session::Stage;
use clearpicture_app::tokens::ApiScope;

use crate::support::northwater::{assert_holds, council, northwater, version};
use crate::support::{PASSWORD, Reply, TestApp, Visitor, a_worker};

#[tokio::test]
async fn an_agency_and_its_team_are_added_found_and_changed() {
    let test = TestApp::start().await;
    let (_, _, mut wren) = northwater(&test).await;
    let empty = wren.post("/agencies/new", &[("version", "0")]).await;
    assert_eq!(empty.status, 422);
    assert_holds(&empty.words(), &["There is a problem", "Code:", "Name:"]);

    let fields = [
        ("version", "0"),
        ("name", "Fenby High"),
        ("code", "fenby"),
        ("kind", "education"),
        ("duty_number", "01632 960001"),
    ];
    let added = wren.post("/agencies/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.words());
    let fenby = added.location().to_owned();
    let page = wren.get(&fenby).await.words();
    assert_holds(
        &page,
        &[
            "The agency was added.",
            "Duty number: 01632 960001",
            "No team",
        ],
    );
    let again = wren.post("/agencies/new", &fields).await;
    assert_holds(&again.words(), &["another agency has this code"]);

    let team = [("version", "0"), ("name", "Pastoral team")];
    let added = wren.post(&format!("{fenby}/teams/new"), &team).await;
    assert_eq!((added.status, added.location()), (303, fenby.as_str()));
    let page = wren.get(&fenby).await;
    assert_holds(&page.words(), &["Pastoral team"]);
    let list = wren.get("/agencies").await.words();
    assert_holds(
        &list,
        &[
            "2 agencies",
            "Fenby High 01632 960001 School or education 1",
        ],
    );

    let team = page
        .text
        .split("href=\"/teams/")
        .nth(1)
        .expect("a link to the team");
    let team = format!("/teams/{}", team.split('/').next().expect("an id"));
    assert_eq!(wren.get(&team).await.location(), fenby);
    let ended = [
        ("version", "1"),
        ("name", "Pastoral team"),
        ("active", "no"),
    ];
    let refused = wren.post(&format!("{team}/edit"), &ended).await;
    assert_holds(&refused.words(), &["Say why it ends"]);
    let with_reason = [&ended[..], &[("reason", "Merged.")]].concat();
    let saved = wren.post(&format!("{team}/edit"), &with_reason).await;
    assert_eq!(saved.status, 303);
    let history = wren.get(&format!("{team}/history")).await.words();
    assert_holds(
        &history,
        &["Still works: yes → became no", "Reason: Merged."],
    );
}

#[tokio::test]
async fn whoever_saves_second_sees_both_texts_and_nothing_is_lost() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let other = a_worker("priya").of(agency).role("administrator");
    let mut priya = test.signed_in(test.worker(other).await, Stage::Full).await;
    let edit = format!("/agencies/{agency}/edit");
    let form = wren.get(&edit).await;
    let opened = version(&form.text);
    let priyas = council(&opened, "01632 960002");
    assert_eq!(priya.post(&edit, &priyas).await.status, 303);

    let wrens = council(&opened, "01632 960003");
    let both = wren.post(&edit, &wrens).await;
    assert_eq!(both.status, 409);
    assert_holds(
        &both.words(),
        &["nothing is lost", "Duty number 01632 960003 01632 960002"],
    );
    assert_holds(&both.text, &["value=\"01632 960003\""]);
    let page = wren.get(&format!("/agencies/{agency}")).await.words();
    assert_holds(&page, &["01632 960002"]);

    let now = version(&both.text);
    assert_eq!(now, "2");
    let again = council(&now, "01632 960003");
    assert_eq!(wren.post(&edit, &again).await.status, 303);
    let history = wren
        .get(&format!("/agencies/{agency}/history"))
        .await
        .words();
    assert_holds(
        &history,
        &[
            "3 changes",
            "Change an agency by Wren Example, Northwater",
            "Duty number: 01632 960002 → became 01632 960003",
            "Duty number: added 01632 960002",
            "Priya Example",
            "the system itself (set up)",
            "The first version. It said:",
        ],
    );
    let same = council("3", "01632 960003");
    wren.post(&edit, &same).await;
    let page = wren.get(&format!("/agencies/{agency}")).await.words();
    assert_holds(&page, &["Nothing was different, so nothing was saved."]);
}

/// Another administrator says that an agency takes part no longer, or does again.
async fn takes_part(other: &mut Visitor, path: &str, active: &str) -> Reply {
    let page = other.get(&format!("{path}/edit")).await;
    let version = version(&page.text);
    let fields = council(&version, "01632 960101");
    let more = [("active", active), ("reason", "The agencies merged.")];
    let fields = [&fields[..], &more].concat();
    other.post(&format!("{path}/edit"), &fields).await
}

#[tokio::test]
async fn an_agency_that_has_left_signs_nobody_in_and_answers_no_system() {
    let test = TestApp::start().await;
    let (agency, worker, mut wren) = northwater(&test).await;
    test.ready_account(worker).await;
    let elsewhere = test.agency("lighthouse").await;
    let eli = a_worker("eli").of(elsewhere).role("administrator");
    let mut eli = test.signed_in(test.worker(eli).await, Stage::Full).await;
    let bearer = test.bearer(agency, &ApiScope::ALL).await;
    let mut system = test.visitor().with_header("authorization", &bearer);
    assert_eq!(system.get("/api/v1/feeds").await.status, 200);

    let path = format!("/agencies/{agency}");
    let own = takes_part(&mut wren, &path, "no").await;
    assert_eq!(own.status, 422, "nobody shuts out their own agency");
    assert_holds(
        &own.words(),
        &["An administrator of another agency can say"],
    );
    assert_eq!(takes_part(&mut eli, &path, "no").await.status, 303);
    assert_eq!(system.get("/api/v1/feeds").await.status, 401);
    let shut_out = wren.get("/account").await;
    assert!(
        shut_out.location().starts_with("/sign-in"),
        "{}",
        shut_out.location()
    );
    let mut again = test.visitor();
    again.get("/sign-in").await;
    let form = [("email", "wren@northwater.example"), ("password", PASSWORD)];
    let refused = again.post("/sign-in", &form).await;
    assert_holds(
        &refused.words(),
        &["The e-mail address or the password is not right"],
    );

    assert_eq!(takes_part(&mut eli, &path, "yes").await.status, 303);
    assert_eq!(system.get("/api/v1/feeds").await.status, 200);
    let mut back = test.visitor();
    let entered = test.sign_in(&mut back, "wren@northwater.example").await;
    assert_eq!(entered.location(), "/account");
}
