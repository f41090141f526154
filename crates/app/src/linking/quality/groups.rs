//! What records and pairs are told apart by when links are judged: ethnic group, sex and age.
//!
//! Names that link badly hide children, so quality is told for each group and never for all alone. The groups are words:
//! nothing here names anybody.

use clearpicture_kernel::fact::Confidence;
use clearpicture_kernel::{Date, Fact, Says};
use serde::{Deserialize, Serialize};

use crate::practice::Practice;
use crate::words;

/// The partnership's list of ethnic groups: each code that sources write, and the group that it is of.
const LIST: &str = "ethnic-groups";
const NOT_TOLD: &str = "Not told";
/// Of a pair whose records tell different things.
const TOLD_BOTH_WAYS: &str = "Told differently";

/// What a record or a pair is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Groups {
    /// The ethnic group.
    pub ethnic: String,
    /// Sex as recorded.
    pub sex: String,
    /// Age, in bands of years.
    pub age: String,
}

/// One of the things by which they are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Ethnic,
    Sex,
    Age,
}

impl By {
    pub(crate) const ALL: [Self; 3] = [Self::Ethnic, Self::Sex, Self::Age];

    /// Where a group stands among the others: ages as they follow one another, what is not told last.
    pub(crate) fn order(self, group: &str) -> u32 {
        let youngest = group.split(' ').next().and_then(|age| age.parse().ok());
        match (self, youngest) {
            (Self::Age, Some(youngest)) => youngest,
            _ if group == NOT_TOLD || group == TOLD_BOTH_WAYS => u32::MAX,
            _ => u32::MAX - 1,
        }
    }

    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Ethnic => "Ethnic group",
            Self::Sex => "Sex",
            Self::Age => "Age",
        }
    }
}

impl Groups {
    /// Those of which nothing is told.
    pub(crate) fn not_told() -> Self {
        let not_told = || NOT_TOLD.to_owned();
        Self {
            ethnic: not_told(),
            sex: not_told(),
            age: not_told(),
        }
    }

    /// Those that facts tell on a day. Of several facts of a kind the latest to begin counts, and a doubted one does not.
    pub(crate) fn of<'a>(
        practice: &Practice,
        today: Date,
        facts: impl IntoIterator<Item = &'a Fact>,
    ) -> Self {
        let mut facts: Vec<&Fact> = facts
            .into_iter()
            .filter(|fact| fact.confidence == Confidence::Stated)
            .collect();
        facts.sort_by_key(|fact| fact.valid.from);
        let mut groups = Self::not_told();
        for fact in facts {
            match &fact.says {
                Says::Ethnicity { code } => {
                    let listed = practice.list(LIST).iter().find(|one| one.code == *code);
                    if let Some(listed) = listed {
                        groups.ethnic.clone_from(&listed.title);
                    }
                }
                Says::Sex { code } => groups.sex = words::sentence(code.as_str()),
                Says::Born { on } => groups.age = age(on.reveal(), today).to_owned(),
                _ => {}
            }
        }
        groups
    }

    /// Those of a pair: what either tells, unless the two differ.
    pub(crate) fn of_pair(one: &Self, other: &Self) -> Self {
        let of = |one: &String, other: &String| match (one.as_str(), other.as_str()) {
            (NOT_TOLD, told) | (told, NOT_TOLD) => told.to_owned(),
            (one, other) if one == other => one.to_owned(),
            _ => TOLD_BOTH_WAYS.to_owned(),
        };
        Self {
            ethnic: of(&one.ethnic, &other.ethnic),
            sex: of(&one.sex, &other.sex),
            age: of(&one.age, &other.age),
        }
    }

    /// The group by one of them.
    pub(crate) fn by(&self, by: By) -> &str {
        match by {
            By::Ethnic => &self.ethnic,
            By::Sex => &self.sex,
            By::Age => &self.age,
        }
    }
}

fn age(born: Date, today: Date) -> &'static str {
    match clearpicture_kernel::age(born, today) {
        None | Some(..0) => NOT_TOLD,
        Some(0..5) => "0 to 4",
        Some(5..10) => "5 to 9",
        Some(10..13) => "10 to 12",
        Some(13..16) => "13 to 15",
        Some(16..18) => "16 and 17",
        Some(_) => "18 and over",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_age_changes_on_the_birthday() {
        let born = date(2010, 11, 28);
        for (today, is) in [
            (date(2026, 11, 27), "13 to 15"),
            (date(2026, 11, 28), "16 and 17"),
            (date(2028, 11, 28), "18 and over"),
            (date(2009, 1, 1), NOT_TOLD),
        ] {
            assert_eq!(age(born, today), is, "{today}");
        }
    }

    #[test]
    fn a_pair_is_of_the_group_that_either_tells_unless_they_differ() {
        let told = |ethnic: &str| Groups {
            ethnic: ethnic.to_owned(),
            ..Groups::not_told()
        };
        for (one, other, both) in [
            ("Asian", "Asian", "Asian"),
            ("Asian", NOT_TOLD, "Asian"),
            (NOT_TOLD, "Asian", "Asian"),
            ("Asian", "Black", TOLD_BOTH_WAYS),
            (NOT_TOLD, NOT_TOLD, NOT_TOLD),
        ] {
            let pair = Groups::of_pair(&told(one), &told(other));
            assert_eq!(pair.ethnic, both, "{one} and {other}");
        }
    }
}
