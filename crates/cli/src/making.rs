//! Making the first records of an installation, as one of the product's own callers: all of them
//! in one change, or none.

use clearpicture_access::{Access, Adds, Caller, Permit, Purpose};
use clearpicture_kernel::{Ambient, Code, Passage};
use clearpicture_store::{Prepared, Record, Store};

use crate::outcome::Stop;

/// Who makes something, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker {
    /// The name that policies know them by, and history shows.
    pub(crate) name: &'static str,
    /// The code of the purpose.
    pub(crate) purpose: &'static str,
    /// Why everything is recorded.
    pub(crate) reason: &'static str,
}

impl Maker {
    /// The purpose as decisions know it.
    pub(crate) fn purpose(self) -> Result<Purpose, Stop> {
        Ok(Purpose {
            code: word(Code::parse(self.purpose))?,
            marked: false,
        })
    }

    /// The product itself under this name.
    pub(crate) fn caller(self) -> Caller {
        Caller::system(self.name)
    }
}

/// Changes gathered to be committed together, each with a permit of its own.
pub(crate) struct Making<'a> {
    store: &'a Store,
    access: &'a Access,
    caller: Caller,
    purpose: Purpose,
    reason: Passage,
    prepared: Vec<Prepared>,
}

impl<'a> Making<'a> {
    pub(crate) fn new(store: &'a Store, access: &'a Access, maker: Maker) -> Result<Self, Stop> {
        Ok(Self {
            store,
            access,
            caller: maker.caller(),
            purpose: maker.purpose()?,
            reason: word(Passage::parse(maker.reason))?,
            prepared: Vec::new(),
        })
    }

    pub(crate) fn ambient(&self) -> &'a Ambient {
        self.store.ambient()
    }

    pub(crate) async fn add<A>(
        &mut self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<(), Stop>
    where
        A: Adds,
        A::On: Record,
    {
        let resource = record.to_add(id);
        let permit: Permit<A> = self
            .access
            .permit(&self.caller, resource, &self.purpose)
            .map_err(|refused| Stop::fault(refused.to_string()))?;
        let prepared = self.store.prepare_add(&permit, record, Some(&self.reason));
        self.prepared.push(prepared.await?);
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), Stop> {
        self.store.commit(self.prepared).await?;
        Ok(())
    }
}

/// A word of our own, which the tests prove to be right.
pub(crate) fn word<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Stop> {
    parsed.map_err(|error| Stop::fault(format!("what is to be made holds a mistake: {error}")))
}

pub(crate) fn unknown(name: &str) -> Stop {
    Stop::fault(format!(
        "what is to be made holds a mistake: it has no `{name}`"
    ))
}
