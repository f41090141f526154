//! Breach assessments: the list, by what is overdue; one with who saw it; and the decision.

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_access::Permit;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{
    Line, RecordId, SubjectId, Timestamp, TypedId as _, ambient::microseconds,
};
use serde::{Deserialize, Serialize};

use super::breach::{
    AssessmentState, BreachAssessment, BreachAssessmentId, BreachOutcome, DecideBreachAssessment,
    Finding, Reported, SeeBreachAssessment,
};
use super::rules;
use super::seen::{Seen, seen};
use super::shown::{Listed, People};
use super::store;
use crate::persons::{self, SeePerson};
use crate::shell::form::{Choice, not_taken, number};
use crate::shell::{
    Answer, Ctx, DayTyped, Errors, Failure, Page, Pagination, Permitted, Posted, Scoped,
};
use crate::words;

const ABOVE: [(&str, &str); 2] = [
    ("Governance", "/governance"),
    ("Breach assessments", "/breaches"),
];

/// `GET /breaches`: those that wait first, by when they are due.
pub(super) async fn list(
    Scoped { ctx, scope }: Scoped<SeeBreachAssessment>,
    Query(asked): Query<Listed>,
) -> Answer {
    let persons = ctx.scope::<SeePerson>().await?;
    let store = ctx.store();
    let (rows, list) = store::assessments_in(store, &scope, &persons, asked.page).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = BreachAssessmentId::parse(&row.id).map_err(|fault| Failure::fault(&fault))?;
        let permit = ctx.permit::<SeeBreachAssessment>(&id).await?;
        let assessment = store.load(&permit).await?;
        lines.push(AssessmentLine::of(id, &assessment, ctx.now()));
    }
    let page = ListPage {
        assessments: lines,
        list,
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// How many assessments wait, and how many of them are overdue; nothing for whoever may not see them.
pub(super) async fn waiting(ctx: &Ctx) -> Result<(u64, u64), Failure> {
    let scope = ctx.scope::<SeeBreachAssessment>().await?;
    let persons = ctx.scope::<SeePerson>().await?;
    Ok(store::assessments_waiting(ctx.store(), &scope, &persons).await?)
}

/// `GET /breaches/{id}`
pub(super) async fn show(at: Permitted<SeeBreachAssessment>) -> Answer {
    let assessment = at.ctx.store().load(&at.permit).await?;
    let form = DecideForm::of(&assessment, at.permit.resource().version);
    let page = page(&at.ctx, &at.permit, &assessment, form, Errors::default()).await?;
    at.ctx.page_under(&page, &ABOVE)
}

/// `POST /breaches/{id}`
pub(super) async fn decide(
    at: Permitted<DecideBreachAssessment>,
    Posted(form): Posted<DecideForm>,
) -> Answer {
    let ctx = &at.ctx;
    let store = ctx.store();
    let mut assessment = store.load(&at.permit).await?;
    // Whoever may not know of the children decides nothing about them.
    seen(ctx, &assessment).await?;
    if !at.is_at(form.version) {
        return Err(Failure::Conflict);
    }
    let mut errors = Errors::default();
    let Some(outcome) = form.read(ctx, &assessment, &mut errors)? else {
        let permit = ctx.permit::<SeeBreachAssessment>(&at.id).await?;
        let page = page(ctx, &permit, &assessment, form, errors).await?;
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &ABOVE),
        );
    };
    let reason = outcome.reason.clone();
    assessment.outcome = Some(outcome);
    let notice = match assessment.state() {
        AssessmentState::ToReport => {
            "The decision is saved. It waits in the list until you note here that it was reported."
        }
        AssessmentState::Open | AssessmentState::Settled => "The decision is saved.",
    };
    store.change(&at.permit, &assessment, Some(&reason)).await?;
    ctx.done(&format!("/breaches/{}", at.id), notice).await
}

/// A decision as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct DecideForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    finding: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    reason: String,
}

impl DecideForm {
    /// What was decided, as it would be typed.
    fn of(assessment: &BreachAssessment, version: u32) -> Self {
        let Some(outcome) = &assessment.outcome else {
            return Self {
                version,
                ..Self::default()
            };
        };
        let reported = outcome.reported.as_ref();
        let DayTyped { day, month, year } = DayTyped::of(reported.map(|reported| reported.on));
        Self {
            version,
            finding: outcome.finding.code().to_owned(),
            day,
            month,
            year,
            reference: reported.map_or(String::new(), |reported| reported.reference.to_string()),
            reason: outcome.reason.to_string(),
        }
    }

