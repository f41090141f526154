//! Journeys through governance over HTTP.

use axum::http::StatusCode;
use clearpicture_kernel::WorkerId;

use super::world::{Got, Visitor, World};
use crate::workers::{ListWorkers, directory};

const REASON: &str = "Night duty: her phone is off and a child is missing.";

struct Cast {
    world: World,
    night: WorkerId,
    wren: WorkerId,
    lead: WorkerId,
    manager: WorkerId,
}

/// A night worker of one agency, Wren of another, and those who answer for access.
async fn cast() -> Cast {
    let world = World::new().await;
    let council = world.agency("northwater").await;
    let charity = world.agency("lighthouse").await;
    Cast {
        night: world.person(council, "Amal", "practitioner").await,
        wren: world.person(charity, "Wren", "practitioner").await,
        manager: world.person(charity, "Morgan", "manager").await,
        lead: world.person(council, "Iris", "information-governance").await,
        world,
    }
}

impl Cast {
    async fn looked(&self, visitor: &Visitor) -> Got {
        let path = format!("/looked/{}", self.wren);
        self.world.get(visitor, &path).await
    }

    async fn break_glass(&self, visitor: &Visitor) -> Got {
        let form = [("record", &*self.wren.to_string()), ("reason", REASON)];
        self.world.post(visitor, "/break-glass", &form).await
    }

    async fn bar(&self, lead: &Visitor, person: &str) -> Got {
        let form = [
            ("person", person),
            ("record", &*self.wren.to_string()),
            ("reason", "Lives next door to her."),
        ];
        self.world.post(lead, "/bars/new", &form).await
    }

    async fn colleagues(&self, visitor: &Visitor) -> (Vec<String>, u64) {
        let (caller, purpose) = self.world.caller(visitor).await;
        let store = self.world.app.store();
        let scope = store
            .scope::<ListWorkers>(self.world.app.access(), &caller, &purpose)
            .await
            .expect("a scope");
        let (rows, list) = directory(store, &scope, None, 1).await.expect("read");
        (rows.into_iter().map(|row| row.name).collect(), list.total)
    }
}

#[tokio::test]
async fn the_glass_opens_for_three_hours_for_one_person_and_is_listed() {
    let cast = cast().await;
    let world = &cast.world;
    let night = world.signed_in(cast.night).await;
    assert_eq!(cast.looked(&night).await.status, StatusCode::FORBIDDEN);

    let asking = format!("/break-glass/new?record={}", cast.wren);
    let asked = world.get(&night, &asking).await;
    assert_eq!(asked.status, StatusCode::OK);
    for words in ["lasts three hours, is for you only", "work with a child"] {
        assert!(asked.text.contains(words), "{}", asked.text);
    }
    let form = [("record", &*cast.wren.to_string()), ("reason", "duty")];
    let short = world.post(&night, "/break-glass", &form).await;
    assert_eq!(short.status, StatusCode::OK);
    assert!(short.text.contains("at least 10 characters"));

    let opened = cast.break_glass(&night).await;
    assert_eq!(opened.location, format!("/people/{}", cast.wren));
    assert!(world.open(&night, cast.wren).await);
    // Asked again while it is open, there is nothing to ask.
    assert_eq!(
        world.get(&night, &asking).await.location,
        format!("/people/{}", cast.wren)
    );

    // It opens nothing to anyone else, and nothing else to this person.
    let agency = world.agency("fenby").await;
    let other = world.person(agency, "Robin", "practitioner").await;
    let other = world.signed_in(other).await;
    assert!(!world.open(&other, cast.wren).await);
    assert!(!world.open(&night, cast.manager).await);

    let lead = world.signed_in(cast.lead).await;
    let list = world.get(&lead, "/break-glass").await.text;
    for words in [REASON, "Amal", &cast.wren.to_string(), "cp-tag--due\">open"] {
        assert!(list.contains(words), "no {words} in {list}");
    }
    let own = world.get(&night, "/break-glass/mine").await.text;
    assert!(own.contains(REASON));
    let others_own = world.get(&other, "/break-glass/mine").await.text;
    assert!(!others_own.contains(REASON));
    assert_eq!(
        world.get(&night, "/break-glass").await.status,
        StatusCode::FORBIDDEN
    );

    world.wait(3 * 3600 - 1);
    let night = world.signed_in(cast.night).await;
    assert!(world.open(&night, cast.wren).await);
    world.wait(1);
    assert!(!world.open(&night, cast.wren).await);
    let lead = world.signed_in(cast.lead).await;
    let list = world.get(&lead, "/break-glass").await.text;
    assert!(list.contains(REASON) && !list.contains("cp-tag--due\">open"));
}

