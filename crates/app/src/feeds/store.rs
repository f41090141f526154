//! The table of feeds.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{
    ColumnTrait as _, Condition, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::types::SeeFeed;
use crate::shell::page::{PER_PAGE, Pagination};

/// What of the register is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) agency: Option<&'a str>,
    pub(super) state: Option<&'a str>,
}

impl Wanted<'_> {
    fn condition(&self) -> Condition {
        let agency = self.agency.map(|agency| row::Column::AgencyId.eq(agency));
        let state = self.state.map(|state| row::Column::State.eq(state));
        Condition::all().add_option(agency).add_option(state)
    }
}

fn filtered(store: &Store, scope: &Scope<SeeFeed>, wanted: &Wanted<'_>) -> Select<row::Entity> {
    store
        .select(scope)
        .filter(wanted.condition())
        .order_by_asc(row::Column::AgencyId)
        .order_by_asc(row::Column::Name)
}

/// One page of the feeds in scope, and where it stands in the whole.
pub(super) async fn page(
    store: &Store,
    scope: &Scope<SeeFeed>,
    wanted: &Wanted<'_>,
    number: u64,
) -> Result<(Vec<row::Model>, Pagination), StoreFault> {
    let total = store.count(scope, &wanted.condition()).await?;
    let pagination = Pagination::of(number, total);
    let rows = filtered(store, scope, wanted)
        .offset(pagination.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, pagination))
}

/// Every feed in scope, for the export.
pub(super) async fn all(
    store: &Store,
    scope: &Scope<SeeFeed>,
    wanted: &Wanted<'_>,
) -> Result<Vec<row::Model>, StoreFault> {
    Ok(filtered(store, scope, wanted).all(store.reader()).await?)
}

/// How many feeds in scope stand in each state.
pub(super) async fn counts(
    store: &Store,
    scope: &Scope<SeeFeed>,
) -> Result<BTreeMap<String, i64>, StoreFault> {
    let rows: Vec<(String, i64)> = store
        .select(scope)
        .select_only()
        .column(row::Column::State)
        .column_as(row::Column::Id.count(), "number")
        .group_by(row::Column::State)
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The table of feeds.
pub(in crate::feeds) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub name: String,
        pub schedule: String,
        pub lawful_basis: String,
        pub state: String,
        pub state_since: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
