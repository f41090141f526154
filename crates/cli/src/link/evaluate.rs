//! `link evaluate`: how good the links that stand are.

use std::path::Path;

use std::sync::Arc;

use clearpicture_access::Access;
use clearpicture_app::linking::quality::{self, Row};
use clearpicture_app::loads::{Far, Intake, LoadFault};
use clearpicture_app::persons::TheirKey;
use clearpicture_app::shell::fonts;
use clearpicture_app::{state, words};
use clearpicture_kernel::Ambient;
use clearpicture_reports::{Report, html};
use serde::{Deserialize, Serialize};

use super::judged::Good;
use super::unusable;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// What is printed.
#[derive(Debug, Serialize)]
struct Answer {
    /// What it rests on.
    from: &'static str,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records_judged: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_not_held: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlinkable: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs_drawn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs_read: Option<u64>,
    #[serde(flatten)]
    good: Good,
}

/// The command.
pub(super) async fn run(
    settings: &Settings,
    truth: Option<&Path>,
    out: Option<&Path>,
) -> Result<(), Stop> {
    if let Some(out) = out
        && out.exists()
    {
        return Err(Stop::misuse(format!(
            "`{}` is there already: name a file that is not there yet",
            out.display()
        )));
    }
    let truth = truth.map(read).transpose()?;
    let opened = installation::open(settings, Footing::Existing).await?;
    let answer = answer(&opened, truth.as_deref()).await;
    let is_invented = opened.store.origin().await;
    opened.close().await?;
    let (answer, origin) = (answer?, is_invented?);
    if let Some(out) = out {
        let is_invented = origin.is_some_and(|origin| origin.is_demonstration());
        write(out, &page(&answer, is_invented)?)?;
    }
    let text =
        serde_json::to_string_pretty(&answer).map_err(|error| Stop::fault(error.to_string()))?;
    say::answer(&text)
}

async fn answer(opened: &Opened, truth: Option<&[TruthRow]>) -> Result<Answer, Stop> {
    let practice = &opened.practice;
    let access = state::policies(&installation::capabilities(), practice)
        .map_err(state::StartFault::from)?;
    let model = practice.linkage.plan.version.clone();
    match truth {
        Some(truth) => {
            let truth = held(opened, &access, truth).await?;
            let judged = quality::judge(&opened.store, &access, practice, &truth);
            let judged = judged.await.map_err(unusable)?;
            Ok(Answer {
                from: "truth",
                model,
                records: Some(judged.records),
                records_judged: Some(judged.told),
                rows_not_held: Some(judged.not_held),
                unlinkable: Some(judged.poor),
                pairs_drawn: None,
                pairs_read: None,
                good: Good::held(&judged),
            })
        }
        None => {
            let told = quality::read_so_far(&opened.store, &access).await;
            let told = told.map_err(|fault| Stop::fault(fault.to_string()))?;
            let told = told.ok_or_else(|| {
                Stop::misuse("no sample was drawn yet: draw one at /links/quality and have it read, or name a known truth with --truth")
            })?;
            Ok(Answer {
                from: "sample",
                model,
                records: None,
                records_judged: None,
                rows_not_held: None,
                unlinkable: None,
                pairs_drawn: Some(told.pairs),
                pairs_read: Some(told.read),
                good: Good::sampled(&told),
            })
        }
    }
}

#[derive(Deserialize)]
struct TruthRow {
    file: String,
    key: String,
    child: String,
}

/// Which rows are of one person.
fn read(file: &Path) -> Result<Vec<TruthRow>, Stop> {
    let unreadable = |error: csv::Error| {
        Stop::misuse(format!(
            "`{}` cannot be read as a truth, delimited text with the columns `file`, `key` and `child`: {error}",
            file.display()
        ))
    };
    let mut rows = csv::Reader::from_path(file).map_err(unreadable)?;
    let rows = rows.deserialize().collect::<Result<Vec<_>, _>>();
    rows.map_err(unreadable)
}

/// Whom the rows of a truth are about, by the files that were taken in.
async fn held(opened: &Opened, access: &Access, truth: &[TruthRow]) -> Result<Vec<Row>, Stop> {
    let nobody_waits: Far = Arc::new(|_| {});
    let intake = Intake::new(&opened.store, access, &opened.practice, nobody_waits);
    let fault = |fault: LoadFault| Stop::fault(fault.to_string());
    let senders = intake.map_err(fault)?.senders().await.map_err(fault)?;
    let row = |row: &TruthRow| Row {
        subject: senders.get(&row.file).map(|(agency, scheme)| TheirKey {
            agency: *agency,
            scheme: scheme.clone(),
            key: row.key.clone(),
        }),
        person: row.child.clone(),
    };
    Ok(truth.iter().map(row).collect())
}

fn page(answer: &Answer, is_invented: bool) -> Result<String, Stop> {
    let now = words::moment(Ambient::system().now());
    let mut foreword = Vec::new();
    if is_invented {
        foreword.push("Every person and every figure in this report is invented.".to_owned());
    }
    let report = Report {
        title: "How good links are".to_owned(),
        about: "All that is held".to_owned(),
        by: format!("Model {}", answer.model),
        copy: "No value of any record is in it".to_owned(),
        known: format!("made on {now}"),
        stamp: format!("Made on the server on {now}"),
        foreword,
        sections: answer.good.sections(),
    };
    html(&report, fonts().map_err(Stop::fault)?).map_err(|fault| Stop::fault(fault.to_string()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn write(out: &Path, page: &str) -> Result<(), Stop> {
    std::fs::write(out, page)
        .map_err(|error| Stop::misuse(format!("`{}` cannot be written: {error}", out.display())))
}
