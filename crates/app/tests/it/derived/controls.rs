//! The controls of every page against the form that their action reads, and back again.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use clearpicture_app::capabilities;
use clearpicture_app::capability::Route;
use clearpicture_app::shell::fields::{FormSpec, SECRET};
use clearpicture_app::shell::templates::Templates;

/// A form as a page shows it.
#[derive(Debug, Default)]
struct FormShown {
    template: &'static str,
    id: String,
    method: String,
    action: String,
    controls: Vec<Control>,
}

/// Something in a form that sends a name.
#[derive(Debug, Clone)]
struct Control {
    name: String,
    is_secret: bool,
    is_file: bool,
}

/// The start of an element, with what stands in it.
struct Tag<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Tag<'a> {
    /// The tag that begins with `text`, which comes after `<`; ends are told by their stroke.
    fn read(text: &'a str) -> Self {
        let end = text.find(|c: char| c.is_whitespace() || c == '>');
        let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start().trim_start_matches('/');
            if rest.is_empty() || rest.starts_with('>') {
                return Self { name, attributes };
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '>');
            let (key, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            let mut value = "";
            if let Some(quoted) = after.strip_prefix("=\"") {
                let (inside, after) = quoted.split_once('"').expect("a closed attribute");
                (value, rest) = (inside, after);
            }
            attributes.insert(key, value);
        }
    }

    fn get(&self, attribute: &str) -> &'a str {
        self.attributes.get(attribute).copied().unwrap_or_default()
    }
}

/// Every form of a page, with the controls inside it and those that name it.
fn forms_of(template: &'static str, html: &str) -> Vec<FormShown> {
    let mut forms: Vec<FormShown> = Vec::new();
    let mut elsewhere = Vec::new();
    let mut inside = false;
    for text in html.split('<').skip(1) {
        let tag = Tag::read(text);
        match tag.name {
            "form" => {
                inside = true;
                forms.push(FormShown {
                    template,
                    id: tag.get("id").to_owned(),
                    method: tag.get("method").to_owned(),
                    action: tag.get("action").to_owned(),
                    controls: Vec::new(),
                });
            }
            "/form" => inside = false,
            "input" | "select" | "textarea" | "button" if !tag.get("name").is_empty() => {
                let control = Control {
                    name: tag
                        .get("name")
                        .replace("&#x5b;", "[")
                        .replace("&#x5d;", "]"),
                    is_secret: tag.get("type") == "password",
                    is_file: tag.get("type") == "file",
                };
                assert!(
                    tag.get("formaction").is_empty(),
                    "{template}: a button that sends its form elsewhere"
                );
                match (tag.get("form"), inside) {
                    ("", true) => forms.last_mut().expect("one").controls.push(control),
                    ("", false) => panic!("{template}: `{}` is in no form", control.name),
                    (id, _) => elsewhere.push((id.to_owned(), control)),
                }
            }
            _ => {}
        }
    }
    for (id, control) in elsewhere {
        let form = forms.iter_mut().find(|form| form.id == id);
        form.unwrap_or_else(|| panic!("{template}: there is no form `{id}`"))
            .controls
            .push(control);
    }
    forms
}

/// Every form that a page sends, from the samples of every page.
fn all_forms() -> Vec<FormShown> {
    let templates = Templates::load();
    let mut forms = Vec::new();
    let shells = clearpicture_app::shell::pages();
    let pages = capabilities().into_iter().flat_map(|one| one.pages);
    for page in pages.chain(shells) {
        for html in (page.render_samples)(&templates).expect("it renders") {
            forms.extend(forms_of(page.template, &html));
        }
    }
    forms.retain(|form| form.method == "post");
    forms
}

/// The route that a form is sent to.
fn route_of<'a>(routes: &'a [Route], action: &str) -> Option<&'a Route> {
    let path = action.split(['?', '#']).next().unwrap_or_default();
    let fits = |route: &&Route| {
        let (known, asked): (Vec<&str>, Vec<&str>) =
            (route.path.split('/').collect(), path.split('/').collect());
        known.len() == asked.len()
            && known
                .iter()
                .zip(&asked)
                .all(|(known, asked)| known == asked || *known == "{id}")
    };
    // An address of its own comes before one with a record's id.
    let mut fitting: Vec<&Route> = routes.iter().filter(fits).collect();
    fitting.sort_by_key(|route| route.has_record());
    fitting.into_iter().next()
}

fn form_routes() -> Vec<Route> {
    let routes = capabilities().into_iter().flat_map(|one| one.routes);
    routes
        .filter(|route| route.method == Method::POST && !route.is_api())
        .collect()
}

#[test]
fn every_control_of_every_page_is_read_by_the_form_that_its_action_reads() {
    let routes = form_routes();
    let mut wrong = BTreeSet::new();
    for form in all_forms() {
        let Some(route) = route_of(&routes, &form.action) else {
            wrong.insert(format!(
                "{}: nothing answers `{}`",
                form.template, form.action
            ));
            continue;
        };
        let spec = route.form.expect("checked by another test");
        let first = form.controls.first().map(|control| control.name.as_str());
        if first != Some("csrf_token") {
            wrong.insert(format!("{}: its token does not come first", form.template));
        }
        for control in &form.controls {
            if !spec.knows(&control.name) {
                wrong.insert(format!(
                    "{}: {route:?} does not read `{}`, but {:?}",
                    form.template, control.name, spec.fields
                ));
            }
            if control.is_file != (control.name == "file") {
                wrong.insert(format!("{}: `{}` is no file", form.template, control.name));
            }
            if control.is_secret != SECRET.contains(&control.name.as_str()) {
                wrong.insert(format!("{}: is `{}` secret?", form.template, control.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A field that no page sends is a field that a page sends under another name. Adding and changing may share a form, of which
/// each page sends its part.
#[test]
fn every_field_that_a_form_reads_is_sent_by_a_page() {
    let routes = form_routes();
    let mut sent: BTreeMap<&[&str], BTreeSet<String>> = BTreeMap::new();
    for form in all_forms() {
        if let Some(spec) = route_of(&routes, &form.action).and_then(|route| route.form) {
            let names = form.controls.iter();
            let names = names.map(|one| one.name.trim_end_matches("[]").to_owned());
            sent.entry(spec.fields).or_default().extend(names);
        }
    }
    let mut wrong = Vec::new();
    for route in &routes {
        let spec: FormSpec = route
            .form
            .unwrap_or_else(|| panic!("the type of {route:?}'s form does not say what it reads"));
        let sent = sent.get(spec.fields).cloned().unwrap_or_default();
        for field in spec.fields {
            if !sent.contains(*field) {
                wrong.push(format!("{route:?} reads `{field}`, which no page sends"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn controls_are_found_where_they_stand() {
    let html = "<form method=\"post\" action=\"/a\" id=\"f\"><input name=\"x\" disabled>\
                <textarea name=\"y\"></textarea></form><button form=\"f\" name=\"z\">";
    let forms = forms_of("it", html);
    let names: Vec<&str> = forms[0].controls.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["x", "y", "z"]);
    assert_eq!((&*forms[0].method, &*forms[0].action), ("post", "/a"));
}