    /// What is decided, or what is wrong with it.
    fn read(
        &self,
        ctx: &Ctx,
        assessment: &BreachAssessment,
        errors: &mut Errors,
    ) -> Result<Option<BreachOutcome>, Failure> {
        let finding = Finding::from_code(&self.finding).ok_or("choose one");
        let finding = errors.take("finding", "Was it a breach", finding);
        let reported = self.reported(ctx.now(), assessment, errors);
        if reported.is_some() && finding.is_some_and(|finding| finding != Finding::Reportable) {
            errors.add(
                "date",
                "Only a breach that is reportable was reported: choose that, or leave the report empty",
            );
        }
        let reason = errors.take("reason", "Why", rules::reason(&self.reason));
        let decided_by = ctx.caller().identity.holder();
        let decided_by = decided_by.ok_or(Failure::Refused(Vec::new()))?;
        let (Some(finding), Some(reason), true) = (finding, reason, errors.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(BreachOutcome {
            finding,
            reported,
            reason,
            decided_by,
            decided_at: ctx.now(),
        }))
    }

    fn reported(
        &self,
        now: Timestamp,
        assessment: &BreachAssessment,
        errors: &mut Errors,
    ) -> Option<Reported> {
        let typed = DayTyped {
            day: self.day.clone(),
            month: self.month.clone(),
            year: self.year.clone(),
        };
        let day = errors.take("date", "Reported on", typed.read())?;
        let line = |text: &str| Line::parse(text);
        let reference = errors.take_optional("reference", "Reference", &self.reference, line);
        match (day, reference) {
            (Some(on), Some(reference)) => {
                if on > day_of(now) || on < day_of(assessment.aware_at) {
                    errors.add(
                        "date",
                        "Reported on: a day from when it was found up to today",
                    );
                }
                Some(Reported { on, reference })
            }
            (Some(_), None) => {
                errors.add("reference", "Reference: the one that the Commissioner gave");
                None
            }
            (None, Some(_)) => {
                errors.add("date", "Reported on: the day it was reported");
                None
            }
            (None, None) => None,
        }
    }
}

/// How much of the time is left, in words and as a tag.
#[derive(Debug, Clone, Serialize)]
struct Clock {
    words: String,
    tone: &'static str,
    explained: String,
}

impl Clock {
    fn of(assessment: &BreachAssessment, now: Timestamp) -> Self {
        let due = assessment.due_at();
        let hours = due.duration_since(now).as_hours();
        let late = due < now;
        let (words, tone) = match assessment.state() {
            AssessmentState::Settled => ("settled".to_owned(), "done"),
            _ if late => (format!("overdue by {}", self::hours(-hours)), "breach"),
            AssessmentState::ToReport => (
                format!("report within {}", self::hours(hours)),
                if hours < 24 { "breach" } else { "due" },
            ),
            AssessmentState::Open => (
                format!("{} left", self::hours(hours)),
                if hours < 24 { "due" } else { "neutral" },
            ),
        };
        Self {
            words,
            tone,
            explained: format!(
                "72 hours from {}, so until {}",
                words::recent(assessment.aware_at, now),
                words::recent(due, now)
            ),
        }
    }
}

/// A number of hours in words.
fn hours(number: i64) -> String {
    match number {
        ..=0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        2..=95 => format!("{number} hours"),
        more => format!("{} days", more / 24),
    }
}

/// One assessment in the list.
#[derive(Debug, Clone, Serialize)]
struct AssessmentLine {
    href: String,
    found: String,
    due: String,
    records: usize,
    clock: Clock,
    finding: &'static str,
}

impl AssessmentLine {
    fn of(id: BreachAssessmentId, assessment: &BreachAssessment, now: Timestamp) -> Self {
        let outcome = assessment.outcome.as_ref();
        Self {
            href: format!("/breaches/{id}"),
            found: words::recent(assessment.aware_at, now),
            due: words::recent(assessment.due_at(), now),
            records: assessment.apart.len(),
            clock: Clock::of(assessment, now),
            finding: outcome.map_or("not decided yet", |outcome| outcome.finding.words()),
        }
    }
}

/// The assessments.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    assessments: Vec<AssessmentLine>,
    list: Pagination,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/breaches.html";

    fn title(&self) -> String {
        "Breach assessments".to_owned()
    }

    fn samples() -> Vec<Self> {
        let now = microseconds(3_600_000_000 * 80);
        let lines = samples()
            .map(|(id, assessment)| AssessmentLine::of(id, &assessment, now))
            .collect();
        vec![
            Self {
                assessments: lines,
                list: Pagination::of(2, 120),
            },
            Self {
                assessments: Vec::new(),
                list: Pagination::of(1, 0),
            },
        ]
    }
}

/// One assessment.
#[derive(Debug, Serialize)]
pub(super) struct BreachPage {
    action: String,
    found: String,
    found_by: String,
    due: String,
    clock: Clock,
    /// The records of the picture, each with whether it is one of those that are not of one child.
    records: Vec<(String, bool)>,
    seen: Seen,
    outcome: Option<OutcomeShown>,
    may_decide: bool,
    choices: Vec<Choice>,
    form: DecideForm,
    errors: Errors,
}

