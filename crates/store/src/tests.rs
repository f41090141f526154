//! What can only be brought about from inside: a disk that is full under the connection that writes.

use std::collections::BTreeSet;

use clearpicture_access::{Access, Action as _, Caller, PolicyText, Purpose, actions};
use clearpicture_kernel::{Ambient, Code, Passage, RecordId};
use sea_orm::ConnectionTrait as _;

use crate::{
    DatabaseAddress, Grant, GrantId, Holdings, MasterKey, Receipt, Record as _, Relation, Store,
    StoreFault, Upgrade, WriteError,
};

actions! { on Grant:
    add GiveGrant = "grants.give", "give a grant";
}

const POLICY: &str = "@id(\"system\") permit (principal, action, resource);";

async fn give(store: &Store, access: &Access, reason: &str) -> Result<Receipt, WriteError> {
    let record = RecordId::parse("worker_00000000000000000000000001").expect("an id");
    let grant = Grant {
        holder: record.clone(),
        on_record: record,
        owner: None,
        relation: Relation::Involved,
        reason: Passage::parse(reason).expect("a passage"),
        starts_at: store.ambient().now(),
        ends_at: None,
    };
    let id = GrantId::fresh(store.ambient());
    let resource = grant.to_add(&id);
    let purpose = Purpose {
        code: Code::parse("administration").expect("a code"),
        marked: false,
    };
    let permit = access.permit::<GiveGrant>(&Caller::system("test"), resource, &purpose);
    store.add(&permit.expect("allowed"), &grant, None).await
}

#[tokio::test]
async fn a_full_disk_says_so_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = DatabaseAddress::Sqlite(folder.path().join("clearpicture.db"));
    let ambient = Ambient::system();
    let (store, _writer) = Store::open(
        &address,
        MasterKey::fresh(&ambient),
        Holdings::with_own([]),
        Upgrade::Apply,
        ambient,
    )
    .await
    .expect("opened");
    let policy = PolicyText::new("policy.cedar", POLICY);
    let access = Access::new(BTreeSet::from([GiveGrant::SPEC]), &[policy]).expect("policies");
    give(&store, &access, "Before.").await.expect("given");

    let writer = &store.inner.connections.writer;
    let limit = |pages: u32| format!("PRAGMA max_page_count = {pages}");
    writer
        .execute_unprepared(&limit(1))
        .await
        .expect("limited to what is there");
    let long = "It fills the page. ".repeat(1_000);
    let mut given = 1;
    let refused = loop {
        match give(&store, &access, &long).await {
            Ok(_) => given += 1,
            Err(refused) => break refused,
        }
    };
    assert!(
        matches!(refused, WriteError::Fault(StoreFault::Full)),
        "{refused}"
    );
    assert_eq!(store.verify().await.expect("whole").entries, given);

    writer
        .execute_unprepared(&limit(1_000_000))
        .await
        .expect("freed");
    let receipt = give(&store, &access, &long).await.expect("given again");
    assert_eq!(receipt.seq.unsigned_abs(), given + 1);
    assert_eq!(store.verify().await.expect("whole").entries, given + 1);
}
