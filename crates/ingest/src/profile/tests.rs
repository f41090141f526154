//! What profiles refuse, and how the shipped ones stand beside the schemas they are of.

use super::*;

const SHIPPED: &str = include_str!("../../../../practice/sources/involvement-csc.toml");

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the practice that ships"
)]
fn shipped() -> Vec<Profile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../practice/sources");
    let files = std::fs::read_dir(folder).unwrap();
    let read = files.map(|file| {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Profile::parse(&name, &std::fs::read_to_string(&path).unwrap()).unwrap()
    });
    read.collect()
}

#[test]
fn no_source_is_read_for_where_a_child_lives_and_does_not_tell_it() {
    let mut dropped = Vec::new();
    for profile in shipped() {
        for table in profile
            .tables
            .iter()
            .filter(|table| !table.facts.is_empty())
        {
            let told: BTreeSet<&str> = table.facts.iter().flat_map(Tell::columns).collect();
            let places = table.columns.iter().filter(|column| {
                let name = column.name.get_ref();
                matches!(column.kind, Kind::Postcode | Kind::Address)
                    // Text in braces, of the kind because it may have several lines.
                    && !name.ends_with("_json")
                    && !told.contains(name.as_str())
            });
            let place = |column: &Column| format!("{}: {}", profile.name, column.name.get_ref());
            dropped.extend(places.map(place));
        }
    }
    assert!(dropped.is_empty(), "{dropped:?}");
}

#[test]
fn a_mistake_is_told_with_its_file_and_line() {
    assert!(Profile::parse("a.toml", SHIPPED).is_ok());
    for (from, to, says) in [
        ("person =", "persno =", "unknown field"),
        (
            "person = \"Cms Id\"",
            "person = \"Number\"",
            "there is no column `Number`",
        ),
        (
            "key = [\"Cms Id\"]",
            "key = [\"Gender\", \"Nmae\"]",
            "there is no column `Nmae`",
        ),
        (
            "on = \"Date Of Birth\"",
            "on = \"Gender\"",
            "the fact `born` cannot be made",
        ),
        (
            "given = \"First Name\"",
            "gvien = \"First Name\"",
            "the fact `name` cannot be made",
        ),
        (
            "\"begins-after-end\"",
            "\"begins-afterwards\"",
            "unknown variant",
        ),
    ] {
        let changed = SHIPPED.replacen(from, to, 1);
        assert_ne!(changed, SHIPPED, "{from}");
        let line = 1 + changed
            .split_once(to)
            .map_or(0, |(before, _)| before.matches('\n').count());
        let error = Profile::parse("a.toml", &changed).expect_err("refused");
        assert_eq!(error.file, "a.toml");
        assert!(error.problem.contains(says), "{error}");
        assert!(error.line.abs_diff(line) <= 1, "{error} instead of {line}");
    }
}

/// A published schema beside the checkout; `None` on a machine without it.
#[expect(
    clippy::disallowed_methods,
    reason = "a test reads example files, and where they are"
)]
fn published(name: &str) -> Option<String> {
    let folder = std::env::var_os("CLEARPICTURE_SHARED_DATA").map_or_else(
        || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        std::path::PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join(name)).ok();
    assert!(
        text.is_some() || std::env::var_os("CI").is_none(),
        "{name} is not there: name the folder of example files with CLEARPICTURE_SHARED_DATA"
    );
    text
}

/// The values of `key="…"` in a text.
fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let key = format!("{key}=\"");
    text.split(key.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The elements of a schema whose values are of a list, each with its list.
fn listed(schema: &str) -> BTreeMap<&str, Vec<&str>> {
    let types: BTreeMap<&str, Vec<&str>> = schema
        .split("<xs:simpleType name=\"")
        .skip(1)
        .filter_map(|one| {
            let (name, rest) = one.split_once('"')?;
            let body = rest.split("</xs:simpleType>").next()?;
            Some((name, values(body, "enumeration value")))
        })
        .collect();
    let elements = schema.split("<xs:element ").skip(1).filter_map(|one| {
        let one = one.split('>').next()?;
        let list = types.get(*values(one, "type").first()?)?;
        Some((*values(one, "name").first()?, list.clone()))
    });
    elements.filter(|(_, list)| !list.is_empty()).collect()
}

#[test]
fn the_census_reads_every_list_of_each_years_schema() {
    let text = include_str!("../../../../practice/sources/cin-census.toml");
    let profile = Profile::parse("cin-census.toml", text).unwrap();
    for year in [2021, 2024, 2025, 2026] {
        let Some(schema) = published(&format!("cin_census/schema/CIN_schema_{year}.xsd")) else {
            return;
        };
        let lists = listed(&schema);
        assert!(lists.len() > 10, "{year}: {lists:?}");
        let years = profile.edition_years();
        let edition = years.into_iter().rfind(|from| *from <= year).unwrap();
        let tables = profile.tables_of(edition);
        for (element, codes) in lists {
            let mut columns = tables.iter().flat_map(|table| &table.columns);
            let column = columns.find(|column| {
                let path = column.path.as_deref().unwrap_or_default();
                path.rsplit('/').next() == Some(element)
            });
            let column = column.unwrap_or_else(|| panic!("{year}: nothing reads {element}"));
            let unread = codes
                .iter()
                .filter(|code| column.kind == Kind::Code && !column.codes.0.contains_key(**code));
            assert_eq!(unread.count(), 0, "{year}: {element}");
        }
    }
}

#[test]
fn a_table_that_names_its_record_is_read_from_xml_by_the_names_of_its_columns() {
    let text = include_str!("../../../../practice/sources/ssda903-episodes.toml");
    let profile = Profile::parse("ssda903-episodes.toml", text).unwrap();
    assert!(profile.is_read_from_xml());
    for year in profile.edition_years() {
        let tables = profile.tables_of(year);
        let path = |column: &str| {
            let table = tables.first().unwrap();
            table.columns[table.place(column).unwrap()]
                .path
                .clone()
                .unwrap()
        };
        assert_eq!(path("CHILD"), "HEADER/CHILDID");
        assert_eq!(path("DECOM"), "EPISODE/DECOM");
        assert_eq!(
            path("PLACE"),
            "EPISODE/PL",
            "in {year}, whatever its codes are"
        );
    }
    assert!(
        !Profile::parse("a.toml", SHIPPED)
            .unwrap()
            .is_read_from_xml()
    );
}
