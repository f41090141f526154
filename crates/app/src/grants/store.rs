//! The table of grants, as those who answer for them read it.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Scope};
use clearpicture_kernel::{RecordId, Timestamp, TypedId as _};
use clearpicture_store::grant_row::{Column, Model};
use clearpicture_store::{Grant, GrantId, Relation, Store, StoreFault};
use sea_orm::sea_query::{Cond, Expr, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::types::{SeeGrant, SeeInvolvement, SeeOwnGrant};
use crate::shell::Pagination;
use crate::shell::page::PER_PAGE;

/// Which grants are listed.
#[derive(Debug, Clone)]
pub struct Which {
    relation: Relation,
    among: Option<(Option<&'static str>, SelectStatement)>,
}

impl Which {
    /// Those of one relation.
    pub const fn all(relation: Relation) -> Self {
        Self {
            relation,
            among: None,
        }
    }

    /// The same, where those on records whose ids begin with `prefix` are on one of `records` alone.
    #[must_use]
    pub fn but_of(self, prefix: &'static str, records: SelectStatement) -> Self {
        Self {
            among: Some((Some(prefix), records)),
            ..self
        }
    }

    /// The same, on one of `records` alone.
    #[must_use]
    pub fn only_of(self, records: SelectStatement) -> Self {
        Self {
            among: Some((None, records)),
            ..self
        }
    }

    fn condition(self) -> Condition {
        let among = self.among.map(|(prefix, records)| {
            let others = prefix.map(|prefix| Column::OnRecord.not_like(format!("{prefix}_%")));
            Condition::any()
                .add_option(others)
                .add(Column::OnRecord.in_subquery(records))
        });
        Condition::all()
            .add(Column::Relation.eq(self.relation.word()))
            .add_option(among)
    }
}

/// One page of the grants: those in force first, then newest first.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn of_relation(
    store: &Store,
    scope: &Scope<SeeGrant>,
    which: Which,
    page: u64,
) -> Result<(Vec<Model>, Pagination), StoreFault> {
    one_page(store, scope, which.condition(), page).await
}

/// How many grants are in force.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn count_open(
    store: &Store,
    scope: &Scope<SeeGrant>,
    which: Which,
) -> Result<u64, StoreFault> {
    let open = which.condition().add(open(store.ambient().now()));
    store.count(scope, &open).await
}

/// The grants in force of one relation that one holder has on any of these records, as far as they are in scope, each
/// with the record it stands on.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row names no grant.
pub async fn held_on<A: Action<On = Grant>>(
    store: &Store,
    scope: &Scope<A>,
    (relation, holder): (Relation, &RecordId),
    records: &BTreeSet<RecordId>,
) -> Result<Vec<(GrantId, String)>, StoreFault> {
    let ids: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    let mut held = Vec::new();
    for some in ids.chunks(500) {
        let select = store
            .select(scope)
            .filter(Column::Relation.eq(relation.word()))
            .filter(Column::Holder.eq(holder.as_str()))
            .filter(Column::OnRecord.is_in(some.iter().copied()))
            .filter(open(store.ambient().now()));
        for row in select.all(store.reader()).await? {
            held.push((read_id(&row)?, row.on_record));
        }
    }
    Ok(held)
}

/// One page of the times that the scope's own caller broke the glass.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn of_holder(
    store: &Store,
    scope: &Scope<SeeOwnGrant>,
    page: u64,
) -> Result<(Vec<Model>, Pagination), StoreFault> {
    let holder = scope.caller().identity.holder();
    let wanted = Condition::all()
        .add(Column::Relation.eq(Relation::BreakGlass.word()))
        .add(Column::Holder.eq(holder.map(String::from).unwrap_or_default()));
    one_page(store, scope, wanted, page).await
}

/// The grants in force on any of `records`, as history tells them. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn in_force_on<'a>(
    store: &Store,
    scope: &Scope<SeeGrant>,
    records: impl IntoIterator<Item = &'a RecordId>,
) -> Result<Vec<Grant>, StoreFault> {
    let records: BTreeSet<&RecordId> = records.into_iter().collect();
    let now = store.ambient().now();
    let ids: Vec<String> = records.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        // By the records they stand on: to read every grant is to read history from end to end.
        let select = store.select(scope).filter(Column::OnRecord.is_in(some));
        let rows = select.all(store.reader()).await?;
        let found: Result<Vec<GrantId>, StoreFault> = rows.iter().map(read_id).collect();
        let found = found?;
        if !found.is_empty() {
            all.extend(store.some_within(scope, &found).await?);
        }
    }
    let on_them = all.into_iter().map(|(_, grant)| grant).filter(|grant| {
        records.contains(&grant.on_record)
            && grant.starts_at <= now
            && grant.ends_at.is_none_or(|end| now < end)
    });
    Ok(on_them.collect())
}

fn read_id(row: &Model) -> Result<GrantId, StoreFault> {
    GrantId::parse(&row.id).map_err(|error| StoreFault::Unreadable {
        id: row.id.clone(),
        problem: error.to_string(),
    })
}

/// The involvements in force on one record, the earliest first: all at once, however many there are.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn working_with(
    store: &Store,
    scope: &Scope<SeeInvolvement>,
    record: &RecordId,
) -> Result<Vec<(GrantId, Grant)>, StoreFault> {
    let now = store.ambient().now();
    let select = store
        .select(scope)
        .filter(Column::OnRecord.eq(record.as_str()))
        .filter(Column::Relation.eq(Relation::Involved.word()))
        .filter(open(now))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id);
    let rows = select.all(store.reader()).await?;
    let ids: Result<Vec<GrantId>, StoreFault> = rows.iter().map(read_id).collect();
    let mut found: BTreeMap<RecordId, Grant> = BTreeMap::new();
    let ids = ids?;
    for some in ids.chunks(500) {
        let seen = store.some_seen(scope, some).await?.into_iter();
        // What history says of each counts, whatever its row says.
        let on_it = seen.filter(|(_, grant)| {
            grant.relation == Relation::Involved
                && grant.on_record == *record
                && grant.ends_at.is_none_or(|end| now < end)
        });
        found.extend(on_it.map(|(resource, grant)| (resource.id, grant)));
    }
    let grant = |id: GrantId| Some((id, found.remove(&id.record_id())?));
    Ok(ids.into_iter().filter_map(grant).collect())
}

async fn one_page<A: Action<On = Grant>>(
    store: &Store,
    scope: &Scope<A>,
    wanted: Condition,
    page: u64,
) -> Result<(Vec<Model>, Pagination), StoreFault> {
    let pagination = Pagination::of(page, store.count(scope, &wanted).await?);
    let open_first: SimpleExpr = Expr::case(open(store.ambient().now()), 0).finally(1).into();
    let rows = store
        .select(scope)
        .filter(wanted)
        .order_by(open_first, Order::Asc)
        .order_by_desc(Column::StartsAt)
        .order_by_desc(Column::Id)
        .offset(pagination.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, pagination))
}

/// The condition that a grant has not ended.
fn open(now: Timestamp) -> Condition {
    Cond::any()
        .add(Column::EndsAt.is_null())
        .add(Column::EndsAt.gt(now.as_microsecond()))
}
