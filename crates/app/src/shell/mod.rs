//! The web shell: what every page stands in, whichever capability made it.
//!
//! - [`assets`]: style sheet, scripts, fonts and images, served from inside the binary
//! - [`templates`]: the GOV.UK components and our page templates, as one strict environment
//! - [`page`]: the frame round a page, and the list of pages that must render at start-up
//!
//! A page template extends `shell/layout.html` and imports `shell/patterns.html`:
//!
//! ```jinja
//! {% extends "shell/layout.html" %}
//! {% import "shell/patterns.html" as ui %}
//! {% block content %}
//! {% call ui.card("Open now") %}
//!   {% call ui.rows() %}
//!     {% for item in page.open %}
//!     {% call ui.row(note=item.note, aside=ui.tag(item.left, item.tone)) %}{{ item.what }}{% endcall %}
//!     {% endfor %}
//!   {% endcall %}
//! {% endcall %}
//! {{ govukButton({"text": "Add something", "href": page.add_href}) }}
//! {% endblock %}
//! ```
//!
//! The shell knows nothing of children, referrals or any other record. It never
//! reads the clock or the session: a [`page::Shell`] is made for it per request.

pub mod assets;
pub mod page;
pub mod templates;

#[cfg(test)]
mod patterns_tests;
