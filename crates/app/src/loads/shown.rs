//! Which values of a file are shown to whom: those of a child whose whereabouts are for keepers alone are shown to keepers
//! alone, and every showing leaves a row in the read log.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_ingest::Finding;
use clearpicture_kernel::fact::Told;
use clearpicture_kernel::{Code, Fact, SubjectId};

use super::examine::Examined;
use super::intake::{Intake, LoadFault};
use super::types::{Load, SeeLoad};
use crate::linking;
use crate::persons::{self, SeeProtection, TheirKey};
use crate::shell::{Ctx, Failure};

/// The list that the read log names.
const LIST: &str = "values of a file";

/// Makes sure that the read log tells of values that are about to be shown.
pub(super) async fn note(ctx: &Ctx) -> Result<(), Failure> {
    let scope = ctx.scope::<SeeLoad>().await?;
    Ok(ctx.store().note_list(&scope, LIST).await?)
}

/// Whether a keeper asks.
pub(super) async fn is_keeper(ctx: &Ctx) -> Result<bool, Failure> {
    let keeper = ctx.scope::<SeeProtection>().await?;
    Ok(!keeper.plain().is_empty())
}

impl Intake<'_> {
    /// Of the records in whose places values stand, those whose values are for keepers alone: whoever is protected or may be,
    /// by what is held or by this very file; and, while anybody is, whoever cannot be told.
    pub(super) async fn for_keepers(
        &self,
        load: &Load,
        examined: &Examined,
        asked: &[&Finding],
    ) -> Result<BTreeSet<u64>, LoadFault> {
        let with_value = asked.iter().filter(|finding| finding.written.is_some());
        let rows: BTreeSet<u64> = with_value.filter_map(|finding| finding.row).collect();
        if rows.is_empty() {
            return Ok(rows);
        }
        let told: Vec<&Told> = examined.told.iter().collect();
        let told: Vec<&Told> = told
            .into_iter()
            .filter(|one| rows.contains(&one.record))
            .collect();
        let mut hidden: BTreeSet<u64> = told
            .iter()
            .filter(|one| one.facts.iter().any(Fact::protects))
            .map(|one| one.record)
            .collect();
        let keeper = self.store.scope(self.access, &self.caller, &self.purpose);
        let keeper = keeper.await?;
        if persons::protected_subjects(self.store, &keeper)
            .await?
            .is_empty()
        {
            return Ok(hidden);
        }
        let scheme = match &load.source {
            Some(_) => self.profile(load)?.subjects.clone(),
            None => None,
        };
        let Some(scheme) = scheme else {
            return Ok(hidden);
        };
        let known: BTreeSet<u64> = told.iter().map(|one| one.record).collect();
        hidden.extend(rows.difference(&known));
        hidden.extend(self.of_withheld(load, &scheme, &told).await?);
        let open: Vec<&Told> = told
            .into_iter()
            .filter(|one| !hidden.contains(&one.record))
            .collect();
        hidden.extend(self.of_likely(&open).await?);
        Ok(hidden)
    }

    /// Those about somebody of whom whereabouts are withheld already.
    async fn of_withheld(
        &self,
        load: &Load,
        scheme: &Code,
        told: &[&Told],
    ) -> Result<BTreeSet<u64>, LoadFault> {
        let key = |one: &Told| TheirKey {
            agency: load.agency,
            scheme: scheme.clone(),
            key: one.key.to_string(),
        };
        let scope = self.see_persons().await?;
        let keys: Vec<TheirKey> = told.iter().map(|one| key(one)).collect();
        let subjects = persons::known_by(self.store, &scope, &keys).await?;
        let all: BTreeSet<SubjectId> = subjects.values().copied().collect();
        let withheld = persons::whose_whereabouts_are_withheld(self.store, &all).await?;
        let is_withheld = |one: &&&Told| {
            let subject = subjects.get(&key(one));
            subject.is_some_and(|subject| withheld.contains(subject))
        };
        Ok(told
            .iter()
            .filter(is_withheld)
            .map(|one| one.record)
            .collect())
    }

    /// Those about whoever may be somebody protected, by what the file says of them.
    async fn of_likely(&self, told: &[&Told]) -> Result<BTreeSet<u64>, LoadFault> {
        let mut facts: BTreeMap<u64, Vec<Fact>> = BTreeMap::new();
        for one in told {
            let of = facts.entry(one.record).or_default();
            of.extend(one.facts.iter().cloned());
        }
        Ok(linking::may_be_protected(self.store, self.access, self.model, &facts).await?)
    }
}
