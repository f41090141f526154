//! Someone rewrites history so that its hashes fit again.

use clearpicture_kernel::Digest;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use crate::place::{Place, on_both};
use crate::tampering::Type::{Bytes, Text};
use crate::tampering::{ENTRY, LOOK, Type, five, put, refusal, seal, value};

on_both!(
    an_entry_rewritten_with_a_hash_that_fits_is_named,
    a_chain_rewritten_to_its_end_breaks_its_seal,
    a_chain_rewritten_seals_and_all_differs_from_the_second_holders,
    a_read_log_rewritten_or_shortened_is_found_as_history_is,
);

/// One of the two chains, as the architecture tells it.
struct Chained {
    table: &'static str,
    context: &'static [u8],
    columns: &'static [(&'static str, Type)],
}

const HISTORY: Chained = Chained {
    table: "history_entry",
    context: b"clearpicture.entry.1",
    columns: ENTRY,
};
const READ_LOG: Chained = Chained {
    table: "read_log",
    context: b"clearpicture.look.1",
    columns: LOOK,
};

/// Reads a link and computes its hash as the architecture tells it, apart from the store's own code.
async fn rehash(behind: &DatabaseConnection, chain: &Chained, number: i64) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = vec![chain.context.to_vec()];
    for column in chain.columns {
        if column.0 == "hash" {
            continue;
        }
        parts.push(
            match value(behind, chain.table, ("seq", number), *column).await {
                sea_orm::Value::String(Some(text)) => text.into_bytes(),
                sea_orm::Value::BigInt(Some(number)) => number.to_be_bytes().to_vec(),
                sea_orm::Value::Bytes(Some(bytes)) => bytes,
                sea_orm::Value::Bool(Some(flag)) => vec![u8::from(flag)],
                other => panic!("no such column: {other:?}"),
            },
        );
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Digest::of_parts(&parts).to_vec()
}

/// Alters an entry and gives it a hash that fits.
async fn rewrite(behind: &DatabaseConnection, number: i64, column: &str, to: sea_orm::Value) {
    rewrite_in(behind, &HISTORY, number, column, to).await;
}

/// Alters a link of either chain and gives it a hash that fits.
async fn rewrite_in(
    behind: &DatabaseConnection,
    chain: &Chained,
    number: i64,
    column: &str,
    to: sea_orm::Value,
) {
    put(behind, chain.table, ("seq", number), column, to).await;
    let hash = rehash(behind, chain, number).await;
    put(behind, chain.table, ("seq", number), "hash", hash.into()).await;
}

async fn an_entry_rewritten_with_a_hash_that_fits_is_named(place: &Place) {
    let world = five(place).await;
    let behind = place.behind_the_triggers().await;
    let put_back = async |number: i64, column: &(&str, Type), before: sea_orm::Value| {
        rewrite(&behind, number, column.0, before).await;
        world.store.verify().await.expect("put back");
    };
    let (actor, previous) = (&("actor", Text), &("previous_hash", Bytes));
    let zeros = || sea_orm::Value::from(vec![0_u8; 32]);

    for sealed in [false, true] {
        if sealed {
            seal(&world).await;
        }
        for number in [1, 3, 4] {
            let before = value(&behind, "history_entry", ("seq", number), *actor).await;
            rewrite(&behind, number, actor.0, "someone else".into()).await;
            let said = refusal(&world).await.to_string();
            let named = match (number, sealed) {
                // Only the last follows it, so its word stands alone until there is a seal.
                (4, false) => "entry 4 or 5 was altered: the one does not follow the other",
                (1, _) => "entry 1 was altered",
                (3, _) => "entry 3 was altered",
                _ => "entry 4 was altered",
            };
            assert_eq!(said, named);
            put_back(number, actor, before).await;
        }
        for number in [1, 3, 5] {
            let before = value(&behind, "history_entry", ("seq", number), *previous).await;
            let other = if number == 1 {
                vec![1_u8; 32].into()
            } else {
                zeros()
            };
            rewrite(&behind, number, previous.0, other).await;
            let said = refusal(&world).await.to_string();
            let named = match (number, sealed) {
                (5, false) => "entry 4 or 5 was altered: the one does not follow the other",
                (1, _) => "entry 1 was altered",
                (3, _) => "entry 3 was altered",
                _ => "entry 5 was altered",
            };
            assert_eq!(said, named);
            put_back(number, previous, before).await;
        }
    }
    // The last one, sealed, has nothing after it: only the seal can tell.
    rewrite(&behind, 5, actor.0, "someone else".into()).await;
    assert_eq!(
        refusal(&world).await.to_string(),
        "entries 1 to 5 are not those that seal 1 was set on: some were rewritten"
    );
    world.close().await;
}

