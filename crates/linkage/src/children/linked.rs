//! What linkage found: persons, how far each may be relied on, and what it left to people.

use std::collections::BTreeSet;

use super::records::RecordIndex;
use crate::level::Level;

/// Why somebody must look at a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// The given names differ or one is not told; all else agrees, and each record is the other's only candidate.
    OnlyCandidate,
    /// The given names are alike, which can be one child or two.
    NamesAlike,
    /// The given names differ, and a shared number agrees.
    IdentifierOnly,
    /// One source holds the child twice.
    TwiceInSource,
    /// Names and address speak for one child, and the dates of birth differ by more than a slip.
    BirthDatesDiffer,
    /// Joins that contradict one another were undone.
    Contradiction,
    /// Two of its records, compared with each other, speak against one child.
    Strained,
    /// People decided that some of its records are one child and others are not, and both cannot be.
    DecisionsConflict,
}

impl Attention {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::OnlyCandidate,
        Self::NamesAlike,
        Self::IdentifierOnly,
        Self::TwiceInSource,
        Self::BirthDatesDiffer,
        Self::Contradiction,
        Self::Strained,
        Self::DecisionsConflict,
    ];

    /// The reason as records keep it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnlyCandidate => "only-candidate",
            Self::NamesAlike => "names-alike",
            Self::IdentifierOnly => "identifier-only",
            Self::TwiceInSource => "twice-in-source",
            Self::BirthDatesDiffer => "birth-dates-differ",
            Self::Contradiction => "contradiction",
            Self::Strained => "strained",
            Self::DecisionsConflict => "decisions-conflict",
        }
    }

    /// The reason that a record keeps as `code`.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The reason in words, for whoever reads about the person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OnlyCandidate => "the given names differ, and everything else agrees",
            Self::NamesAlike => "the given names are alike, and may be those of two children",
            Self::IdentifierOnly => {
                "a shared number is the same, and the given names are not, or one is not told"
            }
            Self::TwiceInSource => "one source holds this child twice",
            Self::BirthDatesDiffer => "the dates of birth differ by more than a slip",
            Self::Contradiction => "other joins contradicted these and were undone",
            Self::Strained => "two of the records speak against one child",
            Self::DecisionsConflict => {
                "people's decisions about its records contradict one another"
            }
        }
    }
}

/// Why two records that look like one child were not joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// They are of one source, which knows them apart.
    OneSource,
    /// The given names differ, and so does something else.
    GivenNamesDiffer,
    /// A source knows two children born that day at that place, so that given names decide.
    TwoChildren,
    /// Both given names stand in further sources.
    BothNamesElsewhere,
    /// The given names are alike and not the same, and sex differs, as with a brother and a sister.
    NameAndSexDiffer,
    /// A shared number differs.
    IdentifiersDiffer,
    /// There is another candidate, as good or better.
    OtherCandidate,
    /// Joining them would contradict other joins.
    Contradiction,
    /// A person said that they are not one child.
    Decided,
    /// People's decisions about these and other records contradict one another.
    DecisionsConflict,
}

