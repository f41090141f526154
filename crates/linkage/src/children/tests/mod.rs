//! Children in tables, and what linkage makes of them.

mod family_context;
mod frame;
mod properties;
mod rules;
mod scores;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use clearpicture_kernel::fact::{Confidence, Valid};
use clearpicture_kernel::{Address, Code, DateOfBirth, Fact, Line, PersonName, Says};

use super::comparing::{Comparing, Seen};
use super::{
    Before, Evidence, Explanation, Linked, Model, RecordIndex, Records, Shield, SourceIndex,
    Written, explain, link,
};
use crate::columns::{Common, Frequencies};

pub(super) const HOME: &str = "12 Mill Lane\nNewtown\nZZ1 1AA";
pub(super) const AWAY: &str = "7 Hill Road\nOldham Green\nZZ9 9ZZ";

/// One row: source, given names, family name, date of birth, sex, address.
pub(super) type Row<'a> = (u32, &'a str, &'a str, &'a str, &'a str, &'a str);

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let shipped = include_str!("../../../../../practice/linkage/children.toml");
    Model::read(shipped).expect("the shipped model")
});

pub(super) fn model() -> &'static Model {
    &MODEL
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

pub(super) fn records(rows: &[Row<'_>]) -> Records<'static> {
    let mut records = Records::new(model());
    for row in rows {
        records.add(SourceIndex(row.0), Shield::Open, &facts(*row));
    }
    records
}

fn plain(_: &str, value: &str) -> String {
    value.to_owned()
}

pub(super) fn link_by(records: &Records<'_>, before: &Before, threads: usize) -> Linked {
    let table = records.table(threads).expect("few enough records");
    let frequencies = Frequencies::of(&table, &records.model.plan, &plain);
    let common = Common::As(&frequencies, &plain);
    link(records, &table, before, common, threads).expect("few enough pairs")
}

pub(super) fn linked(records: &Records<'_>) -> Linked {
    link_by(records, &Before::default(), 1)
}

/// Two records compared.
pub(super) fn compared(records: &Records<'_>, a: u32, b: u32) -> (Seen, Evidence) {
    let table = records.table(1).expect("few enough records");
    let mut comparing = Comparing::new(&table, records.model, Common::Here);
    let (a, b) = (RecordIndex(a), RecordIndex(b));
    (comparing.seen(a, b), comparing.evidence(a, b))
}

/// What is said of two rows.
pub(super) fn explained(linked: &Linked, rows: &[Row<'_>], a: u32, b: u32) -> Explanation {
    let (_, evidence) = compared(&records(rows), a, b);
    let written = |row: u32| Written::of(&facts(rows[row as usize]));
    let (one, other) = (written(a), written(b));
    let outcome = linked.outcome(RecordIndex(a), RecordIndex(b));
    explain(&evidence, outcome, model(), Some((&one, &other)))
}

/// Which rows are one person, for each person.
pub(super) fn persons(linked: &Linked) -> Vec<Vec<u32>> {
    let rows = |members: &[RecordIndex]| members.iter().map(|index| index.0).collect();
    linked
        .clusters
        .iter()
        .map(|cluster| rows(&cluster.members))
        .collect()
}
