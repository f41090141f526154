//! What holds for any records.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::columns::KEPT;

fn cell(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

fn any_rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    let row = (
        cell(&[
            "Martin", "Damian", "Marten", "Amara", "Okoro", "Bob", "Robert", "",
        ]),
        cell(&["Okoro", "Okora", "Martin", "Smith-Jones", "Smith", ""]),
        cell(&["2011-12-10", "2011-12-11", "2011-10-12", "2009-01-01", ""]),
        cell(&["m", "f", ""]),
        cell(&["12 Mill Lane", "14 Mill Lane", "7 Hill Road", ""]),
    );
    let row = row.prop_map(|(given, family, born, sex, home)| vec![given, family, born, sex, home]);
    // Lists that come again and again say the same of most people.
    let often = (row, 1..4_usize).prop_map(|(row, times)| vec![row; times]);
    prop::collection::vec(often, 0..12).prop_map(|rows| rows.concat())
}

/// Numbers the rows in the order they stand.
fn numbered(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let each = rows.iter().enumerate();
    each.map(|(number, row)| {
        std::iter::once(number.to_string())
            .chain(row.clone())
            .collect()
    })
    .collect()
}

/// Who is one person, as what their records say: records that say the same are not told apart.
fn persons(linking: &Linking<'_>, rows: &[Vec<String>]) -> Vec<Vec<Vec<String>>> {
    let mut persons: Vec<Vec<Vec<String>>> = joined(linking)
        .into_iter()
        .map(|records| {
            let mut said: Vec<Vec<String>> = records
                .iter()
                .filter_map(|record| rows.get(*record as usize))
                .cloned()
                .collect();
            said.sort();
            said
        })
        .collect();
    persons.sort();
    persons
}

fn weights(linking: &Linking<'_>) -> Vec<(i32, u64)> {
    let mut all = Vec::new();
    let each = linking.weights(|weight, pairs| all.push((weight, pairs)));
    each.expect("read back");
    all
}

/// Pairs as shares of about so many give them.
fn in_shares(linking: &Linking<'_>, least: i32, most: usize) -> Vec<(u32, u32, i32)> {
    let mut all = Vec::new();
    for share in linking.shares(least, most).expect("read back") {
        let each = linking.of_share(&share, |one| {
            all.extend(one.pairs().map(|(a, b)| (a, b, one.weight)));
        });
        each.expect("read back");
    }
    all
}

