//! What was decided about a pair, as its page shows it.

use clearpicture_kernel::SubjectId;
use serde::Serialize;

use super::decide::{covering, decided, of_one_parting};
use super::pair::{may_see, whose};
use super::review::href;
use super::store::Two;
use super::types::{LinkDecision, Sides, Verdict};
use crate::agencies;
use crate::shell::{Ctx, Failure};

/// What was decided before.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct DecidedShown {
    pub(super) words: &'static str,
    pub(super) sureness: &'static str,
    /// How far it goes, where that is further than the two.
    pub(super) scope: &'static str,
    /// Who is asked, if it asks an agency.
    pub(super) asked_of: String,
    /// Where it was decided, if not about these two themselves.
    pub(super) main: String,
    pub(super) reason: String,
    /// Whether it can be taken back here.
    pub(super) stands: bool,
    /// Of how many other pairs one parting said the same: they are taken back with it.
    pub(super) others: usize,
}

/// How a pair stands decided.
pub(super) struct Stands {
    /// The first of the records of the picture in which the two stood before they were parted, if they did.
    pub(super) parted_from: Option<SubjectId>,
    /// Whether it is decided what the two are, by a decision about them or about every record of both.
    pub(super) is_decided: bool,
    pub(super) shown: Option<DecidedShown>,
}

impl Stands {
    /// How this pair does. Where either is `withheld` from the reader, no school is named.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub(super) async fn of(ctx: &Ctx, pair: Two, withheld: bool) -> Result<Self, Failure> {
        let own = decided(ctx, pair).await?.map(|(decision, _)| decision);
        if let Some(own) = own.clone().filter(|own| own.verdict.decides()) {
            let others = of_one_parting(ctx, pair, &own).await?.len();
            let decision = shown(ctx, Some(own.clone()), withheld).await?;
            return Ok(Self {
                parted_from: parted_from(&own),
                is_decided: true,
                shown: decision.map(|decision| DecidedShown { others, ..decision }),
            });
        }
        let Some(wide) = covering(ctx, pair).await? else {
            return Ok(Self {
                parted_from: None,
                is_decided: false,
                shown: shown(ctx, own, withheld).await?,
            });
        };
        let parted_from = parted_from(&wide);
        let (of_a, of_b) = whose(ctx, (wide.a, wide.b)).await?;
        let may_know = may_see(ctx, [of_a, of_b]).await;
        let main = href(&of_a, wide.a, wide.b);
        let decision = DecidedShown {
            stands: false,
            ..shown(ctx, Some(wide), withheld).await?.unwrap_or_default()
        };
        let shown = match may_know {
            true => DecidedShown { main, ..decision },
            // Whoever may not know of those two by whom it was decided learns what it says of these two, and no more.
            false => DecidedShown {
                reason: String::new(),
                ..decision
            },
        };
        Ok(Self {
            parted_from,
            is_decided: true,
            shown: Some(shown),
        })
    }
}

fn parted_from(decision: &LinkDecision) -> Option<SubjectId> {
    match (decision.verdict, decision.stood.as_slice()) {
        (Verdict::NotSame, [all]) => all.first().copied(),
        _ => None,
    }
}

async fn shown(
    ctx: &Ctx,
    decision: Option<LinkDecision>,
    withheld: bool,
) -> Result<Option<DecidedShown>, Failure> {
    let Some(decision) = decision else {
        return Ok(None);
    };
    let names = match withheld {
        true => agencies::names_of_no_school(ctx.store()).await?,
        false => agencies::names(ctx.store()).await?,
    };
    let asked_of = decision
        .asked_of
        .and_then(|agency| names.get(&agency).cloned());
    Ok(Some(DecidedShown {
        words: decision.verdict.words(),
        sureness: match decision.verdict {
            Verdict::Same | Verdict::NotSame => decision.confidence.words(),
            Verdict::Asked | Verdict::Open => "",
        },
        scope: match decision.sides {
            Some(_) => Sides::WORDS,
            None => "",
        },
        asked_of: asked_of.unwrap_or_default(),
        main: String::new(),
        reason: decision.reason.as_str().to_owned(),
        stands: decision.verdict != Verdict::Open,
        others: 0,
    }))
}
