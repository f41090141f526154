//! Opening a database that is not as it should be, and faults while it is in use.

use clearpicture_kernel::Ambient;
use clearpicture_store::schema::{Migration, Step, text};
use clearpicture_store::{
    DatabaseAddress, Holdings, KeyFault, MasterKey, Store, StoreFault, Upgrade, WriteError,
};
use sea_orm::ConnectionTrait as _;

use crate::note::{Note, holdings};
use crate::place::{Kind, Place, admin, on_both};
use crate::world::{World, master};

on_both!(
    a_newer_database_is_refused,
    an_older_database_is_upgraded_or_refused,
    a_step_that_is_not_what_it_was_is_refused,
    another_master_key_is_refused,
    a_database_that_may_only_be_read_says_so_and_nothing_is_lost,
    two_servers_open_an_empty_database_at_once,
);

async fn fault(place: &Place, holdings: Holdings, upgrade: Upgrade) -> StoreFault {
    match World::open_with(&place.address, holdings, upgrade).await {
        Ok(_) => panic!("it opened"),
        Err(fault) => fault,
    }
}

fn with_a_second_step() -> Holdings {
    let mut holdings = holdings();
    holdings.migrations.push(Migration {
        release: "0.2",
        capability: "notes",
        number: 1,
        steps: vec![Step::AddColumn {
            table: "note_source",
            column: text("colour"),
        }],
    });
    holdings
}

async fn a_newer_database_is_refused(place: &Place) {
    World::open_with(&place.address, with_a_second_step(), Upgrade::Apply)
        .await
        .expect("opened")
        .close()
        .await;
    for upgrade in [Upgrade::Apply, Upgrade::Refuse] {
        let fault = fault(place, holdings(), upgrade).await;
        assert!(
            matches!(&fault, StoreFault::Newer(step) if step == "0.2/notes/001"),
            "{fault}"
        );
        assert!(fault.to_string().contains("start that release"), "{fault}");
    }
}

async fn an_older_database_is_upgraded_or_refused(place: &Place) {
    World::at(place).await.close().await;
    let refused = fault(place, with_a_second_step(), Upgrade::Refuse).await;
    assert!(
        matches!(&refused, StoreFault::Older(step) if step == "0.2/notes/001"),
        "{refused}"
    );
    let world = World::open_with(&place.address, with_a_second_step(), Upgrade::Apply).await;
    let world = world.expect("upgraded");
    let select = "SELECT colour FROM note_source";
    world
        .store
        .reader()
        .execute_unprepared(select)
        .await
        .expect("there");
    world.close().await;
    World::open_with(&place.address, with_a_second_step(), Upgrade::Refuse)
        .await
        .expect("at this release")
        .close()
        .await;
}

async fn a_step_that_is_not_what_it_was_is_refused(place: &Place) {
    World::at(place).await.close().await;
    let mut changed = holdings();
    changed.migrations[0].steps.pop();
    let fault = fault(place, changed, Upgrade::Apply).await;
    assert!(
        matches!(&fault, StoreFault::StepChanged(step) if step == "0.1/notes/001"),
        "{fault}"
    );
}

async fn another_master_key_is_refused(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    world.close().await;
    let ambient = Ambient::system();
    let opened = Store::open(
        &place.address,
        MasterKey::fresh(&ambient),
        Holdings::with_own([holdings()]),
        Upgrade::Apply,
        ambient,
    );
    let fault = opened.await.expect_err("another key");
    assert!(
        matches!(fault, StoreFault::Keys(KeyFault::Wrong)),
        "{fault}"
    );
    assert!(fault.to_string().contains("put back the key"), "{fault}");
    // The right one still opens it.
    let file = place.folder().join("master.key");
    master().to_new_file(&file).expect("written");
    let world = World::at(place).await;
    world.load(&id).await;
    world.close().await;
}

/// Lets the database be read only, or written again.
async fn only_read(place: &Place, only: bool) {
    match &place.address {
        // A file whose "write version" is beyond what SQLite knows may only be read (file format, 1.3.3).
        DatabaseAddress::Sqlite(path) => {
            let mut bytes = tokio::fs::read(path).await.expect("read");
            bytes[18] = if only { 3 } else { 2 };
            tokio::fs::write(path, bytes).await.expect("written");
        }
        DatabaseAddress::Postgres(_) => {
            let name = place.database();
            admin(&format!(
                "ALTER DATABASE {name} SET default_transaction_read_only = {only}"
            ))
            .await;
        }
    }
}

