//! Journeys through governance: the glass, bars, who has looked, the weekly sample.

use clearpicture_access::{Caller, Purpose};
use clearpicture_app::feeds::{AddFeed, Feed, FeedId};
use clearpicture_app::grants::{Involvement, note_involvement};
use clearpicture_app::shell::session::Stage;
use clearpicture_app::workers::identify;
use clearpicture_kernel::{Code, Line, WorkerId};
use clearpicture_store::Record as _;

use crate::support::{Reply, TestApp, Visitor, a_worker};

const REASON: &str = "Night duty: her phone is off and a child is missing.";

/// A night worker of one agency, Wren of another with her manager, and who answers for access.
struct Cast {
    test: TestApp,
    night: WorkerId,
    wren: WorkerId,
    manager: WorkerId,
    lead: WorkerId,
}

impl Cast {
    async fn new() -> Self {
        let test = TestApp::start().await;
        let council = test.agency("northwater-council").await;
        let charity = test.agency("lighthouse").await;
        let wren = test.worker(a_worker("wren").of(charity)).await;
        let own = Involvement::own(wren, charity).expect("a reason");
        let purpose = Purpose {
            code: Code::parse("administration").expect("a code"),
            marked: false,
        };
        note_involvement(&test.app, &Caller::system("set-up"), &purpose, own)
            .await
            .expect("noted");
        let manager = a_worker("morgan").of(charity).role("manager");
        let lead = a_worker("iris").of(council).role("information-governance");
        Self {
            night: test.worker(a_worker("amal").of(council)).await,
            manager: test.worker(manager).await,
            lead: test.worker(lead).await,
            wren,
            test,
        }
    }

    async fn comes(&self, worker: WorkerId) -> Visitor {
        self.test.signed_in(worker, Stage::Full).await
    }

    async fn looked(&self, visitor: &mut Visitor) -> Reply {
        visitor.get(&format!("/looked/{}", self.wren)).await
    }

    async fn breaks_glass(&self, visitor: &mut Visitor, reason: &str) -> Reply {
        let form = [("record", &*self.wren.to_string()), ("reason", reason)];
        visitor.post("/break-glass", &form).await
    }

    async fn bars(&self, lead: &mut Visitor, person: &str) -> Reply {
        let form = [
            ("person", person),
            ("record", &*self.wren.to_string()),
            ("reason", "Lives next door to her."),
        ];
        lead.post("/bars/new", &form).await
    }

    async fn looks_for(&self, lead: &mut Visitor, who: &str) -> Reply {
        let form = [("record", &*self.wren.to_string()), ("who", who)];
        lead.post("/bars/find", &form).await
    }

    /// Someone as decisions know them.
    async fn caller(&self, worker: WorkerId) -> Caller {
        let who = identify(self.test.app.clone(), worker).await;
        who.expect("read").expect("may sign in").caller
    }

    /// Whether Wren's record opens to this visitor.
    async fn opens_wren(&self, visitor: &mut Visitor) -> bool {
        visitor.get(&format!("/people/{}", self.wren)).await.status == 200
    }
}

#[track_caller]
fn assert_says(page: &Reply, words: &[&str]) {
    let said = page.words();
    for word in words {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
}

#[tokio::test]
async fn breaking_the_glass_asks_why_and_says_what_follows() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    assert_eq!(cast.looked(&mut night).await.status, 403);

    let asking = format!("/break-glass/new?record={}", cast.wren);
    let asked = night.get(&asking).await;
    let lasts =
        "It lasts three hours, is for you only, and is listed for the information governance lead.";
    assert_says(&asked, &[lasts, "work with a child or family"]);
    let short = cast.breaks_glass(&mut night, "duty").await;
    assert_eq!(short.status, 422);
    assert_says(&short, &["There is a problem", "at least 10 characters"]);
    assert!(!cast.opens_wren(&mut night).await);

    let record = format!("/people/{}", cast.wren);
    let opened = cast.breaks_glass(&mut night, REASON).await;
    assert_eq!(opened.location(), record);
    // Asked again while it is open, there is nothing to ask.
    assert_eq!(night.get(&asking).await.location(), record);
}

