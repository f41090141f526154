//! Obviously invented people, in a line each.

use std::collections::BTreeSet;

use clearpicture_app::workers::Worker;
use clearpicture_kernel::{AgencyId, Code, EmailAddress, PersonName, TypedId as _};
use jiff::civil::date;

/// A worker about to be added.
pub(crate) struct AWorker(Worker);

/// A practitioner whose name begins with `first`, ready to see records: `amal` is Amal Example,
/// with the address `amal@northwater.example`.
pub(crate) fn a_worker(first: &str) -> AWorker {
    let mut letters = first.chars();
    let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
    let name: String = capital.into_iter().chain(letters).collect();
    AWorker(Worker {
        agency: AgencyId::parse("agency_00000000000000000000000001").expect("an id"),
        name: PersonName::parse(&format!("{name} Example")).expect("a name"),
        email: EmailAddress::parse(&format!("{first}@northwater.example")).expect("an address"),
        phone: None,
        teams: BTreeSet::new(),
        roles: BTreeSet::from([code("practitioner")]),
        vetted_until: Some(date(2099, 3, 31)),
        trained_until: Some(date(2099, 9, 30)),
        active: true,
    })
}

impl AWorker {
    /// Who works for this agency.
    pub(crate) fn of(mut self, agency: AgencyId) -> Self {
        self.0.agency = agency;
        self
    }

    /// Who holds this role and no other.
    pub(crate) fn role(mut self, role: &str) -> Self {
        self.0.roles = BTreeSet::from([code(role)]);
        self
    }

    /// Who holds this role too.
    pub(crate) fn and_role(mut self, role: &str) -> Self {
        self.0.roles.insert(code(role));
        self
    }

    /// Of whom no vetting is recorded.
    pub(crate) fn unvetted(mut self) -> Self {
        self.0.vetted_until = None;
        self
    }

    /// Who may not sign in any more.
    pub(crate) fn inactive(mut self) -> Self {
        self.0.active = false;
        self
    }

    /// The record.
    pub(crate) fn record(self) -> Worker {
        self.0
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}
