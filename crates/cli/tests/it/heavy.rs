//! Servers started, killed and measured. `make torture` repeats these.

use crate::support::{Data, Server, Visitor, get, text};

/// How often a server is killed.
fn rounds() -> u32 {
    let told = std::env::var("CLEARPICTURE_ROUNDS").ok();
    told.and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

#[test]
fn a_killed_server_leaves_a_history_that_verifies_and_starts_again() {
    let data = Data::with_demo();
    let people = text(&data.file("demo-sign-ins.tsv"));
    let mut tokens = 0;
    for round in 0..rounds() {
        let server = Server::start("serve", &data);
        let person = people
            .lines()
            .filter(|line| !line.starts_with('#'))
            .nth(round as usize % 6);
        Visitor::at(server.address()).sign_in(person.expect("a person"));
        // Another program writes while the server does, and while it dies.
        let writing = std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                let add = [
                    "token",
                    "add",
                    "--agency",
                    "lighthouse",
                    "--scope",
                    "feeds:read",
                ];
                (0..3)
                    .map(|_| data.run(&add))
                    .filter(|ran| ran.code == 0)
                    .count()
            });
            server.kill();
            writing.join().expect("no panic")
        });
        tokens += writing;
        assert_eq!(writing, 3, "a dead server stands in nobody's way");
        data.run(&["history", "verify"]).done();
    }
    let rebuilt = format!("sqlite:{}", data.file("rebuilt.db").display());
    let identical = data.run(&["rebuild", "--into", &rebuilt]).done();
    assert!(identical.starts_with("identical: "), "{identical}");
    assert_eq!(tokens, 3 * rounds() as usize);
}

#[test]
fn an_idle_server_stays_small() {
    let data = Data::with_demo();
    let server = Server::start("serve", &data);
    for _ in 0..50 {
        assert_eq!(get(server.address(), "/sign-in").status, 200);
    }
    let status = text(std::path::Path::new(&format!(
        "/proc/{}/status",
        server.id()
    )));
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = resident
        .and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse().ok())
        .expect("a size");
    println!("resident: {} MB", kib / 1024);
    assert!(kib < 150 * 1024, "{kib} KiB");
}
