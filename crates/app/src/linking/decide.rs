//! Deciding about a pair, and with it about every record of the two children where that is said.

use std::collections::BTreeSet;

use clearpicture_kernel::{AgencyId, Passage, SubjectId};
use clearpicture_store::Prepared;

use super::follow::{Decided, Followed, fault, keep};
use super::run::Linking;
use super::store::decision_about;
use super::types::{
    AddLinkDecision, ChangeLinkDecision, DecisionScope, LinkDecision, LinkDecisionId,
    SeeLinkDecision, Sureness, Verdict,
};
use crate::shell::{Ctx, Failure};

/// Two subjects, the earlier first.
pub(super) type Two = (SubjectId, SubjectId);

/// What somebody says of two subjects.
#[derive(Debug, Clone)]
pub(super) struct Says {
    pub(super) pair: Two,
    pub(super) verdict: Verdict,
    pub(super) confidence: Sureness,
    pub(super) reason: Passage,
    pub(super) scope: DecisionScope,
    pub(super) asked_of: Option<AgencyId>,
}

impl Says {
    /// The same of two others.
    fn of(&self, pair: Two) -> Self {
        Self {
            pair,
            scope: DecisionScope::Records,
            ..self.clone()
        }
    }
}

/// What was decided about a pair and at which version; nothing when nobody ever did.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn decided(ctx: &Ctx, pair: Two) -> Result<Option<(LinkDecision, u32)>, Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let Some(id) = decision_about(ctx.store(), &scope, pair).await? else {
        return Ok(None);
    };
    let permit = ctx.permit::<SeeLinkDecision>(&id).await?;
    let decision = ctx.store().load(&permit).await?;
    Ok(Some((decision, permit.resource().version)))
}

/// What somebody says of a pair, ready to be kept.
pub(super) struct Ready {
    pub(super) change: Prepared,
    id: LinkDecisionId,
    /// What it takes the place of, if anything was ever said.
    before: Option<LinkDecision>,
}

/// How the two of a pair stand: the records of the person of each, once where that is one and the same.
pub(super) async fn stand(
    linking: &Linking<'_>,
    pair: Two,
) -> Result<Vec<BTreeSet<SubjectId>>, Failure> {
    let stand = linking.stand(pair).await.map_err(fault)?;
    let members = stand.into_iter().map(|(_, person)| person.members);
    Ok(members.collect())
}

/// The other pairs that are of the two children of whom it is said what they are, as they `stand`: each record of the one
/// with each of the other, where they are two, and the first of all with each of the others where they are one.
pub(super) fn others(pair: Two, verdict: Verdict, stand: &[BTreeSet<SubjectId>]) -> Vec<Two> {
    let two = |a: SubjectId, b: SubjectId| (a.min(b), a.max(b));
    let mut pairs: BTreeSet<Two> = match (verdict, stand) {
        (Verdict::Same, all) => {
            let all = all.iter().flatten();
            all.filter(|other| **other != pair.0)
                .map(|other| two(pair.0, *other))
                .collect()
        }
        (Verdict::NotSame, [ones, others]) => ones
            .iter()
            .flat_map(|a| others.iter().map(move |b| two(*a, *b)))
            .collect(),
        // Which records of one picture are of which of two children, this pair alone does not tell.
        (Verdict::NotSame | Verdict::Asked | Verdict::Open, _) => BTreeSet::new(),
    };
    pairs.remove(&pair);
    pairs.into_iter().collect()
}

/// The change that keeps what somebody says of a pair, of which the two `stand` so. `seen` is the version of what was
/// decided when they were asked, 0 for nothing; without it, whatever was decided before is decided anew. `along` are
/// decisions that come with it.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else decided meanwhile.
pub(super) async fn prepare(
    ctx: &Ctx,
    says: &Says,
    seen: Option<u32>,
    stand: &[BTreeSet<SubjectId>],
    along: Vec<LinkDecisionId>,
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
        scope: says.scope,
        along,
        asked_of: says.asked_of,
    };
    let store = ctx.store();
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let reason = Some(&says.reason);
    let Some(id) = decision_about(store, &scope, says.pair).await? else {
        if seen.is_some_and(|seen| seen != 0) {
            return Err(Failure::Conflict);
        }
        let id = LinkDecisionId::fresh(ctx.app.ambient());
        let permit = ctx.permit_add::<AddLinkDecision>(&id, &decision)?;
        return Ok(Ready {
            change: store.prepare_add(&permit, &decision, reason).await?,
            id,
            before: None,
        });
    };
    let permit = ctx.permit::<ChangeLinkDecision>(&id).await?;
    if seen.is_some_and(|seen| seen != permit.resource().version) {
        return Err(Failure::Conflict);
    }
    let before = store.load(&permit).await?;
    // How they stood before anybody said anything.
    if says.verdict.decides() && !before.stood.is_empty() {
        decision.stood.clone_from(&before.stood);
    }
    Ok(Ready {
        change: store.prepare_change(&permit, &decision, reason).await?,
        id,
        before: Some(before),
    })
}

