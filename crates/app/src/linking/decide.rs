//! Deciding about a pair, or by it about every record of the two children.

use std::collections::BTreeSet;

use clearpicture_kernel::{AgencyId, Passage, SubjectId};
use clearpicture_store::Prepared;
use tokio::sync::{Mutex, MutexGuard};

use super::follow::{Decided, Followed, fault, keep};
use super::run::Linking;
use super::store::{Decisions, Two, decision_about, times_said};
use super::types::{
    AddLinkDecision, ChangeLinkDecision, LinkDecision, LinkDecisionId, SeeLinkDecision, Sides,
    Sureness, Verdict,
};
use crate::persons::{self, PartPerson, SeePerson};
use crate::shell::{Ctx, Failure};

/// How two records stand: the records of the person of each, once where that is one and the same.
pub(super) type Stand = Vec<BTreeSet<SubjectId>>;

/// Whoever decides waits until whoever decides already is done, and what follows from it: what each was shown is then
/// compared with how things stand by that. One server serves a partnership.
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits for one's turn to decide.
pub(super) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// What somebody says of two subjects.
#[derive(Debug, Clone)]
pub(super) struct Says {
    pub(super) pair: Two,
    pub(super) verdict: Verdict,
    pub(super) confidence: Sureness,
    pub(super) reason: Passage,
    /// Every record of the two children, where it goes so far.
    pub(super) sides: Option<Sides>,
    pub(super) asked_of: Option<AgencyId>,
}

/// What was decided about a pair and at which version; nothing when nobody ever did.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn decided(ctx: &Ctx, pair: Two) -> Result<Option<(LinkDecision, u32)>, Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    match decision_about(ctx.store(), &scope, pair).await? {
        None => Ok(None),
        Some(id) => load(ctx, &id).await.map(Some),
    }
}

/// The decision about every record of two children that says what these two are.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn covering(ctx: &Ctx, pair: Two) -> Result<Option<LinkDecision>, Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let both = BTreeSet::from([pair.0, pair.1]);
    let all = Decisions::about(ctx.store(), &scope, &both).await?;
    match all.but_for(pair).covering(pair) {
        None => Ok(None),
        Some(id) => Ok(Some(load(ctx, &id).await?.0)),
    }
}

async fn load(ctx: &Ctx, id: &LinkDecisionId) -> Result<(LinkDecision, u32), Failure> {
    let permit = ctx.permit::<SeeLinkDecision>(id).await?;
    let decision = ctx.store().load(&permit).await?;
    Ok((decision, permit.resource().version))
}

/// How a pair stands.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn stand(ctx: &Ctx, pair: Two) -> Result<Stand, Failure> {
    let app = &ctx.app;
    let linking = Linking::new(app.store(), app.access()).map_err(fault)?;
    let stand = linking.stand(pair).await.map_err(fault)?;
    let members = stand.into_iter().map(|(_, person)| person.members);
    Ok(members.collect())
}

/// How often anybody said something about any record of those who stand so: whoever decides must have been shown all of it.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn said(ctx: &Ctx, stand: &[BTreeSet<SubjectId>]) -> Result<u32, Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let records = stand.iter().flatten().copied().collect();
    Ok(times_said(ctx.store(), &scope, &records).await?)
}

/// The other pairs of which one parting said the same as of this: it took one record out of a picture of several, and is
/// taken back whole.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn of_one_parting(
    ctx: &Ctx,
    (a, b): Two,
    decision: &LinkDecision,
) -> Result<Vec<Two>, Failure> {
    let [members] = decision.stood.as_slice() else {
        return Ok(Vec::new());
    };
    let mut pairs = Vec::new();
    for taken_out in [a, b] {
        for other in members.iter().filter(|one| **one != a && **one != b) {
            let pair = (taken_out.min(*other), taken_out.max(*other));
            let Some((with, _)) = decided(ctx, pair).await? else {
                continue;
            };
            let of = |one: &LinkDecision| (one.verdict, one.sides.clone(), one.stood.clone());
            let parts = decision.verdict == Verdict::NotSame && decision.sides.is_none();
            if parts && of(&with) == of(decision) && with.reason == decision.reason {
                pairs.push(pair);
            }
        }
    }
    Ok(pairs)
}

