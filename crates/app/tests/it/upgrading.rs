//! A database that an earlier state of the product made opens: the steps that made it are what they were.

use std::collections::BTreeMap;

use clearpicture_app::capabilities;
use clearpicture_app::state::holdings;
use clearpicture_kernel::Ambient;
use clearpicture_store::{DatabaseAddress, Holdings, MasterKey, Store, Upgrade};
use sea_orm::{ConnectionTrait as _, Database, Statement};

/// The steps that databases were made with before others were added, by what their text comes to. What stands here is never
/// edited: whatever is new is a step of its own.
const STOOD: [(&str, &str); 13] = [
    (
        "0.1/agencies/001",
        "64d273231f735b598ebd8bd887973baebc7d1bbf4d9f75f0b46152b5d5b5aef4",
    ),
    (
        "0.1/api/001",
        "7e347da2ae1fb0ad6f90f274184e532a0a759df89542c1e04a381230d4f7a0a8",
    ),
    (
        "0.1/feeds/001",
        "0e8e906aa584afe9352389710b4f2becf7b172201a80dabb2710bcf97a85e0b1",
    ),
    (
        "0.1/governance/001",
        "d57833d931aee944d62580f3eec2dd2941488a9b1e28e440c1d0dea6342d8d6c",
    ),
    (
        "0.1/linking/001",
        "3ab11be07040ba27eb7708460e07f9cac5f3d44b8bc94725c968ba68697c4de8",
    ),
    (
        "0.1/loads/001",
        "ba6b52e3a9600b7c463ab6b5638ced9558836abfe19e11d895ec1282a28c27c7",
    ),
    (
        "0.1/persons/001",
        "0c255d4a76c5a1dc91e4899f1c64d8284f47c87af03502f1c90ac12da8d5fa76",
    ),
    (
        "0.1/shell/001",
        "b6a0bce860821bc18910a79200c931672bcc5d8a6e0bd15a6188b4224778608f",
    ),
    (
        "0.1/sign_in/001",
        "45fba1d8b90e2838f148236db6c4c1953057dd82d32b782b5e67b4f1e94e1cf2",
    ),
    (
        "0.1/store/001",
        "e8c8cfd13da1e3c420f06616b63d7db9b5442d8b2a8b016c948f0776190d55f7",
    ),
    (
        "0.1/store/002",
        "074ae8c18006bcceafe25d6148e56e7e27c6333c27ab5dc914edb3b0c54f5253",
    ),
    (
        "0.1/tokens/001",
        "0bfa3efbd9112eb3a0206f6efc9fc65a043a7075515052435755241335e35bac",
    ),
    (
        "0.1/workers/001",
        "f703297bc04d4709eee7d39868050dfa3a9d0694421f0a0e59cd6d732a477b92",
    ),
];

#[test]
fn steps_that_stood_are_what_they_were() {
    let stand: BTreeMap<String, String> = holdings(&capabilities())
        .migrations
        .iter()
        .map(|step| (step.name(), step.checksum().to_string()))
        .collect();
    let stood = STOOD.map(|(step, _)| {
        let stands = stand.get(step).map_or("gone", String::as_str);
        format!("{step} {stands}")
    });
    assert_eq!(stood, STOOD.map(|(step, was)| format!("{step} {was}")));
}

async fn opened(address: &DatabaseAddress, key: &MasterKey, holdings: Holdings) {
    let ambient = Ambient::system();
    let opened = Store::open(address, key.clone(), holdings, Upgrade::Apply, ambient).await;
    let (store, writer) = opened.expect("it opens");
    drop(store);
    writer.finished().await.expect("written");
}

#[tokio::test]
async fn a_database_of_before_opens_and_holds_no_answer_in_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("before.db").display());
    let key = MasterKey::fresh(&Ambient::system());
    let parsed: DatabaseAddress = address.parse().expect("an address");
    let mut before = holdings(&capabilities());
    before
        .migrations
        .retain(|step| STOOD.iter().any(|(name, _)| *name == step.name()));
    opened(&parsed, &key, before).await;
    let behind = Database::connect(&address).await.expect("connected");
    let answer = "INSERT INTO idempotency_key VALUES ('one', '/api/v1/loads', 201, 'text/plain', x'4d61727368', 1)";
    behind.execute_unprepared(answer).await.expect("inserted");
    opened(&parsed, &key, holdings(&capabilities())).await;
    for table in ["idempotency_key", "undone", "protection", "incoming"] {
        let all = Statement::from_string(
            behind.get_database_backend(),
            format!("SELECT * FROM {table}"),
        );
        let rows = behind.query_all_raw(all).await.expect(table);
        assert_eq!(rows.len(), 0, "{table}");
    }
    for index in [
        "incoming__came_at",
        "saved_search__made_at",
        "undone__laying",
    ] {
        let named = format!("SELECT name FROM sqlite_master WHERE name = '{index}'");
        let named = Statement::from_string(behind.get_database_backend(), named);
        let found = behind.query_all_raw(named).await.expect("read");
        assert_eq!(found.len(), 1, "{index}");
    }
}
