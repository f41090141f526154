//! Someone works behind the store's back: everything they touch is named.

use clearpicture_store::Broken;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    history_and_the_read_log_take_no_change,
    any_byte_of_any_column_of_an_entry_is_named,
    any_byte_of_any_column_of_the_read_log_is_named,
    any_column_of_a_seal_is_named,
    an_entry_taken_away_is_named,
    the_last_row_of_the_read_log_taken_away_is_named,
);

#[derive(Clone, Copy)]
pub(crate) enum Type {
    Text,
    Integer,
    Bytes,
    Flag,
}
use Type::{Bytes, Flag, Integer, Text};

pub(crate) const ENTRY: &[(&str, Type)] = &[
    ("seq", Integer),
    ("recorded_at", Integer),
    ("record_id", Text),
    ("kind", Text),
    ("record_version", Integer),
    ("actor", Text),
    ("actor_agency", Text),
    ("action", Text),
    ("purpose", Text),
    ("policy_set", Text),
    ("deciding", Text),
    ("body_version", Integer),
    ("key_id", Text),
    ("body", Bytes),
    ("previous_hash", Bytes),
    ("hash", Bytes),
];
pub(crate) const LOOK: &[(&str, Type)] = &[
    ("seq", Integer),
    ("looked_at", Integer),
    ("quarter", Integer),
    ("looker", Text),
    ("agency", Text),
    ("roles", Text),
    ("record_id", Text),
    ("kind", Text),
    ("purpose", Text),
    ("marked", Flag),
    ("through", Text),
    ("previous_hash", Bytes),
    ("hash", Bytes),
];
const SEAL: &[(&str, Type)] = &[
    ("number", Integer),
    ("first_seq", Integer),
    ("last_seq", Integer),
    ("root", Bytes),
    ("previous_hash", Bytes),
    ("hash", Bytes),
    ("sealed_at", Integer),
];

/// Five entries, and two rows of the read log.
pub(crate) async fn five(place: &Place) -> World {
    let world = World::at(place).await;
    let first = world.add(&world.a_note()).await;
    for _ in 0..2 {
        world.add_many(2).await;
        world.load(&first).await;
        world.pass(900);
    }
    world
}

/// Seals both chains.
pub(crate) async fn seal(world: &World) {
    world.pass(60);
    assert_eq!(world.store.seal_due().await.expect("sealed"), 2);
}

pub(crate) async fn refusal(world: &World) -> Broken {
    world
        .store
        .verify()
        .await
        .expect_err("it was tampered with")
}

/// The value of one column of one row.
pub(crate) async fn value(
    behind: &DatabaseConnection,
    table: &str,
    (key, number): (&str, i64),
    (column, holds): (&str, Type),
) -> sea_orm::Value {
    let select = Query::select()
        .column(Alias::new(column))
        .from(Alias::new(table))
        .and_where(Expr::col(Alias::new(key)).eq(number))
        .to_owned();
    let row = behind
        .query_one(&select)
        .await
        .expect("read")
        .expect("a row");
    match holds {
        Text => row.try_get::<String>("", column).expect("text").into(),
        Integer => row.try_get::<i64>("", column).expect("a number").into(),
        Bytes => row.try_get::<Vec<u8>>("", column).expect("bytes").into(),
        Flag => row.try_get::<bool>("", column).expect("a flag").into(),
    }
}

pub(crate) async fn put(
    behind: &DatabaseConnection,
    table: &str,
    (key, number): (&str, i64),
    column: &str,
    value: sea_orm::Value,
) {
    let update = Query::update()
        .table(Alias::new(table))
        .value(Alias::new(column), SimpleExpr::from(value))
        .and_where(Expr::col(Alias::new(key)).eq(number))
        .to_owned();
    let done = behind.execute(&update).await.expect("updated");
    assert_eq!(done.rows_affected(), 1);
}

/// Every value that differs from `value` in one byte, and one that is longer.
fn altered(value: &sea_orm::Value) -> Vec<sea_orm::Value> {
    match value {
        sea_orm::Value::String(Some(text)) => {
            let one = |place: usize| {
                let letter = |(at, letter)| match at == place {
                    true if letter == 'x' => 'y',
                    true => 'x',
                    false => letter,
                };
                text.chars().enumerate().map(letter).collect::<String>()
            };
            let mut all: Vec<_> = (0..text.len()).map(|place| one(place).into()).collect();
            all.push(format!("{text} ").into());
            all
        }
        sea_orm::Value::Bytes(Some(bytes)) => {
            let one = |place: usize| {
                let mut other = bytes.clone();
                other[place] ^= 1;
                other
            };
            let mut all: Vec<_> = (0..bytes.len()).map(|place| one(place).into()).collect();
            all.push([bytes.as_slice(), &[0]].concat().into());
            all
        }
        // Not the lowest bits of the lowest byte, which might be another row's number.
        sea_orm::Value::BigInt(Some(number)) => (0..8)
            .map(|byte| (number ^ (0x40 << (8 * byte))).into())
            .collect(),
        sea_orm::Value::Bool(Some(flag)) => vec![(!flag).into()],
        other => panic!("no such column: {other:?}"),
    }
}

