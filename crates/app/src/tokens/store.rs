//! The table of tokens.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::types::{SeeToken, Token};
use crate::shell::page::{PER_PAGE, Pagination};

/// One page of the tokens in scope, those that work first, newest first.
pub(super) async fn page_of(
    store: &Store,
    scope: &Scope<SeeToken>,
    page: u64,
) -> Result<(Vec<row::Model>, Pagination), StoreFault> {
    let list = Pagination::of(page, store.count(scope, &Condition::all()).await?);
    let rows = store
        .select(scope)
        .order_by_desc(row::Column::Active)
        .order_by_desc(row::Column::Id)
        .offset(list.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, list))
}

/// What the tokens of `ids` in scope are called.
pub(super) async fn labels(
    store: &Store,
    scope: &Scope<SeeToken>,
    ids: BTreeSet<String>,
) -> Result<BTreeMap<String, String>, StoreFault> {
    let rows = store
        .select(scope)
        .filter(row::Column::Id.is_in(ids))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.label)).collect())
}

/// The token that works and has a secret of this digest, in the scope of whoever checks it; proven by its history.
pub(super) async fn with_digest(
    store: &Store,
    scope: &Scope<SeeToken>,
    digest: &str,
) -> Result<Option<row::Model>, StoreFault> {
    let select = store
        .select(scope)
        .filter(row::Column::Digest.eq(digest))
        .filter(row::Column::Active.eq(true));
    store.one_proven::<Token>(select).await
}

/// The table of tokens.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub label: String,
        pub scopes: String,
        pub digest: String,
        pub made_at: i64,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
