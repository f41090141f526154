//! What can happen to a feed, and when it cannot.

use clearpicture_kernel::{Code, Date, Passage};

use super::types::{Feed, FeedFacts, FeedState, Reasoned};

/// Something that happened to a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The agency gave access.
    Granted,
    /// The agency said no.
    Refused(Passage),
    /// Usable data came.
    Connected,
    /// Access is there and nothing usable comes.
    FoundUnusable(Passage),
    /// It was asked for again, after a refusal.
    AskedAgain,
}

/// Why something cannot have happened, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The day lies ahead.
    #[error("the day lies ahead: enter the day on which it happened")]
    Ahead,
    /// The day lies before what led to it.
    #[error("the day lies before what is already recorded: check the day")]
    BeforeWhatLedToIt,
    /// It does not follow from where the feed stands.
    #[error("this cannot follow from where the feed stands now: look at its history")]
    DoesNotFollow,
}

/// The feed after `happening` on the day `on`, as told `today`.
///
/// # Errors
/// [`Refusal`] when it cannot have happened then, or not after what is recorded.
pub fn happen(feed: &Feed, happening: Happening, on: Date, today: Date) -> Result<Feed, Refusal> {
    if on > today {
        return Err(Refusal::Ahead);
    }
    let state = feed.facts.state();
    if on < state.since() {
        return Err(Refusal::BeforeWhatLedToIt);
    }
    if !possible(&state).contains(&kind_of(&happening)) {
        return Err(Refusal::DoesNotFollow);
    }
    let facts = feed.facts.clone();
    let facts = match happening {
        Happening::Granted => FeedFacts {
            granted_on: Some(on),
            ..facts
        },
        Happening::Refused(why) => FeedFacts {
            refused: Some(Reasoned { on, why }),
            ..facts
        },
        Happening::Connected => FeedFacts {
            connected_on: Some(on),
            obstacle: None,
            ..facts
        },
        Happening::FoundUnusable(why) => FeedFacts {
            obstacle: Some(Reasoned { on, why }),
            ..facts
        },
        Happening::AskedAgain => FeedFacts {
            last_file: facts.last_file,
            ..FeedFacts::asked(on)
        },
    };
    Ok(Feed {
        facts,
        ..feed.clone()
    })
}

/// The feed once a file of `source` was taken in on the day `on`: usable data came, whatever was recorded before.
pub(super) fn file_came(feed: &Feed, source: &Code, on: Date) -> Feed {
    let facts = &feed.facts;
    let is_connected = matches!(facts.state(), FeedState::Connected { .. });
    let mut sources = feed.sources.clone();
    sources.insert(source.clone());
    Feed {
        sources,
        facts: FeedFacts {
            granted_on: facts.granted_on.or(Some(on)),
            connected_on: match is_connected {
                true => facts.connected_on,
                false => Some(on),
            },
            obstacle: None,
            refused: None,
            last_file: facts.last_file.max(Some(on)),
            ..facts.clone()
        },
        ..feed.clone()
    }
}

/// The feed once a file that was taken in on `was_taken_on` was taken back, and the last that still is taken came on `last`:
/// what its coming alone had said is said no more.
pub(super) fn file_went(feed: &Feed, was_taken_on: Date, last: Option<Date>) -> Feed {
    let facts = &feed.facts;
    let stays = |day: &Date| last.is_some() || *day != was_taken_on;
    Feed {
        facts: FeedFacts {
            connected_on: facts.connected_on.filter(stays),
            granted_on: facts.granted_on.filter(stays),
            last_file: last,
            ..facts.clone()
        },
        ..feed.clone()
    }
}

/// The codes of what can happen next, in the order of the form.
pub(super) fn possible(state: &FeedState) -> &'static [&'static str] {
    match state {
        FeedState::Wanted { .. } => &["granted", "refused"],
        FeedState::GrantedUnusable { .. } => &["connected", "unusable", "refused"],
        FeedState::Connected { .. } => &["unusable", "refused"],
        FeedState::Refused { .. } => &["asked-again"],
    }
}

/// The code of what happened.
const fn kind_of(happening: &Happening) -> &'static str {
    match happening {
        Happening::Granted => "granted",
        Happening::Refused(_) => "refused",
        Happening::Connected => "connected",
        Happening::FoundUnusable(_) => "unusable",
        Happening::AskedAgain => "asked-again",
    }
}
