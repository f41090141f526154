//! A store in use: its clock, its policies, and a worker who asks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clearpicture_access::{
    Access, AccessClass, Action as _, Caller, Identity, Kind as _, Permit, PolicyText, Purpose,
    Resource,
};
use clearpicture_kernel::ambient::{SetClock, SystemRandom, microseconds};
use clearpicture_kernel::{
    AgencyId, Ambient, Clock as _, Code, Passage, RecordId, Timestamp, TypedId as _, WorkerId,
};
use clearpicture_store::{
    DatabaseAddress, Grant, GrantId, Holdings, MasterKey, Receipt, Record, Relation, Store,
    StoreFault, Upgrade, WriteError, Writer,
};

use crate::note::{AddNote, EditNote, GiveGrant, Note, NoteId, POLICIES, SeeNote, holdings};
use crate::place::Place;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) access: Arc<Access>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) here: AgencyId,
    pub(crate) worker: Caller,
    pub(crate) ambient: Ambient,
    titles: AtomicU64,
}

/// The master key of every world: another one is made where that matters.
pub(crate) fn master() -> MasterKey {
    MasterKey::from_hex(&"5a".repeat(32), "the test").expect("a key")
}

pub(crate) fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().expect("a moment")
}

pub(crate) fn access() -> Access {
    let actions = [
        SeeNote::SPEC,
        AddNote::SPEC,
        EditNote::SPEC,
        GiveGrant::SPEC,
    ];
    let policies = PolicyText::new("notes/policy.cedar", POLICIES);
    Access::new(actions, &[policies]).expect("policies")
}

pub(crate) fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("casework").expect("a code"),
        marked: false,
    }
}

impl World {
    /// Opens a store at `place` with a clock that stands still.
    pub(crate) async fn at(place: &Place) -> Self {
        Self::open(&place.address).await.expect("opened")
    }

    pub(crate) async fn open(address: &DatabaseAddress) -> Result<Self, StoreFault> {
        Self::open_with(address, holdings(), Upgrade::Apply).await
    }

    pub(crate) async fn open_with(
        address: &DatabaseAddress,
        holdings: Holdings,
        upgrade: Upgrade,
    ) -> Result<Self, StoreFault> {
        let clock = Arc::new(SetClock::at(start()));
        let ambient = Ambient::new(clock.clone(), Arc::new(SystemRandom));
        let holdings = Holdings::with_own([holdings]);
        let (store, writer) =
            Store::open(address, master(), holdings, upgrade, ambient.clone()).await?;
        let here = AgencyId::parse("agency_00000000000000000000000007").expect("an id");
        let worker = WorkerId::parse("worker_00000000000000000000000001").expect("an id");
        Ok(Self {
            store,
            writer,
            access: Arc::new(access()),
            clock,
            here,
            worker: Caller {
                identity: Identity::Worker(worker),
                agency: Some(here),
                teams: BTreeSet::new(),
                roles: BTreeSet::new(),
                ready: true,
            },
            ambient,
            titles: AtomicU64::new(0),
        })
    }

    /// Finishes what was taken on and closes the database.
    pub(crate) async fn close(self) {
        let store = self.store.clone();
        drop(self.store);
        store.close().await;
        self.writer.finished().await.expect("finished");
    }

    pub(crate) fn pass(&self, seconds: i64) {
        let now = self.clock.now().as_microsecond();
        self.clock.set(microseconds(now + seconds * 1_000_000));
    }

    /// A note whose title no other has.
    pub(crate) fn a_note(&self) -> Note {
        let number = self.titles.fetch_add(1, Ordering::SeqCst);
        Note::new(self.here, &format!("Note {number}"))
    }

    pub(crate) fn may_add(&self, note: &Note) -> (NoteId, Permit<AddNote>) {
        let id = NoteId::fresh(&self.ambient);
        let resource = note.to_add(&id);
        let permit = self.access.permit(&self.worker, resource, &purpose());
        (id, permit.expect("allowed"))
    }

    pub(crate) async fn try_add(&self, note: &Note) -> Result<(NoteId, Receipt), WriteError> {
        let (id, permit) = self.may_add(note);
        Ok((id, self.store.add(&permit, note, None).await?))
    }

    pub(crate) async fn add(&self, note: &Note) -> NoteId {
        self.try_add(note).await.expect("added").0
    }

    /// Adds `count` notes, a hundred to a transaction.
    pub(crate) async fn add_many(&self, count: usize) {
        let mut prepared = Vec::new();
        for number in 1..=count {
            let note = self.a_note();
            let (_, permit) = self.may_add(&note);
            prepared.push(
                self.store
                    .prepare_add(&permit, &note, None)
                    .await
                    .expect("prepared"),
            );
            if number % 100 == 0 || number == count {
                let changes = std::mem::take(&mut prepared);
                self.store.commit(changes).await.expect("committed");
            }
        }
    }

    pub(crate) async fn resource(&self, id: &NoteId) -> Resource {
        let resource = self.store.resource::<Note>(&self.worker, id).await;
        resource.expect("read").expect("there is such a note")
    }

    pub(crate) async fn may_see(&self, id: &NoteId) -> Permit<SeeNote> {
        let resource = self.resource(id).await;
        let permit = self.access.permit(&self.worker, resource, &purpose());
        permit.expect("allowed")
    }

    pub(crate) async fn may_edit(&self, id: &NoteId) -> Permit<EditNote> {
        let resource = self.resource(id).await;
        let permit = self.access.permit(&self.worker, resource, &purpose());
        permit.expect("allowed")
    }

    pub(crate) async fn load(&self, id: &NoteId) -> Note {
        let permit = self.may_see(id).await;
        self.store.load(&permit).await.expect("loaded")
    }

    pub(crate) async fn change(&self, id: &NoteId, note: &Note) -> Receipt {
        let permit = self.may_edit(id).await;
        let reason = Passage::parse("It was not so.").expect("a passage");
        let changed = self.store.change(&permit, note, Some(&reason)).await;
        changed.expect("changed")
    }

    /// Bars the worker from a record.
    pub(crate) async fn bar(&self, record: RecordId) {
        let grant = Grant {
            holder: self.worker.identity.holder().expect("a worker"),
            on_record: record,
            owner: Some(self.here),
            relation: Relation::Barred,
            reason: Passage::parse("A relative.").expect("a passage"),
            starts_at: start(),
            ends_at: None,
            reached: clearpicture_store::Reached::default(),
        };
        let id = GrantId::fresh(&self.ambient);
        let resource = grant.to_add(&id);
        let permit = self
            .access
            .permit::<GiveGrant>(&self.worker, resource, &purpose());
        let given = self
            .store
            .add(&permit.expect("allowed"), &grant, None)
            .await;
        given.expect("barred");
    }

    /// An access class of notes that is no agency's here.
    pub(crate) fn class_elsewhere() -> AccessClass {
        AccessClass::ordinary(Note::NAME, None)
    }
}
