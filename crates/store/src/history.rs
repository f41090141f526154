//! What was done to one record: a page of its changes, and who made them.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Permit};
use clearpicture_kernel::Timestamp;
use clearpicture_kernel::ambient::microseconds;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait as _, Order, Query};

use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::open::Store;
use crate::read::of_record;
use crate::record::{Record, Said};
use crate::tables::ENTRY;

/// One change of one record, as its history page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVersion {
    /// The entry's number.
    pub seq: i64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The record's version after it.
    pub version: u32,
    /// Who made it, and for whom they worked.
    pub author: Author,
    /// What was done, such as `feeds.edit`.
    pub action: String,
    /// For what purpose.
    pub purpose: String,
    /// The reason given.
    pub reason: Option<String>,
    /// What the record said before it; nothing before the first.
    pub before: Vec<Said>,
    /// What the record said after it.
    pub said: Vec<Said>,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// A worker's or token's id, or `system:` and a name.
    pub actor: String,
    /// The actor's agency at that moment; empty for the product itself.
    pub agency: String,
}

/// Which changes of a record are asked for. The newest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangesWanted<'a> {
    /// Only those of this actor.
    pub actor: Option<&'a str>,
    /// How many of the newest are left out.
    pub after: u64,
    /// The most that are read.
    pub most: u64,
}

impl ChangesWanted<'_> {
    /// Every change.
    pub const ALL: Self = Self {
        actor: None,
        after: 0,
        most: i64::MAX.cast_unsigned(),
    };
}

impl Store {
    /// The changes of the record that are wanted, newest first. Only these, and for each the
    /// one before it, are opened.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or a version cannot be read.
    pub async fn history<A>(
        &self,
        permit: &Permit<A>,
        wanted: ChangesWanted<'_>,
    ) -> Result<Vec<PastVersion>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        self.note_look::<A::On>(permit.grounds()).await?;
        let page = of_record(permit.resource())
            .cond_where(by(wanted.actor))
            .order_by(Alias::new("seq"), Order::Desc)
            .offset(wanted.after)
            .limit(wanted.most)
            .to_owned();
        let page = self.entries(&page).await?;
        let here: BTreeSet<i64> = page
            .iter()
            .map(|entry| entry.claim.record_version)
            .collect();
        let before: Vec<i64> = here.iter().map(|version| version - 1).collect();
        let before = of_record(permit.resource())
            .and_where(
                Expr::col(Alias::new("record_version"))
                    .is_in(before.into_iter().filter(|version| !here.contains(version))),
            )
            .to_owned();
        let mut said: BTreeMap<i64, (Vec<Said>, Option<String>)> = BTreeMap::new();
        for entry in page.iter().chain(&self.entries(&before).await?) {
            let (record, reason) = self.body::<A::On>(entry).await?;
            said.insert(entry.claim.record_version, (record.say(), reason));
        }
        let told = |entry| told(entry, &said);
        Ok(page.into_iter().map(told).collect())
    }

    /// Every version of a record, the oldest first, each with the moment it was recorded. For the product itself, which
    /// leaves no look.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] for any other caller; [`StoreFault`] when the database fails.
    pub async fn versions<A>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Vec<(Timestamp, A::On)>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        if permit.caller().identity.holder().is_some() {
            return Err(StoreFault::NotTheProduct);
        }
        let all = of_record(permit.resource())
            .order_by(Alias::new("seq"), Order::Asc)
            .to_owned();
        let mut versions = Vec::new();
        for entry in self.entries(&all).await? {
            let (record, _) = self.body::<A::On>(&entry).await?;
            versions.push((microseconds(entry.recorded_at), record));
        }
        Ok(versions)
    }

    /// When a version of the record was recorded; nothing while there is none.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn version_at<A: Action>(
        &self,
        permit: &Permit<A>,
        version: u32,
    ) -> Result<Option<Timestamp>, StoreFault> {
        let select = of_record(permit.resource())
            .and_where(Expr::col(Alias::new("record_version")).eq(i64::from(version)))
            .to_owned();
        let entries = self.entries(&select).await?;
        Ok(entries.first().map(|entry| microseconds(entry.recorded_at)))
    }

    async fn entries(
        &self,
        select: &sea_orm::sea_query::SelectStatement,
    ) -> Result<Vec<Entry>, StoreFault> {
        let rows = self.reader().query_all(select).await?;
        let entries: Result<Vec<Entry>, _> = rows.iter().map(Entry::read).collect();
        Ok(entries?)
    }

    /// How many changes of the record there are, or how many of one actor's.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count_changes<A: Action>(
        &self,
        permit: &Permit<A>,
        actor: Option<&str>,
    ) -> Result<u64, StoreFault> {
        let count = Query::select()
            .expr_as(Expr::col(Alias::new("seq")).count(), Alias::new("total"))
            .from(Alias::new(ENTRY))
            .and_where(Expr::col(Alias::new("record_id")).eq(permit.resource().id.as_str()))
            .cond_where(by(actor))
            .to_owned();
        let Some(row) = self.reader().query_one(&count).await? else {
            return Ok(0);
        };
        let total: i64 = row.try_get("", "total")?;
        Ok(u64::try_from(total).unwrap_or_default())
    }

    /// Everyone who ever changed the record.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn authors<A: Action>(
        &self,
        permit: &Permit<A>,
    ) -> Result<BTreeSet<Author>, StoreFault> {
        let select = Query::select()
            .distinct()
            .columns(["actor", "actor_agency"].map(Alias::new))
            .from(Alias::new(ENTRY))
            .and_where(Expr::col(Alias::new("record_id")).eq(permit.resource().id.as_str()))
            .to_owned();
        let mut authors = BTreeSet::new();
        for row in self.reader().query_all(&select).await? {
            authors.insert(Author {
                actor: row.try_get("", "actor")?,
                agency: row.try_get("", "actor_agency")?,
            });
        }
        Ok(authors)
    }
}

/// The condition that a change is of this actor, or of anyone.
fn by(actor: Option<&str>) -> Cond {
    Cond::all().add_option(actor.map(|actor| Expr::col(Alias::new("actor")).eq(actor)))
}

/// One change, with what was said before and after it.
fn told(entry: Entry, said: &BTreeMap<i64, (Vec<Said>, Option<String>)>) -> PastVersion {
    let Entry {
        seq,
        recorded_at,
        claim,
        ..
    } = entry;
    let at = |version| said.get(&version).cloned().unwrap_or_default();
    let (now, reason) = at(claim.record_version);
    PastVersion {
        seq,
        recorded_at: microseconds(recorded_at),
        version: u32::try_from(claim.record_version).unwrap_or_default(),
        author: Author {
            actor: claim.actor,
            agency: claim.actor_agency,
        },
        action: claim.action,
        purpose: claim.purpose,
        reason,
        before: at(claim.record_version - 1).0,
        said: now,
    }
}
