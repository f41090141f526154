//! Children: found, shown on one page, explained, parted; and never to whoever is barred.

use std::io::Cursor;

use clearpicture_app::jobs::run_jobs;
use clearpicture_app::linking::{self, LinkFault, Outcome};
use clearpicture_app::loads::{Agreed, Examined, Far, Intake, Layout, LoadId};
use clearpicture_app::shell::session::Stage;
use clearpicture_ingest::Asked;
use clearpicture_kernel::{AgencyId, Line, Passage, RecordId, TypedId as _, WorkerId};
use clearpicture_store::{Grant, GrantId, JobState, Relation};
use sea_orm::ConnectionTrait as _;
use tokio::sync::watch;

use crate::support::{Log, Reply, TestApp, Visitor, a_worker};

pub(crate) const CARE: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,Local Authority Organisation,Contact Name,Contact Role,Contact Phone,Date Of Most Recent Interaction,Start Date Of Last Involvement";
pub(crate) const SCHOOL: &str =
    "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,School Name";

/// Social care's row of a child; the other agency's is [`at_school`].
pub(crate) fn in_care(key: &str, given: &str, family: &str, born: &str) -> String {
    format!(
        "{key},{given},{family},{born},Female,\"1 Mill Lane\nFenby\nXN1 2AB\",Current,Northwater Council,Robin Ashdown,Social worker,01632 960555,2026-09-01,2025-01-06"
    )
}

pub(crate) fn at_school(key: &str, given: &str, family: &str, born: &str) -> String {
    format!(
        "{key},{given},{family},{born},Female,\"1 Mill Lane\nFenby\nXN1 2AB\",Current,Saltway High School"
    )
}

pub(crate) struct Borough {
    pub(crate) test: TestApp,
    council: AgencyId,
    schools: AgencyId,
}

impl Borough {
    pub(crate) async fn with(care: &[String], school: &[String]) -> Self {
        Self::of(TestApp::start().await, care, school).await
    }

    pub(crate) async fn of(test: TestApp, care: &[String], school: &[String]) -> Self {
        let council = test.agency("northwater-council").await;
        let schools = test.agency("northwater-schools").await;
        let borough = Self {
            test,
            council,
            schools,
        };
        borough.take(borough.council, CARE, care).await;
        borough.take(borough.schools, SCHOOL, school).await;
        borough
    }

    /// Takes in a file of social care, and links whoever it tells of as they arrive.
    pub(crate) async fn care_tells(&self, rows: &[String]) -> Outcome {
        let load = self.take(self.council, CARE, rows).await;
        self.link_new(&load).await
    }

    /// Takes in a file of schools, and links whoever it tells of as they arrive.
    pub(crate) async fn schools_tell(&self, rows: &[String]) -> Outcome {
        let load = self.take(self.schools, SCHOOL, rows).await;
        self.link_new(&load).await
    }

    /// Takes in the police's missing episodes of a child, and links whoever they tell of as they arrive.
    pub(crate) async fn police_tell(&self, given: &str, family: &str, born: &str) -> Outcome {
        const MISSING: &str = "Report Number,Person Number,Forename,Surname,Date Of Birth,Sex,Self-defined Ethnicity,Home Postcode,Local Authority,Reported Missing,Found,Risk,Prevention Interview";
        let agency = self.test.agency("northwater-police").await;
        let row = format!(
            "R1,P1,{given},{family},{born},F,NS,XN1 2AB,Northwater,01/08/2026 22:00,02/08/2026 09:00,High,Yes"
        );
        let load = self.take(agency, MISSING, &[row]).await;
        self.link_new(&load).await
    }

    async fn link_new(&self, load: &str) -> Outcome {
        let app = &self.test.app;
        linking::run_for_load(app.store(), app.access(), &app.practice().linkage, load)
            .await
            .expect("linked")
    }

    /// Takes in patients as health sends them, and links whoever they are as they arrive.
    pub(crate) async fn health_tells(&self, bundle: &serde_json::Value) -> Outcome {
        let agency = self.test.agency("northwater-health").await;
        let load = self
            .take_file(agency, bundle.to_string().into_bytes())
            .await;
        self.link_new(&load).await
    }

