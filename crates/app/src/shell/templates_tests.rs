use std::path::Path;

use serde_json::Value as Json;

use super::*;

const FIXTURES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../assets/node_modules/govuk-frontend/dist/govuk/components"
);

/// The design system's own examples, all of them: what the wheel's templates
/// make in MiniJinja is what the original Nunjucks templates make.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test has a thread to itself")]
fn every_fixture_of_the_design_system_renders_identically() {
    let components = component_environment();
    let mut compared = 0;
    let mut different = Vec::new();
    for component in component_names() {
        let path = Path::new(FIXTURES).join(&component).join("fixtures.json");
        let file = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("run `make assets` first: {}: {error}", path.display()));
        let file: Json = serde_json::from_str(&file).unwrap();
        for fixture in file["fixtures"].as_array().unwrap() {
            let options = Value::from(minijinja::value::Serde(&fixture["options"]));
            let html = call_component(
                &components,
                &format!("components/{component}/macro.html"),
                &function_name(&component),
                options,
            )
            .unwrap_or_else(|error| format!("{error:#}"));
            compared += 1;
            if squeezed(&html) != squeezed(fixture["html"].as_str().unwrap()) {
                different.push(format!(
                    "{component}: {}\n{}\n{}",
                    fixture["name"],
                    squeezed(&html),
                    squeezed(fixture["html"].as_str().unwrap())
                ));
            }
        }
    }
    assert_eq!(compared, 657, "the number in govuk-frontend 6.3.0");
    assert!(different.is_empty(), "{different:#?}");
}

/// White space is layout in these templates: none stays beside a tag, one space elsewhere.
fn squeezed(html: &str) -> String {
    let words: Vec<_> = html.split_whitespace().collect();
    words
        .join(" ")
        .replace("> ", ">")
        .replace(" <", "<")
        .replace(" >", ">")
}

fn try_page(source: &str, page: Value) -> Result<String, Error> {
    Templates::load().render_source(source, page)
}

#[test]
fn a_component_is_a_function_and_its_text_is_escaped() {
    let html = try_page(
        r#"{{ govukButton({"text": page.words}) }}"#,
        context! { words => "Save & <go on>" },
    )
    .unwrap();
    assert!(html.contains("<button type=\"submit\" class=\"govuk-button\""));
    assert!(html.contains("Save &amp; &lt;go on&gt;"));
}

#[test]
fn a_component_takes_a_call_block_as_its_content() {
    let html = try_page(
        r#"{% call govukDetails({"summaryText": "Why"}) %}<p>{{ page.words }}</p>{% endcall %}"#,
        context! { words => "a & b" },
    )
    .unwrap();
    assert!(html.contains("<p>a &amp; b</p>"));
}

#[test]
fn a_value_that_is_not_there_is_refused_at_the_door_of_a_component() {
    for source in [
        r#"{{ govukButton({"text": page.missing}) }}"#,
        r#"{{ govukRadios({"name": "a", "items": [{"value": "b", "text": page.missing}]}) }}"#,
        r#"{{ page.missing }}"#,
        r#"{% if page.missing %}{% endif %}"#,
        r#"{{ asset("none.css") }}"#,
    ] {
        assert!(try_page(source, context! {}).is_err(), "{source}");
    }
}

#[test]
fn none_is_left_out_of_components_and_prints_nothing() {
    let page = context! { nothing => Value::from(()) };
    let html = try_page(
        r#"{{ govukInput({"id": "a", "name": "a", "label": {"text": "A"}, "hint": page.nothing, "value": page.nothing}) }}"#,
        page.clone(),
    )
    .unwrap();
    assert!(!html.contains("none") && !html.contains("hint"), "{html}");
    assert_eq!(try_page("[{{ page.nothing }}]", page).unwrap(), "[]");
}

#[test]
fn components_are_named_as_the_design_system_names_them() {
    assert_eq!(function_name("date-input"), "govukDateInput");
    assert_eq!(function_name("exit-this-page"), "govukExitThisPage");
    assert!(component_names().any(|name| name == "error-summary"));
}

/// A page whose template was broken while someone edited it.
#[derive(serde::Serialize)]
struct Broken;

impl Page for Broken {
    const TEMPLATE: &'static str = "shell/broken.html";

    fn title(&self) -> String {
        "Broken".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self]
    }
}

#[test]
fn a_broken_template_is_refused_with_its_file_and_line() {
    let mut templates = Templates::load();
    let broken =
        "{% extends \"shell/layout.html\" %}\n{% block content %}\n{{ page.name\n{% endblock %}";
    // What cannot be read at all is not kept: the page is asked for, and is not there.
    let kept = templates.pages.add_template(Broken::TEMPLATE, broken);
    let told = kept.expect_err("it cannot be read").to_string();
    assert!(
        told.contains("shell/broken.html:3") || told.contains("shell/broken.html:4"),
        "{told}"
    );
    let refused = templates.check(&[PageSpec::of::<Broken>()]);
    let told = refused.expect_err("it does not render").to_string();
    assert!(
        told.contains("page `shell/broken.html` does not render"),
        "{told}"
    );
}
