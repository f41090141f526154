//! Making a database from history alone.

use sea_orm::ConnectionTrait as _;

use crate::note::Note;
use crate::place::{Place, on_both};
use crate::world::{World, start};

on_both!(
    a_rebuilt_database_is_identical,
    a_record_changed_behind_historys_back_is_named,
    a_database_in_use_is_no_place_for_a_rebuild,
    a_rebuild_reads_one_moment_while_others_write,
);

/// Records with every kind of value, changed now and then, and rows of every class of table.
pub(crate) async fn furnish(world: &World, place: &Place) {
    for number in 0..5 {
        let note = Note {
            urgent: number % 2 == 0,
            due_at: (number % 3 == 0).then(start),
            mark: (number > 2).then(|| vec![number; usize::from(number)]),
            about: (number > 1).then(|| {
                let subject = format!(
                    "subject_{}",
                    clearpicture_kernel::id::encode(u128::from(number))
                );
                subject.try_into().expect("an id")
            }),
            ..world.a_note()
        };
        let id = world.add(&note).await;
        world.load(&id).await;
        if number % 2 == 1 {
            world.change(&id, &note.saying("Changed.")).await;
        }
    }
    let behind = place.behind().await;
    for number in 0..450 {
        let line = if number % 2 == 0 { "NULL" } else { "'a line'" };
        let raw = match place.kind {
            crate::place::Kind::Sqlite => "x'00ff'",
            crate::place::Kind::Postgres => "'\\x00ff'",
        };
        let insert = format!("INSERT INTO note_source VALUES ({number}, {line}, {raw})");
        behind.execute_unprepared(&insert).await.expect("inserted");
    }
    let seat = "INSERT INTO seat VALUES ('seat', 'somebody', 1)";
    behind.execute_unprepared(seat).await.expect("inserted");
    world.pass(60);
    world.store.seal_due().await.expect("sealed");
}

async fn a_rebuilt_database_is_identical(place: &Place) {
    let world = World::at(place).await;
    furnish(&world, place).await;
    for kind in crate::place::Kind::BOTH {
        let other = Place::new(kind).await;
        let rebuilt = world
            .store
            .rebuild_into(&other.address)
            .await
            .expect("identical");
        assert_eq!(
            rebuilt.to_string(),
            "identical: 9 tables, 474 rows at sequence 7"
        );
        // What was rebuilt is a database to work with, in which nobody is signed in.
        let again = World::at(&other).await;
        let verified = again.store.verify().await.expect("whole");
        assert_eq!(
            (verified.entries, verified.seals, verified.looks),
            (7, 1, 5)
        );
        let seats = again
            .store
            .scratch::<crate::note::seat::Entity>()
            .expect("ephemeral");
        assert!(seats.all(seats.find()).await.expect("read").is_empty());
        again.close().await;
        other.clear().await;
    }
    world.close().await;
}

async fn a_record_changed_behind_historys_back_is_named(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let behind = place.behind().await;
    for (change, says, back) in [
        (
            "UPDATE note SET title = 'Not so'".to_owned(),
            format!("the table `note` differs from history: row `{id}`, column `title`"),
            "UPDATE note SET title = 'Note 0'".to_owned(),
        ),
        (
            "UPDATE note SET due_at = 5".to_owned(),
            format!("the table `note` differs from history: row `{id}`, column `due_at`"),
            "UPDATE note SET due_at = NULL".to_owned(),
        ),
        (
            "INSERT INTO note SELECT 'note_x', 1, class_id, 'Another', urgent, NULL, NULL FROM note".to_owned(),
            "the table `note` differs from history: row `note_x` is not in it".to_owned(),
            "DELETE FROM note WHERE id = 'note_x'".to_owned(),
        ),
        (
            "DELETE FROM note".to_owned(),
            format!("the table `note` differs from history: row `{id}` is missing"),
            "DELETE FROM note".to_owned(),
        ),
    ] {
        behind.execute_unprepared(&change).await.expect("changed");
        let other = Place::new(place.kind).await;
        let differs = world.store.rebuild_into(&other.address).await.expect_err(&change);
        assert_eq!(differs.to_string(), says);
        // The rebuilt one holds what history says.
        let again = World::at(&other).await;
        again.load(&id).await;
        again.close().await;
        other.clear().await;
        behind.execute_unprepared(&back).await.expect("put back");
    }
    world.close().await;
}

async fn a_database_in_use_is_no_place_for_a_rebuild(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let refused = world
        .store
        .rebuild_into(&place.address)
        .await
        .expect_err("in use");
    assert!(
        refused
            .to_string()
            .contains("already holds tables: name an empty one"),
        "{refused}"
    );
    world.load(&id).await;
    world.close().await;
}

async fn a_rebuild_reads_one_moment_while_others_write(place: &Place) {
    let world = World::at(place).await;
    world.add_many(50).await;
    let other = Place::new(place.kind).await;
    let (rebuilt, ()) = tokio::join!(
        world.store.rebuild_into(&other.address),
        world.add_many(200)
    );
    let rebuilt = rebuilt.expect("identical");
    assert!((50..=250).contains(&rebuilt.sequence), "{rebuilt}");
    world.close().await;
    other.clear().await;
}
