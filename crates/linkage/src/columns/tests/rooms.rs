//! Pairs for which memory has no room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::columns::judge;

/// Many who are much alike, and the truth of them.
fn alike(plan: &Plan) -> Table {
    let each = (0..120).map(|number| {
        let (given, home) = (["Martin", "Marten", "Amara"][number % 3], number % 7);
        vec![
            number.to_string(),
            given.to_owned(),
            ["Okoro", "Okora"][number % 2].to_owned(),
            format!("2011-12-{:02}", 10 + number % 5),
            String::new(),
            format!("{home} Mill Lane"),
        ]
    });
    let asides = Asides {
        truth: Some("born"),
        groups: &[],
    };
    table_with(plan, &[("one", &HEADINGS, each.collect())], asides).expect("a table")
}

fn everybody() -> Plan {
    Plan {
        blocks: Vec::new(),
        ..plan(PEOPLE)
    }
}

#[test]
fn what_is_judged_is_the_same_in_any_room() {
    let plan = everybody();
    let table = alike(&plan);
    let plenty = linked(&table, &plan);
    let judged = judge(&plenty, 2).expect("read back");
    assert!(judged.is_some() && plenty.spilled() == 0);
    let kept = plenty.pairs().len() as u64;
    // From room for nothing to room for all of them.
    let mut spilled = Vec::new();
    for pairs in [0, 1, kept / 2, kept, 4 * kept] {
        let room = least(&table, &plan) + 24 * pairs;
        let linking = link(&table, &plan, 2, Some(Memory::room(room))).expect("few pairs");
        assert_eq!(linking.persons, plenty.persons, "{pairs}");
        assert_eq!(linking.pairs(), plenty.pairs(), "{pairs}");
        assert_eq!(judge(&linking, 2).expect("read back"), judged, "{pairs}");
        spilled.push(linking.spilled() > 0);
    }
    assert_eq!(spilled, [true, true, true, true, false]);
}

#[test]
fn scratch_that_breaks_down_is_told_and_nothing_comes_of_it() {
    let plan = everybody();
    let table = alike(&plan);
    let all = linked(&table, &plan).kept.count() * 20;
    let room = |places, reads: &Arc<AtomicUsize>| Memory::breaking(0, places, Arc::clone(reads));
    for places in [0, 100, usize::try_from(all - 1).expect("small")] {
        let error = link(&table, &plan, 2, Some(room(places, &Arc::default())));
        assert_eq!(error.expect_err("full").to_string(), "no place");
    }
    for reads in [0, 1, 9, 3_000] {
        let error = link(
            &table,
            &plan,
            2,
            Some(room(usize::MAX, &Arc::new(reads.into()))),
        );
        assert_eq!(error.expect_err("broken").to_string(), "not read");
    }
    let reads = Arc::new(AtomicUsize::new(usize::MAX));
    let linking = link(&table, &plan, 2, Some(room(usize::MAX, &reads))).expect("few pairs");
    reads.store(0, Ordering::Relaxed);
    linking.weights(|_, _| ()).expect_err("not read");
    linking.shares(0, 9).expect_err("not read");
    judge(&linking, 2).expect_err("not read");
}
