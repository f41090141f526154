//! The table of leaflets.

use clearpicture_access::Scope;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

use super::types::SeeLeaflet;
use crate::shell::page::{PER_PAGE, Pagination};

/// One page of the leaflets in scope, and where it stands in the whole.
pub(super) async fn page(
    store: &Store,
    scope: &Scope<SeeLeaflet>,
    number: u64,
) -> Result<(Vec<row::Model>, Pagination), StoreFault> {
    let pagination = Pagination::of(number, store.count(scope, &Condition::all()).await?);
    let rows = store
        .select(scope)
        .order_by_asc(row::Column::Title)
        .order_by_asc(row::Column::Id)
        .offset(pagination.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, pagination))
}

/// The table of leaflets.
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "leaflet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub title: String,
        pub left_over: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
