//! The table of workers.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, TypedId as _, WorkerId};
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::types::{ListWorkers, SeeWorker, Worker};
use crate::shell::page::{PER_PAGE, Pagination};

/// Which colleagues are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Those of the agency with this id; `None` for all.
    pub agency: Option<&'a str>,
    /// Those who may no longer sign in as well.
    pub former: bool,
}

/// One page of the colleagues in scope, by name, and where it stands in the whole.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn directory(
    store: &Store,
    scope: &Scope<ListWorkers>,
    wanted: Wanted<'_>,
    page: u64,
) -> Result<(Vec<row::Model>, Pagination), StoreFault> {
    let agency = wanted.agency.map(|agency| row::Column::AgencyId.eq(agency));
    let active = (!wanted.former).then(|| row::Column::Active.eq(true));
    let wanted = Condition::all().add_option(agency).add_option(active);
    let pagination = Pagination::of(page, store.count(scope, &wanted).await?);
    let rows = store
        .select(scope)
        .filter(wanted)
        .order_by_asc(row::Column::Name)
        .order_by_asc(row::Column::Id)
        .offset(pagination.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, pagination))
}

/// The first `most` people in scope in whose name or e-mail address every one of these words stands, by name.
pub(super) async fn called(
    store: &Store,
    scope: &Scope<ListWorkers>,
    words: &str,
    most: u64,
) -> Result<Vec<row::Model>, StoreFault> {
    let mut all = Condition::all();
    for word in words.to_lowercase().split_whitespace() {
        // What stands for any letter is looked for by nobody.
        let pattern = format!("%{}%", word.replace(['%', '_', '\\'], ""));
        let holds = |column: row::Column| {
            Expr::expr(Func::lower(Expr::col((row::Entity, column)))).like(pattern.clone())
        };
        all = all.add(
            Condition::any()
                .add(holds(row::Column::Name))
                .add(holds(row::Column::Email)),
        );
    }
    let select = store.select(scope).filter(all);
    let rows = select
        .order_by_asc(row::Column::Name)
        .order_by_asc(row::Column::Id)
        .limit(most)
        .all(store.reader())
        .await?;
    Ok(rows)
}

/// Those of these workers who may sign in, as colleagues know them, by their ids.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn at_work(
    store: &Store,
    scope: &Scope<ListWorkers>,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, Colleague>, StoreFault> {
    let rows = store
        .select(scope)
        .filter(row::Column::Id.is_in(ids))
        .filter(row::Column::Active.eq(true))
        .all(store.reader())
        .await?;
    let colleague = |row: row::Model| {
        let roles = row.roles.split_whitespace().map(str::to_owned);
        let colleague = Colleague {
            name: row.name,
            agency: AgencyId::parse(&row.agency_id).ok()?,
            roles: roles.collect(),
        };
        Some((row.id, colleague))
    };
    Ok(rows.into_iter().filter_map(colleague).collect())
}

/// A colleague, as everybody who signs in may know them.
#[derive(Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Their name.
    pub name: String,
    /// The agency they work for.
    pub agency: AgencyId,
    /// The codes of their roles.
    pub roles: Vec<String>,
}

impl std::fmt::Debug for Colleague {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Colleague(of {:?}, withheld)", self.agency)
    }
}

/// The names of these workers, as history and the read log show them to those allowed to see them.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn names(
    store: &Store,
    scope: &Scope<ListWorkers>,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, String>, StoreFault> {
    let named = names_and_agencies(store, scope, ids).await?;
    let names = named.into_iter().map(|(id, (name, _))| (id, name));
    Ok(names.collect())
}

/// The same, each with the id of their agency.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn names_and_agencies(
    store: &Store,
    scope: &Scope<ListWorkers>,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, (String, String)>, StoreFault> {
    let rows = store
        .select(scope)
        .filter(row::Column::Id.is_in(ids))
        .all(store.reader())
        .await?;
    let named = rows
        .into_iter()
        .map(|row| (row.id, (row.name, row.agency_id)));
    Ok(named.collect())
}

/// Which of these workers' records are in scope to be opened.
pub(super) async fn that_open(
    store: &Store,
    scope: &Scope<SeeWorker>,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeSet<String>, StoreFault> {
    let ids = store
        .select(scope)
        .filter(row::Column::Id.is_in(ids))
        .select_only()
        .column(row::Column::Id)
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(ids.into_iter().collect())
}

/// The name of one worker in scope.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn name_of(
    store: &Store,
    scope: &Scope<ListWorkers>,
    id: WorkerId,
) -> Result<Option<String>, StoreFault> {
    Ok(names(store, scope, [id.to_string()])
        .await?
        .remove(&id.to_string()))
}

/// The worker who signs in with this address, in the scope of whoever checks it.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn by_email(
    store: &Store,
    scope: &Scope<ListWorkers>,
    email: &str,
) -> Result<Option<WorkerId>, StoreFault> {
    let row = store
        .select(scope)
        .filter(row::Column::Email.eq(email))
        .filter(row::Column::Active.eq(true))
        .one(store.reader())
        .await?;
    Ok(row.and_then(|row| WorkerId::parse(&row.id).ok()))
}

/// How many people of an agency are in scope, now or formerly, but for this one.
pub(super) async fn others_of(
    store: &Store,
    scope: &Scope<ListWorkers>,
    agency: AgencyId,
    but: Option<WorkerId>,
) -> Result<u64, StoreFault> {
    let others = Condition::all()
        .add(row::Column::AgencyId.eq(agency.to_string()))
        .add_option(but.map(|but| row::Column::Id.ne(but.to_string())));
    store.count(scope, &others).await
}

/// The row of one worker, in the scope of whoever asks who is visiting; proven by its history, since roles, agency
/// and vetting are taken from it.
pub(super) async fn row_of(
    store: &Store,
    scope: &Scope<ListWorkers>,
    id: WorkerId,
) -> Result<Option<row::Model>, StoreFault> {
    let select = store
        .select(scope)
        .filter(row::Column::Id.eq(id.to_string()))
        .filter(row::Column::Active.eq(true));
    store.one_proven::<Worker>(select).await
}

/// The table of workers.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "worker")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub name: String,
        pub email: String,
        pub teams: String,
        pub roles: String,
        pub vetted_until: Option<i64>,
        pub trained_until: Option<i64>,
        pub active: bool,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Model")
                .field("id", &self.id)
                .finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
