//! The table of loads, and the sealed originals.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, Code, Date, TypedId as _};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, integer, text};
use clearpicture_store::{Batch, KeyScope, SealedText, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::types::{LoadId, LoadState, SeeLoad};
use crate::shell::page::{PER_PAGE, Pagination};

const ORIGINAL: &str = "original";
/// Bytes of an original in one row.
pub(super) const PIECE: usize = 256 * 1024;

/// The steps that make the tables.
pub(super) fn migrations() -> Vec<Migration> {
    let columns = [
        text("agency_id"),
        text("source"),
        text("digest"),
        text("state"),
        text("as_of"),
        integer("rows"),
        integer("quarantined"),
        integer("findings"),
        integer("received_at"),
    ];
    let piece = [text("key_id"), bytes("body")];
    let incoming = [
        text("id"),
        text("load_id"),
        bytes("body"),
        integer("came_at"),
    ];
    let first = Migration {
        release: "0.1",
        capability: "loads",
        number: 1,
        steps: vec![
            Step::Create(
                Table::record("load", &columns)
                    .index(&["received_at"])
                    .index(&["digest"]),
            ),
            Step::Create(Table::brought(ORIGINAL, &piece).large_rows()),
        ],
    };
    let second = Migration {
        release: "0.1",
        capability: "loads",
        number: 2,
        steps: vec![Step::Create(
            Table::new("incoming", TableClass::Ephemeral, &incoming)
                .index(&["load_id"])
                .index(&["came_at"]),
        )],
    };
    vec![first, second]
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
        .order_by_desc(row::Column::ReceivedAt)
        .order_by_desc(row::Column::Id)
        .offset(list.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, list))
}

/// The files in scope that the agency sent and that were taken in, in the order in which they came.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(super) async fn taken(
    store: &Store,
    scope: &Scope<SeeLoad>,
    agency: AgencyId,
) -> Result<Vec<Earlier>, StoreFault> {
    in_state(store, scope, agency, "taken").await
}

/// Those that are in another state, and of which it is known what source they are.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(super) async fn in_state(
    store: &Store,
    scope: &Scope<SeeLoad>,
    agency: AgencyId,
    state: &str,
) -> Result<Vec<Earlier>, StoreFault> {
    let rows = store
        .select(scope)
        .filter(row::Column::AgencyId.eq(agency.to_string()))
        .filter(row::Column::State.eq(state))
        .filter(row::Column::Source.ne(""))
        .order_by_asc(row::Column::ReceivedAt)
        .order_by_asc(row::Column::Id)
        .all(store.reader())
        .await?;
    let unreadable = |id: &str, problem: String| StoreFault::Unreadable {
        id: id.to_owned(),
        problem,
    };
    let earlier = rows.into_iter().map(|row| {
        Ok(Earlier {
            id: LoadId::parse(&row.id).map_err(|error| unreadable(&row.id, error.to_string()))?,
            source: Code::parse(&row.source)
                .map_err(|error| unreadable(&row.id, error.to_string()))?,
            as_of: row.as_of.parse().ok(),
            digest: row.digest,
            rows: u64::try_from(row.rows).unwrap_or_default(),
        })
    });
    earlier.collect()
}

/// Who sent each file in scope that was taken in and as which source it was read, by its name: of several of one name the
/// last.
///
/// # Errors
/// [`StoreFault`] when the database fails or a record cannot be read.
pub(super) async fn senders(
    store: &Store,
    scope: &Scope<SeeLoad>,
) -> Result<BTreeMap<String, (AgencyId, Code)>, StoreFault> {
    let mut loads = store.all_within(scope).await?;
    loads.sort_by_key(|(_, load)| load.received_at);
    let each = loads.into_iter().filter_map(|(_, load)| {
        let source = load.source?;
        matches!(load.state, LoadState::Taken(_))
            .then(|| (load.file.to_string(), (load.agency, source)))
    });
    Ok(each.collect())
}

/// A file that came before.
#[derive(Debug, Clone)]
pub(super) struct Earlier {
    pub(super) id: LoadId,
    /// The source, by the name of its profile.
    pub(super) source: Code,
    /// The day of which it tells.
    pub(super) as_of: Option<Date>,
    pub(super) digest: String,
    pub(super) rows: u64,
}

/// Adds the piece of a file at `place` to a batch, sealed.
///
/// # Errors
/// [`StoreFault`] when the key cannot be had.
pub(super) async fn bring_piece(
    store: &Store,
    batch: &mut Batch,
    load: &LoadId,
    place: u64,
    piece: &[u8],
) -> Result<(), StoreFault> {
    bring_text(store, batch, piece_id(load, place), piece).await
}

