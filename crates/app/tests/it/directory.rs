//! Who finds whom: the directory, the record behind it, and a colleague's own number.

use clearpicture_app::shell::session::Stage;

use crate::support::northwater::{assert_holds, northwater, person};
use crate::support::{TestApp, a_worker};

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
