//! Each pattern renders under strict undefined, escapes its words and can be
//! followed without seeing it.

use minijinja::{Value, context};

use super::page::Pagination;
use super::templates::Templates;

fn drawn(source: &str) -> String {
    drawn_with(source, context! {})
}

fn drawn_with(source: &str, page: Value) -> String {
    let source = format!("{{% import 'shell/patterns.html' as ui %}}{source}");
    let html = Templates::load()
        .render_source(&source, page)
        .unwrap_or_else(|error| panic!("{error:#}\n{source}"));
    html.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(page: u64, total: u64) -> Value {
    let list = Pagination::of(page, total);
    context! { list => Value::from(minijinja::value::Serde(list)) }
}

#[track_caller]
fn assert_holds(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "no {part} in\n{html}");
    }
}

#[test]
fn tags_say_their_state_in_words() {
    assert_eq!(
        drawn("{{ ui.tag('4 days late', 'breach') }}{{ ui.tag('gap') }}"),
        "<span class=\"cp-tag cp-tag--breach\">4 days late</span>\
         <span class=\"cp-tag cp-tag--neutral\">gap</span>"
    );
    assert_holds(
        &drawn("{{ ui.clock('14 h left of 72', 'due', 'due 23 November 08:10') }}"),
        &[
            "title=\"due 23 November 08:10\"",
            "<span class=\"govuk-visually-hidden\"> (due 23 November 08:10)</span>",
        ],
    );
    assert_holds(
        &drawn("{{ ui.badge('Look at this') }}{{ ui.source('Police, row 14') }}"),
        &["moj-badge", "cp-source"],
    );
}

#[test]
fn words_are_escaped_once_and_markup_of_macros_not_at_all() {
    let html = drawn_with(
        "{% call ui.rows() %}{% call ui.row(note=page.words, aside=ui.tag(page.words)) %}{{ page.words }}{% endcall %}{% endcall %}",
        context! { words => "a <b> & c" },
    );
    assert_eq!(html.matches("a &lt;b&gt; &amp; c").count(), 3, "{html}");
    assert_holds(&html, &["<span class=\"cp-tag"]);
}

#[test]
fn headings_and_cards_carry_their_ways_on() {
    assert_holds(
        &drawn(
            "{% call ui.heading('Mia', actions=[{'title': 'Print', 'href': '/p'}]) %}14 years{% endcall %}",
        ),
        &[
            "<h1 class=\"govuk-heading-l\">Mia</h1>",
            ">14 years</p>",
            "href=\"/p\">Print</a>",
        ],
    );
    assert_holds(
        &drawn("{% call ui.card('Open now', level=3, note='all') %}words{% endcall %}"),
        &[
            "<h3 class=\"govuk-heading-m\">Open now</h3>",
            "all",
            "words",
        ],
    );
}

#[test]
fn lines_that_are_read_first() {
    for (source, class) in [
        ("{% call ui.warning() %}words{% endcall %}", "cp-warning"),
        ("{% call ui.standing() %}words{% endcall %}", "cp-standing"),
        (
            "{% call ui.empty('None', good=true) %}words{% endcall %}",
            "cp-empty--good",
        ),
        (
            "{% call ui.interruption('Sure?') %}words{% endcall %}",
            "moj-interruption-card",
        ),
    ] {
        assert_holds(&drawn(source), &[class, "words"]);
    }
}

#[test]
fn a_table_has_a_caption_scopes_and_a_frame_the_keyboard_reaches() {
    let html = drawn(
        "{% call ui.table('t', 'Waiting', [{'text': 'Child', 'href': '?sort=child', 'sort': 'ascending'}, 'From', {'text': 'Contacts', 'numeric': true}], stack=true) %}\
         <tr role=\"row\">{% call ui.row_head() %}Ayo{% endcall %}{% call ui.cell('From') %}School{% endcall %}{% call ui.cell('Contacts', numeric=true) %}3{% endcall %}</tr>{% endcall %}",
    );
    assert_holds(
        &html,
        &[
            "role=\"region\" aria-labelledby=\"t\" tabindex=\"0\"",
            "<caption",
            "id=\"t\">Waiting</caption>",
            "scope=\"col\"",
            "aria-sort=\"ascending\"",
            "<th scope=\"row\" role=\"rowheader\"",
            "data-label=\"From\"",
            "govuk-table__cell--numeric",
        ],
    );
}

