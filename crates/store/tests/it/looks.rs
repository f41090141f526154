//! The read log.

use clearpicture_store::StoreFault;
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use crate::note::SeeNote;
use crate::place::{Place, on_both};
use crate::world::{World, purpose};

on_both!(
    one_row_for_each_quarter_of_an_hour,
    one_row_for_each_list_taken_away,
    nobody_opens_records_about_people_many_at_once,
);

/// The columns of the read log that tell who looked at what.
async fn rows(connection: &DatabaseConnection) -> Vec<(String, String, String)> {
    let select = Query::select()
        .columns(["looker", "record_id", "purpose"].map(Alias::new))
        .from(Alias::new("read_log"))
        .order_by(Alias::new("seq"), sea_orm::Order::Asc)
        .to_owned();
    let rows = connection.query_all(&select).await.expect("read");
    let read = |row: &sea_orm::QueryResult, column| row.try_get("", column).expect("text");
    rows.iter()
        .map(|row| {
            (
                read(row, "looker"),
                read(row, "record_id"),
                read(row, "purpose"),
            )
        })
        .collect()
}

async fn one_row_for_each_quarter_of_an_hour(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    assert!(rows(world.store.reader()).await.is_empty());
    // Nine o'clock begins a quarter: two openings within it are one row, however many ask at once.
    tokio::join!(world.load(&id), world.load(&id));
    world.pass(899);
    world.load(&id).await;
    assert_eq!(rows(world.store.reader()).await.len(), 1);
    world.pass(1);
    world.load(&id).await;
    let worker = world.worker.identity.to_string();
    let row = (worker, id.to_string(), "casework".to_owned());
    assert_eq!(rows(world.store.reader()).await, [row.clone(), row]);
    assert_eq!(world.store.verify().await.expect("whole").looks, 2);
    world.close().await;
}

async fn one_row_for_each_list_taken_away(place: &Place) {
    let world = World::at(place).await;
    for _ in 0..2 {
        world.add(&world.a_note()).await;
    }
    let scope = world
        .store
        .scope::<SeeNote>(&world.access, &world.worker, &purpose())
        .await
        .expect("a scope");
    // Within one quarter of an hour, and still each file has a row, whatever the number of records in it.
    for _ in 0..2 {
        let noted = world.store.note_list(&scope, "notes").await;
        noted.expect("noted");
    }
    let worker = world.worker.identity.to_string();
    let row = (worker, "list:notes".to_owned(), "casework".to_owned());
    assert_eq!(rows(world.store.reader()).await, [row.clone(), row]);
    assert_eq!(world.store.verify().await.expect("whole").looks, 2);
    world.close().await;
}

async fn nobody_opens_records_about_people_many_at_once(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let scope = world
        .store
        .scope::<SeeNote>(&world.access, &world.worker, &purpose())
        .await
        .expect("a scope");
    let refused = world.store.some_seen(&scope, &[id]).await;
    assert!(
        matches!(refused, Err(StoreFault::NotTheProduct)),
        "{refused:?}"
    );
    assert!(rows(world.store.reader()).await.is_empty());
    world.close().await;
}
