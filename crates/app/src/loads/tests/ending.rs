//! Files that would end many of the rows that are held, and files of another's.

use clearpicture_kernel::{AgencyId, Code, Line, TypedId as _};
use futures_util::stream;
use jiff::civil::date;

use super::{World, file, row};
use crate::loads::intake::{Layout, LoadFault};
use crate::loads::rules::Agreed;
use crate::loads::types::{LoadId, LoadState};

fn many() -> Vec<u8> {
    let rows: Vec<String> = (0..40)
        .map(|key| row(&key.to_string(), "Ada", "Fenby"))
        .collect();
    file(&rows)
}

async fn sent(world: &World, bytes: &[u8]) -> LoadId {
    let name = Line::parse("file.csv").unwrap();
    let bytes = stream::iter([Ok(bytes)]);
    let id = world.intake().receive(world.agency, &name, bytes).await;
    id.unwrap()
}

async fn still_told(world: &World) -> usize {
    let known = world.known().await;
    let tellings = known.iter().flat_map(|known| &known.tellings);
    tellings.filter(|telling| !telling.ended).count()
}

#[tokio::test]
async fn a_file_that_would_end_many_waits_until_somebody_agrees_to_the_number() {
    let world = World::new().await;
    let september = Some(date(2026, 9, 1));
    world.take_of(&many(), september).await.unwrap();
    let one = file(&[row("7", "Ada", "Fenby")]);
    let ends = world.take_of(&one, Some(date(2026, 10, 1))).await;
    let Err(LoadFault::EndsMany(effect)) = ends else {
        panic!("{ends:?}");
    };
    assert_eq!((effect.ended, effect.unchanged), (39, 1));
    assert_eq!(still_told(&world).await, 40, "nothing of it is used");
    let examined = world.examined(&one);
    let (source, digest) = (
        examined.summary.profile.clone().unwrap(),
        examined.summary.digest,
    );
    let intake = world.intake();
    let waiting = intake.waiting(world.agency, &source, digest, None).await;
    let id = waiting.unwrap().expect("it waits");
    assert_eq!(world.load(id).await.state, LoadState::Waiting(effect));
    // Fewer than it ends is no yes.
    let fewer = Agreed { ends: Some(38) };
    intake.go_ahead(id, fewer).await.unwrap();
    let refused = intake.take_in(id).await;
    assert!(
        matches!(refused, Err(LoadFault::EndsMany(_))),
        "{refused:?}"
    );
    let all = Agreed { ends: Some(39) };
    intake.go_ahead(id, all).await.unwrap();
    assert_eq!(intake.take_in(id).await.unwrap().ended, 39);
    assert_eq!(still_told(&world).await, 1);
    world.store.verify().await.unwrap();
}

/// What is held may have grown since somebody decided: the job asks again rather than end what nobody spoke of.
#[tokio::test]
async fn what_was_agreed_to_before_more_was_held_is_asked_again() {
    let world = World::new().await;
    let one = file(&[row("7", "Ada", "Fenby")]);
    let id = sent(&world, &one).await;
    let intake = world.intake();
    let day = Some(date(2026, 10, 1));
    intake.examine(id, &Layout::default(), day).await.unwrap();
    assert_eq!(intake.would_do(id).await.unwrap().ended, 0);
    intake.go_ahead(id, Agreed::default()).await.unwrap();
    world
        .take_of(&many(), Some(date(2026, 9, 1)))
        .await
        .unwrap();
    let asked = intake.take_in(id).await;
    assert!(matches!(asked, Err(LoadFault::EndsMany(_))), "{asked:?}");
    assert_eq!(intake.would_do(id).await.unwrap().ended, 39);
    assert_eq!(still_told(&world).await, 40);
}

#[tokio::test]
async fn a_file_of_anothers_is_stopped_on_every_way_in() {
    let mut world = World::new().await;
    let source = Code::parse("involvement-csc").unwrap();
    let usual = Code::parse("northwater-council").unwrap();
    world.practice.senders.insert(source.clone(), usual.clone());
    let bytes = file(&[row("1", "Ada", "Fenby")]);
    let intake = world.intake();
    // As it is read in the background.
    let id = sent(&world, &bytes).await;
    intake.examine(id, &Layout::default(), None).await.unwrap();
    let LoadState::OtherSender(told) = world.load(id).await.state else {
        panic!("it is not stopped");
    };
    assert_eq!(told.sends, usual);
    let refused = intake.take_in(id).await;
    assert!(matches!(refused, Err(LoadFault::Elsewhere)), "{refused:?}");
    // As a command takes it in.
    let taken = world.take_of(&bytes, None).await;
    assert!(
        matches!(taken, Err(LoadFault::OtherSender { .. })),
        "{taken:?}"
    );
    let other = AgencyId::parse("agency_00000000000000000000000002").unwrap();
    let held = intake.sent_rightly(other, &source).await;
    assert!(
        matches!(held, Err(LoadFault::OtherSender { .. })),
        "{held:?}"
    );
    assert_eq!(world.count().await, 0);
}
