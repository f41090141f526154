//! Tables without a history.

use clearpicture_store::{StoreFault, grant_row};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use crate::note::{row, seat};
use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    rows_are_added_once_put_changed_and_removed,
    a_table_with_a_history_is_refused,
);

fn seat(id: &str, holder: &str, taken_at: i64) -> seat::ActiveModel {
    seat::ActiveModel {
        id: Set(id.to_owned()),
        holder: Set(holder.to_owned()),
        taken_at: Set(taken_at),
    }
}

async fn rows_are_added_once_put_changed_and_removed(place: &Place) {
    let world = World::at(place).await;
    let seats = world.store.scratch::<seat::Entity>().expect("ephemeral");
    assert!(seats.add(seat("a", "amal", 1)).await.expect("added"));
    assert!(
        !seats
            .add(seat("a", "bea", 2))
            .await
            .expect("its key is taken")
    );
    assert!(
        !seats
            .add(seat("b", "amal", 2))
            .await
            .expect("its holder is taken")
    );
    seats.put(seat("a", "amal", 3)).await.expect("put in place");
    seats.put(seat("b", "bea", 4)).await.expect("put beside");
    // What is not set stays as it is.
    let only_the_holder = seat::ActiveModel {
        id: Set("b".to_owned()),
        holder: Set("cem".to_owned()),
        taken_at: Set(4),
    };
    seats.put(only_the_holder).await.expect("put in place");
    let found = seats
        .one(seats.find().filter(seat::Column::Holder.eq("cem")))
        .await;
    assert_eq!(found.expect("read").expect("there").taken_at, 4);

    let changed = seats
        .change(|seats| {
            seats
                .col_expr(
                    seat::Column::TakenAt,
                    sea_orm::ExprTrait::add(Expr::col(seat::Column::TakenAt), 10),
                )
                .filter(seat::Column::TakenAt.lt(4))
        })
        .await;
    assert_eq!(changed.expect("changed"), 1);
    let mut times: Vec<i64> = seats
        .all(seats.find())
        .await
        .expect("read")
        .into_iter()
        .map(|seat| seat.taken_at)
        .collect();
    times.sort_unstable();
    assert_eq!(times, [4, 13]);
    let removed = seats
        .remove(|seats| seats.filter(seat::Column::TakenAt.eq(13)))
        .await;
    assert_eq!(removed.expect("removed"), 1);
    assert_eq!(seats.all(seats.find()).await.expect("read").len(), 1);
    world.close().await;
}

async fn a_table_with_a_history_is_refused(place: &Place) {
    let world = World::at(place).await;
    let note = world.store.scratch::<row::Entity>().err();
    assert!(matches!(note, Some(StoreFault::NotScratch(table)) if table == "note"));
    assert!(world.store.scratch::<grant_row::Entity>().is_err());
    world.close().await;
}
