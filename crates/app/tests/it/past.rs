//! The history of a record: filtered, page by page, and as it was known on a day.

use clearpicture_app::shell::session::Stage;

use crate::support::northwater::{assert_holds, council, northwater};
use crate::support::{TestApp, a_worker};

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
async fn a_long_history_is_read_a_page_at_a_time() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let other = a_worker("priya").of(agency).role("administrator");
    let other = test.worker(other).await;
    let mut priya = test.signed_in(other, Stage::Full).await;
    let edit = format!("/agencies/{agency}/edit");
    for number in 1_u32..=59 {
        let (version, phone) = (number.to_string(), (100 + number).to_string());
        let fields = council(&version, &phone);
        let visitor = if number % 10 == 0 {
            &mut priya
        } else {
            &mut wren
        };
        assert_eq!(visitor.post(&edit, &fields).await.status, 303);
    }
    let history = format!("/agencies/{agency}/history");
    let first = wren.get(&history).await.words();
    assert_holds(
        &first,
        &[
            "60 changes , 1 to 50 shown",
            "Duty number: 158 → became 159",
        ],
    );
    assert!(!first.contains("The first version"), "{first}");
    let second = wren.get(&format!("{history}?page=2")).await.words();
    assert_holds(
        &second,
        &[
            "60 changes , 51 to 60 shown",
            "Duty number: 108 → became 109",
            "Name: northwater council → became Northwater",
            "The first version",
        ],
    );
    // What one person changed is told with what somebody else had written before.
    let hers = wren.get(&format!("{history}?person={other}")).await.words();
    assert_holds(&hers, &["5 changes ", "Duty number: 149 → became 150"]);
    assert!(!hers.contains("became 159"), "{hers}");
    let both = format!("{history}?person={other}&field=Name");
    assert_holds(
        &wren.get(&both).await.words(),
        &["No change fits what you chose"],
    );
    let names = format!("{history}?field=Name");
    assert_holds(&wren.get(&names).await.words(), &["2 changes "]);
    let numbers = wren
        .get(&format!("{history}?field=Duty+number&page=2"))
        .await;
    assert_holds(&numbers.words(), &["59 changes , 51 to 59 shown"]);
}
