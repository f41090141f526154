//! Someone alters rows that decide something: nothing is opened by them.

use clearpicture_kernel::TypedId as _;
use clearpicture_store::StoreFault;
use sea_orm::{ConnectionTrait as _, EntityTrait as _};

use crate::note::{Note, row};
use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    an_altered_row_opens_nothing_until_it_is_put_back,
    a_row_put_back_to_an_older_version_opens_nothing,
    a_grant_made_or_a_bar_lifted_behind_history_opens_nothing,
    a_keyed_digest_is_this_deployments_own,
);

/// The column that a refusal names.
async fn refused_column(world: &World, id: &crate::note::NoteId) -> String {
    match world.store.resource::<Note>(&world.worker, id).await {
        Err(StoreFault::RowAltered { column, .. }) => column,
        other => panic!("not refused: {other:?}"),
    }
}

async fn an_altered_row_opens_nothing_until_it_is_put_back(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let other = world.add(&world.a_note()).await;
    let behind = place.behind().await;
    let alter = async |column: &str, to: &str| {
        let statement = format!("UPDATE note SET {column} = {to} WHERE id = '{id}'");
        let done = behind.execute_unprepared(&statement).await;
        assert_eq!(done.expect("altered").rows_affected(), 1);
    };
    let before = world.resource(&id).await;
    for (column, to, back) in [
        ("title", "'Another'", "'Note 0'".to_owned()),
        ("urgent", "TRUE", "FALSE".to_owned()),
        ("due_at", "12", "NULL".to_owned()),
        ("class_id", "12", before.class.id().0.to_string()),
        ("version", "2", "1".to_owned()),
    ] {
        alter(column, to).await;
        assert_eq!(refused_column(&world, &id).await, column);
        let proven = world
            .store
            .one_proven::<Note>(row::Entity::find_by_id(id.to_string()))
            .await;
        assert!(matches!(proven, Err(StoreFault::RowAltered { .. })));
        // Nobody else's record is any the worse for it.
        world.load(&other).await;
        alter(column, &back).await;
        world.load(&id).await;
    }
    // A row that history never held.
    let copied = format!(
        "INSERT INTO note SELECT 'note_00000000000000000000000009', version, class_id, 'New', urgent, due_at, mark \
         FROM note WHERE id = '{id}'"
    );
    behind.execute_unprepared(&copied).await.expect("added");
    let added = crate::note::NoteId::parse("note_00000000000000000000000009").expect("an id");
    assert_eq!(refused_column(&world, &added).await, "version");
    world.close().await;
}

async fn a_row_put_back_to_an_older_version_opens_nothing(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let id = world.add(&note).await;
    let behind = place.behind().await;
    for statement in [
        "CREATE TABLE kept_aside AS SELECT * FROM note",
        "DELETE FROM note",
        "INSERT INTO note SELECT * FROM kept_aside",
    ] {
        behind.execute_unprepared(statement).await.expect("done");
        if statement.starts_with("CREATE") {
            world
                .change(&id, &note.saying("It was somebody else."))
                .await;
        }
    }
    assert_eq!(refused_column(&world, &id).await, "version");
    world.close().await;
}

async fn a_grant_made_or_a_bar_lifted_behind_history_opens_nothing(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let behind = place.behind().await;
    let holder = world.worker.identity.to_string();
    let planted = format!(
        "INSERT INTO access_grant (id, version, class_id, holder, on_record, relation, starts_at) \
         VALUES ('grant_00000000000000000000000009', 1, 1, '{holder}', '{id}', 'involved', 0)"
    );
    behind.execute_unprepared(&planted).await.expect("planted");
    assert_eq!(refused_column(&world, &id).await, "version");
    behind
        .execute_unprepared("DELETE FROM access_grant")
        .await
        .expect("taken away again");
    world.bar(id.record_id()).await;
    let barred = world.store.resource::<Note>(&world.worker, &id).await;
    assert_eq!(barred.expect("read"), None);
    for (lifted, column) in [
        ("ends_at = 1", "ends_at"),
        ("ends_at = NULL, relation = 'involved'", "relation"),
        (
            "relation = 'barred', starts_at = 4000000000000000",
            "starts_at",
        ),
    ] {
        let statement = format!("UPDATE access_grant SET {lifted}");
        behind
            .execute_unprepared(&statement)
            .await
            .expect("altered");
        assert_eq!(refused_column(&world, &id).await, column);
    }
    world.close().await;
}

async fn a_keyed_digest_is_this_deployments_own(place: &Place) {
    let (world, elsewhere) = (World::at(place).await, Place::new(place.kind).await);
    let other = World::at(&elsewhere).await;
    let digest = world.store.keyed_digest("seat", &["a", "bc"]);
    assert_eq!(world.store.keyed_digest("seat", &["a", "bc"]), digest);
    assert!(world.store.is_keyed_digest(&digest, "seat", &["a", "bc"]));
    for (what, parts) in [("seat", ["ab", "c"]), ("chair", ["a", "bc"])] {
        assert!(!world.store.is_keyed_digest(&digest, what, &parts));
    }
    for claimed in ["", "00", "no digest"] {
        assert!(!world.store.is_keyed_digest(claimed, "seat", &["a", "bc"]));
    }
    // The same master key, and yet another database: its keys are its own.
    assert_ne!(other.store.keyed_digest("seat", &["a", "bc"]), digest);
    world.close().await;
    other.close().await;
    elsewhere.clear().await;
}
