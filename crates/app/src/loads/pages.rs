//! The list of loads.

use axum::extract::Query;
use clearpicture_ingest::Severity;
use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{AgencyId, TypedId as _};
use serde::{Deserialize, Serialize};

use super::store::{page_of, row};
use super::types::{AddLoad, Load, LoadId, SeeLoad};
use crate::agencies;
use crate::history::Shown;
use crate::shell::{Answer, Ctx, Page, Pagination, Scoped};
use crate::words;

pub(super) const LIST: (&str, &str) = ("Files", "/loads");

impl Shown for Load {
    fn title(&self) -> String {
        self.file.to_string()
    }

    fn href(id: &LoadId) -> String {
        format!("/loads/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        LIST
    }
}

/// The loads that the reader may see.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    may_send: bool,
    loads: Vec<LoadLine>,
    list: Pagination,
}

/// One line of the list.
#[derive(Debug, Clone, Serialize)]
struct LoadLine {
    href: String,
    source: String,
    agency: String,
    taken: String,
    rows: i64,
    quarantined: i64,
    findings: i64,
    state: &'static str,
    tone: &'static str,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "loads/list.html";

    fn title(&self) -> String {
        LIST.0.to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |quarantined, findings| LoadLine {
            href: "/loads/1".to_owned(),
            source: "Involvement of <b>children's</b> social care".to_owned(),
            agency: "Northwater Council".to_owned(),
            taken: "today, 14:02".to_owned(),
            rows: 500,
            quarantined,
            findings,
            state: "taken in",
            tone: "done",
        };
        vec![
            Self {
                may_send: true,
                loads: vec![line(0, 0), line(1, 256)],
                list: Pagination::of(2, 120),
            },
            Self {
                may_send: false,
                loads: Vec::new(),
                list: Pagination::of(1, 0),
            },
        ]
    }
}

/// What a problem did to its row, and the tone of the tag that says so.
pub(super) const fn reach(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Refusal => ("file refused", "breach"),
        Severity::Quarantine => ("rows set aside", "due"),
        Severity::Warning => ("rows kept", "neutral"),
    }
}

/// The source in words; of a file that was not read yet there is none.
pub(super) fn source(ctx: &Ctx, code: &str) -> String {
    match code {
        "" => "A file not read yet, or of no known source".to_owned(),
        code => ctx.app.practice().source_title(code).to_owned(),
    }
}

/// A state in a few words, and the tone of the tag that says so.
fn state(code: &str) -> (&'static str, &'static str) {
    match code {
        "receiving" => ("on its way", "neutral"),
        "received" => ("being read", "neutral"),
        "refused" => ("refused", "breach"),
        "waiting" => ("waiting for you", "due"),
        "accepted" => ("being taken in", "neutral"),
        "declined" => ("not taken in", "neutral"),
        "other-sender" => ("stopped: another agency’s", "breach"),
        "taking-back" => ("being taken back", "neutral"),
        "taken-back" => ("taken back", "neutral"),
        _ => ("taken in", "done"),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    page: Option<u64>,
}

/// `GET /loads`
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeLoad>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (rows, list) = page_of(ctx.store(), &scope, query.page.unwrap_or(1)).await?;
    let names = agencies::names(ctx.store()).await?;
    let line = |row: row::Model| LoadLine {
        href: format!("/loads/{}", row.id),
        agency: AgencyId::parse(&row.agency_id)
            .ok()
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_default(),
        taken: words::recent(microseconds(row.received_at), ctx.now()),
        source: source(&ctx, &row.source),
        state: state(&row.state).0,
        tone: state(&row.state).1,
        rows: row.rows,
        quarantined: row.quarantined,
        findings: row.findings,
    };
    let loads = rows.into_iter().map(line).collect();
    let names = agencies::names(ctx.store()).await?;
    let may_send = names.keys().any(|id| ctx.may::<AddLoad>(Some(*id)));
    ctx.page(&ListPage {
        may_send,
        loads,
        list,
    })
}
