//! Writing and reading records.

use std::sync::Arc;

use clearpicture_access::{Grants, Resource};
use clearpicture_kernel::{AgencyId, Timestamp, TypedId as _};
use clearpicture_store::{ChangesWanted, Receipt, WriteError};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, EntityTrait as _};

use crate::note::{AddNote, EditNote, Note, SeeNote, row};
use crate::place::{Place, on_both};
use crate::world::{World, purpose, start};

on_both!(
    what_was_written_is_read_now_and_as_at_any_moment,
    the_second_to_save_one_version_loses_nothing,
    of_two_writers_at_once_one_wins,
    twenty_writers_leave_a_sequence_without_gaps,
    two_servers_never_show_a_later_entry_before_an_earlier_one,
    recorded_time_never_falls,
    a_bar_given_after_the_permit_refuses_the_write,
    a_class_changed_after_the_permit_refuses_the_write,
    permits_to_make_and_to_change_are_not_interchangeable,
    a_value_taken_in_a_group_leaves_the_others_committed,
    changes_committed_together_all_happen_or_none,
    two_who_meet_a_subject_at_once_share_its_key,
    a_list_holds_the_rows_within_the_scope,
);

async fn what_was_written_is_read_now_and_as_at_any_moment(place: &Place) {
    let world = World::at(place).await;
    let first = Note {
        urgent: true,
        due_at: Some(start()),
        mark: Some(vec![0, 255]),
        ..world.a_note()
    };
    let id = world.add(&first).await;
    assert_eq!(world.load(&id).await, first);

    world.pass(60);
    let second = first.saying("Seen again: \u{1F469}\u{200D}\u{1F467}, caf\u{E9}, \u{10A0}.");
    let receipt = world.change(&id, &second).await;
    assert_eq!((receipt.seq, receipt.version), (2, 2));
    assert_eq!(world.load(&id).await, second);

    let permit = world.may_see(&id).await;
    let as_at =
        async |moment: Timestamp| world.store.load_as_at(&permit, moment).await.expect("read");
    assert_eq!(as_at(start()).await, None);
    assert_eq!(as_at(receipt.recorded_at).await, Some(first));
    assert_eq!(as_at(Timestamp::MAX).await, Some(second));

    let history = world
        .store
        .history(&permit, ChangesWanted::ALL)
        .await
        .expect("read");
    let told: Vec<_> = history
        .iter()
        .map(|past| (past.version, past.action.as_str(), past.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "notes.edit", Some("It was not so.")),
            (1, "notes.add", None)
        ]
    );
    assert_eq!(history[0].author.actor, "worker_00000000000000000000000001");
    assert_eq!(history[0].author.agency, world.here.to_string());
    assert_eq!(history[0].purpose, "casework");
    assert_eq!(history[0].before, history[1].said);
    assert_eq!(history[1].before, Vec::new());

    // A page of it is read with what was said before, even when that is no part of the page.
    let actor = history[0].author.actor.as_str();
    let wanted = |actor, after| ChangesWanted {
        actor: Some(actor),
        after,
        most: 1,
    };
    let page = async |wanted| world.store.history(&permit, wanted).await.expect("read");
    assert_eq!(page(wanted(actor, 0)).await, history[..1]);
    assert_eq!(page(wanted(actor, 1)).await, history[1..]);
    assert_eq!(
        page(wanted("worker_00000000000000000000000009", 0)).await,
        []
    );
    let count = async |actor| {
        world
            .store
            .count_changes(&permit, actor)
            .await
            .expect("counted")
    };
    assert_eq!(count(None).await, 2);
    assert_eq!(count(Some("nobody")).await, 0);
    let authors = world.store.authors(&permit).await.expect("read");
    assert_eq!(authors.len(), 1);
    assert!(authors.contains(&history[0].author));
    world.close().await;
}

async fn the_second_to_save_one_version_loses_nothing(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let id = world.add(&note).await;
    let (first, second) = (world.may_edit(&id).await, world.may_edit(&id).await);
    let saved = note.saying("The first to save.");
    world
        .store
        .change(&first, &saved, None)
        .await
        .expect("saved");
    let own = note.saying("The second to save.");
    match world.store.change(&second, &own, None).await {
        Err(WriteError::Conflict { id: told, current }) => {
            assert_eq!((told, current), (id.to_string(), 2));
        }
        other => panic!("{other:?}"),
    }
    // Both texts are at hand: one in the database, one with whoever was refused, who may now save it on top.
    assert_eq!(world.load(&id).await, saved);
    world.change(&id, &own).await;
    assert_eq!(world.load(&id).await, own);
    world.close().await;
}

