//! The table of devices that have signed in.

use clearpicture_kernel::WorkerId;
use clearpicture_store::{Store, StoreFault};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

/// When this device last signed in as its worker.
pub(in crate::sign_in) async fn seen_at(
    store: &Store,
    id: &str,
) -> Result<Option<i64>, StoreFault> {
    let scratch = store.scratch::<row::Entity>()?;
    let found = scratch.one(row::Entity::find_by_id(id)).await?;
    Ok(found.map(|row| row.seen_at))
}

/// Whether anybody has signed in with this device.
pub(in crate::sign_in) async fn is_anyones(
    store: &Store,
    device: &str,
) -> Result<bool, StoreFault> {
    let scratch = store.scratch::<row::Entity>()?;
    let found = row::Entity::find().filter(row::Column::Device.eq(device));
    Ok(scratch.one(found).await?.is_some())
}

/// Notes that this device signed in as `worker` now.
pub(in crate::sign_in) async fn put(
    store: &Store,
    id: &str,
    device: &str,
    worker: WorkerId,
) -> Result<(), StoreFault> {
    let known = row::ActiveModel {
        id: Set(id.to_owned()),
        device: Set(device.to_owned()),
        worker_id: Set(worker.to_string()),
        seen_at: Set(store.ambient().now().as_microsecond()),
    };
    store.scratch::<row::Entity>()?.put(known).await
}

/// No device is known for `worker` any more.
pub(in crate::sign_in) async fn forget(store: &Store, worker: WorkerId) -> Result<(), StoreFault> {
    let worker = worker.to_string();
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::WorkerId.eq(worker)))
        .await?;
    Ok(())
}

/// Takes away devices that last signed in before `moment`.
pub(in crate::sign_in) async fn sweep(store: &Store, moment: i64) -> Result<u64, StoreFault> {
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::SeenAt.lt(moment)))
        .await
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "known_device")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) device: String,
        pub(super) worker_id: String,
        pub(super) seen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
