//! The table of failed tries.

use clearpicture_store::{Store, StoreFault};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{self, Expr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

/// How many failed, and when the last was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sign_in) struct Tries {
    /// How many.
    pub(in crate::sign_in) failures: i64,
    /// When, in microseconds since 1970.
    pub(in crate::sign_in) tried_at: i64,
}

/// What is counted under `id`.
pub(in crate::sign_in) async fn find(store: &Store, id: &str) -> Result<Option<Tries>, StoreFault> {
    let scratch = store.scratch::<row::Entity>()?;
    let found = scratch.one(row::Entity::find_by_id(id)).await?;
    Ok(found.map(|row| Tries {
        failures: row.failures,
        tried_at: row.tried_at,
    }))
}

/// Counts the first failure under `id`; `false` when someone else was quicker.
pub(in crate::sign_in) async fn begin(
    store: &Store,
    id: &str,
    now: i64,
) -> Result<bool, StoreFault> {
    let first = row::ActiveModel {
        id: Set(id.to_owned()),
        failures: Set(1),
        tried_at: Set(now),
    };
    store.scratch::<row::Entity>()?.add(first).await
}

/// Puts `next` where `seen` stands; `false` when someone else was quicker.
pub(in crate::sign_in) async fn replace(
    store: &Store,
    id: &str,
    seen: Tries,
    next: Tries,
) -> Result<bool, StoreFault> {
    let changed = store
        .scratch::<row::Entity>()?
        .change(|rows| {
            rows.col_expr(row::Column::Failures, next.failures.into())
                .col_expr(row::Column::TriedAt, next.tried_at.into())
                .filter(row::Column::Id.eq(id))
                .filter(row::Column::Failures.eq(seen.failures))
                .filter(row::Column::TriedAt.eq(seen.tried_at))
        })
        .await?;
    Ok(changed == 1)
}

/// Counts nothing under `id` any more.
pub(in crate::sign_in) async fn forget(store: &Store, id: &str) -> Result<(), StoreFault> {
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::Id.eq(id)))
        .await?;
    Ok(())
}

/// Counts one less under `id`.
pub(in crate::sign_in) async fn take_one_back(store: &Store, id: &str) -> Result<(), StoreFault> {
    store
        .scratch::<row::Entity>()?
        .change(|rows| {
            let one_less = sea_query::ExprTrait::sub(Expr::col(row::Column::Failures), 1);
            rows.col_expr(row::Column::Failures, one_less)
                .filter(row::Column::Id.eq(id))
                .filter(row::Column::Failures.gt(0))
        })
        .await?;
    Ok(())
}

/// Takes away counts whose last failure was before `moment`.
pub(in crate::sign_in) async fn sweep(store: &Store, moment: i64) -> Result<u64, StoreFault> {
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::TriedAt.lt(moment)))
        .await
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_try")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) failures: i64,
        pub(super) tried_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
