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
    Before, Evidence, Explanation, Linked, Model, RecordIndex, Records, RecordsBuilder, Shield,
    SourceIndex, Written, explain, link,
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

/// Records, each of a source, protected or not.
pub(super) fn kept(
    model: &Model,
    all: impl IntoIterator<Item = (u32, Shield, Vec<Fact>)>,
) -> Records {
    let mut builder = RecordsBuilder::new(model).expect("no column of ids");
    for (source, shield, facts) in all {
        let added = builder.add(SourceIndex(source), shield, &facts);
        added.expect("few enough records");
    }
    builder.finish(1).expect("few enough values")
}

/// The same, each open to comparison.
pub(super) fn open(all: impl IntoIterator<Item = (u32, Vec<Fact>)>) -> Records {
    let all = all.into_iter();
    kept(
        model(),
        all.map(|(source, facts)| (source, Shield::Open, facts)),
    )
}

pub(super) fn records(rows: &[Row<'_>]) -> Records {
    open(rows.iter().map(|row| (row.0, facts(*row))))
}

fn plain(_: &str, value: &str) -> String {
    value.to_owned()
}

/// Does something by how common values are among these records.
pub(super) fn with_common<T>(records: &Records, with: impl FnOnce(Common<'_>) -> T) -> T {
    let frequencies = Frequencies::of(records.table(), &model().plan, &plain);
    with(Common::As(&frequencies, &plain))
}

pub(super) fn link_by(records: &Records, before: &Before, threads: usize) -> Linked {
    let linked = with_common(records, |common| {
        link(records, model(), before, common, threads)
    });
    linked.expect("few enough pairs")
}

pub(super) fn linked(records: &Records) -> Linked {
    link_by(records, &Before::default(), 1)
}

/// Two records compared.
pub(super) fn compared(records: &Records, a: u32, b: u32) -> (Seen, Evidence) {
    let mut comparing = Comparing::new(records, model(), Common::Here);
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
