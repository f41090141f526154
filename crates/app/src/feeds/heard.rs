//! What the register learns from the files that come: a feed from which one was taken in is connected, whatever was
//! recorded before, and the register says when the last came. So it never contradicts what is held.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Access, Caller, Permit, Purpose, Refused};
use clearpicture_kernel::code::CodeError;
use clearpicture_kernel::text::TextError;
use clearpicture_kernel::{AgencyId, Code, Date, Line, Passage};
use clearpicture_store::{Record as _, Store, StoreFault, WriteError};

use super::rules::{file_came, file_went};
use super::types::{AddFeed, Feed, FeedFacts, FeedId, RecordFeedState, SeeFeed};

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Who sent it.
    pub agency: AgencyId,
    /// Of which source.
    pub source: Code,
    /// What the source is called.
    pub title: String,
    /// When it was taken in.
    pub on: Date,
}

/// A file that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Less {
    /// Who sent it.
    pub agency: AgencyId,
    /// Of which source.
    pub source: Code,
    /// When it was taken in.
    pub was_taken_on: Date,
    /// When the last file of each of the agency's sources was taken in of which one still is.
    pub left: BTreeMap<Code, Date>,
}

/// Why the register does not say so.
#[derive(Debug, thiserror::Error)]
pub enum HeardFault {
    /// The policies do not allow it.
    #[error(transparent)]
    Policy(#[from] Refused),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A word of our own does not fit.
    #[error("what the register is to say holds a mistake: {0}")]
    Own(#[from] TextError),
    /// A code of our own does not fit.
    #[error("what the register is to say holds a mistake: {0}")]
    Code(#[from] CodeError),
}

impl From<StoreFault> for HeardFault {
    fn from(fault: StoreFault) -> Self {
        Self::Write(fault.into())
    }
}

/// Has the register say that a file came. The feed is the one that names its source, or one of the agency's that is called
/// like it; where there is none, the register gets one, so that nothing that comes is missing there.
///
/// # Errors
/// [`HeardFault`]; then the next file of the source tells it.
pub async fn heard(
    (store, access): (&Store, &Access),
    (caller, purpose): (&Caller, &Purpose),
    heard: &Heard,
) -> Result<(), HeardFault> {
    let scope = store.scope::<SeeFeed>(access, caller, purpose).await?;
    let all = store.all_within(&scope).await?;
    let of_agency: Vec<_> = all
        .iter()
        .filter(|(_, feed)| feed.agency == heard.agency)
        .collect();
    let named = of_agency
        .iter()
        .find(|(_, feed)| feed.sources.contains(&heard.source));
    let like = of_agency
        .iter()
        .find(|(_, feed)| feed.name.as_str().eq_ignore_ascii_case(&heard.title));
    let Some((resource, feed)) = named.or(like) else {
        let feed = unregistered(heard)?;
        let id = FeedId::fresh(store.ambient());
        let permit: Permit<AddFeed> = access.permit(caller, feed.to_add(&id), purpose)?;
        store.add(&permit, &feed, None).await?;
        return Ok(());
    };
    let now = file_came(feed, &heard.source, heard.on);
    if now != *feed {
        let permit: Permit<RecordFeedState> = access.permit(caller, resource.clone(), purpose)?;
        store.change(&permit, &now, None).await?;
    }
    Ok(())
}

/// Has the register say what is left of a feed of which a file was taken back.
///
/// # Errors
/// [`HeardFault`]; then the next file of the source tells it.
pub async fn heard_less(
    (store, access): (&Store, &Access),
    (caller, purpose): (&Caller, &Purpose),
    less: &Less,
) -> Result<(), HeardFault> {
    let scope = store.scope::<SeeFeed>(access, caller, purpose).await?;
    let all = store.all_within(&scope).await?;
    let of_it = all
        .iter()
        .filter(|(_, feed)| feed.agency == less.agency && feed.sources.contains(&less.source));
    for (resource, feed) in of_it {
        let left = feed.sources.iter().filter_map(|one| less.left.get(one));
        let now = file_went(feed, less.was_taken_on, left.max().copied());
        if now != *feed {
            let permit: Permit<RecordFeedState> =
                access.permit(caller, resource.clone(), purpose)?;
            store.change(&permit, &now, None).await?;
        }
    }
    Ok(())
}

/// What the register says of a feed of which nobody has said anything.
fn unregistered(heard: &Heard) -> Result<Feed, HeardFault> {
    let feed = Feed {
        agency: heard.agency,
        name: Line::parse(&heard.title)?,
        about: Passage::parse("Files of this source came before anybody registered it.")?,
        contact: Line::parse("Not told yet")?,
        lawful_basis: Code::parse("not-settled")?,
        controllers: Line::parse("Not told yet")?,
        schedule: Code::parse("as-it-happens")?,
        sources: BTreeSet::new(),
        facts: FeedFacts::asked(heard.on),
    };
    Ok(file_came(&feed, &heard.source, heard.on))
}
