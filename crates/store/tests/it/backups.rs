//! Backups, and the way back from them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearpicture_kernel::Ambient;
use clearpicture_store::schema::{Migration, Step, text};
use clearpicture_store::{Broken, Holdings, MasterKey, Restored, restore};
use sea_orm::ConnectionTrait as _;

use crate::note::{Note, holdings};
use crate::place::{Kind, Place, on_both};
use crate::rebuilds::furnish;
use crate::world::{World, master};

on_both!(
    what_was_backed_up_is_restored_on_either_database,
    a_backup_made_while_others_write_is_complete,
    a_backup_of_an_older_release_is_brought_to_this_one,
    a_backup_of_a_newer_release_is_refused,
    only_an_empty_database_is_restored_into,
    a_backup_of_a_broken_history_leaves_the_database_empty,
);

async fn back(file: &Path, to: &Place) -> Result<Restored, Broken> {
    back_with(file, to, holdings()).await
}

async fn back_with(file: &Path, to: &Place, holdings: Holdings) -> Result<Restored, Broken> {
    let holdings = Holdings::with_own([holdings]);
    restore(file, &to.address, master(), &holdings, &Ambient::system()).await
}

async fn what_was_backed_up_is_restored_on_either_database(place: &Place) {
    let world = World::at(place).await;
    furnish(&world, place).await;
    let file = place.folder().join("monday.backup");
    let made = world.store.backup(&file).await.expect("backed up");
    assert_eq!(
        made.to_string(),
        "backed up: 9 tables, 474 rows at sequence 7"
    );
    for kind in Kind::BOTH {
        let other = Place::new(kind).await;
        let restored = back(&file, &other).await.expect("restored");
        assert_eq!(restored.rows, 474);
        assert_eq!(restored.verified.to_string(), "verified 7 entries, 1 seals");
        let again = World::at(&other).await;
        // Rebuilt from its own history it is the same again: so every table came across whole.
        let third = Place::new(Kind::Sqlite).await;
        let rebuilt = again
            .store
            .rebuild_into(&third.address)
            .await
            .expect("identical");
        assert_eq!(
            rebuilt.to_string(),
            "identical: 9 tables, 474 rows at sequence 7"
        );
        // And work goes on where it stopped.
        again.add(&Note::new(again.here, "After the restore")).await;
        assert_eq!(again.store.verify().await.expect("whole").entries, 8);
        again.close().await;
        third.clear().await;
        other.clear().await;
    }
    world.close().await;
}

async fn a_backup_made_while_others_write_is_complete(place: &Place) {
    let world = Arc::new(World::at(place).await);
    world.add_many(100).await;
    let file = place.folder().join("busy.backup");
    let busy = Arc::clone(&world);
    let writing = tokio::spawn(async move { busy.add_many(300).await });
    let made = world.store.backup(&file).await.expect("backed up");
    writing.await.expect("written");
    assert!((100..=400).contains(&made.sequence), "{made}");
    let other = Place::new(place.kind).await;
    let restored = back(&file, &other).await.expect("restored");
    assert_eq!(restored.verified.entries, made.sequence.unsigned_abs());
    other.clear().await;
}

async fn a_backup_of_an_older_release_is_brought_to_this_one(place: &Place) {
    let world = World::at(place).await;
    furnish(&world, place).await;
    let file = place.folder().join("older.backup");
    world.store.backup(&file).await.expect("backed up");
    world.close().await;
    let mut newer = holdings();
    newer.migrations.push(Migration {
        release: "0.2",
        capability: "notes",
        number: 1,
        steps: vec![Step::AddColumn {
            table: "note_source",
            column: text("colour"),
        }],
    });
    let other = Place::new(place.kind).await;
    back_with(&file, &other, newer).await.expect("restored");
    let select = "SELECT colour FROM note_source";
    let behind = other.behind().await;
    behind
        .execute_unprepared(select)
        .await
        .expect("the newer column is there");
    other.clear().await;
}

async fn a_backup_of_a_newer_release_is_refused(place: &Place) {
    let world = World::at(place).await;
    let file = place.folder().join("newer.backup");
    world.store.backup(&file).await.expect("backed up");
    world.close().await;
    let other = Place::new(place.kind).await;
    let refused = back_with(&file, &other, Holdings::default())
        .await
        .expect_err("newer");
    assert!(
        refused
            .to_string()
            .contains("newer release (step `0.1/notes/001`)"),
        "{refused}"
    );
    other.clear().await;
}

async fn only_an_empty_database_is_restored_into(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    let file = place.folder().join("monday.backup");
    world.store.backup(&file).await.expect("backed up");
    let refused = back(&file, place).await.expect_err("in use");
    assert!(
        refused
            .to_string()
            .contains("already holds tables: name an empty one"),
        "{refused}"
    );
    world.load(&id).await;
    world.close().await;
}

async fn a_backup_of_a_broken_history_leaves_the_database_empty(place: &Place) {
    let world = World::at(place).await;
    world.add_many(3).await;
    let behind = place.behind_the_triggers().await;
    let update = "UPDATE history_entry SET actor = 'someone else' WHERE seq = 2";
    behind.execute_unprepared(update).await.expect("updated");
    let file = place.folder().join("broken.backup");
    world.store.backup(&file).await.expect("backed up");
    let other = Place::new(place.kind).await;
    let refused = back(&file, &other).await.expect_err("broken");
    assert_eq!(refused.to_string(), "entry 2 was altered");
    // Empty as it was: another backup can be restored into it.
    let good = place.folder().join("good.backup");
    let update = format!(
        "UPDATE history_entry SET actor = '{}'",
        world.worker.identity
    );
    behind.execute_unprepared(&update).await.expect("put back");
    world.store.backup(&good).await.expect("backed up");
    back(&good, &other).await.expect("restored");
    world.close().await;
    other.clear().await;
}

