//! The tables of decisions about look-ups, and of breach assessments.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::{Date, PersonId, TypedId as _};
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::breach::SeeBreachAssessment;
use super::types::{LookReviewId, SeeLookReview, Verdict};
use crate::persons::{self, SeePerson};
use crate::shell::Pagination;
use crate::shell::page::PER_PAGE;

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

/// Whether parting this version of a person was assessed.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn is_assessed(
    store: &Store,
    scope: &Scope<SeeBreachAssessment>,
    person: PersonId,
    version: u32,
) -> Result<bool, StoreFault> {
    let this = Condition::all()
        .add(assessments::Column::Person.eq(person.to_string()))
        .add(assessments::Column::PersonVersion.eq(i64::from(version)));
    Ok(store.count(scope, &this).await? > 0)
}

/// The assessments of which the reader may know every child: none tells of a picture from which they are barred.
fn known(store: &Store, persons: &Scope<SeePerson>) -> Condition {
    let seen = persons::subjects_in(store, persons);
    [
        assessments::Column::Whose,
        assessments::Column::One,
        assessments::Column::Other,
    ]
    .into_iter()
    .fold(Condition::all(), |all, column| {
        all.add(column.in_subquery(seen.clone()))
    })
}

/// One page of the assessments: those that wait first, by how long ago they were due or how soon they are; then those
/// that are settled, the newest first.
pub(super) async fn assessments_in(
    store: &Store,
    scope: &Scope<SeeBreachAssessment>,
    persons: &Scope<SeePerson>,
    page: u64,
) -> Result<(Vec<assessments::Model>, Pagination), StoreFault> {
    let known = known(store, persons);
    let page = Pagination::of(page, store.count(scope, &known).await?);
    let soonest: SimpleExpr = Expr::case(
        assessments::Column::Settled.eq(false),
        Expr::col(assessments::Column::DueAt),
    )
    .finally(Expr::val(0).sub(Expr::col(assessments::Column::DueAt)))
    .into();
    let rows = store
        .select(scope)
        .filter(known)
        .order_by_asc(assessments::Column::Settled)
        .order_by(soonest, Order::Asc)
        .order_by_asc(assessments::Column::Id)
        .offset(page.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, page))
}

/// How many assessments wait, and how many of those are overdue.
pub(super) async fn assessments_waiting(
    store: &Store,
    scope: &Scope<SeeBreachAssessment>,
    persons: &Scope<SeePerson>,
) -> Result<(u64, u64), StoreFault> {
    let wait = known(store, persons).add(assessments::Column::Settled.eq(false));
    let now = store.ambient().now().as_microsecond();
    let overdue = wait.clone().add(assessments::Column::DueAt.lt(now));
    Ok((
        store.count(scope, &wait).await?,
        store.count(scope, &overdue).await?,
    ))
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

/// The table of breach assessments.
pub(super) mod assessments {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "breach_assessment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub person: String,
        pub person_version: i64,
        pub whose: String,
        pub one: String,
        pub other: String,
        pub due_at: i64,
        pub settled: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
