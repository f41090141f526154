//! A run over everything goes share by share: what it comes to does not depend on the shares, and whoever cuts it short, or
//! arrives while it goes on, spoils nothing.

use clearpicture_app::linking::{LinkFault, Outcome};
use sea_orm::ConnectionTrait as _;

use crate::children::{Borough, at_school, in_care};
use crate::linking::{hard, nothing_more};
use crate::support::TestApp;

const CHILDREN: usize = 60;

/// What two sources tell of children who are hard to tell apart: schools know some by another name.
fn told() -> (Vec<String>, Vec<String>) {
    let children = hard(CHILDREN).into_iter().enumerate();
    children
        .map(|(place, (given, family, born))| {
            let at_school_called = match place % 5 {
                0 => format!("{given}lia"),
                _ => given.clone(),
            };
            (
                in_care(&format!("C{place}"), &given, &family, &born),
                at_school(&format!("S{place}"), &at_school_called, &family, &born),
            )
        })
        .unzip()
}

/// What stands, whatever way it came about.
const fn standing(outcome: &Outcome) -> [u64; 4] {
    [
        outcome.subjects,
        outcome.persons,
        outcome.attention,
        outcome.held_apart,
    ]
}

/// Whatever was done, a run over everything at once finds nothing to change, and writes nothing.
async fn is_what_one_run_makes(borough: &Borough, outcome: &Outcome) {
    let before = borough.test.newest_entry().await;
    let whole = borough.link_in_shares(usize::MAX).await.expect("linked");
    nothing_more(whole);
    assert_eq!(standing(&whole), standing(outcome));
    assert_eq!(borough.test.newest_entry().await, before, "{whole:?}");
}

#[tokio::test]
async fn the_smallest_shares_come_to_what_all_at_once_comes_to() {
    shared(TestApp::start().await).await;
}

#[tokio::test]
async fn and_on_postgresql() {
    shared(TestApp::on_postgres().await).await;
}

async fn shared(test: TestApp) {
    let (care, school) = told();
    let borough = Borough::of(test, &care, &school).await;
    let outcome = borough.link_in_shares(1).await.expect("linked");
    assert!(outcome.joined > 10, "{outcome:?}");
    assert!(outcome.attention + outcome.held_apart > 0, "{outcome:?}");
    is_what_one_run_makes(&borough, &outcome).await;
}

#[tokio::test]
async fn a_run_that_is_cut_short_leaves_whole_persons_and_another_goes_on() {
    let (care, school) = told();
    let borough = Borough::with(&care, &school).await;
    let behind = borough.test.behind().await;
    // After some shares nothing can be written: as if the server were gone.
    let gone = "CREATE TRIGGER gone BEFORE INSERT ON link_run WHEN (SELECT count(*) FROM link_run) >= 4 \
                BEGIN SELECT RAISE(ABORT, 'gone'); END";
    behind.execute_unprepared(gone).await.expect("gone");
    let cut = borough.link_in_shares(1).await;
    assert!(matches!(cut, Err(LinkFault::Write(_))), "{cut:?}");
    let back = "DROP TRIGGER gone";
    behind.execute_unprepared(back).await.expect("back");
    let rest = borough.link_in_shares(1).await.expect("linked");
    assert!(rest.joined > 0, "{rest:?}");
    // Some stood when it went on.
    let (care, school) = told();
    let other = Borough::with(&care, &school).await;
    let all = other.link_in_shares(1).await.expect("linked");
    assert!(rest.joined < all.joined, "{rest:?} {all:?}");
    assert_eq!(standing(&rest), standing(&all));
    is_what_one_run_makes(&borough, &rest).await;
}

#[tokio::test]
async fn whoever_arrives_while_a_run_goes_on_is_linked_and_stays_whole() {
    let (care, school) = told();
    let borough = Borough::with(&care[..40], &school[20..]).await;
    borough.link().await;
    // Some arrive, and whoever is like them is linked, while everything is gone through again.
    let arriving = async {
        for more in (0..20).step_by(5) {
            borough.care_tells(&care[..45 + more]).await;
            borough.schools_tell(&school[15 - more..]).await;
        }
    };
    let going_on = async {
        for _ in 0..4 {
            borough.link_in_shares(1).await.expect("linked");
        }
    };
    tokio::join!(arriving, going_on);
    let outcome = borough.link_in_shares(1).await.expect("linked");
    nothing_more(outcome);
    assert_eq!(outcome.subjects, 2 * CHILDREN as u64);
    is_what_one_run_makes(&borough, &outcome).await;
}
