//! Children in tables, and what linkage makes of them.

mod family_context;
mod properties;
mod rules;
mod scores;

use std::collections::BTreeSet;

use clearpicture_kernel::fact::{Confidence, Valid};
use clearpicture_kernel::{Address, Code, DateOfBirth, Fact, Line, PersonName, Says};

use crate::{
    Linked, Model, RecordIndex, Records, ScoredPair, Shield, SourceIndex, cluster, compare_all,
};

pub(super) const HOME: &str = "12 Mill Lane\nNewtown\nZZ1 1AA";
pub(super) const AWAY: &str = "7 Hill Road\nOldham Green\nZZ9 9ZZ";

/// One row: source, given names, family name, date of birth, sex, address.
pub(super) type Row<'a> = (u32, &'a str, &'a str, &'a str, &'a str, &'a str);

pub(super) fn model() -> Model {
    Model::read(include_str!("../../../../practice/linkage/children.toml"))
        .expect("the shipped model")
}

pub(super) fn stated(says: Says) -> Fact {
    Fact {
        says,
        valid: Valid::default(),
        confidence: Confidence::Stated,
    }
}

pub(super) fn facts((_, given, family, born, sex, address): Row<'_>) -> Vec<Fact> {
    let mut facts = vec![stated(Says::Name {
        given: PersonName::parse(given).ok(),
        family: PersonName::parse(family).ok(),
    })];
    if let Ok(day) = born.parse() {
        facts.push(stated(Says::Born {
            on: DateOfBirth::new(day),
        }));
    }
    if let Ok(code) = Code::parse(&sex.to_lowercase()) {
        facts.push(stated(Says::Sex { code }));
    }
    if let Ok(at) = Address::parse(address) {
        facts.push(stated(Says::Address { at }));
    }
    facts
}

pub(super) fn number(value: &str) -> Fact {
    stated(Says::Identifier {
        scheme: Code::parse("nhs-number").expect("a code"),
        value: Line::parse(value).expect("a line"),
    })
}

pub(super) fn records(rows: &[Row<'_>]) -> Records {
    let mut records = Records::default();
    for row in rows {
        records.add(SourceIndex(row.0), Shield::Open, &facts(*row));
    }
    records
}

pub(super) fn link(records: &Records) -> (Vec<ScoredPair>, Linked) {
    let model = model();
    let pairs = compare_all(records, &model).expect("no block is too large");
    let linked = cluster(records, &pairs, &BTreeSet::new(), &BTreeSet::new(), &model);
    (pairs, linked)
}

/// Which rows are one person, for each person.
pub(super) fn persons(linked: &Linked) -> Vec<Vec<usize>> {
    let rows = |members: &[RecordIndex]| members.iter().map(|index| index.0).collect();
    linked
        .clusters
        .iter()
        .map(|cluster| rows(&cluster.members))
        .collect()
}
