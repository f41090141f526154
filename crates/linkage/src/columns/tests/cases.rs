//! The table of cases that an analyst reads and extends.

use super::*;
use crate::columns::{Column, Kind};

#[test]
fn values_agree_as_the_table_of_cases_says() {
    let lines = include_str!("../../../cases/levels.txt").lines();
    let mut seen = 0;
    for line in lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [kind, a, b, level] = cells.as_slice() else {
            panic!("four cells, please: {line}")
        };
        let (kind, month_first) = match *kind {
            "day-month" => (Kind::Date, false),
            "month-day" => (Kind::Date, true),
            "given-name" => (Kind::GivenName, false),
            "family-name" => (Kind::FamilyName, false),
            "date" => (Kind::Date, false),
            "category" => (Kind::Category, false),
            "postcode" => (Kind::Postcode, false),
            "number" => (Kind::Number, false),
            "phone" => (Kind::Phone, false),
            "email" => (Kind::Email, false),
            "text" => (Kind::Text, false),
            other => panic!("no such kind: {other}"),
        };
        let plan = Plan {
            columns: vec![Column {
                month_first,
                ..Column::new("value", kind)
            }],
            blocks: Vec::new(),
            apart: Vec::new(),
            id_column: None,
            prior: None,
            ..plan(PEOPLE)
        };
        for (a, b) in [(a, b), (b, a)] {
            let rows = vec![vec![(*a).to_owned()], vec![(*b).to_owned()]];
            let table = table(&plan, &[("cases", &["value"], rows)]).expect("a table");
            let linking = linked(&table, &plan);
            let found = linking.looking().parts(0, 1);
            assert_eq!(
                found.first().map(|(_, found, _)| found.name()),
                Some(*level),
                "{line}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 60, "{seen} cases were read");
}