/// A backup of several pieces, of notes about one planted name.
async fn of_several_pieces() -> (Place, PathBuf) {
    let place = Place::new(Kind::Sqlite).await;
    let world = World::at(&place).await;
    for _ in 0..30 {
        let long = "Jordan Example was seen. ".repeat(799);
        world.add(&world.a_note().saying(&long)).await;
    }
    let file = place.folder().join("pieces.backup");
    world.store.backup(&file).await.expect("backed up");
    world.close().await;
    (place, file)
}

/// The first byte of each sealed piece in the file, and its end.
fn pieces(bytes: &[u8]) -> Vec<usize> {
    let length = |at: usize| {
        let length = bytes[at..at + 4].try_into().expect("four bytes");
        usize::try_from(u32::from_be_bytes(length)).expect("a length")
    };
    let magic = b"clearpicture backup 1\n".len();
    let mut at = magic + 4 + length(magic);
    let mut starts = vec![at];
    while at < bytes.len() {
        at += 5 + length(at + 1);
        starts.push(at);
    }
    starts
}

#[tokio::test]
async fn a_backup_altered_in_any_way_is_refused() {
    let (place, file) = of_several_pieces().await;
    let whole = tokio::fs::read(&file).await.expect("read");
    let at = pieces(&whole);
    assert!(at.len() >= 4, "at least three pieces: {at:?}");
    let other = Place::new(Kind::Sqlite).await;
    let refuses = async |bytes: &[u8], how: &str| {
        let altered = place.folder().join("altered.backup");
        tokio::fs::write(&altered, bytes).await.expect("written");
        let refused = match back(&altered, &other).await {
            Ok(_) => panic!("restored {how}"),
            Err(refused) => refused.to_string(),
        };
        assert!(
            refused.starts_with("the backup cannot be used: "),
            "{how}: {refused}"
        );
    };
    let places = (0..300).chain((300..whole.len()).step_by(whole.len() / 40));
    for place in places.chain(at.iter().take(at.len() - 1).copied()) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        refuses(&bytes, &format!("with byte {place} altered")).await;
    }
    for end in at
        .iter()
        .copied()
        .flat_map(|end| [end.saturating_sub(1), end])
    {
        if end < whole.len() {
            refuses(&whole[..end], &format!("cut short at {end}")).await;
        }
    }
    refuses(&[&whole[..], &[0]].concat(), "with a byte after its end").await;
    let (first, second, rest) = (&whole[at[0]..at[1]], &whole[at[1]..at[2]], &whole[at[2]..]);
    let beginning = &whole[..at[0]];
    refuses(
        &[beginning, second, first, rest].concat(),
        "with two pieces in each other's place",
    )
    .await;
    refuses(
        &[beginning, first, first, second, rest].concat(),
        "with a piece repeated",
    )
    .await;
    refuses(&[beginning, first, rest].concat(), "with a piece left out").await;
    // A piece of another backup of the same database.
    let world = World::at(&place).await;
    let file = place.folder().join("another.backup");
    world.store.backup(&file).await.expect("backed up");
    world.close().await;
    let another = tokio::fs::read(&file).await.expect("read");
    refuses(
        &[beginning, &another[at[0]..at[1]], second, rest].concat(),
        "with another's piece",
    )
    .await;
    let empty: &[u8] = &[];
    refuses(empty, "an empty file").await;
    place.clear().await;
}

#[tokio::test]
async fn a_backup_is_sealed_whole_or_not_there() {
    let (place, file) = of_several_pieces().await;
    let bytes = tokio::fs::read(&file).await.expect("read");
    for planted in ["Jordan", "history_entry", "note_"] {
        let found = bytes
            .windows(planted.len())
            .any(|w| w == planted.as_bytes());
        assert!(!found, "{planted} can be read in the file");
    }
    let mode = tokio::fs::metadata(&file)
        .await
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let world = World::at(&place).await;
    let refused = world.store.backup(&file).await.expect_err("there already");
    assert!(refused.to_string().contains("name a new file"), "{refused}");
    assert_eq!(tokio::fs::read(&file).await.expect("untouched"), bytes);
    let nowhere = place.folder().join("no-such-folder").join("x.backup");
    let refused = world.store.backup(&nowhere).await.expect_err("nowhere");
    assert!(refused.to_string().contains("cannot be used"), "{refused}");
    world.close().await;

    let other = Place::new(Kind::Sqlite).await;
    let ambient = Ambient::system();
    let wrong = MasterKey::fresh(&ambient);
    let own = Holdings::with_own([holdings()]);
    let refused = restore(&file, &other.address, wrong, &own, &ambient).await;
    let refused = refused.expect_err("another key").to_string();
    assert!(
        refused.contains("made under another master key"),
        "{refused}"
    );

    // Nothing unfinished is left in the folder.
    let mut left = tokio::fs::read_dir(place.folder()).await.expect("read");
    while let Some(entry) = left.next_entry().await.expect("read") {
        let name = entry.file_name().into_string().expect("text");
        assert!(!name.contains("unfinished"), "{name}");
    }
    place.clear().await;
}
