//! What the partnership counts, at a glance.

use axum::extract::Query;
use clearpicture_measures::Level;
use serde::Serialize;

use super::asked::{AskShown, Asked, again};
use super::figure::{FigureShown, counted_to, made};
use super::types::SeeFigures;
use crate::shell::{Allowed, Answer, Errors, Page};

pub(super) const LIST: (&str, &str) = ("Measures", "/measures");

/// What the partnership counts, at a glance.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    ask: AskShown,
    errors: Errors,
    counted_to: Option<String>,
    measures: Vec<Card>,
    copies: Vec<Link>,
}

/// One measure at a glance.
#[derive(Debug, Clone, Serialize)]
struct Card {
    title: String,
    href: String,
    so_what: String,
    figure: Option<FigureShown>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "measures/list.html";

    fn title(&self) -> String {
        LIST.0.to_owned()
    }

    fn samples() -> Vec<Self> {
        let card = |figure| Card {
            title: "Known to <both>".to_owned(),
            href: "/measures/measure?of=known-to-both".to_owned(),
            so_what: "Ask first about children known to one alone.".to_owned(),
            figure,
        };
        let full = Self {
            ask: AskShown::sample(),
            errors: Errors::default(),
            counted_to: Some("today, 14:02".to_owned()),
            measures: vec![
                card(Some(FigureShown::sample())),
                card(Some(FigureShown::sample_without())),
                card(None),
            ],
            copies: vec![copy_link(Level::Partnership, "")],
        };
        let mut wrong = Errors::default();
        wrong.add("known-date", "1 December 2026 has not come");
        let empty = Self {
            ask: AskShown::sample(),
            errors: wrong,
            counted_to: None,
            measures: Vec::new(),
            copies: Vec::new(),
        };
        vec![full, empty]
    }
}

/// A copy to take away.
#[derive(Debug, Clone, Serialize)]
struct Link {
    title: &'static str,
    href: String,
}

fn copy_link(level: Level, again: &str) -> Link {
    Link {
        title: level.words(),
        href: format!("/measures/report.pdf?copy={}&{again}", level.code()),
    }
}

/// `GET /measures`
pub(super) async fn list(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let (ask, errors) = asked.read(ctx, Level::Internal).await?;
    let again = again(&ask);
    let mut measures = Vec::new();
    for measure in &ctx.app.practice().measures {
        let made = made(ctx, measure, &ask).await?;
        measures.push(Card {
            title: measure.title.clone(),
            href: format!("/measures/measure?of={}&{again}", measure.code),
            so_what: measure.so_what.clone(),
            figure: FigureShown::of(measure, &made)?,
        });
    }
    ctx.page(&ListPage {
        ask: AskShown::of(&ask, &asked, ctx),
        errors,
        counted_to: counted_to(ctx).await?,
        copies: Level::ALL.map(|level| copy_link(level, &again)).to_vec(),
        measures,
    })
}
