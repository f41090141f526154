//! A model for files never seen: what each column holds, told by its heading and its values.
//!
//! What cannot be told for sure is marked as a doubt, for an analyst to decide. A column that says nothing about who
//! somebody is (one value in every row, none in any, free text, what other columns say already) is left out, and the
//! doubts say so.

mod apart;
mod blocks;
mod glance;
mod kinds;

pub use apart::{lacks_apart, with_apart};
pub use blocks::with_blocks;
pub use glance::Glance;

use super::headings;
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NothingToCompare {
    /// No column is left.
    #[error(
        "no column tells who somebody is: {}. Give what is the same in all files the same heading, and ignore less",
        why(left)
    )]
    Nothing {
        /// Why each was left out.
        left: Vec<String>,
    },
    /// What is left many share who are not one person.
    #[error(
        "only {columns:?} can be compared, which a whole family or street shares, so brothers and sisters would be one person: {}. Give what is the same in all files the same heading",
        why(left)
    )]
    OnlyShared {
        /// What could be compared.
        columns: Vec<String>,
        /// Why others were left out.
        left: Vec<String>,
    },
}

fn why(left: &[String]) -> String {
    match left {
        [] => "there is none but that of ids, and what was to be ignored".to_owned(),
        left => left.join("; "),
    }
}

/// Drafts the columns of a plan. Headings of `ignore` are not looked at.
///
/// # Errors
/// [`NothingToCompare`] when no column is left, or none that tells one of a family from the others.
pub fn propose(glance: &Glance, ignore: &[String]) -> Result<Proposal, NothingToCompare> {
    let Found {
        id_column,
        columns,
        left,
        mut doubts,
    } = found(glance, ignore);
    if columns.is_empty() {
        return Err(NothingToCompare::Nothing { left });
    }
    if columns.iter().all(|one| one.is_shared) {
        let columns = columns.into_iter().map(|one| one.heading).collect();
        return Err(NothingToCompare::OnlyShared { columns, left });
    }
    doubts.extend(left);
    let columns = fewest(glance, columns, &mut doubts);
    let mut columns: Vec<Column> = columns.into_iter().map(|one| one.column).collect();
    name_apart(&mut columns);
    partners(&mut columns);
    if id_column.is_none() {
        doubts
            .push("no column tells records apart, so they are told apart by their row".to_owned());
    }
    let plan = draft(id_column, columns);
    Ok(Proposal { plan, doubts })
}

/// What is told of all columns.
#[derive(Default)]
struct Found {
    id_column: Option<String>,
    columns: Vec<Compared>,
    /// The columns that are left out, and why.
    left: Vec<Doubt>,
    doubts: Vec<Doubt>,
}

/// A column that may be compared.
struct Compared {
    place: usize,
    heading: String,
    column: Column,
    /// Whether many share its values who are not one person: a family, a street.
    is_shared: bool,
}

fn found(glance: &Glance, ignore: &[String]) -> Found {
    let mut found = Found {
        doubts: glance.remarks().to_vec(),
        ..Found::default()
    };
    let repeated = glance.repeated();
    for (place, heading) in glance.headings().enumerate() {
        let Some(looked) = glance.column(place) else {
            continue;
        };
        if ignore
            .iter()
            .any(|one| headings::find(&looked.headings, one).is_some())
        {
            continue;
        }
        let seen = Seen::of(glance, place);
        if found.id_column.is_none() && seen.is_id {
            found.id_column = Some(heading.to_owned());
            continue;
        }
        let why = match seen.says_nothing() {
            _ if seen.sources < glance.sources().min(2) => Some("only one of the files has it"),
            Some(why) => Some(why),
            None => repeated.get(&place).map(String::as_str),
        };
        if let Some(why) = why {
            found.left.push(format!("left out `{heading}`: {why}"));
            continue;
        }
        let (kind, doubt) = tell(heading, &seen);
        found.doubts.extend(doubt);
        let mut column = Column::new(&kinds::plain_name(heading), kind);
        column.headings.clone_from(&looked.headings);
        column.month_first = kind == Kind::Date && seen.is_month_first;
        found.columns.push(Compared {
            place,
            heading: heading.to_owned(),
            column,
            is_shared: match kind {
                Kind::FamilyName
                | Kind::Postcode
                | Kind::Address
                | Kind::Phone
                | Kind::Category => true,
                Kind::Text | Kind::Number => kinds::is_of_place(heading),
                Kind::GivenName | Kind::Date | Kind::Email => false,
            },
        });
    }
    found
}

/// As many columns as a plan has room for, those with most values.
fn fewest(glance: &Glance, mut columns: Vec<Compared>, doubts: &mut Vec<Doubt>) -> Vec<Compared> {
    if columns.len() > MOST_COLUMNS {
        columns.sort_by_key(|one| std::cmp::Reverse(glance.different(one.place)));
        for left in columns.drain(MOST_COLUMNS..) {
            doubts.push(format!(
                "left out `{}`: a model has room for {MOST_COLUMNS} columns, and this one has fewest values",
                left.column.name
            ));
        }
        columns.sort_by_key(|one| one.place);
    }
    columns
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
