//! Which records a proposal holds apart: those of one source that it knows as two.

use hashbrown::HashTable;

use super::Doubt;
use crate::columns::kind::Kind;
use crate::columns::plan::{Apart, Plan};
use crate::columns::table::Table;
use crate::columns::texts::mix;
use crate::level::Level;

/// Files in which more than one in so many records has a twin in everything tell of one person several times.
const TWICE_IN: u64 = 100;
/// So many records are enough to tell whether files tell of somebody twice.
const ENOUGH: u32 = 1_000_000;

/// The column of a kind, by its place.
fn only(plan: &Plan, kind: Kind) -> Option<usize> {
    let mut compared = plan.compared();
    compared
        .find(|(_, one)| one.kind == kind)
        .map(|(place, _)| place)
}

/// The places of the columns by which people are told apart: given name, family name and day of birth.
fn who(plan: &Plan) -> Option<[usize; 3]> {
    Some([
        only(plan, Kind::GivenName)?,
        only(plan, Kind::FamilyName)?,
        only(plan, Kind::Date)?,
    ])
}

/// What to know of a plan whose files tell of nobody twice, and which does not say so: it takes twins for one person.
pub fn lacks_apart(table: &Table, plan: &Plan) -> Option<Doubt> {
    if table.sources.len() < 2 || plan.apart.iter().any(|rule| rule.within_source) {
        return None;
    }
    let columns @ [given, ..] = who(plan)?;
    let (told, twice) = told_twice(table, columns, table.len() / ENOUGH + 1);
    let given = plan.columns.get(given)?;
    (told > 0 && twice * TWICE_IN <= told).then(|| {
        format!(
            "the files tell of nobody twice, and no rule of the model says so: twins whose names are alike are taken for one person. Add `[[apart]]` with `within_source = true` and `{} = [\"nickname\", \"close\", \"sounds\", \"alike\", \"different\", \"not-told\"]`, or propose the model anew",
            given.name
        )
    })
}

/// The plan with rules for two records of one source, and what to know of them: where the sources tell of nobody twice,
/// two rows that differ in a name are two, such as twins.
pub fn with_apart(table: &Table, plan: Plan) -> (Plan, Option<Doubt>) {
    let Some([given, family, born]) = who(&plan) else {
        return (plan, None);
    };
    let name = |place: usize| {
        plan.columns
            .get(place)
            .map_or_else(String::new, |one| one.name.clone())
    };
    let (given_name, family_name, born_name) = (name(given), name(family), name(born));
    let twins = format!(
        "if these are children, say that twins are two: `[[apart]]` with `{family_name} = [\"same\"]`, `{born_name} = [\"same\"]` and `{given_name} = [\"alike\", \"different\"]`"
    );
    if table.sources.len() < 2 {
        return (plan, Some(twins));
    }
    let (told, twice) = told_twice(table, [given, family, born], 1);
    if twice * TWICE_IN > told {
        let doubt = format!(
            "{twice} of {told} rows tell of somebody of whom the same file tells already, so two rows of one file may be one person; {twins}"
        );
        return (plan, Some(doubt));
    }
    let doubt = format!(
        "the files tell of nobody twice, so two rows of one file that differ in `{given_name}`, `{family_name}` or `{born_name}` are two persons, such as twins, and a record that could be either of the two is joined with neither: leave out what says `within_source` if that is wrong. Twins of whom one file knows the one and another the other are still taken for one person where their names are alike"
    );
    let rule = |place: usize, levels: &[Level]| Apart {
        within_source: true,
        when: vec![(place, levels.to_vec())],
    };
    let (close, sounds, alike) = (Level::Close, Level::Sounds, Level::Alike);
    let rules = [
        rule(
            given,
            &[
                Level::Nickname,
                close,
                sounds,
                alike,
                Level::Different,
                Level::NotTold,
            ],
        ),
        rule(family, &[close, sounds, alike, Level::Different]),
        rule(born, &[Level::TwoDigits, Level::SameYear, Level::Different]),
    ];
    let mut plan = plan;
    plan.apart.extend(rules);
    (plan, Some(doubt))
}

/// How many records tell all of these columns, and how many of them say in these what another of their source said. Looks at
/// one in so many of what can be said, wherever it is said.
fn told_twice(table: &Table, columns: [usize; 3], one_in: u32) -> (u64, u64) {
    let mut seen: HashTable<(usize, [u32; 3])> = HashTable::new();
    let hash = |(source, codes): &(usize, [u32; 3])| {
        codes
            .iter()
            .fold(*source as u64, |hash, code| mix(hash, u64::from(*code)))
    };
    let (mut told, mut twice) = (0, 0);
    for record in 0..table.len() {
        let row = table.row(record);
        let codes = columns.map(|place| row.get(place).copied().unwrap_or_default());
        if codes.contains(&0) {
            continue;
        }
        let one = (table.place_of(record).0, codes);
        if !hash(&one).is_multiple_of(u64::from(one_in)) {
            continue;
        }
        told += 1;
        match seen.find(hash(&one), |other| *other == one) {
            Some(_) => twice += 1,
            None => {
                seen.insert_unique(hash(&one), one, hash);
            }
        }
    }
    (told, twice)
}
