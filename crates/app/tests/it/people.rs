//! Journeys of those who keep agencies, teams and people, and of those who look them up.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::{AgencyId, TypedId as _, WorkerId};

use crate::support::{TestApp, Visitor, a_worker};

const SCRIPT: &str = "<script>alert(1)</script>";

/// Northwater Council with its administrator, who is signed in.
async fn northwater(test: &TestApp) -> (AgencyId, WorkerId, Visitor) {
    let agency = test.agency("northwater-council").await;
    let wren = a_worker("wren").of(agency).role("administrator");
    let wren = test.worker(wren).await;
    let visitor = test.signed_in(wren, Stage::Full).await;
    (agency, wren, visitor)
}

/// The version that the form on a page carries.
fn version(text: &str) -> String {
    let rest = text.split("name=\"version\" value=\"").nth(1);
    let version = rest.and_then(|rest| rest.split('"').next());
    version.expect("the form carries a version").to_owned()
}

#[track_caller]
fn assert_holds(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "no `{part}` in: {words}");
    }
}

/// The fields of Northwater Council's form.
fn council<'a>(version: &'a str, number: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("version", version),
        ("name", "Northwater"),
        ("kind", "council"),
        ("duty_number", number),
    ]
}

/// The fields of a person's form.
fn person<'a>(version: &'a str, name: &'a str, email: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", version),
        ("name", name),
        ("email", email),
        ("phone", "01632 960123"),
        ("roles[]", "practitioner"),
        ("vetted_day", "31"),
        ("vetted_month", "March"),
        ("vetted_year", "2027"),
        ("trained_day", "30"),
        ("trained_month", "9"),
        ("trained_year", "2027"),
        ("active", "yes"),
    ]
}

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

#[tokio::test]
async fn history_is_filtered_and_told_as_it_was_known_on_a_day() {
    let test = TestApp::start().await;
    let (agency, wren_id, _) = northwater(&test).await;
    test.pass_minutes(3 * 24 * 60);
    let mut wren = test.signed_in(wren_id, Stage::Full).await;
    let saved = wren
        .post(&format!("/agencies/{agency}/edit"), &council("1", "101"))
        .await;
    assert_eq!(saved.status, 303);

    let history = format!("/agencies/{agency}/history");
    let known = wren
        .get(&format!("{history}?as-at=2026-11-22"))
        .await
        .words();
    assert_holds(
        &known,
        &[
            "As known on 22 November 2026",
            "This is what the record said at the end of",
            "Name northwater council",
            "Duty number (nothing)",
        ],
    );
    let today = wren
        .get(&format!("{history}?day=24&month=Nov&year=2026"))
        .await
        .words();
    assert_holds(&today, &["Duty number 101"]);
    let before = wren
        .get(&format!("{history}?as-at=2026-11-20"))
        .await
        .words();
    assert_holds(&before, &["this was not yet recorded"]);
    for wrong in [
        "as-at=2026-11-25",
        "as-at=yesterday",
        "day=31&month=2&year=2026",
    ] {
        let told = wren.get(&format!("{history}?{wrong}")).await.words();
        assert_holds(&told, &["There is a problem", "As known on:"]);
    }
    let filtered = |query: String| format!("{history}?{query}");
    let by_wren = wren
        .get(&filtered(format!("person={wren_id}")))
        .await
        .words();
    assert_holds(&by_wren, &["1 change ", "Wren Example"]);
    let by_code = wren.get(&filtered("field=Code".to_owned())).await.words();
    assert_holds(&by_code, &["1 change ", "The first version"]);
    let none = wren
        .get(&filtered("field=Nothing".to_owned()))
        .await
        .words();
    assert_holds(&none, &["No change fits what you chose"]);
}

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
async fn the_directory_is_for_all_and_the_record_for_those_whose_work_needs_it() {
    let test = TestApp::start().await;
    let (agency, wren_id, _) = northwater(&test).await;
    let lighthouse = test.agency("lighthouse").await;
    let signed_in = async |first: &str, role: &str| {
        let worker = test.worker(a_worker(first).of(lighthouse).role(role)).await;
        test.signed_in(worker, Stage::Full).await
    };
    let record = format!("/people/{wren_id}");
    let ask = format!("/break-glass/new?record={wren_id}");

    let mut amal = signed_in("amal", "practitioner").await;
    let directory = amal.get("/people").await;
    assert_holds(
        &directory.words(),
        &[
            "2 people",
            "Wren Example Administrator northwater council Ask to see",
        ],
    );
    assert_holds(&directory.text, &[&ask]);
    assert!(!directory.text.contains(&format!("href=\"{record}\"")));
    let filtered = amal.get(&format!("/people?agency={agency}")).await.words();
    assert_holds(&filtered, &["1 person", "Wren Example"]);
    for refused in [
        record.clone(),
        format!("{record}/edit"),
        format!("{record}/history"),
    ] {
        assert_eq!(amal.get(&refused).await.status, 403, "{refused}");
    }
    for refused in [
        "/people/new",
        "/agencies/new",
        &format!("/agencies/{agency}/edit"),
    ] {
        assert_eq!(amal.get(refused).await.status, 403, "{refused}");
    }
    let post = amal
        .post(&format!("{record}/edit"), &person("1", "X", "x@y.example"))
        .await;
    assert_eq!(post.status, 403);

    let mut ravi = signed_in("ravi", "analyst").await;
    let directory = ravi.get("/people").await;
    assert!(
        !directory.text.contains("/break-glass/new"),
        "an analyst has nothing to ask with"
    );

    let mut tomi = signed_in("tomi", "manager").await;
    let team = [("version", "0"), ("name", "Ours now")];
    let other = tomi
        .post(&format!("/agencies/{agency}/teams/new"), &team)
        .await;
    assert_eq!(other.status, 403);
    let own = tomi
        .post(&format!("/agencies/{lighthouse}/teams/new"), &team)
        .await;
    assert_eq!(own.status, 303);

    let mut stranger = test.visitor();
    for path in ["/people", "/agencies", &record] {
        assert!(
            stranger.get(path).await.location().starts_with("/sign-in"),
            "{path}"
        );
    }
    let missing = "/people/worker_00000000000000000000000009";
    assert_eq!(amal.get(missing).await.status, 404);
    assert_eq!(amal.get(&format!("/people/{agency}")).await.status, 404);
}