#[tokio::test]
async fn the_glass_is_broken_for_three_hours_exactly_and_for_one_person() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);

    let fenby = cast.test.agency("fenby-school").await;
    let other = cast.test.worker(a_worker("robin").of(fenby)).await;
    let mut other = cast.comes(other).await;
    assert!(!cast.opens_wren(&mut other).await);
    let manager = format!("/people/{}", cast.manager);
    assert_eq!(night.get(&manager).await.status, 403);

    let mut lead = cast.comes(cast.lead).await;
    let listed = lead.get("/break-glass").await;
    assert_says(&listed, &[REASON, "Amal Example", "Wren Example"]);
    assert!(!listed.words().contains(&cast.wren.to_string()));
    assert!(listed.text.contains("cp-tag--due\">open<"));
    assert_says(&night.get("/break-glass/mine").await, &[REASON]);
    let own = other.get("/break-glass/mine").await;
    assert!(!own.text.contains(REASON));
    assert_eq!(night.get("/break-glass").await.status, 403);

    cast.test.pass_seconds(3 * 3600 - 1);
    let mut night = cast.comes(cast.night).await;
    assert!(cast.opens_wren(&mut night).await);
    cast.test.pass_seconds(1);
    assert!(!cast.opens_wren(&mut night).await);
    let mut lead = cast.comes(cast.lead).await;
    let listed = lead.get("/break-glass").await;
    assert_says(&listed, &[REASON, "over"]);
    assert!(!listed.text.contains("cp-tag--due\">open<"));
}

#[tokio::test]
async fn for_a_barred_person_the_record_is_not_there() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);
    assert_says(&night.get("/people").await, &["4 people", "Wren Example"]);

    let mut lead = cast.comes(cast.lead).await;
    // The person is found in the directory by name or address, and chosen: no id is typed.
    let record = format!("/looked/{}", cast.wren);
    let begins = lead.get(&record).await;
    assert!(begins.text.contains("Bar somebody from it"));
    let nobody = cast.looks_for(&mut lead, "nobody@northwater.example").await;
    assert_says(&nobody, &["Nobody in the directory is called so"]);
    assert_says(&cast.looks_for(&mut lead, " ").await, &["Type a name"]);
    for who in ["exam AMAL", " Amal@Northwater.example", "mal%"] {
        let found = cast.looks_for(&mut lead, who).await;
        assert_says(&found, &["Amal Example", "Wren Example"]);
        assert!(found.text.contains(&cast.night.to_string()), "{who}");
        assert!(!found.words().contains("Morgan"), "{who}");
    }
    let unchosen = cast.bars(&mut lead, "").await;
    assert_says(&unchosen, &["choose one of those who were found"]);
    let barred = cast.bars(&mut lead, &cast.night.to_string()).await;
    assert_eq!(barred.location(), "/bars");

    // Not even a glass that is broken already opens it.
    assert!(!cast.opens_wren(&mut night).await);
    let people = night.get("/people").await;
    assert_says(&people, &["3 people"]);
    assert!(!people.text.contains("Wren") && !people.text.contains(&cast.wren.to_string()));
    let never = "worker_00000000000000000000000001";
    for path in ["/people/", "/looked/", "/break-glass/new?record="] {
        let barred = night.get(&format!("{path}{}", cast.wren)).await;
        let absent = night.get(&format!("{path}{never}")).await;
        assert_eq!((barred.status, absent.status), (404, 404), "{path}");
        assert_eq!(barred.text, absent.text, "{path}");
    }
    let again = cast.breaks_glass(&mut night, REASON).await;
    assert_eq!(again.status, 404);
    // Their own list does not tell them of it either.
    let own = night.get("/break-glass/mine").await;
    assert!(!own.text.contains("Lives next door"));
    // Nobody else is touched by it.
    let mut manager = cast.comes(cast.manager).await;
    assert_says(&manager.get("/people").await, &["4 people", "Wren Example"]);
}

#[tokio::test]
async fn a_bar_is_lifted_with_a_reason_by_the_lead_alone() {
    let cast = Cast::new().await;
    let mut lead = cast.comes(cast.lead).await;
    cast.bars(&mut lead, &cast.night.to_string()).await;
    let bars = lead.get("/bars").await;
    assert_says(&bars, &["Lives next door to her.", "in force"]);
    let lift = link(&bars.text, "/bars/grant_").expect("a link to lift it");

    let mut night = cast.comes(cast.night).await;
    for path in [
        "/bars",
        "/bars/new",
        "/governance",
        "/look-ups",
        "/processing",
    ] {
        assert_eq!(night.get(path).await.status, 403, "{path}");
    }
    assert_eq!(night.get(&lift).await.status, 404);

    assert_says(&lead.get(&lift).await, &["Lives next door to her."]);
    let why = ("reason", "She moved away.");
    let stale = lead.post(&lift, &[("version", "7"), why]).await;
    assert_eq!(stale.status, 409);
    let silent = lead.post(&lift, &[("version", "1"), ("reason", "")]).await;
    assert_says(&silent, &["There is a problem"]);
    let lifted = lead.post(&lift, &[("version", "1"), why]).await;
    assert_eq!(lifted.location(), "/bars");
    assert_says(&night.get("/people").await, &["4 people", "Wren Example"]);
    assert_eq!(lead.get(&lift).await.status, 404);
}

