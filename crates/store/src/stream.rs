//! History read on and on from a number, for what is made of it elsewhere: analysis tables.
//!
//! For the product itself. Whoever signs in opens records one at a time, and leaves a trace.

use std::collections::BTreeMap;

use clearpicture_access::{Action, Kind, Scope};
use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{Digest, Reach, Timestamp, TypedId as _};
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait as _, EntityTrait, QueryFilter as _, QueryOrder, QuerySelect as _};

use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::open::Store;
use crate::read::only_the_product;
use crate::record::{Record, table_of};
use crate::schema::SEQ;
use crate::tables::ENTRY;
use crate::within::within;

/// Where reading on begins and ends: after a row of an entry, up to and with another entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    /// The last entry that was read, or is being read.
    pub after: i64,
    /// The last row of that entry that was read; `None` when all of it was.
    pub row: Option<String>,
    /// The last entry to read.
    pub to: i64,
    /// The most that one question answers.
    pub most: u64,
}

/// A record as one entry says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<R: Record> {
    /// The entry's number.
    pub seq: i64,
    /// When it was recorded.
    pub at: Timestamp,
    /// The record's id.
    pub id: R::Id,
    /// The record after the change.
    pub record: R,
}

impl Store {
    /// How far history goes now.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn reach(&self) -> Result<Reach, StoreFault> {
        let newest = Entry::select()
            .order_by(Alias::new(SEQ), Order::Desc)
            .limit(1)
            .to_owned();
        match self.latest().query_one(&newest).await? {
            Some(row) => Ok(reach_of(&Entry::read(&row)?)),
            None => Ok(Reach {
                seq: 0,
                hash: Digest::ZERO,
            }),
        }
    }

    /// Whether history holds the entry of `reach`: not so once another database stands in its place, or one restored
    /// from before it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn reaches(&self, reach: Reach) -> Result<bool, StoreFault> {
        if reach.seq == 0 {
            return Ok(true);
        }
        let select = Entry::select()
            .and_where(Expr::col(Alias::new(SEQ)).eq(reach.seq))
            .to_owned();
        match self.latest().query_one(&select).await? {
            Some(row) => Ok(reach_of(&Entry::read(&row)?) == reach),
            None => Ok(false),
        }
    }

    /// What entries say of the records within `scope`, in the order of history.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] for a caller who signs in; [`StoreFault`] when the database fails.
    pub async fn recorded_since<A>(
        &self,
        scope: &Scope<A>,
        onward: &Onward,
    ) -> Result<Vec<Recorded<A::On>>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        only_the_product(scope)?;
        let table = table_of::<A::On>();
        let known = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(&table))
            .cond_where(within(scope, &table, self.ambient().now()))
            .and_where(
                Expr::col((Alias::new(&table), Alias::new("id")))
                    .equals((Alias::new(ENTRY), Alias::new("record_id"))),
            )
            .to_owned();
        let select = Entry::select()
            .and_where(Expr::col(Alias::new("kind")).eq(<A::On as Kind>::NAME))
            .and_where(Expr::col(Alias::new(SEQ)).gt(onward.after))
            .and_where(Expr::col(Alias::new(SEQ)).lte(onward.to))
            .and_where(Expr::exists(known))
            .order_by(Alias::new(SEQ), Order::Asc)
            .limit(onward.most)
            .to_owned();
        let rows = self.latest().query_all(&select).await?;
        let entries: Result<Vec<Entry>, _> = rows.iter().map(Entry::read).collect();
        let entries = entries?;
        let keys = entries.iter().map(|entry| entry.claim.key_id.as_str());
        self.fetch_keys(keys).await?;
        let mut recorded = Vec::with_capacity(entries.len());
        for entry in &entries {
            let (record, _) = self.body::<A::On>(entry).await?;
            let id = <A::On as Record>::Id::parse(&entry.claim.record_id).map_err(|error| {
                StoreFault::Unreadable {
                    id: entry.claim.record_id.clone(),
                    problem: error.to_string(),
                }
            })?;
            recorded.push(Recorded {
                seq: entry.seq,
                at: microseconds(entry.recorded_at),
                id,
                record,
            });
        }
        Ok(recorded)
    }

    /// Rows that entries brought into the table of `E`, in the order of history and, within an entry, of their ids.
    /// `scope` says that the caller may see what they are about.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] for a caller who signs in; [`StoreFault`] when the database fails.
    pub async fn brought_since<A, E>(
        &self,
        scope: &Scope<A>,
        onward: &Onward,
    ) -> Result<Vec<E::Model>, StoreFault>
    where
        A: Action,
        A::On: Record,
        E: EntityTrait,
    {
        only_the_product(scope)?;
        let column =
            |name: &str| Expr::col((Alias::new(E::default().table_name()), Alias::new(name)));
        let mut later = Cond::any().add(column(SEQ).gt(onward.after));
        if let Some(row) = &onward.row {
            later = later.add(
                column(SEQ)
                    .eq(onward.after)
                    .and(column("id").gt(row.as_str())),
            );
        }
        let select = E::find()
            .filter(later)
            .filter(column(SEQ).lte(onward.to))
            .order_by(column(SEQ), Order::Asc)
            .order_by(column("id"), Order::Asc)
            .limit(onward.most);
        self.brought_within(scope, select).await
    }

    /// When each of these entries was recorded.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn recorded_at(
        &self,
        seqs: impl IntoIterator<Item = i64>,
    ) -> Result<BTreeMap<i64, Timestamp>, StoreFault> {
        let select = Query::select()
            .columns([SEQ, "recorded_at"].map(Alias::new))
            .from(Alias::new(ENTRY))
            .and_where(Expr::col(Alias::new(SEQ)).is_in(seqs))
            .to_owned();
        let mut found = BTreeMap::new();
        for row in self.latest().query_all(&select).await? {
            let at: i64 = row.try_get("", "recorded_at")?;
            found.insert(row.try_get("", SEQ)?, microseconds(at));
        }
        Ok(found)
    }
}

fn reach_of(entry: &Entry) -> Reach {
    let end = entry.end();
    Reach {
        seq: end.seq,
        hash: end.hash,
    }
}
