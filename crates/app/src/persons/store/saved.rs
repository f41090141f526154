//! What somebody looked for, kept sealed so that they come back to it: in no address stands more than a number that
//! nobody can guess, and it opens for them alone.

use clearpicture_kernel::WorkerId;
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, integer, text};
use clearpicture_store::{KeyScope, SealedText, Store, StoreFault};
use data_encoding::BASE64URL_NOPAD;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

pub(super) const TABLE: &str = "saved_search";
/// A search is forgotten so long after it was made: about as long as somebody works on end.
const KEPT_HOURS: i64 = 8;

/// The step that makes the table.
pub(super) fn migration() -> Migration {
    let columns = [
        text("id"),
        text("owner"),
        integer("made_at"),
        text("key_id"),
        bytes("body"),
    ];
    Migration {
        release: "0.1",
        capability: "persons",
        number: 2,
        steps: vec![Step::Create(
            Table::new(TABLE, TableClass::Ephemeral, &columns).index(&["owner", "made_at"]),
        )],
    }
}

/// Keeps what `owner` looks for, and gives what stands for it.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(in crate::persons) async fn keep(
    store: &Store,
    owner: WorkerId,
    typed: &[u8],
) -> Result<String, StoreFault> {
    let id = BASE64URL_NOPAD.encode(&store.ambient().bytes::<18>());
    let sealed = store
        .seal_text(&KeyScope::Deployment, TABLE, &place(&id, owner), typed)
        .await?;
    let search = row::ActiveModel {
        id: Set(id.clone()),
        owner: Set(owner.to_string()),
        made_at: Set(store.ambient().now().as_microsecond()),
        key_id: Set(sealed.key_id),
        body: Set(sealed.body),
    };
    store.scratch::<row::Entity>()?.put(search).await?;
    Ok(id)
}

/// What `owner` looked for, if that was not too long ago; `None` for anybody else.
///
/// # Errors
/// [`StoreFault`] when the database fails or it was altered.
pub(in crate::persons) async fn kept(
    store: &Store,
    owner: WorkerId,
    id: &str,
) -> Result<Option<Vec<u8>>, StoreFault> {
    let table = store.scratch::<row::Entity>()?;
    let select = row::Entity::find_by_id(id)
        .filter(row::Column::Owner.eq(owner.to_string()))
        .filter(row::Column::MadeAt.gte(oldest(store)));
    let Some(row) = table.one(select).await? else {
        return Ok(None);
    };
    let sealed = SealedText {
        key_id: row.key_id,
        body: row.body,
    };
    let place = place(&row.id, owner);
    store.open_text(TABLE, &place, &sealed).await.map(Some)
}

/// What stands for the last thing that `owner` looked for, if that was not too long ago.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(in crate::persons) async fn last(
    store: &Store,
    owner: WorkerId,
) -> Result<Option<String>, StoreFault> {
    let select = row::Entity::find()
        .filter(row::Column::Owner.eq(owner.to_string()))
        .filter(row::Column::MadeAt.gte(oldest(store)))
        .order_by_desc(row::Column::MadeAt);
    let found = store.scratch::<row::Entity>()?.one(select).await?;
    Ok(found.map(|row| row.id))
}

/// Forgets what is too old.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(in crate::persons) async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    let oldest = oldest(store);
    let table = store.scratch::<row::Entity>()?;
    table
        .remove(|rows| rows.filter(row::Column::MadeAt.lt(oldest)))
        .await
}

fn oldest(store: &Store) -> i64 {
    store.ambient().now().as_microsecond() - KEPT_HOURS * 3_600_000_000
}

/// Sealed for its owner: a row given to somebody else opens for nobody.
fn place(id: &str, owner: WorkerId) -> String {
    format!("{id}:{owner}")
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_search")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) owner: String,
        pub(super) made_at: i64,
        pub(super) key_id: String,
        pub(super) body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
