//! Putting one value of a file right, with a reason. The file stays as it came, and both stand in history.

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_ingest::{Finding, Severity};
use clearpicture_kernel::{Line, Passage};
use serde::{Deserialize, Serialize};

use super::findings::{examined, look, written};
use super::pages::LIST;
use super::readings;
use super::send::failure;
use super::shown::{self, Shows};
use super::types::{Correction, DecideLoad, Effect, Load, LoadId, LoadState, PutText, SeeLoad};
use super::work::{self, Step};
use crate::shell::form::{not_taken, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted};

/// The form that puts a value right.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CorrectPage {
    file: String,
    action: String,
    back: String,
    version: u32,
    place: Place,
    /// The row in words.
    row: String,
    remedy: &'static str,
    written: String,
    /// Whether what stands there is not for the reader.
    hidden: bool,
    text: String,
    reason: String,
    errors: Errors,
}

/// Where the value stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    row: String,
    table: String,
    column: String,
}

impl Page for CorrectPage {
    const TEMPLATE: &'static str = "loads/correct.html";

    fn title(&self) -> String {
        "Put a value right".to_owned()
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            file: "csc.csv".to_owned(),
            action: "/loads/load_1/correct".to_owned(),
            back: "/loads/load_1/findings".to_owned(),
            version: 2,
            place: Place {
                row: "12".to_owned(),
                table: String::new(),
                column: "Date <Of> Birth".to_owned(),
            },
            row: "row 13 of the sheet".to_owned(),
            remedy: "The date is not a day that exists.",
            written: "31/02/2012".to_owned(),
            hidden: false,
            text: String::new(),
            reason: String::new(),
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("reason", "Why: this is empty");
        let hidden = Self {
            written: String::new(),
            hidden: true,
            ..clean.clone()
        };
        vec![
            Self {
                errors,
                written: String::new(),
                ..clean.clone()
            },
            hidden,
            clean,
        ]
    }
}

/// A correction as typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CorrectForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    row: String,
    #[serde(default)]
    table: String,
    column: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
}

/// What is still wrong in the place with the correction in it, in words; `None` when nothing is. Nothing at all may stand in
/// a place, as long as its row can be kept without it.
async fn still_wrong(
    ctx: &Ctx,
    id: LoadId,
    load: &Load,
    correction: &Correction,
) -> Result<Option<&'static str>, Failure> {
    let mut with = load.clone();
    with.corrections.push(correction.clone());
    let ctx = ctx.clone();
    let read = async move { look(&ctx, id, &with, false).await };
    let examined = readings::once(read).await;
    let examined = examined.map_err(|fault| failure(&fault))?;
    let is_here = |finding: &&Finding| {
        finding.row == Some(correction.row)
            && finding.column.as_deref() == Some(correction.column.as_str())
            && finding.table.as_deref().unwrap_or_default() == correction.table
    };
    let is_nothing = correction.text.reveal().is_empty();
    let mut here = examined.findings.iter().filter(is_here);
    let still = here.find(|one| !is_nothing || one.problem.severity() != Severity::Warning);
    Ok(still.map(|finding| finding.problem.message()))
}

/// `GET /loads/{id}/correct`
pub(super) async fn form(at: Permitted<DecideLoad>, Query(place): Query<Place>) -> Answer {
    let opens = CorrectForm {
        row: place.row,
        table: place.table,
        column: place.column,
        ..CorrectForm::default()
    };
    let page = page(&at, &opens).await?;
    at.ctx.page_under(&page, &[LIST])
}

async fn page(at: &Permitted<DecideLoad>, form: &CorrectForm) -> Result<CorrectPage, Failure> {
    let place = Place {
        row: form.row.clone(),
        table: form.table.clone(),
        column: form.column.clone(),
    };
    let seen = Permitted {
        ctx: at.ctx.clone(),
        id: at.id,
        permit: at.ctx.permit::<SeeLoad>(&at.id).await?,
    };
    let (load, examined) = examined(&seen).await?;
    let is_here = |finding: &&Finding| {
        finding.row.map(|row| row.to_string()).as_deref() == Some(&place.row)
            && finding.column.as_deref() == Some(&place.column)
            && finding.table.as_deref().unwrap_or_default() == place.table
    };
    let finding = examined.findings.iter().find(is_here);
    let finding = finding.ok_or(Failure::NotFound)?;
    let shows = Shows::of(&at.ctx, &load).await?;
    if !shows.can_be_put_right(finding) {
        return Err(Failure::NotFound);
    }
    let hidden = finding.written.is_some() && !shows.value_of(finding);
    if finding.written.is_some() && !hidden {
        shown::note(&at.ctx).await?;
    }
    Ok(CorrectPage {
        action: format!("/loads/{}/correct", at.id),
        back: format!("/loads/{}/findings", at.id),
        version: at.permit.resource().version,
        row: finding.row_in_words().unwrap_or_default(),
        remedy: finding.problem.message(),
        written: written(finding, &shows),
        hidden,
        file: load.file.to_string(),
        text: form.text.clone(),
        reason: form.reason.clone(),
        errors: Errors::default(),
        place,
    })
}

/// `POST /loads/{id}/correct`
pub(super) async fn correct(
    at: Permitted<DecideLoad>,
    Posted(form): Posted<CorrectForm>,
) -> Answer {
    let ctx: &Ctx = &at.ctx;
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    // Only what was found wrong is put right: also where what stands there is not shown, which is so for every row.
    let found = page(&at, &form).await?;
    let mut errors = Errors::default();
    let row = form.row.parse::<u64>().map_err(|_| "this is no row");
    let row = errors.take("row", "Row", row);
    let column = errors.take("column", "Column", Line::parse(&form.column));
    let text = PutText::parse(&form.text).ok_or("this is longer than a value is");
    let text = errors.take("text", "Value", text);
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let mut load = ctx.store().load(&at.permit).await?;
    let correction = match (row, column, text, reason) {
        (Some(row), Some(column), Some(text), Some(reason)) => {
            let correction = Correction {
                row,
                table: form.table.clone(),
                column,
                text,
            };
            match still_wrong(ctx, at.id, &load, &correction).await? {
                None => Some((correction, reason)),
                Some(words) => {
                    errors.add("text", words);
                    None
                }
            }
        }
        _ => None,
    };
    let Some((correction, reason)) = correction else {
        let page = CorrectPage { errors, ..found };
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &[LIST]),
        );
    };
    let step = match load.state {
        LoadState::Waiting(Effect { .. }) => {
            load.state = LoadState::Received;
            Step::Read
        }
        LoadState::Taken(_) => Step::Again,
        _ => {
            return Err(Failure::Rule(
                "Nothing in this file can be put right now: send it again.".to_owned(),
            ));
        }
    };
    load.corrections.push(correction);
    let job = work::job(step, at.id, form.version + 1);
    let change = ctx.store().prepare_change(&at.permit, &load, Some(&reason));
    ctx.store().commit(vec![change.await?.asking(job)]).await?;
    ctx.done(
        &format!("/loads/{}", at.id),
        "The value was put right. The file is being read with it; it stays sealed as it came.",
    )
    .await
}
