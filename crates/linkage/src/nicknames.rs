//! Short and pet forms of given names, as data that an analyst reads and extends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The other forms of a cleaned given name: `megan` and `margaret` of `meg`. For whoever looks for a child by the name
/// that is used at home.
pub fn other_forms(name: &str) -> BTreeSet<&'static str> {
    static SHIPPED: LazyLock<Nicknames> = LazyLock::new(Nicknames::shipped);
    SHIPPED.other_forms(name)
}

/// Which names are forms of one another.
#[derive(Debug, Default)]
pub(crate) struct Nicknames {
    groups: BTreeMap<&'static str, Vec<u16>>,
}

impl Nicknames {
    /// Those of `practice/linkage/nicknames.txt`.
    pub(crate) fn shipped() -> Self {
        Self::read(include_str!("../../../practice/linkage/nicknames.txt"))
    }

    /// One group a line, all its names parted by spaces; `#` begins a remark. A name may be in several groups.
    fn read(text: &'static str) -> Self {
        let mut all = Self::default();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        for (group, line) in (0..).zip(lines) {
            for name in line.split_whitespace() {
                all.groups.entry(name).or_default().push(group);
            }
        }
        all
    }

    /// The groups that a cleaned name is in.
    pub(crate) fn groups(&self, name: &str) -> Option<&[u16]> {
        self.groups.get(name).map(Vec::as_slice)
    }

    /// The names that share a group with a cleaned name.
    fn other_forms(&self, name: &str) -> BTreeSet<&'static str> {
        let Some(of) = self.groups(name) else {
            return BTreeSet::new();
        };
        let all = self.groups.iter();
        let others = all.filter(|(other, groups)| {
            **other != name && groups.iter().any(|group| of.contains(group))
        });
        others.map(|(other, _)| *other).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_name_share_a_group_and_others_do_not() {
        let names = Nicknames::shipped();
        let is_one = |a, b| {
            let (Some(a), Some(b)) = (names.groups(a), names.groups(b)) else {
                return false;
            };
            a.iter().any(|group| b.contains(group))
        };
        for (a, b) in [
            ("robert", "bob"),
            ("bob", "rob"),
            ("alex", "alexandra"),
            ("alex", "alexander"),
            ("katarzyna", "kasia"),
        ] {
            assert!(is_one(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("robert", "bill"),
            ("alexandra", "alexander"),
            ("robert", "zebedee"),
        ] {
            assert!(!is_one(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_short_name_leads_to_every_name_that_it_is_short_for() {
        let forms = other_forms("meg");
        assert!(
            forms.contains("megan") && forms.contains("margaret"),
            "{forms:?}"
        );
        assert!(!forms.contains("meg"));
        assert!(other_forms("zebedee").is_empty());
    }

    #[test]
    fn every_name_is_in_the_form_that_is_compared() {
        for name in Nicknames::shipped().groups.keys() {
            assert_eq!(crate::clean::words(name), *name);
        }
    }
}
