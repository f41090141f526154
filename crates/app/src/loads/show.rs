//! What came of one file, and what somebody who may decide is asked about it.

use clearpicture_access::Resource;
use clearpicture_ingest::Severity;
use clearpicture_kernel::Code;
use serde::Serialize;

use super::decide::DecideForm;
use super::pages::{LIST, reach, source};
use super::rules::{ends_many, held};
use super::types::{DecideLoad, Effect, Load, LoadId, LoadState, SeeLoad};
use super::work::{self, Step};
use crate::agencies;
use crate::shell::{Answer, Ctx, DayTyped, Errors, Failure, Page, Permitted};
use crate::words;

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
    bytes: u64,
    /// Whether the file itself is kept.
    kept: bool,
    history_href: String,
    findings_href: Option<String>,
    progress: String,
    waits: bool,
    /// Who sends files of its source, where that is another agency.
    usual: Option<String>,
    /// Whether it was to be of whoever sends files of its source, and nobody is known to.
    nobodys: bool,
    decides: Option<Decides>,
    /// Where it can be taken back, by whoever may.
    back_href: Option<String>,
    rows: Vec<Count>,
    problems: Vec<ProblemLine>,
    errors: Errors,
}

/// What somebody who may decide is asked.
#[derive(Debug, Clone, Serialize)]
struct Decides {
    action: String,
    version: u32,
    day: DayTyped,
    ends: String,
    reason: String,
    can_be_taken: bool,
    /// How many held rows it would end, where those are many.
    many: Option<Many>,
}

/// Many held rows that a file would end.
#[derive(Debug, Clone, Serialize)]
struct Many {
    ends: u64,
    held: u64,
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

    #[expect(
        clippy::too_many_lines,
        reason = "a page with much in it has a sample with much in it"
    )]
    fn samples() -> Vec<Self> {
        let decides = |many| Decides {
            action: "/loads/1/decide".to_owned(),
            version: 2,
            day: DayTyped::default(),
            ends: String::new(),
            reason: "It is the <wrong> month.".to_owned(),
            can_be_taken: true,
            many,
        };
        let problem = |remedy, count, severity| ProblemLine {
            remedy,
            count,
            reach: reach(severity).0,
            tone: reach(severity).1,
        };
        let count = |of, rows| Count { of, rows };
        let full = Self {
            file: "csc <2026>.csv".to_owned(),
            source: "Involvement of children's social care".to_owned(),
            agency: "Northwater Council".to_owned(),
            state: "Taken in",
            received: "today, 14:02".to_owned(),
            tells_of: "30 September 2022".to_owned(),
            covers: "1 January 2018 to 30 September 2022".to_owned(),
            digest: "ba78…".to_owned(),
            bytes: 48_000,
            kept: true,
            history_href: "/loads/1/history".to_owned(),
            findings_href: Some("/loads/1/findings".to_owned()),
            progress: "120000 rows so far".to_owned(),
            waits: true,
            usual: None,
            nobodys: false,
            decides: Some(decides(None)),
            back_href: Some("/loads/1/take-back".to_owned()),
            rows: vec![
                count("Rows in the file", 500),
                count("New", 499),
                count("Set aside", 1),
            ],
            problems: vec![
                problem(
                    "The row has more values than there are headings.",
                    1,
                    Severity::Quarantine,
                ),
                problem(
                    "The involvement begins after its last day.",
                    256,
                    Severity::Warning,
                ),
            ],
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("date", "The day: there is no 31 February in 2026");
        errors.add("ends", "Type the number of rows that it ends: 4486");
        errors.add("reason", "Why it is not taken in: this is empty");
        let many = Self {
            waits: false,
            decides: Some(decides(Some(Many {
                ends: 4_486,
                held: 4_487,
            }))),
            errors,
            ..full.clone()
        };
        let clean = Self {
            covers: String::new(),
            tells_of: String::new(),
            findings_href: None,
            progress: String::new(),
            waits: false,
            kept: false,
            usual: Some("Northwater <Police>".to_owned()),
            decides: None,
            back_href: None,
            rows: Vec::new(),
            problems: Vec::new(),
            ..full.clone()
        };
        let nobodys = Self {
            usual: None,
            nobodys: true,
            ..clean.clone()
        };
        vec![full, many, nobodys, clean]
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
            ("New", effect.new),
            ("Changed since the last file", effect.changed),
            ("As they were before", effect.unchanged),
        ]);
    }
    counts.push(("Set aside", read.quarantined));
    if read.others > 0 {
        counts.push(("Of other areas, and not kept", read.others));
    }
    if let Some(effect) = load.state.effect().filter(|effect| effect.ended > 0) {
        counts.push(("In the last file, and not in this one", effect.ended));
    }
    let counts = counts.into_iter().map(|(of, rows)| Count { of, rows });
    counts.collect()
}

