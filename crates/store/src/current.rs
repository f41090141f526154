//! What the database holds of the records that a group of changes is about, asked once for the whole group.
//!
//! It is asked inside the transaction that writes, after the lock that orders writers was taken, so nobody else
//! changes it before the commit. What the group itself changes is kept up here.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::ClassId;
use clearpicture_kernel::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use crate::commit::{Change, grant_in_force};
use crate::fault::WriteError;
use crate::tables::GRANT;

/// The most ids that one question names: well below what either database takes.
pub(crate) const ASKED_AT_ONCE: usize = 500;

/// The versions, classes and bars that a group's changes are compared with.
pub(crate) struct Current {
    rows: BTreeMap<String, (i64, ClassId)>,
    barred: Barred,
}

/// Who is barred from what.
enum Barred {
    /// These holders from these records, and nobody else in the group.
    From(BTreeSet<(String, String)>),
    /// The group itself changes grants: asked anew for each change.
    Changing(Timestamp),
}

impl Current {
    /// Asks for all that `changes` are about.
    pub(crate) async fn of(
        work: &impl ConnectionTrait,
        changes: &[&Change],
        now: Timestamp,
    ) -> Result<Self, DbErr> {
        let mut ids_of_table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for change in changes {
            let ids = ids_of_table.entry(&change.table).or_default();
            ids.insert(&change.claim.record_id);
        }
        let mut rows = BTreeMap::new();
        for (table, ids) in &ids_of_table {
            let ids: Vec<&str> = ids.iter().copied().collect();
            for ids in ids.chunks(ASKED_AT_ONCE) {
                for row in work.query_all(&standing(table, ids)).await? {
                    let class = ClassId(row.try_get("", "class_id")?);
                    rows.insert(row.try_get("", "id")?, (row.try_get("", "version")?, class));
                }
            }
        }
        let barred = if ids_of_table.contains_key(GRANT) {
            Barred::Changing(now)
        } else {
            let pairs: Vec<(&str, &str)> = changes
                .iter()
                .filter_map(|change| {
                    Some((change.holder.as_deref()?, change.claim.record_id.as_str()))
                })
                .collect();
            Barred::From(bars(work, &pairs, now).await?)
        };
        Ok(Self { rows, barred })
    }

    /// Compares what the permit of `change` was decided on with what is there.
    pub(crate) async fn check(
        &self,
        work: &impl ConnectionTrait,
        change: &Change,
    ) -> Result<Result<(), WriteError>, DbErr> {
        let id = &change.claim.record_id;
        let stale = || WriteError::Stale { id: id.clone() };
        if self.is_barred(work, change).await? {
            return Ok(Err(stale()));
        }
        let there = self.rows.get(id);
        let version = there.map_or(0, |(version, _)| *version);
        if version != change.expected_version {
            return Ok(Err(WriteError::Conflict {
                id: id.clone(),
                current: u32::try_from(version).unwrap_or_default(),
            }));
        }
        if there.is_some_and(|(_, class)| *class != change.expected_class) {
            return Ok(Err(stale()));
        }
        Ok(Ok(()))
    }

    /// Notes that `change` was made.
    pub(crate) fn made(&mut self, change: &Change) {
        let id = change.claim.record_id.clone();
        let row = (change.claim.record_version, change.class.id());
        self.rows.insert(id, row);
    }

    async fn is_barred(&self, work: &impl ConnectionTrait, change: &Change) -> Result<bool, DbErr> {
        let Some(holder) = &change.holder else {
            return Ok(false);
        };
        let id = &change.claim.record_id;
        match &self.barred {
            Barred::From(pairs) => Ok(pairs.contains(&(holder.clone(), id.clone()))),
            Barred::Changing(now) => {
                let bars = bars(work, &[(holder, id)], *now).await?;
                Ok(!bars.is_empty())
            }
        }
    }
}

fn standing(table: &str, ids: &[&str]) -> SelectStatement {
    Query::select()
        .columns(["id", "version", "class_id"].map(Alias::new))
        .from(Alias::new(table))
        .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()))
        .to_owned()
}

/// The bars in force among `pairs` of holder and record.
async fn bars(
    work: &impl ConnectionTrait,
    pairs: &[(&str, &str)],
    now: Timestamp,
) -> Result<BTreeSet<(String, String)>, DbErr> {
    let wanted: BTreeSet<&(&str, &str)> = pairs.iter().collect();
    let wanted: Vec<&(&str, &str)> = wanted.into_iter().collect();
    let mut found = BTreeSet::new();
    for some in wanted.chunks(ASKED_AT_ONCE) {
        let holders: BTreeSet<&str> = some.iter().map(|(holder, _)| *holder).collect();
        let select = Query::select()
            .columns(["holder", "on_record"].map(Alias::new))
            .from(Alias::new(GRANT))
            .and_where(Expr::col(Alias::new("on_record")).is_in(some.iter().map(|(_, id)| *id)))
            .and_where(Expr::col(Alias::new("holder")).is_in(holders))
            .and_where(Expr::col(Alias::new("relation")).eq("barred"))
            .cond_where(grant_in_force(GRANT, now))
            .to_owned();
        for row in work.query_all(&select).await? {
            found.insert((row.try_get("", "holder")?, row.try_get("", "on_record")?));
        }
    }
    Ok(found)
}