    /// Takes in a school census's pupils, and links whoever they are as they arrive.
    pub(crate) async fn census_tells(&self, rows: &[&str]) -> Outcome {
        const PUPILS: &str = "pupilonrolltableid,upn,dob,surname,forename,sex,entrydate";
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        let load = self.take(self.schools, PUPILS, &rows).await;
        self.link_new(&load).await
    }

    /// Takes in patients as health sends them, and links nobody yet.
    pub(crate) async fn health_sends_in(&self, bundle: &serde_json::Value) {
        let agency = self.test.agency("northwater-health").await;
        self.take_file(agency, bundle.to_string().into_bytes())
            .await;
    }

    /// Takes in a file of social care, and links nobody yet.
    pub(crate) async fn care_sends_in(&self, rows: &[String]) {
        self.take(self.council, CARE, rows).await;
    }

    /// Takes in a file of schools, and links nobody yet.
    pub(crate) async fn schools_send_in(&self, rows: &[String]) {
        self.take(self.schools, SCHOOL, rows).await;
    }

    /// Does what waits in the background until all of a kind is done, and there is some.
    pub(crate) async fn does(&self, kind: &str) {
        let store = self.test.store();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(run_jobs(self.test.app.clone(), stopping));
        let waited = std::time::Instant::now();
        loop {
            let jobs = store.jobs_of(kind, 10).await.expect("read");
            if !jobs.is_empty() && jobs.iter().all(|job| job.state == JobState::Done) {
                break;
            }
            let late = waited.elapsed() > std::time::Duration::from_secs(20);
            assert!(!late, "not done: {:?}", store.jobs(None, 50).await);
            tokio::task::yield_now().await;
        }
        stop.send_replace(true);
        running.await.expect("the runner stops");
    }

    /// Has a file of social care sent in and read, so that somebody decides about it.
    pub(crate) async fn care_sends(&self, rows: &[String]) -> LoadId {
        let app = &self.test.app;
        let far: Far = std::sync::Arc::new(|_| {});
        let intake =
            Intake::new(app.store(), app.access(), app.practice(), far).expect("an intake");
        let name = Line::parse("file.csv").expect("a name");
        let bytes = format!("{CARE}\n{}\n", rows.join("\n")).into_bytes();
        let bytes = futures_util::stream::iter([Ok(bytes)]);
        let id = intake.receive(self.council, &name, bytes).await;
        let id = id.expect("kept");
        let read = intake.examine(id, &Layout::default(), None).await;
        read.expect("read");
        id
    }

    async fn take(&self, agency: AgencyId, headings: &str, rows: &[String]) -> String {
        let bytes = format!("{headings}\n{}\n", rows.join("\n"));
        self.take_file(agency, bytes.into_bytes()).await
    }

    async fn take_file(&self, agency: AgencyId, bytes: Vec<u8>) -> String {
        let app = &self.test.app;
        let profiles = &app.practice().profiles;
        let asked = Asked::default();
        let examined = Examined::of(Cursor::new(&bytes), profiles, &asked, |_| {}).expect("read");
        assert_eq!(examined.summary.quarantined, 0);
        let name = Line::parse("file.csv").expect("a name");
        let far: Far = std::sync::Arc::new(|_| {});
        let intake =
            Intake::new(app.store(), app.access(), app.practice(), far).expect("an intake");
        let bytes = futures_util::stream::iter([Ok(bytes)]);
        let id = intake.receive(agency, &name, bytes).await.expect("kept");
        let agreed = Agreed::default();
        let accepted = intake.accept(id, &examined, None, agreed).await;
        accepted.expect("accepted");
        intake.take_in(id).await.expect("taken in");
        id.to_string()
    }

    pub(crate) async fn link(&self) -> Outcome {
        let app = &self.test.app;
        linking::run(app.store(), app.access(), &app.practice().linkage)
            .await
            .expect("linked")
    }

    /// The same in changes of about so many records.
    pub(crate) async fn link_in_shares(&self, about: usize) -> Result<Outcome, LinkFault> {
        let app = &self.test.app;
        let model = &app.practice().linkage;
        linking::run_in_shares(app.store(), app.access(), model, about).await
    }

    pub(crate) async fn comes(&self, name: &str, role: &str) -> (WorkerId, Visitor) {
        self.comes_from(self.council, name, role).await
    }

