//! From clusters to persons: who belongs to whom now, and what has to change for it.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::{Code, PersonId, SubjectId};

use crate::persons::{Person, Standing, Subject};

/// What linkage makes one person of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster {
    /// The subjects; never none.
    pub(super) members: BTreeSet<SubjectId>,
    /// Why somebody must look; none when it is settled.
    pub(super) doubts: BTreeSet<Code>,
    /// Whether decisions of people join all of them.
    pub(super) checked: bool,
    /// Whether where they are must not be told.
    pub(super) protected: bool,
}

/// Everything about who belongs to whom: what stands, or what is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Persons(pub(super) BTreeMap<PersonId, Person>);

impl Persons {
    /// The persons that stand, of which history says what each is.
    pub(super) fn standing(persons: impl IntoIterator<Item = (PersonId, Person)>) -> Self {
        Self(persons.into_iter().collect())
    }

    /// What `clusters` make of all `subjects`.
    ///
    /// A cluster's person is the own person of its earliest subject: which one it is follows from the members alone,
    /// so that joining and then parting gives back exactly what was there. The own persons of the others are empty.
    pub(super) fn made_of(subjects: &BTreeMap<SubjectId, Subject>, clusters: &[Cluster]) -> Self {
        let mut persons = BTreeMap::new();
        for cluster in clusters {
            let mut own = cluster
                .members
                .iter()
                .filter_map(|member| subjects.get(member))
                .map(|subject| subject.own_person);
            let Some(id) = own.next() else {
                continue;
            };
            let standing = if cluster.members.len() == 1 {
                Standing::Alone
            } else {
                Standing::Joined {
                    doubts: cluster.doubts.clone(),
                    checked: cluster.checked,
                }
            };
            persons.insert(
                id,
                Person {
                    members: cluster.members.clone(),
                    standing,
                    protected: cluster.protected,
                },
            );
            for other in own {
                let empty = Person {
                    members: BTreeSet::new(),
                    standing: Standing::Empty { into: id },
                    protected: cluster.protected,
                };
                persons.insert(other, empty);
            }
        }
        Self(persons)
    }

    /// Those of `wanted` that differ from what stands.
    pub(super) fn changes(&self, wanted: &Self) -> Vec<(PersonId, Person)> {
        wanted
            .0
            .iter()
            .filter(|(id, person)| self.0.get(id) != Some(person))
            .map(|(id, person)| (*id, person.clone()))
            .collect()
    }

    /// Those of these that are among `others` too.
    pub(super) fn only_those_of(&self, others: &Self) -> Self {
        let shared = self.0.iter().filter(|(id, _)| others.0.contains_key(id));
        Self(shared.map(|(id, person)| (*id, person.clone())).collect())
    }

    /// The clusters that stand.
    pub(super) fn clusters(&self) -> Vec<Cluster> {
        self.0
            .values()
            .filter(|person| !person.members.is_empty())
            .map(|person| Cluster {
                members: person.members.clone(),
                doubts: match &person.standing {
                    Standing::Joined { doubts, .. } => doubts.clone(),
                    Standing::Alone | Standing::Empty { .. } => BTreeSet::new(),
                },
                checked: matches!(person.standing, Standing::Joined { checked: true, .. }),
                protected: person.protected,
            })
            .collect()
    }

    /// Those that hold one of `members`, with that one taken out into a cluster of its own.
    pub(super) fn without(&self, person: PersonId, subject: SubjectId) -> Vec<Cluster> {
        let Some(whole) = self.0.get(&person) else {
            return Vec::new();
        };
        let mut rest = whole.members.clone();
        if !rest.remove(&subject) || rest.is_empty() {
            return Vec::new();
        }
        let doubts = match &whole.standing {
            Standing::Joined { doubts, .. } if rest.len() > 1 => doubts.clone(),
            _ => BTreeSet::new(),
        };
        vec![
            Cluster {
                members: rest,
                doubts,
                // Not all of those who were joined are: the next run tells.
                checked: false,
                protected: whole.protected,
            },
            Cluster {
                members: BTreeSet::from([subject]),
                doubts: BTreeSet::new(),
                checked: false,
                protected: whole.protected,
            },
        ]
    }
}

/// How many subjects came to others, and how many left others, from what stands to what is to be.
pub(super) fn moved(before: &Persons, after: &Persons) -> (u64, u64) {
    let pairs = |persons: &Persons| -> BTreeSet<(SubjectId, SubjectId)> {
        let mut pairs = BTreeSet::new();
        for cluster in persons.clusters() {
            for a in &cluster.members {
                for b in cluster.members.range(a..).skip(1) {
                    pairs.insert((*a, *b));
                }
            }
        }
        pairs
    };
    let (before, after) = (pairs(before), pairs(after));
    let joined = after.difference(&before).count() as u64;
    let parted = before.difference(&after).count() as u64;
    (joined, parted)
}