#[test]
fn a_rows_own_heading_is_one_thing_beside_its_cells() {
    // A phone sets heading and cells side by side: what is in two pieces would push the first cell away.
    let html = drawn(
        "{% call ui.row_head() %}<a href=\"/1\">Ayo</a><br><a href=\"/2\">Bea</a>{% endcall %}",
    );
    assert_eq!(
        html,
        "<th scope=\"row\" role=\"rowheader\" class=\"govuk-table__header\"><span>\
         <a href=\"/1\">Ayo</a><br><a href=\"/2\">Bea</a></span></th>"
    );
}

#[test]
fn prints_are_counted_apart_from_what_else_is_listed() {
    let line =
        "{{ ui.list_line(page.list, 'opening', 'openings', prints=page.prints) }}";
    for (total, prints, said) in [
        (3, 0, "<strong>3 openings</strong>"),
        (3, 2, "<strong>1 opening and 2 prints</strong>"),
        (3, 1, "<strong>2 openings and 1 print</strong>"),
    ] {
        let list = Value::from(minijinja::value::Serde(Pagination::of(1, total)));
        let html = drawn_with(line, context! { list, prints });
        assert_holds(&html, &[said]);
    }
}

#[test]
fn a_filter_posts_and_each_choice_can_be_taken_away() {
    let html = drawn(
        "{% call ui.filter('find', '/children', 'token', selected=[{'text': 'Under 13', 'value': 'age:13'}], clear_href='/children') %}fields{% endcall %}",
    );
    assert_holds(
        &html,
        &[
            "id=\"find\" method=\"post\" action=\"/children\"",
            "name=\"csrf_token\" value=\"token\"",
            "name=\"remove\" value=\"age:13\"",
            "Clear all",
            "<details class=\"cp-filter__fold\">",
            "fields",
        ],
    );
}

#[test]
fn a_long_list_has_pages_and_a_short_one_has_none() {
    let line =
        "{{ ui.list_line(page.list, 'referral', 'referrals') }}{{ ui.pagination(page.list, href='?page=') }}";
    let middle = drawn_with(line, list(2, 168));
    assert_holds(
        &middle,
        &[
            "168 referrals</strong>, 51 to 100 shown",
            "rel=\"prev\" href=\"?page=1\"",
            "Page 2 of 4",
            "rel=\"next\" href=\"?page=3\"",
        ],
    );
    assert!(!drawn_with(line, list(1, 50)).contains("<nav"));
    assert_holds(
        &drawn_with("{{ ui.pagination(page.list, form='find') }}", list(1, 51)),
        &["form=\"find\" name=\"page\" value=\"2\""],
    );
}

#[test]
fn what_happened_is_an_ordered_list_with_machine_dates_and_named_marks() {
    let html = drawn(
        "{% call ui.chronology() %}{{ ui.year(2026) }}\
         {% for kind in ['event', 'concern', 'harm', 'withheld'] %}{% call ui.happening('20 Nov', '2026-11-20', kind, 'Police') %}Found{% endcall %}{% endfor %}{% endcall %}",
    );
    assert_eq!(html.matches("datetime=\"2026-11-20\"").count(), 4);
    assert_holds(
        &html,
        &[
            "<ol",
            ">2026</li>",
            "aria-label=\"harm\" focusable=\"false\"><circle",
            "aria-label=\"concern\" focusable=\"false\"><path",
            "Police",
        ],
    );
    assert_holds(
        &drawn(
            "{% call ui.timeline() %}{% call ui.entry('Agreed', 'Priya Lund', '12 November', '2026-11-12') %}words{% endcall %}{% endcall %}",
        ),
        &[
            "moj-timeline__item",
            "by Priya Lund",
            "datetime=\"2026-11-12\"",
            "words",
        ],
    );
}

#[test]
fn a_form_posts_with_the_token() {
    assert_holds(
        &drawn("{% call ui.form('/decide', 'token') %}fields{% endcall %}"),
        &[
            "<form method=\"post\" action=\"/decide\" novalidate>",
            "name=\"csrf_token\" value=\"token\"",
            "fields",
        ],
    );
}

#[test]
fn figures_stand_with_their_whole() {
    assert_holds(
        &drawn(
            "{{ ui.figure('91%', '168 of 185 children', '95% interval 86 to 94') }}{{ ui.completeness('records complete', 97) }}",
        ),
        &[
            "91%",
            "168 of 185 children",
            "95% interval",
            "width=\"97\"",
            "97%</span>",
        ],
    );
}

#[test]
fn sub_navigation_marks_where_one_is() {
    assert_holds(
        &drawn(
            "{{ ui.sub_navigation('This child', [{'title': 'Picture', 'href': '/a', 'current': true}, {'title': 'Plans', 'href': '/b', 'current': false}]) }}",
        ),
        &[
            "aria-label=\"This child\"",
            "href=\"/a\" aria-current=\"page\"",
            "href=\"/b\">Plans",
        ],
    );
}