/// Keeps what somebody says of a pair, and links by it whom it is about.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else decided meanwhile.
pub(super) async fn decide(ctx: &Ctx, says: &Says, seen: u32) -> Result<Followed, Failure> {
    let app = &ctx.app;
    let linking = Linking::new(app.store(), app.access()).map_err(fault)?;
    let stand = stand(&linking, says.pair).await?;
    let mut about: BTreeSet<SubjectId> = [says.pair.0, says.pair.1].into();
    let mut prepared = Vec::new();
    let mut along = Vec::new();
    let others = match says.scope {
        DecisionScope::Records => Vec::new(),
        DecisionScope::Children => others(says.pair, says.verdict, &stand),
    };
    let taken_back = taken_back(ctx, says).await?;
    for pair in others.iter().copied() {
        let known = decided(ctx, pair).await?;
        let is_to_be_open = taken_back.iter().any(|one| (one.a, one.b) == pair);
        // What somebody said of those two by themselves stands.
        if known.is_some_and(|(known, _)| known.verdict.decides()) && !is_to_be_open {
            continue;
        }
        let ready = prepare(ctx, &says.of(pair), None, &stand, Vec::new()).await?;
        prepared.push(ready.change);
        along.push(ready.id);
        about.extend([pair.0, pair.1]);
    }
    for one in taken_back {
        let pair = (one.a, one.b);
        if others.contains(&pair) {
            continue;
        }
        let open = Says {
            verdict: Verdict::Open,
            ..says.of(pair)
        };
        let ready = prepare(ctx, &open, None, &stand, Vec::new()).await?;
        prepared.push(ready.change);
        about.extend([pair.0, pair.1]);
    }
    let ready = prepare(ctx, says, Some(seen), &stand, along).await?;
    prepared.push(ready.change);
    let before = match says.verdict.decides() {
        true => Vec::new(),
        false => ready.before.map(|before| before.stood).unwrap_or_default(),
    };
    let decided = Decided {
        before,
        ..Decided::now(ctx, about)
    };
    let parted = match says.verdict {
        Verdict::NotSame => linking.parted_by(says.pair).await.map_err(fault)?,
        Verdict::Same | Verdict::Asked | Verdict::Open => None,
    };
    keep(ctx, prepared, parted.as_slice(), &decided).await
}

/// The decisions that came along with what was decided of this pair before, and that nobody has changed since.
async fn taken_back(ctx: &Ctx, says: &Says) -> Result<Vec<LinkDecision>, Failure> {
    let mut taken_back = Vec::new();
    let Some((before, _)) = decided(ctx, says.pair).await? else {
        return Ok(taken_back);
    };
    for id in &before.along {
        let permit = ctx.permit::<SeeLinkDecision>(id).await?;
        let one = ctx.store().load(&permit).await?;
        if one.verdict == before.verdict && one.reason == before.reason {
            taken_back.push(one);
        }
    }
    Ok(taken_back)
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::{TypedId as _, id};

    use super::*;

    fn subject(number: u128) -> SubjectId {
        SubjectId::parse(&format!("subject_{}", id::encode(number))).unwrap()
    }

    fn group(numbers: &[u128]) -> BTreeSet<SubjectId> {
        numbers.iter().map(|number| subject(*number)).collect()
    }

    #[test]
    fn every_record_of_two_children_is_told_from_every_one_of_the_other() {
        let pair = (subject(1), subject(2));
        let two = [group(&[1, 3]), group(&[2, 4])];
        let pairs = others(pair, Verdict::NotSame, &two);
        let expected = [(1, 4), (2, 3), (3, 4)].map(|(a, b)| (subject(a), subject(b)));
        assert_eq!(pairs, expected);
        // Of one picture nobody knows who is whose.
        assert!(others(pair, Verdict::NotSame, &[group(&[1, 2, 3])]).is_empty());
    }

    #[test]
    fn all_records_of_one_child_hang_together_by_few_decisions() {
        let pair = (subject(2), subject(3));
        for stand in [
            vec![group(&[1, 2, 3, 4])],
            vec![group(&[1, 2]), group(&[3, 4])],
        ] {
            let pairs = others(pair, Verdict::Same, &stand);
            assert_eq!(
                pairs,
                [(1, 2), (2, 4)].map(|(a, b)| (subject(a), subject(b)))
            );
        }
        for verdict in [Verdict::Asked, Verdict::Open] {
            assert!(others(pair, verdict, &[group(&[1, 2, 3])]).is_empty());
        }
    }
}