proptest! {
    // Each links ten times, on up to eight threads.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// With all pairs in memory, with all of them in scratch, and with room for some.
    #[test]
    fn any_number_of_threads_and_any_room_give_the_same_bits(rows in any_rows(), more in 0..4_000_u64) {
        let plan = plan(PEOPLE);
        let table = table(&plan, &[("one", &HEADINGS, numbered(&rows))]).expect("a table");
        let one = link(&table, &plan, 1, None).expect("few pairs");
        let rooms = [None, Some(0), Some(least(&table, &plan) + more)];
        for (threads, bytes) in [1, 2, 8].into_iter().flat_map(|threads| rooms.map(|bytes| (threads, bytes))) {
            let other = link(&table, &plan, threads, bytes.map(Memory::room)).expect("few pairs");
            prop_assert_eq!(&one.persons, &other.persons);
            prop_assert_eq!(one.pairs(), other.pairs());
            prop_assert_eq!(one.compared, other.compared);
            let at = |linking: &Linking<'_>| linking.at(KEPT, threads).expect("read back");
            prop_assert_eq!(at(&one), at(&other));
            prop_assert_eq!(weights(&one), weights(&other));
            prop_assert_eq!(in_shares(&one, KEPT, 3), in_shares(&other, KEPT, 3));
            if bytes == Some(0) {
                let kept = weights(&one).len() as u64;
                prop_assert_eq!(other.spilled(), 20 * kept);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_order_of_records_gives_the_same_persons(
        (rows, shuffled) in any_rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let plan = plan(PEOPLE);
        let straight = table(&plan, &[("one", &HEADINGS, numbered(&rows))]).expect("a table");
        let other = table(&plan, &[("one", &HEADINGS, numbered(&shuffled))]).expect("a table");
        prop_assert_eq!(persons(&linked(&straight, &plan), &rows), persons(&linked(&other, &plan), &shuffled));
    }

    /// Blocks, runs, tasks and skipping what was met before find just the pairs that some block brings together.
    #[test]
    fn bulk_equals_pair_by_pair(rows in any_rows()) {
        let mut plan = plan(PEOPLE);
        let everybody = Plan { blocks: Vec::new(), ..plan.clone() };
        let rows = numbered(&rows);
        let table = table(&plan, &[("one", &HEADINGS, rows)]).expect("a table");
        let mut found = BTreeSet::new();
        let all = link(&table, &everybody, 1, None).expect("few pairs");
        let records = u64::from(table.len());
        prop_assert_eq!(all.compared, records * records.saturating_sub(1) / 2);
        let each: BTreeSet<_> = all.pairs().iter().map(|pair| (pair.a, pair.b)).collect();
        prop_assert_eq!(all.pairs().len(), each.len());
        prop_assert!(each.iter().all(|(a, b)| a < b));
        for block in plan.blocks.clone() {
            plan.blocks = vec![block];
            let alone = link(&table, &plan, 1, None).expect("few pairs");
            for pair in alone.pairs() {
                prop_assert!(all.pairs().contains(&pair));
                found.insert((pair.a, pair.b, pair.weight));
            }
        }
        let together = link(&table, &super::plan(PEOPLE), 2, None).expect("few pairs");
        let together: BTreeSet<_> = together.pairs().iter().map(|pair| (pair.a, pair.b, pair.weight)).collect();
        prop_assert_eq!(together, found);
        for pair in all.pairs() {
            let (there, back) = (all.looking().parts(pair.a, pair.b).iter().map(|one| one.2).sum::<i32>(), all.looking().parts(pair.b, pair.a).iter().map(|one| one.2).sum::<i32>());
            prop_assert_eq!(there, back);
            prop_assert!(pair.weight >= KEPT);
        }
    }

    /// Records that several threads took are the records that one would have taken.
    #[test]
    fn portions_joined_are_the_whole(rows in any_rows(), at in any::<prop::sample::Index>()) {
        let plan = plan(PEOPLE);
        let rows = numbered(&rows);
        let whole = table(&plan, &[("one", &HEADINGS, rows.clone())]).expect("a table");
        let mut builder = Builder::new(&plan, Asides::default());
        builder.source("one", &HEADINGS.map(str::to_owned)).expect("headings");
        let (first, rest) = rows.split_at(at.index(rows.len() + 1));
        for some in [first, rest] {
            let mut portion = builder.portion();
            some.iter().for_each(|row| portion.record(row).expect("room"));
            builder.join(portion).expect("room");
        }
        let joined = builder.finish(2).expect("a table");
        let (one, other) = (linked(&whole, &plan), linked(&joined, &plan));
        prop_assert_eq!(one.pairs(), other.pairs());
        prop_assert_eq!(&one.persons, &other.persons);
        prop_assert_eq!(&one.plan, &other.plan);
        prop_assert!(one.told().eq(other.told()));
        let ids = |table: &Table| -> Vec<String> {
            let source = &table.sources()[0];
            (1..=source.records).map(|number| source.id(number).into_owned()).collect()
        };
        prop_assert_eq!(ids(&whole), ids(&joined));
    }

    /// Shares of any size hold each pair that is worth enough, once and in order.
    #[test]
    fn shares_of_pairs_are_all_of_them(rows in any_rows(), most in 1..9_usize, least in KEPT..20_000) {
        let plan = plan(PEOPLE);
        let table = table(&plan, &[("one", &HEADINGS, numbered(&rows))]).expect("a table");
        let linking = linked(&table, &plan);
        let pairs: Vec<_> = linking.pairs().iter()
            .filter(|pair| pair.weight >= least)
            .map(|pair| (pair.a, pair.b, pair.weight))
            .collect();
        prop_assert_eq!(in_shares(&linking, least, most), pairs);
        let counted: u64 = weights(&linking).iter().map(|(_, pairs)| pairs).sum();
        prop_assert_eq!(counted, linking.pairs().len() as u64);
    }

    #[test]
    fn no_text_makes_a_table_stumble(cells in prop::collection::vec(any::<String>(), 12)) {
        let plan = plan(PEOPLE);
        let mut rows: Vec<Vec<String>> = cells.chunks(6).map(<[String]>::to_vec).collect();
        for (number, row) in rows.iter_mut().enumerate() {
            row[0] = number.to_string();
        }
        let table = table(&plan, &[("one", &HEADINGS, rows)]).expect("a table");
        prop_assert_eq!(linked(&table, &plan).persons.of.len(), 2);
    }
}
