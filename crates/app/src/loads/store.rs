//! The table of loads, and the sealed originals.

use std::io::{self, Read};

use clearpicture_access::Scope;
use clearpicture_kernel::Digest;
use clearpicture_store::schema::{Migration, Step, Table, bytes, integer, text};
use clearpicture_store::{Batch, KeyScope, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use super::types::SeeLoad;
use crate::shell::page::{PER_PAGE, Pagination};

const ORIGINAL: &str = "original";
/// Bytes of an original in one row.
const PIECE: usize = 256 * 1024;

/// The steps that make the tables.
pub(super) fn migrations() -> Vec<Migration> {
    let columns = [
        text("agency_id"),
        text("source"),
        integer("rows"),
        integer("accepted"),
        integer("unchanged"),
        integer("quarantined"),
        integer("findings"),
        integer("taken_at"),
    ];
    let piece = [
        text("digest"),
        integer("piece"),
        text("key_id"),
        bytes("body"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "loads",
        number: 1,
        steps: vec![
            Step::Create(Table::record("load", &columns).index(&["taken_at"])),
            Step::Create(Table::brought(ORIGINAL, &piece).unique(&["digest", "piece"])),
        ],
    }]
}

/// One page of the loads in scope, newest first, and where it stands in the whole.
pub(super) async fn page_of(
    store: &Store,
    scope: &Scope<SeeLoad>,
    page: u64,
) -> Result<(Vec<row::Model>, Pagination), StoreFault> {
    let list = Pagination::of(page, store.count(scope, &Condition::all()).await?);
    let rows = store
        .select(scope)
        .order_by_desc(row::Column::TakenAt)
        .order_by_desc(row::Column::Id)
        .offset(list.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, list))
}

/// Adds the bytes of a file to a batch, sealed in pieces, unless they are held; whether they are still those of `digest`.
pub(super) async fn bring_original(
    store: &Store,
    batch: &mut Batch,
    digest: Digest,
    mut from: impl Read,
) -> Result<bool, OriginalFault> {
    let held = original::Entity::find()
        .filter(original::Column::Digest.eq(digest.to_string()))
        .limit(1)
        .count(store.reader())
        .await
        .map_err(StoreFault::from)?;
    if held > 0 {
        return Ok(true);
    }
    let mut hasher = Sha256::new();
    for number in 0_i64.. {
        let mut piece = Vec::with_capacity(PIECE);
        from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            break;
        }
        hasher.update(&piece);
        let id = format!("{digest}:{number:08}");
        let sealed = store
            .seal_text(&KeyScope::Deployment, ORIGINAL, &id, &piece)
            .await?;
        batch.add(original::ActiveModel {
            id: Set(id),
            seq: NotSet,
            digest: Set(digest.to_string()),
            piece: Set(number),
            key_id: Set(sealed.key_id),
            body: Set(sealed.body),
        });
    }
    Ok(Digest::from_slice(&hasher.finalize()) == Some(digest))
}

/// Why an original cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum OriginalFault {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// The bytes of the file of `digest` as they came.
///
/// # Errors
/// [`StoreFault`] when the database fails or a piece was altered.
#[cfg(test)]
pub(super) async fn original(
    store: &Store,
    permit: &clearpicture_access::Permit<SeeLoad>,
    digest: Digest,
) -> Result<Vec<u8>, StoreFault> {
    let select = original::Entity::find()
        .filter(original::Column::Digest.eq(digest.to_string()))
        .order_by_asc(original::Column::Piece);
    let mut bytes = Vec::new();
    for piece in store.brought(permit, select).await? {
        let sealed = clearpicture_store::SealedText {
            key_id: piece.key_id,
            body: piece.body,
        };
        bytes.extend(store.open_text(ORIGINAL, &piece.id, &sealed).await?);
    }
    Ok(bytes)
}

/// The table of loads.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "load")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub source: String,
        pub rows: i64,
        pub accepted: i64,
        pub unchanged: i64,
        pub quarantined: i64,
        pub findings: i64,
        pub taken_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The files themselves, in sealed pieces.
mod original {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "original")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub seq: i64,
        pub digest: String,
        pub piece: i64,
        pub key_id: String,
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
