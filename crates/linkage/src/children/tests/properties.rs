//! What holds for any records: symmetry, and that no order matters.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::Standing;
use super::*;
use crate::children::{shares, told};

type Owned = (
    u32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn rows() -> impl Strategy<Value = Vec<Owned>> {
    let row = (
        0..3_u32,
        prop::sample::select(vec![
            "Martin",
            "Damian",
            "Marten",
            "Amara",
            "Martin James",
            "",
        ]),
        prop::sample::select(vec!["Okoro", "Abara", "Okora", "Martin"]),
        prop::sample::select(vec![
            "2011-12-10",
            "2011-12-11",
            "2011-10-12",
            "2009-01-01",
            "",
        ]),
        prop::sample::select(vec!["male", "female", ""]),
        prop::sample::select(vec![
            "12 Mill Lane\nZZ1 1AA",
            "7 Hill Road\nZZ9 9ZZ",
            "12 Mill Ln\nZZ1 1AA",
            "",
        ]),
    );
    prop::collection::vec(row, 0..14)
}

/// Persons as sets of rows of the first order, with their standing.
fn found(rows: &[Owned], order: &[usize]) -> BTreeSet<(BTreeSet<usize>, Standing)> {
    let shuffled: Vec<Row<'_>> = order.iter().map(|place| rows[*place]).collect();
    linked(&records(&shuffled))
        .clusters
        .into_iter()
        .map(|cluster| {
            let members = cluster
                .members
                .iter()
                .map(|index| order[index.0 as usize])
                .collect();
            (members, cluster.standing)
        })
        .collect()
}

proptest! {
    #[test]
    fn any_order_gives_the_same_persons(
        (rows, order) in rows().prop_flat_map(|rows| {
            let order: Vec<usize> = (0..rows.len()).collect();
            (Just(rows), Just(order).prop_shuffle())
        })
    ) {
        let straight: Vec<usize> = (0..rows.len()).collect();
        prop_assert_eq!(found(&rows, &straight), found(&rows, &order));
    }

    #[test]
    fn a_pair_is_worth_the_same_both_ways(rows in rows()) {
        let records = records(&rows);
        let count = u32::try_from(rows.len()).unwrap_or_default();
        for a in 0..count {
            for b in 0..a {
                prop_assert_eq!(compared(&records, a, b), compared(&records, b, a));
            }
        }
    }

    #[test]
    fn one_thread_and_eight_find_the_same(rows in rows()) {
        let records = records(&rows);
        let before = Before::default();
        prop_assert_eq!(link_by(&records, &before, 1), link_by(&records, &before, 8));
    }

    /// A run over everything links share by share.
    #[test]
    fn each_share_by_itself_comes_to_what_all_together_come_to(
        rows in rows(),
        about in 1..6_usize,
        joined in prop::collection::btree_set((0..14_u32, 0..14_u32), 0..4),
        decided in prop::collection::btree_set((0..14_u32, 0..14_u32, any::<bool>()), 0..4),
    ) {
        let count = u32::try_from(rows.len()).unwrap_or_default();
        let pair = |a: u32, b: u32| {
            (a != b && a.max(b) < count).then_some((RecordIndex(a.min(b)), RecordIndex(a.max(b))))
        };
        let pairs = |same: bool| decided.iter().filter(|one| one.2 == same).filter_map(|one| pair(one.0, one.1)).collect();
        let before = Before {
            joined: joined.iter().filter_map(|(a, b)| pair(*a, *b)).collect(),
            same: pairs(true),
            apart: pairs(false),
        };
        let all = records(&rows);
        let whole = link_by(&all, &before, 1);
        // How common names are does not depend on the share.
        let shared = with_common(&all, |common| {
            let also = before.joined.iter().chain(&before.same).copied();
            shares(&all, model(), also, common, about, 1)
        });
        let shared = shared.expect("few enough pairs");
        let mut seen = Vec::new();
        let mut clusters = Vec::new();
        let mut held_apart = Vec::new();
        for share in shared {
            let place = |index: &RecordIndex| share.binary_search(index).ok().and_then(|place| u32::try_from(place).ok());
            let own: Vec<Row<'_>> = share.iter().map(|index| rows[index.0 as usize]).collect();
            let of = |pairs: &BTreeSet<(RecordIndex, RecordIndex)>| {
                pairs.iter().filter_map(|(a, b)| Some((RecordIndex(place(a)?), RecordIndex(place(b)?)))).collect()
            };
            let before = Before { joined: of(&before.joined), same: of(&before.same), apart: of(&before.apart) };
            let linked = with_common(&all, |common| link(&records(&own), model(), &before, common, 1));
            let linked = linked.expect("few enough pairs");
            let back = |index: &RecordIndex| share[index.0 as usize];
            clusters.extend(linked.clusters.into_iter().map(|one| (one.members.iter().map(back).collect::<Vec<_>>(), one.standing)));
            held_apart.extend(linked.held_apart.iter().map(|one| (back(&one.evidence.a), back(&one.evidence.b), one.because)));
            seen.extend(share);
        }
        clusters.sort();
        held_apart.sort();
        let expected: Vec<_> = whole.clusters.into_iter().map(|one| (one.members, one.standing)).collect();
        prop_assert_eq!(clusters, expected);
        let expected: Vec<_> = whole.held_apart.iter().map(|one| (one.evidence.a, one.evidence.b, one.because)).collect();
        prop_assert_eq!(held_apart, expected);
        seen.sort_unstable();
        let everybody: Vec<RecordIndex> = (0..count).map(RecordIndex).collect();
        prop_assert_eq!(seen, everybody);
    }

    /// What a database finds somebody by is what records are compared by.
    #[test]
    fn two_records_that_are_compared_share_all_parts_of_a_block(rows in rows()) {
        let records = records(&rows);
        let table = records.table();
        let keys = crate::columns::Keys::of(table, &model().plan, 1).expect("few enough pairs");
        let shared: Vec<_> = rows.iter().map(|row| model().shared(&facts(*row))).collect();
        for (a, one) in (0..).zip(&shared) {
            for (b, other) in (0..).zip(&shared).take(a as usize) {
                let shares = one.iter().any(|parts| other.contains(parts));
                prop_assert!(shares || !keys.are_met(table, a, b), "{:?} {:?}", rows[a as usize], rows[b as usize]);
            }
        }
        // And each of those parts is a key of its own.
        for (row, blocks) in rows.iter().zip(&shared) {
            let keys: Vec<_> = facts(*row).iter().flat_map(told).collect();
            for part in blocks.iter().flatten() {
                prop_assert!(keys.contains(part));
            }
        }
    }

    #[test]
    fn every_record_is_in_one_person_and_differing_names_of_one_source_never_share_one(rows in rows()) {
        let linked = linked(&records(&rows));
        let mut seen = BTreeSet::new();
        for person in persons(&linked) {
            for (place, a) in person.iter().enumerate() {
                prop_assert!(seen.insert(*a));
                for b in person.iter().skip(place + 1) {
                    prop_assert!(rows[*a as usize].0 != rows[*b as usize].0 || rows[*a as usize].1 == rows[*b as usize].1, "{:?}", person);
                }
            }
        }
        prop_assert_eq!(seen.len(), rows.len());
    }

    #[test]
    fn cleaning_takes_any_text_and_is_done_once(text in any::<String>()) {
        let words = crate::clean::words(&text);
        prop_assert_eq!(crate::clean::words(&words), words);
        if let Some(postcode) = crate::clean::postcode(&text) {
            prop_assert_eq!(crate::clean::postcode(&postcode), Some(postcode));
        }
    }
}