#[tokio::test]
async fn a_personal_number_is_withheld_from_those_not_involved_in_its_history_too() {
    let test = TestApp::start().await;
    let (_, _, mut wren) = northwater(&test).await;
    let fields = person("0", "Amal Osei", "amal.osei@northwater.example");
    let amal = wren
        .post("/people/new", &fields)
        .await
        .location()
        .to_owned();
    let lighthouse = test.agency("lighthouse").await;
    let lead = a_worker("lena")
        .of(lighthouse)
        .role("information-governance");
    let mut lena = test.signed_in(test.worker(lead).await, Stage::Full).await;
    for (path, says) in [
        (
            amal.clone(),
            "for those involved only: ring the duty number",
        ),
        (format!("{amal}/history"), "Telephone: (withheld)"),
        (
            format!("{amal}/history?as-at=2026-11-21"),
            "Telephone (withheld)",
        ),
    ] {
        let page = lena.get(&path).await;
        assert_holds(&page.words(), &[says]);
        assert!(!page.text.contains("960123"), "{path}");
    }
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
async fn script_in_every_text_field_is_harmless() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let mut pages = Vec::new();
    let agency_fields = ["name", "code", "kind", "duty_number", "active", "reason"];
    let worker_fields = [
        "name",
        "email",
        "phone",
        "roles[]",
        "teams[]",
        "vetted_day",
        "vetted_month",
        "vetted_year",
        "trained_day",
        "trained_month",
        "trained_year",
        "active",
        "reason",
    ];
    for (path, names) in [
        ("/agencies/new", &agency_fields[..]),
        ("/people/new", &worker_fields[..]),
        (&format!("/agencies/{agency}/edit"), &agency_fields[..]),
    ] {
        let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, SCRIPT)).collect();
        fields.push(("version", "1"));
        let reply = wren.post(path, &fields).await;
        assert_eq!(reply.status, 422, "{path}");
        pages.push(reply);
    }
    let named = [
        ("version", "1"),
        ("name", SCRIPT),
        ("kind", "council"),
        ("reason", SCRIPT),
    ];
    assert_eq!(
        wren.post(&format!("/agencies/{agency}/edit"), &named)
            .await
            .status,
        303
    );
    let team = [("version", "0"), ("name", SCRIPT)];
    wren.post(&format!("/agencies/{agency}/teams/new"), &team)
        .await;
    let added = wren
        .post(
            "/people/new",
            &person("0", SCRIPT, "amal.osei@northwater.example"),
        )
        .await;
    let person_page = added.location().to_owned();
    let query: String = url::form_urlencoded::byte_serialize(SCRIPT.as_bytes()).collect();
    for path in [
        "/agencies".to_owned(),
        format!("/agencies/{agency}"),
        format!("/agencies/{agency}/edit"),
        format!("/agencies/{agency}/history"),
        format!("/agencies/{agency}/history?person={query}&field={query}&as-at={query}"),
        "/people".to_owned(),
        format!("/people?agency={query}"),
        person_page.clone(),
        format!("{person_page}/edit"),
        format!("{person_page}/history?day={query}&month={query}&year={query}"),
    ] {
        let page = wren.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        pages.push(page);
    }
    for page in pages {
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
}
