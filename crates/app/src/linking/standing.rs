//! What was decided about a pair, as its page shows it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::decide::{covering, decided};
use super::pair::whose;
use super::review::href;
use super::store::Two;
use super::types::{LinkDecision, Sides, Verdict};
use crate::agencies;
use crate::persons::SeePerson;
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
}

/// How a pair stands decided.
pub(super) struct Stands {
    /// The version of what was said of the two themselves; 0 for nothing.
    pub(super) version: u32,
    /// Whether it is decided what the two are, by a decision about them or about every record of both.
    pub(super) is_decided: bool,
    pub(super) shown: Option<DecidedShown>,
}

impl Stands {
    /// How this pair does.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub(super) async fn of(ctx: &Ctx, pair: Two) -> Result<Self, Failure> {
        let own = decided(ctx, pair).await?;
        let version = own.as_ref().map_or(0, |(_, version)| *version);
        let own = own.map(|(decision, _)| decision);
        if own.as_ref().is_some_and(|own| own.verdict.decides()) {
            return Ok(Self {
                version,
                is_decided: true,
                shown: shown(ctx, own).await?,
            });
        }
        let Some(wide) = covering(ctx, pair).await? else {
            return Ok(Self {
                version,
                is_decided: false,
                shown: shown(ctx, own).await?,
            });
        };
        let (of_a, of_b) = whose(ctx, (wide.a, wide.b)).await?;
        let mut may_know = true;
        for person in BTreeSet::from([of_a, of_b]) {
            may_know &= ctx.permit::<SeePerson>(&person).await.is_ok();
        }
        let main = href(&of_a, wide.a, wide.b);
        let decision = DecidedShown {
            stands: false,
            ..shown(ctx, Some(wide)).await?.unwrap_or_default()
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
            version,
            is_decided: true,
            shown: Some(shown),
        })
    }
}

async fn shown(ctx: &Ctx, decision: Option<LinkDecision>) -> Result<Option<DecidedShown>, Failure> {
    let Some(decision) = decision else {
        return Ok(None);
    };
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
        asked_of: agencies::name_of(ctx.store(), decision.asked_of).await?,
        main: String::new(),
        reason: decision.reason.as_str().to_owned(),
        stands: decision.verdict != Verdict::Open,
    }))
}
