//! A laying in its midst: what it has told and not committed, and what is seen of it when it breaks off.

use clearpicture_kernel::{Line, TypedId as _};
use clearpicture_store::{Batch, KeyScope, WriteError};
use futures_util::stream;
use jiff::civil::date;

use super::{World, file, open, row};
use crate::loads::intake::{At, Intake, LoadFault};
use crate::loads::rules::Agreed;
use crate::persons::{Laying, Ready};

/// A file that was kept and accepted, its laying begun, and its rows made ready.
async fn begun(world: &World, intake: &Intake<'_>, bytes: Vec<u8>) -> (At, Laying, Vec<Ready>) {
    let scope = world.scope().await;
    let examined = world.examined(&bytes);
    let name = Line::parse("csc.csv").unwrap();
    let bytes = stream::iter([Ok(bytes)]);
    let id = intake.receive(world.agency, &name, bytes).await.unwrap();
    intake
        .accept(id, &examined, Some(date(2026, 10, 1)), Agreed::default())
        .await
        .unwrap();
    let at = intake.at(id, "accepted").await.unwrap();
    let of = intake.laying_of(id, &at.load).unwrap().unwrap();
    let number = world.store.entry_of(&at.permit).await.unwrap();
    let laying = Laying::begin(&world.store, &scope, of, number)
        .await
        .unwrap();
    let mut chunks = intake.chunks(id, &at.load, laying.of()).await.unwrap();
    let rows = chunks.recv().await.unwrap().unwrap();
    (at, laying, rows)
}

#[tokio::test]
async fn rows_of_one_child_may_lie_on_both_sides_of_a_batch() {
    let world = World::new().await;
    let scope = world.scope().await;
    let intake = world.intake();
    let twice = file(&[row("1", "Ada", "Fenby"), row("1", "Ada", "Fenby")]);
    let (mut at, mut laying, rows) = begun(&world, &intake, twice).await;
    assert_eq!(rows.len(), 2);
    // Both told before either is committed, as when the one is made durable while the next is weighed.
    let mut told = Vec::new();
    for ready in rows {
        let weighed = laying
            .weigh(&world.store, &scope, vec![ready])
            .await
            .unwrap();
        let mut batch = Batch::default();
        laying
            .bring(&world.store, &scope, &mut batch, weighed)
            .await
            .unwrap();
        told.push(batch);
    }
    laying.laid(&world.store, told.last_mut().unwrap());
    for batch in told {
        let brought = world.store.lay_out(batch).unwrap();
        at = intake.change(&at, &at.load, brought).await.unwrap();
    }
    assert_eq!(laying.new_persons().count(), 1);
    world.store.verify().await.unwrap();
}

#[tokio::test]
async fn rows_are_never_kept_under_a_key_that_does_not_stand() {
    let world = World::new().await;
    let scope = world.scope().await;
    let intake = world.intake();
    let bytes = file(&[row("1", "Ada", "Fenby")]);
    let (at, mut laying, rows) = begun(&world, &intake, bytes).await;
    let weighed = laying.weigh(&world.store, &scope, rows).await.unwrap();
    let mut batch = Batch::default();
    laying
        .bring(&world.store, &scope, &mut batch, weighed)
        .await
        .unwrap();
    // Another server makes a key for the same child before the batch is committed.
    let (other, _writer) = open(&world.folder, &world.master).await;
    let subject = laying.new_persons().next().unwrap().subject;
    let of_subject = KeyScope::Subject(subject.record_id());
    other
        .seal_text(&of_subject, "told", "1", b"x")
        .await
        .unwrap();
    let brought = world.store.lay_out(batch).unwrap();
    let refused = intake.change(&at, &at.load, brought).await;
    assert!(matches!(
        refused.map(|at| at.id),
        Err(LoadFault::Write(WriteError::Taken))
    ));
    // Begun anew, all of it can be read.
    intake.take_in(at.id).await.unwrap();
    assert_eq!(world.known().await.len(), 1);
    world.store.verify().await.unwrap();
}

#[tokio::test]
async fn nothing_is_seen_of_a_file_that_is_not_laid_to_its_end() {
    let world = World::new().await;
    let before = file(&[row("1", "Ada", "Fenby")]);
    world
        .take_of(&before, Some(date(2026, 9, 1)))
        .await
        .unwrap();
    let seen = world.known().await;
    // As it stands when the server was killed: rows told, and their laying not laid.
    let scope = world.scope().await;
    let intake = world.intake();
    let later = file(&[row("1", "Ada", "Northwater"), row("2", "Ben", "Fenby")]);
    let (at, mut laying, rows) = begun(&world, &intake, later).await;
    let id = at.id;
    let weighed = laying.weigh(&world.store, &scope, rows).await.unwrap();
    let mut batch = Batch::default();
    laying
        .bring(&world.store, &scope, &mut batch, weighed)
        .await
        .unwrap();
    let brought = world.store.lay_out(batch).unwrap();
    intake.change(&at, &at.load, brought).await.unwrap();
    assert_eq!(world.known().await, seen);
    assert_eq!(world.count().await, 1);
    // The job is begun anew.
    let effect = intake.take_in(id).await.unwrap();
    assert_eq!((effect.new, effect.changed), (1, 1));
    assert_eq!(world.count().await, 2);
    assert_eq!(world.known().await.len(), 2);
    world.store.verify().await.unwrap();
}
