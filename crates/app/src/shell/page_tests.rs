use super::*;

fn rendered(shell: &Shell, page: &ErrorPage) -> String {
    Templates::load().render(shell, page).unwrap()
}

fn first_error() -> ErrorPage {
    ErrorPage::samples().remove(0)
}

#[test]
fn every_sample_of_the_shells_own_pages_renders() {
    Templates::load()
        .check(&[PageSpec::of::<ErrorPage>()])
        .unwrap();
}

#[test]
fn the_frame_holds_nothing_that_the_content_security_policy_would_refuse() {
    let html = rendered(&Shell::sample(), &first_error());
    for inline in [
        "<style",
        " style=",
        "onclick",
        "javascript:",
        "data:",
        "http://",
        "https://",
    ] {
        assert!(!html.contains(inline), "{inline}");
    }
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains("<script type=\"module\" src=\"/assets/"));
}

#[test]
fn the_frame_can_be_walked_by_landmark_and_heading() {
    let html = rendered(&Shell::sample(), &first_error());
    for once in [
        "<html lang=\"en\"",
        "<header",
        "<main",
        "<footer",
        "<h1",
        "href=\"#main-content\"",
        "id=\"main-content\"",
        "aria-label=\"Main\"",
        "aria-label=\"Breadcrumb\"",
        "aria-current=\"true\"",
        "<title>Something went wrong – Clear Picture</title>",
    ] {
        assert_eq!(html.matches(once).count(), 1, "{once}");
    }
}

#[test]
fn signing_out_is_a_post_with_the_token() {
    let html = rendered(&Shell::sample(), &first_error());
    assert!(html.contains("<form method=\"post\" action=\"/sign-out\">"));
    assert!(html.contains(&format!("name=\"{CSRF_FIELD}\" value=\"sample-token\"")));
}

#[test]
fn a_stranger_sees_no_navigation_and_no_way_to_sign_out() {
    let html = rendered(&Shell::stranger("Northwater"), &first_error());
    for absent in [
        "Sign out",
        "aria-label=\"Main\"",
        "Printed by",
        "You are here for",
    ] {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(html.contains("Northwater"));
}

#[test]
fn words_are_words_whatever_they_hold() {
    let mut shell = Shell::sample();
    shell.partnership = "<b>A & B</b>".to_owned();
    let mut page = first_error();
    page.title = "<script>".to_owned();
    let html = rendered(&shell, &page);
    assert!(html.contains("&lt;b&gt;A &amp; B&lt;/b&gt;"));
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn print_names_reader_time_and_purpose() {
    let html = rendered(&Shell::sample(), &first_error());
    let line = html.split("cp-print-line").nth(1).unwrap();
    for said in [
        "Amal Osei, social worker, Northwater Council",
        "21 November 2026, 14:02",
        "work with a child on my list",
    ] {
        assert!(line.contains(said), "{said}");
    }
}

#[test]
fn a_fault_names_the_file_and_line_and_no_value() {
    #[derive(Serialize)]
    struct Broken {
        what_happened: String,
    }
    impl Page for Broken {
        const TEMPLATE: &'static str = "shell/error.html";
        fn title(&self) -> String {
            "Broken".to_owned()
        }
        fn samples() -> Vec<Self> {
            vec![Self {
                what_happened: "Mia Hartley-Nowak".to_owned(),
            }]
        }
    }
    let fault = Templates::load()
        .check(&[PageSpec::of::<Broken>()])
        .unwrap_err();
    insta::assert_snapshot!(fault, @"page `shell/error.html` does not render: undefined value (shell/error.html:4)");
}

#[test]
fn a_page_without_a_sample_is_refused() {
    #[derive(Serialize)]
    struct Unproved;
    impl Page for Unproved {
        const TEMPLATE: &'static str = "shell/error.html";
        fn title(&self) -> String {
            String::new()
        }
        fn samples() -> Vec<Self> {
            Vec::new()
        }
    }
    assert!(matches!(
        Templates::load().check(&[PageSpec::of::<Unproved>()]),
        Err(TemplateFault::NoSample { .. })
    ));
}

#[test]
fn pagination_stays_within_the_list() {
    let page = |number, total| {
        let it = Pagination::of(number, total);
        (it.page, it.pages, it.first, it.last, it.offset())
    };
    assert_eq!(page(1, 0), (1, 1, 0, 0, 0));
    assert_eq!(page(1, 50), (1, 1, 1, 50, 0));
    assert_eq!(page(2, 51), (2, 2, 51, 51, 50));
    assert_eq!(page(0, 120), (1, 3, 1, 50, 0));
    assert_eq!(page(9, 120), (3, 3, 101, 120, 100));
}

/// Every sample of every page, as a whole document.
fn every_document() -> Vec<(&'static str, String)> {
    let templates = Templates::load();
    let capabilities = crate::capabilities();
    let pages = capabilities.iter().flat_map(|one| &one.pages);
    let mut all = Vec::new();
    for page in pages {
        let documents = (page.render_samples)(&templates).unwrap();
        all.extend(documents.into_iter().map(|html| (page.template, html)));
    }
    all
}

#[test]
fn no_title_says_error_twice() {
    for (template, html) in every_document() {
        let title = html.split("<title>").nth(1).unwrap();
        let title = title.split("</title>").next().unwrap();
        assert!(title.matches("Error:").count() <= 1, "{template}: {title}");
    }
}

#[test]
fn no_page_has_two_regions_of_one_name() {
    for (template, html) in every_document() {
        let mut names = Vec::new();
        for region in html.split("role=\"region\" aria-labelledby=\"").skip(1) {
            let id = region.split('"').next().unwrap();
            let named = html.split(&format!("id=\"{id}\"")).nth(1).unwrap();
            let named = named.split("</caption>").next().unwrap();
            names.push(named.split('>').skip(1).collect::<String>());
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "{template}: {names:?}");
    }
}

#[test]
fn no_form_has_radios_of_two_sizes() {
    for (template, html) in every_document() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let all = form.matches("class=\"govuk-radios").count()
                - form.matches("class=\"govuk-radios__").count();
            let small = form.matches("govuk-radios--small").count();
            assert!(
                small == 0 || small == all,
                "{template}: {small} of {all} are small"
            );
        }
    }
}

