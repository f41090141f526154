//! Which values of a file are shown to whom: what tells who somebody is, or where, is shown to keepers alone, and every
//! showing leaves a row in the read log.
//!
//! That is decided by the column and never by the row. Who is protected, or barred from whom, would else be told by what is
//! kept back: whoever may send a file could write guessed names in it, and read in its findings which were guessed right.

use clearpicture_ingest::{Finding, Profile};

use super::types::{Load, SeeLoad};
use crate::persons::SeeProtection;
use crate::shell::{Ctx, Failure};

/// The list that the read log names.
const LIST: &str = "values of a file";

/// Makes sure that the read log tells of values that are about to be shown.
pub(super) async fn note(ctx: &Ctx) -> Result<(), Failure> {
    let scope = ctx.scope::<SeeLoad>().await?;
    Ok(ctx.store().note_list(&scope, LIST).await?)
}

/// What of the values of a file is shown to whoever asks.
#[derive(Debug)]
pub(super) struct Shows<'a> {
    is_keeper: bool,
    profile: Option<&'a Profile>,
}

impl<'a> Shows<'a> {
    pub(super) async fn of(ctx: &'a Ctx, load: &Load) -> Result<Self, Failure> {
        let keeper = ctx.scope::<SeeProtection>().await?;
        let mut profiles = ctx.app.practice().profiles.iter();
        Ok(Self {
            is_keeper: !keeper.plain().is_empty(),
            profile: profiles.find(|profile| Some(&profile.name) == load.source.as_ref()),
        })
    }

    /// Whether what stands in the place of a finding is shown.
    pub(super) fn value_of(&self, finding: &Finding) -> bool {
        let (table, column) = place(finding);
        self.is_keeper
            || self
                .profile
                .is_some_and(|profile| profile.tells_neither_who_nor_where(table, column))
    }

    /// Whether what a finding is about is a value that somebody may put right: who is restricted is for a keeper to say.
    pub(super) fn can_be_put_right(&self, finding: &Finding) -> bool {
        let (table, column) = place(finding);
        self.profile
            .is_some_and(|profile| !profile.says_who_is_restricted(table, column))
    }
}

fn place(finding: &Finding) -> (&str, &str) {
    let table = finding.table.as_deref().unwrap_or_default();
    (table, finding.column.as_deref().unwrap_or_default())
}
