//! Journeys of those who keep the records of people who sign in.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::{TypedId as _, WorkerId};

use crate::support::northwater::{assert_holds, northwater, person, version};
use crate::support::{TestApp, a_worker};

#[tokio::test]
async fn a_person_is_added_and_every_change_of_standing_says_why() {
    let test = TestApp::start().await;
    let (_, _, mut wren) = northwater(&test).await;
    let mut wrong = person("0", "Amal Osei", "amal.osei@northwater.example");
    wrong.retain(|(name, _)| *name != "vetted_day");
    wrong.push(("vetted_day", "32"));
    let told = wren.post("/people/new", &wrong).await;
    assert_eq!(told.status, 422);
    assert_holds(
        &told.words(),
        &["Vetted until: there is no 32 March in 2027"],
    );

    let fields = person("0", "Amal Osei", "amal.osei@northwater.example");
    let added = wren.post("/people/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.words());
    let amal = added.location().to_owned();
    let page = wren.get(&amal).await;
    assert_holds(
        &page.words(),
        &[
            "Duty number of the agency not recorded",
            "Own telephone 01632 960123",
            "Ready to see records about people",
            "Vetting in date until 31 March 2027",
        ],
    );
    let title = page.text.split("<title>").nth(1).expect("a title");
    let title = title.split("</title>").next().expect("its end");
    assert!(
        !title.contains("Amal"),
        "a name reaches the browser's history: {title}"
    );

    let amal_id = WorkerId::parse(amal.trim_start_matches("/people/")).expect("an id");
    let mut own = test.signed_in(amal_id, Stage::Full).await;
    let own = own.get(&amal).await.words();
    assert_holds(&own, &["Own telephone 01632 960123"]);

    let edit = format!("{amal}/edit");
    let mut ended = person("1", "Amal Osei", "amal.osei@northwater.example");
    ended.retain(|(name, _)| *name != "active");
    ended.push(("active", "no"));
    let refused = wren.post(&edit, &ended).await;
    assert_holds(
        &refused.words(),
        &["Say why roles, vetting, training or signing in change"],
    );
    ended.push(("reason", "Left on Friday."));
    assert_eq!(wren.post(&edit, &ended).await.status, 303);
    let history = wren.get(&format!("{amal}/history")).await.words();
    assert_holds(
        &history,
        &["May sign in: yes → became no", "Reason: Left on Friday."],
    );
    assert!(!wren.get("/people").await.words().contains("Amal Osei"));
    let former = wren.get("/people?former=yes").await.words();
    assert_holds(&former, &["Amal Osei May not sign in"]);
}

#[tokio::test]
async fn someone_who_may_not_sign_in_any_more_is_signed_out_everywhere() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let amal_id = test.worker(a_worker("amal").of(agency)).await;
    let mut amal = test.signed_in(amal_id, Stage::Full).await;
    assert_eq!(amal.get("/people").await.status, 200);
    let edit = format!("/people/{amal_id}/edit");
    let mut fields = person("1", "Amal Example", "amal@northwater.example");
    fields.retain(|(name, _)| *name != "active");
    fields.extend([("active", "no"), ("reason", "Left.")]);
    assert_eq!(wren.post(&edit, &fields).await.status, 303);
    assert!(amal.get("/people").await.location().starts_with("/sign-in"));
    let mut fields = person("2", "Amal Example", "amal@northwater.example");
    fields.push(("reason", "Came back."));
    assert_eq!(wren.post(&edit, &fields).await.status, 303);
    assert!(amal.get("/people").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn nobody_changes_their_own_roles_or_readiness() {
    let test = TestApp::start().await;
    let (_, wren_id, mut wren) = northwater(&test).await;
    let edit = format!("/people/{wren_id}/edit");
    let mut fields = person("1", "Wren Example", "wren@northwater.example");
    fields.extend([
        ("roles[]", "information-governance"),
        ("reason", "I want it."),
    ]);
    let refused = wren.post(&edit, &fields).await;
    assert_eq!(refused.status, 422);
    assert_holds(&refused.words(), &["for another administrator to change"]);
}

#[tokio::test]
async fn two_people_at_one_persons_record_lose_nothing() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let team = [("version", "0"), ("name", "Night team")];
    wren.post(&format!("/agencies/{agency}/teams/new"), &team)
        .await;
    let fields = person("0", "Amal Osei", "amal.osei@northwater.example");
    let amal = wren
        .post("/people/new", &fields)
        .await
        .location()
        .to_owned();
    let edit = format!("{amal}/edit");
    let form = wren.get(&edit).await.text;
    let team = form
        .split("value=\"team_")
        .nth(1)
        .expect("a tick box for the team");
    let team = format!("team_{}", team.split('"').next().expect("an id"));
    let mut first = person("1", "Amal Osei", "amal.osei@northwater.example");
    first.push(("teams[]", &team));
    assert_eq!(wren.post(&edit, &first).await.status, 303);
    let second = person("1", "Amal Osei-Lund", "amal.osei@northwater.example");
    let both = wren.post(&edit, &second).await;
    assert_eq!(both.status, 409);
    assert_holds(
        &both.words(),
        &[
            "Name Amal Osei-Lund Amal Osei",
            "Teams (nothing) Night team",
        ],
    );
    let unreadable = person("1", "", "amal.osei@northwater.example");
    let wrong = wren.post(&edit, &unreadable).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(
        version(&wrong.text),
        "1",
        "a mistake never raises the version unseen"
    );
}

#[tokio::test]
async fn the_first_person_of_a_new_agency_serves_that_agency_and_lets_the_others_in() {
    let test = TestApp::start().await;
    let (council, _, mut wren) = northwater(&test).await;
    let fields = [
        ("version", "0"),
        ("name", "Fenby High"),
        ("code", "fenby"),
        ("kind", "education"),
        ("duty_number", ""),
    ];
    let added = wren.post("/agencies/new", &fields).await;
    let fenby = added.location().trim_start_matches("/agencies/").to_owned();
    let nobody = wren.get(&format!("/people?agency={fenby}")).await;
    let form = format!("/people/new?agency={fenby}");
    assert!(nobody.text.contains(&form), "{}", nobody.words());
    assert_holds(&nobody.words(), &["Add the first person"]);
    assert_holds(
        &wren.get(&form).await.words(),
        &["will be the first of Fenby High"],
    );

    let mut typed = person("0", "Tomi Reed", "tomi@fenby.example");
    typed.push(("agency", &fenby));
    let refused = wren.post("/people/new", &typed).await;
    assert_eq!(refused.status, 422);
    assert_holds(&refused.words(), &["is its administrator", "Fenby High"]);
    typed.push(("roles[]", "administrator"));
    let added = wren.post("/people/new", &typed).await;
    assert_eq!(added.status, 303, "{}", added.words());
    let set_up = added.location().to_owned();
    assert_holds(
        &wren.get(&set_up).await.words(),
        &["Give them a set-up code"],
    );
    assert_holds(
        &wren.post(&set_up, &[]).await.words(),
        &["It is shown only now"],
    );

    // They serve the new agency and no other, and add the others; whoever let them in does so no more.
    let tomi = set_up
        .trim_start_matches("/people/")
        .trim_end_matches("/set-up");
    let tomi_id = WorkerId::parse(tomi).expect("an id");
    let mut own = test.signed_in(tomi_id, Stage::Full).await;
    let page = own.get(&format!("/people/{tomi}")).await.words();
    assert!(
        page.contains("Fenby High") && !page.contains("Northwater"),
        "{page}"
    );
    for path in ["", "/edit", "/history"] {
        let theirs = wren.get(&format!("/people/{tomi}{path}")).await;
        assert_eq!(theirs.status, 403, "{path}");
    }
    let mut second = person("0", "Asa Reed", "asa@fenby.example");
    second.push(("agency", &fenby));
    second.push(("roles[]", "administrator"));
    for (path, status) in [(form.as_str(), 422), ("/people?agency=none", 200)] {
        assert_eq!(wren.get(path).await.status, status, "{path}");
    }
    assert_eq!(wren.post("/people/new", &second).await.status, 422);
    let asa = own.post("/people/new", &second).await;
    assert_eq!(asa.status, 303, "{}", asa.words());
    for path in [set_up.clone(), format!("{}/set-up", asa.location())] {
        assert_eq!(wren.get(&path).await.status, 422, "{path}");
        assert_eq!(wren.post(&path, &[]).await.status, 422, "{path}");
    }
    let mut of_no_agency = person("0", "Nia Reed", "nia@fenby.example");
    of_no_agency.push(("agency", "agency_00000000000000000000000009"));
    assert_eq!(wren.post("/people/new", &of_no_agency).await.status, 404);
    let mut of_own = person("0", "Nia Reed", "nia@northwater.example");
    let council = council.to_string();
    of_own.push(("agency", &council));
    assert_eq!(wren.post("/people/new", &of_own).await.status, 303);
}

#[tokio::test]
async fn whoever_is_not_ready_hears_that_and_not_that_their_role_does_not_allow_it() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let tried = [
        (
            "practitioner",
            "/children",
            "Your vetting is out of date or not recorded.",
        ),
        (
            "information-governance",
            "/bars",
            "Your vetting is out of date or not recorded.",
        ),
        (
            "information-governance",
            "/look-ups/decide?look=1",
            "Your vetting",
        ),
        ("practitioner", "/bars", "Your role does not allow it"),
        ("administrator", "/children", "Your role does not allow it"),
    ];
    for (number, (role, path, refused)) in tried.into_iter().enumerate() {
        let late = a_worker(&format!("late{number}"))
            .of(agency)
            .role(role)
            .unvetted();
        let late = test.worker(late).await;
        let mut late = test.signed_in(late, Stage::Full).await;
        let reply = late.get(path).await;
        assert_eq!(reply.status, 403, "{role}: {path}");
        let words = reply.words();
        assert!(words.contains(refused), "{role}: {path}: {words}");
        let hears_both = words.contains("Your role does not allow it") && words.contains("vetting");
        assert!(!hears_both, "{role}: {path}: {words}");
    }
}
