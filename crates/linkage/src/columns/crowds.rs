//! What many share who are not one person: a hotel and a first of January, or names that stand for nobody.
//!
//! Columns are weighed as if each told something of its own. Where many live at one address and were given one day of
//! birth, that is counted several times, and all of them look like one person; training then learns that one person has
//! many names. Two values that stand together so often, in records that differ otherwise as no household does, are a
//! *crowd*: agreeing on both is worth what agreeing on the two as one thing is, and teaches nothing.

use std::collections::BTreeMap;

use hashbrown::HashTable;

use super::kind::Kind;
use super::plan::Plan;
use super::table::Table;
use super::texts::mix;
use super::weigh::{place_in, without};

/// The values of two columns that stand together in many records, and what agreeing on both is worth.
#[derive(Debug)]
struct Crowd {
    /// The two among those that are compared, and in the plan.
    columns: [usize; 2],
    places: [usize; 2],
    of: HashTable<Together>,
}

/// Two values that stand together.
#[derive(Debug, Clone, Copy)]
struct Together {
    codes: [u32; 2],
    records: u32,
    /// In thousandths of a bit, of both.
    worth: i32,
}

/// When two values that stand together are a crowd's.
struct Bounds {
    /// More records than this tell both.
    records: u32,
    /// More than one in so many of those that tell them do.
    one_in: u32,
    /// They stand together more than so many times as often as chance brings them together,
    times: f64,
    /// and as values of these columns usually do.
    usual: f64,
    /// In a third column these records tell at least so many different values.
    others: usize,
}

/// Names are a crowd's only where very many bear them: in some communities the same two stand together often.
const NAMES: Bounds = Bounds {
    records: 20,
    one_in: 100,
    times: 3.0,
    usual: 10.0,
    others: 10,
};
/// So many family names no household has.
const PLACES: Bounds = Bounds {
    records: 10,
    one_in: u32::MAX,
    times: 2.0,
    usual: 10.0,
    others: 6,
};
/// So many children are not born to one mother on one day.
const BIRTHS: Bounds = Bounds {
    records: 4,
    one_in: u32::MAX,
    times: 2.0,
    usual: 3.0,
    others: 5,
};
/// Of so many records of a crowd one at least differs from all others in the third column: one person's many do not.
const RECORDS_OF_ONE: usize = 5;

/// The crowds of a table.
#[derive(Debug, Default)]
pub(super) struct Crowds(Vec<Crowd>);

fn hash(codes: [u32; 2]) -> u64 {
    mix(u64::from(codes[0]) << 32 | u64::from(codes[1]), 0x0c20_3d5e)
}

fn both(row: &[u32], places: [usize; 2]) -> [u32; 2] {
    places.map(|place| row.get(place).copied().unwrap_or_default())
}

impl Crowds {
    /// Those among the records of a table. `worth` tells of two columns, by their places among those that are compared, what
    /// agreeing on values is worth that stand together in such a part of the records.
    pub(super) fn of(table: &Table, plan: &Plan, worth: &dyn Fn([usize; 2], f64) -> i32) -> Self {
        let all = |kinds: &[Kind]| -> Vec<(usize, usize)> {
            let compared = plan.compared().enumerate();
            let of = compared.filter(|(_, (_, one))| kinds.contains(&one.kind));
            of.map(|(column, (place, _))| (column, place)).collect()
        };
        let (given, family) = (all(&[Kind::GivenName]), all(&[Kind::FamilyName]));
        let (born, places) = (all(&[Kind::Date]), all(&[Kind::Text, Kind::Postcode]));
        let ([given], [family], [born, ..]) =
            (given.as_slice(), family.as_slice(), born.as_slice())
        else {
            return Self::default();
        };
        let mut asked = vec![([*given, *family], born.1, &NAMES)];
        for (number, place) in places.iter().enumerate() {
            let others = places.iter().skip(number + 1);
            asked.extend(others.map(|other| ([*place, *other], family.1, &PLACES)));
            asked.push(([*place, *born], given.1, &BIRTHS));
        }
        let crowds = asked
            .into_iter()
            .filter_map(|([one, other], third, bounds)| {
                let (columns, places) = ([one.0, other.0], [one.1, other.1]);
                let worth = |part| worth(columns, part);
                let of = found(table, places, third, bounds, &worth)?;
                Some(Crowd {
                    columns,
                    places,
                    of,
                })
            });
        Self(crowds.collect())
    }

