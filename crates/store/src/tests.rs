//! What can only be brought about from inside: a disk that is full under the connection that writes, keys that are gone.

use std::collections::BTreeSet;

use clearpicture_access::{Access, Action as _, Caller, PolicyText, Purpose, actions};
use clearpicture_kernel::{Ambient, Code, Passage, RecordId};
use sea_orm::ConnectionTrait as _;

use crate::{
    DatabaseAddress, Grant, GrantId, Holdings, KeyScope, MasterKey, Receipt, Record as _, Relation,
    SealedText, Store, StoreFault, Upgrade, WriteError,
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
        reached: crate::Reached::default(),
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

#[tokio::test]
async fn keys_are_fetched_all_at_once_and_one_that_is_gone_is_told_when_it_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = DatabaseAddress::Sqlite(folder.path().join("clearpicture.db"));
    let ambient = Ambient::system();
    let master = MasterKey::fresh(&ambient);
    let open = async || {
        let holdings = Holdings::with_own([]);
        let (address, master) = (&address, master.clone());
        let opened = Store::open(address, master, holdings, Upgrade::Apply, ambient.clone());
        opened.await.expect("opened")
    };
    let (store, _writer) = open().await;
    let mut sealed = Vec::new();
    for number in 0..3 {
        let of = RecordId::parse(&format!("subject_0000000000000000000000000{number}"));
        let scope = KeyScope::Subject(of.expect("an id"));
        let text = store.seal_text(&scope, "told", "1", b"what is told");
        sealed.push(text.await.expect("sealed"));
    }
    // A server that met none of them yet.
    let (other, _writer) = open().await;
    let ids: Vec<&str> = sealed.iter().map(|text| text.key_id.as_str()).collect();
    let fetched = ids.iter().copied().take(2).chain(["key_nobodys"]);
    other.fetch_keys(fetched).await.expect("fetched");
    // Nothing is asked for again: the keys themselves are gone.
    let behind = &store.inner.connections.writer;
    for statement in ["DROP TRIGGER data_key_no_delete", "DELETE FROM data_key"] {
        behind.execute_unprepared(statement).await.expect(statement);
    }
    let opened = async |text: &SealedText| other.open_text("told", "1", text).await;
    for text in sealed.iter().take(2) {
        assert_eq!(opened(text).await.expect("opened"), b"what is told");
    }
    let gone = opened(&sealed[2]).await.expect_err("gone").to_string();
    assert!(gone.contains("is not in the database"), "{gone}");
}
