//! The pairs that a sample is drawn from.

use std::collections::BTreeMap;

use super::*;
use crate::children::{Band, frame, poor};

/// Who is one child in the eyes of linkage, by the number of the first row of each.
fn persons_of(records: &Records) -> Vec<u32> {
    let linked = linked(records);
    let mut of = vec![0; records.len()];
    for cluster in &linked.clusters {
        for member in &cluster.members {
            of[member.0 as usize] = cluster.members[0].0;
        }
    }
    of
}

fn framed(records: &Records) -> BTreeMap<(u32, u32), Band> {
    let persons = persons_of(records);
    let mut pairs = BTreeMap::new();
    frame(records, model(), &persons, Common::Here, 2, |a, b, band| {
        let twice = pairs.insert((a.0.min(b.0), a.0.max(b.0)), band);
        assert_eq!(twice, None, "each pair comes once");
    })
    .expect("few enough pairs");
    pairs
}

const ROWS: [Row<'static>; 7] = [
    (0, "Amara", "Okoro", "2011-12-10", "female", HOME),
    (1, "Amara", "Okoro", "2011-12-10", "female", HOME),
    // Her twin, whom one source knows.
    (0, "Damian", "Okoro", "2011-12-10", "male", HOME),
    // Born that day, and otherwise nothing alike: far too little.
    (1, "Zofia", "Nowak", "2011-12-10", "female", AWAY),
    // The same names, and born in another year: no block brings them together.
    (2, "Amara", "Okoro", "2009-03-04", "female", HOME),
    (2, "", "", "", "", ""),
    (3, "Damian", "Okoro", "2011-12-10", "male", AWAY),
];

#[test]
fn every_pair_that_may_be_one_child_comes_once_by_where_it_stands() {
    let records = records(&ROWS);
    let pairs = framed(&records);
    assert_eq!(pairs.get(&(0, 1)), Some(&Band::Surely));
    assert!(pairs[&(2, 6)].is_joined(), "{pairs:?}");
    assert_eq!(pairs.get(&(0, 3)), None, "worth far too little");
    assert!(pairs.keys().all(|(a, b)| *a != 5 && *b != 5), "{pairs:?}");
    let twins = pairs[&(0, 2)];
    assert!(!twins.is_joined() && twins.is_compared(), "{twins:?}");
    let mut shuffled = ROWS;
    shuffled.reverse();
    let again = framed(&super::records(&shuffled));
    let turned = again
        .iter()
        .map(|((a, b), band)| ((6 - b, 6 - a), *band))
        .collect();
    assert_eq!(pairs, turned, "the order of records does not matter");
}

#[test]
fn whom_no_run_compares_is_looked_for_too() {
    // Neither names nor postcode sound alike, so no block of the model brings them together; the day does.
    let rows: [Row<'_>; 2] = [
        (0, "Li", "Chen", "2012-05-06", "male", AWAY),
        (1, "Chen", "Li", "2012-05-06", "male", HOME),
    ];
    let pairs = framed(&records(&rows));
    let band = pairs.get(&(0, 1)).copied();
    assert_eq!(band.map(Band::is_compared), Some(false), "{pairs:?}");
}

#[test]
fn a_protected_record_is_never_drawn() {
    let records = kept(
        model(),
        [
            (0, Shield::Open, facts(ROWS[0])),
            (1, Shield::Protected, facts(ROWS[1])),
        ],
    );
    // Even where somebody decided that the two are one child.
    let never = |_, _, band| panic!("drawn as {band:?}");
    frame(&records, model(), &[0, 0], Common::Here, 1, never).expect("few enough pairs");
}

#[test]
fn who_tells_too_little_could_not_be_joined_even_with_the_same() {
    let records = records(&ROWS);
    let poor = poor(&records, model(), Common::Here);
    assert_eq!(poor, [false, false, false, false, false, true, false]);
}

#[test]
fn each_band_is_read_back_and_knows_at_which_threshold_it_is_joined() {
    for band in Band::ALL {
        assert_eq!(Band::parse(band.code()), Some(band));
        assert_eq!(band.is_joined_at(0), band.is_joined(), "{band:?}");
        // A lower threshold joins whatever a higher one does.
        let joined = Band::THRESHOLDS.map(|at| band.is_joined_at(at));
        assert!(joined.is_sorted_by(|low, high| low >= high), "{band:?}");
    }
}