    /// The crowds of which a pair is that agrees so, of which one tells this.
    fn met(&self, pattern: u64, row: &[u32]) -> impl Iterator<Item = (&Crowd, i32)> {
        let agrees = move |crowd: &&Crowd| {
            crowd
                .columns
                .iter()
                .all(|column| place_in(pattern, *column) == 1)
        };
        let of = move |crowd: &'_ Crowd| {
            let codes = both(row, crowd.places);
            crowd
                .of
                .find(hash(codes), |one| one.codes == codes)
                .map(|one| one.worth)
        };
        self.0
            .iter()
            .filter(agrees)
            .filter_map(move |crowd| Some((crowd, of(crowd)?)))
    }

    /// A pattern without what a crowd shares.
    pub(super) fn less(&self, pattern: u64, row: &[u32]) -> u64 {
        let columns = self.met(pattern, row).flat_map(|(crowd, _)| crowd.columns);
        columns.fold(pattern, without)
    }

    /// Of what each column is worth in a pattern takes off what a crowd's are counted too often: the first of them is worth
    /// what all are together.
    pub(super) fn take_off(&self, pattern: u64, row: &[u32], worth: &mut [i32]) {
        if self.0.is_empty() {
            return;
        }
        let mut columns = 0_u32;
        let mut together = 0;
        for (crowd, worth) in self.met(pattern, row) {
            columns = crowd
                .columns
                .iter()
                .fold(columns, |columns, column| columns | 1 << column);
            together = worth.max(together);
        }
        let shared = (0..worth.len()).filter(|column| columns & 1 << column != 0);
        let shared: Vec<usize> = shared.collect();
        let apart: i32 = shared.iter().filter_map(|column| worth.get(*column)).sum();
        if together >= apart {
            return;
        }
        for (number, column) in shared.into_iter().enumerate() {
            if let Some(own) = worth.get_mut(column) {
                *own = if number == 0 { together } else { 0 };
            }
        }
    }

    /// Whether a pair that agrees so is of a crowd.
    pub(super) fn are_met(&self, pattern: u64, row: &[u32]) -> bool {
        !self.0.is_empty() && self.met(pattern, row).next().is_some()
    }
}

/// The values of two columns that a crowd shares; nothing where none does.
fn found(
    table: &Table,
    places: [usize; 2],
    third: usize,
    bounds: &Bounds,
    worth: &dyn Fn(f64) -> i32,
) -> Option<HashTable<Together>> {
    let [one, other] = [table.columns.get(places[0])?, table.columns.get(places[1])?];
    let told = one.told.min(other.told).max(1);
    let count = |counts: &[u32], code: u32| counts.get(code as usize).copied().unwrap_or_default();
    let statements = &table.statements;
    let codes_of = |statement: u32| {
        let codes = both(statements.said(statement), places);
        let is_often =
            |counts: &[u32], code: u32| code != 0 && count(counts, code) > bounds.records;
        (is_often(&one.counts, codes[0]) && is_often(&other.counts, codes[1])).then_some(codes)
    };
    let mut all: HashTable<Together> = HashTable::new();
    for statement in 0..statements.count() {
        if let Some(codes) = codes_of(statement) {
            let records = u32::try_from(statements.records(statement).len()).unwrap_or(u32::MAX);
            let new = Together {
                codes,
                records: 0,
                worth: 0,
            };
            let entry = all.entry(hash(codes), |one| one.codes == codes, |one| hash(one.codes));
            entry.or_insert(new).get_mut().records += records;
        }
    }
    let usual = f64::from(told) / one.different().max(other.different()).max(1) as f64;
    let is_often = |one_of: &Together| {
        let [a, b] = [
            count(&one.counts, one_of.codes[0]),
            count(&other.counts, one_of.codes[1]),
        ];
        let by_chance = f64::from(a) * f64::from(b) / f64::from(told);
        one_of.records > bounds.records
            && f64::from(one_of.records) > bounds.usual * usual
            && u64::from(one_of.records) * u64::from(bounds.one_in) > u64::from(told)
            && f64::from(one_of.records) > bounds.times * by_chance
    };
    all.retain(|one| is_often(one));
    if all.is_empty() {
        return None;
    }
    let mut others: BTreeMap<[u32; 2], (usize, Vec<u32>)> = BTreeMap::new();
    for statement in 0..statements.count() {
        let codes = codes_of(statement)
            .filter(|codes| all.find(hash(*codes), |one| one.codes == *codes).is_some());
        if let Some(codes) = codes {
            let third = statements
                .said(statement)
                .get(third)
                .copied()
                .unwrap_or_default();
            let (records, different) = others.entry(codes).or_default();
            if third != 0 {
                *records += statements.records(statement).len();
                different.push(third);
            }
        }
    }
    all.retain(|one| {
        let Some((records, mut different)) = others.remove(&one.codes) else {
            return false;
        };
        different.sort_unstable();
        different.dedup();
        one.worth = worth(f64::from(one.records) / f64::from(told));
        different.len() >= bounds.others && different.len() * RECORDS_OF_ONE >= records
    });
    (!all.is_empty()).then_some(all)
}
