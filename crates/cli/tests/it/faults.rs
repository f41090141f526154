//! What is wrong is told plainly, and nothing is lost.

use std::net::TcpListener;

use clearpicture_access::{Caller, Purpose};
use clearpicture_app::agencies::{AddAgency, Agency};
use clearpicture_app::practice::Practice;
use clearpicture_app::state::{holdings, policies};
use clearpicture_kernel::{AgencyId, Ambient, Code};
use clearpicture_store::schema::Migration;
use clearpicture_store::{
    DatabaseAddress, Holdings, MasterKey, Record as _, Store, Upgrade, Writer,
};

use crate::support::{Data, Server, get, program, ran, run};

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let data = Data::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = taken.local_addr().expect("an address").to_string();
    let served = data.run(&["serve", "--listen", &address]);
    served.failed(
        1,
        "another program listens there: stop it, or choose another port",
    );
    data.run(&["serve", "--listen", "nonsense"])
        .failed(1, "127.0.0.1:8080");
    data.run(&["history", "verify"]).done();
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let data = Data::new();
    let in_the_way = data.file("file");
    std::fs::write(&in_the_way, "").expect("written");
    let below = in_the_way.join("data");
    let below = below.to_str().expect("text");
    run(&["serve", "--listen", "127.0.0.1:0", "--data", below]).failed(1, below);
    // Not even root may write here.
    run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        "/proc/clearpicture",
    ])
    .failed(1, "`/proc/clearpicture`");
    // Looking at an installation that is not there makes none.
    let missing = data.file("missing");
    let missing = missing.to_str().expect("text");
    run(&["history", "verify", "--data", missing]).failed(1, "there is no database");
    run(&["backup", "x", "--data", missing]).failed(1, "there is no database");
    assert!(!data.file("missing").exists());
}

#[test]
fn a_wrong_database_is_named_without_its_password() {
    let data = Data::new();
    let serve =
        |database: &str| data.run(&["serve", "--listen", "127.0.0.1:0", "--database", database]);
    serve("mysql://a:secret@b/c").failed(2, "is not a database address");
    // Port 9 on this machine: nobody answers there.
    let unreachable = serve("postgres://amal:secret@127.0.0.1:9/cp");
    assert!(
        !unreachable.messages.contains("secret"),
        "{}",
        unreachable.messages
    );
    unreachable.failed(1, "check that PostgreSQL runs there");
}

/// The database of `data`, opened behind the program's back.
async fn open(data: &Data, holdings: Holdings) -> (Store, Writer) {
    let address = DatabaseAddress::Sqlite(data.file("clearpicture.db"));
    let key = MasterKey::from_file(&data.file("master.key")).expect("read");
    let opened = Store::open(&address, key, holdings, Upgrade::Apply, Ambient::system()).await;
    opened.expect("opened")
}

#[tokio::test]
async fn no_demonstration_is_made_where_a_partnership_keeps_its_records() {
    let data = Data::new();
    Server::start("serve", &data).kill();
    let capabilities = clearpicture_app::capabilities();
    let (store, writer) = open(&data, holdings(&capabilities)).await;
    let practice = Practice::read(&data.file("practice")).expect("read");
    let access = policies(&capabilities, &practice).expect("valid");
    let id = AgencyId::fresh(store.ambient());
    let agency = Agency::samples().remove(0);
    let resource = agency.to_add(&id);
    let purpose = Purpose {
        code: Code::parse("administration").expect("a code"),
        marked: false,
    };
    let permit = access.permit::<AddAgency>(&Caller::system("set-up"), resource, &purpose);
    let permit = permit.expect("allowed");
    store.add(&permit, &agency, None).await.expect("added");
    drop(store);
    writer.finished().await.expect("finished");

    data.run(&["demo", "--no-serve", "--size", "empty"])
        .failed(2, "no demonstration is made among them");
    assert!(!data.file("demo-sign-ins.tsv").exists());
    let server = Server::start("serve", &data);
    assert!(
        !get(server.address(), "/sign-in")
            .body
            .contains("Demonstration")
    );
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_left_alone() {
    let data = Data::with_demo();
    let mut newer = holdings(&clearpicture_app::capabilities());
    newer.migrations.push(Migration {
        release: "9.9",
        capability: "tomorrow",
        number: 1,
        steps: Vec::new(),
    });
    let (store, writer) = open(&data, newer).await;
    drop(store);
    writer.finished().await.expect("finished");
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["history", "verify"],
    ] {
        data.run(command).failed(1, "changed by a newer release");
    }
    let doctor = data.run(&["doctor"]);
    assert!(
        doctor.answer.contains("problem  database: "),
        "{}",
        doctor.answer
    );
}

#[tokio::test]
async fn a_database_of_an_older_release_is_upgraded_by_serving_alone() {
    let data = Data::new();
    let fresh = MasterKey::fresh(&Ambient::system());
    fresh
        .to_new_file(&data.file("master.key"))
        .expect("written");
    let mut older = holdings(&clearpicture_app::capabilities());
    older.migrations.pop().expect("a step");
    let (store, writer) = open(&data, older.clone()).await;
    drop(store);
    writer.finished().await.expect("finished");
    data.run(&["history", "verify"]).failed(
        1,
        "run `clearpicture serve` of this release once, after a backup",
    );
    let doctor = data.run(&["doctor"]);
    assert!(
        doctor.answer.contains("problem  database: "),
        "{}",
        doctor.answer
    );
    // Looking changed nothing: the older release still opens it.
    let (store, writer) = open(&data, older).await;
    drop(store);
    writer.finished().await.expect("finished");
    assert_eq!(Server::start("serve", &data).stop(), 0);
    data.run(&["history", "verify"]).done();
}

