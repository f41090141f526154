//! Deciding about a pair.

use std::collections::BTreeSet;

use clearpicture_kernel::{Passage, SubjectId};
use clearpicture_store::Prepared;

use super::follow::{Decided, Followed, fault, keep};
use super::run::Linking;
use super::store::decision_about;
use super::types::{
    AddLinkDecision, ChangeLinkDecision, LinkDecision, LinkDecisionId, SeeLinkDecision, Sureness,
    Verdict,
};
use crate::shell::{Ctx, Failure};

/// What somebody says of two subjects, the earlier first.
#[derive(Debug, Clone)]
pub(super) struct Says {
    pub(super) pair: (SubjectId, SubjectId),
    pub(super) verdict: Verdict,
    pub(super) confidence: Sureness,
    pub(super) reason: Passage,
}

/// What was decided about a pair and at which version; nothing when nobody ever did.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn decided(
    ctx: &Ctx,
    pair: (SubjectId, SubjectId),
) -> Result<Option<(LinkDecision, u32)>, Failure> {
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
    /// How the two stood before the decision that it takes back.
    before: Vec<BTreeSet<SubjectId>>,
}

/// The change that keeps what somebody says of a pair. `seen` is the version of what was decided when they were asked,
/// 0 for nothing; without it, whatever was decided before is decided anew.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else decided meanwhile.
pub(super) async fn prepare(
    ctx: &Ctx,
    linking: &Linking<'_>,
    says: &Says,
    seen: Option<u32>,
) -> Result<Ready, Failure> {
    let (a, b) = says.pair;
    let mut decision = LinkDecision {
        a,
        b,
        verdict: says.verdict,
        confidence: says.confidence,
        reason: says.reason.clone(),
        stood: Vec::new(),
    };
    let store = ctx.store();
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let reason = Some(&says.reason);
    let stand = async || {
        let stand = linking.stand(says.pair).await.map_err(fault)?;
        let members = stand.into_iter().map(|(_, person)| person.members);
        Ok::<_, Failure>(members.collect::<Vec<_>>())
    };
    match decision_about(store, &scope, says.pair).await? {
        None if seen.is_some_and(|seen| seen != 0) => Err(Failure::Conflict),
        None => {
            if says.verdict.decides() {
                decision.stood = stand().await?;
            }
            let id = LinkDecisionId::fresh(ctx.app.ambient());
            let permit = ctx.permit_add::<AddLinkDecision>(&id, &decision)?;
            Ok(Ready {
                change: store.prepare_add(&permit, &decision, reason).await?,
                before: Vec::new(),
            })
        }
        Some(id) => {
            let permit = ctx.permit::<ChangeLinkDecision>(&id).await?;
            if seen.is_some_and(|seen| seen != permit.resource().version) {
                return Err(Failure::Conflict);
            }
            let mut before = store.load(&permit).await?.stood;
            if says.verdict.decides() {
                decision.stood = match before.is_empty() {
                    true => stand().await?,
                    false => std::mem::take(&mut before),
                };
            }
            Ok(Ready {
                change: store.prepare_change(&permit, &decision, reason).await?,
                before,
            })
        }
    }
}

/// Keeps what somebody says of a pair, and links the two anew by it.
///
/// # Errors
/// [`Failure::Conflict`] when somebody else decided meanwhile.
pub(super) async fn decide(ctx: &Ctx, says: &Says, seen: u32) -> Result<Followed, Failure> {
    let app = &ctx.app;
    let linking = Linking::new(app.store(), app.access()).map_err(fault)?;
    let ready = prepare(ctx, &linking, says, Some(seen)).await?;
    let (a, b) = says.pair;
    let decided = Decided {
        before: ready.before,
        ..Decided::now(ctx, [a, b].into())
    };
    let parted = match says.verdict {
        Verdict::NotSame => linking.parted_by(says.pair).await.map_err(fault)?,
        Verdict::Same | Verdict::Asked | Verdict::Open => None,
    };
    keep(ctx, vec![ready.change], parted.as_slice(), &decided).await
}