    pub(crate) async fn comes_from_school(&self, name: &str, role: &str) -> (WorkerId, Visitor) {
        self.comes_from(self.schools, name, role).await
    }

    async fn comes_from(&self, agency: AgencyId, name: &str, role: &str) -> (WorkerId, Visitor) {
        let worker = a_worker(name).of(agency).role(role);
        let worker = self.test.worker(worker).await;
        (worker, self.test.signed_in(worker, Stage::Full).await)
    }

    /// Keeps a grant on a record, by policies of the test's own.
    pub(crate) async fn stands(&self, holder: WorkerId, on: &str, relation: Relation) {
        let ambient = self.test.app.ambient();
        let grant = Grant {
            holder: holder.record_id(),
            on_record: RecordId::parse(on).expect("an id"),
            owner: None,
            relation,
            reason: Passage::parse("A cousin.").expect("a reason"),
            starts_at: ambient.now(),
            ends_at: None,
            reached: clearpicture_store::Reached::default(),
        };
        let lead = a_worker(&format!("lead{}", self.test.newest_entry().await))
            .of(self.council)
            .role("information-governance");
        let lead = self.test.worker(lead).await;
        let caller = clearpicture_access::Caller {
            identity: clearpicture_access::Identity::Worker(lead),
            agency: Some(self.council),
            teams: std::collections::BTreeSet::new(),
            roles: std::collections::BTreeSet::from([clearpicture_kernel::Code::parse(
                "information-governance",
            )
            .expect("a code")]),
            ready: true,
        };
        let id = GrantId::fresh(ambient);
        match relation {
            Relation::Barred => {
                self.test
                    .add::<clearpicture_app::grants::AddBar>(&caller, &id, &grant)
                    .await;
            }
            _ => {
                self.test
                    .add::<clearpicture_app::grants::Involve>(&caller, &id, &grant)
                    .await;
            }
        }
    }
}

pub(crate) async fn look(visitor: &mut Visitor, name: &str, born: [&str; 3]) -> Reply {
    visitor.get("/children").await;
    let fields = [
        ("name", name),
        ("day", born[0]),
        ("month", born[1]),
        ("year", born[2]),
    ];
    visitor.post("/children", &fields).await
}

pub(crate) const NO_DAY: [&str; 3] = ["", "", ""];

/// The addresses of the pictures that a page leads to.
pub(crate) fn pictures(reply: &Reply) -> Vec<String> {
    let mut found: Vec<String> = reply
        .text
        .split("href=\"/children/person_")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|id| format!("/children/person_{id}"))
        .filter(|path| path.matches('/').count() == 2)
        .collect();
    found.dedup();
    found
}

async fn one_child() -> Borough {
    Borough::with(
        &[in_care("1", "Leanne", "Okafor", "2014-07-28")],
        &[at_school("9", "Leane", "Okafor", "2014-07-28")],
    )
    .await
}

#[tokio::test]
async fn a_child_is_found_by_name_sound_and_day_and_both_agencies_stand_on_one_page() {
    let borough = one_child().await;
    let outcome = borough.link().await;
    assert_eq!(
        (outcome.subjects, outcome.persons, outcome.joined),
        (2, 1, 1)
    );
    let log = Log::start();
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    for (name, born) in [
        ("okafor leanne", NO_DAY),
        ("Leanne", NO_DAY),
        ("LEEANNE OKAFFOR", NO_DAY),
        ("", ["28", "7", "2014"]),
        ("Okafor", ["28", "July", "2014"]),
    ] {
        let found = look(&mut amal, name, born).await;
        assert_eq!(
            pictures(&found).len(),
            1,
            "{name} {born:?}: {}",
            found.words()
        );
    }
    for (name, born) in [("Okafor", ["12", "7", "2014"]), ("Zbigniew", NO_DAY)] {
        let found = look(&mut amal, name, born).await;
        assert!(
            found.words().contains("Nobody was found"),
            "{}",
            found.words()
        );
    }
    let found = look(&mut amal, "Okafor", NO_DAY).await;
    let picture = amal.get(&pictures(&found)[0]).await;
    let words = picture.words();
    for part in [
        "12 years, born 28 July 2014",
        "2 sources, which differ on 1 thing",
        "Leanne Okafor",
        "Leane Okafor",
        "social care, record 1 of its file",
        "Saltway High School",
        "There may be information here that you cannot see",
        "Why these are one child",
        "Social worker",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!words.contains("Robin Ashdown") && !words.contains("960555"));
    assert!(
        !picture.text.contains("<title>Leanne"),
        "no name in the browser's history"
    );
    let log = log.text();
    assert!(
        !log.contains("Okafor") && !log.contains("okafor"),
        "no name in the log"
    );
}

