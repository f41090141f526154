//! Seals, and what their second holder can tell.

use clearpicture_kernel::Digest;
use clearpicture_store::Seal;

use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    entries_are_sealed_by_the_thousand_or_after_a_minute,
    seals_form_a_chain_over_the_entries,
    two_servers_set_each_seal_once,
    an_export_holds_what_no_earlier_one_does,
);

async fn ranges(world: &World) -> Vec<(i64, i64, i64)> {
    let seals = world.store.seals_since(0).await.expect("read");
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
    let seals = world.store.seals_since(0).await.expect("read");
    assert_eq!(seals[0].previous_hash, Digest::ZERO);
    for pair in seals.windows(2) {
        assert_eq!(pair[1].previous_hash, pair[0].hash);
    }
    assert_eq!(world.store.seals_since(2).await.expect("read"), seals[2..]);
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
    assert_eq!(
        world.store.export_seals(&folder).await.expect("nothing"),
        None
    );
    let mut files = Vec::new();
    for _ in 0..2 {
        for _ in 0..2 {
            world.add_many(1).await;
            world.pass(60);
            world.store.seal_due().await.expect("sealed");
        }
        let file = world.store.export_seals(&folder).await.expect("exported");
        files.push(file.expect("a file"));
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
    assert_eq!(told, world.store.seals_since(2).await.expect("read"));
    for file in &files {
        assert_eq!(world.store.verify_against(file).await.expect("the same"), 2);
    }
    assert_eq!(
        world.store.export_seals(&folder).await.expect("nothing"),
        None
    );
    // Text that is no seal is told with its line.
    let other = folder.join("other.jsonl");
    tokio::fs::write(&other, format!("{text}{{}}\n"))
        .await
        .expect("written");
    let refused = world
        .store
        .verify_against(&other)
        .await
        .expect_err("no seal");
    assert!(
        refused.to_string().contains("line 3 is no seal"),
        "{refused}"
    );
    world.close().await;
}