/// The persons that hold records of one child by any of these: a picture, and the empty ones that lead to it; and where
/// one parted what another shows as one, all of both.
pub(super) fn one_child<const N: usize>(all: [&Persons; N]) -> Vec<BTreeSet<PersonId>> {
    let mut of: BTreeMap<PersonId, usize> = BTreeMap::new();
    let mut children: Vec<BTreeSet<PersonId>> = Vec::new();
    for (id, person) in all.iter().flat_map(|persons| &persons.0) {
        let mut both = BTreeSet::from([*id]);
        if let Standing::Empty { into } = person.standing {
            both.insert(into);
        }
        let known: BTreeSet<usize> = both.iter().filter_map(|one| of.get(one).copied()).collect();
        for place in &known {
            if let Some(child) = children.get_mut(*place) {
                both.extend(std::mem::take(child));
            }
        }
        of.extend(both.iter().map(|one| (*one, children.len())));
        children.push(both);
    }
    children.retain(|child| !child.is_empty());
    children
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::{AgencyId, TypedId as _, id};
    use proptest::prelude::*;

    use super::*;

    fn subject(number: u128) -> Subject {
        let parse = |prefix: &str| format!("{prefix}_{}", id::encode(number));
        Subject {
            id: SubjectId::parse(&parse("subject")).unwrap(),
            agency: AgencyId::parse(&parse("agency")).unwrap(),
            scheme: Code::parse("csc-child").unwrap(),
            own_person: PersonId::parse(&parse("person")).unwrap(),
        }
    }

    fn subjects(count: u128) -> BTreeMap<SubjectId, Subject> {
        (1..=count)
            .map(subject)
            .map(|subject| (subject.id, subject))
            .collect()
    }

    fn alone(subjects: &BTreeMap<SubjectId, Subject>) -> Persons {
        Persons::standing(
            subjects
                .values()
                .map(|subject| (subject.own_person, Person::alone(subject.id))),
        )
    }

    /// Clusters in which subject `n` is in the group `groups[n]`.
    fn clusters(subjects: &BTreeMap<SubjectId, Subject>, groups: &[u8]) -> Vec<Cluster> {
        let mut of_group: BTreeMap<u8, BTreeSet<SubjectId>> = BTreeMap::new();
        for (subject, group) in subjects.keys().zip(groups) {
            of_group.entry(*group).or_default().insert(*subject);
        }
        let cluster = |members| Cluster {
            members,
            doubts: BTreeSet::new(),
            checked: false,
            protected: false,
        };
        of_group.into_values().map(cluster).collect()
    }

    proptest! {
        #[test]
        fn every_subject_is_in_one_person_and_parting_gives_back_what_was_there(
            groups in prop::collection::vec(0_u8..4, 8),
            others in prop::collection::vec(0_u8..4, 8),
        ) {
            let subjects = subjects(8);
            let before = alone(&subjects);
            let one = Persons::made_of(&subjects, &clusters(&subjects, &groups));
            let two = Persons::made_of(&subjects, &clusters(&subjects, &others));
            for persons in [&one, &two] {
                let members: Vec<SubjectId> =
                    persons.0.values().flat_map(|person| person.members.clone()).collect();
                prop_assert_eq!(members.len(), subjects.len());
                let unlike: BTreeSet<SubjectId> = members.into_iter().collect();
                prop_assert_eq!(unlike.len(), subjects.len());
                prop_assert_eq!(persons.0.len(), subjects.len());
            }
            // Which way it came there makes no difference.
            prop_assert_eq!(&two, &Persons::made_of(&subjects, &clusters(&subjects, &others)));
            let apart: Vec<u8> = (0..8).collect();
            prop_assert_eq!(&before, &Persons::made_of(&subjects, &clusters(&subjects, &apart)));
            prop_assert!(two.changes(&Persons::made_of(&subjects, &clusters(&subjects, &others))).is_empty());
        }
    }

    #[test]
    fn whoever_ever_stood_as_one_child_before_or_after_a_change_is_found_together() {
        let subjects = subjects(5);
        let persons = |groups: &[u8]| Persons::made_of(&subjects, &clusters(&subjects, groups));
        let sizes = |before: &[u8], after: &[u8]| {
            let children = one_child([&persons(before), &persons(after)]);
            let mut sizes: Vec<usize> = children.iter().map(BTreeSet::len).collect();
            sizes.sort_unstable();
            sizes
        };
        let alone = [0, 1, 2, 3, 4];
        assert_eq!(sizes(&alone, &alone), [1, 1, 1, 1, 1]);
        assert_eq!(sizes(&alone, &[0, 0, 1, 1, 2]), [1, 2, 2], "joined");
        assert_eq!(sizes(&[0, 0, 1, 1, 2], &alone), [1, 2, 2], "parted");
        assert_eq!(
            sizes(&[0, 0, 1, 2, 3], &[0, 1, 1, 2, 3]),
            [1, 1, 3],
            "moved"
        );
    }

    #[test]
    fn moves_are_counted_by_pairs() {
        let subjects = subjects(3);
        let before = alone(&subjects);
        let joined = Persons::made_of(&subjects, &clusters(&subjects, &[0, 0, 1]));
        assert_eq!(moved(&before, &joined), (1, 0));
        assert_eq!(moved(&joined, &before), (0, 1));
    }
}