async fn a_database_that_may_only_be_read_says_so_and_nothing_is_lost(place: &Place) {
    let world = World::at(place).await;
    let id = world.add(&world.a_note()).await;
    world.close().await;
    only_read(place, true).await;
    let world = World::at(place).await;
    let note = Note::new(world.here, "While it may only be read");
    let refused = world.try_add(&note).await.expect_err("read only");
    assert!(
        matches!(refused, WriteError::Fault(StoreFault::ReadOnly)),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("let this user write"),
        "{refused}"
    );
    world.close().await;
    only_read(place, false).await;
    let world = World::at(place).await;
    world.load(&id).await;
    world.add(&note).await;
    assert_eq!(world.store.verify().await.expect("whole").entries, 2);
    world.close().await;
}

async fn two_servers_open_an_empty_database_at_once(place: &Place) {
    let (one, two) = tokio::join!(World::at(place), World::at(place));
    let id = one.add(&one.a_note()).await;
    two.load(&id).await;
    one.close().await;
    two.close().await;
}

/// Who comes second is refused once in some hundred times, so they come often: each to a new file of its own.
#[tokio::test]
async fn servers_that_make_one_file_at_once_wait_for_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in 0..25 {
        let file = folder.path().join(format!("{file}.db"));
        let address: DatabaseAddress = format!("sqlite:{}", file.display())
            .parse()
            .expect("an address");
        let open = || World::open(&address);
        let opened = tokio::join!(open(), open(), open(), open());
        for world in [opened.0, opened.1, opened.2, opened.3] {
            world.expect("opened").close().await;
        }
    }
}

#[tokio::test]
async fn a_wrong_address_says_what_to_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    tokio::fs::write(&file, "").await.expect("written");
    let within_a_file = format!("sqlite:{}", file.join("clearpicture.db").display());
    for (address, says) in [
        (within_a_file.as_str(), "check that the folder is there"),
        (
            "sqlite:/no/such/folder/x.db",
            "check that the folder is there",
        ),
        (
            "postgres://amal:secret@127.0.0.1:1/cp",
            "check that PostgreSQL runs there",
        ),
    ] {
        let address: DatabaseAddress = address.parse().expect("an address");
        let fault = match World::open(&address).await {
            Ok(_) => panic!("it opened"),
            Err(fault) => fault.to_string(),
        };
        assert!(fault.contains(says), "{fault}");
        assert!(!fault.contains("secret"), "{fault}");
    }
}

#[tokio::test]
async fn a_database_that_postgresql_does_not_have_says_what_to_check() {
    let place = Place::new(Kind::Postgres).await;
    let DatabaseAddress::Postgres(address) = &place.address else {
        panic!("not PostgreSQL");
    };
    let other: DatabaseAddress = address
        .replace(place.database(), "no_such_database")
        .parse()
        .expect("an address");
    let fault = match World::open(&other).await {
        Ok(_) => panic!("it opened"),
        Err(fault) => fault.to_string(),
    };
    assert!(fault.contains("no_such_database"), "{fault}");
    assert!(
        fault.contains("check that PostgreSQL runs there"),
        "{fault}"
    );
    place.clear().await;
}

/// SQLite's full disk is told in the store's own tests, where a page limit can be set on the connection that writes.
#[tokio::test]
async fn a_full_disk_of_postgresql_says_so_and_nothing_is_lost() {
    let place = Place::new(Kind::Postgres).await;
    let world = World::at(&place).await;
    let id = world.add(&world.a_note()).await;
    let behind = place.behind().await;
    let fill = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$";
    behind.execute_unprepared(fill).await.expect("made");
    let fill =
        "CREATE TRIGGER full_disk BEFORE INSERT ON history_entry EXECUTE FUNCTION full_disk()";
    behind.execute_unprepared(fill).await.expect("made");
    let refused = world.try_add(&world.a_note()).await.expect_err("full");
    assert!(
        matches!(refused, WriteError::Fault(StoreFault::Full)),
        "{refused}"
    );
    assert!(refused.to_string().contains("free some space"), "{refused}");
    let free = "DROP TRIGGER full_disk ON history_entry";
    behind.execute_unprepared(free).await.expect("freed");
    world.add(&world.a_note()).await;
    world.load(&id).await;
    assert_eq!(world.store.verify().await.expect("whole").entries, 2);
    world.close().await;
    place.clear().await;
}
