//! Copies to take away.

use axum::extract::Query;
use clearpicture_access::{AccessClass, Kind as _};
use clearpicture_kernel::Timestamp;
use clearpicture_measures::Level;
use clearpicture_reports::pdf as set;

use super::asked::Asked;
use super::figure::issued;
use super::report::{Copy, report};
use super::types::{PartnershipFigure, SeeFigures};
use crate::shell::fonts;
use crate::shell::given_out::{GivenOut, stamp};
use crate::shell::{Allowed, Answer, Failure};
use crate::words;

/// `GET /measures/report.pdf`
pub(super) async fn pdf(at: Allowed<SeeFigures>, Query(asked): Query<Asked>) -> Answer {
    let ctx = &at.ctx;
    let level = level(&asked.copy)?;
    let (ask, errors) = asked.read(ctx, level).await?;
    if let Some(wrong) = errors.summary.first() {
        return Err(Failure::Malformed(wrong.text.clone()));
    }
    let (mut all, mut first) = (Vec::new(), None);
    for measure in &ctx.app.practice().measures {
        let issued = issued(ctx, measure, &ask).await?;
        first = first.max(issued.first);
        if !issued.figures.is_empty() {
            all.push((measure, issued.figures));
        }
    }
    let stamp = foot(level, &stamp(ctx), ctx.now());
    let copy = Copy {
        ask: &ask,
        stamp: &stamp,
        first,
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

/// What stands at the foot of each page: who took the copy, but in one for anyone, which goes on to people who need not
/// know who works here. Who took that one is in the read log.
pub(super) fn foot(level: Level, taken: &str, now: Timestamp) -> String {
    match level {
        Level::Internal | Level::Partnership => taken.to_owned(),
        Level::Public => format!("Made on {}", words::moment(now)),
    }
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