/// Every record of the two children of a pair that stands so; nothing where that says no more than the two do, or where
/// one picture holds both and nobody knows which of its records are whose.
pub(super) fn sides(verdict: Verdict, stand: &[BTreeSet<SubjectId>]) -> Option<Sides> {
    let (ones, others) = match (verdict, stand) {
        (Verdict::Same, [all]) => (all.clone(), BTreeSet::new()),
        (Verdict::Same | Verdict::NotSame, [ones, others]) => (ones.clone(), others.clone()),
        _ => return None,
    };
    (ones.len() + others.len() > 2).then_some(Sides { ones, others })
}

/// What somebody says of a pair, ready to be kept.
pub(super) struct Ready {
    pub(super) change: Prepared,
    /// What it takes the place of, if anything was ever said.
    pub(super) before: Option<LinkDecision>,
}

impl Ready {
    /// All whom it is about, or whom what it takes the place of was.
    pub(super) fn about(&self, says: &Says) -> BTreeSet<SubjectId> {
        let before = self
            .before
            .as_ref()
            .and_then(|before| before.sides.as_ref());
        let wide = says.sides.iter().chain(before).flat_map(Sides::records);
        wide.chain([says.pair.0, says.pair.1]).collect()
    }
}

/// The change that keeps what somebody says of a pair, of which the two `stand` so. Whatever was decided before is decided
/// anew.
///
/// # Errors
/// [`Failure::Rule`] when somebody asks about what is decided.
pub(super) async fn prepare(
    ctx: &Ctx,
    says: &Says,
    stand: &[BTreeSet<SubjectId>],
) -> Result<Ready, Failure> {
    let (a, b) = says.pair;
    let mut decision = LinkDecision {
        a,
        b,
        verdict: says.verdict,
        confidence: says.confidence,
        reason: says.reason.clone(),
        stood: match says.verdict.decides() {
            true => stand.to_vec(),
            false => Vec::new(),
        },
        sides: says.sides.clone(),
        rounds: u32::from(says.sides.is_some()),
        asked_of: says.asked_of,
    };
    let store = ctx.store();
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let reason = Some(&says.reason);
    let Some(id) = decision_about(store, &scope, says.pair).await? else {
        let id = LinkDecisionId::fresh(ctx.app.ambient());
        let permit = ctx.permit_add::<AddLinkDecision>(&id, &decision)?;
        return Ok(Ready {
            change: store.prepare_add(&permit, &decision, reason).await?,
            before: None,
        });
    };
    let permit = ctx.permit::<ChangeLinkDecision>(&id).await?;
    let before = store.load(&permit).await?;
    if says.verdict == Verdict::Asked && before.verdict.decides() {
        return Err(Failure::Rule(
            "What was decided about the two stands: take it back first, and then ask.".to_owned(),
        ));
    }
    decision.rounds += before.rounds;
    // How they stood before anybody said anything.
    if says.verdict.decides() && !before.stood.is_empty() {
        decision.stood.clone_from(&before.stood);
    }
    Ok(Ready {
        change: store.prepare_change(&permit, &decision, reason).await?,
        before: Some(before),
    })
}

