//! Files as people meet them on pages and systems over the API: nothing typed is lost, nothing is ended unasked, nothing
//! wrong has to stay.

use clearpicture_app::jobs::run_jobs;
use clearpicture_app::loads::{Far, Intake, LoadId};
use clearpicture_app::tokens::ApiScope;
use clearpicture_store::JobState;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::sync::watch;

use crate::children::{Borough, in_care, look, pictures, version};
use crate::support::{FORM, Reply, TestApp, Visitor};

fn children(count: u32) -> Vec<String> {
    let letter = |from: u8, key: u32| char::from(from + u8::try_from(key % 26).expect("a letter"));
    (0..count)
        .map(|key| {
            let day = 1 + key % 28;
            let born = format!("2012-{:02}-{day:02}", 1 + key / 28);
            let family = format!("{}{}okoro", letter(b'A', key), letter(b'a', key / 26));
            in_care(&key.to_string(), "Amara", &family, &born)
        })
        .collect()
}

const TODAY: [(&str, &str); 3] = [("day", "21"), ("month", "11"), ("year", "2026")];

fn taking<'a>(version: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("version", version), ("decision", "take")];
    fields.extend(more);
    fields
}

async fn waits(borough: &Borough, rows: &[String]) -> (LoadId, Visitor, Reply) {
    let id = borough.care_sends(rows).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let page = ann.get(&format!("/loads/{id}")).await;
    (id, ann, page)
}

#[tokio::test]
async fn a_file_is_taken_in_as_of_the_day_that_was_typed() {
    let borough = Borough::with(&[], &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(1)).await;
    let seen = version(&page);
    let decide = format!("/loads/{id}/decide");
    for (day, says) in [
        (["31", "2", "2026"], "there is no 31 February in 2026"),
        (["", "2", "2026"], "the date must include a day"),
        (["", "", ""], "say of which day the file tells"),
        (["22", "11", "2026"], "cannot tell of it"),
    ] {
        let [day, month, year] = day;
        let typed = [("day", day), ("month", month), ("year", year)];
        let again = ann.post(&decide, &taking(&seen, &typed)).await;
        assert_eq!(again.status, 422, "{}", again.words());
        assert!(again.words().contains(says), "{says}: {}", again.words());
        for (name, value) in typed.iter().filter(|(_, value)| !value.is_empty()) {
            let kept = format!("id=\"{name}\" name=\"{name}\" type=\"text\" value=\"{value}\"");
            assert!(again.text.contains(&kept), "{kept} is lost: {}", again.text);
        }
    }
    // The names that the page itself used before, and that nothing read.
    let before = [
        ("take-day", "1"),
        ("take-month", "4"),
        ("take-year", "2026"),
    ];
    let refused = ann.post(&decide, &taking(&seen, &before)).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.words().contains("`take-day`"),
        "{}",
        refused.words()
    );
    let april = [("day", "1"), ("month", "4"), ("year", "2026")];
    let taken = ann.post(&decide, &taking(&seen, &april)).await;
    assert_eq!(taken.status, 303, "{}", taken.words());
    borough.does("take-file-in").await;
    let page = ann.get(&format!("/loads/{id}")).await.words();
    assert!(page.contains("It tells of 1 April 2026"), "{page}");
}

