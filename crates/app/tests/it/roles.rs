//! Guarded roles: nobody becomes the information governance lead, or an auditor, by an
//! administrator's word alone.

use clearpicture_app::shell::session::Stage;

use crate::support::northwater::{assert_holds, northwater, person};
use crate::support::{TestApp, a_worker};

const REFUSED: &str = "can be given only by someone who holds the role Information governance lead";

#[tokio::test]
async fn an_administrator_alone_gives_no_guarded_role() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let amal = test.worker(a_worker("amal").of(agency)).await;
    let form = wren.get("/people/new").await.words();
    assert_holds(&form, &["Given only by: Information governance lead."]);
    let before = test.newest_entry().await;
    for role in ["information-governance", "auditor"] {
        let role = [("roles[]", role), ("reason", "The board asked for it.")];
        let new = [
            &person("0", "Sam Example", "sam@northwater.example")[..],
            &role,
        ]
        .concat();
        let old = [
            &person("1", "Amal Example", "amal@northwater.example")[..],
            &role,
        ]
        .concat();
        for (path, fields) in [
            ("/people/new".to_owned(), new),
            (format!("/people/{amal}/edit"), old),
        ] {
            let refused = wren.post(&path, &fields).await;
            assert_eq!(refused.status, 422, "{path}");
            assert_holds(&refused.words(), &[REFUSED, "There is a problem"]);
        }
    }
    assert_eq!(test.newest_entry().await, before, "nothing was saved");
}

#[tokio::test]
async fn the_governance_lead_gives_and_takes_guarded_roles_anywhere_and_nothing_else() {
    let test = TestApp::start().await;
    let (agency, _, mut wren) = northwater(&test).await;
    let amal = test.worker(a_worker("amal").of(agency)).await;
    let fields = person("1", "Amal Example", "amal@northwater.example");
    let fields = [&fields[..], &[("reason", "Telephone given.")]].concat();
    let path = format!("/people/{amal}/edit");
    assert_eq!(wren.post(&path, &fields).await.status, 303);

    let office = test.agency("partnership-office").await;
    let kwame = a_worker("kwame").of(office).role("information-governance");
    let mut kwame = test.signed_in(test.worker(kwame).await, Stage::Full).await;
    let form = kwame.get(&path).await;
    assert_holds(
        &form.words(),
        &[
            "This person works for another agency",
            "Auditor or inspector",
        ],
    );
    for hidden in ["01632 960123", "name=\"email\"", "value=\"administrator\""] {
        assert!(!form.text.contains(hidden), "{hidden}");
    }
    // What the form does not show is not taken either.
    let grasping = [
        ("version", "2"),
        ("name", "Somebody Else"),
        ("email", "else@lighthouse.example"),
        ("phone", ""),
        ("active", "no"),
        ("roles[]", "administrator"),
        ("roles[]", "auditor"),
        ("reason", "The board named Amal on 3 November."),
    ];
    let given = kwame.post(&path, &grasping).await;
    assert_eq!(given.status, 303, "{}", given.words());
    let record = wren.get(&format!("/people/{amal}")).await.words();
    assert_holds(
        &record,
        &[
            "Amal Example",
            "amal@northwater.example",
            "01632 960123",
            "Practitioner",
            "Auditor",
        ],
    );
    assert!(!record.contains("Administrator"), "{record}");
    let taken = [
        ("version", "3"),
        ("reason", "The board named someone else."),
    ];
    assert_eq!(kwame.post(&path, &taken).await.status, 303);
    let record = wren.get(&format!("/people/{amal}")).await.words();
    assert!(!record.contains("Auditor"), "{record}");
}
