//! The weekly sample of look-ups by people who were not involved, decided one by one.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_access::{AccessClass, Kind as _, Scope};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Date, Passage};
use clearpicture_store::{LookUp, Looked, Marked};
use serde::{Deserialize, Serialize};

use super::looked::Tier;
use super::rules;
use super::shown::{LookUpShown, People, Records};
use super::store::{self, Decided};
use super::types::{
    AddLookReview, ChangeLookReview, LookReview, LookReviewId, SampleLookUps, SeeLookReview,
    Verdict,
};
use crate::shell::form::{Choice, not_taken};
use crate::shell::{Allowed, Answer, Ctx, Errors, Failure, Page, Posted};
use crate::words;

const ABOVE: [(&str, &str); 2] = [("Governance", "/governance"), ("Look-ups", "/look-ups")];

/// Which week is asked for, by any of its days.
#[derive(Debug, Deserialize)]
pub(super) struct WeekAsked {
    week: Option<Date>,
}

/// Which look-up is to be decided.
#[derive(Debug, Deserialize)]
pub(super) struct LookAsked {
    look: i64,
}

/// A decision as sent.
#[derive(Debug, Deserialize)]
pub(super) struct DecisionForm {
    look: String,
    version: String,
    #[serde(default)]
    verdict: String,
    note: String,
}

