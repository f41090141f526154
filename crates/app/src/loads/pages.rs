//! The list of loads, and what came of one.

use axum::extract::Query;
use clearpicture_ingest::Severity;
use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{AgencyId, Code, TypedId as _};
use serde::{Deserialize, Serialize};

use super::store::{page_of, row};
use super::types::{AddLoad, DecideLoad, Load, LoadId, LoadState, SeeLoad};
use super::work::{self, Step};
use crate::agencies;
use crate::history::Shown;
use crate::shell::{Answer, Ctx, DayTyped, Page, Pagination, Permitted, Scoped};
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

/// One load.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LoadPage {
    file: String,
    source: String,
    agency: String,
    state: &'static str,
    received: String,
    tells_of: String,
    covers: String,
    digest: String,
    history_href: String,
    findings_href: Option<String>,
    progress: String,
    waits: bool,
    decides: Option<Decides>,
    rows: Vec<Count>,
    problems: Vec<ProblemLine>,
}

/// What somebody who may decide is asked.
#[derive(Debug, Clone, Serialize)]
struct Decides {
    action: String,
    version: u32,
    as_of: DayTyped,
    can_be_taken: bool,
}

/// How many rows there are of one kind.
#[derive(Debug, Clone, Serialize)]
struct Count {
    of: &'static str,
    rows: u64,
}

/// One problem that was found.
#[derive(Debug, Clone, Serialize)]
struct ProblemLine {
    remedy: &'static str,
    count: u64,
    reach: &'static str,
    tone: &'static str,
}

impl Page for LoadPage {
    const TEMPLATE: &'static str = "loads/load.html";

    fn title(&self) -> String {
        self.file.clone()
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            file: "csc <2026>.csv".to_owned(),
            source: "Involvement of children's social care".to_owned(),
            agency: "Northwater Council".to_owned(),
            state: "Taken in",
            received: "today, 14:02".to_owned(),
            tells_of: "30 September 2022".to_owned(),
            covers: "1 January 2018 to 30 September 2022".to_owned(),
            digest: "ba78…".to_owned(),
            history_href: "/loads/1/history".to_owned(),
            findings_href: Some("/loads/1/findings".to_owned()),
            progress: "120000 rows so far".to_owned(),
            waits: true,
            decides: Some(Decides {
                action: "/loads/1/decide".to_owned(),
                version: 2,
                as_of: DayTyped::default(),
                can_be_taken: true,
            }),
            rows: vec![
                Count {
                    of: "Rows in the file",
                    rows: 500,
                },
                Count {
                    of: "Say something new",
                    rows: 499,
                },
                Count {
                    of: "Set aside",
                    rows: 1,
                },
            ],
            problems: vec![
                ProblemLine {
                    remedy: "The row has more values than there are headings.",
                    count: 1,
                    reach: reach(Severity::Quarantine).0,
                    tone: reach(Severity::Quarantine).1,
                },
                ProblemLine {
                    remedy: "The involvement begins after its last day.",
                    count: 256,
                    reach: reach(Severity::Warning).0,
                    tone: reach(Severity::Warning).1,
                },
            ],
        };
        let clean = Self {
            covers: String::new(),
            tells_of: String::new(),
            findings_href: None,
            progress: String::new(),
            waits: false,
            decides: None,
            rows: Vec::new(),
            problems: Vec::new(),
            ..full.clone()
        };
        vec![full, clean]
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
fn source(ctx: &Ctx, code: &str) -> String {
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
        _ => ("taken in", "done"),
    }
}

/// Every row accounted for.
fn counts(load: &Load) -> Vec<Count> {
    let Some(read) = &load.counts else {
        return Vec::new();
    };
    let mut counts = vec![("Rows in the file", read.rows)];
    if let Some(effect) = load.state.effect() {
        counts.extend([
            ("Tell something for the first time", effect.new),
            ("Tell something else than before", effect.changed),
            ("Tell what is held already", effect.unchanged),
        ]);
    }
    counts.push(("Set aside", read.quarantined));
    if read.others > 0 {
        counts.push(("Of others, and not kept", read.others));
    }
    if let Some(effect) = load.state.effect().filter(|effect| effect.ended > 0) {
        counts.push(("Held before, and in the file no longer", effect.ended));
    }
    let counts = counts.into_iter().map(|(of, rows)| Count { of, rows });
    counts.collect()
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

/// `GET /loads/{id}`
pub(super) async fn show(at: Permitted<SeeLoad>) -> Answer {
    let load = at.ctx.store().load(&at.permit).await?;
    let step = match load.state {
        LoadState::Received => Some(Step::Read),
        LoadState::Accepted => Some(Step::Take),
        _ => None,
    };
    let progress = match step {
        Some(step) => {
            let version = at.permit.resource().version;
            work::progress(&at.ctx.app, step, at.id, version).await?
        }
        None => String::new(),
    };
    let resource = at.permit.resource();
    let may_decide = at
        .ctx
        .may_with::<DecideLoad>(&resource.class, resource.grants);
    let decides = matches!(load.state, LoadState::Waiting(_)) && may_decide;
    let tells_of_somebody = |source: &Code| {
        let mut profiles = at.ctx.app.practice().profiles.iter();
        profiles.any(|profile| profile.name == *source && profile.subjects.is_some())
    };
    let problems = load.problems().into_iter().map(|(problem, count)| {
        let (reach, tone) = reach(problem.severity());
        ProblemLine {
            remedy: problem.message(),
            count,
            reach,
            tone,
        }
    });
    let page = LoadPage {
        source: source(&at.ctx, load.source.as_ref().map_or("", Code::as_str)),
        agency: agencies::name_of(at.ctx.store(), Some(load.agency)).await?,
        state: load.state.words(),
        received: words::recent(load.received_at, at.ctx.now()),
        tells_of: load.as_of.map_or(String::new(), words::full_day),
        covers: load.coverage_in_words(),
        digest: load.digest.to_string(),
        history_href: format!("/loads/{}/history", at.id),
        findings_href: (load.findings_total() > 0).then(|| format!("/loads/{}/findings", at.id)),
        progress,
        waits: step.is_some(),
        decides: decides.then(|| Decides {
            action: format!("/loads/{}/decide", at.id),
            version: resource.version,
            as_of: DayTyped::of(load.as_of),
            can_be_taken: load.source.as_ref().is_some_and(tells_of_somebody),
        }),
        rows: counts(&load),
        problems: problems.collect(),
        file: load.file.to_string(),
    };
    at.ctx.page_under(&page, &[LIST])
}