async fn of_two_writers_at_once_one_wins(place: &Place) {
    let world = World::at(place).await;
    for _ in 0..10 {
        let note = world.a_note();
        let id = world.add(&note).await;
        let permits = (world.may_edit(&id).await, world.may_edit(&id).await);
        let (one, two) = tokio::join!(
            world.store.change(&permits.0, &note, None),
            world.store.change(&permits.1, &note, None),
        );
        let won = [one, two].into_iter().filter(Result::is_ok).count();
        assert_eq!(won, 1);
    }
    world.close().await;
}

/// The last number in history and how many there are.
async fn end_and_count(connection: &DatabaseConnection) -> (i64, i64) {
    let select = "SELECT coalesce(max(seq), 0) AS last, count(*) AS entries FROM history_entry";
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), select);
    let row = connection.query_one_raw(statement).await.expect("read");
    let row = row.expect("one row");
    let read = |column| row.try_get("", column).expect("a number");
    (read("last"), read("entries"))
}

async fn write_ten(world: Arc<World>) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for _ in 0..10 {
        receipts.push(world.try_add(&world.a_note()).await.expect("added").1);
    }
    receipts
}

async fn twenty_writers_leave_a_sequence_without_gaps(place: &Place) {
    let world = Arc::new(World::at(place).await);
    let writers = (0..20).map(|_| tokio::spawn(write_ten(Arc::clone(&world))));
    let mut numbers: Vec<i64> = join_all(writers)
        .await
        .into_iter()
        .flat_map(|receipts| receipts.expect("written"))
        .map(|receipt| receipt.seq)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
    assert_eq!(end_and_count(world.store.reader()).await, (200, 200));
    let verified = world.store.verify().await.expect("whole");
    assert_eq!(verified.to_string(), "verified 200 entries, 0 seals");
}

async fn two_servers_never_show_a_later_entry_before_an_earlier_one(place: &Place) {
    let one = World::at(place).await;
    let mut two = World::at(place).await;
    // Titles must differ between the two.
    two.here = AgencyId::fresh(&two.ambient);
    two.worker.agency = Some(two.here);
    let worlds = [Arc::new(one), Arc::new(two)];
    let reader = place.behind().await;
    let (done, finished) = tokio::sync::watch::channel(false);
    let poll = tokio::spawn(async move {
        let mut polls = 0;
        while !*finished.borrow() {
            let (end, count) = end_and_count(&reader).await;
            assert_eq!(end, count);
            polls += 1;
        }
        polls
    });
    let writers = (0..16).map(|number| {
        let world = Arc::clone(&worlds[number % 2]);
        tokio::spawn(async move {
            for round in 0..10 {
                let note = Note::new(world.here, &format!("Note {number}/{round}"));
                world.add(&note).await;
            }
        })
    });
    for writer in join_all(writers).await {
        writer.expect("written");
    }
    done.send_replace(true);
    assert!(poll.await.expect("never a gap") > 0);
    assert_eq!(worlds[0].store.verify().await.expect("whole").entries, 160);
}

async fn recorded_time_never_falls(place: &Place) {
    let world = World::at(place).await;
    let (_, before) = world.try_add(&world.a_note()).await.expect("added");
    world.pass(-86_400);
    let (id, after) = world.try_add(&world.a_note()).await.expect("added");
    assert_eq!(after.recorded_at, before.recorded_at);
    world.load(&id).await;
    world.pass(-86_400);
    world.load(&id).await;
    world.store.verify().await.expect("whole");
    world.close().await;
}

fn is_stale<T>(result: &Result<T, WriteError>) -> bool {
    matches!(result, Err(WriteError::Stale { .. }))
}

async fn a_bar_given_after_the_permit_refuses_the_write(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let id = world.add(&note).await;
    let permit = world.may_edit(&id).await;
    world.bar(id.record_id()).await;
    let refused = world
        .store
        .change(&permit, &note.saying("Mine."), None)
        .await;
    assert!(is_stale(&refused), "{refused:?}");
    // And for whom it is barred, it does not exist.
    let resource = world.store.resource::<Note>(&world.worker, &id).await;
    assert_eq!(resource.expect("read"), None);
    world.close().await;
}

async fn a_class_changed_after_the_permit_refuses_the_write(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let id = world.add(&note).await;
    let permit = world.may_edit(&id).await;
    let elsewhere = World::class_elsewhere().id().0;
    let update = format!("UPDATE note SET class_id = {elsewhere}");
    place
        .behind()
        .await
        .execute_unprepared(&update)
        .await
        .expect("updated");
    let refused = world
        .store
        .change(&permit, &note.saying("Mine."), None)
        .await;
    assert!(is_stale(&refused), "{refused:?}");
    world.close().await;
}

