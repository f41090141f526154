//! What policies may know of a record, and of what stands between it and the caller.

use clearpicture_kernel::{AgencyId, Digest, RecordId, TeamId};
use serde::{Deserialize, Serialize};

/// How much harm the record could do in the wrong hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// Known across the partnership.
    Ordinary,
    /// For those whose work needs it.
    Restricted,
    /// For named roles.
    Sensitive,
}

impl Sensitivity {
    /// The number policies compare: 0, 1 or 2.
    pub const fn level(self) -> i64 {
        match self {
            Self::Ordinary => 0,
            Self::Restricted => 1,
            Self::Sensitive => 2,
        }
    }

    /// The sensitivity that a stored number tells; anything unknown is the highest.
    pub const fn from_level(level: i64) -> Self {
        match level {
            0 => Self::Ordinary,
            1 => Self::Restricted,
            _ => Self::Sensitive,
        }
    }
}

/// All that policies may know of a record. Records of one class get one answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessClass {
    /// The kind of record.
    pub kind: &'static str,
    /// The agency whose record it is; `None` for the partnership's own.
    pub owner: Option<AgencyId>,
    /// The team that holds it.
    pub team: Option<TeamId>,
    /// How much harm it could do.
    pub sensitivity: Sensitivity,
    /// Whether it concerns someone whose whereabouts or past must be shielded.
    pub protected: bool,
}

impl AccessClass {
    /// An ordinary record of `kind` that belongs to `owner`.
    pub const fn ordinary(kind: &'static str, owner: Option<AgencyId>) -> Self {
        Self {
            kind,
            owner,
            team: None,
            sensitivity: Sensitivity::Ordinary,
            protected: false,
        }
    }

    /// The class's number: the same in every database, since it is made from what the class says.
    pub fn id(&self) -> ClassId {
        let digest = Digest::of_parts(&[
            self.kind.as_bytes(),
            text(self.owner).as_bytes(),
            text(self.team).as_bytes(),
            &self.sensitivity.level().to_be_bytes(),
            &[u8::from(self.protected)],
        ]);
        let [a, b, c, d, e, f, g, ..] = *digest.as_bytes();
        ClassId(i64::from_be_bytes([0, a, b, c, d, e, f, g]))
    }
}

/// An optional id as policies and columns hold it: empty when there is none.
pub(crate) fn text<T: ToString>(id: Option<T>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// The number of an [`AccessClass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub i64);

/// What stands between one caller and one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Grants {
    /// The caller is involved with it.
    pub involved: bool,
    /// The caller broke the glass less than three hours ago.
    pub break_glass: bool,
    /// The caller is barred from it: for them it does not exist.
    pub barred: bool,
}

impl Grants {
    /// No grant and no bar.
    pub const NONE: Self = Self {
        involved: false,
        break_glass: false,
        barred: false,
    };
}

/// One record as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The record.
    pub id: RecordId,
    /// Its version when the decision was made; 0 for one that is yet to be made.
    pub version: u32,
    /// What policies may know of it.
    pub class: AccessClass,
    /// What stands between it and the caller.
    pub grants: Grants,
}