/// A page without what is folded away.
fn unfolded(page: &Reply) -> String {
    let mut pieces = page.text.split("<details");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_, after) = piece.split_once("</details>").expect("its end");
        rest.push_str(after);
    }
    rest
}

#[tokio::test]
async fn rows_and_lists_of_sources_stand_behind_who_says_so_alone() {
    let borough = one_child().await;
    borough.link().await;
    borough.police_tell("Leanne", "Okafor", "2014-07-28").await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let path = pictures(&look(&mut amal, "Okafor", NO_DAY).await).remove(0);
    let picture = amal.get(&path).await;
    let words = picture.words().replace("&#x27;", "'");
    assert!(words.contains("record 1 of its file"), "{words}");
    let mut profiles = borough.test.app.practice().profiles.iter();
    assert!(profiles.any(|profile| words.matches(profile.title.as_str()).count() > 1));
    let rest = Reply {
        text: unfolded(&picture),
        ..picture
    };
    let rest = rest.words().replace("&#x27;", "'");
    assert!(rest.contains("Whom to ring"), "{rest}");
    for of in ["record ", "records "] {
        let after = rest.split(of).skip(1);
        let mut numbers = after.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(numbers.next(), None, "{rest}");
    }
    for profile in borough.test.app.practice().profiles.iter() {
        let title = profile.title.as_str();
        assert!(rest.matches(title).count() <= 1, "{title}: {rest}");
    }
}

#[tokio::test]
async fn whoever_is_involved_sees_whom_to_ring() {
    let borough = one_child().await;
    borough.link().await;
    let (worker, mut amal) = borough.comes("amal", "practitioner").await;
    let found = look(&mut amal, "Okafor", NO_DAY).await;
    let path = pictures(&found).remove(0);
    let id = path.trim_start_matches("/children/").to_owned();
    borough.stands(worker, &id, Relation::Involved).await;
    let words = amal.get(&path).await.words();
    assert!(words.contains("Robin Ashdown"), "{words}");
}

#[tokio::test]
async fn a_link_is_explained_and_parting_gives_back_what_was_there() {
    let borough = one_child().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let found = look(&mut grace, "Okafor", NO_DAY).await;
    let apart = pictures(&found);
    assert_eq!(apart.len(), 2, "before linkage each source has its own");
    borough.link().await;
    assert_eq!(
        borough.link().await.joined,
        0,
        "a second run changes nothing"
    );
    let found = look(&mut grace, "Okafor", NO_DAY).await;
    let path = pictures(&found).remove(0);
    let why = grace.get(&format!("{path}/why")).await;
    let words = why.words();
    for part in [
        "Joined by the system",
        "No person has checked this yet",
        "Leanne and Leane",
        "Together",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let empty = grace
        .post(
            &format!("{path}/why"),
            &[("version", &version(&why)), ("reason", "")],
        )
        .await;
    assert!(
        empty.words().contains("There is a problem"),
        "{}",
        empty.words()
    );
    let subject = why
        .text
        .split("value=\"subject_")
        .nth(2)
        .and_then(|rest| rest.split('"').next())
        .map(|id| format!("subject_{id}"))
        .expect("two records to choose from");
    let fields = [
        ("version", &*version(&why)),
        ("subject", &subject),
        ("reason", "The school has a cousin of this name."),
    ];
    let mut ewa = borough.comes("ewa", "manager").await.1;
    ewa.get(&format!("{path}/why")).await;
    let before = borough.test.newest_entry().await;
    let parted = grace.post(&format!("{path}/why"), &fields).await;
    assert_eq!(parted.status, 303, "{}", parted.words());
    let actions = borough.test.actions_since(before).await;
    assert!(actions.contains(&"persons.part".to_owned()), "{actions:?}");
    assert!(
        actions.contains(&"link-decisions.add".to_owned()),
        "{actions:?}"
    );
    let second = ewa.post(&format!("{path}/why"), &fields).await;
    assert!([404, 409].contains(&second.status), "{}", second.status);

    let mut found = pictures(&look(&mut grace, "Okafor", NO_DAY).await);
    let mut expected = apart;
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "the same two as before");
    for path in &found {
        let words = grace.get(path).await.words();
        assert!(words.contains("As one source knows them"), "{words}");
    }
    let again = borough.link().await;
    assert_eq!(
        (again.joined, again.persons),
        (0, 2),
        "no run joins them again"
    );
    borough.test.store().verify().await.expect("whole");
}

