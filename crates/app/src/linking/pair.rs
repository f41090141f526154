//! One pair side by side: what agrees, what differs, what each is worth, and whether they are one child.

mod samples;

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_kernel::{AgencyId, Passage, PersonId, SubjectId, TypedId as _};
use clearpicture_linkage::Level;
use clearpicture_linkage::children::{
    self, Attention, Comparison, Held, Outcome, Written, explain,
};
use serde::{Deserialize, Serialize};

use super::answers::{CHILDREN, RECORDS, asks, choices, scopes, sureness};
use super::decide::{self, Says};
use super::follow::Followed;
use super::pages::{bits, noun, parted_notice, source_names};
use super::question::SeeLinkQuestion;
use super::review::{href, of_child};
use super::run::compared;
use super::standing::{DecidedShown, Stands};
use super::store::{Two, asked_because};
use super::types::{Sureness, Verdict};
use super::ways;
use crate::agencies;
use crate::persons::{self, Known, PartPerson, SeePerson, SeeProtection};
use crate::shell::form::{Choice, not_taken, number};
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted};

/// Two records that may be one child.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PairPage {
    action: String,
    a: String,
    b: String,
    version: u32,
    /// How the two stand, in a sentence.
    standing: &'static str,
    one: String,
    other: String,
    agreement: String,
    decision: &'static str,
    would_change: &'static str,
    rows: Vec<RowShown>,
    start: Step,
    total: Step,
    view: String,
    threshold: i32,
    decided: Option<DecidedShown>,
    may_decide: bool,
    /// The pictures of the two, or the one; who had opened it, where it was parted; and the next pair that waits.
    ways: Vec<Link>,
    choices: Vec<Choice>,
    sureness: Vec<Choice>,
    /// How far it may go; none where the two have no other records.
    scopes: Vec<Choice>,
    /// Whom somebody who is not sure may ask.
    asks: Vec<Choice>,
    reason: String,
    errors: Errors,
}

/// One thing on which the two are compared.
#[derive(Debug, Clone, Serialize)]
struct RowShown {
    of: &'static str,
    one: String,
    other: String,
    level: &'static str,
    differs: bool,
    step: Step,
}

/// A step of the waterfall: what it is worth in words, and its bar in tenths of a bit.
#[derive(Debug, Clone, Serialize)]
struct Step {
    bits: String,
    x: i32,
    width: i32,
    speaks_for: bool,
}

impl Page for PairPage {
    const TEMPLATE: &'static str = "linking/pair.html";

    fn title(&self) -> String {
        "Are these one child?".to_owned()
    }

    fn samples() -> Vec<Self> {
        samples::all()
    }
}

impl PairPage {
    /// Whether it is decided what the two are.
    fn is_decided(&self) -> bool {
        let asks = self
            .choices
            .iter()
            .any(|choice| choice.value == Verdict::Asked.code());
        !asks
    }
}

/// Which two, as an address names them.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
}

/// A decision as typed.
#[derive(Debug, Deserialize)]
pub(super) struct DecideForm {
    a: String,
    b: String,
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    sureness: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    ask: String,
    #[serde(default)]
    reason: String,
}

/// `GET /links/{id}`: two records by `a` and `b`, or all that may be of the child.
pub(super) async fn show(at: Permitted<SeePerson>, Query(which): Query<Which>) -> Answer {
    if which.a.is_empty() && which.b.is_empty() {
        return of_child(&at.ctx, &at.permit).await;
    }
    let pair = Pair::of(&at.ctx, &at.permit, &which.a, &which.b).await?;
    let page = page(&at.ctx, at.id, &pair).await?;
    let above = ways::above(&at.ctx, at.id);
    at.ctx.page_under(&page, &[(&above.title, &above.href)])
}

