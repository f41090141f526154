//! A model for files never seen: what each column holds, told by its heading and its values.
//!
//! What cannot be told for sure is marked as a doubt, for an analyst to decide. A column that says nothing about who
//! somebody is (one value in every row, none in any, free text, what other columns say already) is left out, and the
//! doubts say so.

mod blocks;
mod glance;
mod kinds;

pub use blocks::with_blocks;
pub use glance::Glance;

use super::kind::Kind;
use super::plan::{BRIDGE, Column, JOIN, MOST_COLUMNS, PAIR_LIMIT, Plan};
use kinds::{Seen, tell};

/// Something an analyst should look at, in words.
pub type Doubt = String;

/// A plan without blocks and figures, and what is doubtful in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The plan.
    pub plan: Plan,
    /// What to look at.
    pub doubts: Vec<Doubt>,
}

/// Why nothing can be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no column tells who somebody is: each is empty, the same in every row, different in every row, or was to be ignored"
)]
pub struct NothingToCompare;

/// Drafts the columns of a plan. Headings of `ignore` are not looked at.
///
/// # Errors
/// [`NothingToCompare`] when no column is left.
pub fn propose(glance: &Glance, ignore: &[String]) -> Result<Proposal, NothingToCompare> {
    let mut doubts = Vec::new();
    let mut id_column = None;
    let mut columns: Vec<(usize, Column)> = Vec::new();
    let repeated = glance.repeated();
    for (place, heading) in glance.headings().enumerate() {
        if ignore.iter().any(|one| one.trim() == heading) {
            continue;
        }
        let seen = Seen::of(glance, place);
        let mut leave = |why: &str| doubts.push(format!("left out `{heading}`: {why}"));
        if id_column.is_none() && seen.is_id {
            id_column = Some(heading.to_owned());
            continue;
        }
        if seen.sources < glance.sources().min(2) {
            leave("only one of the files has it");
            continue;
        }
        if let Some(why) = seen.says_nothing() {
            leave(why);
            continue;
        }
        if let Some(why) = repeated.get(&place) {
            leave(why);
            continue;
        }
        let (kind, doubt) = tell(heading, &seen);
        doubts.extend(doubt);
        let mut column = Column::new(&kinds::plain_name(heading), kind);
        column.headings = vec![heading.to_owned()];
        column.month_first = kind == Kind::Date && seen.is_month_first;
        columns.push((place, column));
    }
    if columns.len() > MOST_COLUMNS {
        columns.sort_by_key(|(place, _)| std::cmp::Reverse(glance.different(*place)));
        for (_, left) in columns.drain(MOST_COLUMNS..) {
            doubts.push(format!(
                "left out `{}`: a model has room for {MOST_COLUMNS} columns, and this one has fewest values",
                left.name
            ));
        }
        columns.sort_by_key(|(place, _)| *place);
    }
    let mut columns: Vec<Column> = columns.into_iter().map(|(_, column)| column).collect();
    if columns.is_empty() {
        return Err(NothingToCompare);
    }
    name_apart(&mut columns);
    partners(&mut columns);
    let kind = |kind: Kind| {
        columns
            .iter()
            .find(|one| one.kind == kind)
            .map(|one| one.name.as_str())
    };
    if let (Some(given), Some(family), Some(born)) = (
        kind(Kind::GivenName),
        kind(Kind::FamilyName),
        kind(Kind::Date),
    ) {
        doubts.push(format!(
            "if these are children, say that twins are two: `[[apart]]` with `{family} = [\"same\"]`, `{born} = [\"same\"]` and `{given} = [\"alike\", \"different\"]`"
        ));
    }
    if id_column.is_none() {
        doubts
            .push("no column tells records apart, so they are told apart by their row".to_owned());
    }
    let plan = draft(id_column, columns);
    Ok(Proposal { plan, doubts })
}

/// A plan of columns that nothing is known of yet.
fn draft(id_column: Option<String>, columns: Vec<Column>) -> Plan {
    Plan {
        version: "proposed-1".to_owned(),
        id_column,
        prior: None,
        join: JOIN,
        bridge: BRIDGE,
        rarest: None,
        pair_limit: PAIR_LIMIT,
        columns,
        blocks: Vec::new(),
        apart: Vec::new(),
    }
}

/// Gives a number to names that two headings would share.
fn name_apart(columns: &mut [Column]) {
    for place in 0..columns.len() {
        let Some((before, rest)) = columns.split_at_mut_checked(place) else {
            return;
        };
        if let Some(one) = rest.first_mut()
            && before.iter().any(|other| other.name == one.name)
        {
            one.name = format!("{}_{place}", one.name);
        }
    }
}

/// One given and one family name can have changed places.
fn partners(columns: &mut [Column]) {
    let places = |kind: Kind| -> Vec<usize> {
        let found = columns
            .iter()
            .enumerate()
            .filter(|(_, one)| one.kind == kind);
        found.map(|(place, _)| place).collect()
    };
    if let ([given], [family]) = (
        places(Kind::GivenName).as_slice(),
        places(Kind::FamilyName).as_slice(),
    ) {
        for (one, other) in [(*given, *family), (*family, *given)] {
            if let Some(column) = columns.get_mut(one) {
                column.partner = Some(other);
            }
        }
    }
}
