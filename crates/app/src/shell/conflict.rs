//! Two people at one form: whoever comes second sees both texts, and nothing is lost.
//!
//! An edit page sends back the `version` it was opened on. [`save`] writes only
//! onto that version. When another stands there now, the page comes back with
//! the typed text still in the form, both texts side by side at the top, and
//! `version` raised to the one shown: sending again is then a decision.

use clearpicture_access::{Changes, Permit};
use clearpicture_kernel::Passage;
use clearpicture_store::{Record, WriteError};
use serde::Serialize;

use super::ctx::Ctx;
use super::differences::{Difference, differences};
use super::failure::Failure;
use super::names::Names;

/// What is said after sending what the record said already.
pub const NOTHING_CHANGED: &str = "Nothing was different, so nothing was saved.";

/// What came of sending an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It was saved.
    Done,
    /// It says what the record said already, so there was nothing to save.
    Same,
    /// A value that must be unlike every other's is another's.
    Taken,
    /// Someone else was first; nothing was saved.
    Conflict(Conflict),
}

/// Both texts where they differ, for `shell/conflict.html`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The version that stands now, which the form carries from here on.
    pub version: u32,
    /// What differs, from the text typed to the text that is saved now; empty when both wrote the same.
    pub lines: Vec<Difference>,
}

impl Conflict {
    /// Where `yours`, as typed, and `theirs`, at `version`, differ.
    pub fn between<R: Record>(yours: &R, theirs: &R, version: u32) -> Self {
        let lines = differences(&yours.say(), &theirs.say());
        Self { version, lines }
    }

    /// An invented conflict, for the samples of pages.
    pub fn sample() -> Self {
        let line = |label: &str, yours: &str, theirs: &str| Difference {
            label: label.to_owned(),
            before: yours.to_owned(),
            after: theirs.to_owned(),
        };
        Self {
            version: 4,
            lines: vec![
                line("Name", "Northwater <b>Council</b>", "Northwater"),
                line("Duty number", "", "01632 960001"),
                line("Reason", "It moved.", ""),
            ],
        }
    }

    /// The same with names where the texts hold ids.
    async fn named(mut self, ctx: &Ctx) -> Result<Self, Failure> {
        let texts = self
            .lines
            .iter()
            .flat_map(|line| [line.before.as_str(), line.after.as_str()]);
        let names = Names::of(ctx, texts).await?;
        for line in &mut self.lines {
            line.before = names.tell(&line.before);
            line.after = names.tell(&line.after);
        }
        Ok(self)
    }
}

/// An edit as it was sent.
#[derive(Debug)]
pub struct Edit<'a, R: Record> {
    /// The version the form was opened on.
    pub version: u32,
    /// The record as the permit's version has it.
    pub now: &'a R,
    /// The record as the form has it.
    pub yours: &'a R,
    /// The reason given.
    pub reason: Option<&'a Passage>,
}

/// Saves an edit, unless someone else was first.
///
/// # Errors
/// [`Failure`] when the caller may not, or the database fails.
pub async fn save<A>(
    ctx: &Ctx,
    id: &<A::On as Record>::Id,
    permit: &Permit<A>,
    edit: Edit<'_, A::On>,
) -> Result<Saved, Failure>
where
    A: Changes,
    A::On: Record + PartialEq,
{
    let current = permit.resource().version;
    if edit.version != current {
        let conflict = Conflict::between(edit.yours, edit.now, current);
        return Ok(Saved::Conflict(conflict.named(ctx).await?));
    }
    if edit.yours == edit.now {
        return Ok(Saved::Same);
    }
    match ctx.store().change(permit, edit.yours, edit.reason).await {
        Ok(_) => Ok(Saved::Done),
        Err(WriteError::Taken) => Ok(Saved::Taken),
        Err(WriteError::Conflict { .. }) => {
            let permit = ctx.permit::<A>(id).await?;
            let theirs = ctx.store().load(&permit).await?;
            let conflict = Conflict::between(edit.yours, &theirs, permit.resource().version);
            Ok(Saved::Conflict(conflict.named(ctx).await?))
        }
        Err(other) => Err(other.into()),
    }
}