impl Held {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::OneSource,
        Self::GivenNamesDiffer,
        Self::TwoChildren,
        Self::BothNamesElsewhere,
        Self::NameAndSexDiffer,
        Self::IdentifiersDiffer,
        Self::OtherCandidate,
        Self::Contradiction,
        Self::Decided,
        Self::DecisionsConflict,
    ];

    /// The reason as records keep it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OneSource => "one-source",
            Self::GivenNamesDiffer => "given-names-differ",
            Self::TwoChildren => "two-children",
            Self::BothNamesElsewhere => "both-names-elsewhere",
            Self::NameAndSexDiffer => "name-and-sex-differ",
            Self::IdentifiersDiffer => "identifiers-differ",
            Self::OtherCandidate => "other-candidate",
            Self::Contradiction => "contradiction",
            Self::Decided => "decided",
            Self::DecisionsConflict => "decisions-conflict",
        }
    }

    /// The reason that a record keeps as `code`.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The reason in words, for whoever decides.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OneSource => "one source holds both and knows them apart",
            Self::GivenNamesDiffer => "the given names differ, and not everything else agrees",
            Self::TwoChildren => "a source knows two children born that day at that place",
            Self::BothNamesElsewhere => "both given names stand in further sources",
            Self::NameAndSexDiffer => "the given names are alike, and sex differs",
            Self::IdentifiersDiffer => "a number that is one child's alone differs",
            Self::OtherCandidate => "another record fits as well or better",
            Self::Contradiction => "joining them would contradict other joins",
            Self::Decided => "a person decided that they are two children",
            Self::DecisionsConflict => "people's decisions contradict one another",
        }
    }

    /// Whether it is settled once each of the two is joined with a record of the other's source: twins whom both know.
    pub(super) const fn gives_way(self) -> bool {
        matches!(
            self,
            Self::GivenNamesDiffer
                | Self::TwoChildren
                | Self::BothNamesElsewhere
                | Self::NameAndSexDiffer
                | Self::OtherCandidate
        )
    }

    /// Whether somebody is asked about it: not where a source or a person has said that they are two.
    pub const fn is_question(self) -> bool {
        !matches!(self, Self::OneSource | Self::Decided)
    }
}

/// What two records agree on and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The earlier record.
    pub a: RecordIndex,
    /// The later record.
    pub b: RecordIndex,
    /// For each compared column of the model the level, and its worth in thousandths of a bit.
    pub parts: Vec<(String, Level, i32)>,
    /// The worth of all parts and of the model's prior.
    pub weight: i32,
}

/// What became of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'l> {
    /// They are of one person, which stands so.
    Joined(&'l Standing),
    /// They look like one child, and were not joined.
    HeldApart(Held),
    /// Too little agrees.
    TooLittle,
}

/// Two records that look like one child and were not joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldApart {
    /// What speaks for one child, and against it.
    pub evidence: Evidence,
    /// Why they were not joined.
    pub because: Held,
}

/// Whether a cluster may be relied on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing speaks against it.
    Settled,
    /// Somebody must look, for these reasons. Until they have, it raises no warning and sends nothing.
    NeedsAttention(BTreeSet<Attention>),
}

/// The records of one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cluster {
    /// The records, in order.
    pub members: Vec<RecordIndex>,
    /// Whether it may be relied on.
    pub standing: Standing,
}

/// What linkage found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// Every record, in exactly one cluster; by the first of their members.
    pub clusters: Vec<Cluster>,
    /// For each two records of one cluster what speaks for and against it.
    pub joined: Vec<Evidence>,
    /// Of pairs that were joined those that somebody must look at, and why; in no order.
    pub doubted: Vec<(RecordIndex, RecordIndex, Attention)>,
    /// Pairs that look like one child and were not joined, for a person to decide.
    pub held_apart: Vec<HeldApart>,
}

impl Linked {
    /// Adds what was found of other records.
    pub(super) fn extend(&mut self, other: Self) {
        self.clusters.extend(other.clusters);
        self.joined.extend(other.joined);
        self.doubted.extend(other.doubted);
        self.held_apart.extend(other.held_apart);
    }

    /// Puts all of it in order.
    pub(super) fn sort(&mut self) {
        self.clusters.sort();
        self.joined.sort_by_key(|one| (one.a, one.b));
        self.doubted.sort();
        self.held_apart
            .sort_by_key(|one| (one.evidence.a, one.evidence.b));
    }

    /// What became of two records.
    pub fn outcome(&self, a: RecordIndex, b: RecordIndex) -> Outcome<'_> {
        let has_both = |one: &&Cluster| one.members.contains(&a) && one.members.contains(&b);
        let is_of = |held: &&HeldApart| (held.evidence.a, held.evidence.b) == (a.min(b), a.max(b));
        match (
            self.clusters.iter().find(has_both),
            self.held_apart.iter().find(is_of),
        ) {
            (Some(cluster), _) => Outcome::Joined(&cluster.standing),
            (None, Some(held)) => Outcome::HeldApart(held.because),
            (None, None) => Outcome::TooLittle,
        }
    }
}