pub(crate) fn version(page: &Reply) -> String {
    let rest = page.text.split("name=\"version\" value=\"").nth(1);
    let value = rest.and_then(|rest| rest.split('"').next());
    value.expect("a version").to_owned()
}

#[tokio::test]
async fn a_bar_follows_the_child_into_the_joined_picture() {
    let borough = one_child().await;
    let (cousin, mut amal) = borough.comes("amal", "practitioner").await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let apart = pictures(&look(&mut grace, "Okafor", NO_DAY).await);
    // The one of the two that will be empty.
    let mut ids: Vec<&str> = apart
        .iter()
        .map(|path| path.trim_start_matches("/children/"))
        .collect();
    ids.sort_unstable();
    borough.stands(cousin, ids[1], Relation::Barred).await;
    borough.stands(cousin, ids[0], Relation::Involved).await;
    let seen = pictures(&look(&mut amal, "Okafor", NO_DAY).await);
    assert_eq!(seen.len(), 1, "one of the two is not there for them");
    borough.link().await;
    let found = look(&mut amal, "Okafor", NO_DAY).await;
    assert!(pictures(&found).is_empty(), "{}", found.words());
    assert!(found.words().contains("Nobody was found"));
    for id in &ids {
        for page in ["", "/why", "/history"] {
            let reply = amal.get(&format!("/children/{id}{page}")).await;
            assert_eq!(reply.status, 404, "{id}{page}");
        }
    }
    assert_eq!(pictures(&look(&mut grace, "Okafor", NO_DAY).await).len(), 1);
    // A bar made on the emptied one afterwards follows with the next run.
    let (neighbour, mut ines) = borough.comes("ines", "practitioner").await;
    assert_eq!(pictures(&look(&mut ines, "Okafor", NO_DAY).await).len(), 1);
    borough.stands(neighbour, ids[1], Relation::Barred).await;
    borough.link().await;
    assert!(pictures(&look(&mut ines, "Okafor", NO_DAY).await).is_empty());
}

#[tokio::test]
async fn who_may_not_see_children_finds_none() {
    let borough = one_child().await;
    borough.link().await;
    let (_, mut grace) = borough.comes("grace", "manager").await;
    let path = pictures(&look(&mut grace, "Okafor", NO_DAY).await).remove(0);
    for role in ["analyst", "administrator"] {
        let (_, mut other) = borough.comes(role, role).await;
        assert_ne!(other.get("/children").await.status, 200, "{role}");
        assert_eq!(other.get(&path).await.status, 404, "{role}");
    }
    let late = a_worker("late")
        .of(borough.council)
        .role("practitioner")
        .unvetted();
    let late = borough.test.worker(late).await;
    let mut late = borough.test.signed_in(late, Stage::Full).await;
    assert_ne!(late.get(&path).await.status, 200);
    // Parting is for those who answer for links.
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let why = amal.get(&format!("{path}/why")).await;
    assert_eq!(why.status, 200);
    assert!(!why.text.contains("Part them"));
    let fields = [("version", "2"), ("subject", "x"), ("reason", "Because.")];
    assert_eq!(amal.post(&format!("{path}/why"), &fields).await.status, 403);
}

#[tokio::test]
async fn two_children_of_one_home_who_differ_by_first_name_stay_two() {
    let borough = Borough::with(
        &[
            in_care("1", "Leanne", "Okafor", "2014-07-28"),
            in_care("2", "Beatrice", "Okafor", "2014-07-28"),
        ],
        &[
            at_school("8", "Beatrice", "Okafor", "2014-07-28"),
            at_school("9", "Leanne", "Okafor", "2014-07-28"),
        ],
    )
    .await;
    let outcome = borough.link().await;
    assert_eq!((outcome.persons, outcome.joined), (2, 2));
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    for (name, other) in [("Leanne", "Beatrice"), ("Beatrice", "Leanne")] {
        let found = look(&mut amal, name, NO_DAY).await;
        let picture = amal.get(&pictures(&found)[0]).await.words();
        assert!(
            picture.contains(name) && !picture.contains(other),
            "{picture}"
        );
    }
}

