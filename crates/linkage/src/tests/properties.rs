//! What holds for any records: symmetry, and that no order matters.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{Standing, score};

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
    let (_, linked) = link(&records(&shuffled));
    linked
        .clusters
        .into_iter()
        .map(|cluster| {
            let members = cluster.members.iter().map(|index| order[index.0]).collect();
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
        let model = model();
        for a in records.all() {
            for b in records.all() {
                prop_assert_eq!(score(&records, a, b, &model), score(&records, b, a, &model));
            }
        }
    }

    #[test]
    fn every_record_is_in_one_person_and_differing_names_of_one_source_never_share_one(rows in rows()) {
        let (_, linked) = link(&records(&rows));
        let mut seen = BTreeSet::new();
        for person in persons(&linked) {
            for (place, a) in person.iter().enumerate() {
                prop_assert!(seen.insert(*a));
                for b in person.iter().skip(place + 1) {
                    prop_assert!(rows[*a].0 != rows[*b].0 || rows[*a].1 == rows[*b].1, "{:?}", person);
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
