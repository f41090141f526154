//! The figures that were given out, so that a second copy of one day says the same as the first.
//!
//! Two copies of one as-at day that were made at different hours differ by what was recorded between: by one child who was
//! parted, so that whoever holds both knows of that one. The first copy of a day is kept, and is what every later one says,
//! for whomever either is: partners read what is published too.
//!
//! What is kept is in no backup, so that a database laid back from one gives out a day's figures anew.

use clearpicture_kernel::Timestamp;
use clearpicture_kernel::ambient::microseconds;
use clearpicture_measures::{Figure, Level, Measure, RunFault, Runner, Symbol};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, integer, text};
use clearpicture_store::{Store, StoreFault};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;

use super::ask::{Ask, figures};

/// Why there are no figures for a copy.
#[derive(Debug, thiserror::Error)]
pub enum IssueFault {
    /// They cannot be made.
    #[error(transparent)]
    Run(#[from] RunFault),
    /// They cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// What was kept cannot be read.
    #[error("the figures that were given out cannot be read: {0}")]
    Kept(String),
}

/// Figures for a copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// The figures, the measure's own first.
    pub figures: Vec<Figure>,
    /// When they were first given out, where that was before.
    pub first: Option<Timestamp>,
}

/// The step that makes the table.
pub(super) fn migrations() -> Vec<Migration> {
    let columns = [text("id"), integer("made_at"), text("figures")];
    vec![Migration {
        release: "0.1",
        capability: "measures",
        number: 1,
        steps: vec![Step::Create(Table::new(
            "figure_issued",
            TableClass::Ephemeral,
            &columns,
        ))],
    }]
}

/// The figures of `measure` for a copy at the level asked for. In one that leaves they are those of the first copy of its
/// day, once there was a figure in one.
///
/// # Errors
/// [`IssueFault`].
pub async fn issued(
    store: &Store,
    runner: &dyn Runner,
    measure: &Measure,
    ask: &Ask,
) -> Result<Issued, IssueFault> {
    if ask.level == Level::Internal || !ask.level.shows(measure) {
        let figures = figures(runner, measure, ask).await?;
        return Ok(Issued {
            figures,
            first: None,
        });
    }
    // INVARIANT: the level is no part of it. What one copy said of a day all say that leave.
    let id = format!(
        "{}:{}:{}:{}",
        measure.code, measure.version, ask.month, ask.as_at
    );
    if let Some((first, figures)) = kept(store, &id).await? {
        return Ok(Issued {
            figures: at_level(figures, ask.level),
            first: Some(first),
        });
    }
    let made = figures(runner, measure, ask).await?;
    let mut issued = Issued {
        figures: made,
        first: None,
    };
    // A gap tells of nobody, and may be filled before the day is over. One that is hidden tells that they are few.
    let is_gap = |figure: &Figure| figure.symbol == Some(Symbol::NotAvailable);
    if !issued.figures.iter().all(is_gap) {
        let figures = serde_json::to_string(&issued.figures);
        let row = row::ActiveModel {
            id: Set(id.clone()),
            made_at: Set(store.ambient().now().as_microsecond()),
            figures: Set(figures.map_err(|error| IssueFault::Kept(error.to_string()))?),
        };
        // Of two copies made at once one is the first.
        if !store.scratch::<row::Entity>()?.add(row).await?
            && let Some((first, figures)) = kept(store, &id).await?
        {
            issued = Issued {
                figures: at_level(figures, ask.level),
                first: Some(first),
            };
        }
    }
    Ok(issued)
}

/// The figures of a copy for those of one level as they are for those of another. All levels that leave have one disclosure
/// control (`protect`), which these passed.
fn at_level(figures: Vec<Figure>, level: Level) -> Vec<Figure> {
    let figures = figures.into_iter();
    figures.map(|figure| Figure { level, ..figure }).collect()
}

async fn kept(store: &Store, id: &str) -> Result<Option<(Timestamp, Vec<Figure>)>, IssueFault> {
    let table = store.scratch::<row::Entity>()?;
    let Some(row) = table.one(row::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let figures = serde_json::from_str(&row.figures);
    let figures = figures.map_err(|error| IssueFault::Kept(error.to_string()))?;
    Ok(Some((microseconds(row.made_at), figures)))
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "figure_issued")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) made_at: i64,
        pub(super) figures: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