/// Alters every byte of every column of one row in turn, and gives what is said each time.
async fn alter_each(
    world: &World,
    behind: &DatabaseConnection,
    table: &str,
    columns: &[(&str, Type)],
    number: i64,
) -> Vec<(String, String)> {
    let key = columns[0].0;
    let mut told = Vec::new();
    for column in columns {
        let before = value(behind, table, (key, number), *column).await;
        for other in altered(&before) {
            put(behind, table, (key, number), column.0, other.clone()).await;
            let said = refusal(world).await.to_string();
            told.push((column.0.to_owned(), said));
            let now = match other {
                sea_orm::Value::BigInt(Some(moved)) if column.0 == key => moved,
                _ => number,
            };
            put(behind, table, (key, now), column.0, before.clone()).await;
        }
    }
    world.store.verify().await.expect("all put back");
    told
}

async fn history_and_the_read_log_take_no_change(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let behind = place.behind().await;
    for table in [
        "history_entry",
        "history_seal",
        "read_log",
        "read_log_seal",
        "data_key",
        "access_class",
    ] {
        let column = if table == "access_class" {
            "kind"
        } else {
            "hash"
        };
        let column = if table == "data_key" { "scope" } else { column };
        let mut changes = vec![
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
        ];
        if place.kind == crate::place::Kind::Postgres {
            changes.push(format!("TRUNCATE {table}"));
        }
        for change in changes {
            let refused = behind.execute_unprepared(&change).await.expect_err(&change);
            let says = format!("{table} is insert-only");
            assert!(refused.to_string().contains(&says), "{refused}");
        }
    }
    world.store.verify().await.expect("whole");
    world.close().await;
}

async fn any_byte_of_any_column_of_an_entry_is_named(place: &Place) {
    let world = five(place).await;
    let behind = place.behind_the_triggers().await;
    for sealed in [false, true] {
        if sealed {
            seal(&world).await;
        }
        for (column, said) in alter_each(&world, &behind, "history_entry", ENTRY, 3).await {
            let strange = column == "seq" && said.contains("was added from outside");
            let named = if column == "seq" {
                "entry 3 is missing"
            } else {
                "entry 3 was altered"
            };
            assert!(strange || said == named, "{column}: {said}");
        }
    }
    world.close().await;
}

async fn any_byte_of_any_column_of_the_read_log_is_named(place: &Place) {
    let world = five(place).await;
    let behind = place.behind_the_triggers().await;
    for (column, said) in alter_each(&world, &behind, "read_log", LOOK, 1).await {
        let strange = column == "seq" && said.contains("was added from outside");
        let named = if column == "seq" {
            "is missing"
        } else {
            "was altered"
        };
        assert!(
            strange || said == format!("read log row 1 {named}"),
            "{column}: {said}"
        );
    }
    world.close().await;
}

async fn any_column_of_a_seal_is_named(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let behind = place.behind_the_triggers().await;
    for (table, seal) in [("history_seal", "seal"), ("read_log_seal", "read log seal")] {
        for (column, said) in alter_each(&world, &behind, table, SEAL, 1).await {
            let named = ["was altered", "is missing"].map(|what| format!("{seal} 1 {what}"));
            assert!(
                named.contains(&said) || column == "number",
                "{column}: {said}"
            );
        }
    }
    world.close().await;
}

async fn an_entry_taken_away_is_named(place: &Place) {
    let world = five(place).await;
    let behind = place.behind_the_triggers().await;
    let take = async |number: i64| {
        let delete = format!("DELETE FROM history_entry WHERE seq = {number}");
        behind.execute_unprepared(&delete).await.expect("deleted");
    };
    // The last leaves its record behind, newer than history.
    take(5).await;
    let said = refusal(&world).await.to_string();
    assert!(
        said.contains("is at version 1, which history does not hold"),
        "{said}"
    );
    take(3).await;
    assert_eq!(refusal(&world).await.to_string(), "entry 3 is missing");
    world.close().await;
}

async fn the_last_row_of_the_read_log_taken_away_is_named(place: &Place) {
    let world = five(place).await;
    seal(&world).await;
    let kept = world.store.export_seals(place.folder()).await;
    assert_eq!(kept.expect("exported").len(), 2);
    let behind = place.behind_the_triggers().await;
    let takes = async |what: &str| {
        let delete = format!("DELETE FROM {what}");
        behind.execute_unprepared(&delete).await.expect("deleted");
    };
    let against = async || {
        let compared = world.store.verify_against(place.folder()).await;
        compared.expect_err("it was shortened").to_string()
    };
    takes("read_log WHERE seq = 2").await;
    assert_eq!(
        refusal(&world).await.to_string(),
        "read log row 2 is missing"
    );
    // With its seal it is missed by the second holder alone, and still when what is left is sealed anew.
    takes("read_log_seal").await;
    world.store.verify().await.expect("whole by itself");
    assert_eq!(against().await, "read log seal 1 is missing");
    world.pass(60);
    assert_eq!(world.store.seal_due().await.expect("sealed anew"), 1);
    world.store.verify().await.expect("whole by itself");
    assert_eq!(
        against().await,
        "read log seal 1 differs from the one that was handed over: the read log was rewritten"
    );
    world.close().await;
}