/// Keeps what somebody says of a pair that stood so when they were asked, and links by it whom it is about. `seen` tells
/// how much had been [said] by then.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else decided meanwhile about any record of the two, or they stand otherwise by now;
/// [`Failure::Rule`] when it goes for every record of the two and somebody said otherwise of two of them;
/// [`Failure::NotFound`] when it is about somebody of whom the caller may not decide.
pub(super) async fn decide(
    ctx: &Ctx,
    says: &Says,
    seen: u32,
    shown: &[BTreeSet<SubjectId>],
) -> Result<Followed, Failure> {
    let _turn = turn().await;
    let stand = stand(ctx, says.pair).await?;
    if stand != shown || said(ctx, &stand).await? != seen {
        return Err(Failure::Conflict);
    }
    let app = &ctx.app;
    let linking = Linking::new(app.store(), app.access()).map_err(fault)?;
    let ready = prepare(ctx, says, &stand).await?;
    let mut about = ready.about(says);
    let mut changes = vec![ready.change];
    if let (Verdict::Open, Some(before)) = (says.verdict, &ready.before) {
        for pair in of_one_parting(ctx, says.pair, before).await? {
            let says = Says {
                pair,
                ..says.clone()
            };
            let ready = prepare(ctx, &says, &stand).await?;
            about.extend(ready.about(&says));
            changes.push(ready.change);
        }
    }
    may_decide_about(ctx, &about).await?;
    if let Some(sides) = &says.sides {
        nobody_says_otherwise(ctx, says, sides).await?;
    }
    let before = ready.before.as_ref();
    let stood = before.filter(|before| before.verdict.decides());
    let decided = Decided {
        before: stood.map_or_else(Vec::new, |before| before.stood.clone()),
        ..Decided::now(ctx, about)
    };
    let parted = match says.verdict {
        Verdict::NotSame => linking.parted_by(says.pair).await.map_err(fault)?,
        Verdict::Same | Verdict::Asked | Verdict::Open => None,
    };
    keep(ctx, changes, parted.as_slice(), &decided).await
}

/// Whether the caller may decide about all of these, whosever records they are by now.
///
/// # Errors
/// [`Failure::NotFound`] when they may not: they do not learn of whom.
pub(super) async fn may_decide_about(
    ctx: &Ctx,
    about: &BTreeSet<SubjectId>,
) -> Result<(), Failure> {
    let scope = ctx.scope::<SeePerson>().await?;
    let of = persons::persons_of(ctx.store(), &scope, about).await?;
    for person in of.into_values().collect::<BTreeSet<_>>() {
        ctx.permit::<PartPerson>(&person).await?;
    }
    Ok(())
}

async fn nobody_says_otherwise(ctx: &Ctx, says: &Says, sides: &Sides) -> Result<(), Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let records = sides.records().collect();
    let all = Decisions::about(ctx.store(), &scope, &records).await?;
    let decided = all.but_for(says.pair).decided();
    let otherwise = match says.verdict {
        Verdict::Same => decided.apart,
        _ => decided.same,
    };
    match sides.pairs(says.verdict).is_disjoint(&otherwise) {
        true => Ok(()),
        false => Err(Failure::Rule(
            "Of two of these records somebody has decided otherwise: look at those first, or decide about these two records alone."
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::{TypedId as _, id};

    use super::*;

    fn group(numbers: &[u128]) -> BTreeSet<SubjectId> {
        let subject = |number| SubjectId::parse(&format!("subject_{}", id::encode(number)));
        numbers
            .iter()
            .map(|number| subject(*number).unwrap())
            .collect()
    }

    #[test]
    fn a_decision_goes_further_than_two_records_only_where_that_says_more() {
        let two = [group(&[1, 3]), group(&[2])];
        for verdict in [Verdict::Same, Verdict::NotSame] {
            let sides = sides(verdict, &two).expect("more than the two");
            assert_eq!((sides.ones, sides.others), (group(&[1, 3]), group(&[2])));
        }
        let one = [group(&[1, 2, 3])];
        assert!(sides(Verdict::Same, &one).is_some());
        // Of one picture nobody knows who is whose.
        assert_eq!(sides(Verdict::NotSame, &one), None);
        assert_eq!(sides(Verdict::Same, &[group(&[1]), group(&[2])]), None);
        for verdict in [Verdict::Asked, Verdict::Open] {
            assert_eq!(sides(verdict, &two), None);
        }
    }
}