/// The sample of one week.
pub(super) async fn list(
    Allowed { ctx, .. }: Allowed<SampleLookUps>,
    Query(asked): Query<WeekAsked>,
) -> Answer {
    let last = rules::last_whole_week(ctx.now());
    let week = rules::monday_of(asked.week.unwrap_or(last)).min(last);
    let looks = sampled(&ctx, week).await?;
    let decided = decided(&ctx, week).await?;
    let people = People::of(&ctx, looks.iter().map(|look| look.looker.clone())).await?;
    let records = Records::of(&ctx, looks.iter().map(|look| look.record.as_str())).await?;
    let of = (&people, &records);
    let lines: Vec<_> = looks
        .iter()
        .map(|look| LookUpShown::of(&ctx, of, look, verdict_on(&decided, look.seq)))
        .collect();
    let page = ListPage::new(&ctx, week, last, lines);
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// The form to decide one look-up, or to decide it anew.
pub(super) async fn ask(
    Allowed { ctx, .. }: Allowed<AddLookReview>,
    Query(asked): Query<LookAsked>,
) -> Answer {
    let sampled = find(&ctx, asked.look).await?;
    let form = match &sampled.standing {
        Some((_, version, review)) => DecisionForm::of(review, *version),
        None => DecisionForm::empty(asked.look),
    };
    decide_page(&ctx, &sampled, &form, Errors::default()).await
}

/// Decides one look-up, or decides it anew.
pub(super) async fn decide(
    Allowed { ctx, .. }: Allowed<AddLookReview>,
    Posted(form): Posted<DecisionForm>,
) -> Answer {
    let number = form.look.parse().map_err(|_| Failure::NotFound)?;
    let sampled = find(&ctx, number).await?;
    let mut errors = Errors::default();
    let Some((verdict, note)) = rules::decision(&mut errors, &form.verdict, &form.note) else {
        let page = decide_page(&ctx, &sampled, &form, errors).await;
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let review = LookReview {
        look: number,
        week: sampled.week,
        verdict,
        note,
    };
    let known = sampled
        .standing
        .as_ref()
        .map(|(id, version, _)| (*id, *version));
    if form.version != known.map_or(0, |(_, version)| version).to_string() {
        return Err(Failure::Conflict);
    }
    save(&ctx, known.map(|(id, _)| id), &review).await?;
    let back = format!("/look-ups?week={}", sampled.week);
    ctx.done(&back, "The decision is saved.").await
}

async fn save(ctx: &Ctx, known: Option<LookReviewId>, review: &LookReview) -> Result<(), Failure> {
    let reason = review.note.as_ref();
    if let Some(id) = known {
        let permit = ctx.permit::<ChangeLookReview>(&id).await?;
        ctx.store().change(&permit, review, reason).await?;
    } else {
        let id = LookReviewId::fresh(ctx.app.ambient());
        let permit = ctx.permit_add::<AddLookReview>(&id, review)?;
        ctx.store().add(&permit, review, reason).await?;
    }
    Ok(())
}

/// The caller's scope over the read log.
fn log_scope(ctx: &Ctx) -> Scope<SampleLookUps> {
    let whole = AccessClass::ordinary(LookUp::NAME, None);
    ctx.app
        .access()
        .scope(ctx.caller(), &ctx.purpose(), [&whole])
}

/// The look-ups of one week's sample, newest first. Those for marked purposes are a sample of their own, for whoever may
/// see them: whether there are any makes no difference to what others are shown.
async fn sampled(ctx: &Ctx, week: Date) -> Result<Vec<Looked>, Failure> {
    let (scope, store) = (log_scope(ctx), ctx.store());
    let during = rules::bounds(week);
    let plain = store
        .uninvolved_looks(&scope, during, Marked::Withheld { and_by: None })
        .await?;
    let mut drawn = rules::sample(week, plain.iter().copied());
    if Tier::of(ctx, None).marked == Marked::Told {
        let plain: BTreeSet<i64> = plain.into_iter().collect();
        let all = store.uninvolved_looks(&scope, during, Marked::Told).await?;
        let marked = all.into_iter().filter(|look| !plain.contains(look));
        drawn.extend(rules::sample(week, marked));
    }
    Ok(store.looks_numbered(&scope, drawn).await?)
}

async fn decided(ctx: &Ctx, week: Date) -> Result<store::DecidedLooks, Failure> {
    let scope = ctx
        .store()
        .scope::<SeeLookReview>(ctx.app.access(), ctx.caller(), &ctx.purpose())
        .await?;
    Ok(store::of_week(ctx.store(), &scope, week).await?)
}

/// How many look-ups the last whole week's sample holds, and how many of them nobody decided yet.
pub(super) async fn undecided(ctx: &Ctx) -> Result<(usize, usize), Failure> {
    let week = rules::last_whole_week(ctx.now());
    let looks = sampled(ctx, week).await?;
    let decided = decided(ctx, week).await?;
    let left = looks.iter().filter(|look| !decided.contains_key(&look.seq));
    Ok((looks.len(), left.count()))
}

/// A look-up that a sample holds, with what was decided about it.
struct Sampled {
    look: Looked,
    week: Date,
    standing: Option<(LookReviewId, u32, LookReview)>,
}

/// The look-up with this number, if the sample of its week holds it.
async fn find(ctx: &Ctx, number: i64) -> Result<Sampled, Failure> {
    let scope = log_scope(ctx);
    let looks = ctx.store().looks_numbered(&scope, [number]).await?;
    let look = looks.into_iter().next().ok_or(Failure::NotFound)?;
    let week = rules::monday_of(day_of(look.looked_at));
    let in_sample = sampled(ctx, week)
        .await?
        .iter()
        .any(|one| one.seq == number);
    if !in_sample || week > rules::last_whole_week(ctx.now()) {
        return Err(Failure::NotFound);
    }
    let standing = match decided(ctx, week).await?.get(&number) {
        Some(Decided { id, .. }) => {
            let permit = ctx.permit::<SeeLookReview>(id).await?;
            let version = permit.resource().version;
            Some((*id, version, ctx.store().load(&permit).await?))
        }
        None => None,
    };
    Ok(Sampled {
        look,
        week,
        standing,
    })
}

fn verdict_on(decided: &store::DecidedLooks, number: i64) -> Option<Verdict> {
    decided.get(&number).map(|decided| decided.verdict)
}

/// The ways to decide, each with what follows from it.
fn choices(chosen: &str) -> Vec<Choice> {
    let choice = |verdict: Verdict| {
        Choice::new(verdict.code(), verdict.words(), chosen).hinted(verdict.consequence())
    };
    Verdict::ALL.into_iter().map(choice).collect()
}

async fn decide_page(ctx: &Ctx, sampled: &Sampled, form: &DecisionForm, errors: Errors) -> Answer {
    let people = People::of(ctx, [sampled.look.looker.clone()]).await?;
    let records = Records::of(ctx, [sampled.look.record.as_str()]).await?;
    let standing = sampled
        .standing
        .as_ref()
        .map(|(_, _, review)| review.verdict);
    let page = DecidePage {
        look: LookUpShown::of(ctx, (&people, &records), &sampled.look, standing),
        version: form.version.clone(),
        choices: choices(&form.verdict),
        note: form.note.clone(),
        errors,
    };
    ctx.page_under(&page, &ABOVE)
}

impl DecisionForm {
    fn empty(look: i64) -> Self {
        Self {
            look: look.to_string(),
            version: "0".to_owned(),
            verdict: String::new(),
            note: String::new(),
        }
    }

    fn of(review: &LookReview, version: u32) -> Self {
        Self {
            look: review.look.to_string(),
            version: version.to_string(),
            verdict: review.verdict.code().to_owned(),
            note: review
                .note
                .as_ref()
                .map_or_else(String::new, Passage::to_string),
        }
    }
}

/// The sample of one week.
#[derive(Debug, Serialize)]
pub(super) struct ListPage {
    week: String,
    before: String,
    after: Option<String>,
    looks: Vec<LookUpShown>,
    undecided: usize,
    may_decide: bool,
}

impl ListPage {
    fn new(ctx: &Ctx, week: Date, last: Date, looks: Vec<LookUpShown>) -> Self {
        Self {
            week: words::day(week, day_of(ctx.now())),
            before: rules::weeks_from(week, -1).to_string(),
            after: (week < last).then(|| rules::weeks_from(week, 1).to_string()),
            undecided: looks.iter().filter(|look| look.verdict.is_none()).count(),
            may_decide: ctx.may::<AddLookReview>(None),
            looks,
        }
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "governance/look_ups.html";

    fn title(&self) -> String {
        format!("Look-ups in the week from {}", self.week)
    }

    fn samples() -> Vec<Self> {
        let page = |looks: Vec<LookUpShown>, after: Option<&str>| Self {
            week: "16 November".to_owned(),
            before: "2026-11-09".to_owned(),
            after: after.map(str::to_owned),
            undecided: looks.len().min(1),
            may_decide: true,
            looks,
        };
        let auditor = Self {
            may_decide: false,
            ..page(LookUpShown::samples(), None)
        };
        let all_decided = Self {
            undecided: 0,
            ..page(LookUpShown::samples(), None)
        };
        vec![
            page(LookUpShown::samples(), Some("2026-11-23")),
            page(Vec::new(), None),
            all_decided,
            auditor,
        ]
    }
}

/// The form to decide one look-up.
#[derive(Debug, Serialize)]
pub(super) struct DecidePage {
    look: LookUpShown,
    version: String,
    choices: Vec<Choice>,
    note: String,
    errors: Errors,
}

impl Page for DecidePage {
    const TEMPLATE: &'static str = "governance/look_up.html";

    fn title(&self) -> String {
        "Decide about a look-up".to_owned()
    }

    fn samples() -> Vec<Self> {
        let mut wrong = Errors::default();
        wrong.add("verdict", "Choose one");
        wrong.add("note", "Note: this is empty");
        let errors = [Errors::default(), wrong, Errors::default()];
        LookUpShown::samples()
            .into_iter()
            .zip(errors)
            .map(|(look, errors)| Self {
                look,
                version: "1".to_owned(),
                choices: choices("ask"),
                note: "Why <b>this</b> record?".to_owned(),
                errors,
            })
            .collect()
    }
}
