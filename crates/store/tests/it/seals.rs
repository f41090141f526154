//! Seals, and what their second holder can tell.

use clearpicture_kernel::Digest;
use clearpicture_store::{Chain, Seal};

use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    entries_are_sealed_by_the_thousand_or_after_a_minute,
    seals_form_a_chain_over_the_entries,
    two_servers_set_each_seal_once,
    an_export_holds_what_no_earlier_one_does,
    the_read_log_is_sealed_and_handed_over_like_history,
    a_copy_with_a_hole_or_of_nothing_is_no_proof,
);

async fn ranges(world: &World) -> Vec<(i64, i64, i64)> {
    let seals = world
        .store
        .seals_since(Chain::Entry, 0)
        .await
        .expect("read");
    seals
        .iter()
        .map(|seal| (seal.number, seal.first_seq, seal.last_seq))
        .collect()
}

async fn entries_are_sealed_by_the_thousand_or_after_a_minute(place: &Place) {
    let world = World::at(place).await;
    assert_eq!(world.store.seal_due().await.expect("nothing to do"), 0);
    world.add_many(1_001).await;
    assert_eq!(world.store.seal_due().await.expect("sealed"), 1);
    assert_eq!(ranges(&world).await, [(1, 1, 1_000)]);
    world.pass(59);
    assert_eq!(world.store.seal_due().await.expect("too young"), 0);
    world.pass(1);
    assert_eq!(world.store.seal_due().await.expect("sealed"), 1);
    assert_eq!(ranges(&world).await, [(1, 1, 1_000), (2, 1_001, 1_001)]);
    assert_eq!(world.store.seal_due().await.expect("nothing to do"), 0);
    let verified = world.store.verify().await.expect("whole");
    assert_eq!(verified.to_string(), "verified 1001 entries, 2 seals");
    world.close().await;
}

async fn seals_form_a_chain_over_the_entries(place: &Place) {
    let world = World::at(place).await;
    for _ in 0..3 {
        world.add_many(3).await;
        world.pass(60);
        assert_eq!(world.store.seal_due().await.expect("sealed"), 1);
    }
    let seals = world
        .store
        .seals_since(Chain::Entry, 0)
        .await
        .expect("read");
    assert_eq!(seals[0].previous_hash, Digest::ZERO);
    for pair in seals.windows(2) {
        assert_eq!(pair[1].previous_hash, pair[0].hash);
    }
    assert_eq!(
        world
            .store
            .seals_since(Chain::Entry, 2)
            .await
            .expect("read"),
        seals[2..]
    );
    world.close().await;
}

async fn two_servers_set_each_seal_once(place: &Place) {
    let (one, two) = (World::at(place).await, World::at(place).await);
    one.add_many(3).await;
    one.pass(60);
    two.pass(60);
    let (first, second) = tokio::join!(one.store.seal_due(), two.store.seal_due());
    assert_eq!(first.expect("sealed") + second.expect("sealed"), 1);
    assert_eq!(ranges(&one).await, [(1, 1, 3)]);
    one.close().await;
    two.close().await;
}

async fn an_export_holds_what_no_earlier_one_does(place: &Place) {
    let world = World::at(place).await;
    let folder = place.folder().join("seals");
    tokio::fs::create_dir(&folder).await.expect("made");
    let nothing = world.store.export_seals(&folder).await.expect("nothing");
    assert!(nothing.is_empty());
    let mut files = Vec::new();
    for _ in 0..2 {
        for _ in 0..2 {
            world.add_many(1).await;
            world.pass(60);
            world.store.seal_due().await.expect("sealed");
        }
        let file = world.store.export_seals(&folder).await.expect("exported");
        files.extend(file);
    }
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(
        names,
        [
            "seals-000000001-000000002.jsonl",
            "seals-000000003-000000004.jsonl"
        ]
    );
    let text = tokio::fs::read_to_string(&files[1]).await.expect("read");
    let told: Vec<Seal> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a seal"))
        .collect();
    assert_eq!(
        told,
        world
            .store
            .seals_since(Chain::Entry, 2)
            .await
            .expect("read")
    );
    let compared = world.store.verify_against(&folder).await;
    assert_eq!(compared.expect("the same").seals, 4);
    let nothing = world.store.export_seals(&folder).await.expect("nothing");
    assert!(nothing.is_empty());
    // Text that is no seal is told with its line.
    tokio::fs::write(&files[1], format!("{text}{{}}\n"))
        .await
        .expect("written");
    let refused = world
        .store
        .verify_against(&folder)
        .await
        .expect_err("no seal");
    assert!(
        refused.to_string().contains("line 3 is no seal"),
        "{refused}"
    );
    world.close().await;
}

/// Three entries and one row of the read log, each sealed, three times over.
async fn thrice_sealed(place: &Place) -> World {
    let world = World::at(place).await;
    let note = world.add(&world.a_note()).await;
    for _ in 0..3 {
        world.add_many(3).await;
        world.load(&note).await;
        world.pass(900);
        assert_eq!(world.store.seal_due().await.expect("sealed"), 2);
    }
    world
}

async fn the_read_log_is_sealed_and_handed_over_like_history(place: &Place) {
    let world = thrice_sealed(place).await;
    let verified = world.store.verify().await.expect("whole");
    assert_eq!(verified.to_string(), "verified 10 entries, 3 seals");
    assert_eq!(
        verified.of_the_read_log(),
        "verified 3 read log rows, 3 read log seals"
    );
    // A seal of one chain never passes for one of the other.
    let history = world
        .store
        .seals_since(Chain::Entry, 0)
        .await
        .expect("read");
    let looks = world.store.seals_since(Chain::Look, 0).await.expect("read");
    assert!(looks.iter().all(|seal| !history.contains(seal)));
    let files = world.store.export_seals(place.folder()).await;
    let files = files.expect("exported");
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(
        names,
        [
            "seals-000000001-000000003.jsonl",
            "read-log-seals-000000001-000000003.jsonl"
        ]
    );
    let compared = world.store.verify_against(place.folder()).await;
    assert_eq!(
        compared.expect("the same").to_string(),
        "the second holder's copy agrees: 3 seals, 3 read log seals"
    );
    world.close().await;
}

async fn a_copy_with_a_hole_or_of_nothing_is_no_proof(place: &Place) {
    let world = World::at(place).await;
    let folder = place.folder().join("kept");
    tokio::fs::create_dir(&folder).await.expect("made");
    let nothing = world.store.verify_against(&folder).await;
    let said = nothing.expect_err("nothing is held").to_string();
    assert!(said.contains("no file in it holds seals"), "{said}");
    let mut files = Vec::new();
    for _ in 0..3 {
        world.add_many(1).await;
        world.pass(60);
        world.store.seal_due().await.expect("sealed");
        files.extend(world.store.export_seals(&folder).await.expect("exported"));
    }
    tokio::fs::remove_file(&files[1]).await.expect("removed");
    let hole = world.store.verify_against(&folder).await;
    let said = hole.expect_err("a hole").to_string();
    assert!(said.starts_with("seal 2 is not in the second"), "{said}");
    world.close().await;
}