/// `POST /links/{id}`
pub(super) async fn decide(at: Permitted<PartPerson>, Posted(form): Posted<DecideForm>) -> Answer {
    let ctx = &at.ctx;
    let seen = ctx.permit::<SeePerson>(&at.id).await?;
    let pair = Pair::of(ctx, &seen, &form.a, &form.b).await?;
    // Whoever decides about both must be allowed to for both.
    ctx.permit::<PartPerson>(&pair.other_person).await?;
    let mut errors = Errors::default();
    let verdict = Verdict::parse(&form.verdict).ok_or("choose what you think");
    let verdict = errors.take("verdict", "Answer", verdict);
    let confidence = match form.sureness.as_str() {
        "certain" => Ok(Sureness::Certain),
        "likely" => Ok(Sureness::Likely),
        _ if matches!(verdict, Some(Verdict::Asked | Verdict::Open) | None) => Ok(Sureness::Likely),
        _ => Err("choose how sure you are"),
    };
    let confidence = errors.take("sureness", "How sure", confidence);
    let reason = errors.take("reason", "Why", Passage::parse(&form.reason));
    let stand = decide::stand(ctx, pair.ids).await?;
    let scope = match form.scope.as_str() {
        "" | RECORDS => Ok(None),
        every if every == every_record(ctx, &stand) => {
            Ok(verdict.and_then(|verdict| decide::sides(verdict, &stand)))
        }
        // Others came to them, or left, since the page was shown.
        every if every.starts_with(CHILDREN) => return Err(Failure::Conflict),
        _ => Err("choose how far it goes"),
    };
    let scope = errors.take("scope", "How far", scope);
    let asked_of = match (verdict, AgencyId::parse(&form.ask)) {
        (Some(Verdict::Asked), Ok(agency)) if pair.agencies().contains(&agency) => Ok(Some(agency)),
        (Some(Verdict::Asked), _) if !form.ask.is_empty() => Err("choose whom to ask"),
        _ => Ok(None),
    };
    let asked_of = errors.take("ask", "Whom you ask", asked_of);
    let (Some(verdict), Some(confidence), Some(sides), Some(asked_of), Some(reason)) =
        (verdict, confidence, scope, asked_of, reason)
    else {
        let shown = page(ctx, at.id, &pair).await?;
        let page = PairPage {
            errors,
            choices: choices(pair.is_joined(at.id), shown.is_decided(), &form.verdict),
            sureness: sureness(&form.sureness),
            scopes: scopes_of(ctx, pair.is_joined(at.id), &stand, &form.scope),
            asks: match shown.is_decided() {
                true => Vec::new(),
                false => asks(&pair.asked(ctx).await?, &form.ask),
            },
            reason: form.reason,
            ..shown
        };
        let above = ways::above(ctx, at.id);
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &[(&above.title, &above.href)]),
        );
    };
    let says = Says {
        pair: pair.ids,
        verdict,
        confidence,
        reason,
        sides,
        asked_of,
    };
    let followed = decide::decide(ctx, &says, form.version, &stand).await?;
    done(ctx, at.id, &pair, (verdict, asked_of.is_some()), followed).await
}

/// Goes on from a decision, to where its undo is.
async fn done(
    ctx: &Ctx,
    from: PersonId,
    pair: &Pair,
    (verdict, asked): (Verdict, bool),
    followed: Followed,
) -> Answer {
    let was_joined = pair.is_joined(from);
    let notice = match verdict {
        Verdict::NotSame if was_joined => parted_notice(followed),
        Verdict::Asked if asked => {
            "Your question stands with the pair, and among those that the agency you named is asked."
        }
        Verdict::Asked => "Your question stands with the pair, for whoever knows more.",
        _ if !followed.at_once => {
            "Your decision is kept, and the picture follows within minutes. It can be taken back below."
        }
        Verdict::Same => {
            "They are one child, and no run will part them. It can be taken back below."
        }
        Verdict::NotSame => {
            "They are two children, and no run will join them. It can be taken back below."
        }
        Verdict::Open if followed.breach => {
            "What was decided is taken back, and the two were linked anew by what is known: they are two children. Others had opened the joined picture, so that the information governance lead has 72 hours to assess a breach; tell them today."
        }
        Verdict::Open => {
            "What was decided is taken back, and the two were linked anew by what is known."
        }
    };
    ctx.done(&after(ctx, from, pair.ids).await?, notice).await
}

/// Where what was decided about a pair stands and can be taken back; the picture from which it was decided, where whoever
/// decided may not know of both any more.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn after(ctx: &Ctx, from: PersonId, (a, b): Two) -> Result<String, Failure> {
    match whose(ctx, (a, b)).await {
        Ok((of_a, of_b)) if may_see(ctx, [of_a, of_b]).await => Ok(href(&of_a, a, b)),
        Ok(_) | Err(Failure::NotFound) => Ok(format!("/children/{from}")),
        Err(failure) => Err(failure),
    }
}

/// Whether the reader may see all of these persons.
pub(super) async fn may_see(ctx: &Ctx, persons: impl IntoIterator<Item = PersonId>) -> bool {
    let mut may_see = true;
    for person in persons.into_iter().collect::<BTreeSet<_>>() {
        may_see &= ctx.permit::<SeePerson>(&person).await.is_ok();
    }
    may_see
}

/// How two stand: as somebody decided, or as the system has them until somebody does.
const fn standing(joined: bool, is_decided: bool) -> &'static str {
    match (joined, is_decided) {
        (true, true) => "They are one child.",
        (false, true) => "They are two children.",
        (true, false) => "They are joined until somebody decides.",
        (false, false) => "They are held apart until somebody decides.",
    }
}

