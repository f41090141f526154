//! The table of credentials, the codes already used, and what waits between the two pages of setting up.

pub(super) mod devices;
pub(super) mod tries;

use clearpicture_access::{Action, Scope};
use clearpicture_kernel::{Digest, TypedId as _, WorkerId};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, integer, text};
use clearpicture_store::{Store, StoreFault};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::types::{CheckSignIn, Credential, CredentialId};

/// Codes are remembered longer than any is good for.
const CODE_KEPT_SECONDS: i64 = 600;
/// What the row of a credential that is set up says of its state.
pub(super) const READY: &str = "ready";
/// Setting up is begun anew when this long passes between its two pages.
pub(super) const SET_UP_MINUTES: i64 = 20;

/// The credential of `worker`, in the scope of whoever asks.
pub(super) async fn credential_of<A: Action<On = Credential>>(
    store: &Store,
    scope: &Scope<A>,
    worker: WorkerId,
) -> Result<Option<CredentialId>, StoreFault> {
    let row = store
        .select(scope)
        .filter(row::Column::WorkerId.eq(worker.to_string()))
        .one(store.reader())
        .await?;
    Ok(row.and_then(|row| CredentialId::parse(&row.id).ok()))
}

/// Whether any credential in scope is set up.
pub(super) async fn any_ready(
    store: &Store,
    scope: &Scope<CheckSignIn>,
) -> Result<bool, StoreFault> {
    let ready = store
        .select(scope)
        .filter(row::Column::State.eq(READY))
        .one(store.reader())
        .await?;
    Ok(ready.is_some())
}

/// Uses the code of `step` up; `false` when it was used before.
pub(super) async fn use_up(store: &Store, worker: WorkerId, step: u64) -> Result<bool, StoreFault> {
    let worker = worker.to_string();
    let used = used::ActiveModel {
        id: Set(Digest::of_parts(&[worker.as_bytes(), &step.to_be_bytes()]).to_string()),
        used_at: Set(store.ambient().now().as_microsecond()),
    };
    store.scratch::<used::Entity>()?.add(used).await
}

/// Keeps what was chosen on the first page of setting up until the device has shown a code.
pub(super) async fn keep_pending(
    store: &Store,
    key: &str,
    sealed: Vec<u8>,
) -> Result<(), StoreFault> {
    let pending = pending::ActiveModel {
        id: Set(key.to_owned()),
        sealed: Set(sealed),
        begun_at: Set(store.ambient().now().as_microsecond()),
    };
    store.scratch::<pending::Entity>()?.put(pending).await
}

/// What was chosen on the first page of setting up, if that was not too long ago.
pub(super) async fn pending(store: &Store, key: &str) -> Result<Option<Vec<u8>>, StoreFault> {
    let found = store
        .scratch::<pending::Entity>()?
        .one(pending::Entity::find_by_id(key))
        .await?;
    let oldest = store.ambient().now().as_microsecond() - SET_UP_MINUTES * 60_000_000;
    Ok(found
        .filter(|pending| pending.begun_at >= oldest)
        .map(|pending| pending.sealed))
}

/// Forgets what was chosen on the first page of setting up.
pub(super) async fn forget_pending(store: &Store, key: &str) -> Result<(), StoreFault> {
    store
        .scratch::<pending::Entity>()?
        .remove(|rows| rows.filter(pending::Column::Id.eq(key)))
        .await?;
    Ok(())
}

/// Takes away codes that nobody could use again and set-ups that were left.
pub(super) async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    let now = store.ambient().now().as_microsecond();
    let codes = store
        .scratch::<used::Entity>()?
        .remove(|rows| rows.filter(used::Column::UsedAt.lt(now - CODE_KEPT_SECONDS * 1_000_000)))
        .await?;
    let left = store
        .scratch::<pending::Entity>()?
        .remove(|rows| rows.filter(pending::Column::BegunAt.lt(now - SET_UP_MINUTES * 60_000_000)))
        .await?;
    Ok(codes + left)
}

/// The steps that make the tables of signing in.
pub(super) fn migrations() -> Vec<Migration> {
    let ephemeral = |name, columns: &[_]| Table::new(name, TableClass::Ephemeral, columns);
    let credentials = Table::record("credential", &[text("worker_id"), text("state")]);
    let tries = [text("id"), integer("failures"), integer("tried_at")];
    let devices = [
        text("id"),
        text("device"),
        text("worker_id"),
        integer("seen_at"),
    ];
    let pending = [text("id"), bytes("sealed"), integer("begun_at")];
    vec![Migration {
        release: "0.1",
        capability: "sign_in",
        number: 1,
        steps: vec![
            Step::Create(credentials.unique(&["worker_id"])),
            Step::Create(ephemeral("sign_in_try", &tries)),
            Step::Create(ephemeral("used_code", &[text("id"), integer("used_at")])),
            Step::Create(
                ephemeral("known_device", &devices)
                    .index(&["worker_id"])
                    .index(&["device"]),
            ),
            Step::Create(ephemeral("pending_set_up", &pending)),
        ],
    }]
}

/// The table of credentials.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credential")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub worker_id: String,
        pub state: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod used {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "used_code")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) used_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod pending {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_set_up")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) sealed: Vec<u8>,
        pub(super) begun_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
