//! A file taken back: all is as if it had never been taken in, at once or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clearpicture_kernel::AnalysisRow;
use clearpicture_store::{Brought, DatabaseAddress, Onward};
use jiff::civil::date;
use proptest::prelude::*;

use super::order::{People, people, stand_in, take, wanted};
use super::{World, file as file_of, row};
use crate::analysis::Source;
use crate::loads::intake::LoadFault;
use crate::loads::types::{Load, LoadId, LoadState};

async fn with(extract: &str) -> World {
    let mut world = World::new().await;
    world.practice.profiles = Arc::from([people(extract)]);
    world
}

/// Says that a load is to be taken back, as its page does.
async fn ask(world: &World, id: LoadId) {
    let intake = world.intake();
    let at = intake.at(id, "taken").await.unwrap();
    let LoadState::Taken(taken) = at.load.state else {
        panic!("it was taken in");
    };
    let load = Load {
        state: LoadState::TakingBack(taken),
        ..at.load.clone()
    };
    intake.change(&at, &load, Brought::default()).await.unwrap();
}

async fn take_back(world: &World, id: LoadId) {
    ask(world, id).await;
    world.intake().take_back(id).await.unwrap();
    assert!(matches!(
        world.load(id).await.state,
        LoadState::TakenBack(_)
    ));
}

async fn proven(world: &World, name: &str) {
    world.store.verify().await.unwrap();
    let into = DatabaseAddress::Sqlite(world.folder.path().join(name));
    world.store.rebuild_into(&into).await.unwrap();
}

