//! What was found in a file, place by place: on a page with what stands there, and as a report for the sender without.

use std::sync::Arc;

use clearpicture_ingest::{Finding, Problem, Severity, Written};
use clearpicture_reports::xlsx;
use serde::Serialize;

use super::examine::Examined;
use super::intake::{Intake, Layout, LoadFault};
use super::pages::{LIST, reach};
use super::readings;
use super::report::{Reported, what_to_do, where_it_is};
use super::send::failure;
use super::shown::{self, Shows};
use super::types::{DecideLoad, Load, LoadId, LoadState, SeeLoad};
use crate::shell::csv::Csv;
use crate::shell::given_out::{GivenOut, stamp};
use crate::shell::{Answer, Ctx, Failure, Page, Permitted};

/// The most places of one problem that the page shows.
const SHOWN: usize = 25;

/// The places, by what to do about them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FindingsPage {
    file: String,
    back: String,
    groups: Vec<Group>,
    reports: Vec<(&'static str, String)>,
}

/// The places of one problem.
#[derive(Debug, Clone, Serialize)]
struct Group {
    remedy: &'static str,
    reach: &'static str,
    tone: &'static str,
    count: u64,
    places: Vec<Place>,
    unlisted: u64,
}

/// One place, and what stands there.
#[derive(Debug, Clone, Serialize)]
struct Place {
    place: String,
    written: String,
    /// Whether what stands in that column is not for the reader.
    hidden: bool,
    /// Where it can be put right, for those who may.
    correct: Option<String>,
}

impl Page for FindingsPage {
    const TEMPLATE: &'static str = "loads/findings.html";

    fn title(&self) -> String {
        format!("What was found in {}", self.file)
    }

    fn samples() -> Vec<Self> {
        let group = |unlisted| Group {
            remedy: "The postcode is not of a shape that exists.",
            reach: reach(Severity::Warning).0,
            tone: reach(Severity::Warning).1,
            count: 2 + unlisted,
            places: vec![
                Place {
                    place: "row 13 of the sheet, Postcode".to_owned(),
                    written: "XN1 <2AB>".to_owned(),
                    hidden: false,
                    correct: Some("/loads/load_1/correct?row=12&column=Postcode".to_owned()),
                },
                Place {
                    place: "row 15 of the sheet".to_owned(),
                    written: String::new(),
                    hidden: true,
                    correct: None,
                },
            ],
            unlisted,
        };
        let full = Self {
            file: "csc.csv".to_owned(),
            back: "/loads/load_1".to_owned(),
            groups: vec![group(0), group(40)],
            reports: reports("load_1"),
        };
        let clean = Self {
            groups: Vec::new(),
            ..full.clone()
        };
        vec![full, clean]
    }
}

fn reports(id: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "Report for the sender, as a workbook",
            format!("/loads/{id}/report.xlsx"),
        ),
        ("The same as CSV", format!("/loads/{id}/report.csv")),
    ]
}

/// `GET /loads/{id}/findings`
pub(super) async fn show(at: Permitted<SeeLoad>) -> Answer {
    let (load, examined) = examined(&at).await?;
    let of_problem = |problem: Problem| {
        let here = examined.findings.iter();
        here.filter(move |finding| finding.problem == problem)
            .take(SHOWN)
    };
    let each = examined.problems.keys().flat_map(|one| of_problem(*one));
    let each: Vec<&Finding> = each.collect();
    let shows = Shows::of(&at.ctx, &load).await?;
    let is_shown = |finding: &&Finding| finding.written.is_some() && shows.value_of(finding);
    if each.iter().any(is_shown) {
        shown::note(&at.ctx).await?;
    }
    let resource = at.permit.resource();
    let can_be = matches!(load.state, LoadState::Waiting(_) | LoadState::Taken(_));
    let may_correct = can_be
        && at
            .ctx
            .may_with::<DecideLoad>(&resource.class, resource.grants);
    let groups = examined.problems.iter().map(|(problem, count)| {
        let (reach, tone) = reach(problem.severity());
        let places = of_problem(*problem).map(|finding| {
            let may_correct = may_correct && shows.can_be_put_right(finding);
            Place {
                place: place(finding),
                written: written(finding, &shows),
                hidden: finding.written.is_some() && !shows.value_of(finding),
                correct: correct_href(&at.id.to_string(), finding).filter(|_| may_correct),
            }
        });
        let places: Vec<Place> = places.collect();
        Group {
            remedy: problem.message(),
            reach,
            tone,
            count: *count,
            unlisted: count.saturating_sub(places.len() as u64),
            places,
        }
    });
    let page = FindingsPage {
        groups: groups.collect(),
        back: format!("/loads/{}", at.id),
        reports: reports(&at.id.to_string()),
        file: load.file.to_string(),
    };
    at.ctx.page_under(&page, &[LIST])
}

