//! A store with everything the product keeps in it, its policies, and people to act.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use clearpicture_access::{Access, Action, Caller, Grants, Identity, Permit, Purpose, Resource};
use clearpicture_app::capabilities;
use clearpicture_app::feeds::{Feed, FeedId};
use clearpicture_app::practice::Practice;
use clearpicture_app::state::{holdings, policies};
use clearpicture_kernel::{AgencyId, Ambient, Code, Line, TypedId as _, WorkerId};
use clearpicture_store::{MasterKey, Record, Store, Upgrade, Writer};

/// The stage.
pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) access: Access,
    writer: Writer,
}

impl Stage {
    /// Opens an empty database and makes its tables.
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        Self::open_with(address, MasterKey::fresh(&Ambient::system())).await
    }

    /// Opens a database that was made with this key, or an empty one.
    pub(crate) async fn open_with(address: &str, master: MasterKey) -> anyhow::Result<Self> {
        let ambient = Ambient::system();
        let (store, writer) = Store::open(
            &address.parse()?,
            master,
            holdings(&capabilities()),
            Upgrade::Apply,
            ambient,
        )
        .await?;
        Ok(Self {
            store,
            access: access()?,
            writer,
        })
    }

    /// Ends it once everything written is durable.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        drop(self.store);
        Ok(self.writer.finished().await?)
    }

    /// An agency that was never there before.
    pub(crate) fn agency(&self) -> AgencyId {
        AgencyId::fresh(self.store.ambient())
    }

    /// A worker of `agency` in one role.
    pub(crate) fn worker(&self, agency: AgencyId, role: &str) -> anyhow::Result<Caller> {
        worker(self.store.ambient(), agency, role)
    }

    /// An id for a feed that is yet to be made.
    pub(crate) fn feed_id(&self) -> FeedId {
        FeedId::fresh(self.store.ambient())
    }

    /// A permit for `A` on `record` at `version`.
    pub(crate) fn permit<A>(
        &self,
        caller: &Caller,
        id: &<A::On as Record>::Id,
        record: &A::On,
        version: u32,
    ) -> anyhow::Result<Permit<A>>
    where
        A: Action,
        A::On: Record,
    {
        let resource = Resource {
            id: id.record_id(),
            version,
            class: record.class(id),
            grants: Grants::NONE,
        };
        Ok(self.access.permit(caller, resource, &purpose()?)?)
    }
}

/// The practice that the product ships with, in which any agency may send any file: those here are invented.
pub(crate) fn practice() -> anyhow::Result<Practice> {
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("../practice");
    let mut practice = Practice::read(&practice).context("the shipped practice")?;
    practice.senders.clear();
    Ok(practice)
}

/// The product's own policies, with those of that practice.
pub(crate) fn access() -> anyhow::Result<Access> {
    Ok(policies(&capabilities(), &practice()?)?)
}

/// A worker whose vetting and training are in date.
pub(crate) fn worker(ambient: &Ambient, agency: AgencyId, role: &str) -> anyhow::Result<Caller> {
    Ok(Caller {
        identity: Identity::Worker(WorkerId::fresh(ambient)),
        agency: Some(agency),
        teams: BTreeSet::new(),
        roles: BTreeSet::from([Code::parse(role)?]),
        ready: true,
    })
}

/// The purpose of everything done here.
pub(crate) fn purpose() -> anyhow::Result<Purpose> {
    Ok(Purpose {
        code: Code::parse("administration")?,
        marked: false,
    })
}

/// A feed of `agency`, called by its number.
pub(crate) fn feed(agency: AgencyId, number: usize) -> anyhow::Result<Feed> {
    let sample = Feed::samples().into_iter().nth(1);
    Ok(Feed {
        agency,
        name: Line::parse(&format!("Missing episodes {number:06}"))?,
        ..sample.context("feeds have samples")?
    })
}
