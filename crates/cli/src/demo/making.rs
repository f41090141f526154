//! Making the records of an example, as the product's own caller `set-up` and
//! for the purpose `demo`: so the first entry of the history says what it is.

use clearpicture_access::{Access, Adds, Caller, Grants, Permit, Purpose, Resource};
use clearpicture_kernel::{Ambient, Code, Passage, TypedId as _};
use clearpicture_store::{DEMONSTRATION, Prepared, Record, Store};

use crate::outcome::Stop;

/// Why everything here was recorded.
const REASON: &str = "A demonstration: every person, agency and place is invented.";

/// Changes gathered to be committed together, each with the permit of whoever sets up.
pub(super) struct Making<'a> {
    store: &'a Store,
    access: &'a Access,
    purpose: Purpose,
    reason: Passage,
    prepared: Vec<Prepared>,
}

impl<'a> Making<'a> {
    pub(super) fn new(store: &'a Store, access: &'a Access) -> Result<Self, Stop> {
        Ok(Self {
            store,
            access,
            purpose: Purpose {
                code: word(Code::parse(DEMONSTRATION))?,
                marked: false,
            },
            reason: word(Passage::parse(REASON))?,
            prepared: Vec::new(),
        })
    }

    pub(super) fn ambient(&self) -> &'a Ambient {
        self.store.ambient()
    }

    pub(super) async fn add<A>(
        &mut self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<(), Stop>
    where
        A: Adds,
        A::On: Record,
    {
        let resource = Resource {
            id: id.record_id(),
            version: 0,
            class: record.class(id),
            grants: Grants::NONE,
        };
        let permit: Permit<A> = self
            .access
            .permit(&Caller::system("set-up"), resource, &self.purpose)
            .map_err(|refused| Stop::fault(refused.to_string()))?;
        let prepared = self.store.prepare_add(&permit, record, Some(&self.reason));
        self.prepared.push(prepared.await?);
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), Stop> {
        self.store.commit(self.prepared).await?;
        Ok(())
    }
}

/// A word of the example, which the tests prove to be right.
pub(super) fn word<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Stop> {
    parsed.map_err(|error| Stop::fault(format!("the example holds a mistake: {error}")))
}

pub(super) fn unknown(name: &str) -> Stop {
    Stop::fault(format!("the example holds a mistake: it has no `{name}`"))
}