#[tokio::test]
async fn what_a_form_does_not_know_or_holds_twice_is_shown_again_and_nothing_is_done() {
    let borough = Borough::with(&[], &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(1)).await;
    let seen = version(&page);
    let before = borough.test.newest_entry().await;
    let decide = format!("/loads/{id}/decide");
    let reason = "It is the <wrong> month.\nAsk again.";
    for more in [("because", "of this"), ("reason", "And another.")] {
        let fields = [
            ("version", &*seen),
            ("decision", "leave"),
            ("reason", reason),
            more,
        ];
        let refused = ann.post(&decide, &fields).await;
        assert_eq!(refused.status, 400);
        let words = refused.words();
        for part in [
            "Nothing was saved",
            "It is the &lt;wrong&gt; month. Ask again.",
            more.1,
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    assert_eq!(borough.test.newest_entry().await, before);
}

#[tokio::test]
async fn declining_without_a_reason_keeps_the_page() {
    let borough = Borough::with(&[], &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(3)).await;
    let seen = version(&page);
    let decide = format!("/loads/{id}/decide");
    let leave = [("version", &*seen), ("decision", "leave"), ("reason", " ")];
    let again = ann.post(&decide, &leave).await;
    assert_eq!(again.status, 422);
    let words = again.words();
    for part in [
        "There is a problem",
        "Why it is not taken in: this is empty",
        "Every row accounted for",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let leave = [
        ("version", &*seen),
        ("decision", "leave"),
        ("reason", "It is the wrong month."),
    ];
    assert_eq!(ann.post(&decide, &leave).await.status, 303);
}

#[tokio::test]
async fn a_file_that_ends_many_asks_for_the_number() {
    let borough = Borough::with(&children(40), &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(1)).await;
    let words = page.words();
    assert!(words.contains("39 of the 40 rows"), "{words}");
    let seen = version(&page);
    let decide = format!("/loads/{id}/decide");
    for typed in ["", "yes", "40"] {
        let mut fields = taking(&seen, &TODAY);
        fields.push(("ends", typed));
        let again = ann.post(&decide, &fields).await;
        assert_eq!(again.status, 422, "{typed}");
        let says = "Type the number of rows that it ends: 39";
        assert!(again.words().contains(says), "{}", again.words());
    }
    let mut fields = taking(&seen, &TODAY);
    fields.push(("ends", "39"));
    assert_eq!(ann.post(&decide, &fields).await.status, 303);
    borough.does("take-file-in").await;
    let page = ann.get(&format!("/loads/{id}")).await.words();
    assert!(page.contains("Taken in"), "{page}");
}

/// On a page: what rests on it is shown, a reason is asked, and all is as it was before.
async fn is_taken_back(test: TestApp) {
    let borough = Borough::of(test, &children(40), &[]).await;
    let rows = [in_care("99", "Wrongly", "Given", "2014-07-28")];
    let id = borough.care_sends(&rows).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let page = ann.get(&format!("/loads/{id}")).await;
    let seen = version(&page);
    let mut fields = taking(&seen, &TODAY);
    fields.push(("ends", "40"));
    let taken = ann.post(&format!("/loads/{id}/decide"), &fields).await;
    assert_eq!(taken.status, 303, "{}", taken.words());
    borough.does("link-what-is-new").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let none = ["", "", ""];
    assert_eq!(pictures(&look(&mut grace, "Given", none).await).len(), 1);

    let back = format!("/loads/{id}/take-back");
    let page = ann.get(&back).await;
    let words = page.words();
    for part in [
        "Ended, and stand again 40",
        "Children it was the first to tell of 1",
        "Files that are laid again without it None",
        "Values that somebody put right in it 0",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let seen = version(&page);
    let silent = ann
        .post(&back, &[("version", &*seen), ("reason", "")])
        .await;
    assert_eq!(silent.status, 422);
    let why = [
        ("version", &*seen),
        ("reason", "It is another borough's list."),
    ];
    let said = ann.post(&back, &why).await;
    assert_eq!(said.status, 303, "{}", said.words());
    let twice = ann.post(&back, &why).await;
    assert!([409, 422].contains(&twice.status), "{}", twice.status);
    borough.does("take-file-back").await;
    borough.does("link-what-is-new").await;
    let page = ann.get(&format!("/loads/{id}")).await.words();
    assert!(
        page.contains("Taken back: nothing that it told stands"),
        "{page}"
    );
    let found = look(&mut grace, "Given", none).await;
    assert!(
        found.words().contains("Nobody was found"),
        "{}",
        found.words()
    );
    let found = look(&mut grace, "Aaokoro", none).await;
    assert!(!pictures(&found).is_empty(), "{}", found.words());
    let picture = grace.get(&pictures(&found)[0]).await.words();
    assert!(picture.contains("Aaokoro"), "{picture}");
    assert!(!picture.contains("no longer"), "{picture}");
    let history = ann.get(&format!("/loads/{id}/history")).await.words();
    assert!(
        history.contains("It is another borough's list.") || history.contains("another borough"),
        "{history}"
    );
    borough.test.store().verify().await.expect("whole");
    let folder = tempfile::tempdir().expect("a folder");
    let into = format!("sqlite:{}", folder.path().join("again.db").display());
    let into = into.parse().expect("an address");
    let rebuilt = borough.test.store().rebuild_into(&into).await;
    rebuilt.expect("identical");
}

#[tokio::test]
async fn a_file_is_taken_back_whole() {
    Box::pin(is_taken_back(TestApp::start().await)).await;
}

#[tokio::test]
async fn a_file_is_taken_back_whole_on_postgres() {
    Box::pin(is_taken_back(TestApp::on_postgres().await)).await;
}

/// One whom only the file joined with others is parted from them, and joined again once it is sent in again.
#[tokio::test]
async fn links_follow_what_is_taken_back() {
    let school = [crate::children::at_school(
        "9",
        "Leane",
        "Okafor",
        "2014-07-28",
    )];
    let borough = Borough::with(&[], &school).await;
    let care = [in_care("1", "Leanne", "Okafor", "2014-07-28")];
    let (id, mut ann, page) = waits(&borough, &care).await;
    let decide = format!("/loads/{id}/decide");
    let taken = ann.post(&decide, &taking(&version(&page), &TODAY)).await;
    assert_eq!(taken.status, 303, "{}", taken.words());
    borough.does("link-what-is-new").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let none = ["", "", ""];
    let joined = pictures(&look(&mut grace, "Okafor", none).await);
    assert_eq!(joined.len(), 1);
    let back = format!("/loads/{id}/take-back");
    let page = ann.get(&back).await;
    let why = [
        ("version", &*version(&page)),
        ("reason", "It is another borough's list."),
    ];
    assert_eq!(ann.post(&back, &why).await.status, 303);
    borough.does("take-file-back").await;
    borough.does("link-what-is-new").await;
    let alone = pictures(&look(&mut grace, "Okafor", none).await);
    assert_eq!(alone.len(), 1);
    let picture = grace.get(&alone[0]).await.words();
    assert!(!picture.contains("Leanne"), "{picture}");
    // A run over everything finds nothing to change.
    let run = borough.link().await;
    assert_eq!((run.joined, run.parted), (0, 0));
    let again = borough.care_tells(&care).await;
    assert_eq!(again.joined, 1);
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn another_agencys_file_says_whose_it_is() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let police = borough.test.agency("northwater-police").await.to_string();
    let file = format!("{}\n{}\n", crate::children::CARE, children(1)[0]);
    let sent = ann
        .post("/loads/new", &[("agency", &*police), ("file", &*file)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let page = sent.location().to_owned();
    borough.does("read-file").await;
    let page = ann.get(&page).await;
    let words = page.words();
    for part in [
        "Stopped: another agency sends files of this source",
        "sent by northwater council",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!page.text.contains("Take it in"), "{words}");
}

#[tokio::test]
async fn a_value_that_is_still_wrong_is_not_put_right() {
    let borough = Borough::with(&[], &[]).await;
    let wrong = [in_care("1", "Leanne", "Okafor", "2014-02-31")];
    let (id, mut ann, _) = waits(&borough, &wrong).await;
    let place = "row=1&table=&column=Date+Of+Birth";
    let page = ann.get(&format!("/loads/{id}/correct?{place}")).await;
    assert_eq!(page.status, 200, "{}", page.words());
    let seen = version(&page);
    let correct = format!("/loads/{id}/correct");
    let typed = |text: &'static str| {
        [
            ("version", seen.clone()),
            ("row", "1".to_owned()),
            ("table", String::new()),
            ("column", "Date Of Birth".to_owned()),
            ("text", text.to_owned()),
            ("reason", "The front door confirmed it.".to_owned()),
        ]
    };
    let before = borough.test.newest_entry().await;
    for text in ["99/99/2012", "31 February", "soon"] {
        let fields = typed(text);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, of)| (*name, &**of)).collect();
        let again = ann.post(&correct, &fields).await;
        assert_eq!(again.status, 422, "{text}: {}", again.words());
        let kept = format!("value=\"{text}\"");
        assert!(
            again.text.contains("There is a problem"),
            "{}",
            again.words()
        );
        assert!(again.text.contains(&kept), "{text} is lost");
        assert!(again.text.contains("The front door confirmed it."));
    }
    assert_eq!(borough.test.newest_entry().await, before);
    let fields = typed("2014-02-28");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, of)| (*name, &**of)).collect();
    let right = ann.post(&correct, &fields).await;
    assert_eq!(right.status, 303, "{}", right.words());
    let left = borough.test.actions_since(before).await;
    assert!(left.contains(&"loads.decide".to_owned()), "{left:?}");
}

/// A form with a file whose fields are these, in this order.
fn multipart(fields: &[(&str, &str)]) -> Vec<u8> {
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body: String = fields.iter().map(part).collect();
    body.push_str("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nx\r\n--x--\r\n");
    body.into_bytes()
}

#[tokio::test]
async fn a_form_with_a_file_begins_with_its_token_and_holds_no_more_than_it_asks() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    ann.get("/loads/new").await;
    let kind = "multipart/form-data; boundary=x";
    let token = ann.csrf();
    let agency = borough.test.agency("northwater-council").await.to_string();
    let own = ("csrf_token", token.as_str());
    let of = ("agency", agency.as_str());
    let long = "x".repeat(9_000);
    let many: Vec<String> = (0..60).map(|number| format!("f{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (&**name, &*long)).collect();
    let before = borough.test.newest_entry().await;
    for (what, fields, status) in [
        ("a token that comes second", vec![of, own], 403),
        (
            "many fields before the token",
            [&many[..], &[own, of]].concat(),
            403,
        ),
        (
            "many fields after it",
            [&[own, of], &many[..]].concat(),
            400,
        ),
        ("a field twice", vec![own, of, of], 400),
        (
            "a field that nothing reads",
            vec![own, of, ("day", "1")],
            400,
        ),
    ] {
        let reply = ann.post_body("/loads/new", kind, multipart(&fields)).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.words());
    }
    // What never comes to a field at all is not held either.
    for body in [
        "y".repeat(4_000_000),
        format!("--x\r\n{}", "y".repeat(4_000_000)),
    ] {
        let reply = ann.post_body("/loads/new", kind, body.into_bytes()).await;
        assert_eq!(reply.status, 413, "{}", reply.words());
    }
    assert_eq!(borough.test.newest_entry().await, before);
    let sent = ann
        .post_body("/loads/new", kind, multipart(&[own, of]))
        .await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    // A form of another kind is none.
    let reply = ann
        .post_body("/loads/new", FORM, b"agency=1".to_vec())
        .await;
    assert_eq!(reply.status, 403);
}

#[tokio::test]
async fn another_file_under_a_key_is_refused_and_nothing_is_kept_in_clear() {
    let test = TestApp::start().await;
    let agency = test.agency("northwater-council").await;
    let bearer = test.bearer(agency, &ApiScope::ALL).await;
    let calls = |key: &str| {
        let caller = test.visitor().with_header("authorization", &bearer);
        caller.with_header("idempotency-key", key)
    };
    let path = "/api/v1/loads?file=marsh-family.csv";
    let kind = "application/octet-stream";
    let send = async |key: &str, path: &str, bytes: &[u8]| {
        calls(key).post_body(path, kind, bytes.to_vec()).await
    };
    let first = send("one", path, b"Id,Name\n1,Ada\n").await;
    assert_eq!(first.status, 201, "{}", first.text);
    // The very same is answered the same, and done once.
    let before = test.newest_entry().await;
    let again = send("one", path, b"Id,Name\n1,Ada\n").await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    // Another file, of another length or the same, under another name or the same.
    for (path, bytes) in [
        (path, b"Id,Name\n1,Eve\n".as_slice()),
        (path, b"Id,Name\n1,Evelyn\n".as_slice()),
        (
            "/api/v1/loads?file=other.csv",
            b"Id,Name\n1,Ada\n".as_slice(),
        ),
    ] {
        let other = send("one", path, bytes).await;
        assert_eq!(other.status, 422, "{}", other.text);
        assert!(other.text.contains("use a new key"), "{}", other.text);
    }
    assert_eq!(test.newest_entry().await, before);
    let feed = r#"{"agency": "AGENCY", "name": "Marsh concerns", "about": "Of the Marsh family.", "contact": "Data manager", "lawful_basis": "public-task", "controllers": "The schools", "schedule": "weekly"}"#;
    let feed = feed.replace("AGENCY", &agency.to_string());
    let added = calls("two")
        .post_body(
            "/api/v1/feeds",
            "application/json",
            feed.clone().into_bytes(),
        )
        .await;
    assert_eq!(added.status, 200, "{}", added.text);
    let again = calls("two")
        .post_body("/api/v1/feeds", "application/json", feed.into_bytes())
        .await;
    assert_eq!(again.text, added.text);
    let behind = test.behind().await;
    let all = "SELECT hex(CAST(id AS BLOB)) || hex(CAST(request AS BLOB)) || hex(body) AS kept FROM idempotency_key";
    let rows = behind
        .query_all_raw(Statement::from_string(behind.get_database_backend(), all))
        .await
        .expect("read");
    assert_eq!(rows.len(), 2);
    for row in rows {
        let kept: String = row.try_get("", "kept").expect("text");
        for clear in ["marsh-family", "Marsh", "sha256"] {
            let hex: String = clear.bytes().map(|byte| format!("{byte:02X}")).collect();
            assert!(!kept.contains(&hex), "{clear} stands in clear");
        }
    }
}

/// A server does jobs until those of a kind are done.
#[tokio::test]
async fn a_file_taken_back_while_the_server_stops_is_taken_back_by_the_next() {
    let borough = Borough::with(&children(12), &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(12)).await;
    let decide = format!("/loads/{id}/decide");
    let taken = ann.post(&decide, &taking(&version(&page), &TODAY)).await;
    assert_eq!(taken.status, 303, "{}", taken.words());
    borough.does("take-file-in").await;
    let back = format!("/loads/{id}/take-back");
    let seen = version(&ann.get(&back).await);
    let why = [("version", &*seen), ("reason", "It came twice.")];
    assert_eq!(ann.post(&back, &why).await.status, 303);
    // The change and its job are one: whoever comes next finds it.
    let jobs = borough.test.store().jobs_of("take-file-back", 10).await;
    let jobs = jobs.expect("read");
    assert!(
        jobs.iter().any(|job| job.state == JobState::Waiting),
        "{jobs:?}"
    );
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(run_jobs(borough.test.app.clone(), stopping));
    stop.send_replace(true);
    running.await.expect("the runner stops");
    borough.does("take-file-back").await;
    let words = ann.get(&format!("/loads/{id}")).await.words();
    assert!(words.contains("Taken back"), "{words}");
}

/// Whatever stops a server between what was undone and what follows from it, the next goes on.
#[tokio::test]
async fn a_taking_back_that_was_cut_short_is_finished_by_the_next() {
    let borough = Borough::with(&children(12), &[]).await;
    let (id, mut ann, page) = waits(&borough, &children(12)).await;
    let decide = format!("/loads/{id}/decide");
    let taken = ann.post(&decide, &taking(&version(&page), &TODAY)).await;
    assert_eq!(taken.status, 303, "{}", taken.words());
    borough.does("take-file-in").await;
    let back = format!("/loads/{id}/take-back");
    let seen = version(&ann.get(&back).await);
    let why = [("version", &*seen), ("reason", "It came twice.")];
    assert_eq!(ann.post(&back, &why).await.status, 303);
    let app = &borough.test.app;
    let far: Far = std::sync::Arc::new(|_| {});
    let intake = Intake::new(app.store(), app.access(), app.practice(), far).expect("an intake");
    let behind = borough.test.behind().await;
    let mut goes = Box::pin(intake.take_back(id));
    loop {
        tokio::select! {
            biased;
            done = &mut goes => panic!("it was not cut short: {done:?}"),
            () = tokio::task::yield_now() => {}
        }
        let undone = Statement::from_string(behind.get_database_backend(), "SELECT id FROM undone");
        let undone = behind.query_all_raw(undone).await.expect("read");
        if !undone.is_empty() {
            break;
        }
    }
    drop(goes);
    let words = ann.get(&format!("/loads/{id}")).await.words();
    assert!(words.contains("Being taken back"), "{words}");
    borough.does("take-file-back").await;
    let words = ann.get(&format!("/loads/{id}")).await.words();
    assert!(words.contains("Taken back"), "{words}");
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn the_feed_register_follows_what_is_taken_in_and_taken_back() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let police = borough.test.agency("northwater-police").await;
    let connected = format!("/feeds?agency={police}&state=connected");
    let none = "No feed fits what you chose";
    let words = ann.get(&connected).await.words();
    assert!(words.contains(none), "{words}");
    borough.police_tell("Ada", "Marsh", "2012-03-04").await;
    let words = ann.get(&connected).await.words();
    assert!(!words.contains(none), "{words}");
    assert!(words.contains("northwater police"), "{words}");
    let list = ann.get("/loads").await;
    let rows = list
        .text
        .split("<tr ")
        .filter(|row| row.contains("northwater police"));
    let row = rows.last().expect("its file");
    let load = row.split("href=\"").nth(1).expect("a link");
    let load = load.split('"').next().expect("an end");
    let back = format!("{load}/take-back");
    let seen = version(&ann.get(&back).await);
    let why = [("version", &*seen), ("reason", "It is another force's.")];
    assert_eq!(ann.post(&back, &why).await.status, 303);
    borough.does("take-file-back").await;
    let words = ann.get(&connected).await.words();
    assert!(words.contains(none), "{words}");
}

#[tokio::test]
async fn of_a_picture_that_was_sent_in_nothing_is_kept() {
    let borough = Borough::with(&[], &[]).await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    ann.get("/loads/new").await;
    let agency = borough.test.agency("northwater-council").await;
    let mut body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{}\r\n--x\r\nContent-Disposition: form-data; name=\"agency\"\r\n\r\n{agency}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n",
        ann.csrf()
    )
    .into_bytes();
    body.extend(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde");
    body.extend(std::iter::repeat_n(0x55, 600_000));
    body.extend(b"\r\n--x--\r\n");
    let kind = "multipart/form-data; boundary=x";
    let sent = ann.post_body("/loads/new", kind, body).await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let load = sent.location().to_owned();
    let id = load.trim_start_matches("/loads/");
    let behind = borough.test.behind().await;
    let count = async |of: String| {
        let rows = Statement::from_string(behind.get_database_backend(), of);
        behind.query_all_raw(rows).await.expect("read").len()
    };
    let held = format!("SELECT id FROM incoming WHERE load_id = '{id}'");
    let kept = format!("SELECT id FROM original WHERE id LIKE '{id}%' AND id <> '{id}:found'");
    assert_eq!(
        count(held.clone()).await,
        3,
        "it lies sealed until it is read"
    );
    borough.does("read-file").await;
    assert_eq!(count(held).await, 0);
    assert_eq!(count(kept).await, 0);
    let words = ann.get(&load).await.words();
    assert!(words.contains("The file itself is not kept"), "{words}");
}

/// Whoever may send for every agency does not have to say whose a file is: its source does.
#[tokio::test]
async fn a_file_is_of_whoever_sends_files_of_its_source() {
    let borough = Borough::with(&[], &[]).await;
    borough.test.agency("northwater-police").await;
    let (_, mut ann) = borough.comes("ann", "analyst").await;
    let form = ann.get("/loads/new").await;
    let first = form.text.split("<option").nth(1).expect("a choice");
    assert!(first.contains("value=\"by-source\""), "{first}");
    let school = crate::children::at_school("9", "Leane", "Okafor", "2014-07-28");
    let file = format!("{}\n{school}\n", crate::children::SCHOOL);
    let by_source = |file: &'static str| [("agency", "by-source"), ("file", file)];
    let sent = ann
        .post("/loads/new", &[("agency", "by-source"), ("file", &*file)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let load = sent.location().to_owned();
    borough.does("read-file").await;
    let page = ann.get(&load).await;
    let words = page.words();
    assert!(words.contains("sent by northwater schools"), "{words}");
    assert!(page.text.contains("Take it in"), "{words}");
    // Where nobody is known to send files of a source, somebody must say.
    let areas = "code,name,kind,within\nE01000001,Fenby 1,lsoa,E05000001\n";
    let sent = ann.post("/loads/new", &by_source(areas)).await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let load = sent.location().to_owned();
    borough.does("read-file").await;
    let words = ann.get(&load).await.words();
    assert!(words.contains("nobody is known to"), "{words}");
    // Whoever may send for one agency alone is not asked, and cannot say so.
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let form = grace.get("/loads/new").await;
    assert!(!form.text.contains("by-source"), "{}", form.words());
    let sent = grace.post("/loads/new", &by_source("a,b\n")).await;
    assert_eq!(sent.status, 404, "{}", sent.words());
}