async fn permits_to_make_and_to_change_are_not_interchangeable(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let id = world.add(&note).await;
    let there = world.resource(&id).await;
    let absent = Resource {
        id: crate::note::NoteId::fresh(&world.ambient).record_id(),
        version: 0,
        class: there.class.clone(),
        grants: Grants::NONE,
    };
    let add = world
        .access
        .permit::<AddNote>(&world.worker, there, &purpose());
    let added = world.store.add(&add.expect("allowed"), &note, None).await;
    assert!(is_stale(&added), "{added:?}");
    let edit = world
        .access
        .permit::<EditNote>(&world.worker, absent, &purpose());
    let edited = world
        .store
        .change(&edit.expect("allowed"), &note, None)
        .await;
    assert!(is_stale(&edited), "{edited:?}");
    world.close().await;
}

async fn a_value_taken_in_a_group_leaves_the_others_committed(place: &Place) {
    let world = World::at(place).await;
    let mut notes: Vec<Note> = (0..9).map(|_| world.a_note()).collect();
    notes.push(notes[4].clone());
    let results = join_all(notes.iter().map(|note| world.try_add(note))).await;
    let taken = results
        .iter()
        .filter(|r| matches!(r, Err(WriteError::Taken)))
        .count();
    let added = results.iter().filter(|r| r.is_ok()).count();
    assert_eq!((added, taken), (9, 1));
    assert_eq!(end_and_count(world.store.reader()).await, (9, 9));
    world.store.verify().await.expect("whole");
    world.close().await;
}

async fn changes_committed_together_all_happen_or_none(place: &Place) {
    let world = World::at(place).await;
    let note = world.a_note();
    let mut changes = Vec::new();
    for note in [&note, &world.a_note(), &note] {
        let (_, permit) = world.may_add(note);
        changes.push(
            world
                .store
                .prepare_add(&permit, note, None)
                .await
                .expect("prepared"),
        );
    }
    let refused = world.store.commit(changes).await;
    assert!(matches!(refused, Err(WriteError::Taken)), "{refused:?}");
    assert_eq!(end_and_count(world.store.reader()).await, (0, 0));
    let rows = row::Entity::find()
        .all(world.store.reader())
        .await
        .expect("read");
    assert!(rows.is_empty());
    world.close().await;
}

async fn two_who_meet_a_subject_at_once_share_its_key(place: &Place) {
    let (one, two) = (World::at(place).await, World::at(place).await);
    let about = |world: &World, title: &str| Note {
        about: Some(
            "subject_00000000000000000000000009"
                .to_owned()
                .try_into()
                .expect("an id"),
        ),
        ..Note::new(world.here, title)
    };
    let notes: Vec<Note> = ["a", "b", "c", "d"]
        .map(|title| about(&one, title))
        .to_vec();
    let ids = join_all([
        one.add(&notes[0]),
        one.add(&notes[1]),
        two.add(&notes[2]),
        two.add(&notes[3]),
    ])
    .await;
    for (id, note) in ids.iter().zip(&notes) {
        assert_eq!(one.load(id).await, *note);
        assert_eq!(two.load(id).await, *note);
    }
    // In one commit as well.
    let mut changes = Vec::new();
    for title in ["e", "f"] {
        let note = Note {
            about: Some(
                "subject_00000000000000000000000008"
                    .to_owned()
                    .try_into()
                    .expect("an id"),
            ),
            ..Note::new(one.here, title)
        };
        let (_, permit) = one.may_add(&note);
        changes.push(
            one.store
                .prepare_add(&permit, &note, None)
                .await
                .expect("prepared"),
        );
    }
    one.store.commit(changes).await.expect("committed");
    one.close().await;
    two.close().await;
}

async fn a_list_holds_the_rows_within_the_scope(place: &Place) {
    let world = World::at(place).await;
    let ids = [
        world.add(&world.a_note()).await,
        world.add(&world.a_note()).await,
    ];
    let list = async |world: &World| {
        let scope = world
            .store
            .scope::<SeeNote>(&world.access, &world.worker, &purpose())
            .await
            .expect("a scope");
        let rows = world.store.select(&scope).all(world.store.reader()).await;
        rows.expect("read")
            .into_iter()
            .map(|row| row.id)
            .collect::<Vec<_>>()
    };
    let mut all = ids.map(|id| id.to_string()).to_vec();
    assert_eq!(
        {
            let mut found = list(&world).await;
            found.sort();
            found
        },
        {
            all.sort();
            all
        }
    );
    world.bar(ids[0].record_id()).await;
    assert_eq!(list(&world).await, [ids[1].to_string()]);
    let mut stranger = World::at(place).await;
    stranger.worker.agency = Some(AgencyId::fresh(&stranger.ambient));
    assert!(list(&stranger).await.is_empty());
    stranger.close().await;
    world.close().await;
}