#[tokio::test]
async fn for_a_barred_person_the_record_is_not_there() {
    let cast = cast().await;
    let world = &cast.world;
    let night = world.signed_in(cast.night).await;
    cast.break_glass(&night).await;
    assert!(world.open(&night, cast.wren).await);
    assert_eq!(cast.colleagues(&night).await.1, 4);

    let lead = world.signed_in(cast.lead).await;
    let nobody = cast.bar(&lead, "nobody@northwater.example").await;
    assert!(nobody.text.contains("nobody who signs in"), "{}", nobody.text);
    assert_eq!(cast.bar(&lead, "Amal@northwater.example").await.location, "/bars");

    // Not even a glass that is broken already opens it.
    assert!(!world.open(&night, cast.wren).await);
    let (names, count) = cast.colleagues(&night).await;
    assert_eq!((names.len(), count), (3, 3));
    assert!(!names.contains(&"Wren".to_owned()));
    let never = "worker_00000000000000000000000001";
    for path in ["/looked/", "/break-glass/new?record="] {
        let barred = world.get(&night, &format!("{path}{}", cast.wren)).await;
        let absent = world.get(&night, &format!("{path}{never}")).await;
        assert_eq!(barred.status, StatusCode::NOT_FOUND);
        assert_eq!(barred.text, absent.text, "{path}");
    }
    assert_eq!(cast.break_glass(&night).await.status, StatusCode::NOT_FOUND);
    // The person is not told by their own list either.
    let own = world.get(&night, "/break-glass/mine").await.text;
    assert!(!own.contains("Lives next door"));
    for path in ["/bars", "/bars/new", "/governance", "/look-ups"] {
        let refused = world.get(&night, path).await.status;
        assert_eq!(refused, StatusCode::FORBIDDEN, "{path}");
    }

    let bars = world.get(&lead, "/bars").await.text;
    assert!(bars.contains("Lives next door to her."));
    let lift = link(&bars, "/bars/grant_").expect("a link to lift it");
    assert_eq!(world.get(&night, &lift).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&lead, &lift).await.status, StatusCode::OK);
    let stale = [("version", "7"), ("reason", "She moved away.")];
    assert_eq!(
        world.post(&lead, &lift, &stale).await.status,
        StatusCode::CONFLICT
    );
    let form = [("version", "1"), ("reason", "She moved away.")];
    assert_eq!(world.post(&lead, &lift, &form).await.location, "/bars");
    assert_eq!(cast.colleagues(&night).await.1, 4);
    assert!(world.open(&night, cast.wren).await);
}

#[tokio::test]
async fn who_looked_is_told_in_tiers_once_for_each_quarter_of_an_hour() {
    let cast = cast().await;
    let world = &cast.world;
    let night = world.signed_in(cast.night).await;
    cast.break_glass(&night).await;
    assert!(world.open(&night, cast.wren).await);
    assert!(world.open(&night, cast.wren).await);

    let own = world.signed_in(cast.wren).await;
    let practitioner = cast.looked(&own).await.text;
    assert!(practitioner.contains("<strong>1 openings"), "{practitioner}");
    for words in ["The northwater agency", "practitioner", "broke the glass"] {
        assert!(practitioner.contains(words), "{words}");
    }
    assert!(!practitioner.contains("Amal"));

    let manager = world.signed_in(cast.manager).await;
    assert!(cast.looked(&manager).await.text.contains("Amal"));

    world.wait(15 * 60);
    assert!(world.open(&night, cast.wren).await);
    assert!(cast.looked(&own).await.text.contains("<strong>2 openings"));
}

#[tokio::test]
async fn look_ups_for_marked_purposes_are_absent_for_all_but_the_named_role() {
    let cast = cast().await;
    let world = &cast.world;
    let manager = world.signed_in(cast.manager).await;
    assert!(world.open(&manager, cast.wren).await);
    world.choose(&manager, "allegation-against-staff").await;
    assert!(world.open(&manager, cast.wren).await);

    let own = world.signed_in(cast.wren).await;
    for visitor in [&own, &manager] {
        let page = cast.looked(visitor).await.text;
        assert!(page.contains("<strong>1 openings"), "{page}");
        assert_eq!(page.matches("an allegation").count() , usize::from(visitor.id == cast.manager));
    }
    let lead = world.signed_in(cast.lead).await;
    let page = cast.looked(&lead).await.text;
    assert!(page.contains("<strong>2 openings"), "{page}");
    assert!(page.contains("an allegation against a member of staff"));
}

#[tokio::test]
async fn the_lead_decides_a_week_of_look_ups() {
    let cast = cast().await;
    let world = &cast.world;
    let night = world.signed_in(cast.night).await;
    cast.break_glass(&night).await;
    assert!(world.open(&night, cast.wren).await);
    let own = world.signed_in(cast.wren).await;
    assert!(world.open(&own, cast.wren).await);

    // The week is not over: nothing of it is drawn yet.
    let lead = world.signed_in(cast.lead).await;
    let early = world.get(&lead, "/look-ups").await.text;
    assert!(early.contains("nothing to decide"), "{early}");
    assert_eq!(
        world.get(&lead, "/look-ups/decide?look=1").await.status,
        StatusCode::NOT_FOUND
    );

    world.wait(7 * 24 * 3600);
    let lead = world.signed_in(cast.lead).await;
    let page = world.get(&lead, "/look-ups").await.text;
    // Wren's own record is no look-up by someone uninvolved.
    assert!(page.contains("<strong>1 of 1</strong> not decided yet"), "{page}");
    let href = link(&page, "/look-ups/decide").expect("a link");
    let look = href.rsplit('=').next().expect("a number").to_owned();

    let decide = async |version: &str, verdict: &str, note: &str| {
        let form = [
            ("look", look.as_str()),
            ("version", version),
            ("verdict", verdict),
            ("note", note),
        ];
        world.post(&lead, "/look-ups/decide", &form).await
    };
    assert!(decide("0", "", "").await.text.contains("Choose fine, ask or incident"));
    let saved = decide("0", "ask", "Ask her manager about the call.").await;
    assert_eq!(saved.location, "/look-ups?week=2026-11-16");
    assert_eq!(
        decide("0", "fine", "").await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(decide("1", "fine", "").await.status, StatusCode::SEE_OTHER);
    let page = world.get(&lead, "/look-ups").await.text;
    assert!(page.contains("All 1 are decided"), "{page}");
    let overview = world.get(&lead, "/governance").await.text;
    assert!(overview.contains("all 1 decided"), "{overview}");
    let processing = world.get(&lead, "/processing").await;
    assert!(processing.text.contains("data-protection impact"));
}

/// The first address on a page that begins with `start`.
fn link(page: &str, start: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("href=\"{start}"))?;
    let (end, _) = rest.split_once('"')?;
    Some(format!("{start}{end}"))
}
