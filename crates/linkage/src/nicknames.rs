//! Short and pet forms of given names, as data that an analyst reads and extends.

use std::collections::BTreeMap;

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
    fn every_name_is_in_the_form_that_is_compared() {
        for name in Nicknames::shipped().groups.keys() {
            assert_eq!(crate::clean::words(name), *name);
        }
    }
}