/// Two records that the reader may know of.
pub(super) struct Pair {
    /// The earlier first.
    pub(super) ids: (SubjectId, SubjectId),
    pub(super) one: Known,
    pub(super) other: Known,
    /// The person of whichever is not the page's own.
    other_person: PersonId,
}

impl Pair {
    /// The pair of these two, of which one at least belongs to the person of `permit`.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when there are no such two that the reader may know of.
    async fn of(
        ctx: &Ctx,
        permit: &clearpicture_access::Permit<SeePerson>,
        a: &str,
        b: &str,
    ) -> Result<Self, Failure> {
        let read = |text: &str| SubjectId::parse(text).map_err(|_| Failure::NotFound);
        let (a, b) = (read(a)?, read(b)?);
        if a == b {
            return Err(Failure::NotFound);
        }
        let ids = (a.min(b), a.max(b));
        let (of_a, of_b) = whose(ctx, ids).await?;
        let own = permit.resource().id.to_string();
        let other_person = match (of_a.to_string() == own, of_b.to_string() == own) {
            (true, _) => of_b,
            (_, true) => of_a,
            _ => return Err(Failure::NotFound),
        };
        let (one, other) = known(ctx, ids, (of_a, of_b)).await?;
        Ok(Self {
            one,
            other,
            ids,
            other_person,
        })
    }

    pub(super) fn is_joined(&self, person: PersonId) -> bool {
        self.other_person == person
    }

    /// Whether the reader must not learn where either is.
    fn is_withheld(&self) -> bool {
        self.one.withheld || self.other.withheld
    }

    /// The agencies that tell of the two.
    fn agencies(&self) -> BTreeSet<AgencyId> {
        BTreeSet::from([self.one.subject.agency, self.other.subject.agency])
    }

    /// Those, as they may be asked.
    async fn asked(&self, ctx: &Ctx) -> Result<Vec<(String, String)>, Failure> {
        let names = match self.is_withheld() {
            true => agencies::names_of_no_school(ctx.store()).await?,
            false => agencies::names(ctx.store()).await?,
        };
        let name = |id: AgencyId| Some((id.to_string(), names.get(&id)?.clone()));
        Ok(self.agencies().into_iter().filter_map(name).collect())
    }
}

/// The persons of two subjects, where the reader may know of both.
///
/// # Errors
/// [`Failure::NotFound`] when they may not.
pub(super) async fn whose(
    ctx: &Ctx,
    (a, b): (SubjectId, SubjectId),
) -> Result<(PersonId, PersonId), Failure> {
    let scope = ctx.scope::<SeePerson>().await?;
    let persons = persons::persons_of(ctx.store(), &scope, &BTreeSet::from([a, b])).await?;
    let person = |subject: SubjectId| persons.get(&subject).copied().ok_or(Failure::NotFound);
    Ok((person(a)?, person(b)?))
}

/// What is known of two subjects of these persons. Each opening is in the read log, and whoever may not know of either does
/// not learn of the pair.
///
/// # Errors
/// [`Failure::NotFound`] when they may not.
pub(super) async fn known(
    ctx: &Ctx,
    (a, b): (SubjectId, SubjectId),
    (of_a, of_b): (PersonId, PersonId),
) -> Result<(Known, Known), Failure> {
    let keeper = ctx.scope::<SeeProtection>().await?;
    let both = BTreeSet::from([a, b]);
    let mut known = Vec::new();
    for person in BTreeSet::from([of_a, of_b]) {
        let permit = ctx.permit::<SeePerson>(&person).await?;
        known.extend(persons::known_to(ctx.store(), &permit, &keeper, &both).await?);
    }
    let find = |id: SubjectId| {
        let found = known.iter().find(|known| known.subject.id == id);
        found.cloned().ok_or(Failure::NotFound)
    };
    Ok((find(a)?, find(b)?))
}

