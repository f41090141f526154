use clearpicture_kernel::ambient::{SeededRandom, SystemClock};
use clearpicture_kernel::{AgencyId, Ambient, Timestamp, TypedId as _, WorkerId};
use jiff::SignedDuration;

use super::rules::*;
use super::types::{Credential, CredentialState};

fn worker(number: u8) -> WorkerId {
    WorkerId::parse(&format!("worker_0000000000000000000000000{number}")).expect("an id")
}

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
}

fn invited() -> Credential {
    let agency = AgencyId::fresh(&Ambient::new(
        std::sync::Arc::new(SystemClock),
        std::sync::Arc::new(SeededRandom::new(1)),
    ));
    Credential::invited(
        worker(1),
        agency,
        code_digest(worker(1), "K7QM-2R9T-XW4P-H3VD"),
        at(0),
    )
}

fn ready() -> Credential {
    invited().set_up("hash".to_owned(), "secret".to_owned(), at(1))
}

#[test]
fn only_paths_of_this_site_are_gone_on_to() {
    for fine in [
        "/",
        "/feeds",
        "/feeds?page=2#top",
        "/people/worker_1/set-up",
    ] {
        assert_eq!(local_path(fine), fine);
    }
    for elsewhere in [
        "",
        "feeds",
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nset-cookie: a=b",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/sign-in?next=/sign-in",
        "/ümlaut",
        &format!("/{}", "x".repeat(3_000)),
    ] {
        assert_eq!(local_path(elsewhere), "/", "{elsewhere}");
    }
}

#[test]
fn waits_grow_and_stop_growing() {
    let waits: Vec<i64> = (0..10)
        .map(|failures| wait_after(failures, 3, 15))
        .collect();
    assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 15, 15, 15]);
    assert_eq!(wait_after(i64::MAX, 3, 300), 300);
}

#[test]
fn common_passwords_and_those_made_of_the_name_are_refused() {
    let known = [
        "Amal Osei",
        "amal.osei@northwater.example",
        "Northwater Safeguarding Partnership",
    ];
    for refused in [
        "short",
        "password1234",
        "passwordpassword",
        "qwertyuiopas",
        "aaaaaaaaaaaaaaaa",
        "AmalOsei2026",
        "northwater.osei",
        &"x".repeat(300),
    ] {
        assert!(password_problem(refused, &known).is_some(), "{refused}");
    }
    for fine in [
        "kettle harbour ninety moss",
        "J4v8-Wq2m-Zr7t",
        "плед самовар ковш лиса",
    ] {
        assert_eq!(password_problem(fine, &known), None, "{fine}");
    }
}

#[test]
fn a_set_up_code_is_good_for_its_person_and_three_days() {
    let code = "k7qm 2r9t xw4p h3vd";
    assert!(invited().takes_code(code, at(71)));
    assert!(!invited().takes_code(code, at(72)));
    assert!(!invited().takes_code("K7QM-2R9T-XW4P-H3VE", at(1)));
    assert!(!ready().takes_code(code, at(1)));
    assert_ne!(code_digest(worker(1), code), code_digest(worker(2), code));
    assert_eq!(
        code_digest(worker(1), "O1IL"),
        code_digest(worker(1), "0111")
    );
}

#[test]
fn a_recovery_takes_two_other_people() {
    let asked = ready().ask_recovery(worker(2), at(2)).expect("asked");
    assert!(
        asked.proofs().is_some(),
        "nothing changes until it is confirmed"
    );
    let digest = String::new;
    let confirm = |by, now| asked.clone().confirm_recovery(by, digest(), now).err();
    assert_eq!(confirm(worker(2), at(3)), Some(Refusal::SamePerson));
    assert_eq!(confirm(worker(1), at(3)), Some(Refusal::OwnSignIn));
    assert_eq!(
        confirm(worker(3), at(2 + RECOVERY_HOURS)),
        Some(Refusal::NotAsked)
    );
    assert_eq!(
        asked.clone().ask_recovery(worker(3), at(3)).err(),
        Some(Refusal::AlreadyAsked)
    );
    let given = asked
        .confirm_recovery(worker(3), digest(), at(3))
        .expect("confirmed");
    assert!(matches!(given.state, CredentialState::Invited(_)));
    // One administrator alone can give out no second code after a recovery.
    assert_eq!(
        given.clone().invite_again(digest(), at(4)).err(),
        Some(Refusal::SetUpBefore)
    );
    assert!(
        given.ask_recovery(worker(2), at(4)).is_ok(),
        "a code that was lost is recovered again"
    );
}

#[test]
fn what_was_never_set_up_has_nothing_to_recover() {
    assert_eq!(
        invited().ask_recovery(worker(2), at(1)).err(),
        Some(Refusal::NeverSetUp)
    );
    assert!(invited().invite_again(String::new(), at(1)).is_ok());
    assert_eq!(
        ready().invite_again(String::new(), at(1)).err(),
        Some(Refusal::SetUpBefore)
    );
    assert_eq!(
        ready().ask_recovery(worker(1), at(1)).err(),
        Some(Refusal::OwnSignIn)
    );
}

#[test]
fn nothing_said_holds_a_hash_or_a_secret() {
    use clearpicture_store::Record as _;
    for sample in Credential::samples() {
        let said = format!("{:?} {sample:?}", sample.say());
        for secret in ["argon2", "GEZDGNBV", "00000000000000000000000000000000"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}