/// Alters entry 3 and computes every hash from there to the end anew.
async fn rewrite_chain(behind: &DatabaseConnection) {
    rewrite(behind, 3, "actor", "someone else".into()).await;
    for number in 4..=5 {
        let before = value(
            behind,
            "history_entry",
            ("seq", number - 1),
            ("hash", Bytes),
        )
        .await;
        rewrite(behind, number, "previous_hash", before).await;
    }
}

async fn a_chain_rewritten_to_its_end_breaks_its_seal(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let behind = place.behind_the_triggers().await;
    rewrite_chain(&behind).await;
    assert_eq!(
        refusal(&world).await.to_string(),
        "entries 1 to 5 are not those that seal 1 was set on: some were rewritten"
    );
    world.close().await;
}

async fn a_chain_rewritten_seals_and_all_differs_from_the_second_holders(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let kept = world
        .store
        .export_seals(place.folder())
        .await
        .expect("exported");
    assert_eq!(kept.len(), 2);
    let behind = place.behind_the_triggers().await;
    rewrite_chain(&behind).await;
    behind
        .execute_unprepared("DELETE FROM history_seal")
        .await
        .expect("deleted");
    let missing = world
        .store
        .verify_against(place.folder())
        .await
        .expect_err("missing");
    assert_eq!(missing.to_string(), "seal 1 is missing");
    assert_eq!(world.store.seal_due().await.expect("sealed anew"), 1);
    // By itself the database hangs together again.
    world.store.verify().await.expect("whole by itself");
    let differs = world
        .store
        .verify_against(place.folder())
        .await
        .expect_err("differs");
    assert_eq!(
        differs.to_string(),
        "seal 1 differs from the one that was handed over: history was rewritten"
    );
    world.close().await;
}

async fn a_read_log_rewritten_or_shortened_is_found_as_history_is(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let kept = world.store.export_seals(place.folder()).await;
    assert_eq!(kept.expect("exported").len(), 2);
    let behind = place.behind_the_triggers().await;
    // Row 2 is the last, and tells of another looker with a hash that fits: only the seal can tell.
    rewrite_in(&behind, &READ_LOG, 2, "looker", "someone else".into()).await;
    assert_eq!(
        refusal(&world).await.to_string(),
        "read log rows 1 to 2 are not those that read log seal 1 was set on: some were rewritten"
    );
    // Row 1 is named by itself, as the row after it no longer follows.
    rewrite_in(
        &behind,
        &READ_LOG,
        2,
        "looker",
        world.worker.identity.to_string().into(),
    )
    .await;
    world.store.verify().await.expect("put back");
    rewrite_in(&behind, &READ_LOG, 1, "looker", "someone else".into()).await;
    assert_eq!(
        refusal(&world).await.to_string(),
        "read log row 1 was altered"
    );
    // Shortened, and sealed anew: whole by itself, and not what the second holder has.
    for statement in ["DELETE FROM read_log", "DELETE FROM read_log_seal"] {
        behind.execute_unprepared(statement).await.expect("deleted");
    }
    world.store.verify().await.expect("whole by itself");
    let missing = world.store.verify_against(place.folder()).await;
    assert_eq!(
        missing.expect_err("missing").to_string(),
        "read log seal 1 is missing"
    );
    world.load(&world.add(&world.a_note()).await).await;
    seal(&world).await;
    let differs = world.store.verify_against(place.folder()).await;
    assert_eq!(
        differs.expect_err("differs").to_string(),
        "read log seal 1 differs from the one that was handed over: the read log was rewritten"
    );
    world.close().await;
}