async fn page(ctx: &Ctx, id: PersonId, pair: &Pair) -> Result<PairPage, Failure> {
    let model = &ctx.app.practice().linkage;
    let app = &ctx.app;
    let evidence = compared(app.store(), app.access(), model, (&pair.one, &pair.other))
        .await
        .map_err(|fault| Failure::Fault(fault.to_string()))?;
    let written = (
        Written::of(pair.one.facts()),
        Written::of(pair.other.facts()),
    );
    let joined = pair.is_joined(id);
    let questions = ctx.scope::<SeeLinkQuestion>().await?;
    let because = asked_because(ctx.store(), &questions, pair.ids).await?;
    let because = because.as_deref().unwrap_or_default();
    let doubts = match Attention::parse(because) {
        Some(attention) => children::Standing::NeedsAttention([attention].into()),
        None => children::Standing::Settled,
    };
    let outcome = match (joined, Held::parse(because)) {
        (true, _) => Outcome::Joined(&doubts),
        (false, Some(held)) => Outcome::HeldApart(held),
        (false, None) => Outcome::TooLittle,
    };
    let words = explain(&evidence, outcome, model, Some((&written.0, &written.1)));
    let names = source_names(ctx, &[pair.one.clone(), pair.other.clone()]).await?;
    let name = |id: SubjectId| names.get(&id).cloned().unwrap_or_default();
    let (rows, mut seen) = rows(&evidence.parts, &written, words.prior);
    seen.extend([evidence.weight, model.plan.join]);
    let stand = decide::stand(ctx, pair.ids).await?;
    let stands = Stands::of(ctx, pair.ids, pair.is_withheld()).await?;
    let asked = pair.asked(ctx).await?;
    let ways = ways::of(ctx, id, pair, &stands).await?;
    let resource = ctx.permit::<SeePerson>(&id).await?;
    let resource = resource.resource();
    Ok(PairPage {
        action: format!("/links/{id}"),
        a: pair.ids.0.to_string(),
        b: pair.ids.1.to_string(),
        version: decide::said(ctx, &stand).await?,
        standing: standing(joined, stands.is_decided),
        one: name(pair.ids.0),
        other: name(pair.ids.1),
        agreement: words.agreement,
        decision: match stands.is_decided {
            true => "Somebody decided what they are, and no run goes against that.",
            false => words.decision,
        },
        would_change: match stands.is_decided {
            true => "",
            false => words.would_change,
        },
        rows,
        start: Step::of(0, words.prior),
        total: Step::of(0, evidence.weight),
        view: view(&seen),
        threshold: model.plan.join / 100,
        decided: stands.shown,
        may_decide: ctx.may_with::<PartPerson>(&resource.class, resource.grants),
        choices: choices(joined, stands.is_decided, ""),
        sureness: sureness(""),
        ways,
        scopes: scopes_of(ctx, joined, &stand, ""),
        asks: match stands.is_decided {
            true => Vec::new(),
            false => asks(&asked, ""),
        },
        reason: String::new(),
        errors: Errors::default(),
    })
}

/// Every record of the two as they were shown: whoever decides about others than they were shown is told.
fn every_record(ctx: &Ctx, stand: &[BTreeSet<SubjectId>]) -> String {
    let ids: Vec<String> = stand.iter().flatten().map(ToString::to_string).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut digest = ctx.store().keyed_digest("every record", &ids);
    digest.truncate(16);
    format!("{CHILDREN}{digest}")
}

fn scopes_of(ctx: &Ctx, joined: bool, stand: &[BTreeSet<SubjectId>], chosen: &str) -> Vec<Choice> {
    let records = stand.iter().map(BTreeSet::len).sum();
    scopes(joined, records, &every_record(ctx, stand), chosen)
}

/// One row for each thing that is compared, and every height that the waterfall reaches.
fn rows(
    parts: &[(String, Level, i32)],
    written: &(Written, Written),
    prior: i32,
) -> (Vec<RowShown>, Vec<i32>) {
    let mut so_far = prior;
    let mut seen = vec![prior];
    let mut rows = Vec::new();
    for (column, level, worth) in parts {
        let of = Comparison::of(column);
        if of == Comparison::Identifier && *level == Level::NotTold {
            continue;
        }
        let step = Step::of(so_far, *worth);
        so_far += worth;
        seen.push(so_far);
        rows.push(RowShown {
            of: noun(of),
            one: written.0.value(of).unwrap_or_default(),
            other: written.1.value(of).unwrap_or_default(),
            level: level.words(),
            differs: !matches!(level, Level::Same | Level::NotTold),
            step,
        });
    }
    (rows, seen)
}

impl Step {
    /// From what was reached before, in thousandths of a bit.
    fn of(before: i32, worth: i32) -> Self {
        let (from, to) = (before.min(before + worth), before.max(before + worth));
        Self {
            bits: bits(worth),
            x: from / 100,
            width: (to - from) / 100,
            speaks_for: worth >= 0,
        }
    }
}

/// The stretch that bars are drawn on, in tenths of a bit.
fn view(seen: &[i32]) -> String {
    let least = seen.iter().min().copied().unwrap_or_default().min(0) / 100 - 5;
    let most = seen.iter().max().copied().unwrap_or_default().max(0) / 100 + 5;
    format!("{least} 0 {} 12", most - least)
}
