//! Who is counted in a part of a measure, beside who is said to know them: the two never contradict each other.

use crate::support::{Data, Server, Visitor, program};

/// The children of a list, each with where their picture is and what stands in the column *Known to*.
fn known_to(page: &str) -> Vec<(&str, &str)> {
    let lines = page.split("href=\"/children/person_").skip(1);
    let line = |rest: &'_ str| -> Option<[usize; 3]> {
        let from = rest.find("data-label=\"Known to\">")?;
        Some([
            rest.find('"')?,
            from,
            from + rest.get(from..)?.find("</td>")?,
        ])
    };
    lines
        .filter_map(|rest| {
            let [id, from, to] = line(rest)?;
            Some((rest.get(..id)?, rest.get(from..to)?))
        })
        .collect()
}

/// Since when an agency works with a child, as the picture says it.
fn since<'a>(picture: &'a str, agency: &str) -> &'a str {
    let rest = picture.split(agency).nth(1).unwrap_or_default();
    let rest = rest.split("Since ").nth(1).unwrap_or_default();
    rest.split(['<', ',']).next().unwrap_or_default()
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
        let path = format!("/measures/counted?of=known-to-both&part={part}&month=2026-09");
        let page = visitor.open(&path).body;
        let all = known_to(&page);
        assert!(!all.is_empty(), "{part}: {page}");
        // Whoever is known to the other by now became so after the month.
        for (id, agencies) in all {
            if agencies.contains(other) {
                let picture = visitor.open(&format!("/children/person_{id}")).body;
                let since = since(&picture, other);
                let later = ["October", "November", "December"];
                assert!(
                    later.iter().any(|month| since.ends_with(month)),
                    "{part}: {agencies} since {since}"
                );
            }
        }
    }
}
