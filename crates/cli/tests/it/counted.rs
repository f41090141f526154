//! Who is counted in a part of a measure, beside who is said to know them: the two never contradict each other.

use crate::support::{Data, Server, Visitor, program};

/// What stands in the column *Known to* of each line of a list.
fn known_to(page: &str) -> Vec<&str> {
    let cells = page.split("data-label=\"Known to\">").skip(1);
    cells
        .filter_map(|rest| rest.split("</td>").next())
        .collect()
}

#[test]
fn a_child_counted_as_known_to_one_service_alone_is_listed_as_known_to_no_other() {
    let made = Data::new();
    let files = made.file("files");
    let out = files.to_str().expect("text");
    made.run(&["synth", "--children", "400", "--seed", "7", "--out", out])
        .done();
    let answer = made.run(&["demo", "--no-serve", "--with", out]).done();
    let manager = answer.lines().find(|line| {
        line.starts_with("sign-in: ") && line.contains("\tmanager\tnorthwater-council")
    });
    let serve = ["serve", "--data", made.path(), "--listen", "127.0.0.1:0"];
    let server = Server::of(&mut program(&serve));
    let mut visitor = Visitor::at(server.address());
    visitor.sign_in(manager.expect("a manager"));
    for (part, other) in [
        ("social-care-only", "Northwater Schools"),
        ("schools-only", "Northwater Council"),
    ] {
        let path = format!("/measures/counted?of=known-to-both&part={part}");
        let page = visitor.open(&path).body;
        let all = known_to(&page);
        assert!(!all.is_empty(), "{part}: {page}");
        for agencies in all {
            assert!(!agencies.contains(other), "{part}: {agencies}");
        }
    }
}
