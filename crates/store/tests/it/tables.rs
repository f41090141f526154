//! The tables in both databases are those declared, and the entities fit them.

use clearpicture_store::schema::ColumnType;
use sea_orm::ConnectionTrait as _;

use crate::place::{Kind, Place, on_both};
use crate::world::World;

on_both!(
    tables_and_columns_are_those_declared,
    entities_have_the_columns_of_their_tables,
    text_is_ordered_by_its_bytes,
);

/// One column as the database tells it: its name, its type, and whether it may be empty.
type Told = (String, String, bool);

async fn told(world: &World, kind: Kind, table: &str) -> Vec<Told> {
    let select = match kind {
        Kind::Sqlite => format!(
            "SELECT name, lower(type) AS type, \"notnull\" = 0 AS nullable FROM pragma_table_info('{table}')"
        ),
        Kind::Postgres => format!(
            "SELECT column_name::text AS name, data_type::text AS type, is_nullable = 'YES' AS nullable \
             FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let reader = world.store.reader();
    let statement = sea_orm::Statement::from_string(reader.get_database_backend(), select);
    let rows = reader.query_all_raw(statement).await.expect("read");
    rows.iter()
        .map(|row| {
            (
                row.try_get("", "name").expect("a name"),
                row.try_get("", "type").expect("a type"),
                row.try_get::<bool>("", "nullable")
                    .or_else(|_| row.try_get::<i64>("", "nullable").map(|flag| flag == 1))
                    .expect("a flag"),
            )
        })
        .collect()
}

async fn tables_and_columns_are_those_declared(place: &Place) {
    let world = World::at(place).await;
    let word = |holds: ColumnType| match (holds, place.kind) {
        (ColumnType::Text, _) => "text",
        // SQLite's own integers are of 64 bits.
        (ColumnType::Integer, Kind::Sqlite) => "integer",
        (ColumnType::Integer, Kind::Postgres) => "bigint",
        (ColumnType::Bytes, Kind::Sqlite) => "blob",
        (ColumnType::Bytes, Kind::Postgres) => "bytea",
        (ColumnType::Flag, _) => "boolean",
    };
    for table in world.store.tables() {
        let declared: Vec<Told> = table
            .columns
            .iter()
            .map(|column| {
                (
                    column.name.to_owned(),
                    word(column.holds).to_owned(),
                    column.nullable,
                )
            })
            .collect();
        assert_eq!(
            told(&world, place.kind, table.name).await,
            declared,
            "{}",
            table.name
        );
    }
    world.close().await;
}

async fn entities_have_the_columns_of_their_tables(place: &Place) {
    let world = World::at(place).await;
    for record in world.store.records() {
        let name = (record.table)();
        let table = world.store.tables().iter().find(|table| table.name == name);
        let columns: Vec<&str> = table
            .expect("declared")
            .columns
            .iter()
            .map(|c| c.name)
            .collect();
        assert_eq!((record.columns)(), columns, "{name}");
    }
    world.close().await;
}

async fn text_is_ordered_by_its_bytes(place: &Place) {
    let world = World::at(place).await;
    let behind = place.behind().await;
    for id in ["b", "A", "\u{E9}", "a", "B", "\u{1F469}", "_", "-"] {
        let insert = format!("INSERT INTO seat VALUES ('{id}', '{id}', 1)");
        behind.execute_unprepared(&insert).await.expect("inserted");
    }
    let seats = world
        .store
        .scratch::<crate::note::seat::Entity>()
        .expect("ephemeral");
    let select = sea_orm::QueryOrder::order_by_asc(seats.find(), crate::note::seat::Column::Id);
    let found: Vec<String> = seats
        .all(select)
        .await
        .expect("read")
        .into_iter()
        .map(|s| s.id)
        .collect();
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(found, sorted);
    world.close().await;
}
