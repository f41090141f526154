//! A page and the frame round it.
//!
//! A page is a struct that serialises to what its template shows. It carries
//! samples, so that start-up and one test can prove that every page renders:
//!
//! ```
//! use clearpicture_app::shell::page::{ErrorPage, Page, PageSpec, Shell};
//! use clearpicture_app::shell::templates::Templates;
//!
//! let templates = Templates::load();
//! templates.check(&[PageSpec::of::<ErrorPage>()])?;
//! for page in ErrorPage::samples() {
//!     let html = templates.render(&Shell::sample(), &page)?;
//!     assert!(html.contains(&page.title()));
//! }
//! # Ok::<(), clearpicture_app::shell::templates::TemplateFault>(())
//! ```

use serde::Serialize;

use super::templates::{TemplateFault, Templates};

/// The form field that carries [`Shell::csrf_token`] back with every POST.
pub const CSRF_FIELD: &str = "csrf_token";

/// How many things a page of a list shows.
pub const PER_PAGE: u64 = 50;

/// What a template shows: its fields are `page.…` there.
pub trait Page: Serialize {
    /// The template's name, from `src`: `referrals/board.html`.
    const TEMPLATE: &'static str;

    /// The page's heading, and what the browser's tab and history will say. Never a person's name.
    fn title(&self) -> String;

    /// Invented pages that between them reach every branch of the template.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// A page's type forgotten, so that pages of all capabilities stand in one list.
#[derive(Clone, Copy, Debug)]
pub struct PageSpec {
    /// The template's name.
    pub template: &'static str,
    /// Renders each sample as a whole document.
    pub render_samples: fn(&Templates) -> Result<Vec<String>, TemplateFault>,
}

impl PageSpec {
    /// The spec of page `P`.
    pub fn of<P: Page>() -> Self {
        Self {
            template: P::TEMPLATE,
            render_samples: render_samples::<P>,
        }
    }
}

fn render_samples<P: Page>(templates: &Templates) -> Result<Vec<String>, TemplateFault> {
    let samples = P::samples();
    if samples.is_empty() {
        return Err(TemplateFault::NoSample {
            template: P::TEMPLATE,
        });
    }
    let shells = [
        Shell::sample(),
        Shell::stranger("Northwater Safeguarding Partnership"),
    ];
    let mut documents = Vec::new();
    for sample in &samples {
        for shell in &shells {
            documents.push(templates.render(shell, sample)?);
        }
    }
    Ok(documents)
}

/// What stands round a page: who is reading it, for what, and the ways on.
#[derive(Clone, Debug, Serialize)]
pub struct Shell {
    /// The partnership whose deployment this is.
    pub partnership: String,
    /// Who is signed in, if anybody.
    pub worker: Option<SignedIn>,
    /// The main navigation; none is shown when empty.
    pub navigation: Vec<NavigationItem>,
    /// What the reader said they are here for.
    pub purpose: Option<Purpose>,
    /// Sent back with every POST under [`CSRF_FIELD`].
    pub csrf_token: String,
    /// Shown above everything in a demonstration, with its simulated date.
    pub demo: Option<String>,
    /// The way here, outermost first, without the page itself.
    pub breadcrumbs: Vec<Link>,
    /// What the last act brought about.
    pub notice: Option<Notice>,
    /// When the page was made, in words, for the foot of a print: `21 November 2026, 14:02`.
    pub made_at: String,
}

/// The worker who is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct SignedIn {
    /// As colleagues know them.
    pub name: String,
    /// In lower case: `social worker`.
    pub role: String,
    /// Whom they work for.
    pub agency: String,
}

/// One item of the main navigation.
#[derive(Clone, Debug, Serialize)]
pub struct NavigationItem {
    /// One or two words.
    pub title: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page shown belongs to it.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<u64>,
}

/// Why the reader is looking.
#[derive(Clone, Debug, Serialize)]
pub struct Purpose {
    /// The purpose in the reader's words: `work with a child on my list`.
    pub title: String,
    /// Where it can be changed, if it can.
    pub change_href: Option<String>,
}

/// Words that lead somewhere.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// What the link says.
    pub title: String,
    /// Where it leads.
    pub href: String,
}

/// A line at the top of the page after an act.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// One or two sentences.
    pub text: String,
    /// What kind of news it is.
    pub tone: NoticeTone,
}

/// What kind of news a [`Notice`] is.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeTone {
    /// The thing was done.
    Done,
    /// Something to know.
    Note,
}

