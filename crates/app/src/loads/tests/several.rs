//! A file that holds tables of several sources: kept, read and taken in as each.

use clearpicture_kernel::Line;
use futures_util::stream;

use super::super::rules::Agreed;
use super::super::store;
use super::super::types::{LoadId, LoadState};
use super::super::{Counts, Layout};
use super::{World, date};

fn child(id: &str) -> String {
    format!(
        "<CHILD><HEADER><CHILDID>{id}</CHILDID><UPN>UN1</UPN><SEX>1</SEX><DOB>02/03/2013</DOB><ETHNIC>BOTH</ETHNIC><AREVIEW><REVIEW>28/01/2016</REVIEW><REVIEW_CODE>PN3</REVIEW_CODE></AREVIEW></HEADER><EPISODE><DECOM>11/11/2016</DECOM><RNE>L</RNE><LS>V3</LS><CIN>N1</CIN><PL>A3</PL><PLACE_PROVIDER>PR4</PLACE_PROVIDER></EPISODE></CHILD>"
    )
}

#[tokio::test]
async fn a_file_of_several_sources_waits_to_be_decided_on_as_each() {
    let world = World::new().await;
    let intake = world.intake();
    let xml = format!("<EXPSSDA903>{}{}</EXPSSDA903>", child("1"), child("2"));
    let name = Line::parse("return.xml").unwrap();
    let bytes = stream::iter([Ok(xml.into_bytes())]);
    let id = intake.receive(world.agency, &name, bytes).await.unwrap();
    intake
        .examine(id, &Layout::default(), Some(date(2026, 9, 1)))
        .await
        .unwrap();
    let received = || async {
        let scope = intake.see_loads().await.unwrap();
        store::in_state(&world.store, &scope, world.agency, "received")
            .await
            .unwrap()
    };
    let others = received().await;
    let mut sources: Vec<String> = others.iter().map(|one| one.source.to_string()).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["ssda903-header", "ssda903-reviews"]);
    // Begun anew, it keeps none of them twice.
    let load = world.load(id).await;
    let also: Vec<_> = others.iter().map(|one| one.source.clone()).collect();
    intake.keep_for_others(id, &load, &also).await.unwrap();
    assert_eq!(received().await.len(), 2);
    let mut all: Vec<LoadId> = vec![id];
    for other in others {
        intake
            .examine(other.id, &Layout::default(), Some(date(2026, 9, 1)))
            .await
            .unwrap();
        all.push(other.id);
    }
    for id in &all {
        let load = world.load(*id).await;
        assert!(matches!(load.state, LoadState::Waiting(_)), "{load:?}");
        let expected = Counts {
            rows: 2,
            year: load.counts.as_ref().and_then(|counts| counts.year),
            ..Counts::default()
        };
        assert_eq!(load.counts, Some(expected), "{:?}", load.source);
        intake.go_ahead(*id, Agreed::default()).await.unwrap();
        assert_eq!(intake.take_in(*id).await.unwrap().new, 2);
    }
    assert_eq!(
        world.count().await,
        2,
        "each tells of the same two children"
    );
    // A file without a row ends nothing.
    let empty = stream::iter([Ok(b"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n".to_vec())]);
    let id = intake.receive(world.agency, &name, empty).await.unwrap();
    intake
        .examine(id, &Layout::default(), Some(date(2026, 10, 1)))
        .await
        .unwrap();
    assert_eq!(intake.would_do(id).await.unwrap().ended, 0);
}
