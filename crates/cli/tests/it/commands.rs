//! The commands, by the words and exit codes that other work relies on.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Data, Server, get, run, text};

#[test]
fn help_lists_what_works_and_options_stand_anywhere() {
    let help = run(&["--help"]).done();
    for command in [
        "analysis", "begin", "demo", "serve", "token", "history", "ingest", "link", "measure",
        "report", "synth", "rebuild", "backup", "restore", "doctor",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
    let listed = help
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands = listed.filter(|line| !line.trim().starts_with('-')).count();
    assert_eq!(commands, 15, "{help}");

    let data = Data::with_demo();
    let before = run(&["--data", data.path(), "history", "verify"]).done();
    let between = run(&["history", "--data", data.path(), "verify"]).done();
    let after = run(&["history", "verify", "--data", data.path()]).done();
    assert_eq!((&before, &before), (&between, &after));
    run(&["dance"]).failed(2, "dance");
    run(&["serve", "--size", "small"]).failed(2, "--size");
    run(&[]).failed(2, "Usage");
}

#[test]
fn a_demonstration_prints_two_people_for_each_role_of_two_agencies_each_run() {
    let data = Data::new();
    let demo = ["demo", "--no-serve", "--size", "empty"];
    let first = data.run(&demo).done();
    let mut roles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in first.lines() {
        let line = line.strip_prefix("sign-in: ").expect("only sign-ins");
        let fields: Vec<&str> = line.split('\t').collect();
        let [email, password, secret, role, agency] = fields[..] else {
            panic!("five fields: {line}");
        };
        assert!(email.ends_with(".example") && password.len() >= 20 && secret.len() == 32);
        roles.entry(role).or_default().insert(agency);
    }
    assert_eq!(roles.len(), 7);
    assert!(roles.values().all(|agencies| agencies.len() >= 2));
    let file = data.file("demo-sign-ins.tsv");
    assert!(text(&file).starts_with("# Demonstration only"));
    assert_eq!(
        file.metadata().expect("there").permissions().mode() & 0o777,
        0o600
    );

    let verified = data.run(&["history", "verify"]).done();
    assert_eq!(data.run(&demo).done(), first, "the same again");
    assert_eq!(
        data.run(&["history", "verify"]).done(),
        verified,
        "nothing was added"
    );
    let server = Server::start("serve", &data);
    let page = get(server.address(), "/sign-in");
    assert!(
        page.body.contains("Demonstration. Every person"),
        "said on every page"
    );
}

#[test]
fn history_is_verified_and_an_altered_byte_is_named() {
    let data = Data::with_demo();
    let verified = data.run(&["history", "verify"]).done();
    assert!(
        verified.starts_with("verified ") && verified.contains(" entries, "),
        "{verified}"
    );
    assert!(verified.ends_with(" seals\n"));

    let rebuilt = Data::new();
    let into = format!("sqlite:{}", rebuilt.file("rebuilt.db").display());
    let identical = data.run(&["rebuild", "--into", &into]).done();
    assert!(identical.starts_with("identical: ") && identical.contains(" rows at sequence "));
    data.run(&["rebuild", "--into", &into]).failed(2, "empty");
    data.run(&["rebuild", "--into", "nowhere"])
        .failed(2, "database address");
}

#[test]
fn seals_are_compared_with_a_second_holders_copy() {
    let data = Data::with_demo();
    let verified = data.run(&["history", "verify"]).done();
    let lines: Vec<&str> = verified.lines().collect();
    assert!(lines[1].starts_with("verified ") && lines[1].ends_with(" read log seals"));
    let copy = data.file("copy");
    let folder = copy.to_str().expect("text");
    let against = ["history", "verify", "--against", folder];
    data.run(&against).failed(2, "copy");
    std::fs::create_dir(&copy).expect("made");
    data.run(&against).failed(2, "no file in it holds seals");
    let (seal, zeros) = (9_000, "0".repeat(64));
    for (number, said) in [
        (1, "seal 1 "),
        (seal, "seal 1 is not in the second holder's copy"),
    ] {
        let line = format!(
            r#"{{"number":{number},"first_seq":1,"last_seq":1,"root":"{zeros}","previous_hash":"{zeros}","hash":"{zeros}","sealed_at":"2026-11-21T14:02:00Z"}}"#
        );
        let file = copy.join(format!("seals-{number:09}-{number:09}.jsonl"));
        std::fs::write(&file, format!("{line}\n")).expect("written");
        data.run(&against).failed(1, said);
        std::fs::remove_file(&file).expect("removed");
    }
}

#[test]
fn a_backup_brings_everything_back_and_nothing_without_its_key() {
    let data = Data::with_demo();
    let verified = data.run(&["history", "verify"]).done();
    let server = Server::start("serve", &data);
    let file = data.file("backup.cpb");
    let file = file.to_str().expect("text");
    data.run(&["backup", file]).done();
    data.run(&["backup", file]).failed(1, "backup.cpb");
    drop(server);

    let other = Data::new();
    other.run(&["restore", file]).failed(1, "master key");
    std::fs::copy(data.file("master.key"), other.file("master.key")).expect("copied");
    other.run(&["restore", file]).done();
    let entries = |said: &str| said.split(',').next().map(ToOwned::to_owned);
    let restored = other.run(&["history", "verify"]).done();
    assert_eq!(entries(&restored), entries(&verified));
    other.run(&["restore", file]).failed(2, "empty");
    std::fs::write(other.file("no-backup"), "x").expect("written");
    let elsewhere = format!("sqlite:{}", other.file("other.db").display());
    let wrong = other.file("no-backup");
    other
        .run(&[
            "restore",
            wrong.to_str().expect("text"),
            "--database",
            &elsewhere,
        ])
        .failed(2, "backup");
}

#[test]
fn a_token_is_printed_once_and_kept_nowhere() {
    let data = Data::with_demo();
    let add = ["token", "add", "--agency", "northwater-police", "--scope"];
    let answer = data.run(&[&add[..], &["feeds:read"]].concat()).done();
    let token = answer.trim_end();
    assert!(token.starts_with("cp_") && token.len() > 40, "{token}");
    for file in ["clearpicture.db", "clearpicture.db-wal"] {
        let bytes = std::fs::read(data.file(file)).unwrap_or_default();
        let found = bytes
            .windows(token.len())
            .any(|some| some == token.as_bytes());
        assert!(!found, "{file}");
    }
    let server = Server::start("serve", &data);
    let ask = |token: &str| {
        let bearer = format!("authorization: Bearer {token}");
        crate::support::ask(server.address(), "GET", "/api/v1/feeds", &[&bearer], "").status
    };
    assert_eq!(ask(token), 200);
    assert_eq!(ask("cp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401);
    drop(server);
    data.run(&[&add[..], &["children:all"]].concat())
        .failed(2, "feeds:read");
    data.run(&[
        "token",
        "add",
        "--agency",
        "atlantis",
        "--scope",
        "feeds:read",
    ])
    .failed(2, "`atlantis`");
    data.run(&add[..4]).failed(2, "--scope");
}

#[test]
fn the_doctor_says_what_is_right_and_what_to_do() {
    let data = Data::with_demo();
    let healthy = data.run(&["doctor"]).done();
    assert!(
        healthy.lines().all(|line| line.starts_with("ok  ")),
        "{healthy}"
    );
    for about in [
        "configuration",
        "data folder",
        "disk",
        "practice",
        "policies",
        "pages",
        "master key",
        "database",
        "clock",
    ] {
        assert!(
            healthy.contains(&format!(" {about}: ")),
            "{about}: {healthy}"
        );
    }
    let key = data.file("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("changed");
    std::fs::write(data.file("practice/partnership.toml"), "nome = \"x\"").expect("written");
    let ill = data.run(&["doctor"]);
    assert_eq!(ill.code, 1);
    assert!(ill.answer.contains("problem  master key: ") && ill.answer.contains("chmod 600"));
    assert!(ill.answer.contains("problem  practice: ") && ill.answer.contains("partnership.toml"));
    assert!(ill.messages.contains("2 problems"), "{}", ill.messages);

    let record = run(&["doctor", "--processing"]).done();
    for kind in clearpicture_app::capabilities()
        .iter()
        .flat_map(|one| &one.records)
    {
        assert!(record.contains(kind.processing.about), "{:?}", kind.record);
    }
    let nothing = Data::new().run(&["doctor"]);
    assert_eq!(nothing.code, 1);
    assert!(
        nothing.answer.contains("clearpicture serve"),
        "{}",
        nothing.answer
    );
}
