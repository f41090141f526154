//! Copies to take away.

use axum::extract::Query;
use clearpicture_access::{AccessClass, Kind as _};
use clearpicture_measures::Level;
use clearpicture_reports::pdf as set;

use super::asked::Asked;
use super::figure::made;
use super::report::{Copy, report};
use super::types::{PartnershipFigure, SeeFigures};
use crate::shell::fonts;
use crate::shell::given_out::{GivenOut, stamp};
use crate::shell::{Allowed, Answer, Failure};

/// `GET /measures/report.pdf`
pub(super) async fn pdf(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let level = level(&asked.copy)?;
    let (ask, errors) = asked.read(ctx, level)?;
    if let Some(wrong) = errors.summary.first() {
        return Err(Failure::Malformed(wrong.text.clone()));
    }
    let mut all = Vec::new();
    for measure in &ctx.app.practice().measures {
        let figures = made(ctx, measure, &ask).await?;
        if !figures.is_empty() {
            all.push((measure, figures));
        }
    }
    let stamp = stamp(ctx);
    let copy = Copy {
        ask: &ask,
        stamp: &stamp,
        invented: ctx.app.serving().demo.is_some(),
    };
    let report = report(ctx.app.practice(), &copy, &all);
    // Setting a document takes a tenth of a second: on a thread that nobody waits at.
    let bytes = tokio::task::spawn_blocking(move || {
        let fonts = fonts()?;
        set(&report, fonts).map_err(|fault| fault.to_string())
    });
    let bytes = bytes.await.map_err(|fault| Failure::fault(&fault))?;
    let class = AccessClass::ordinary(PartnershipFigure::NAME, None);
    let scope = ctx
        .app
        .access()
        .scope::<SeeFigures>(ctx.caller(), &ctx.purpose(), [&class]);
    let file = GivenOut {
        list: "dataset-report",
        name: format!("dataset-report-{}-{}.pdf", ask.month, level.code()),
        kind: "application/pdf",
        bytes: bytes.map_err(|fault| Failure::fault(&fault))?,
    };
    file.give_out(ctx, &scope).await
}

/// The level with this code; without one the partnership's, so that nothing small leaves by mistake.
fn level(code: &str) -> Result<Level, Failure> {
    if code.is_empty() {
        return Ok(Level::Partnership);
    }
    let found = Level::ALL.into_iter().find(|level| level.code() == code);
    found.ok_or_else(|| {
        Failure::Malformed("A copy is internal, for the partnership or public.".to_owned())
    })
}
