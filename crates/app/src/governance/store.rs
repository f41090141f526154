//! The table of decisions about look-ups.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::{Date, TypedId as _};
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::types::{LookReviewId, SeeLookReview, Verdict};

/// One decision, as lists show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) id: LookReviewId,
    pub(super) verdict: Verdict,
}

/// What was decided, by the look-ups' numbers.
pub(super) type DecidedLooks = BTreeMap<i64, Decided>;

/// What was decided about the look-ups of one week.
pub(super) async fn of_week(
    store: &Store,
    scope: &Scope<SeeLookReview>,
    week: Date,
) -> Result<DecidedLooks, StoreFault> {
    let rows = store
        .select(scope)
        .filter(row::Column::Week.eq(week.to_string()))
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let decided = Decided {
                id: LookReviewId::parse(&row.id).ok()?,
                verdict: Verdict::from_code(&row.verdict)?,
            };
            Some((row.look, decided))
        })
        .collect())
}

/// The table of decisions.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "look_review")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub look: i64,
        pub week: String,
        pub verdict: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