impl Shell {
    /// The frame for somebody who is not signed in.
    pub fn stranger(partnership: &str) -> Self {
        Self {
            partnership: partnership.to_owned(),
            worker: None,
            navigation: Vec::new(),
            purpose: None,
            csrf_token: String::new(),
            demo: None,
            breadcrumbs: Vec::new(),
            notice: None,
            made_at: String::new(),
        }
    }

    /// An invented frame with everything in it.
    pub fn sample() -> Self {
        let item = |title: &str, href: &str, current, count| NavigationItem {
            title: title.to_owned(),
            href: href.to_owned(),
            current,
            count,
        };
        Self {
            partnership: "Northwater Safeguarding Partnership".to_owned(),
            worker: Some(SignedIn {
                name: "Amal Osei".to_owned(),
                role: "social worker".to_owned(),
                agency: "Northwater Council".to_owned(),
            }),
            navigation: vec![
                item("My work", "/my-work", false, Some(3)),
                item("Referrals", "/referrals", false, None),
                item("Children", "/children", true, None),
                item("Missing", "/missing", false, None),
                item("Reviews", "/reviews", false, None),
                item("Measures", "/measures", false, None),
                item("Sources", "/sources", false, None),
            ],
            purpose: Some(Purpose {
                title: "work with a child on my list".to_owned(),
                change_href: Some("/purpose".to_owned()),
            }),
            csrf_token: "sample-token".to_owned(),
            demo: Some("Demonstration: invented people, 21 November 2026.".to_owned()),
            breadcrumbs: vec![Link {
                title: "Children".to_owned(),
                href: "/children".to_owned(),
            }],
            notice: Some(Notice {
                text: "The referral was accepted.".to_owned(),
                tone: NoticeTone::Done,
            }),
            made_at: "21 November 2026, 14:02".to_owned(),
        }
    }
}

/// Where one page of a list stands in the whole: what `ui.pagination` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pagination {
    /// This page, from 1.
    pub page: u64,
    /// How many pages there are, at least 1.
    pub pages: u64,
    /// How many things there are in all.
    pub total: u64,
    /// The number of the first thing shown, 0 if there is none.
    pub first: u64,
    /// The number of the last thing shown.
    pub last: u64,
}

impl Pagination {
    /// Page `page` of `total` things; a page that is not there becomes the nearest that is.
    pub fn of(page: u64, total: u64) -> Self {
        let pages = total.div_ceil(PER_PAGE).max(1);
        let page = page.clamp(1, pages);
        let before = (page - 1) * PER_PAGE;
        Self {
            page,
            pages,
            total,
            first: total.min(before + 1),
            last: total.min(before + PER_PAGE),
        }
    }

    /// How many things come before this page, for a query's offset.
    pub fn offset(self) -> u64 {
        (self.page - 1) * PER_PAGE
    }
}

/// Any page that says something went wrong, was not found or is not allowed, with a way on.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// The heading.
    pub title: String,
    /// What happened, in a sentence.
    pub what_happened: String,
    /// Why, where we know it.
    pub why: Option<String>,
    /// What the reader can do.
    pub what_next: String,
    /// What to quote when asking for help.
    pub reference: Option<String>,
    /// What was typed and could not be taken, to be copied.
    pub typed: Vec<Typed>,
    /// Places to go on to; at least one.
    pub way_on: Vec<Link>,
}

/// Something that was typed in a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Typed {
    /// The field's name.
    pub name: String,
    /// What was typed there.
    pub value: String,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "shell/error.html";

    fn title(&self) -> String {
        self.title.clone()
    }

    fn samples() -> Vec<Self> {
        let way_on = vec![Link {
            title: "Go to my work".to_owned(),
            href: "/my-work".to_owned(),
        }];
        vec![
            Self {
                title: "Something went wrong".to_owned(),
                what_happened: "What you entered was not saved.".to_owned(),
                why: Some("The fault is ours and has been recorded.".to_owned()),
                what_next: "Go back and try again. If it happens again, ring the help line and quote the reference."
                    .to_owned(),
                reference: Some("7F3K-22QD".to_owned()),
                typed: vec![Typed {
                    name: "reason".to_owned(),
                    value: "It is the <wrong> month.".to_owned(),
                }],
                way_on: way_on.clone(),
            },
            Self {
                title: "There is nothing here".to_owned(),
                what_happened: "The page is not there, or not for you.".to_owned(),
                why: None,
                what_next: "Check the address, or start from your work.".to_owned(),
                reference: None,
                typed: Vec::new(),
                way_on,
            },
        ]
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
