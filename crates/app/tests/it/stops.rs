//! What is wrong with the program itself: told with a reference, or before it serves anyone.

use clearpicture_app::Capability;
use clearpicture_app::capability::{Door, Route};
use clearpicture_app::shell::{Page, PageSpec, tell_of_panic};
use serde::Serialize;

use crate::support::{Log, TestApp};

/// A handler that a fault of ours stops in the middle.
async fn stops() -> &'static str {
    let names = ["Amal Osei"];
    let number = names.len();
    names[number]
}

#[tokio::test]
async fn a_handler_that_stops_is_told_with_a_reference_and_logged_once() {
    let log = Log::start();
    std::panic::set_hook(Box::new(tell_of_panic));
    let routes = ["/stops", "/api/v1/stops"].map(|path| Route::read(path, Door::Public, stops));
    let broken = Capability {
        routes: routes.into(),
        ..Capability::new("stops", "Stops", "")
    };
    let test = TestApp::with(broken).await.expect("it starts");
    let mut visitor = test.visitor();
    let page = visitor.get("/stops").await;
    assert_eq!(page.status, 500);
    let words = page.words();
    assert!(words.contains("Something went wrong"), "{words}");
    let problem = visitor.get("/api/v1/stops").await;
    assert_eq!(problem.status, 500);
    let problem: serde_json::Value = serde_json::from_str(&problem.text).expect("JSON");
    let reference = problem["reference"].as_str().expect("a reference");

    let log = log.text();
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), 2, "one line for each: {errors:?}");
    assert!(
        errors[1].contains(reference) && errors[1].contains("stops.rs:"),
        "{errors:?}"
    );
    let shown = errors[0].split("fault.reference=\"").nth(1);
    let shown = shown
        .and_then(|rest| rest.split('"').next())
        .expect("a reference");
    assert!(words.contains(shown), "{words}");
    assert!(
        !log.contains("index out of bounds"),
        "what a panic says goes nowhere"
    );
    // The next request is answered as ever.
    assert_eq!(visitor.get("/sign-in").await.status, 200);
}

/// A page whose template is not there.
#[derive(Serialize)]
struct Nowhere;

impl Page for Nowhere {
    const TEMPLATE: &'static str = "stops/nowhere.html";

    fn title(&self) -> String {
        "Nowhere".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self]
    }
}

/// A page that lacks what its template shows.
#[derive(Serialize)]
struct Bare;

impl Page for Bare {
    const TEMPLATE: &'static str = "sign_in/sign_in.html";

    fn title(&self) -> String {
        "Bare".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self]
    }
}

/// A page that nobody can prove to render.
#[derive(Serialize)]
struct Unproved;

impl Page for Unproved {
    const TEMPLATE: &'static str = "sign_in/sign_in.html";

    fn title(&self) -> String {
        "Unproved".to_owned()
    }

    fn samples() -> Vec<Self> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_page_that_does_not_render_stops_the_start_by_name() {
    for (page, told) in [
        (
            PageSpec::of::<Nowhere>(),
            "page `stops/nowhere.html` does not render",
        ),
        (
            PageSpec::of::<Bare>(),
            "page `sign_in/sign_in.html` does not render: undefined value",
        ),
        (
            PageSpec::of::<Unproved>(),
            "page `sign_in/sign_in.html` has no sample",
        ),
    ] {
        let broken = Capability {
            pages: vec![page],
            ..Capability::new("stops", "Stops", "")
        };
        let refused = TestApp::with(broken)
            .await
            .err()
            .expect("it does not start");
        let words = refused.to_string();
        assert!(words.contains(told), "{words}");
    }
}