fn file(people: &[(u8, &'static str)]) -> People {
    people.iter().copied().collect()
}

/// Three files of all there is, the second of which should not have come.
async fn three() -> (World, BTreeMap<i8, People>, Vec<LoadId>) {
    let world = with("full").await;
    let files = BTreeMap::from([
        (1, file(&[(0, "Ash"), (1, "Birch"), (2, "Cedar")])),
        (2, file(&[(0, "Birch"), (3, "Ash")])),
        (3, file(&[(0, "Birch"), (1, "Birch"), (3, "Cedar")])),
    ]);
    let mut loads = Vec::new();
    for (day, file) in &files {
        loads.push(take(&world, *day, file).await);
    }
    (world, files, loads)
}

#[tokio::test]
async fn what_stood_before_stands_again_and_it_can_be_loaded_again() {
    let (world, mut files, loads) = three().await;
    let all = stand_in(&world).await;
    assert_eq!(all, wanted(&files, true));
    take_back(&world, loads[1]).await;
    let second = files.remove(&2).unwrap();
    assert_eq!(stand_in(&world).await, wanted(&files, true));
    proven(&world, "once.db").await;
    // Nothing can be done about it twice.
    let twice = world.intake().take_back(loads[1]).await;
    assert!(matches!(twice, Err(LoadFault::Elsewhere)), "{twice:?}");
    // Sent in again it tells the same again.
    take(&world, 2, &second).await;
    files.insert(2, second);
    assert_eq!(stand_in(&world).await, all);
    proven(&world, "twice.db").await;
}

#[tokio::test]
async fn all_of_a_source_can_be_taken_back_one_after_the_other() {
    let (world, _, loads) = three().await;
    for id in [loads[0], loads[2], loads[1]] {
        take_back(&world, id).await;
    }
    assert_eq!(stand_in(&world).await, BTreeMap::new());
    proven(&world, "none.db").await;
}

#[tokio::test]
async fn two_that_are_taken_back_at_once_are_both_taken_back() {
    let (world, mut files, loads) = three().await;
    ask(&world, loads[1]).await;
    ask(&world, loads[2]).await;
    let (one, two) = (world.intake(), world.intake());
    let (one, two) = tokio::join!(one.take_back(loads[1]), two.take_back(loads[2]));
    one.unwrap();
    two.unwrap();
    files.retain(|day, _| *day == 1);
    assert_eq!(stand_in(&world).await, wanted(&files, true));
    proven(&world, "both.db").await;
}

#[tokio::test]
async fn one_that_comes_while_another_is_taken_back_is_not_lost() {
    let (world, mut files, loads) = three().await;
    ask(&world, loads[1]).await;
    let fourth = file(&[(0, "Cedar"), (3, "Cedar")]);
    let intake = world.intake();
    let (back, _) = tokio::join!(intake.take_back(loads[1]), take(&world, 4, &fourth));
    back.unwrap();
    files.remove(&2);
    files.insert(4, fourth);
    assert_eq!(stand_in(&world).await, wanted(&files, true));
    proven(&world, "fourth.db").await;
}

/// Wherever the server stops, all stands as before or as after, and the next try ends it.
#[tokio::test]
async fn whatever_stops_it_leaves_all_as_it_was_or_as_it_is_to_be() {
    let (world, mut files, loads) = three().await;
    let before = stand_in(&world).await;
    files.remove(&2);
    let after = wanted(&files, true);
    ask(&world, loads[1]).await;
    for micros in [0, 300, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000] {
        let within = Duration::from_micros(micros);
        let intake = world.intake();
        let _ = tokio::time::timeout(within, intake.take_back(loads[1])).await;
        let stands = stand_in(&world).await;
        assert!(stands == before || stands == after, "{stands:?}");
        // What was asked of the database before it was cut off may have come about since.
        if let LoadState::TakenBack(_) = world.load(loads[1]).await.state {
            assert_eq!(stand_in(&world).await, after);
        }
    }
    match world.intake().take_back(loads[1]).await {
        Ok(()) | Err(LoadFault::Elsewhere) => {}
        fault => panic!("{fault:?}"),
    }
    assert_eq!(stand_in(&world).await, after);
    proven(&world, "stopped.db").await;
}

/// A file that ends all but one, and is taken back, leaves nobody ended.
#[tokio::test]
async fn whom_it_ended_goes_on() {
    let world = with("full").await;
    let files = BTreeMap::from([(1, file(&[(0, "Ash"), (1, "Birch"), (2, "Cedar")]))]);
    take(&world, 1, &files[&1]).await;
    let wrong = take(&world, 2, &file(&[(3, "Ash")])).await;
    assert_eq!(
        stand_in(&world).await.values().filter(|one| one.1).count(),
        1
    );
    take_back(&world, wrong).await;
    assert_eq!(stand_in(&world).await, wanted(&files, true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_order_files_came_one_taken_back_was_never_there(
        files in prop::collection::btree_map(
            1_i8..28,
            prop::collection::btree_map(0_u8..4, prop::sample::select(vec!["Ash", "Birch", "Cedar"]), 1..4),
            1..5,
        ),
        shuffle in prop::collection::vec(any::<u32>(), 5),
        which in any::<prop::sample::Index>(),
        is_full in any::<bool>(),
    ) {
        let mut order: Vec<(i8, People)> = files.clone().into_iter().collect();
        let mut keys = shuffle.into_iter();
        order.sort_by_cached_key(|_| keys.next());
        let (day, _) = order[which.index(order.len())];
        let mut without = files;
        without.remove(&day);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let stood = runtime.block_on(async {
            let world = with(if is_full { "full" } else { "partial" }).await;
            let mut loads = BTreeMap::new();
            for (day, file) in &order {
                loads.insert(*day, take(&world, *day, file).await);
            }
            take_back(&world, loads[&day]).await;
            proven(&world, "one.db").await;
            stand_in(&world).await
        });
        prop_assert_eq!(stood, wanted(&without, is_full));
    }
}

/// What is counted of a service's work, so many rows of files at once.
async fn counted(world: &World, most: u64) -> Vec<AnalysisRow> {
    let services = BTreeMap::new();
    let source = Source::of(&world.store, &world.access, &services);
    let all = crate::persons::capability().analysis;
    let mut all = all.iter().filter(|one| one.table.name == "involvement");
    let involvement = all.next().unwrap();
    let mut rows = Vec::new();
    let mut next = Some(Onward {
        after: 0,
        row: None,
        to: world.store.reach().await.unwrap().seq,
        most,
    });
    while let Some(onward) = next {
        let stretch = (involvement.read)(&source, onward).await.unwrap();
        assert!(stretch.rows.len() as u64 <= most, "no more at once");
        rows.extend(stretch.rows);
        next = stretch.next;
    }
    rows
}

#[tokio::test]
async fn what_was_undone_is_counted_a_few_rows_at_a_time() {
    let world = World::new().await;
    let of = |keys: [&str; 4], town| file_of(&keys.map(|key| row(key, "Ada", town)));
    let day = |day| Some(date(2026, 10, day));
    let first = world
        .take_of(&of(["1", "2", "3", "4"], "Fenby"), day(1))
        .await;
    let (first, _) = first.unwrap();
    let second = of(["2", "3", "5", "6"], "Saltway");
    world.take_of(&second, day(2)).await.unwrap();
    take_back(&world, first).await;
    let at_once = counted(&world, 1_000).await;
    assert!(at_once.len() > 12, "{at_once:?}");
    for most in [1, 2, 3] {
        assert_eq!(counted(&world, most).await, at_once, "{most} at once");
    }
}
