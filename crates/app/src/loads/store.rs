//! The table of loads, and the sealed originals.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, Code, Date, TypedId as _};
use clearpicture_store::schema::{Migration, Step, Table, bytes, integer, text};
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
    vec![Migration {
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
    let id = piece_id(load, place);
    let sealed = store
        .seal_text(&KeyScope::Deployment, ORIGINAL, &id, piece)
        .await?;
    batch.add(original::ActiveModel {
        id: Set(id),
        seq: NotSet,
        key_id: Set(sealed.key_id),
        body: Set(sealed.body),
    });
    Ok(())
}

/// The piece of a file at `place`; none after the last.
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
    let select = original::Entity::find().filter(original::Column::Id.eq(&id));
    let found = store
        .brought_within(scope, select)
        .await?
        .into_iter()
        .next();
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let sealed = SealedText {
        key_id: found.key_id,
        body: found.body,
    };
    store.open_text(ORIGINAL, &id, &sealed).await
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