/// The program under permissions as files state them. Root is above them, unless it gives that up first.
fn held_to_permissions(arguments: &[&str]) -> std::process::Command {
    let program = program(arguments);
    if !rustix::process::geteuid().is_root() {
        return program;
    }
    let mut held = std::process::Command::new("setpriv");
    held.arg("--bounding-set=-dac_override,-dac_read_search")
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(std::process::Stdio::null());
    held
}

/// Changes who may do what with all in the folder.
fn change_permissions(data: &Data, mode: &str) {
    let ran = std::process::Command::new("chmod")
        .args(["-R", mode, data.path()])
        .status();
    assert!(ran.expect("it runs").success(), "chmod {mode}");
}

#[test]
fn a_folder_that_may_only_be_read_is_told_and_nothing_is_lost() {
    let data = Data::with_demo();
    let before = data.run(&["history", "verify"]).done();
    change_permissions(&data, "a-w");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", data.path()];
    let refused = ran(&mut held_to_permissions(&serve));
    // Which of the two depends on what the last command left beside the database.
    let told = [
        "let this user write to its file",
        "this user may write to it",
    ];
    let told = told
        .into_iter()
        .find(|words| refused.messages.contains(words));
    let told = told.unwrap_or_else(|| panic!("{}", refused.messages));
    refused.failed(1, told);
    change_permissions(&data, "u+w");
    let verify = ["history", "verify", "--data", data.path()];
    assert_eq!(ran(&mut held_to_permissions(&verify)).done(), before);
}

#[test]
fn a_broken_policy_is_named_with_its_line_before_anything_is_touched() {
    let data = Data::new();
    let policies = data.file("practice-own/policies");
    std::fs::create_dir_all(&policies).expect("made");
    for entry in ["partnership.toml", "codes", "linkage"] {
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../practice/");
        let copied = std::process::Command::new("cp")
            .args(["-r", &format!("{shipped}{entry}")])
            .arg(data.file("practice-own"))
            .status();
        assert!(copied.expect("cp runs").success());
    }
    let broken = "@id(\"mine\")\npermit (principal, action == Action::\"kites.fly\", resource);";
    std::fs::write(policies.join("mine.cedar"), broken).expect("written");
    let practice = data.file("practice-own");
    let served = ran(
        program(&["serve", "--listen", "127.0.0.1:0", "--data", data.path()])
            .env("CLEARPICTURE_PRACTICE", &practice),
    );
    served.failed(2, "practice/policies/mine.cedar:2");
    assert!(
        !data.file("clearpicture.db").exists(),
        "no database was made"
    );
    assert!(!data.file("master.key").exists(), "and no key");

    std::fs::remove_file(policies.join("mine.cedar")).expect("removed");
    std::fs::write(practice.join("codes/roles.toml"), "[[role]]\ncode = 1").expect("written");
    let served = ran(
        program(&["serve", "--listen", "127.0.0.1:0", "--data", data.path()])
            .env("CLEARPICTURE_PRACTICE", &practice),
    );
    served.failed(2, "codes/roles.toml");
}

#[test]
fn a_lost_master_key_is_told_and_no_other_is_made() {
    let data = Data::with_demo();
    let (key, away) = (data.file("master.key"), data.file("away"));
    std::fs::rename(&key, &away).expect("moved");
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["demo", "--no-serve", "--size", "empty"],
        &["history", "verify"],
        &["backup", "x"],
    ] {
        data.run(command)
            .failed(1, "put it back from where it is kept apart");
        assert!(!key.exists(), "{command:?} made another key");
    }
    let stranger = Data::new();
    stranger
        .run(&["demo", "--no-serve", "--size", "empty"])
        .done();
    std::fs::copy(stranger.file("master.key"), &key).expect("copied");
    data.run(&["history", "verify"])
        .failed(1, "does not open this database");
    std::fs::rename(&away, &key).expect("put back");
    data.run(&["history", "verify"]).done();
}

#[test]
fn a_key_from_a_command_opens_what_a_key_from_a_file_made() {
    let data = Data::with_demo();
    let away = data.file("away.key");
    std::fs::rename(data.file("master.key"), &away).expect("moved");
    let command = format!("cat {}", away.display());
    let verify = ["history", "verify", "--data", data.path()];
    ran(program(&verify).env("CLEARPICTURE_MASTER_KEY_COMMAND", &command)).done();
    ran(program(&verify).env("CLEARPICTURE_MASTER_KEY_COMMAND", "/bin/false"))
        .failed(1, "the command `/bin/false`");
    ran(program(&verify)
        .env("CLEARPICTURE_MASTER_KEY_COMMAND", &command)
        .env("CLEARPICTURE_MASTER_KEY_FILE", &away))
    .failed(2, "keep one of them");
}

#[test]
fn an_unknown_setting_is_refused_by_name_and_line() {
    let data = Data::new();
    let config = data.file("my.toml");
    std::fs::write(&config, "# mine\nlistne = \"127.0.0.1:1\"\n").expect("written");
    let config = config.to_str().expect("text");
    for command in [&["serve"][..], &["doctor"], &["demo", "--no-serve"]] {
        data.run(&[command, &["--config", config]].concat())
            .failed(2, "my.toml:2 cannot be used: unknown field `listne`");
    }
    data.run(&["serve", "--config", "missing.toml"])
        .failed(2, "missing.toml");
    let doctor = ran(program(&["doctor", "--data", data.path()]).env("CLEARPICTURE_LISTNE", "x"));
    assert!(
        doctor.answer.contains("CLEARPICTURE_LISTNE"),
        "{}",
        doctor.answer
    );
}