/// What stands in the place of a finding, as far as it is for the reader.
pub(super) fn written(finding: &Finding, shows: &Shows<'_>) -> String {
    let shown = finding.written.as_ref().filter(|_| shows.value_of(finding));
    shown.map_or(String::new(), |text| Written::reveal(text).to_owned())
}

/// Where one value can be put right; `None` where no column of one row is to blame.
fn correct_href(id: &str, finding: &Finding) -> Option<String> {
    let (row, column) = (finding.row?, finding.column.as_deref()?);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("row", &row.to_string())
        .append_pair("table", finding.table.as_deref().unwrap_or_default())
        .append_pair("column", column)
        .finish();
    Some(format!("/loads/{id}/correct?{query}"))
}

fn place(finding: &Finding) -> String {
    if let (Some(table), None, None) = (&finding.table, finding.row, &finding.column) {
        return table.to_string();
    }
    let table = finding.table.as_ref().map(|table| format!("{table}, "));
    let table = table.unwrap_or_default();
    let place = finding.place();
    place.map_or("the whole file".to_owned(), |place| {
        format!("{table}{place}")
    })
}

/// `GET /loads/{id}/report.xlsx`
pub(super) async fn workbook(at: Permitted<SeeLoad>) -> Answer {
    let ctx = &at.ctx;
    let (load, examined) = examined(&at).await?;
    let reported = [Reported::of(load.file.to_string(), &examined)];
    let mut first = what_to_do(&reported);
    first.above.push(stamp(ctx));
    let bytes = xlsx(&[first, where_it_is(&reported)]);
    let out = GivenOut {
        list: "findings",
        name: "findings.xlsx".to_owned(),
        kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes: bytes.map_err(|problem| Failure::fault(&problem))?,
    };
    out.give_out(ctx, &ctx.scope::<SeeLoad>().await?).await
}

/// `GET /loads/{id}/report.csv`
pub(super) async fn csv(at: Permitted<SeeLoad>) -> Answer {
    let ctx = &at.ctx;
    let (load, examined) = examined(&at).await?;
    let sheet = where_it_is(&[Reported::of(load.file.to_string(), &examined)]);
    let headings: Vec<&str> = sheet
        .columns
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut csv = Csv::new(&headings);
    for row in &sheet.rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        csv.row(&cells);
    }
    csv.give_out(ctx, &ctx.scope::<SeeLoad>().await?, "findings")
        .await
}

/// The file, read once more from where it is kept sealed.
pub(super) async fn examined(at: &Permitted<SeeLoad>) -> Result<(Load, Arc<Examined>), Failure> {
    let load = at.ctx.store().load(&at.permit).await?;
    if matches!(load.state, LoadState::Receiving) {
        return Err(Failure::Rule("The file did not come whole.".to_owned()));
    }
    let which = (at.id, at.permit.resource().version, load.digest);
    let (ctx, id, of) = (at.ctx.clone(), at.id, load.clone());
    let read = Box::pin(async move { look(&ctx, id, &of, true).await });
    let examined = readings::of(which, read).await;
    Ok((load, examined.map_err(|fault| failure(&fault))?))
}

/// A file read as its record says, with what somebody put right in it.
pub(super) async fn look(
    ctx: &Ctx,
    id: LoadId,
    load: &Load,
    values: bool,
) -> Result<Examined, LoadFault> {
    let app = &ctx.app;
    let intake = Intake::new(app.store(), app.access(), app.practice(), Arc::new(|_| {}))?;
    if matches!(load.state, LoadState::Refused | LoadState::OtherSender(_))
        && let Some(found) = intake.found_in(id, load).await?
    {
        return Ok(found);
    }
    let layout = Layout {
        profile: load.source.clone(),
        year: load.counts.as_ref().and_then(|counts| counts.year),
    };
    intake.look(id, load, &layout, values).await
}