#[tokio::test]
async fn a_search_leaves_one_row_in_the_read_log_and_an_opening_another() {
    let borough = one_child().await;
    borough.link().await;
    let (_, mut amal) = borough.comes("amal", "practitioner").await;
    let before = borough.test.store().verify().await.expect("whole").looks;
    let found = look(&mut amal, "Okafor", NO_DAY).await;
    let after = borough.test.store().verify().await.expect("whole").looks;
    assert_eq!(after, before + 1);
    amal.get(&pictures(&found)[0]).await;
    let opened = borough.test.store().verify().await.expect("whole").looks;
    assert_eq!(opened, after + 1);
    for wrong in [("", NO_DAY), ("Okafor", ["31", "2", "2014"])] {
        let reply = look(&mut amal, wrong.0, wrong.1).await;
        assert_eq!(reply.status, 422);
        assert!(
            reply.words().contains("There is a problem"),
            "{}",
            reply.words()
        );
    }
}

/// Does `tampering` behind the program's back, without the triggers that would stop it.
async fn tampered(tampering: &str) -> Borough {
    let borough = one_child().await;
    borough.link().await;
    let behind = borough.test.behind().await;
    for table in [
        "told",
        "subject",
        "subject_key",
        "original",
        "link",
        "history_entry",
    ] {
        for change in ["update", "delete"] {
            let drop = format!("DROP TRIGGER {table}_no_{change}");
            behind.execute_unprepared(&drop).await.expect("dropped");
        }
    }
    behind.execute_unprepared(tampering).await.expect(tampering);
    borough
}

#[tokio::test]
async fn whatever_a_file_brought_is_proven() {
    let whole = one_child().await;
    whole.link().await;
    whole.test.store().verify().await.expect("whole");
    for (tampering, says) in [
        ("UPDATE told SET record = record + 1", "the rows that entry"),
        ("UPDATE told SET body = zeroblob(40)", "the rows that entry"),
        ("UPDATE link SET weight = 99000", "the rows that entry"),
        ("DELETE FROM subject_key", "the rows that entry"),
        ("DELETE FROM original", "the rows that entry"),
        (
            "UPDATE subject SET own_person_id = 'x'",
            "the rows that entry",
        ),
        (
            "INSERT INTO subject_key SELECT 'more', seq FROM subject_key LIMIT 1",
            "the rows that entry",
        ),
        (
            "INSERT INTO subject_key SELECT 'more', 999999 FROM subject_key LIMIT 1",
            "`subject_key` holds a row that no entry brought",
        ),
        (
            "UPDATE history_entry SET batch = zeroblob(32) WHERE batch IS NOT NULL",
            "was altered",
        ),
        (
            "UPDATE history_entry SET batch = zeroblob(32) WHERE batch IS NULL",
            "was altered",
        ),
    ] {
        let borough = tampered(tampering).await;
        let broken = borough.test.store().verify().await.expect_err(tampering);
        assert!(broken.to_string().contains(says), "{tampering}: {broken}");
    }
}

#[tokio::test]
async fn a_child_moved_to_another_picture_behind_the_programs_back_is_found() {
    let borough = one_child().await;
    borough.link().await;
    let folder = tempfile::tempdir().expect("a folder");
    let address = |name: &str| {
        let address = format!("sqlite:{}", folder.path().join(name).display());
        address.parse().expect("an address")
    };
    let rebuilt = borough.test.store().rebuild_into(&address("one.db")).await;
    rebuilt.expect("identical");
    let behind = borough.test.behind().await;
    let elsewhere = "UPDATE person_member SET person_id = 'person_00000000000000000000000001'";
    behind.execute_unprepared(elsewhere).await.expect("moved");
    let differs = borough.test.store().rebuild_into(&address("two.db")).await;
    let differs = differs.expect_err("it differs").to_string();
    assert!(differs.contains("`person_member`"), "{differs}");
}
