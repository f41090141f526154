//! Who is asking, and why.

use std::collections::BTreeSet;
use std::fmt;

use clearpicture_kernel::{AgencyId, Code, RecordId, TeamId, TypedId as _, WorkerId};

/// Who is asking, as history and the read log will name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A person who signed in.
    Worker(WorkerId),
    /// An agency's system, by the record of its API token.
    Token(RecordId),
    /// The product itself: a job, or a command given on the server.
    System(&'static str),
}

impl Identity {
    /// The worker, where a person is asking.
    pub fn worker(&self) -> Option<WorkerId> {
        match self {
            Self::Worker(id) => Some(*id),
            Self::Token(_) | Self::System(_) => None,
        }
    }

    /// The id that grants and bars are kept under; the product itself has none.
    pub fn holder(&self) -> Option<RecordId> {
        match self {
            Self::Worker(id) => Some(id.record_id()),
            Self::Token(id) => Some(id.clone()),
            Self::System(_) => None,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(id) => id.fmt(f),
            Self::Token(id) => id.fmt(f),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

/// Who is asking, with all that policies may know of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who, for history and the read log. Policies never see it.
    pub identity: Identity,
    /// The agency they work for; `None` for the product itself.
    pub agency: Option<AgencyId>,
    /// The teams they belong to.
    pub teams: BTreeSet<TeamId>,
    /// The roles they hold, from the partnership's own code list.
    pub roles: BTreeSet<Code>,
    /// Whether their vetting is in date and their training done.
    pub ready: bool,
}

impl Caller {
    /// The product itself, acting under the policies written for `name`.
    pub fn system(name: &'static str) -> Self {
        Self {
            identity: Identity::System(name),
            agency: None,
            teams: BTreeSet::new(),
            roles: BTreeSet::new(),
            ready: true,
        }
    }

    /// Whether the product itself asks, under policies of its own, rather than a person or an agency's system.
    pub fn is_product(&self) -> bool {
        !self.system_name().is_empty()
    }

    /// The name under which the product itself acts, or nothing.
    pub(crate) fn system_name(&self) -> &'static str {
        match self.identity {
            Identity::System(name) => name,
            Identity::Worker(_) | Identity::Token(_) => "",
        }
    }
}

/// Why someone looks or acts, from the partnership's code list of purposes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose {
    /// The purpose's code.
    pub code: Code,
    /// Whether look-ups for it are shown to named roles only (safety rule 14).
    pub marked: bool,
}
