//! The tables of agencies and teams.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, TypedId as _};
use clearpicture_store::{Store, StoreFault};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::types::{AgencyKind, SeeAgency, SeeTeam};
use crate::shell::page::{PER_PAGE, Pagination};

/// The agencies in scope, by name.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn of_partnership(
    store: &Store,
    scope: &Scope<SeeAgency>,
) -> Result<Vec<agency_row::Model>, StoreFault> {
    Ok(store
        .select(scope)
        .order_by_asc(agency_row::Column::Name)
        .all(store.reader())
        .await?)
}

/// One page of the agencies in scope, by name, and where it stands in the whole.
pub(super) async fn page_of(
    store: &Store,
    scope: &Scope<SeeAgency>,
    page: u64,
) -> Result<(Vec<agency_row::Model>, Pagination), StoreFault> {
    let pagination = Pagination::of(page, store.count(scope, &Condition::all()).await?);
    let rows = store
        .select(scope)
        .order_by_asc(agency_row::Column::Name)
        .order_by_asc(agency_row::Column::Id)
        .offset(pagination.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, pagination))
}

/// The row of one agency in scope: its name and its duty number.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn find(
    store: &Store,
    scope: &Scope<SeeAgency>,
    agency: AgencyId,
) -> Result<Option<agency_row::Model>, StoreFault> {
    Ok(store
        .select(scope)
        .filter(agency_row::Column::Id.eq(agency.to_string()))
        .one(store.reader())
        .await?)
}

/// How many teams in scope still work, by agency.
pub(super) async fn team_counts(
    store: &Store,
    scope: &Scope<SeeTeam>,
) -> Result<BTreeMap<String, i64>, StoreFault> {
    let counts: Vec<(String, i64)> = store
        .select(scope)
        .filter(team_row::Column::Active.eq(true))
        .select_only()
        .column(team_row::Column::AgencyId)
        .column_as(team_row::Column::Id.count(), "teams")
        .group_by(team_row::Column::AgencyId)
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(counts.into_iter().collect())
}

/// The names of these teams, of those in scope.
pub(super) async fn team_names(
    store: &Store,
    scope: &Scope<SeeTeam>,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, String>, StoreFault> {
    let rows = store
        .select(scope)
        .filter(team_row::Column::Id.is_in(ids))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The teams in scope of one agency, by name.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn teams_of(
    store: &Store,
    scope: &Scope<SeeTeam>,
    agency: AgencyId,
) -> Result<Vec<team_row::Model>, StoreFault> {
    Ok(store
        .select(scope)
        .filter(team_row::Column::AgencyId.eq(agency.to_string()))
        .order_by_asc(team_row::Column::Name)
        .all(store.reader())
        .await?)
}

/// The name of every agency. Not personal, and known to everyone who signs in.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn names(store: &Store) -> Result<BTreeMap<AgencyId, String>, StoreFault> {
    let rows = agency_row::Entity::find().all(store.reader()).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((AgencyId::parse(&row.id).ok()?, row.name)))
        .collect())
}

/// The same, where whereabouts of a child are withheld: a school or college is called by its kind, since its name tells
/// where the child is.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn names_of_no_school(store: &Store) -> Result<BTreeMap<AgencyId, String>, StoreFault> {
    let rows = agency_row::Entity::find().all(store.reader()).await?;
    let called = |row: agency_row::Model| {
        let id = AgencyId::parse(&row.id).ok()?;
        let name = match tells_where(&row) {
            true => EDUCATION.to_owned(),
            false => row.name,
        };
        Some((id, name))
    };
    Ok(rows.into_iter().filter_map(called).collect())
}

/// What a school or college is called where its name would tell where a child is.
pub const EDUCATION: &str = "Education";

/// Whether an agency's name and number tell where the children are of whom it tells.
pub fn tells_where(row: &agency_row::Model) -> bool {
    row.kind == AgencyKind::Education.code()
}

/// The name of one agency; empty for none.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn name_of(store: &Store, agency: Option<AgencyId>) -> Result<String, StoreFault> {
    let Some(agency) = agency else {
        return Ok(String::new());
    };
    let row = agency_row::Entity::find_by_id(agency.to_string())
        .one(store.reader())
        .await?;
    Ok(row.map(|row| row.name).unwrap_or_default())
}

/// The name of an agency that takes part; `None` for one that no longer does, or was never there.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn taking_part(store: &Store, agency: AgencyId) -> Result<Option<String>, StoreFault> {
    let row = agency_row::Entity::find_by_id(agency.to_string())
        .filter(agency_row::Column::Active.eq(true))
        .one(store.reader())
        .await?;
    Ok(row.map(|row| row.name))
}

/// The agency with this code, for the command line and the API.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn by_code(store: &Store, code: &str) -> Result<Option<AgencyId>, StoreFault> {
    let row = agency_row::Entity::find()
        .filter(agency_row::Column::Code.eq(code))
        .one(store.reader())
        .await?;
    Ok(row.and_then(|row| AgencyId::parse(&row.id).ok()))
}

/// The table of agencies.
pub(super) mod agency_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "agency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub code: String,
        pub name: String,
        pub kind: String,
        pub duty_number: String,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table of teams.
pub(super) mod team_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "team")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub agency_id: String,
        pub name: String,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
