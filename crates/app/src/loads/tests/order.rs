//! Files of one source, laid in whatever order they come.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearpicture_ingest::Profile;
use clearpicture_kernel::{PersonName, Says};
use jiff::civil::date;
use proptest::prelude::*;

use super::World;
use crate::loads::types::LoadId;

/// People by number, each with a family name.
pub(super) fn people(extract: &str) -> Profile {
    let text = format!(
        r#"
        name = "people"
        title = "People"
        format = "table"
        extract = "{extract}"
        subjects = "people"
        [[table]]
        key = ["Id"]
        person = "Id"
        [[table.column]]
        name = "Id"
        type = "text"
        required = true
        [[table.column]]
        name = "Family"
        type = "name"
        required = true
        [[table.column]]
        name = "Secret"
        type = "code"
        optional = true
        means = "confidentiality"
        codes = {{ "U" = "unrestricted", "R" = "restricted" }}
        [[table.fact]]
        says = "name"
        with = {{ family = "Family" }}
        [[table.fact]]
        says = "protection"
        with = {{ code = "Secret" }}
        "#
    );
    Profile::parse("people.toml", &text).unwrap()
}

/// What a file holds: people by number, each with a name.
pub(super) type People = BTreeMap<u8, &'static str>;

/// What stands once files were laid in the order of their days: each person's name, and whether they are told of still.
pub(super) fn stands(
    files: &BTreeMap<i8, People>,
    is_full: bool,
) -> BTreeMap<u8, (&'static str, bool)> {
    let mut stands = BTreeMap::new();
    for file in files.values() {
        if is_full {
            for (_, told) in stands.values_mut() {
                *told = false;
            }
        }
        stands.extend(file.iter().map(|(id, name)| (*id, (*name, true))));
    }
    stands
}

/// Takes in a file of a day of October.
pub(super) async fn take(world: &World, day: i8, file: &People) -> LoadId {
    let rows = file
        .iter()
        .map(|(id, name)| format!("{id},{} {name},\n", char::from(b'a' + id)));
    let text = format!("Id,Family,Secret\n{}", rows.collect::<String>());
    let day = date(2026, 10, day);
    let taken = world.take_of(text.as_bytes(), Some(day)).await;
    taken.unwrap().0
}

/// What stands in a database, as [`stands`] says it.
pub(super) async fn stand_in(world: &World) -> BTreeMap<u8, (String, bool)> {
    // Names tell people apart: each begins with the person's number.
    let known = world.known().await;
    let mut stands = BTreeMap::new();
    for known in &known {
        assert_eq!(known.tellings.len(), 1, "one row stands for each person");
        let telling = &known.tellings[0];
        let name = telling.facts.iter().find_map(|fact| match &fact.says {
            Says::Name { family, .. } => family.as_ref().map(PersonName::reveal),
            _ => None,
        });
        let (id, name) = name.unwrap().split_once(' ').unwrap();
        let id = id.bytes().next().unwrap() - b'a';
        stands.insert(id, (name.to_owned(), !telling.ended));
    }
    stands
}

/// The same as a database says it.
pub(super) fn wanted(files: &BTreeMap<i8, People>, is_full: bool) -> BTreeMap<u8, (String, bool)> {
    let stands = stands(files, is_full).into_iter();
    stands
        .map(|(id, (name, told))| (id, (name.to_owned(), told)))
        .collect()
}

async fn laid_in(
    order: &[(i8, People)],
    is_full: bool,
) -> (BTreeMap<u8, (String, bool)>, u64, usize) {
    let mut world = World::new().await;
    world.practice.profiles = Arc::from([people(if is_full { "full" } else { "partial" })]);
    for (day, file) in order {
        take(&world, *day, file).await;
    }
    let stands = stand_in(&world).await;
    world.store.verify().await.unwrap();
    let known = world.known().await.len();
    (stands, world.count().await, known)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_in_which_files_come_each_lands_on_its_day(
        files in prop::collection::btree_map(
            1_i8..28,
            prop::collection::btree_map(0_u8..4, prop::sample::select(vec!["Ash", "Birch", "Cedar"]), 1..4),
            1..5,
        ),
        shuffle in prop::collection::vec(any::<u32>(), 5),
        is_full in any::<bool>(),
    ) {
        let wanted = wanted(&files, is_full);
        let mut order: Vec<(i8, People)> = files.into_iter().collect();
        let mut keys = shuffle.into_iter();
        order.sort_by_cached_key(|_| keys.next());
        let named: Vec<(i8, People)> = order;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (stood, persons, subjects) = runtime.block_on(laid_in(&named, is_full));
        prop_assert_eq!(stood, wanted);
        prop_assert_eq!(persons, subjects as u64);
    }
}