async fn bring_text(
    store: &Store,
    batch: &mut Batch,
    id: String,
    plain: &[u8],
) -> Result<(), StoreFault> {
    let sealed = store
        .seal_text(&KeyScope::Deployment, ORIGINAL, &id, plain)
        .await?;
    batch.add(original::ActiveModel {
        id: Set(id),
        seq: NotSet,
        key_id: Set(sealed.key_id),
        body: Set(sealed.body),
    });
    Ok(())
}

/// The piece of a file at `place`, whether it is kept already or only came; none after the last.
///
/// # Errors
/// [`StoreFault`] when the database fails or the piece was altered.
pub(super) async fn piece(
    store: &Store,
    scope: &Scope<SeeLoad>,
    load: &LoadId,
    place: u64,
) -> Result<Vec<u8>, StoreFault> {
    let id = piece_id(load, place);
    match kept_text(store, scope, &id).await? {
        Some(piece) => Ok(piece),
        None => {
            let scratch = store.scratch::<incoming::Entity>()?;
            match scratch.one(incoming::Entity::find_by_id(&id)).await? {
                Some(came) => store.open_small(&id, &came.body).await,
                None => Ok(Vec::new()),
            }
        }
    }
}

/// What is kept under this id, opened.
async fn kept_text(
    store: &Store,
    scope: &Scope<SeeLoad>,
    id: &str,
) -> Result<Option<Vec<u8>>, StoreFault> {
    let select = original::Entity::find().filter(original::Column::Id.eq(id));
    let found = store
        .brought_within(scope, select)
        .await?
        .into_iter()
        .next();
    let Some(found) = found else {
        return Ok(None);
    };
    let sealed = SealedText {
        key_id: found.key_id,
        body: found.body,
    };
    store.open_text(ORIGINAL, id, &sealed).await.map(Some)
}

/// Whether the piece of a file at `place` is kept, and will be for good.
///
/// # Errors
/// [`StoreFault`] when the database fails or the piece was altered.
pub(super) async fn is_kept(
    store: &Store,
    scope: &Scope<SeeLoad>,
    load: &LoadId,
    place: u64,
) -> Result<bool, StoreFault> {
    let id = piece_id(load, place);
    Ok(kept_text(store, scope, &id).await?.is_some())
}

/// Holds the piece of a file at `place`, sealed, until somebody has read the file.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(super) async fn hold_piece(
    store: &Store,
    load: &LoadId,
    place: u64,
    piece: &[u8],
) -> Result<(), StoreFault> {
    let id = piece_id(load, place);
    let row = incoming::ActiveModel {
        body: Set(store.seal_small(&id, piece).await?),
        load_id: Set(load.to_string()),
        came_at: Set(store.ambient().now().as_microsecond()),
        id: Set(id),
    };
    store.scratch::<incoming::Entity>()?.put(row).await
}

/// Lets go of the pieces that were held of a file.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(super) async fn let_go(store: &Store, load: &LoadId) -> Result<(), StoreFault> {
    let load = load.to_string();
    let scratch = store.scratch::<incoming::Entity>()?;
    let of_load = incoming::Column::LoadId.eq(load);
    scratch
        .remove(|rows| rows.filter(of_load))
        .await
        .map(|_| ())
}

/// Lets go of all pieces that came before `then`: what broke off on its way, or was never read.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(super) async fn let_go_of_old(store: &Store, then: i64) -> Result<u64, StoreFault> {
    let scratch = store.scratch::<incoming::Entity>()?;
    scratch
        .remove(|rows| rows.filter(incoming::Column::CameAt.lt(then)))
        .await
}

/// Adds to a batch what was found in a file that is not kept, sealed.
///
/// # Errors
/// [`StoreFault`] when the key cannot be had.
pub(super) async fn bring_found(
    store: &Store,
    batch: &mut Batch,
    load: &LoadId,
    found: &[u8],
) -> Result<(), StoreFault> {
    bring_text(store, batch, found_id(load), found).await
}

/// What was found in a file that is not kept.
///
/// # Errors
/// [`StoreFault`] when the database fails or it was altered.
pub(super) async fn found_in(
    store: &Store,
    scope: &Scope<SeeLoad>,
    load: &LoadId,
) -> Result<Option<Vec<u8>>, StoreFault> {
    kept_text(store, scope, &found_id(load)).await
}

fn found_id(load: &LoadId) -> String {
    format!("{load}:found")
}

fn piece_id(load: &LoadId, place: u64) -> String {
    format!("{load}:{place:08}")
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
        pub digest: String,
        pub state: String,
        pub as_of: String,
        pub rows: i64,
        pub quarantined: i64,
        pub findings: i64,
        pub received_at: i64,
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
        pub key_id: String,
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Pieces of files that came and were not read yet.
mod incoming {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "incoming")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub load_id: String,
        pub body: Vec<u8>,
        pub came_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
