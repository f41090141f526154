//! The server while it runs.

use crate::support::{Data, Server, Visitor, get, program, run, text};

#[test]
fn a_person_of_the_demonstration_signs_in_with_what_was_printed() {
    let data = Data::new();
    let server = Server::start("demo", &data);
    let line = server
        .lines
        .iter()
        .find(|line| line.contains("\tanalyst\t"));
    let mut visitor = Visitor::at(server.address());
    let entered = visitor.sign_in(line.expect("an analyst"));
    assert_eq!(entered.status, 303, "{}", entered.body);
    let home = visitor.open("/");
    assert_eq!(home.status, 200);
    assert!(home.body.contains("Leila Haddad") && home.body.contains("Demonstration."));
    let feeds = visitor.open("/feeds");
    assert!(feeds.body.contains("11 feeds") && feeds.body.contains("Missing episodes"));
}

#[test]
fn nobody_needs_an_app_to_look_round_a_demonstration() {
    let data = Data::new();
    let server = Server::start("demo", &data);
    let with = |words: &str| -> Vec<&String> {
        let lines = server.lines.iter();
        lines.filter(|line| line.starts_with(words)).collect()
    };
    let (people, codes) = (with("sign-in: "), with("code: "));
    assert_eq!(people.len(), codes.len(), "one beside each secret");
    let again = data.run(&["demo", "--codes"]).done();
    assert_eq!(again.lines().count(), people.len());
    // A printed code is good though the same was printed twice.
    for (person, code) in people.iter().zip(again.lines()).take(2) {
        let email = person.trim_start_matches("sign-in: ").split('\t').next();
        let fields: Vec<&str> = code.trim_start_matches("code: ").split('\t').collect();
        assert_eq!(Some(fields[0]), email);
        assert!(fields[2].starts_with("good until "), "{code}");
        let mut visitor = Visitor::at(server.address());
        let entered = visitor.sign_in_with(person, fields[1]);
        assert_eq!(entered.status, 303, "{}", entered.body);
        assert_eq!(visitor.open("/").status, 200);
    }
    let words = with("codes: ");
    assert!(words[0].contains("demo --codes --data"), "{words:?}");
    Data::new()
        .run(&["demo", "--codes"])
        .failed(2, "there is no demonstration");
}

#[test]
fn health_and_metrics_stand_apart_from_the_pages() {
    let data = Data::with_demo();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let metrics = free.local_addr().expect("an address").to_string();
    drop(free);
    let arguments = ["serve", "--data", data.path(), "--listen", "127.0.0.1:0"];
    let server = Server::of(program(&arguments).env("CLEARPICTURE_METRICS_LISTEN", &metrics));
    for (path, words) in [("/health/live", "live"), ("/health/ready", "ready")] {
        let answer = get(server.address(), path);
        assert_eq!((answer.status, answer.body.as_str()), (200, words));
        assert_eq!(answer.header("set-cookie"), "", "no session for a probe");
    }
    assert_eq!(get(server.address(), "/sign-in").status, 200);
    assert_eq!(get(server.address(), "/metrics").status, 404);
    let counted = get(&metrics, "/metrics").body;
    assert!(counted.contains("clearpicture_requests_total"), "{counted}");
    assert!(
        counted.contains("clearpicture_request_seconds_bucket"),
        "{counted}"
    );
    assert_eq!(get(&metrics, "/sign-in").status, 404);
}

#[test]
fn the_log_holds_ids_only_and_a_stop_loses_nothing() {
    let data = Data::new();
    let log = data.file("log");
    let arguments = [
        "demo",
        "--size",
        "small",
        "--data",
        data.path(),
        "--listen",
        "127.0.0.1:0",
    ];
    let mut command = program(&arguments);
    command
        .env("CLEARPICTURE_LOG_FORMAT", "json")
        .env("CLEARPICTURE_LOG_LEVEL", "debug");
    let server = Server::logging(&mut command, &log);
    let line = server.lines.first().expect("a person").clone();
    let fields: Vec<&str> = line.trim_start_matches("sign-in: ").split('\t').collect();
    let mut visitor = Visitor::at(server.address());
    visitor.sign_in(&line);
    visitor.open("/people?page=1");
    visitor.open("/feeds/zebra-crossing-9931");
    assert_eq!(server.stop(), 0, "it stops by itself");

    let log = text(&log);
    assert!(
        log.contains("request answered") && log.contains("every change that was taken is durable")
    );
    for line in log.lines() {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
    for secret in [
        fields[0],
        fields[1],
        fields[2],
        "Osei",
        "zebra-crossing-9931",
    ] {
        assert!(!log.contains(secret), "the log holds `{secret}`");
    }
    run(&["history", "verify", "--data", data.path()]).done();
}
