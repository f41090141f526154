//! A new installation: who is the first to sign in.

use std::process::Command;

use crate::support::{Answer, Data, Ran, Server, Visitor, code, program, ran};

const EMAIL: &str = "wren@northwater.example";
const PASSWORD: &str = "plum ladder fourteen crow";

/// An empty installation on one of the two databases.
struct Place {
    data: Data,
    /// The database on PostgreSQL, which is gone afterwards.
    database: Option<(String, String)>,
}

impl Place {
    fn sqlite() -> Self {
        Self {
            data: Data::new(),
            database: None,
        }
    }

    fn postgres() -> Self {
        let data = Data::new();
        let name = data
            .file("")
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .to_lowercase();
        let name = format!(
            "cp_{}",
            name.replace(|c: char| !c.is_ascii_alphanumeric(), "")
        );
        let address = psql(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        let (server, _) = address
            .rsplit_once('/')
            .expect("an address with a database");
        let database = format!("{server}/{name}");
        Self {
            data,
            database: Some((name, database)),
        }
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = program(&[&["--data", self.data.path()], arguments].concat());
        if let Some((_, address)) = &self.database {
            program.env("CLEARPICTURE_DATABASE", address);
        }
        program
    }

    fn begin(&self, email: &str, more: &[&str]) -> Ran {
        let begin = [
            "begin",
            "--agency",
            "northwater-council",
            "--agency-name",
            "Northwater Council",
            "--agency-kind",
            "council",
            "--name",
            "Wren Example",
            "--email",
            email,
            "--trained-until",
            "2099-09-30",
        ];
        let vetted = ["--vetted-until", "2099-03-31"];
        let more = if more.is_empty() { &vetted[..] } else { more };
        ran(&mut self.program(&[&begin[..], more].concat()))
    }

    fn server(&self) -> Server {
        Server::of(&mut self.program(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((name, _)) = &self.database {
            psql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs a statement on the PostgreSQL of the tests, and gives its address.
fn psql(statement: &str) -> String {
    let address = std::env::var("CLEARPICTURE_TEST_POSTGRES")
        .expect("this test needs PostgreSQL: run it beside scripts/with-postgres.sh");
    let ran = Command::new("psql")
        .args([&*address, "-qc", statement])
        .status();
    assert!(ran.expect("psql runs").success(), "{statement}");
    address
}

/// What stands behind `label` in the command's answer.
fn told(answer: &str, label: &str) -> String {
    let line = answer.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no `{label}` in {answer}"))
        .trim()
        .to_owned()
}

fn sets_up(visitor: &mut Visitor<'_>, set_up_code: &str) -> Answer {
    let (email, password) = (EMAIL.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    visitor.open("/set-up");
    visitor.send(
        "/set-up",
        &format!(
            "email={email}&set_up_code={set_up_code}&password={password}&password_again={password}"
        ),
    )
}

/// `begin`, the set-up, and signing in; and nobody begins a second time.
fn the_first_administrator_signs_in(place: &Place) {
    let first = told(&place.begin(EMAIL, &[]).done(), "set-up code:");
    // Whoever loses the code has another; the first is worth nothing then.
    let again = place.begin(EMAIL, &[]).done();
    let second = told(&again, "set-up code:");
    assert!(
        told(&again, "open:").ends_with("/set-up") && first != second,
        "{again}"
    );
    place
        .begin("other@northwater.example", &[])
        .failed(2, "give that address with --email");

    let server = place.server();
    let mut wren = Visitor::at(server.address());
    assert_eq!(
        sets_up(&mut wren, &first).status,
        200,
        "the lost code opens nothing"
    );
    let chosen = sets_up(&mut wren, &second);
    assert_eq!(
        chosen.header("location"),
        "/set-up/device",
        "{}",
        chosen.body
    );
    let device = wren.open("/set-up/device").body;
    let secret = device
        .split("<strong>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let secret = secret.expect("a secret").replace(' ', "");
    let entered = wren.send("/set-up/device", &format!("code={}", code(&secret)));
    assert_eq!(entered.header("location"), "/", "{}", entered.body);
    let home = wren.open("/");
    assert!(
        home.body.contains("Wren Example") && home.body.contains("administrator"),
        "{}",
        home.body
    );
    assert!(!home.body.contains("Demonstration"));
    for page in ["/people/new", "/agencies/new"] {
        assert_eq!(wren.open(page).status, 200, "{page}");
    }
    let agency = wren.open("/agencies").body;
    let link = agency
        .split("href=\"/agencies/agency_")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let history = wren.open(&format!(
        "/agencies/agency_{}/history",
        link.expect("an agency")
    ));
    assert!(
        history
            .body
            .contains("The partnership begins with its first administrator."),
        "{}",
        history.body
    );

    // The password and the device are good for the next time too.
    let mut later = Visitor::at(server.address());
    let line = format!("{EMAIL}\t{}\t{secret}", PASSWORD.replace(' ', "+"));
    let asked = later.sign_in(&line);
    // The code that set the device up is used up, so until the next one this is told.
    assert!(
        asked.status == 303 || asked.body.contains("This code has been used"),
        "{}",
        asked.body
    );

    for email in [EMAIL, "other@northwater.example"] {
        place
            .begin(email, &[])
            .failed(2, "somebody can sign in already");
    }
    let verified = ran(&mut place.program(&["history", "verify"])).done();
    assert!(verified.starts_with("verified "), "{verified}");
}

#[test]
fn the_first_administrator_signs_in_on_sqlite() {
    the_first_administrator_signs_in(&Place::sqlite());
}

#[test]
fn the_first_administrator_signs_in_on_postgres() {
    the_first_administrator_signs_in(&Place::postgres());
}

#[test]
fn what_cannot_begin_is_refused_before_anything_is_made() {
    let place = Place::sqlite();
    place
        .begin(EMAIL, &["--vetted-until", "31 March"])
        .failed(2, "--vetted-until");
    place.begin("nobody", &[]).failed(2, "--email");
    place.begin(EMAIL, &["--help"]).done();
    assert!(!place.data.file("clearpicture.db").exists());
    place
        .begin(EMAIL, &["--vetted-until", "2020-03-31"])
        .failed(2, "begin with someone for whom both are in date");
    let verified = ran(&mut place.program(&["history", "verify"])).done();
    assert!(verified.starts_with("verified 0 entries"), "{verified}");

    let demo = Place {
        data: Data::with_demo(),
        database: None,
    };
    let before = demo.data.run(&["history", "verify"]).done();
    demo.begin(EMAIL, &[]).failed(2, "holds a demonstration");
    assert_eq!(demo.data.run(&["history", "verify"]).done(), before);
}