/// What was decided.
#[derive(Debug, Clone, Serialize)]
struct OutcomeShown {
    finding: &'static str,
    reported: String,
    reason: String,
    by: String,
    at: String,
}

impl OutcomeShown {
    fn of(outcome: &BreachOutcome, due: Timestamp, by: String, now: Timestamp) -> Self {
        let reported = outcome.reported.as_ref().map_or(String::new(), |reported| {
            let late = if reported.on > day_of(due) {
                "; after the 72 hours, which the report has to explain"
            } else {
                ""
            };
            let on = words::full_day(reported.on);
            format!("{on}, reference {}{late}", reported.reference)
        });
        Self {
            finding: outcome.finding.words(),
            reported,
            reason: outcome.reason.to_string(),
            by,
            at: words::recent(outcome.decided_at, now),
        }
    }
}

async fn page(
    ctx: &Ctx,
    permit: &Permit<SeeBreachAssessment>,
    assessment: &BreachAssessment,
    form: DecideForm,
    errors: Errors,
) -> Result<BreachPage, Failure> {
    let seen = seen(ctx, assessment).await?;
    let outcome = assessment.outcome.as_ref();
    let decided_by = outcome.map(|outcome| outcome.decided_by.to_string());
    let ids = decided_by.iter().chain([&assessment.found_by]).cloned();
    let people = People::of(ctx, ids).await?;
    let resource = permit.resource();
    let by = |id: &RecordId| people.name(id.as_str());
    let shown = |outcome: &BreachOutcome| {
        let by = by(&outcome.decided_by);
        OutcomeShown::of(outcome, assessment.due_at(), by, ctx.now())
    };
    let names = persons::records_named(ctx, &assessment.joined).await?;
    let record = |one: &SubjectId| {
        let name = names
            .get(one)
            .map_or("a child not for you to open", String::as_str);
        (name.to_owned(), assessment.apart.contains(one))
    };
    Ok(BreachPage {
        found_by: people.name(&assessment.found_by),
        records: assessment.joined.iter().map(record).collect(),
        outcome: outcome.map(shown),
        may_decide: ctx.may_with::<DecideBreachAssessment>(&resource.class, resource.grants),
        ..BreachPage::of(
            resource.id.as_str(),
            assessment,
            seen,
            form,
            errors,
            ctx.now(),
        )
    })
}

impl BreachPage {
    fn of(
        id: &str,
        assessment: &BreachAssessment,
        seen: Seen,
        form: DecideForm,
        errors: Errors,
        now: Timestamp,
    ) -> Self {
        let choice = |finding: Finding| {
            Choice::new(finding.code(), finding.words(), &form.finding).hinted(finding.meaning())
        };
        Self {
            action: format!("/breaches/{id}"),
            found: words::recent(assessment.aware_at, now),
            found_by: String::new(),
            due: words::recent(assessment.due_at(), now),
            clock: Clock::of(assessment, now),
            records: Vec::new(),
            seen,
            outcome: None,
            may_decide: false,
            choices: Finding::ALL.into_iter().map(choice).collect(),
            form,
            errors,
        }
    }
}

impl Page for BreachPage {
    const TEMPLATE: &'static str = "governance/breach.html";

    fn title(&self) -> String {
        "Was it a breach?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let now = microseconds(3_600_000_000 * 30);
        let mut pages: Vec<Self> = samples()
            .map(|(id, assessment)| {
                let form = DecideForm::of(&assessment, 1);
                let errors = Errors::default();
                let due = assessment.due_at();
                let shown = |outcome: &BreachOutcome| {
                    OutcomeShown::of(outcome, due, "Iris <b>Vale</b>".to_owned(), now)
                };
                Self {
                    found_by: "Grace Osei".to_owned(),
                    outcome: assessment.outcome.as_ref().map(shown),
                    may_decide: true,
                    records: [true, false]
                        .map(|apart| {
                            (
                                "Ada <b>Okafor</b>, as Northwater Council tells".to_owned(),
                                apart,
                            )
                        })
                        .to_vec(),
                    ..Self::of(
                        &id.to_string(),
                        &assessment,
                        Seen::sample(),
                        form,
                        errors,
                        now,
                    )
                }
            })
            .collect();
        if let Some(refused) = pages.first_mut() {
            for field in ["finding", "date", "reference", "reason"] {
                refused.errors.add(field, "This is <b>missing</b>");
            }
        }
        if let Some(reader) = pages.last_mut() {
            reader.may_decide = false;
            reader.seen = Seen::default();
        }
        pages
    }
}

/// Assessments in every state.
fn samples() -> impl Iterator<Item = (BreachAssessmentId, BreachAssessment)> {
    let id = BreachAssessmentId::parse("breach_00000000000000000000000001").ok();
    let all = <BreachAssessment as clearpicture_store::Record>::samples();
    all.into_iter().filter_map(move |one| Some((id?, one)))
}