#[tokio::test]
async fn a_bar_holds_for_records_of_every_kind() {
    let cast = Cast::new().await;
    let agency = cast.test.agency("lighthouse").await;
    let feed = Feed {
        agency,
        name: Line::parse("Missing episodes").expect("a name"),
        ..Feed::samples().into_iter().next().expect("a sample")
    };
    let id = FeedId::fresh(cast.test.app.ambient());
    let manager = cast.caller(cast.manager).await;
    cast.test.add::<AddFeed>(&manager, &id, &feed).await;
    let mut night = cast.comes(cast.night).await;
    let page = format!("/feeds/{id}");
    assert_says(&night.get("/feeds").await, &["1 feed ", feed.name.as_str()]);
    assert_eq!(night.get(&page).await.status, 200);

    let mut lead = cast.comes(cast.lead).await;
    let form = [
        ("person", &*cast.night.to_string()),
        ("record", &*id.to_string()),
        ("reason", "It concerns her own family."),
    ];
    assert_eq!(lead.post("/bars/new", &form).await.location(), "/bars");
    let feeds = night.get("/feeds").await;
    assert!(
        !feeds.text.contains(feed.name.as_str()),
        "{}",
        feeds.words()
    );
    assert!(!feeds.words().contains("1 feed "), "{}", feeds.words());
    for path in [
        page.clone(),
        format!("{page}/history"),
        format!("/looked/{id}"),
    ] {
        assert_eq!(night.get(&path).await.status, 404, "{path}");
    }
    assert_says(&lead.get("/feeds").await, &["1 feed ", feed.name.as_str()]);
}

#[tokio::test]
async fn who_looked_is_told_in_tiers_and_once_for_each_quarter_of_an_hour() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);
    assert!(cast.opens_wren(&mut night).await);

    let mut own = cast.comes(cast.wren).await;
    let page = cast.looked(&mut own).await;
    assert_says(&page, &["1 opening ", "northwater council", "practitioner"]);
    assert_says(&page, &["broke the glass"]);
    assert!(!page.text.contains("Amal"), "{}", page.text);
    let mut manager = cast.comes(cast.manager).await;
    assert_says(&cast.looked(&mut manager).await, &["Amal Example"]);

    // 14:02 to 14:15 is the rest of this quarter of an hour.
    cast.test.pass_minutes(12);
    assert!(cast.opens_wren(&mut night).await);
    assert_says(&cast.looked(&mut own).await, &["1 opening "]);
    cast.test.pass_minutes(1);
    assert!(cast.opens_wren(&mut night).await);
    assert_says(&cast.looked(&mut own).await, &["2 openings"]);
}

#[tokio::test]
async fn look_ups_for_marked_purposes_are_absent_for_all_but_the_named_role() {
    let cast = Cast::new().await;
    let mut manager = cast.comes(cast.manager).await;
    assert!(cast.opens_wren(&mut manager).await);
    let marked = [("purpose", "allegation-against-staff")];
    assert_eq!(manager.post("/purpose", &marked).await.status, 303);
    assert!(cast.opens_wren(&mut manager).await);

    let secret = "an allegation against a member of staff";
    for worker in [cast.wren, cast.manager] {
        let mut visitor = cast.comes(worker).await;
        let page = cast.looked(&mut visitor).await;
        assert_says(&page, &["1 opening "]);
        assert!(!page.words().contains(secret), "{}", page.words());
    }
    let mut lead = cast.comes(cast.lead).await;
    assert_says(&cast.looked(&mut lead).await, &["2 openings", secret]);
}

#[tokio::test]
async fn the_lead_decides_each_look_up_of_a_weeks_sample() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);
    // Her own record is hers: that is no look-up by someone who is not involved.
    let mut own = cast.comes(cast.wren).await;
    assert!(cast.opens_wren(&mut own).await);

    // The week is not over, so nothing of it is drawn yet.
    let mut lead = cast.comes(cast.lead).await;
    assert_says(&lead.get("/look-ups").await, &["nothing to decide"]);
    let early = lead.get("/look-ups/decide?look=1").await;
    assert_eq!(early.status, 404);

    cast.test.pass_minutes(7 * 24 * 60);
    let mut lead = cast.comes(cast.lead).await;
    let sample = lead.get("/look-ups").await;
    assert_says(&sample, &["1 of 1 not decided yet", "Amal Example"]);
    let href = link(&sample.text, "/look-ups/decide?look=").expect("a link");
    let look = href.rsplit('=').next().expect("a number");
    assert_says(
        &lead.get(&href).await,
        &["not yet", "Nothing is sent from here"],
    );

    let mut decide = async |version: &str, verdict: &str, note: &str| {
        let form = [
            ("look", look),
            ("version", version),
            ("verdict", verdict),
            ("note", note),
        ];
        lead.post("/look-ups/decide", &form).await
    };
    let undecided = decide("0", "", "").await;
    assert_eq!(undecided.status, 422);
    assert_says(&undecided, &["Choose fine, ask or incident"]);
    let saved = decide("0", "ask", "Ask her manager about the call.").await;
    assert_eq!(saved.location(), "/look-ups?week=2026-11-16");
    assert_eq!(decide("0", "fine", "").await.status, 409);
    let changed = decide("1", "fine", "").await;
    assert_eq!(changed.location(), "/look-ups?week=2026-11-16");
    assert_says(&lead.get("/look-ups").await, &["All 1 are decided", "Fine"]);
    assert_says(&lead.get("/governance").await, &["all 1 decided"]);
}