/// What stands on pages as text that was typed or told once, and is no number to ring: histories, and the table of two
/// people at one form.
fn without_what_was(template: &str, html: &str) -> String {
    if template.starts_with("history/") {
        return String::new();
    }
    match html.split_once("id=\"conflict-texts\"") {
        Some((before, after)) => {
            let (_, after) = after.split_once("</table>").unwrap();
            format!("{before}>{after}")
        }
        None => html.to_owned(),
    }
}

#[test]
fn every_telephone_number_can_be_dialled_where_it_stands() {
    let mut dialled = 0;
    for (template, html) in every_document() {
        let html = without_what_was(template, &html);
        for (place, _) in html.match_indices("01632 ") {
            let (_, tag) = html.get(..place).unwrap().rsplit_once('<').unwrap();
            let is_typed = tag.starts_with("input") && !tag.contains('>');
            let is_dialled = tag.starts_with("a ") && tag.contains("href=\"tel:");
            assert!(is_typed || is_dialled, "{template}: <{tag}");
            dialled += usize::from(is_dialled);
        }
    }
    assert!(dialled > 8, "only {dialled} were tried");
}

/// Words that somebody who came tired from a visit did not understand, and those that stand in their place.
const NOT_OURS: [(&str, &str); 8] = [
    ("stand joined", "are joined until somebody decides"),
    ("in bits", "a weight, and what one more of it means"),
    ("Known to its source as", "whose number it is"),
    (" 0 years", "months, weeks or days"),
    ("History of A ", "a small letter"),
    ("days run backwards", "began after it ended, as told"),
    ("is no longer told of", "not told of since a day"),
    ("last contact", "last in touch"),
];

#[test]
fn pages_say_it_in_plain_words() {
    for (template, html) in every_document() {
        for (words, instead) in NOT_OURS {
            assert!(!html.contains(words), "{template}: `{words}`: {instead}");
        }
    }
}