/// `GET /loads/{id}`
pub(super) async fn show(at: Permitted<SeeLoad>) -> Answer {
    let load = at.ctx.store().load(&at.permit).await?;
    let page = page(&at.ctx, at.id, at.permit.resource(), &load, None).await?;
    at.ctx.page_under(&page, &[LIST])
}

/// The page, with what was typed and what is wrong with it.
pub(super) async fn page(
    ctx: &Ctx,
    id: LoadId,
    resource: &Resource,
    load: &Load,
    typed: Option<(DecideForm, Errors)>,
) -> Result<LoadPage, Failure> {
    let step = match load.state {
        LoadState::Received => Some(Step::Read),
        LoadState::Accepted(_) => Some(Step::Take),
        LoadState::TakingBack(_) => Some(Step::Back),
        _ => None,
    };
    let progress = match step {
        Some(step) => work::progress(&ctx.app, step, id, resource.version).await?,
        None => String::new(),
    };
    let may_decide = ctx.may_with::<DecideLoad>(&resource.class, resource.grants);
    let problems = load.problems().into_iter().map(|(problem, count)| {
        let (reach, tone) = reach(problem.severity());
        ProblemLine {
            remedy: problem.message(),
            count,
            reach,
            tone,
        }
    });
    let (form, errors) = match typed {
        Some((form, errors)) => (Some(form), errors),
        None => (None, Errors::default()),
    };
    let decides = match load.state {
        LoadState::Waiting(effect) if may_decide => {
            Some(decides(ctx, id, resource.version, load, &effect, form))
        }
        _ => None,
    };
    let usual = match &load.state {
        LoadState::OtherSender(usual) => {
            let known = agencies::by_code(ctx.store(), usual.sends.as_str()).await?;
            Some(match known {
                Some(id) => agencies::name_of(ctx.store(), Some(id)).await?,
                None => usual.sends.to_string(),
            })
        }
        _ => None,
    };
    let can_go_back = may_decide && matches!(load.state, LoadState::Taken(_));
    Ok(LoadPage {
        source: source(ctx, load.source.as_ref().map_or("", Code::as_str)),
        agency: agencies::name_of(ctx.store(), Some(load.agency)).await?,
        state: load.state.words(),
        received: words::recent(load.received_at, ctx.now()),
        tells_of: load.as_of.map_or(String::new(), words::full_day),
        covers: load.coverage_in_words(),
        digest: load.digest.to_string(),
        bytes: load.bytes,
        kept: !matches!(load.state, LoadState::Refused | LoadState::OtherSender(_)),
        history_href: format!("/loads/{id}/history"),
        findings_href: (load.findings_total() > 0).then(|| format!("/loads/{id}/findings")),
        progress,
        waits: step.is_some(),
        usual,
        nobodys: load.by_source && matches!(load.state, LoadState::Refused),
        decides,
        back_href: can_go_back.then(|| format!("/loads/{id}/take-back")),
        rows: counts(load),
        problems: problems.collect(),
        file: load.file.to_string(),
        errors,
    })
}

fn decides(
    ctx: &Ctx,
    id: LoadId,
    version: u32,
    load: &Load,
    effect: &Effect,
    form: Option<DecideForm>,
) -> Decides {
    let tells_of_somebody = |source: &Code| {
        let mut profiles = ctx.app.practice().profiles.iter();
        profiles.any(|profile| profile.name == *source && profile.subjects.is_some())
    };
    let form = form.unwrap_or_else(|| DecideForm::of(load.as_of));
    Decides {
        action: format!("/loads/{id}/decide"),
        version,
        can_be_taken: load.source.as_ref().is_some_and(tells_of_somebody),
        many: ends_many(effect).then(|| Many {
            ends: effect.ended,
            held: held(effect),
        }),
        day: form.day(),
        ends: form.ends,
        reason: form.reason,
    }
}