#[tokio::test]
async fn an_auditor_reads_what_governance_keeps_and_changes_nothing() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);
    let mut manager = cast.comes(cast.manager).await;
    let marked = [("purpose", "allegation-against-staff")];
    assert_eq!(manager.post("/purpose", &marked).await.status, 303);
    assert!(cast.opens_wren(&mut manager).await);
    let mut lead = cast.comes(cast.lead).await;
    cast.bars(&mut lead, &cast.night.to_string()).await;
    cast.test.pass_minutes(7 * 24 * 60);
    cast.test.store().seal_due().await.expect("sealed");
    let mut lead = cast.comes(cast.lead).await;
    assert_says(&lead.get("/look-ups").await, &["2 of 2 not decided yet"]);

    let council = cast.test.agency("northwater-council").await;
    let auditor = a_worker("asa").of(council).role("auditor");
    let auditor = cast.test.worker(auditor).await;
    let mut auditor = cast.comes(auditor).await;
    // Who looked stands there by agency and role, and look-ups for marked purposes are absent, counts included.
    let looks = auditor.get("/look-ups").await;
    assert_says(
        &looks,
        &["1 of 1 not decided yet", "practitioner, northwater council"],
    );
    assert!(!looks.words().contains("Amal"), "{}", looks.words());
    let broken = auditor.get("/break-glass").await;
    assert_says(&broken, &[REASON, "Somebody of northwater council"]);
    assert!(!broken.words().contains("Amal"), "{}", broken.words());
    let bars = auditor.get("/bars").await;
    assert_says(
        &bars,
        &["Lives next door to her.", "Amal Example", "in force"],
    );
    assert_says(
        &auditor.get("/seals").await,
        &["Seals of history", "Seals of the read log"],
    );
    assert_says(&auditor.get("/breaches").await, &["No joined picture"]);
    assert_says(
        &auditor.get("/governance").await,
        &["1 in force", "1 of 1 to decide"],
    );
    for page in [&looks, &bars] {
        for link in ["/look-ups/decide", "/lift", "/bars/new"] {
            assert!(!page.text.contains(link), "{link}");
        }
    }
    let lift = link(&lead.get("/bars").await.text, "/bars/grant_").expect("a link to lift it");
    let why = [("version", "1"), ("reason", "It is over now, I think.")];
    assert_eq!(auditor.post(&lift, &why).await.status, 403);
    let opened = format!("/people/{}/opened", cast.night);
    for path in ["/bars/new", "/look-ups/decide?look=1", &opened] {
        assert_eq!(auditor.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_lead_sees_all_that_one_person_opened_and_that_leaves_a_row() {
    let cast = Cast::new().await;
    let mut night = cast.comes(cast.night).await;
    cast.breaks_glass(&mut night, REASON).await;
    assert!(cast.opens_wren(&mut night).await);
    let mut lead = cast.comes(cast.lead).await;
    let record = lead.get(&format!("/people/{}", cast.night)).await;
    let href = format!("/people/{}/opened", cast.night);
    assert!(record.text.contains(&href), "{}", record.words());
    let before = cast.test.store().verify().await.expect("whole").looks;
    let opened = lead.get(&href).await;
    assert_says(
        &opened,
        &[
            "Amal Example",
            "1 opening ",
            "Wren Example",
            "broke the glass",
        ],
    );
    let after = cast.test.store().verify().await.expect("whole").looks;
    assert_eq!(after, before + 1, "the read log tells of it");
    for worker in [cast.manager, cast.night] {
        let mut other = cast.comes(worker).await;
        assert_eq!(other.get(&href).await.status, 403);
    }
    let nobody = "/people/worker_00000000000000000000000009/opened";
    assert_eq!(lead.get(nobody).await.status, 404);
}

#[tokio::test]
async fn the_lead_reads_the_record_of_processing() {
    let cast = Cast::new().await;
    let mut lead = cast.comes(cast.lead).await;
    let page = lead.get("/processing").await;
    assert_says(&page, &["Lawful basis", "Appendix: data-protection impact"]);
}

/// The first address on a page that begins with `start`.
fn link(page: &str, start: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("href=\"{start}"))?;
    let (end, _) = rest.split_once('"')?;
    Some(format!("{start}{end}"))
}
