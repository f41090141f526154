//! Tokens against a database of their own: made, known, taken away.

use std::collections::BTreeSet;

use clearpicture_access::{AccessClass, Action as _, Caller, Grants, Purpose, Resource};
use clearpicture_kernel::{AgencyId, Ambient, Code, Line, TypedId as _};
use clearpicture_store::{DatabaseAddress, MasterKey, Record as _, Store, Upgrade, Writer};

use super::types::{AddToken, ApiScope, RevokeToken, Secret, SeeToken, Token, TokenId};
use crate::agencies::{AddAgency, Agency};
use crate::practice::Practice;
use crate::state::{App, Identify, Serving, holdings, policies};

fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("administration").unwrap(),
        marked: false,
    }
}

async fn app(folder: &tempfile::TempDir) -> (App, Writer) {
    let ambient = Ambient::system();
    let address = DatabaseAddress::Sqlite(folder.path().join("test.db"));
    let capabilities = crate::capabilities();
    let (store, writer) = Store::open(
        &address,
        MasterKey::fresh(&ambient),
        holdings(&capabilities),
        Upgrade::Apply,
        ambient,
    )
    .await
    .unwrap();
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
    let identify = Identify {
        worker: crate::workers::identify,
        token: super::identify,
    };
    let practice = Practice::read(&shipped).unwrap();
    let app = App::start(
        store,
        practice,
        capabilities,
        identify,
        None,
        Serving::default(),
    )
    .unwrap();
    (app, writer)
}

fn resource(id: &TokenId, token: &Token) -> Resource {
    token.to_add(id)
}

#[tokio::test]
async fn a_token_is_known_by_its_secret_until_it_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let (app, _writer) = app(&folder).await;
    let agency = AgencyId::parse("agency_00000000000000000000000001").unwrap();
    let record = Agency::samples().remove(0);
    let place = record.to_add(&agency);
    let begins = Caller::system("set-up");
    let permit = app
        .access()
        .permit::<AddAgency>(&begins, place, &purpose())
        .unwrap();
    app.store().add(&permit, &record, None).await.unwrap();
    let secret = Secret::fresh(app.ambient());
    let id = TokenId::fresh(app.ambient());
    let mut token = Token {
        agency,
        label: Line::parse("Nightly feed report").unwrap(),
        scopes: BTreeSet::from([ApiScope::FeedsRead]),
        digest: secret.digest(app.store()),
        made_at: app.ambient().now(),
        active: true,
    };
    let made_by = Caller::system("command-line");
    let permit = app
        .access()
        .permit::<AddToken>(&made_by, resource(&id, &token), &purpose())
        .unwrap();
    app.store().add(&permit, &token, None).await.unwrap();

    let known = |bearer: &str| super::identify(app.clone(), bearer.to_owned());
    let who = known(secret.reveal()).await.unwrap().unwrap();
    assert_eq!(who.caller.agency, Some(token.agency));
    assert_eq!(
        who.caller.roles,
        BTreeSet::from([Code::parse("api-feeds-read").unwrap()])
    );
    assert_eq!(who.caller.identity.holder(), Some(id.record_id()));
    let other = Secret::fresh(app.ambient());
    for stranger in [
        other.reveal(),
        "",
        "cp_",
        "cp_x",
        secret.reveal().trim_start_matches("cp_"),
    ] {
        assert!(known(stranger).await.unwrap().is_none(), "{stranger}");
    }

    let lead = Caller {
        agency: Some(token.agency),
        roles: BTreeSet::from([Code::parse("administrator").unwrap()]),
        ..Caller::system("")
    };
    let now = app
        .store()
        .resource::<Token>(&lead, &id)
        .await
        .unwrap()
        .unwrap();
    let permit = app
        .access()
        .permit::<RevokeToken>(&lead, now, &purpose())
        .unwrap();
    token.active = false;
    app.store().change(&permit, &token, None).await.unwrap();
    assert!(known(secret.reveal()).await.unwrap().is_none());
}

#[test]
fn only_an_agencys_own_administrators_take_a_token_away() {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
    let access = policies(&crate::capabilities(), &Practice::read(&shipped).unwrap()).unwrap();
    let [here, there] = [1, 2].map(|_| AgencyId::fresh(&Ambient::system()));
    let class = AccessClass::ordinary("token", Some(here));
    for (role, agency, sees, revokes) in [
        ("administrator", here, true, true),
        ("administrator", there, false, false),
        ("information-governance", there, true, false),
        ("auditor", there, true, false),
        ("practitioner", here, false, false),
        ("api-feeds-write", here, false, false),
    ] {
        let caller = Caller {
            agency: Some(agency),
            roles: BTreeSet::from([Code::parse(role).unwrap()]),
            ..Caller::system("")
        };
        let may = |action| access.would_allow(action, &caller, &purpose(), &class, Grants::NONE);
        assert_eq!(may(SeeToken::SPEC), sees, "{role} sees");
        assert_eq!(may(RevokeToken::SPEC), revokes, "{role} revokes");
        assert!(!may(AddToken::SPEC), "{role} adds");
    }
}

#[test]
fn a_secret_is_never_in_debug_output_and_every_scope_gives_a_role() {
    let secret = Secret::fresh(&Ambient::system());
    assert!(secret.reveal().starts_with("cp_"));
    assert!(!format!("{secret:?}").contains(secret.reveal()));
    assert_eq!(Secret::parse(secret.reveal()), Some(secret));
    for scope in ApiScope::ALL {
        assert_eq!(ApiScope::from_code(scope.code()), Some(scope));
        assert!(scope.role().is_some());
        assert_eq!(serde_json::to_value(scope).unwrap(), scope.code());
    }
}
