//! Who is counted in a part of a measure: a list under the reader's own scope, and a look that the read log tells of.

use std::collections::BTreeSet;

use axum::extract::Query;
use clearpicture_access::Action as _;
use clearpicture_kernel::Code;
use clearpicture_measures::{Level, Measure, Over, units};
use serde::Serialize;

use super::ask::Ask;
use super::asked::{Asked, again};
use super::glance::LIST;
use super::types::SeeFigures;
use crate::persons::{self, ChildLine, SeePerson};
use crate::shell::page::PER_PAGE;
use crate::shell::{Answer, Ctx, Failure, Page, Pagination, Scoped};
use crate::words;

/// The children who are counted.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CountedPage {
    measure: String,
    part: String,
    about: String,
    known: String,
    children: Vec<ChildLine>,
    list: Pagination,
    pages_href: String,
}

impl Page for CountedPage {
    const TEMPLATE: &'static str = "measures/counted.html";

    fn title(&self) -> String {
        "Who is counted".to_owned()
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            measure: "Children known to both".to_owned(),
            part: "Known to <both>".to_owned(),
            about: "October 2026".to_owned(),
            known: "25 November 2026".to_owned(),
            children: ChildLine::samples(),
            list: Pagination::of(2, 120),
            pages_href: "/measures/counted?of=a&part=b&page=".to_owned(),
        };
        let none = Self {
            children: Vec::new(),
            list: Pagination::of(1, 0),
            ..full.clone()
        };
        vec![full, none]
    }
}

/// `GET /measures/counted`
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeePerson>,
    Query(asked): Query<Asked>,
) -> Answer {
    if !ctx.may::<SeeFigures>(None) {
        return Err(ctx.refused_at_all(SeeFigures::SPEC));
    }
    let measure = asked.measure(&ctx)?;
    let part = measure
        .parts
        .iter()
        .find(|part| part.code.as_str() == asked.part);
    let part = part.ok_or(Failure::NotFound)?;
    let (ask, errors) = asked.read(&ctx, Level::Internal).await?;
    if let Some(wrong) = errors.summary.first() {
        return Err(Failure::Malformed(wrong.text.clone()));
    }
    let counted = counted(&ctx, measure, &part.code, &ask).await?;
    ctx.store().note_list(&scope, "who-is-counted").await?;
    let persons = persons::standing_for(ctx.store(), &scope, &counted).await?;
    let total = u64::try_from(persons.len()).unwrap_or(u64::MAX);
    let list = Pagination::of(asked.page.unwrap_or(1), total);
    let first = usize::try_from((list.page - 1) * PER_PAGE).unwrap_or(usize::MAX);
    let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let here: Vec<_> = persons.into_iter().skip(first).take(most).collect();
    let again = again(&ask);
    let page = CountedPage {
        measure: measure.title.clone(),
        part: part.title.clone(),
        about: ask.month_in_words(),
        known: words::full_day(ask.as_at),
        children: persons::lines(&ctx, &scope, &here).await?,
        list,
        pages_href: format!(
            "/measures/counted?of={}&part={}&{again}&page=",
            measure.code, part.code
        ),
    };
    let measure_href = format!("/measures/measure?of={}&{again}", measure.code);
    ctx.page_under(&page, &[LIST, (&measure.title, &measure_href)])
}

/// The surrogates of whoever is counted.
async fn counted(
    ctx: &Ctx,
    measure: &Measure,
    part: &Code,
    ask: &Ask,
) -> Result<BTreeSet<i64>, Failure> {
    let analyst = ctx.app.analyst().ok_or(Failure::NotFound)?;
    let units = units(analyst, measure, part, Over::Kept, ask.known()).await;
    let units = units.map_err(|fault| Failure::fault(&format!("{}: {fault}", measure.code)))?;
    Ok(units.into_iter().collect())
}
